//! What a program finds in its environment: which names, which of two values, nothing of an identity; and what is too
//! long for it.

use crate::fixture::{declare, ends, has, script};
use crate::run_semantics::shared;
use crate::support::{Project, tools};

#[test]
fn the_environment_is_chosen_by_flag_then_by_variable_then_by_default() {
    let project = Project::new();
    project.set("TOKEN", "of dev");
    project.ok(&["init", "-q", "-e", "staging"]);
    let staging = crate::support::feed(project.secrets(&["set", "TOKEN", "-q", "-e", "staging"]), b"of staging");
    assert!(staging.status.success());
    let run = |variable: &str, extra: &[&str]| {
        let mut command = project.secrets(extra);
        command.args(["run", "--", "printenv", "TOKEN"]).env("CARGO_SECRETS_ENVIRONMENT", variable);
        ends(command, 0).0
    };
    assert_eq!(run("", &[]), "of dev\n");
    assert_eq!(run("staging", &[]), "of staging\n");
    assert_eq!(run("staging", &["-e", "dev"]), "of dev\n");
    assert_eq!(project.ok(&["run", "--environment=staging", "printenv", "TOKEN"]), "of staging\n");
}

#[test]
fn only_and_except_choose_names() {
    let project = shared();
    let count = |arguments: &[&str]| {
        let line: Vec<_> =
            ["run"].iter().chain(arguments).chain(&["--", "sh", "-c", "echo \"$A/$B/$C\""]).copied().collect();
        project.ok(&line)
    };
    assert_eq!(count(&["--only", "A,C"]), "value of A//value of C\n");
    assert_eq!(count(&["--only", "A", "--only", "B"]), "value of A/value of B/\n");
    assert_eq!(count(&["--except", "B"]), "value of A//value of C\n");
    assert_eq!(count(&["--only", "A,B", "--except", "B"]), "value of A//\n");
}

#[test]
fn a_required_name_that_was_not_chosen_is_not_missed() {
    let project = Project::new();
    project.set("A", "x");
    declare(&project, "[workspace.metadata.secrets.variables.NEEDED]\nrequired = true");
    assert_eq!(project.ok(&["run", "--only", "A", "printenv", "A"]), "x\n");
    project.fails(125, &["run", "--except", "A", "true"]);
}

#[test]
fn the_file_wins_over_the_shell_unless_that_is_turned_round() {
    let run = |extra: &[&str]| {
        let mut command = shared().secrets(&["run"]);
        command.args(extra).args(["--", "sh", "-c", "echo \"$A/$OTHER\""]).env("A", "of the shell").env("OTHER", "o");
        ends(command, 0).0
    };
    assert_eq!(run(&[]), "value of A/o\n");
    assert_eq!(run(&["--keep-existing"]), "of the shell/o\n");
    assert_eq!(run(&["--no-inherit-env"]), "value of A/\n");
}

#[test]
fn a_clean_environment_keeps_the_path_and_the_home() {
    let mut command = shared().secrets(&["run", "--no-inherit-env", "--", "env"]);
    command.env("LEFT_OVER", "x").env("LC_ALL", "C.UTF-8").env("TERM", "dumb").env("AWS_PROFILE", "x");
    let (stdout, _) = ends(command, 0);
    let names: Vec<_> = stdout.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    for name in ["PATH", "HOME", "TERM", "LC_ALL", "A", "B", "C"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    for name in ["LEFT_OVER", "AWS_PROFILE"] {
        assert!(!names.contains(&name), "{name}");
    }
    let path = std::env::var("PATH").unwrap();
    has(&stdout, &[&format!("PATH={path}\n"), &format!("HOME={}\n", shared().home().display())]);
}

#[test]
fn every_name_stands_once_in_the_environment() {
    let mut command = shared().secrets(&["run", "--", "env"]);
    command.env("A", "of the shell");
    let (stdout, _) = ends(command, 0);
    assert_eq!(stdout.lines().filter(|line| line.starts_with("A=")).count(), 1);
}

#[test]
fn no_identity_variable_reaches_the_child() {
    let project = shared();
    let key = std::fs::read_to_string(project.identity()).unwrap();
    let private = key.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap();
    let path = project.identity();
    let path = path.to_str().unwrap();
    let variables = [
        ("CARGO_SECRETS_IDENTITY", private),
        ("CARGO_SECRETS_IDENTITY_FILE", path),
        ("SOPS_AGE_KEY", private),
        ("SOPS_AGE_KEY_FILE", path),
        ("SOPS_AGE_KEY_CMD", &format!("cat {path}")),
        ("SOPS_AGE_SSH_PRIVATE_KEY_FILE", path),
        ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", &format!("cat {path}")),
    ];
    for extra in [&[][..], &["--keep-existing"], &["--no-inherit-env"]] {
        for chosen in variables.iter().map(Some).chain([None]) {
            let mut command = project.secrets(&["run"]);
            command.args(extra).args(["--", "cat", "/proc/self/environ"]);
            // One at a time, then all together: what is not used must not be handed on either.
            command.envs(variables.into_iter().filter(|one| chosen.is_none_or(|chosen| chosen == one)));
            let (stdout, _) = ends(command, 0);
            has(&stdout, &["A=value of A"]);
            for part in ["AGE-SECRET-KEY", "CARGO_SECRETS_IDENTITY", "SOPS_AGE", path] {
                assert!(!stdout.contains(part), "{chosen:?}: {part} is in {stdout:?}");
            }
        }
    }
}

#[test]
fn our_own_environment_block_shows_no_identity_while_we_work() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let key = std::fs::read_to_string(project.identity()).unwrap();
    let private = key.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap();
    std::fs::remove_file(project.identity()).unwrap();
    let (command, copy) = (project.root().join("key-command"), project.root().join("environ"));
    script(
        &command,
        &format!("#!/bin/sh\ncat /proc/$PPID/environ /proc/self/environ > '{}'\necho {private}\n", copy.display()),
    );
    let mut run = project.secrets(&["run", "--", "printenv", "TOKEN"]);
    run.env("SOPS_AGE_KEY_CMD", &command).env("SOPS_AGE_KEY_FILE", "/nowhere").env("MARK", "seen");
    run.env("SOPS_AGE_SSH_PRIVATE_KEY_FILE", "/nowhere");
    assert_eq!(ends(run, 0).0, "x\n");
    let seen = std::fs::read(copy).unwrap();
    let seen = String::from_utf8_lossy(&seen);
    assert_eq!(seen.matches("MARK=seen").count(), 2, "both blocks were read: {seen:?}");
    for part in ["AGE-SECRET-KEY", "SOPS_AGE", "/nowhere", "key-command"] {
        assert!(!seen.contains(part), "{part} is in {seen:?}");
    }
    let mut run = project.secrets(&["run", "--", "true"]);
    run.env("SOPS_AGE_KEY_CMD", &command).env("SOPS_AGE_KEY", private).env("MARK", "seen");
    ends(run, 0);
}

