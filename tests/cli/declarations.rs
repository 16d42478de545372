//! What Cargo.toml declares and what comes of it: packages, protected environments, inheritance, composed values,
//! defaults, demands, patterns.

use crate::fixture::{declare, ends, has, identity, undeclare};
use crate::support::{Project, feed, shown};

/// A workspace of two packages; `api` declares a name in a table of its own.
fn workspace() -> Project {
    let project = Project::bare();
    project.write("Cargo.toml", "[workspace]\nmembers = [\"api\", \"web\"]\nresolver = \"3\"\n");
    for name in ["api", "web"] {
        let text = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
        project.write(&format!("{name}/Cargo.toml"), text);
        project.write(&format!("{name}/src/lib.rs"), "");
    }
    let api = project.read("api/Cargo.toml");
    project.write("api/Cargo.toml", format!("{api}[package.metadata.secrets.variables]\nMEMBERS = {{}}\n"));
    project.ok(&["init", "--quiet"]);
    let variables = "FREE = {}\nROOTS = { packages = [\"api\"] }\nBOTH = { packages = [\"api\", \"web\"] }";
    declare(&project, &format!("[workspace.metadata.secrets.variables]\n{variables}"));
    for name in ["FREE", "ROOTS", "BOTH", "MEMBERS"] {
        project.set(name, &name.to_lowercase());
    }
    project
}

/// A project with a table in which `{alice}` and `{bob}` stand for public keys; bob's identity is `bob.txt`.
fn project(table: &str) -> Project {
    let project = Project::bare();
    let alice = project.ok(&["identity", "new", "--quiet"]);
    let (_, bob) = identity(&project, "bob.txt");
    let head = project.read("Cargo.toml").replace("[workspace]\n", "");
    let recipients = format!("[package.metadata.secrets.recipients]\nalice = \"{}\"\nbob = \"{bob}\"\n", alice.trim());
    project.write("Cargo.toml", format!("{head}{recipients}{table}"));
    project
}

#[track_caller]
fn set(project: &Project, environment: &str, name: &str, value: &str) {
    let output = feed(project.secrets(&["-e", environment, "set", name, "--exact"]), value.as_bytes());
    assert!(output.status.success(), "{}", shown(&output));
}

const SHOW: [&str; 4] = ["--", "sh", "-c", "echo \"$FREE $ROOTS $BOTH $MEMBERS\""];

#[test]
fn a_packages_names_are_delivered_when_it_is_asked_for() {
    let project = workspace();
    let run = |extra: &[&str]| {
        let mut command = project.secrets(&["run"]);
        command.args(extra).args(SHOW);
        ends(command, 0)
    };
    let (stdout, stderr) = run(&[]);
    assert_eq!(stdout, "free   \n");
    has(&stderr, &["for single packages only (`-p NAME`), not delivered: BOTH, MEMBERS, ROOTS"]);
    assert_eq!(run(&["-p", "api"]), ("free roots both members\n".to_owned(), String::new()));
    let (stdout, stderr) = run(&["-p", "web"]);
    assert_eq!(stdout, "free  both \n");
    has(&stderr, &["not delivered: MEMBERS, ROOTS"]);
    assert_eq!(run(&["-q"]), ("free   \n".to_owned(), String::new()));
    has(&project.fails(125, &["run", "-p", "wbe", "true"]), &["unknown package `wbe`", "did you mean `web`?"]);
}

#[test]
fn a_members_folder_alone_does_not_unlock_its_names() {
    let project = workspace();
    let mut command = project.secrets(&["run", "-q"]);
    command.args(SHOW).current_dir(project.root().join("api"));
    assert_eq!(ends(command, 0).0, "free   \n");
}

#[test]
fn a_restricted_value_does_not_leak_through_a_composed_one() {
    let project = workspace();
    let text = project.read("Cargo.toml");
    project.write("Cargo.toml", text.replace("FREE = {}", "FREE = {}\nLEAK = { value = \"x${ROOTS}\" }"));
    let stderr = project.fails(125, &["run", "true"]);
    has(&stderr, &["`LEAK` is composed of `ROOTS`", "give `variables.LEAK` in Cargo.toml the same `packages`"]);
    project.write(
        "Cargo.toml",
        text.replace("FREE = {}", "FREE = {}\nLEAK = { value = \"x${ROOTS}\", packages = ['api'] }"),
    );
    assert_eq!(project.ok(&["run", "-p", "api", "printenv", "LEAK"]), "xroots\n");
    project.fails(1, &["run", "-q", "printenv", "LEAK"]);
}

