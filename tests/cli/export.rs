//! `export`: what is asked before plaintext is shown, what is left out, what is refused.

use std::os::unix::process::CommandExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fixture::{closes, declare, ends, has, terminal};
use crate::support::Project;

fn filled() -> Project {
    let project = Project::new();
    project.set("B", "it's");
    project.set("A", "one\ntwo");
    project
}

#[test]
fn wrong_words_are_told_before_anything_is_opened() {
    let project = filled();
    has(&project.fails(2, &["export"]), &["--format <FORMAT>"]);
    has(&project.fails(2, &["export", "--format", "jsno"]), &["jsno", "json", "k8s-secret", "terraform"]);
    has(&project.fails(2, &["export", "--format", "json", "AA"]), &["`AA` is not among the names", "`A`"]);
    has(&project.fails(2, &["export", "--format", "json", "-p", "none"]), &["unknown package `none`"]);
    has(&project.fails(2, &["export", "--format", "json", "-e", "prod"]), &["unknown environment `prod`"]);
    std::fs::remove_file(project.identity()).unwrap();
    has(&project.fails(3, &["export", "--format", "json"]), &["cannot decrypt", "identity"]);
}

#[test]
fn a_text_is_in_the_order_of_the_names_and_holds_those_asked_for() {
    let project = filled();
    assert_eq!(project.ok(&["export", "--format", "json"]), "{\n  \"A\": \"one\\ntwo\",\n  \"B\": \"it's\"\n}\n");
    assert_eq!(project.ok(&["export", "--format", "shell", "B"]), "export B='it'\\''s'\n");
    assert_eq!(project.ok(&["export", "--format", "dotenv"]), "A='one\ntwo'\nB=\"it's\"\n");
    let empty = Project::new();
    assert_eq!(empty.ok(&["export", "--format", "json"]), "{}\n");
    assert_eq!(empty.ok(&["export", "--format", "yaml"]), "{}\n");
    assert_eq!(empty.ok(&["export", "--format", "dotenv"]), "");
}

#[test]
fn what_a_format_cannot_hold_is_refused_by_name_and_nothing_is_printed() {
    let project = filled();
    let (stdout, stderr) = ends(project.secrets(&["export", "--format", "docker"]), 2);
    assert_eq!(stdout, "");
    has(
        &stderr,
        &["error: the format `docker` cannot hold `A` (more than one line)", "help: name those that it holds"],
    );
    assert!(!stderr.contains("one\ntwo"), "{stderr}");
    assert_eq!(project.ok(&["export", "--format", "docker", "B"]), "B=it's\n");
    project.set("version", "x");
    has(&project.fails(2, &["export", "--format", "terraform"]), &["`version` (the name is taken there)"]);
    project.set("GITHUB_SHA", "x");
    project.set("GITHUB_CLIENT_SECRET", "x");
    has(&project.fails(2, &["export", "--format", "github"]), &["cannot hold `GITHUB_SHA` (the name is taken there)"]);
    project.ok(&["export", "--format", "github", "GITHUB_CLIENT_SECRET"]);
    project.set("status", "x");
    for shell in ["fish", "shell"] {
        has(&project.fails(2, &["export", "--format", shell]), &["cannot hold `status` (the name is taken there)"]);
    }
    project.set("COMBINING", "e\u{301}");
    has(&project.fails(2, &["export", "--format", "terraform", "COMBINING"]), &["normal form"]);
    project.set("LARGE", &"x".repeat(1024 * 1024));
    has(&project.fails(2, &["export", "--format", "k8s-secret"]), &["all values together take", "1048576"]);
}

#[test]
fn a_kubernetes_secret_has_the_name_that_is_asked_for() {
    let project = filled();
    let text = project.ok(&["export", "--format", "k8s-secret", "--title", "my-secret", "B"]);
    let head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"my-secret\"\ntype: Opaque\ndata:\n";
    assert_eq!(text, format!("{head}  B: \"{}\"\n", STANDARD.encode("it's")));
    for wrong in ["", "A", "a_b", "-a", "a..b", "a\nb"] {
        let message = project.fails(2, &["export", "--format", "k8s-secret", &format!("--title={wrong}")]);
        has(&message, &["cannot name a secret of Kubernetes", "--title"]);
    }
}

#[test]
fn it_holds_what_a_program_of_no_package_would_get() {
    let project = filled();
    declare(&project, "[workspace.metadata.secrets.variables.B]\npackages = [\"app\"]\n");
    let (stdout, stderr) = ends(project.secrets(&["export", "--format", "dotenv"]), 0);
    assert_eq!(stdout, "A='one\ntwo'\n");
    has(&stderr, &["for single packages only (`-p NAME`), left out: B"]);
    assert_eq!(project.ok(&["export", "--format", "dotenv", "-p", "app", "B"]), "B=\"it's\"\n");
    declare(&project, "[workspace.metadata.secrets.variables.C]\nrequired = true\n");
    has(&project.fails(2, &["export", "--format", "json"]), &["required in environment `dev`", "C"]);
    project.set("C", "c");
    declare(&project, "[workspace.metadata.secrets.variables.D]\nvalue = \"${A}${C}\"\n");
    has(&project.ok(&["export", "--format", "json"]), &["\"C\": \"c\"", "\"D\": \"one\\ntwoc\""]);
}

#[test]
fn a_terminal_is_asked_before_it_shows_plaintext() {
    let project = filled();
    let export = project.secrets(&["export", "--format", "shell", "B"]);
    for (answer, code) in [("n", 2), ("", 2), ("yess", 2), ("y", 0), ("YES", 0)] {
        let mut session = terminal(&export);
        session.exp_string("This shows plaintext values of `dev` on the terminal. Go on? [y/N] ").unwrap();
        session.send_line(answer).unwrap();
        let rest = closes(session, code);
        assert_eq!(rest.contains("export B="), code == 0, "{answer}: {rest}");
        assert_eq!(rest.contains("so nothing was done"), code == 2, "{answer}: {rest}");
    }
    let rest = closes(terminal(&project.secrets(&["export", "--format", "shell", "B", "--reveal"])), 0);
    has(&rest, &["export B="]);
}

#[test]
fn a_terminal_on_stdout_with_nobody_to_ask_gets_nothing() {
    let project = filled();
    let mut script = project.command("setsid");
    script.arg("--wait").arg(crate::support::program()).args(["export", "--format", "shell"]);
    let rest = closes(terminal(&script), 2);
    has(&rest, &["plaintext is not shown on this terminal: there is nobody to ask", "--reveal"]);
    assert!(!rest.contains("export B="), "{rest}");
}

#[test]
fn a_reader_that_went_away_is_no_failure_to_tell() {
    let project = filled();
    let mut command = project.command("sh");
    command.args(["-c", "\"$0\" export --format json | true"]).arg(crate::support::program());
    command.arg0("sh");
    ends(command, 0);
}
