//! `run --explain`: **what it says of a name is what the programs then see**, and nothing is started for it.

use crate::fixture::{Fixture, succeeds};

/// The workspace with a variable for each way, and `lines` in its table.
fn workspace(lines: &str) -> Fixture {
    let fixture = Fixture::workspace();
    let mut text = fixture.project.read("Cargo.toml");
    let variables = "PUBLISH = { default = 'x', kind = 'key', deliver = 'cargo' }\nBUILD = { default = 'x', kind = 'key', deliver = 'build' }";
    for (table, lines) in
        [("[workspace.metadata.secrets]\n", lines), ("[workspace.metadata.secrets.variables]\n", variables)]
    {
        assert!(text.contains(table), "{text}");
        text = text.replacen(table, &format!("{table}{lines}\n"), 1);
    }
    fixture.project.write("Cargo.toml", text);
    fixture
}

/// What is said with these options of this command.
#[track_caller]
fn explained(fixture: &Fixture, options: &[&str], line: &[&str]) -> String {
    let output = succeeds(&mut fixture.ours_with(&[&["--explain"], options].concat(), line));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains('\\'), "{text}");
    text
}

/// Expects each of these rows or lines, however wide its columns are.
#[track_caller]
fn says(text: &str, rows: &[&str]) {
    let found: Vec<_> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for row in rows {
        assert!(found.iter().any(|line| line.starts_with(row)), "`{row}` is not in {text}");
    }
}

#[test]
fn cargo_for_itself_is_outside_and_gets_what_is_for_it() {
    let fixture = workspace("");
    for line in [&["cargo", "fmt"][..], &["cargo", "add", "x"], &["cargo", "test", "--help"]] {
        let text = explained(&fixture, &[], line);
        says(&text, &["sandbox: none: cargo builds nothing here", "TOKEN nobody", "API_TOKEN nobody"]);
        says(&text, &["PUBLISH cargo itself `deliver = \"cargo\"`", "BUILD nobody"]);
        assert!(!text.contains("--sandbox") && !text.contains("programs:"), "{text}");
    }
    let text = explained(&fixture, &[], &["cargo", "publish"]);
    says(&text, &["sandbox: none: cargo and the build scripts", "PUBLISH cargo and the build scripts it runs"]);
}

#[test]
fn what_starts_no_program_gives_nobody_anything() {
    let fixture = workspace("");
    for line in [&["cargo", "build"][..], &["cargo", "fix"], &["cargo", "clippy"]] {
        let text = explained(&fixture, &["--expose-to-build", "WEB_TOKEN"], line);
        says(&text, &["programs: none are started", "TOKEN nobody the command starts no program", "API_TOKEN nobody"]);
        says(&text, &["BUILD build scripts, macros `deliver", "WEB_TOKEN build scripts, macros `deliver"]);
    }
}

#[test]
fn a_restricted_name_goes_to_its_programs_where_the_command_is_for_them() {
    let fixture = workspace("sandbox.inside = ['xtask']");
    let text = explained(&fixture, &[], &["cargo", "test"]);
    says(&text, &["API_TOKEN programs of api", "WEB_TOKEN programs of web", "TOKEN every program but those of xtask"]);
    says(&text, &["inside: programs of xtask stay where cargo is, without values"]);
    says(&text, &["BUILD build scripts, macros, every program but those of xtask"]);
    let text = explained(&fixture, &[], &["cargo", "test", "-p", "web"]);
    says(
        &text,
        &[
            "API_TOKEN nobody `packages`: api",
            "WEB_TOKEN programs of web",
            "TOKEN every program but those of xtask no `packages`",
        ],
    );
    says(
        &explained(&fixture, &[], &["true"]),
        &["API_TOKEN nobody `packages`: for programs of api", "TOKEN the program"],
    );
    says(&explained(&fixture, &["-p", "api"], &["true"]), &["API_TOKEN the program", "WEB_TOKEN nobody"]);
    says(&explained(&fixture, &["--via", "env"], &["cargo", "test"]), &["TOKEN cargo and all that it starts"]);
}

#[test]
fn what_is_for_cargo_goes_to_it_where_it_is_started_for_that() {
    let fixture = workspace("");
    says(&explained(&fixture, &[], &["cargo", "test"]), &["PUBLISH `cargo fetch`, where something is missing"]);
    says(&explained(&fixture, &["--no-sandbox"], &["cargo", "test"]), &["PUBLISH nobody `deliver = \"cargo\"`"]);
    says(&explained(&fixture, &[], &["make", "test"]), &["PUBLISH nobody", "sandbox: none: it may start anything"]);
    says(&explained(&fixture, &["--via", "env"], &["true"]), &["PUBLISH the program"]);
}

#[test]
fn what_would_not_start_is_said_to() {
    let fixture = workspace("sandbox = 'require'");
    let text = explained(&fixture, &[], &["make", "test"]);
    says(&text, &["sandbox: nothing would start: a sandbox is required", "TOKEN nobody nothing would start"]);
    says(
        &explained(&fixture, &["--sandbox"], &["true"]),
        &["sandbox: nothing would start: `--sandbox` is for what builds"],
    );
}