#[test]
fn a_protected_environment_delivers_declared_names_and_its_own_values() {
    let project = project(
        "[package.metadata.secrets.environments]
        common = { sources = ['secrets/common.json'], recipients = ['alice'] }
        prod = { inherits = 'common', sources = ['secrets/prod.json'], recipients = ['alice'], protected = true }
        [package.metadata.secrets.variables]
        DECLARED = {}
        INHERITED = {}
        ",
    );
    set(&project, "common", "INHERITED", "of common");
    set(&project, "prod", "DECLARED", "of prod");
    set(&project, "prod", "SLIPPED_IN", "x");
    undeclare(&project, "SLIPPED_IN");
    let line = "echo \"$DECLARED/$INHERITED/$SLIPPED_IN\"";
    let (stdout, stderr) = ends(project.secrets(&["-e", "prod", "run", "sh", "-c", line]), 0);
    assert_eq!(stdout, "of prod//\n");
    has(&stderr, &["not declared in Cargo.toml, so not delivered: SLIPPED_IN"]);
    let notes: Vec<_> = stderr.lines().filter(|line| line.contains("`prod` is protected")).collect();
    assert!(notes.len() == 1 && notes[0].contains("signature"), "{stderr}");
    has(
        &project.fails(125, &["run", "true"]),
        &["no environment given, and there is no default", "-e NAME, one of `common`, `prod`"],
    );
}

#[test]
fn a_protected_environment_gives_nothing_to_a_build_outside_the_sandbox() {
    let project = project(
        "[package.metadata.secrets.environments.prod]
        sources = ['secrets/prod.json']
        recipients = ['alice']
        protected = true
        [package.metadata.secrets.variables]
        TOKEN = { deliver = 'cargo' }
        ",
    );
    set(&project, "prod", "TOKEN", "x");
    let refused = |words: &[&str], said: &[&str]| {
        has(&project.fails(125, &[&["-e", "prod", "run"][..], words].concat()), said);
    };
    refused(&["--via", "env", "--", "cargo", "test"], &["do not go into cargo's environment", "leave `--via env` out"]);
    for wrapper in [&["timeout", "9"][..], &["env", "CARGO_TARGET_DIR=elsewhere"]] {
        let line = [&["--via", "env", "--"], wrapper, &["cargo", "check"]].concat();
        refused(&line, &["do not go into cargo's environment"]);
    }
    for command in ["package", "publish", "install"] {
        refused(&["--", "cargo", command], &["builds outside the sandbox", "--no-verify"]);
    }
    refused(&["--no-sandbox", "--", "cargo", "test"], &["without a sandbox around the build"]);
    refused(&["--sandbox", "--", "cargo", "package"], &["`--sandbox` is for what builds the workspace"]);
    // What builds nothing may have what is for cargo.
    let listed = project.ok(&["-e", "prod", "run", "-q", "--", "cargo", "package", "--list", "--allow-dirty"]);
    has(&listed, &["Cargo.toml"]);
}

#[test]
fn what_stays_in_the_sandbox_is_a_package() {
    let project = workspace();
    let text = project.read("Cargo.toml");
    let table = "[workspace.metadata.secrets]\n";
    project.write("Cargo.toml", text.replace(table, &format!("{table}sandbox.inside = ['apu']\n")));
    has(&project.fails(125, &["run", "--", "cargo", "check"]), &["names `apu`", "no such package"]);
}

#[test]
fn a_single_protected_environment_is_never_the_default() {
    let project = project(
        "[package.metadata.secrets.environments.prod]\nsources = ['a.json']\nrecipients = ['alice']\nprotected = true\n",
    );
    set(&project, "prod", "TOKEN", "x");
    for command in [&["list"][..], &["get", "TOKEN"], &["set", "TOKEN"], &["unset", "TOKEN"]] {
        has(&project.fails(2, command), &["there is no default", "-e NAME, one of `prod`"]);
    }
    assert_eq!(project.ok(&["-e", "prod", "get", "TOKEN"]), "x");
}

