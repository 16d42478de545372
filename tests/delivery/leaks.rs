//! **After a build and its programs no value is in the target folder, in any form, and each program saw what its package
//! may see**: a dependency's build script and macro keep all of the environment they get.

use std::fs;

use crate::fixture::{Fixture, host, succeeds};
use crate::support::shown;
use crate::support::watch::watched;

/// What `cargo test` starts.
const TESTS: [&str; 5] = ["api-doctest", "api-integration", "api-unit", "web-doctest", "web-unit"];

/// What `cargo nextest run` starts.
const UNITS: [&str; 3] = ["api-integration", "api-unit", "web-unit"];

#[test]
fn through_the_environment_a_value_is_cached_and_the_search_sees_it() {
    let fixture = Fixture::workspace();
    succeeds(&mut fixture.ours_with(&["--via", "env"], &["cargo", "test", "--quiet"]));
    let files = fixture.token.files_below(&fixture.project.root().join("target"));
    // The build script's output, the file it wrote, the library that has the macro's string, a program.
    assert!(files.len() > 3, "{files:?}");
    assert!(files.iter().any(|file| file.ends_with("/environment")), "{files:?}");
    assert!(files.iter().any(|file| file.contains("libnosy-")), "{files:?}");
}

#[test]
fn test_run_bench_and_nextest_leave_no_value_and_each_program_sees_its_own() {
    let fixture = Fixture::workspace();
    let ways: [(&[&str], &[&str]); 8] = [
        (&["cargo", "test"], &TESTS),
        (&["cargo", "nextest", "run"], &UNITS),
        (&["cargo", "bench"], &["api-bench"]),
        (&["cargo", "run", "-p", "web"], &["web-program"]),
        (&["cargo", "run", "--bin", "api"], &["api-program"]),
        (&["cargo", "run", "--release", "--bin", "api"], &["api-program"]),
        (&["cargo", "run", "--example", "example"], &["api-example"]),
        (&["cargo", "build", "--workspace", "--all-targets"], &[]),
    ];
    for (line, programs) in ways {
        fixture.stale();
        fixture.runs(line);
        fixture.each_saw_its_own(programs);
    }
    fixture.nothing_is_cached();
}

#[test]
fn with_a_target_too() {
    let fixture = Fixture::workspace();
    let host = host();
    fixture.runs(&["cargo", "test", "--target", &host]);
    fixture.each_saw_its_own(&TESTS);
    fixture.runs(&["cargo", "nextest", "run", "--target", &host]);
    fixture.each_saw_its_own(&UNITS);
    assert!(fixture.project.root().join("target").join(&host).is_dir());
    succeeds(fixture.ours(&["cargo", "run", "--bin", "web"]).env("CARGO_BUILD_TARGET", &host));
    fixture.each_saw_its_own(&["web-program"]);
    fixture.project.write("web/.cargo/config.toml", "[build]\ntarget = [\"host-tuple\"]\n");
    succeeds(fixture.ours(&["cargo", "run"]).current_dir(fixture.project.root().join("web")));
    fixture.each_saw_its_own(&["web-program"]);
    fixture.nothing_is_cached();
}

#[test]
fn with_spaces_in_the_paths_of_the_project_and_of_ourselves() {
    let mut fixture = Fixture::workspace_in("it's a project");
    fixture.install("my programs");
    fixture.runs(&["cargo", "test"]);
    fixture.each_saw_its_own(&TESTS);
    fixture.runs(&["cargo", "nextest", "run"]);
    fixture.each_saw_its_own(&UNITS);
    fixture.nothing_is_cached();
}

#[test]
fn a_name_exposed_to_the_build_is_there_and_no_other() {
    let fixture = Fixture::workspace();
    let output = succeeds(&mut fixture.ours_with(&["--expose-to-build", "TOKEN"], &["cargo", "test"]));
    fixture.each_saw_its_own(&TESTS);
    let target = fixture.project.root().join("target");
    assert!(!fixture.token.files_below(&target).is_empty(), "{}", shown(&output));
    for other in [&fixture.api, &fixture.web] {
        assert!(other.files_below(&target).is_empty(), "{}", shown(&output));
    }
}

