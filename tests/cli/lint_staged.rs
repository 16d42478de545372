//! `lint --staged`: what would be committed, as a hook sees it.

use std::process::Command;

use crate::fixture::{ends, has, script, texts};
use crate::lint::{files, key, line, report};
use crate::support::{Project, program, shown};

fn git_command(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command("git");
    command.args(arguments).env("GIT_CONFIG_NOSYSTEM", "1");
    for (name, value) in [("NAME", "Alice"), ("EMAIL", "alice@example.com")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    command
}

fn git(project: &Project, arguments: &[&str]) {
    let output = git_command(project, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", shown(&output));
}

/// A repository in which everything is committed.
fn committed(project: &Project) {
    git(project, &["init", "--quiet"]);
    git(project, &["add", "."]);
    git(project, &["commit", "--quiet", "--message", "x"]);
}

#[test]
fn the_index_is_looked_at_and_not_the_working_folder() {
    let project = Project::bare();
    committed(&project);
    project.write("src/a.rs", line(&key()));
    project.write("src/b.rs", "");
    ends(project.secrets(&["lint", "--staged"]), 0);
    git(&project, &["add", "src/a.rs", "src/b.rs"]);
    // The key is removed from the file, and it would be committed all the same.
    project.write("src/a.rs", "");
    project.write("src/b.rs", line(&key()));
    let found = report(&project, 1, &["--staged"]);
    assert_eq!(files(&found), ["src/a.rs"]);
    assert_eq!(found["summary"]["files"], 2);
    has(&ends(project.secrets(&["lint", "--staged"]), 1).0, &["--> src/a.rs:1:24"]);
}

#[test]
fn a_repository_without_a_commit_has_everything_new() {
    let project = Project::bare();
    git(&project, &["init", "--quiet"]);
    ends(project.secrets(&["lint", "--staged"]), 0);
    project.write("src/a.rs", line(&key()));
    git(&project, &["add", "."]);
    assert_eq!(files(&report(&project, 1, &["--staged"])), ["src/a.rs"]);
}

#[test]
fn what_the_last_commit_held_does_not_stop_the_next() {
    let (old, new) = (key(), key());
    let project = Project::bare();
    project.write("src/a.rs", line(&old));
    committed(&project);
    project.write("src/a.rs", format!("\n// moved\n{}", line(&old)));
    git(&project, &["add", "."]);
    ends(project.secrets(&["lint", "--staged"]), 0);
    project.write("src/a.rs", format!("{}{}", line(&old), line(&new)));
    git(&project, &["add", "."]);
    let found = report(&project, 1, &["--staged"]);
    assert_eq!(found["findings"].as_array().unwrap().len(), 1);
    assert_eq!(found["findings"][0]["places"][0]["line"], 2);
    // Renamed and changed, it is still the same file; a second file with the old value is not.
    git(&project, &["mv", "src/a.rs", "src/c.rs"]);
    project.write("src/c.rs", format!("{}// one more line\n", line(&old)));
    git(&project, &["add", "."]);
    ends(project.secrets(&["lint", "--staged"]), 0);
    project.write("src/d.rs", format!("{}{}", "// something else\n".repeat(50), line(&old)));
    git(&project, &["add", "."]);
    assert_eq!(files(&report(&project, 1, &["--staged"])), ["src/d.rs"]);
}

#[test]
fn deleted_files_links_and_binary_files_are_passed_over() {
    let value = key();
    let project = Project::bare();
    project.write("src/gone.rs", line(&value));
    committed(&project);
    std::fs::remove_file(project.root().join("src/gone.rs")).unwrap();
    std::os::unix::fs::symlink(&value, project.root().join("link")).unwrap();
    project.write("data.bin", [b"\0".as_slice(), value.as_bytes()].concat());
    project.write("big.json", format!("\"{value}\"{}", " ".repeat(5_000_001)));
    project.write("after.txt", format!("{value}\n"));
    git(&project, &["add", "--all", "."]);
    let found = report(&project, 1, &["--staged"]);
    assert_eq!(files(&found), ["after.txt"]);
    assert_eq!((&found["summary"]["skipped"]["binary"], &found["summary"]["skipped"]["large"]), (&1.into(), &1.into()));
}

#[test]
fn it_works_from_a_subfolder_and_with_names_that_git_would_quote() {
    let value = key();
    let project = Project::bare();
    committed(&project);
    project.write("src/ä \"odd\"\n\t.rs", line(&value));
    git(&project, &["config", "diff.relative", "true"]);
    git(&project, &["config", "diff.noprefix", "true"]);
    git(&project, &["config", "color.ui", "always"]);
    git(&project, &["add", "--all", "."]);
    for folder in ["tests", "src"] {
        std::fs::create_dir_all(project.root().join(folder)).unwrap();
        let mut command = project.secrets(&["lint", "--staged", "--format", "json"]);
        command.current_dir(project.root().join(folder));
        let found: serde_json::Value = serde_json::from_str(&ends(command, 1).0).unwrap();
        let expected = if folder == "src" { "ä \"odd\"\n\t.rs" } else { "../src/ä \"odd\"\n\t.rs" };
        assert_eq!(files(&found), [expected]);
    }
}

#[test]
fn a_hook_stops_the_commit_also_with_commit_all() {
    let project = Project::bare();
    committed(&project);
    let hook = format!("#!/bin/sh\nexec \"{}\" lint --staged\n", program().display());
    script(&project.root().join(".git/hooks/pre-commit"), &hook);
    project.write("src/lib.rs", line(&key()));
    let commit = || git_command(&project, &["commit", "--quiet", "--all", "--message", "y"]).output().unwrap();
    let (_, stderr) = texts(&commit());
    has(&stderr, &["Linted 1 file: 1 error"]);
    assert_eq!(texts(&git_command(&project, &["log", "--oneline"]).output().unwrap()).0.lines().count(), 1);
    project.write("src/lib.rs", "// clean\n");
    assert!(commit().status.success());
}

#[test]
fn levels_allows_and_the_baseline_hold_for_what_is_staged() {
    let project = Project::bare();
    committed(&project);
    project.write("src/a.rs", line(&key()));
    git(&project, &["add", "."]);
    ends(project.secrets(&["lint", "--staged"]), 1);
    project.ok(&["lint", "--update-baseline"]);
    ends(project.secrets(&["lint", "--staged"]), 0);
}

#[test]
fn without_a_repository_or_git_it_says_so() {
    let project = Project::bare();
    let mut command = project.secrets(&["lint", "--staged"]);
    command.env("GIT_CEILING_DIRECTORIES", project.root().parent().unwrap());
    has(&ends(command, 2).1, &["cannot say what is staged", "not a git repository"]);
    let mut command = project.secrets(&["lint", "--staged"]);
    command.env("PATH", "/nonexistent");
    has(&ends(command, 2).1, &["failed to ask `git` what is staged"]);
}
