//! What the program says of itself: `--help` of every command as it was agreed on, completions, manual pages, colours;
//! and that cargo finds it.

use std::path::{Path, PathBuf};
use std::process::Command;

use snapbox::assert_data_eq;

use crate::fixture::{ends, has, texts};
use crate::run_semantics::shared;
use crate::support::{feed, program};

const COMMANDS: &[&[&str]] = &[
    &[],
    &["init"],
    &["run"],
    &["shell"],
    &["hook"],
    &["sandbox"],
    &["set"],
    &["edit"],
    &["get"],
    &["unset"],
    &["import"],
    &["export"],
    &["list"],
    &["rename"],
    &["copy"],
    &["diff"],
    &["env"],
    &["env", "add"],
    &["env", "list"],
    &["env", "remove"],
    &["check"],
    &["lint"],
    &["doctor"],
    &["identity"],
    &["identity", "new"],
    &["identity", "show"],
    &["recipients"],
    &["recipients", "add"],
    &["recipients", "list"],
    &["recipients", "request"],
    &["recipients", "sync"],
    &["demo"],
    &["completions"],
    &["man"],
];

fn snapshot(name: &str) -> snapbox::Data {
    let file = format!("snapshots/{name}.txt");
    snapbox::Data::read_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cli").join(file), None).raw()
}

#[test]
fn the_help_of_every_command_is_what_was_agreed_on() {
    for command in COMMANDS {
        let arguments: Vec<_> = command.iter().copied().chain(["--help"]).collect();
        // The width of a terminal is not the tester's; a variable that sets a default is shown, so it is away.
        let mut help = shared().secrets(&arguments);
        help.env("COLUMNS", "100");
        let (stdout, stderr) = ends(help, 0);
        assert_eq!(stderr, "");
        let name = if command.is_empty() { "cargo-secrets".to_owned() } else { command.join("-") };
        assert_data_eq!(stdout, snapshot(&name));
    }
}

#[test]
fn every_command_stands_in_the_help_and_in_a_snapshot() {
    let help = shared().ok(&["--help"]);
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let names: Vec<_> = list
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty())
        .collect();
    let known: Vec<_> = COMMANDS.iter().filter_map(|command| command.first().copied()).collect();
    let unknown: Vec<_> = names.iter().filter(|name| !known.contains(name)).collect();
    assert!(names.len() >= 12 && unknown.is_empty(), "without a snapshot: {unknown:?}");
}

#[test]
fn help_goes_to_stdout_and_mistakes_to_stderr() {
    assert_eq!(ends(shared().secrets(&["-h"]), 0).1, "");
    for wrong in [&[][..], &["nope"], &["--nope"], &["list", "extra"], &["help"], &["get"], &["identity"]] {
        let (stdout, stderr) = ends(shared().secrets(wrong), 2);
        assert_eq!(stdout, "", "{wrong:?}");
        has(&stderr, &["Usage:"]);
    }
    has(&ends(shared().secrets(&["lits"]), 2).1, &["'list'"]);
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(shared().ok(&["--version"]), format!("cargo-secrets {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(shared().ok(&["-V"]), shared().ok(&["secrets", "-V"]));
}

#[test]
fn cargo_finds_it_as_a_subcommand() {
    let folder = program().parent().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path))).unwrap();
    let cargo = |arguments: &[&str]| {
        let mut command = shared().command("cargo");
        command.args(arguments).env("PATH", &path);
        command
    };
    assert_eq!(ends(cargo(&["secrets", "run", "--", "printenv", "A"]), 0).0, "value of A\n");
    assert_eq!(ends(cargo(&["secrets", "get", "A"]), 0).0, "value of A");
    has(&ends(cargo(&["secrets", "-e", "dev", "list"]), 0).0, &["A     secret"]);
    assert_eq!(ends(cargo(&["secrets", "--version"]), 0).0, shared().ok(&["--version"]));
    ends(cargo(&["secrets", "run", "--", "sh", "-c", "exit 42"]), 42);
}

#[test]
fn completions_are_scripts_of_their_shells() {
    for (shell, part) in
        [("bash", "complete -F"), ("zsh", "#compdef cargo-secrets"), ("fish", "complete -c cargo-secrets")]
    {
        let script = shared().ok(&["completions", shell]);
        has(&script, &[part, "doctor", "recovery"]);
        let mut check = Command::new(shell);
        check.arg("-n");
        if Command::new(shell).arg("--version").output().is_ok() {
            let output = feed(check, script.as_bytes());
            assert!(output.status.success(), "{shell}: {}", texts(&output).1);
        } else {
            eprintln!("not checked: `{shell}` is not installed");
        }
    }
    has(&shared().fails(2, &["completions", "tcsh"]), &["tcsh", "bash"]);
}

#[test]
fn manual_pages_are_printed_and_written() {
    has(&shared().ok(&["man"]), &[".TH", "cargo\\-secrets", "doctor"]);
    let folder = tempfile::tempdir().unwrap();
    let to: PathBuf = folder.path().join("man1");
    assert_eq!(shared().ok(&["man", "--output", to.to_str().unwrap()]), "");
    let pages: Vec<_> = std::fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(pages.len() >= 13, "{pages:?}");
    for page in pages {
        has(&std::fs::read_to_string(page).unwrap(), &[".TH", ".SH NAME", "secrets"]);
    }
}

#[test]
fn colours_follow_the_usual_variables() {
    let coloured = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = shared().secrets(arguments);
        command.envs(variables.iter().copied());
        let output = command.output().unwrap();
        let (stdout, stderr) = texts(&output);
        (stdout.contains("\u{1b}["), stderr.contains("\u{1b}["))
    };
    for (arguments, on) in
        [(&["list"][..], (true, false)), (&["check"], (false, true)), (&["get", "NONE"], (false, true))]
    {
        assert_eq!(coloured(&[], arguments), (false, false), "{arguments:?}: no terminal");
        assert_eq!(coloured(&[("CLICOLOR_FORCE", "1")], arguments), on, "{arguments:?}: forced");
        assert_eq!(
            coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], arguments),
            (false, false),
            "{arguments:?}: forbidden"
        );
    }
    assert_eq!(coloured(&[("CLICOLOR_FORCE", "1")], &["list", "--format", "json"]), (false, false));
    assert_eq!(coloured(&[("CLICOLOR_FORCE", "1")], &["get", "A"]), (false, false));
}

#[test]
fn quiet_says_nothing_and_verbose_says_how() {
    assert_eq!(ends(shared().secrets(&["check", "-q"]), 0), (String::new(), String::new()));
    let (_, stderr) = ends(shared().secrets(&["run", "-v", "--", "true"]), 0);
    has(&stderr, &["decrypted with the identity in `", "3 names from environment `dev`"]);
    has(&shared().fails(2, &["list", "-q", "-v"]), &["cannot be used with"]);
    has(&shared().fails(2, &["get", "NONE", "-q"]), &["error: `NONE` has no value"]);
}
