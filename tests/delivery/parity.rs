//! **What cargo, nextest and the programs print, and how they end, is the same with and without us**: only times, numbers
//! of runs and threads, and cargo's mention of the runner are made alike before texts are compared.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use regex_lite::{Captures, Regex};

use crate::fixture::{Fixture, succeeds};
use crate::support::shown;
use crate::support::watch::watched;

/// What differs from run to run, and what it becomes.
fn alike(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let replace = |text: String, pattern: &str, by: &str| {
        Regex::new(pattern).unwrap().replace_all(&text, |_: &Captures<'_>| by.to_owned()).into_owned()
    };
    let text = replace(text.into_owned(), r"\[ *>? *\d+\.\d+s\]", "[TIME]");
    let text = replace(text, r"\d+\.\d+s", "TIME");
    let text = replace(text, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "RUN");
    let text = replace(text, r"' \(\d+\) panicked", "' panicked");
    let text = replace(text, r"rustdoctest[0-9A-Za-z]+", "RUSTDOCTEST");
    // cargo names the whole command where a program did not end well, nextest says that there is a runner.
    let text = replace(text, r"`[^`\n]*cargo-secrets'? runner [^ `]+ ", "`");
    replace(text, r"info: using target runner [^\n]*\n", "")
}

/// Runs both commands and expects the same; gives back what the bare one printed.
#[track_caller]
fn same(bare: &mut Command, ours: &mut Command) -> Output {
    let [bare_output, ours_output] = [watched(bare), watched(ours)];
    assert_eq!(ours_output.status, bare_output.status, "{}\n=== bare: {}", shown(&ours_output), shown(&bare_output));
    for (what, ours, bare) in
        [("stdout", &ours_output.stdout, &bare_output.stdout), ("stderr", &ours_output.stderr, &bare_output.stderr)]
    {
        let [ours, bare] = [ours, bare].map(|bytes| alike(bytes));
        let lines = ours.lines().zip(bare.lines()).find(|(ours, bare)| ours != bare);
        assert!(ours == bare, "{what} differs, first in {lines:?}\n=== ours:\n{ours}\n=== bare:\n{bare}");
    }
    bare_output
}

/// The suite, built.
fn suite() -> Fixture {
    let fixture = Fixture::suite();
    succeeds(&mut fixture.bare(&["cargo", "test", "--no-run", "--quiet"]));
    succeeds(&mut fixture.bare(&["cargo", "build", "--quiet"]));
    fixture
}

#[track_caller]
fn same_line(fixture: &Fixture, line: &[&str]) -> Output {
    same(&mut fixture.bare(line), &mut fixture.ours(line))
}

#[test]
fn cargo_tells_every_end_of_a_test_as_it_does_without_us() {
    let fixture = suite();
    let targets = ["--lib", "--test", "fails", "--test", "exits", "--test", "aborts", "--test", "killed"];
    let line = [&["cargo", "test", "--no-fail-fast"][..], &targets, &["--", "--test-threads=1"]].concat();
    let output = same_line(&fixture, &line);
    let (code, text) = (output.status.code(), alike(&output.stderr));
    assert_eq!(code, Some(101));
    for part in ["SIGABRT", "SIGKILL", "exit status: 42", "4 targets failed"] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
    for target in ["exits", "aborts", "killed"] {
        same_line(&fixture, &["cargo", "test", "--test", target, "--", "--test-threads=1"]);
        same_line(&fixture, &["cargo", "test", "--quiet", "--test", target, "--", "--test-threads=1"]);
    }
    same_line(&fixture, &["cargo", "test", "--no-such-option"]);
    same_line(&fixture, &["cargo", "test", "--test", "no-such-test"]);
    same_line(&fixture, &["cargo", "no-such-command"]);
}

#[test]
fn doctests_end_as_they_do_without_us() {
    let fixture = suite();
    let output = same_line(&fixture, &["cargo", "test", "--doc", "--", "--test-threads=1"]);
    assert!(alike(&output.stdout).contains("4 passed; 1 failed"), "{}", shown(&output));
}

#[test]
fn nothing_is_lost_of_much_output() {
    let fixture = suite();
    let line = ["cargo", "test", "--test", "much", "--", "--nocapture"];
    let output = same_line(&fixture, &line);
    assert!(output.stdout.len() > 8 << 20 && output.stderr.len() > 1 << 20, "{}", output.status);
    // Through pipes, too.
    let through = "\"$@\" 2>&1 | wc -c";
    let [bare, ours] = [fixture.bare(&line), fixture.ours(&line)].map(|command| {
        let mut shell = fixture.command("sh");
        shell.args(["-c", through, "sh"]).arg(command.get_program()).args(command.get_args());
        let count = String::from_utf8(succeeds(&mut shell).stdout).unwrap();
        count.trim().parse::<usize>().unwrap()
    });
    // The time that the tests took is the one thing that differs, by a digit.
    assert!(bare.abs_diff(ours) < 8, "{bare} bytes without us, {ours} with us");
}

#[test]
fn nextest_tells_every_end_of_a_test_as_it_does_without_us() {
    let fixture = suite();
    let line = ["cargo", "nextest", "run", "--no-fail-fast", "-j1", "-E", "not binary(many)"];
    let run = |mut command: Command, name: &str| {
        let files = ["leaked", "hung"].map(|what| fixture.outside().join(format!("{what}-{name}")));
        command.env("LEAKED", &files[0]).env("HUNG", &files[1]);
        (command, files)
    };
    let (mut bare, bare_files) = run(fixture.bare(&line), "bare");
    let (mut ours, ours_files) = run(fixture.ours(&line), "ours");
    let output = same(&mut bare, &mut ours);
    for part in ["1 leaky", "1 timed out", "SIGABRT", "SIGKILL", "SIGTERM", "LEAK"] {
        assert!(alike(&output.stderr).contains(part), "`{part}`: {}", shown(&output));
    }
    // A leaked child stays where it is; one of a test that took too long ends with it.
    let [bare, ours] = [bare_files, ours_files].map(|files| files.map(|file| lives(&file)));
    assert_eq!(bare, [true, false]);
    assert_eq!(ours, bare, "what lives on of the leaked child and the hung one");
}

/// Whether the process that the file names is there; it is not after that.
fn lives(file: &Path) -> bool {
    let pid = fs::read_to_string(file).unwrap();
    let comm = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let lives = comm.trim() == "sleep" && !fs::read_to_string(format!("/proc/{pid}/stat")).unwrap().contains(") Z ");
    if lives {
        assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    }
    lives
}

#[test]
fn nextest_lists_the_same_tests_and_runs_200_of_them() {
    let fixture = suite();
    same_line(&fixture, &["cargo", "nextest", "list"]);
    let run = |mut command: Command| {
        let output = succeeds(command.args(["-E", "binary(many)"]));
        let text = alike(&output.stderr);
        // Which of two comes first is chance.
        let counter = Regex::new(r"\( *\d+/200\)").unwrap();
        let mut lines: Vec<_> = text.lines().map(|line| counter.replace_all(line, "").into_owned()).collect();
        lines.sort();
        lines
    };
    let line = ["cargo", "nextest", "run", "-j16"];
    let bare = run(fixture.bare(&line));
    assert_eq!(bare.iter().filter(|line| line.contains("PASS")).count(), 200);
    assert_eq!(run(fixture.ours(&line)), bare);
}

#[test]
fn a_program_gets_what_it_gets_without_us() {
    let fixture = suite();
    let input = fixture.project.write("input", "one line\nand no end");
    let line = ["cargo", "run", "--quiet", "--bin", "report", "--", "7", "two words", "", "'\"$*", "\u{e9}\n"];
    let run = |mut command: Command| {
        let output = watched(command.stdin(Stdio::from(fs::File::open(&input).unwrap())));
        assert_eq!(output.status.code(), Some(7), "{}", shown(&output));
        assert!(output.stderr.is_empty(), "{}", shown(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        // Names of temporary files, and the group's number.
        let lines = text.lines().filter(|line| !line.starts_with("group"));
        let name = Regex::new(r"/[^ ]*/#?\.?[^/ ]* \(deleted\)").unwrap();
        lines.map(|line| standing(&name.replace_all(line, "TEMPORARY"))).collect::<Vec<_>>()
    };
    let mut bare = fixture.bare(&line);
    bare.env("TOKEN", &fixture.token.value);
    let bare = run(bare);
    let ours = run(fixture.ours(&line));
    let added: Vec<_> = ours.iter().filter(|line| !bare.contains(line)).collect();
    let missing: Vec<_> = bare.iter().filter(|line| !ours.contains(line)).collect();
    assert!(added.is_empty() && missing.is_empty(), "only with us: {added:#?}\nonly without us: {missing:#?}");
    assert_eq!(ours, bare, "the same lines in another order");
}

#[test]
fn a_program_runs_in_a_process_namespace_whose_group_is_outside() {
    let fixture = suite();
    // Only root may make one; what cannot be made here is no test of ours.
    let namespace = ["unshare", "--pid", "--fork", "--mount-proc"];
    if !fixture.command("unshare").args(&namespace[1..]).arg("true").output().is_ok_and(|made| made.status.success()) {
        eprintln!("skipped: no process namespace is to be had");
        return;
    }
    let ours = fixture.ours(&["cargo", "run", "--quiet", "--bin", "report", "--", "7"]);
    let mut within = fixture.command(namespace[0]);
    within.args(&namespace[1..]).arg(ours.get_program()).args(ours.get_args()).stdin(Stdio::null());
    let output = watched(&mut within);
    assert_eq!(output.status.code(), Some(7), "{}", shown(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("group 0 "), "{}", shown(&output));
}

/// The line without the two signals that belong to the C library: who spawned us ignores them or not by chance.
fn standing(line: &str) -> String {
    let mask = line.strip_prefix("status SigIgn:").and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.map_or_else(|| line.to_owned(), |mask| format!("status SigIgn: {:x}", mask & !(0b11 << 31)))
}

#[test]
fn the_folder_that_cargo_is_started_in_is_the_programs() {
    let fixture = suite();
    for folder in ["src", "tests"] {
        let line = ["cargo", "run", "--quiet", "--bin", "report"];
        let run = |mut command: Command| {
            let output = succeeds(command.current_dir(fixture.project.root().join(folder)));
            let text = String::from_utf8(output.stdout).unwrap();
            text.lines().filter(|line| line.starts_with("folder")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(run(fixture.ours(&line)), run(fixture.bare(&line)));
    }
}
