//! The runner where it is not what it is meant to be: started by hand, by something that closed its descriptor, for a
//! program that is none of cargo's.

use std::process::Command;

use crate::fixture::{Fixture, host, succeeds};
use crate::support::watch::watched;
use crate::support::{program, shown, tools};

/// The runner as `run` has cargo start it.
fn runner(fixture: &Fixture, words: &[&str]) -> Command {
    let mut command = fixture.command(program());
    command.args(["runner", &format!("--target={}", host())]).args(words);
    command
}

#[track_caller]
fn refuses(command: &mut Command, message: &str) {
    let output = watched(command);
    assert_eq!(output.status.code(), Some(125), "{}", shown(&output));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains(message) && stderr.contains("help: "), "{}", shown(&output));
}

#[test]
fn without_a_parent_it_says_who_starts_it() {
    let fixture = Fixture::suite();
    refuses(&mut runner(&fixture, &["touch", "started"]), "there is none");
    for number in ["987", "x", "-1", "", "99999999999999999999"] {
        let mut command = runner(&fixture, &["touch", "started"]);
        refuses(command.env("CARGO_SECRETS_PARENT", number), "the descriptor to `cargo secrets run` is closed");
    }
    // Open, and something else.
    refuses(
        runner(&fixture, &["touch", "started"]).env("CARGO_SECRETS_PARENT", "0"),
        "the descriptor to `cargo secrets run` is closed",
    );
    refuses(&mut runner(&fixture, &[]), "there is no program to run");
    assert!(!fixture.project.root().join("started").exists());
}

#[test]
fn who_closes_the_descriptor_is_told_to_leave_it_open() {
    let fixture = Fixture::suite();
    // Python closes what it was not told to leave open.
    let script = |options: &str| {
        format!(
            "import subprocess; subprocess.run(['cargo', 'test', '--quiet', '--test', 'many']{options}, check=True)"
        )
    };
    let ours = |options: &str| fixture.ours_with(&["--via", "runner"], &["python3", "-c", &script(options)]);
    let output = watched(&mut ours(""));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("must leave its descriptors open") && !output.status.success(), "{}", shown(&output));
    succeeds(&mut ours(", close_fds=False"));
}

#[test]
fn a_program_that_is_none_of_cargos_gets_no_value() {
    let fixture = Fixture::suite();
    let variable = format!("CARGO_TARGET_{}_RUNNER", host().to_uppercase().replace('-', "_"));
    let script = format!("${variable} printenv PATH TOKEN; ${variable} \"$(command -v printenv)\" PATH TOKEN");
    let output = watched(&mut fixture.ours_with(&["--via", "runner"], &["sh", "-c", &script]));
    assert!(!fixture.token.is_in(&output.stdout), "{}", shown(&output));
    // It runs all the same.
    assert!(String::from_utf8_lossy(&output.stdout).contains("/usr/bin"), "{}", shown(&output));
}

#[test]
fn nextest_with_200_programs_at_once() {
    if tools::nextest().is_none() {
        return;
    }
    let fixture = Fixture::suite();
    let output = fixture.runs(&["cargo", "nextest", "run", "--test-threads", "200", "-E", "binary(many)"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("200 tests run: 200 passed"), "{}", shown(&output));
}