#[test]
fn a_name_declared_for_the_build_is_there_and_no_other() {
    let fixture = Fixture::workspace();
    let text = fixture.project.read("Cargo.toml");
    let declared = text.replace("TOKEN = { kind = \"secret\" }", "TOKEN = { kind = \"secret\", deliver = \"build\" }");
    assert_ne!(declared, text);
    fixture.project.write("Cargo.toml", declared);
    fixture.runs(&["cargo", "test"]);
    fixture.each_saw_its_own(&TESTS);
    let target = fixture.project.root().join("target");
    assert!(!fixture.token.files_below(&target).is_empty());
    assert!(fixture.api.files_below(&target).is_empty() && fixture.web.files_below(&target).is_empty());
}

/// A runner that writes down its arguments, each in brackets, and becomes the program after the first two.
const RUNNER: &str = "#!/bin/sh\nfor word in \"$@\"; do printf '[%s]' \"$word\"; done >> \"$LOG\"\necho >> \"$LOG\"\n\
                      shift 2\nexec \"$@\"\n";

#[test]
fn a_runner_that_is_there_already_is_started_with_its_arguments() {
    let fixture = Fixture::workspace();
    let runner = fixture.project.write("tools/runner.sh", RUNNER);
    let mode = std::process::Command::new("chmod").arg("755").arg(&runner).status().unwrap();
    assert!(mode.success());
    let (host, config, log) = (host(), fixture.project.read(".cargo/config.toml"), fixture.outside().join("log"));
    let tables = [
        // A path with a slash is relative to the folder that `.cargo` is in.
        (format!("[target.{host}]\nrunner = \"tools/runner.sh one two\""), "[one][two]"),
        (format!("[target.{host}]\nrunner = [\"sh\", \"{}\", \"one more\", \"\"]", runner.display()), "[one more][]"),
        ("[target.'cfg(unix)']\nrunner = \"tools/runner.sh  one   two\"".to_owned(), "[one][two]"),
        ("[target.'cfg(all())']\nrunner = [\"tools/runner.sh\", \"a b\", \"two\"]".to_owned(), "[a b][two]"),
        (
            format!(
                "[target.{host}]\nrunner = \"tools/runner.sh the triple\"\n[target.'cfg(unix)']\nrunner = \"false\""
            ),
            "[the][triple]",
        ),
    ];
    let line = ["cargo", "test", "--test", "integration", "-p", "api"];
    for (table, words) in tables {
        fixture.project.write(".cargo/config.toml", format!("{config}\n{table}\n"));
        succeeds(fixture.ours(&line).env("LOG", &log));
        was_chained(&fixture, &log, words);
    }
    fixture.project.write(".cargo/config.toml", format!("{config}\n[target.{host}]\nrunner = \"false\"\n"));
    let variable = format!("CARGO_TARGET_{}_RUNNER", host.to_uppercase().replace('-', "_"));
    let mut command = fixture.ours(&line);
    succeeds(command.env("LOG", &log).env(variable, format!("sh {} by variable", runner.display())));
    was_chained(&fixture, &log, "[by][variable]");
    fixture.nothing_is_cached();
}

#[track_caller]
fn was_chained(fixture: &Fixture, log: &std::path::Path, words: &str) {
    let told = fs::read_to_string(log).unwrap();
    fs::remove_file(log).unwrap();
    let start = format!("{words}[{}/target/debug/deps/integration-", fixture.project.root().display());
    assert!(told.starts_with(&start) && told.lines().count() == 1, "{told} does not start with {start}");
    fixture.each_saw_its_own(&["api-integration"]);
}

#[test]
fn a_runner_that_does_not_exist_is_an_error_that_names_it() {
    let fixture = Fixture::workspace();
    let table = format!("[target.{}]\nrunner = \"no-such-runner --fast\"\n", host());
    fixture.project.write(".cargo/config.toml", table);
    let output = watched(&mut fixture.ours(&["cargo", "test"]));
    assert_eq!(output.status.code(), Some(125), "{}", shown(&output));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("no-such-runner") && stderr.contains(".cargo/config.toml"), "{stderr}");
    assert!(fixture.take_seen().is_empty());
}
