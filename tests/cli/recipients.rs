//! The newcomer's way in: a line to send, somebody who types it, files that open; and every wrong way.

use std::fs;

use crate::fixture::{ends, has, terminal};
use crate::support::Project;

/// A second person: the same project, a home of their own.
struct Newcomer {
    home: tempfile::TempDir,
}

impl Newcomer {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn secrets(&self, project: &Project, arguments: &[&str]) -> std::process::Command {
        let mut command = project.secrets(arguments);
        command
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join(".config"))
            .env("USER", "bob");
        command
    }
}

/// The words of a printed line, after `cargo secrets`.
fn words(line: &str) -> Vec<String> {
    let words = shlex::split(line.trim()).unwrap();
    assert_eq!(words[..2], ["cargo", "secrets"], "{line}");
    words[2..].to_vec()
}

fn project() -> Project {
    let project = Project::new();
    project.ok(&["init"]);
    project.set("TOKEN", "one value");
    project
}

#[test]
fn a_newcomer_asks_is_let_in_and_reads() {
    for file in ["secrets/dev.json", "secrets/dev.yaml", "secrets/dev.env"] {
        let project = project();
        let manifest = project.read("Cargo.toml").replace("secrets/dev.json", file);
        project.write("Cargo.toml", manifest);
        project.set("TOKEN", "one value");
        let newcomer = Newcomer::new();
        let (_, refused) = ends(newcomer.secrets(&project, &["get", "TOKEN"]), 3);
        has(&refused, &["recipients request"]);
        let (line, said) = ends(newcomer.secrets(&project, &["recipients", "request"]), 0);
        has(&said, &["Created your identity", "send this line to someone who can read `dev`"]);
        let (_, refused) = ends(newcomer.secrets(&project, &["get", "TOKEN"]), 3);
        has(&refused, &[line.trim()]);
        let before = project.read(file);
        let typed = words(&line);
        let typed: Vec<_> = typed.iter().map(String::as_str).collect();
        assert!(typed.starts_with(&["recipients", "add", "bob"]), "{typed:?}");
        project.ok(&typed);
        let (value, _) = ends(newcomer.secrets(&project, &["get", "TOKEN"]), 0);
        assert_eq!(value, "one value");
        // Values, MAC and date stay as they were.
        let after = project.read(file);
        assert!(before.lines().all(|line| after.contains(line.trim_end_matches(','))), "{before}\n{after}");
        let (again, said) = ends(newcomer.secrets(&project, &["recipients", "request"]), 0);
        assert!(again.is_empty() && said.contains("you are in already"), "{again}{said}");
        // What is set from now on is for both.
        project.set("OTHER", "another");
        ends(newcomer.secrets(&project, &["get", "OTHER"]), 0);
    }
}

#[test]
fn whom_cargo_toml_names_is_let_in_after_asking() {
    let project = project();
    let newcomer = Newcomer::new();
    let (line, _) = ends(newcomer.secrets(&project, &["recipients", "request"]), 0);
    let key = words(&line)[3].clone();
    let manifest = project.read("Cargo.toml");
    let me = manifest.lines().find(|line| line.contains("age1")).unwrap();
    let name = me.split_once(' ').unwrap().0;
    let named = manifest
        .replace(me, &format!("{me}\nbob = \"{key}\""))
        .replace(&format!("recipients = [\"{name}\"]"), &format!("recipients = [\"{name}\", \"bob\"]"));
    project.write("Cargo.toml", named);
    let (_, refused) = ends(project.secrets(&["unset", "TOKEN"]), 3);
    has(&refused, &["cargo secrets recipients sync"]);
    let (line, _) = ends(newcomer.secrets(&project, &["recipients", "request"]), 0);
    assert_eq!(line.trim(), "cargo secrets recipients sync -e dev");
    ends(newcomer.secrets(&project, &["recipients", "sync", "--yes"]), 3);
    let listed = project.ok(&["recipients", "list"]);
    has(&listed, &["dev (named)"]);
    let before = project.read("secrets/dev.json");
    let refused = project.fails(2, &["recipients", "sync"]);
    has(&refused, &["Lets in bob to secrets/dev.json", &key, "no terminal", "--yes"]);
    let mut asked = terminal(&project.secrets(&["recipients", "sync"]));
    asked.exp_string("[y/N]").unwrap();
    asked.send_line("n").unwrap();
    asked.exp_string("nothing was done").unwrap();
    assert_eq!(project.read("secrets/dev.json"), before);
    project.ok(&["recipients", "sync", "--yes"]);
    ends(newcomer.secrets(&project, &["get", "TOKEN"]), 0);
    let said = ends(project.secrets(&["recipients", "sync"]), 0).1;
    has(&said, &["In step"]);
}

