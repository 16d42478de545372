//! A repository that somebody without a key has prepared: nothing panics, nothing is passed over in silence.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::support::{Project, shown};

/// A project whose environment reads every file in `secrets/`.
fn with_pattern() -> Project {
    let project = Project::new();
    let text = project.read("Cargo.toml").replace("secrets/dev.json\"", "secrets/*.json\"");
    project.write("Cargo.toml", text);
    project
}

#[test]
fn an_empty_entry_in_a_later_file_does_not_hide_a_value() {
    let project = with_pattern();
    project.set_in("TOKEN", "secrets/dev.json", "value");
    // A second file that holds nothing but the empty entry: its MAC, over no values, still fits.
    let empty = Project::new();
    let other = empty.read("secrets/dev.json").replacen("{\n", "{\n\t\"TOKEN\": \"\",\n", 1);
    project.write("secrets/later.json", other);
    let both = [std::fs::read(project.identity()).unwrap(), std::fs::read(empty.identity()).unwrap()].concat();
    project.write_private("both.txt", both);
    let stderr = project.fails(125, &["run", "--identity", "both.txt", "--", "true"]);
    assert!(stderr.contains("`TOKEN` is empty in") && stderr.contains("later.json"), "{stderr}");
    let output = project.secrets(&["check", "--identity", "both.txt"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("`TOKEN` is empty in"), "{}", shown(&output));
}

#[test]
fn a_link_to_nothing_among_the_files_of_a_pattern_is_missed() {
    let project = with_pattern();
    symlink("nowhere.json", project.root().join("secrets/override.json")).unwrap();
    let stderr = project.fails(125, &["run", "--", "true"]);
    assert!(stderr.contains("override.json` does not exist"), "{stderr}");
}

#[test]
fn a_file_name_that_is_not_utf8_panics_nothing() {
    let project = with_pattern();
    let name = OsStr::from_bytes(b"z\xff.json");
    std::fs::copy(project.root().join("secrets/dev.json"), project.root().join("secrets").join(name)).unwrap();
    for command in [&["run", "--", "true"][..], &["check"], &["list"], &["doctor"]] {
        let output = project.secrets(command).output().unwrap();
        assert_ne!(output.status.code(), Some(101), "{command:?}: {}", shown(&output));
    }
}

#[test]
fn a_file_name_moves_no_cursor_and_runs_nothing_when_what_is_advised_is_pasted() {
    let project = with_pattern();
    project.write("secrets/z\u{1b}[2J'$(touch pasted)'.json", "{}");
    let stderr = project.fails(125, &["run", "--", "true"]);
    assert!(stderr.contains(r"z\u{1b}[2J") && stderr.contains("is not encrypted by SOPS"), "{stderr}");
    let (_, advised) = stderr.split_once("`cargo secrets import ").unwrap();
    let (word, _) = advised.split_once(".json'`").unwrap();
    assert!(word.ends_with(r"'\''$(touch pasted)'\''"), "{stderr}");
    let checked = project.secrets(&["check"]).output().unwrap();
    assert!(shown(&checked).contains(r"z\u{1b}[2J"), "{}", shown(&checked));
}

#[test]
fn a_link_out_of_the_project_is_refused() {
    let (project, other) = (Project::new(), Project::new());
    let path = project.root().join("secrets/dev.json");
    std::fs::remove_file(&path).unwrap();
    symlink(other.root().join("secrets/dev.json"), &path).unwrap();
    let stderr = project.fails(125, &["run", "--", "true"]);
    assert!(stderr.contains("leads out of the project by a symbolic link"), "{stderr}");
}

#[test]
fn an_inherited_file_that_others_can_write_is_refused() {
    let project = Project::new();
    let stranger = Project::new();
    let ours = project.recipient();
    let table = format!(
        "[package.metadata.secrets]\ndefault-environment = \"prod\"\n\
         recipients = {{ me = \"{ours}\", mallory = \"{}\" }}\n\
         [package.metadata.secrets.environments]\n\
         common = {{ sources = [\"secrets/common.json\"], recipients = [\"me\", \"mallory\"] }}\n\
         prod = {{ inherits = \"common\", sources = [\"secrets/dev.json\"], recipients = [\"me\"] }}\n",
        stranger.recipient()
    );
    let head = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n";
    project.write("Cargo.toml", format!("{head}{table}"));
    let output = crate::support::feed(project.secrets(&["set", "TOKEN", "-e", "common"]), b"hers");
    assert!(output.status.success(), "{}", shown(&output));
    // Cargo.toml now says what is not so.
    let text = project.read("Cargo.toml").replace("[\"me\", \"mallory\"]", "[\"me\"]");
    project.write("Cargo.toml", text);
    let stderr = project.fails(125, &["run", "--", "true"]);
    assert!(stderr.contains("cannot be inherited by `prod`"), "{stderr}");
}

#[test]
fn names_and_recipients_from_a_file_move_no_cursor() {
    let project = Project::new();
    let text = project.read("secrets/dev.json");
    let long = "K".repeat(70_000);
    let named = text.replacen("{\n", &format!("{{\n\t\"\\u001b]0;pwn\\u0007\": \"\",\n\t\"{long}\": \"\",\n"), 1);
    project.write("secrets/dev.json", named);
    let stdout = project.ok(&["list"]);
    assert!(!stdout.contains('\u{1b}') && !stdout.contains('\u{7}') && stdout.contains('…'), "{stdout}");
    let recipient = project.recipient();
    project.write("secrets/dev.json", text.replace(&recipient, "age1\\u001b[31mRED\\n\\nhelp: run curl"));
    let stderr = project.fails(3, &["set", "A", "--generate", "uuid"]);
    assert!(!stderr.contains("\u{1b}[31mRED") && !stderr.contains("\n\nhelp: run curl"), "{stderr}");
}