#[test]
fn values_are_inherited_from_an_environment_with_no_other_recipients() {
    let project = project(
        "[package.metadata.secrets.environments]
        common = { sources = ['secrets/common.json'], recipients = ['alice'] }
        dev = { inherits = 'common', sources = ['secrets/dev.json'], recipients = ['alice', 'bob'] }
        test = { inherits = 'dev', sources = ['secrets/test.json'], recipients = ['alice', 'bob'] }
        ",
    );
    set(&project, "common", "SHARED", "of common");
    set(&project, "common", "OWN", "of common");
    set(&project, "dev", "OWN", "of dev");
    set(&project, "test", "MORE", "of test");
    let run = |environment| project.ok(&["-e", environment, "run", "sh", "-c", "echo \"$SHARED/$OWN/$MORE\""]);
    assert_eq!(run("dev"), "of common/of dev/\n");
    assert_eq!(run("test"), "of common/of dev/of test\n");
    let listed = project.ok(&["-e", "test", "list"]);
    has(&listed, &["SHARED  secret  secrets/common.json"]);
    let (_, stderr) = ends(project.secrets(&["-e", "dev", "unset", "OWN"]), 0);
    has(&stderr, &["OWN now comes from secrets/common.json (common)", "cargo secrets unset OWN -e common"]);
    assert_eq!(run("test"), "of common/of common/of test\n");
    has(&project.fails(2, &["-e", "dev", "unset", "SHARED"]), &["`SHARED` has no value in environment `dev`"]);
}

#[test]
fn nobody_else_may_write_what_is_inherited() {
    for (common, dev, message) in [
        ("recipients = ['alice', 'bob']", "recipients = ['alice']", "`bob` is no recipient of `dev`"),
        ("recipients = ['bob']", "recipients = ['alice']", "`bob` is no recipient of `dev`"),
        ("protected = false", "recipients = ['alice']", "`common` does not list its `recipients`"),
        ("recipients = ['alice']", "protected = false", "`dev` does not list its `recipients`"),
    ] {
        let project = project(&format!(
            "[package.metadata.secrets.environments]\ncommon = {{ sources = ['c.json'], {common} }}\n\
             dev = {{ inherits = 'common', sources = ['d.json'], {dev} }}\n"
        ));
        let stderr = project.fails(125, &["-e", "dev", "run", "true"]);
        has(&stderr, &["`dev` cannot inherit values from `common`", message, "Cargo.toml:"]);
    }
}

#[test]
fn an_environment_without_sources_passes_on_declarations_alone() {
    let project = project(
        "[package.metadata.secrets.environments]
        base = {}
        dev = { inherits = 'base', sources = ['d.json'], recipients = ['alice'] }
        [package.metadata.secrets.variables]
        NEEDED = { required = ['base'] }
        ",
    );
    set(&project, "dev", "OTHER", "x");
    has(
        &project.fails(125, &["-e", "dev", "run", "true"]),
        &["required in environment `dev`, but without a value: `NEEDED`"],
    );
    set(&project, "dev", "NEEDED", "");
    has(&project.fails(125, &["-e", "dev", "run", "true"]), &["`NEEDED`"]);
    set(&project, "dev", "NEEDED", "y");
    project.ok(&["-e", "dev", "run", "true"]);
}

#[test]
fn composed_values_are_escaped_for_where_they_stand() {
    let project = Project::new();
    declare(
        &project,
        r#"[workspace.metadata.secrets.variables]
        P = {}
        PLAIN = { value = "<${P}>" }
        URL = { value = "postgres://app:${P:url}@db/app" }
        JSON = { value = "{\"p\":\"${P:json}\"}" }
        SHELL_WORD = { value = "echo ${P:shell}" }
        NESTED = { value = "${URL}|${PLAIN}" }
        DOLLARS = { value = "$$ $5 $${P} ${P}", kind = "key" }"#,
    );
    let password = "p@ss/w:rd \"q\" 'x' \\ $HOME\nü";
    project.set("P", password);
    let get = |name| project.ok(&["get", name]);
    assert_eq!(get("PLAIN"), format!("<{password}>"));
    let url = "p%40ss%2Fw%3Ard%20%22q%22%20%27x%27%20%5C%20%24HOME%0A%C3%BC@db/app";
    assert_eq!(get("URL"), ["postgres://app", url].join(":"));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&get("JSON")).unwrap()["p"], password);
    assert_eq!(project.ok(&["run", "sh", "-c", "eval \"$SHELL_WORD\""]), format!("{password}\n"));
    assert_eq!(get("NESTED"), format!("{}|{}", get("URL"), get("PLAIN")));
    assert_eq!(get("DOLLARS"), format!("$ $5 ${{P}} {password}"));
    let listed = project.ok(&["list"]);
    has(&listed, &["NESTED      secret  composed"]);
}

