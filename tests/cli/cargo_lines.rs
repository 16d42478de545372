//! What a command line, Cargo.toml and the user's own settings decide of a run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::fixture::{declare, has};
use crate::support::Project;

const TEST: &str =
    "#[test]\nfn sees() {\n    println!(\"sees {:?}\", std::env::var(\"TOKEN\").map(|value| value.len()));\n}\n";

fn project() -> Project {
    let project = Project::new();
    project.set("TOKEN", "seventeen letters");
    project.write("src/lib.rs", TEST);
    project
}

#[test]
fn another_workspaces_manifest_is_refused_with_the_command_that_runs_it() {
    let project = project();
    project.write("other/Cargo.toml", "[package]\nname = \"other\"\nedition = \"2021\"\n[workspace]\n");
    project.write("other/src/lib.rs", "");
    let stderr = project.fails(125, &["run", "--", "cargo", "build", "--manifest-path", "other/Cargo.toml"]);
    has(&stderr, &["of another workspace", "cargo secrets run --manifest-path 'other/Cargo.toml' -- COMMAND"]);
    project.ok(&["run", "-q", "--", "cargo", "build", "--offline", "--manifest-path", "./Cargo.toml"]);
}

#[test]
fn what_a_task_runner_builds_elsewhere_gets_its_values() {
    let project = project();
    let words = [
        "run",
        "-q",
        "--",
        "env",
        "CARGO_TARGET_DIR=there",
        "cargo",
        "test",
        "--offline",
        "-q",
        "--lib",
        "--",
        "--nocapture",
    ];
    has(&project.ok(&words), &["sees Ok(17)"]);
    assert!(project.root().join("there/debug").is_dir());
}

#[test]
fn the_way_is_told_with_its_reason() {
    let project = project();
    let explained = |words: &[&str]| project.ok(&[&["run", "--explain"][..], words].concat());
    has(&explained(&["--", "cargo", "test"]), &["runner, because it is cargo"]);
    has(&explained(&["--", "printenv"]), &["env, because it is a plain program"]);
    has(&explained(&["--via", "env", "--", "cargo", "test"]), &["env, because `--via` says so"]);
    has(&explained(&["--", "bash", "-euo", "pipefail", "-c", "cargo test"]), &["runner, because its text names cargo"]);
    declare(
        &project,
        "[package.metadata.secrets.run]\nprintenv = 'runner'\ncargo = 'env'\n".replace("package", "workspace").as_str(),
    );
    has(&explained(&["--", "cargo", "test"]), &["env, because `run.cargo` in Cargo.toml says so"]);
    has(&explained(&["--", "printenv"]), &["runner, because `run.printenv` in Cargo.toml says so"]);
}

#[test]
fn the_users_own_settings_are_strict() {
    let project = project();
    let settings = project.home().join(".config/cargo-secrets/config.toml");
    let build = ["run", "-q", "--", "cargo", "build", "--offline"];
    fs::write(&settings, "[sandbox]\nunhide = [\"~/.aws\"]\n").unwrap();
    project.ok(&build);
    fs::write(&settings, "[sandbox]\nunhid = []\n").unwrap();
    has(&project.fails(125, &build), &["unknown key `unhid`", "config.toml:2:1", "did you mean `unhide`?"]);
    fs::set_permissions(&settings, fs::Permissions::from_mode(0o666)).unwrap();
    has(&project.fails(125, &build), &["can be written by others", "chmod go-w"]);
    has(&project.ok(&["run", "-q", "--", "sh", "-c", "echo $TOKEN"]), &["seventeen letters"]);
}

#[test]
fn what_cannot_be_fetched_and_so_not_built_is_said_once() {
    let project = project();
    let manifest = project.read("Cargo.toml");
    project.write("Cargo.toml", format!("{manifest}\n[dependencies]\ngone = {{ path = \"gone\" }}\n"));
    for words in [&["run", "--", "cargo", "build"][..], &["sandbox", "--", "cargo", "build"]] {
        let stderr = project.fails(101, words);
        assert!(stderr.matches("error: ").count() == 1 && stderr.contains("`gone`"), "{stderr}");
        assert!(!stderr.contains("offline"), "{stderr}");
    }
    let stderr = project.fails(101, &["sandbox", "--", "sh", "-c", "cargo build"]);
    has(&stderr, &["where cargo blames `--offline`, that is meant"]);
}
