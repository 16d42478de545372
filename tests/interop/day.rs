//! A working day: a team's hard values come in, a colleague is let in and works on, two people change values at once,
//! and everything goes out again in every format. The real `sops` opens the files after each step.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::exports::{self, Values, docker_rules, exported_from, github_rules, program, same, systemd_rules};
use crate::support::terminal::{closes, terminal};
use crate::support::{Project, feed, program as ours, shown, tools};

/// A test that asks for a value as any program does.
const A_TEST: &str =
    "#[test]\nfn the_token_is_there() {\n    assert_eq!(std::env::var(\"TOKEN\").unwrap(), \"of the team\");\n}\n";

fn git(project: &Project, arguments: &[&str]) {
    let mut command = project.command("git");
    command
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"])
        .args(arguments);
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", shown(&output));
}

/// The real `sops` and we read the same values, and Cargo.toml and the files agree.
fn sops_opens(sops: &Path, project: &Project, step: &str) -> Values {
    let output = project.sops(sops, &["decrypt", "--output-type", "json", "secrets/dev.json"]);
    assert!(output.status.success(), "{step}: {}", shown(&output));
    let theirs: Values = serde_json::from_slice(&output.stdout).unwrap();
    let ours: Values = serde_json::from_str(&project.ok(&["export", "--format", "json"])).unwrap();
    assert_eq!(ours, theirs, "{step}");
    project.ok(&["check", "-e", "dev"]);
    theirs
}

#[test]
fn a_working_day_of_a_team() {
    let (Some(sops), Some(vim)) = (tools::sops(), tools::vim()) else { return };
    let alice = a_project_with_hard_values(&sops);
    let bob = a_colleague_is_let_in(&sops, &alice);
    two_people_change_values_at_once(&sops, &vim, &bob);
    everything_goes_out_again(&bob);
}

/// Morning: a `.env` of hard values becomes an encrypted file, and is committed.
fn a_project_with_hard_values(sops: &Path) -> Project {
    let alice = Project::new();
    alice.write("tests/token.rs", A_TEST);
    alice.write(".gitignore", alice.read(".gitignore") + "target\n");
    git(&alice, &["init", "--quiet"]);
    // What a person's .env would look like: as dotenvy reads it.
    let source = Project::new();
    let text = serde_json::to_vec(&exports::all()).unwrap();
    assert!(feed(source.secrets(&["import", "-", "--format", "json", "--quiet"]), &text).status.success());
    let dotenv = source.secrets(&["export", "--format", "dotenv", "--quiet"]).output().unwrap().stdout;
    alice.write(".env", &dotenv);
    let output = alice.secrets(&["import", ".env", "--format", "dotenv"]).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    std::fs::remove_file(alice.root().join(".env")).unwrap();
    assert_eq!(sops_opens(sops, &alice, "import"), exports::all());
    alice.set("TOKEN", "of the team");
    sops_opens(sops, &alice, "set");
    git(&alice, &["add", "."]);
    git(&alice, &["commit", "--quiet", "-m", "secrets"]);
    alice
}

/// Noon: Bob clones, cannot read, asks by one line, is let in, pulls, and runs the tests.
fn a_colleague_is_let_in(sops: &Path, alice: &Project) -> Project {
    let bob = Project::empty("clone");
    git(&bob, &["clone", "--quiet", alice.root().to_str().unwrap(), "."]);
    bob.fails(3, &["get", "TOKEN"]);
    let mut request = bob.secrets(&["recipients", "request"]);
    let output = request.env("USER", "bob").output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    let line = String::from_utf8(output.stdout).unwrap();
    let words = shlex::split(line.trim()).unwrap();
    let words: Vec<_> = words.iter().skip(2).map(String::as_str).collect();
    alice.ok(&words);
    sops_opens(sops, alice, "recipients add");
    git(alice, &["commit", "--quiet", "-a", "-m", "bob reads dev"]);
    git(&bob, &["pull", "--quiet"]);
    sops_opens(sops, &bob, "as bob");
    let mut test = bob.secrets(&["run", "--quiet", "--", "cargo", "test", "--quiet", "--offline"]);
    let output = test.env("CARGO_TERM_COLOR", "never").output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    bob
}

