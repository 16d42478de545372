//! `list`, `check`, `doctor` and `identity show`: what they find, in words and as JSON, and that no value is in it.

use std::fs;

use serde_json::Value;

use crate::fixture::{canary, declare, ends, has, identity, undeclare};
use crate::support::{Project, feed, shown, tools};

#[track_caller]
fn json(project: &Project, code: i32, arguments: &[&str]) -> Value {
    let mut command = project.secrets(arguments);
    command.args(["--format", "json"]);
    let (stdout, _) = ends(command, code);
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {stdout}"))
}

/// The codes of check's findings, sorted.
#[track_caller]
fn codes(project: &Project, arguments: &[&str]) -> Vec<String> {
    let line: Vec<_> = ["check"].iter().chain(arguments).copied().collect();
    let report = json(project, 1, &line);
    let findings = report["findings"].as_array().unwrap();
    let mut codes: Vec<_> = findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    codes.sort_unstable();
    let (stdout, stderr) = ends(project.secrets(&line), 1);
    for code in &codes {
        has(&stdout, &[&format!("[{code}]")]);
    }
    has(&stderr, &[&format!("{} finding(s)", codes.len())]);
    codes
}

#[track_caller]
fn set(project: &Project, environment: &str, name: &str, value: &str) {
    let output = feed(project.secrets(&["-e", environment, "set", name]), value.as_bytes());
    assert!(output.status.success(), "{}", shown(&output));
}

#[test]
fn every_listing_is_json_when_asked_and_holds_no_value() {
    let project = Project::new();
    let value = canary();
    project.set("TOKEN", &value);
    declare(
        &project,
        "[workspace.metadata.secrets.variables]\nREGION = { kind = 'key', default = 'eu', description = 'where' }\nALL = { value = '${TOKEN}', packages = ['app'] }",
    );
    let list = json(&project, 0, &["list"]);
    let expected: Value = serde_json::json!({
        "environment": "dev",
        "protected": false,
        "names": [
            { "name": "ALL", "kind": "secret", "from": "composed", "required": false, "set": true, "packages": ["app"] },
            { "name": "REGION", "description": "where", "kind": "key", "from": "default", "required": false, "set": true },
            { "name": "TOKEN", "kind": "secret", "from": "secrets/dev.json", "required": false, "set": true },
        ],
    });
    assert_eq!(list, expected);
    let check = json(&project, 0, &["check"]);
    assert_eq!(check, serde_json::json!({ "checked": ["dev"], "not_checked": [], "findings": [] }));
    let show = json(&project, 0, &["identity", "show"]);
    assert_eq!(show[0]["public_key"], project.recipient());
    project.ok(&["init", "-q"]);
    assert!(project.command("git").args(["init", "-q"]).status().unwrap().success());
    let doctor = json(&project, 0, &["doctor"]);
    assert!(doctor.as_array().unwrap().iter().all(|item| item["state"] != "problem" && item["what"].is_string()));
    for text in [list, check, show, doctor].map(|report| report.to_string()) {
        assert!(!text.contains(&value) && !text.contains("AGE-SECRET-KEY"), "{text}");
    }
    for arguments in [&["list"][..], &["check"], &["doctor"]] {
        project.fails(2, &[arguments, &["--format", "xml"]].concat());
    }
}

#[test]
fn a_list_needs_no_identity() {
    let project = Project::new();
    project.set("TOKEN", "x");
    fs::remove_file(project.identity()).unwrap();
    has(&project.ok(&["list"]), &["TOKEN  secret  secrets/dev.json  no        yes"]);
}

