//! What SECURITY.md says beside its table.

use super::house::kernel_has_scopes;
use super::stage::{Report, Stage, User};
use super::{COMPILING, ROWS, chosen};
use crate::support::shown;

/// Asserts whether all these attacks of `who` succeeded.
#[track_caller]
fn expect(report: &Report, who: &str, attacks: &[&str], open: bool) {
    for attack in attacks {
        let found = report.get(&(who.to_owned(), (*attack).to_owned()));
        assert_eq!(found.map(|found| found.open), Some(open), "{who} {attack}: {found:?} in {report:#?}");
    }
}

/// What nothing that compiles gets in the build domain.
const KEYS: &[&str] = &["value", "identity", "ssh", "aws", "cargo-token", "agent", "tcp", "bashrc", "source", "signal"];

#[test]
fn plain_cargo_is_not_protected() {
    for user in User::all() {
        let report = Stage::new(*user).plain(&["run"]);
        for who in ["build", "macro", "linked", "pretender"] {
            expect(&report, who, KEYS.get(1..).unwrap(), true);
        }
    }
}

#[test]
fn a_command_that_runs_no_program_gives_nobody_values() {
    if !kernel_has_scopes() {
        return;
    }
    for user in User::all() {
        let report = Stage::new(*user).run(&["run", "--", "cargo", "build"]);
        for who in ["build", "macro", "pretender"] {
            expect(&report, who, KEYS, false);
        }
        expect(&report, "other", &["value"], false);
        // What pretends to be a program stays where it is, and ends with the build.
        expect(&report, "pretender", &["daemon"], false);
    }
}

#[test]
fn a_plain_build_in_the_sandbox_is_confined_as_one_with_values_is() {
    if !kernel_has_scopes() {
        return;
    }
    let bare = Stage::new(User::ours()).plain(&["build"]);
    let report = Stage::new(User::ours()).run(&["sandbox", "--", "cargo", "build"]);
    let confined = Stage::new(User::ours()).run(&["run", "--", "cargo", "build"]);
    for row in ROWS.iter().filter(|row| row.name.starts_with("compiling") && row.who == COMPILING) {
        let [ours, theirs] = [&report, &confined].map(|report| chosen(row, report, &bare));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours.open, theirs.open, "{}: {ours:?}", row.name);
        }
    }
    expect(&report, "pretender", KEYS, false);
    expect(&report, "build", &["daemon", "bomb"], false);
}

#[test]
fn a_package_that_is_named_keeps_the_values_of_others_from_it() {
    let report = Stage::new(User::ours()).run(&["run", "--", "cargo", "run", "-p", "app"]);
    expect(&report, "other", &["value"], false);
    expect(&report, "linked", &["value"], true);
}

#[test]
fn without_a_network_nothing_is_sent() {
    if !kernel_has_scopes() {
        return;
    }
    let stage = Stage::new(User::ours());
    stage.declare("\n[workspace.metadata.secrets.sandbox]\nnetwork = \"none\"\n");
    let report = stage.run(&["run", "--", "cargo", "test", "--test", "attacked"]);
    expect(&report, "build", &["https", "udp", "tcp", "mptcp", "fastopen"], false);
    // It is the build's network: a program has all of it.
    expect(&report, "pretender", &["https", "udp", "tcp"], true);
}

#[test]
fn a_build_script_can_break_the_run_but_not_hang_it() {
    let stage = Stage::new(User::ours());
    let (output, report) = stage.vandalized("shutdown", &["run", "--", "cargo", "run"]);
    expect(&report, "build", &["shutdown"], true);
    assert!(!output.status.success(), "the program cannot be started: {}", shown(&output));
    let (output, report) = stage.vandalized("stall", &["run", "--", "cargo", "run"]);
    expect(&report, "caller", &["stall"], true);
    assert!(output.status.success(), "others are served: {}", shown(&output));
    expect(&report, "linked", &["value"], true);
    expect(&report, "build", &["caller"], false);
}

#[test]
fn a_folder_that_a_build_made_a_link_is_not_built_in() {
    let stage = Stage::new(User::ours());
    let (_, report) = stage.vandalized("link", &["run", "--", "cargo", "build"]);
    expect(&report, "build", &["link"], true);
    let output = stage.again(&["run", "--", "cargo", "build", "--target-dir", "target/later"]);
    assert_eq!(stage.elsewhere(), ["identity.txt", "notes.txt"], "{}", shown(&output));
}

#[test]
fn a_runner_of_the_user_s_starts_what_pretends_to_be_a_program_too() {
    let stage = Stage::new(User::ours());
    let list = stage.write("started", "");
    let script = format!("#!/bin/sh\necho \"$@\" >> {}\nexec \"$@\"\n", list.display());
    let runner = stage.write("runner.sh", &script);
    let settings = format!("[target.'cfg(all())']\nrunner = [\"sh\", {:?}]\n", runner.display().to_string());
    stage.write(".cargo/config.toml", &settings);
    let report = stage.run(&["run", "--", "cargo", "run"]);
    expect(&report, "pretender", &["value"], true);
    let started = std::fs::read_to_string(list).unwrap();
    assert!(started.contains("build-script-build"), "{started}");
}

#[test]
fn a_build_script_cannot_ask_for_a_passphrase() {
    let stage = Stage::new(User::ours());
    let free = stage.at_terminal("ask", &["run", "--no-sandbox", "--", "cargo", "build"]);
    expect(&free, "build", &["ask"], true);
    let confined = stage.at_terminal("ask", &["run", "--", "cargo", "build"]);
    expect(&confined, "build", &["ask"], false);
    // What gets into a runner has the terminal that the program is to have. Nothing gets into the small one.
    let small = stage.at_terminal("plant", &["run", "--", "cargo", "run"]);
    assert!(!small.keys().any(|(who, row)| who == "planted" && row == "terminal"), "{small:?}");
    let whole = stage.at_terminal("plant", &["run", "--sandbox", "--", "sh", "-c", "cargo run"]);
    expect(&whole, "planted", &["terminal"], true);
}

#[test]
fn a_build_that_is_traced_is_confined_as_any_other() {
    if !kernel_has_scopes() {
        return;
    }
    let stage = Stage::new(User::ours());
    // A failed build is repeated under the tracer, to tell what was refused.
    let (output, report) = stage.vandalized("fail", &["run", "--", "cargo", "build"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("sandbox.write"), "{}", shown(&output));
    expect(&report, "build", KEYS, false);
    expect(&report, "build", &["daemon", "bomb"], false);
    let (output, report) = stage.vandalized("fail", &["sandbox", "--trace", "--", "cargo", "build"]);
    assert!(!output.status.success(), "{}", shown(&output));
    expect(&report, "build", KEYS, false);
    expect(&report, "build", &["daemon", "bomb"], false);
}
