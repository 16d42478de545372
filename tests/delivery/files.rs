//! `deliver = "file"` through the runner: each program has files of its own, in the program domain too.

use std::fs;

use crate::fixture::Fixture;
use crate::support::tools;

/// A test that leaves what its file holds, and what a child of its reads from it, where the fixture looks.
const TEST: &str = r#"
use std::{env, fs, process::Command};

fn leave(name: &str) {
    let path = env::var("CERT").unwrap();
    assert!(path.starts_with("/proc/"), "{path}");
    let own = fs::read(&path).unwrap();
    let child = Command::new("cat").arg(&path).output().unwrap();
    assert!(child.status.success() && child.stdout == own);
    assert!(fs::write(&path, "changed").is_err());
    assert!(env::var_os("KEPT").is_none());
    fs::write(format!("{}/{name}", env::var("SEEN").unwrap()), own).unwrap();
}

#[test]
fn one() { leave("one") }

#[test]
fn two() { leave("two") }
"#;

fn fixture(value: &str) -> Fixture {
    let fixture = Fixture::suite();
    fixture.project.write("tests/file.rs", TEST);
    fixture.project.set("CERT", value);
    fixture.project.set("KEPT", "for others");
    let text = fixture.project.read("Cargo.toml");
    let declared = |text: String, name: &str, more: &str| {
        let line = format!("{name} = {{ kind = \"secret\" }}");
        assert!(text.contains(&line), "{text}");
        text.replace(&line, &format!("{name} = {{ kind = \"secret\", deliver = \"file\"{more} }}"))
    };
    let text = declared(text, "CERT", "");
    fixture.project.write("Cargo.toml", declared(text, "KEPT", ", packages = [\"nobody\"]"));
    fixture
}

fn seen(fixture: &Fixture, name: &str) -> Vec<u8> {
    fs::read(fixture.project.home().join("seen").join(name)).unwrap()
}

#[test]
fn each_program_of_cargo_and_nextest_reads_its_own_file() {
    // More than a variable holds.
    let value = "0123456789\n\"'\u{1}".repeat(80_000);
    let fixture = fixture(&value);
    fixture.runs(&["cargo", "test", "--quiet", "--test", "file"]);
    assert!(seen(&fixture, "one") == value.as_bytes() && seen(&fixture, "two") == value.as_bytes());
    if tools::nextest().is_some() {
        fs::remove_file(fixture.project.home().join("seen/one")).unwrap();
        fixture.runs(&["cargo", "nextest", "run", "-E", "binary(file)"]);
        assert!(seen(&fixture, "one") == value.as_bytes());
    }
}

#[test]
fn the_users_own_runner_hands_over_files_too() {
    let fixture = fixture("geheim");
    let mut command = fixture.command(crate::support::program());
    command.args(["runner", "sh", "-c", "cat \"$CERT\""]).env("CARGO_MANIFEST_DIR", fixture.project.root());
    assert_eq!(crate::fixture::succeeds(&mut command).stdout, b"geheim");
}

#[test]
fn cargo_and_what_compiles_inherit_no_file() {
    let fixture = fixture("geheim");
    fixture.project.write(
        "build.rs",
        "fn main() {\n    assert!(std::env::var_os(\"CERT\").is_none());\n    for fd in std::fs::read_dir(\"/proc/self/fd\").unwrap() {\n        \
         let link = std::fs::read_link(fd.unwrap().path()).unwrap_or_default();\n        \
         assert!(!link.to_string_lossy().contains(\"memfd:secret\"), \"{}\", link.display());\n    }\n}\n",
    );
    fixture.runs(&["cargo", "test", "--quiet", "--test", "file", "one"]);
    assert_eq!(seen(&fixture, "one"), b"geheim");
}