#[test]
fn findings_about_values_stand_once_each() {
    let project = Project::new();
    project.set("UNDECLARED", "some value");
    project.set("FORMATTED", "no url at all");
    undeclare(&project, "UNDECLARED");
    declare(
        &project,
        "[workspace.metadata.secrets.variables]\nFORMATTED = { format = 'url' }\nMISSING = { required = true }\nPART = {}\nWHOLE = { value = '${PART}' }\nOF_NOBODY = { packages = ['nobody'] }",
    );
    assert_eq!(codes(&project, &[]), ["format", "incomplete", "missing", "undeclared", "unknown-package"]);
    let (stdout, _) = ends(project.secrets(&["check"]), 1);
    has(&stdout, &["dev: `MISSING` is required and has no value [missing]\n    cargo secrets set MISSING -e dev\n"]);
    assert!(!stdout.contains("no url at all") && !stdout.contains("some value"), "{stdout}");
}

#[test]
fn a_value_that_two_environments_share_is_found_in_each_that_repeats_it() {
    let project = Project::new();
    for environment in ["staging", "test"] {
        project.ok(&["init", "-q", "-e", environment]);
    }
    let value = canary();
    for (environment, name) in [("dev", "TOKEN"), ("staging", "TOKEN"), ("test", "OTHER_NAME")] {
        set(&project, environment, name, &value);
    }
    set(&project, "dev", "SHORT", "1234567");
    set(&project, "test", "SHORT", "1234567");
    for environment in ["dev", "staging"] {
        set(&project, environment, "PUBLIC", "pk-public-public");
    }
    declare(&project, "[workspace.metadata.secrets.variables.PUBLIC]\nkind = 'key'");
    assert_eq!(codes(&project, &[]), ["shared-value", "shared-value"]);
    let (stdout, _) = ends(project.secrets(&["check"]), 1);
    has(
        &stdout,
        &[
            "staging: `TOKEN` has the value of `TOKEN` in environment `dev`",
            "test: `OTHER_NAME` has the value of `TOKEN`",
        ],
    );
    assert!(!stdout.contains(&value), "{stdout}");
    let report = json(&project, 0, &["check", "-e", "staging"]);
    assert_eq!(report["checked"], serde_json::json!(["staging"]));
}

#[test]
fn inherited_values_are_not_shared_ones() {
    let project = Project::new();
    let text = project.read("Cargo.toml");
    declare(
        &project,
        "[workspace.metadata.secrets.environments.test]\ninherits = 'dev'\nsources = ['secrets/test.json']\nrecipients = ['alice']",
    );
    set(&project, "dev", "TOKEN", &canary());
    set(&project, "test", "OTHER", &canary());
    assert!(text.len() < project.read("Cargo.toml").len());
    let report = json(&project, 0, &["check"]);
    assert_eq!(report["checked"], serde_json::json!(["dev", "test"]));
}

#[test]
fn findings_about_files_stand_once_each() {
    let project = Project::new();
    project.set("TOKEN", "some value");
    let good = project.read("secrets/dev.json");
    project.write("secrets/dev.json", good.replacen("TOKEN", "OTHER", 1));
    assert_eq!(codes(&project, &[]), ["unreadable"]);
    project.write("secrets/dev.json", &good[..good.len() / 2]);
    assert_eq!(codes(&project, &[]), ["unreadable"]);
    fs::remove_file(project.root().join("secrets/dev.json")).unwrap();
    assert_eq!(codes(&project, &[]), ["missing-file"]);
    project.write("secrets/dev.json", good);
    let (_, bob) = identity(&project, "bob.txt");
    let text = project.read("Cargo.toml");
    let text = text.replace("recipients = [\"alice\"]", "recipients = [\"alice\", \"bob\"]");
    project.write("Cargo.toml", text.replace("alice = ", &format!("bob = \"{bob}\"\nalice = ")));
    assert_eq!(codes(&project, &[]), ["recipients-differ"]);
    has(&ends(project.secrets(&["check"]), 1).0, &[&format!("only in Cargo.toml: {bob}")]);
}