#[test]
fn a_composed_value_waits_for_its_parts() {
    let project = Project::new();
    project.set("OTHER", "x");
    declare(&project, "[workspace.metadata.secrets.variables]\nPART = {}\nWHOLE = { value = \"a-${PART}\" }");
    let (_, stderr) = ends(project.secrets(&["run", "sh", "-c", "test -z \"${WHOLE+set}\""]), 0);
    has(&stderr, &["a part has no value, so not composed: WHOLE"]);
    let text = project.read("Cargo.toml").replace("\"a-${PART}\" }", "\"a-${PART}\", required = true }");
    project.write("Cargo.toml", text);
    has(&project.fails(125, &["run", "true"]), &["without a value: `WHOLE`"]);
}

#[test]
fn a_composed_name_that_a_file_holds_too_is_an_error() {
    let project = Project::new();
    project.set("WHOLE", "x");
    project.set("PART", "y");
    declare(&project, "[workspace.metadata.secrets.variables.WHOLE]\nvalue = \"${PART}\"");
    has(
        &project.fails(125, &["run", "true"]),
        &["`WHOLE` is composed in Cargo.toml and also set", "cargo secrets unset WHOLE"],
    );
    project.ok(&["unset", "WHOLE"]);
    assert_eq!(project.delivered("WHOLE"), "y");
}

#[test]
fn a_default_stands_in_until_a_file_has_the_name() {
    let project = Project::new();
    declare(
        &project,
        "[workspace.metadata.secrets.variables]\nREGION = { kind = 'key', default = 'eu' , required = true }",
    );
    assert_eq!(project.delivered("REGION"), "eu");
    has(&project.ok(&["list"]), &["REGION  key   default  yes       yes"]);
    project.set("REGION", "us");
    assert_eq!(project.delivered("REGION"), "us");
}

#[test]
fn a_demand_may_be_for_some_environments() {
    let project = Project::new();
    project.ok(&["init", "-q", "-e", "staging"]);
    declare(&project, "[workspace.metadata.secrets.variables]\nNEEDED = { required = ['staging'] }");
    project.ok(&["run", "true"]);
    project.fails(125, &["run", "-e", "staging", "true"]);
    let row = |environment| project.ok(&["list", "-e", environment]);
    has(&row("dev"), &["NEEDED  secret  -     no        no"]);
    has(&row("staging"), &["NEEDED  secret  -     yes       no"]);
}

#[test]
fn a_pattern_takes_its_files_in_order() {
    let project = Project::new();
    project.set("TOKEN", "first");
    let text = project.read("Cargo.toml");
    for (file, value) in [("b.json", "second"), ("c.json", "third")] {
        project.write("Cargo.toml", text.replace("secrets/dev.json", &format!("secrets/prod/{file}")));
        project.set("TOKEN", value);
        project.set(&file[..1].to_uppercase(), "x");
    }
    project
        .write("Cargo.toml", text.replace("[\"secrets/dev.json\"]", "[\"secrets/dev.json\", \"secrets/prod/*.json\"]"));
    assert_eq!(project.ok(&["run", "sh", "-c", "echo $TOKEN $B $C"]), "third x x\n");
    let output = feed(project.secrets(&["set", "NEW"]), b"x");
    assert!(output.status.success(), "{}", shown(&output));
    has(&project.read("secrets/dev.json"), &["\"NEW\""]);
    project.write("Cargo.toml", text.replace("secrets/dev.json", "secrets/prod/*.json"));
    let output = feed(project.secrets(&["set", "ANOTHER"]), b"x");
    assert_eq!(output.status.code(), Some(2));
    has(&String::from_utf8_lossy(&output.stderr), &["names no single file", "--file PATH"]);
}
