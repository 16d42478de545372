//! What `run` says of a program that failed: **only what may have been the reason.**

use crate::fixture::Fixture;
use crate::support::shown;
use crate::support::watch::watched;

/// What is said of a command that fails.
#[track_caller]
fn said(fixture: &Fixture, line: &[&str]) -> String {
    let output = watched(&mut fixture.aloud(line));
    assert!(!output.status.success(), "{}", shown(&output));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_a_test_could_not_see_is_named_with_the_lines_that_show_it() {
    let fixture = Fixture::suite();
    fixture.project.write("../home/.aws/credentials", "x");
    let text = said(&fixture, &["cargo", "test", "--quiet", "--test", "exits"]);
    let settings = fixture.project.home().join(".config/cargo-secrets/config.toml");
    let line = format!("to show them one: `sandbox.unhide = [\"~/.aws\"]` in {}", settings.display());
    assert!(text.contains("programs did not see ~/.aws, ~/.config/cargo-secrets") && text.contains(&line), "{text}");
    assert!(text.contains("`sandbox.program = false` in Cargo.toml lifts that"), "{text}");

    let manifest = fixture.project.read("Cargo.toml");
    let table = ["[package.metadata.secrets]\n", "[workspace.metadata.secrets]\n"];
    let table = table.into_iter().find(|table| manifest.contains(table)).unwrap();
    fixture.project.write("Cargo.toml", manifest.replacen(table, &format!("{table}sandbox.program = false\n"), 1));
    let text = said(&fixture, &["cargo", "test", "--quiet", "--test", "exits"]);
    assert!(!text.contains("programs did not see") && !text.contains("new entries"), "{text}");
}

#[test]
fn of_a_program_that_sees_all_nothing_is_said() {
    let fixture = Fixture::suite();
    fixture.project.write("src/bin/fails.rs", "fn main() {\n    std::process::exit(3);\n}\n");
    for line in [&["cargo", "run", "-q", "--bin", "fails"][..], &["sh", "-c", "cargo run -q --bin fails"]] {
        let text = said(&fixture, line);
        assert!(!text.contains("programs did not see") && !text.contains("new entries"), "{line:?}: {text}");
    }
    let text = said(&fixture, &["sh", "-c", "cargo test -q --test exits"]);
    assert!(text.contains("programs did not see"), "{text}");
}

#[test]
fn a_folder_made_meanwhile_is_named_as_what_may_be_closed() {
    let fixture = Fixture::suite();
    let variable = format!("CARGO_TARGET_DIR={}", fixture.project.home().join("new").display());
    let line = ["env", &variable, "cargo", "test", "-q", "--test", "many"];
    let text = said(&fixture, &line);
    assert!(text.contains("Permission denied") && text.contains("help: where its folder is new"), "{text}");
    let output = watched(&mut fixture.aloud(&line));
    assert!(output.status.success(), "{}", shown(&output));
}