#[test]
fn a_reserved_name_in_a_file_is_found() {
    let Some(sops) = tools::sops() else { return };
    let project = Project::new();
    project.write("plain.json", "{\"LD_PRELOAD\": \"x\"}");
    let arguments = ["encrypt", "--age", &project.recipient(), "--output", "secrets/dev.json", "plain.json"];
    let output = project.sops(&sops, &arguments);
    assert!(output.status.success(), "{}", shown(&output));
    assert_eq!(codes(&project, &[]), ["reserved-name", "undeclared"]);
}

#[test]
fn environments_of_others_are_not_checked_unless_asked_for() {
    let project = Project::new();
    project.set("TOKEN", "x");
    project.ok(&["init", "-q", "-e", "prod"]);
    let (_, bob) = identity(&project, "bob.txt");
    let own = project.recipient();
    let text = project.read("Cargo.toml").replace("alice = ", &format!("bob = \"{bob}\"\nalice = "));
    let (head, tail) = text.split_once("environments.prod]").unwrap();
    project.write("Cargo.toml", format!("{head}environments.prod]{}", tail.replacen("[\"alice\"]", "[\"bob\"]", 1)));
    fs::remove_file(project.root().join("secrets/prod.json")).unwrap();
    let made = feed(project.secrets(&["-e", "prod", "set", "TOKEN"]), b"y");
    assert!(made.status.success(), "a file for others can be made: {}", shown(&made));
    assert!(!project.read("secrets/prod.json").contains(&own));

    let report = json(&project, 0, &["check"]);
    assert_eq!(report, serde_json::json!({ "checked": ["dev"], "not_checked": ["prod"], "findings": [] }));
    has(&ends(project.secrets(&["check"]), 0).1, &["not checked, since no identity found here can read them: prod"]);
    assert_eq!(codes(&project, &["-e", "prod"]), ["not-a-recipient"]);
    has(&project.fails(2, &["check", "-e", "prdo"]), &["unknown environment `prdo`"]);
    let bob = project.root().join("bob.txt");
    let report = json(&project, 0, &["check", "-e", "prod", "--identity", bob.to_str().unwrap()]);
    assert_eq!(report["checked"], serde_json::json!(["prod"]));
}

#[test]
fn doctor_names_each_trouble_with_the_command_that_mends_it() {
    let project = Project::new();
    project.set("TOKEN", "some value");
    assert!(project.command("git").args(["init", "-q"]).status().unwrap().success());
    project.ok(&["doctor"]);
    fs::remove_file(project.root().join(".gitignore")).unwrap();
    has(
        &ends(project.secrets(&["doctor"]), 1).0,
        &["problem git does not ignore `.env`", "        cargo secrets init\n"],
    );
    project.ok(&["init", "-q"]);
    let identity = project.identity();
    ends(
        {
            let mut chmod = project.command("chmod");
            chmod.arg("644").arg(&identity);
            chmod
        },
        0,
    );
    let (stdout, _) = ends(project.secrets(&["doctor"]), 1);
    has(&stdout, &["can be read by others", &format!("        chmod 600 '{}'\n", identity.display())]);
    assert!(!stdout.contains("there is no identity here"), "{stdout}");
    fs::remove_file(&identity).unwrap();
    has(
        &ends(project.secrets(&["doctor"]), 1).0,
        &["problem there is no identity here", "        cargo secrets identity new\n"],
    );
    let text = project.read("Cargo.toml");
    project.write("Cargo.toml", text.replace("sources", "souces"));
    has(&ends(project.secrets(&["doctor"]), 1).0, &["unknown key `souces`", "did you mean `sources`?"]);
    let bare = Project::bare();
    has(&ends(bare.secrets(&["doctor"]), 1).0, &["no `[workspace.metadata.secrets]`", "cargo secrets init"]);
    fs::remove_file(project.root().join("secrets/dev.json")).unwrap();
    project.write("Cargo.toml", text);
    has(
        &ends(project.secrets(&["doctor"]), 1).0,
        &["problem environment dev: the secret file", "cargo secrets set NAME -e dev"],
    );
}
