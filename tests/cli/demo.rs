//! `demo`: the main job, played through in a folder of its own, and nothing outside of it.

use std::process::Command;

use crate::fixture::{ends, has, tree};
use crate::support::Project;

/// The demonstration as a user starts it, offline: proxies lead nowhere.
fn demo(project: &Project, folder: Option<&str>) -> Command {
    let mut command = project.secrets(&["demo"]);
    command.args(folder);
    for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command
}

#[test]
fn it_plays_the_main_job_and_touches_nothing_outside_its_folder() {
    let project = Project::bare();
    // What a user may have set must not change the play.
    let target = project.home().join("target");
    let mut command = demo(&project, Some("played"));
    command.env("CARGO_TARGET_DIR", &target).env("CARGO_SECRETS_ENVIRONMENT", "prod").env("TMPDIR", project.home());
    let before = (tree(&project.home()), tree(&project.root()));
    let (stdout, stderr) = ends(command, 0);
    has(
        &stdout,
        &[
            "$ cargo secrets init",
            "$ cargo secrets set SERVICE_TOKEN",
            "$ cat secrets/dev.json",
            "\"SERVICE_TOKEN\": \"ENC[AES256_GCM,",
            "$ cargo secrets run -- cargo test",
            "test result: ok.",
            "In a project of your own:",
        ],
    );
    assert!(!format!("{stdout}{stderr}").contains("AGE-SECRET-KEY"));
    let played = project.root().join("played");
    let inside: Vec<_> = tree(&played).into_keys().collect();
    for file in ["Cargo.toml", "src/main.rs", "secrets/dev.json", "demo-identity.txt", ".gitignore"] {
        assert!(inside.contains(&file.into()), "{file}: {inside:?}");
    }
    let mut after = tree(&project.root());
    after.retain(|path, _| !path.starts_with("played"));
    assert!(before == (tree(&project.home()), after), "something outside of the folder changed");

    // What it leaves is a project like any other.
    let mut run =
        project.secrets(&["run", "-q", "--identity", "demo-identity.txt", "--", "sh", "-c", "echo ${#SERVICE_TOKEN}"]);
    run.current_dir(&played);
    assert_eq!(ends(run, 0).0, "40\n");
    let mut test = project.command("cargo");
    test.args(["test", "--quiet", "--offline"]).current_dir(&played).env_remove("SERVICE_TOKEN");
    assert!(!test.output().unwrap().status.success(), "the test needs the token");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let project = Project::bare();
    project.write("full/file", "x");
    let before = tree(&project.root());
    has(&ends(demo(&project, Some("full")), 2).1, &["full` is not empty"]);
    ends(demo(&project, Some("full/file")), 2);
    assert!(before == tree(&project.root()));
}