#[test]
fn cargo_with_the_values_in_its_environment_is_remarked() {
    let note = "build scripts and proc macros that cargo starts see these variables too";
    let run = |arguments: &[&str]| ends(shared().secrets(arguments), 0).1;
    has(&run(&["run", "--via", "env", "--", "cargo", "--version"]), &[note]);
    assert!(!run(&["run", "-q", "--via", "env", "--", "cargo", "--version"]).contains(note));
    assert!(!run(&["-q", "run", "--via", "env", "--", "cargo", "--version"]).contains(note));
    assert!(!run(&["run", "--", "cargo", "--version"]).contains(note), "it gets none of them");
    assert!(!run(&["run", "--", "true"]).contains(note));
}

#[test]
fn a_name_that_runs_code_is_not_taken_from_a_file() {
    let Some(sops) = tools::sops() else { return };
    let project = Project::new();
    for (name, message) in [("LD_PRELOAD", "programs run code"), ("SOPS_AGE_KEY", "identity variable")] {
        project.write("plain.json", format!("{{\"{name}\": \"x\"}}"));
        let output = project
            .sops(&sops, &["encrypt", "--age", &project.recipient(), "--output", "secrets/dev.json", "plain.json"]);
        assert!(output.status.success(), "{}", crate::support::shown(&output));
        has(&project.fails(125, &["run", "--", "true"]), &[&format!("`{name}`"), message]);
        has(&project.fails(125, &["run", "-f", "secrets/dev.json", "--", "true"]), &[&format!("`{name}`"), message]);
    }
}

#[test]
fn a_value_longer_than_a_variable_is_named() {
    let project = Project::new();
    let longest = 128 * 1024 - "TOKEN=".len() - 1;
    project.set("TOKEN", &"x".repeat(longest));
    assert_eq!(project.ok(&["run", "--", "sh", "-c", "echo ${#TOKEN}"]), format!("{longest}\n"));
    project.set("TOKEN", &"x".repeat(longest + 1));
    let stderr = project.fails(125, &["run", "--", "true"]);
    has(&stderr, &["`TOKEN` is 131066 bytes long", "128 KiB", "--except TOKEN"]);
    project.set("OTHER", "y");
    assert_eq!(project.ok(&["run", "--except", "TOKEN", "printenv", "OTHER"]), "y\n");
}

#[test]
fn too_much_together_names_the_largest() {
    let project = Project::new();
    // A shell with a small stack: 128 KiB are then the limit for all of argv and environment.
    project.set("SMALL", "x");
    for (name, length) in [("BIGGEST", 90_000), ("BIG", 80_000)] {
        project.set(name, &"x".repeat(length));
    }
    let mut command = project.command("sh");
    command.args(["-c", "ulimit -s 512; exec \"$P\" run -- /bin/true"]).env("P", crate::support::program());
    let (_, stderr) = ends(command, 125);
    has(&stderr, &["`BIGGEST` (90008), `BIG` (80004)", "--only"]);
    assert!(!stderr.contains("xxx"), "no value");
    assert_eq!(project.ok(&["run", "--", "sh", "-c", "echo ${#BIGGEST}"]), "90000\n");
}

#[test]
fn a_hundred_thousand_names_are_refused_in_words() {
    let project = Project::new();
    project.set("TOKEN", "x");
    // Empty values stand in the file as they are and add nothing to the MAC, so this is what `sops` would have written.
    let names: Vec<_> = (0..100_000).map(|number| format!("\t\"VARIABLE_{number}\": \"\",\n")).collect();
    let file = project.read("secrets/dev.json");
    project.write("secrets/dev.json", file.replacen("{\n", &format!("{{\n{}", names.concat()), 1));
    let mut command = project.command("sh");
    command.args(["-c", "ulimit -s 8192; exec \"$P\" run -- true"]).env("P", crate::support::program());
    let (_, stderr) = ends(command, 125);
    has(&stderr, &["2097152", "the largest: `", "--only"]);
    assert!(stderr.len() < 2_000, "{} bytes", stderr.len());
    assert_eq!(project.ok(&["run", "--only", "TOKEN,VARIABLE_77777", "printenv", "TOKEN"]), "x\n");
    let listed = project.ok(&["list", "--format", "json"]);
    assert_eq!(listed.matches("\"name\"").count(), 100_001);
}