#[test]
fn whom_only_the_file_names_is_told_and_stays() {
    let project = project();
    let newcomer = Newcomer::new();
    let (line, _) = ends(newcomer.secrets(&project, &["recipients", "request"]), 0);
    let key = words(&line)[3].clone();
    let manifest = project.read("Cargo.toml");
    project.ok(&["recipients", "add", "bob", &key]);
    project.write("Cargo.toml", manifest);
    let (_, said) = ends(project.secrets(&["recipients", "sync"]), 1);
    has(&said, &[&key, "recipients add NAME", "--rm-age"]);
    let listed = project.ok(&["recipients", "list", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let row = listed.as_array().unwrap().iter().find(|row| row["key"] == key.as_str()).unwrap();
    assert_eq!((&row["name"], &row["environments"]["dev"]), (&serde_json::Value::Null, &"unnamed".into()));
}

#[test]
fn nobody_is_let_in_by_mistake() {
    let project = project();
    let newcomer = Newcomer::new();
    let (line, _) = ends(newcomer.secrets(&project, &["recipients", "request"]), 0);
    let key = words(&line)[3].clone();
    let before = (project.read("Cargo.toml"), project.read("secrets/dev.json"));
    let add = |code, arguments: &[&str]| project.fails(code, &[&["recipients", "add"], arguments].concat());
    has(&add(2, &["bob", "age1notakey"]), &["no age or SSH public key"]);
    let private = fs::read_to_string(project.identity()).unwrap();
    let private = private.lines().find(|line| line.starts_with("AGE-")).unwrap();
    let refused = add(2, &["bob", private]);
    assert!(refused.contains("private key") && !refused.contains(private), "{refused}");
    has(&add(2, &["", &key]), &["no name for a recipient"]);
    has(&add(2, &["bob", &key, "-e", "prod"]), &["unknown environment `prod`"]);
    has(&add(2, &["bob", &project.recipient()]), &["that key is"]);
    let me = before.0.lines().find(|line| line.contains("age1")).unwrap().split_once(' ').unwrap().0;
    has(&add(2, &[me, &key]), &["another key"]);
    // Somebody who cannot read it lets nobody in, and Cargo.toml stays.
    let (_, refused) = ends(newcomer.secrets(&project, &["recipients", "add", "bob", &key]), 3);
    has(&refused, &["recipients add bob"]);
    assert_eq!((project.read("Cargo.toml"), project.read("secrets/dev.json")), before);
}

#[test]
fn heirs_come_first_and_ancestors_are_told() {
    let project = project();
    project.ok(&["env", "add", "qa", "--inherits", "dev"]);
    let newcomer = Newcomer::new();
    let (line, _) = ends(newcomer.secrets(&project, &["recipients", "request"]), 0);
    let key = words(&line)[3].clone();
    has(&project.fails(2, &["recipients", "add", "bob", &key]), &["`qa` inherits the values of `dev`", "-e qa"]);
    let (_, said) = ends(project.secrets(&["recipients", "add", "bob", &key, "-e", "qa"]), 0);
    has(&said, &["which bob cannot read", "-e dev"]);
    ends(newcomer.secrets(&project, &["get", "TOKEN", "-e", "qa"]), 3);
    project.ok(&["recipients", "add", "bob", &key, "-e", "dev"]);
    ends(newcomer.secrets(&project, &["get", "TOKEN", "-e", "qa"]), 0);
}