/// Afternoon: while one has the environment open in vim, another sets a value; nobody's work is lost.
fn two_people_change_values_at_once(sops: &Path, vim: &Path, bob: &Project) {
    let mut edit = bob.command(ours());
    edit.arg("edit").env("VISUAL", vim).env("TERM", "xterm").env("TMPDIR", bob.home());
    let mut session = terminal(&edit);
    session.exp_string("V00").unwrap();
    bob.set("TOKEN", "meanwhile");
    sops_opens(sops, bob, "set while edit is open");
    session.send("GoFRESH = 'from vim'\u{1b}:wq\r").unwrap();
    session.flush().unwrap();
    let said = closes(session, 0);
    assert!(said.contains("Set FRESH"), "{said}");
    let after = sops_opens(sops, bob, "edit");
    assert_eq!((after["TOKEN"].as_str(), after["FRESH"].as_str()), ("meanwhile", "from vim"));
    for arguments in [&["rename", "FRESH", "RENAMED"][..], &["unset", "RENAMED"], &["unset", "TOKEN"]] {
        bob.ok(arguments);
        sops_opens(sops, bob, arguments[0]);
    }
}

/// Evening: every format is read back by what reads it, or by its published rules.
fn everything_goes_out_again(bob: &Project) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (shell, held) = exported_from(bob, "shell", |_| true);
    assert_eq!(held, exports::all());
    let bash = program("bash", &["-c", "eval \"$(cat)\"; exec env -0"]);
    same(&exports::read_environment(bash, &shell), &held, "bash");
    let (dotenv, held) = exported_from(bob, "dotenv", |_| true);
    let read: Result<Values, _> = dotenvy::from_read_iter(&dotenv[..]).collect();
    same(&read.unwrap(), &held, "dotenvy");
    let is_line = |value: &str| !value.contains('\n') && !value.ends_with('\r') && value.len() < 60_000;
    let (docker, held) = exported_from(bob, "docker", is_line);
    same(&docker_rules(&text(docker)), &held, "docker's rules");
    let is_text = |value: &str| !value.contains(|c: char| c.is_ascii_control() && c != '\t' && c != '\n');
    let (systemd, held) = exported_from(bob, "systemd", is_text);
    same(&systemd_rules(&text(systemd)), &held, "systemd's rules");
    let (github, held) = exported_from(bob, "github", |_| true);
    same(&github_rules(&text(github)), &held, "github's rules");
    let (json, held) = exported_from(bob, "json", |_| true);
    same(&serde_json::from_slice(&json).unwrap(), &held, "serde_json");
    if let Some(fish) = tools::fish() {
        let (fish_text, held) = exported_from(bob, "fish", |_| true);
        let command = program(&fish, &["--no-config", "-c", "source -; exec env -0"]);
        same(&exports::read_environment(command, &fish_text), &held, "fish");
    }
    let Some(python) = tools::python() else { return };
    let load = "import json,sys,yaml; json.dump(yaml.safe_load(sys.stdin.buffer.read()), sys.stdout)";
    let load = || -> Command { program(&python, &["-c", load]) };
    let (yaml, held) = exported_from(bob, "yaml", |_| true);
    same(&exports::read_json(load(), &yaml), &held, "PyYAML");
    let (secret, held) = exported_from(bob, "k8s-secret", |_| true);
    let output = feed(load(), &secret);
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let data: Values = serde_json::from_value(object["data"].clone()).unwrap();
    let decode = |text: String| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    same(&data.into_iter().map(|(name, text)| (name, decode(text))).collect(), &held, "Kubernetes");
    if let Some(reader) = tools::go_readers() {
        let (terraform, held) = exported_from(bob, "terraform", |_| true);
        same(&exports::read_json(program(reader, &["hcl"]), &terraform), &held, "hcl");
    }
    let is_word = |value: &str| !value.contains(|c: char| c.is_whitespace() || c.is_control());
    let (gitlab, held) = exported_from(bob, "gitlab", is_word);
    let lines = text(gitlab);
    let pairs = lines.lines().map(|line| line.split_once('=').unwrap());
    same(&pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), &held, "gitlab's rules");
}
