//! Every way to cargo: **each program sees its value, and the target folder holds none.**

use crate::fixture::{Fixture, host, succeeds};
use crate::support::{program, shown, tools};

/// What tests of the default members start.
const TESTS: [&str; 5] = ["api-doctest", "api-integration", "api-unit", "web-doctest", "web-unit"];
const UNITS: [&str; 3] = ["api-integration", "api-unit", "web-unit"];
const DOCTESTS: [&str; 2] = ["api-doctest", "web-doctest"];

/// Each way in turn, the nosy package compiled anew for each; the target folder is searched after each.
fn ways(ways: &[(&[&str], &[&str])]) {
    let fixture = Fixture::workspace();
    for (line, programs) in ways {
        fixture.stale();
        let output = fixture.runs(line);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!text.contains("build scripts and proc macros that cargo starts see"), "{line:?}: {text}");
        fixture.each_saw_its_own(programs);
        fixture.nothing_is_cached();
    }
}

#[test]
fn short_names_toolchains_and_aliases() {
    ways(&[
        (&["cargo", "t"], &TESTS),
        (&["cargo", "+stable", "test"], &TESTS),
        (&["cargo", "tt"], &TESTS),
        (&["cargo", "--quiet", "--color=never", "t", "--lib"], &["api-unit", "web-unit"]),
        (&["cargo", "r", "--bin", "web"], &["web-program"]),
        // Words of the program's own.
        (&["cargo", "run", "--bin", "web", "serve", "-h", "host", "--help"], &["web-program"]),
        (&["cargo", "run", "--manifest-path", "web/Cargo.toml", "--bin", "web"], &["web-program"]),
    ]);
}

#[test]
fn task_runners_and_shells() {
    let mut list: Vec<(&[&str], &[&str])> = vec![
        (&["make", "test"], &TESTS),
        (&["sh", "-c", "cargo test"], &TESTS),
        (&["env", "X=1", "bash", "-c", "cd api && cargo test --lib"], &["api-unit"]),
        // Nobody's known wrapper.
        (
            &["python3", "-c", "import os; os.execvp('cargo', ['cargo', 'test', '--lib'])", "cargo"],
            &["api-unit", "web-unit"],
        ),
    ];
    if tools::just().is_some() {
        list.push((&["just", "test"], &TESTS));
    }
    ways(&list);
}

#[test]
fn a_task_of_the_project_that_is_kept_inside_calls_cargo_as_we_do() {
    let fixture = Fixture::workspace();
    let text = fixture.project.read("Cargo.toml");
    let inside =
        text.replace("[workspace.metadata.secrets]\n", "[workspace.metadata.secrets]\nsandbox.inside = [\"xtask\"]\n");
    assert_ne!(inside, text);
    fixture.project.write("Cargo.toml", inside);
    let output = fixture.runs(&["cargo", "xtask"]);
    let seen = fixture.take_seen();
    // The task itself has no values, or what it builds would have them too, and it cannot write where programs can.
    assert!(String::from_utf8_lossy(&output.stdout).contains("xtask saw `  `"), "{}", shown(&output));
    let output = succeeds(&mut fixture.ours_with(&["--package", "api"], &["cargo", "xtask"]));
    assert!(String::from_utf8_lossy(&output.stdout).contains("xtask saw `  `"), "{}", shown(&output));
    fixture.take_seen();
    fixture.nothing_is_cached();
    for program in TESTS {
        assert!(seen[program].iter().all(|line| line.starts_with(&fixture.token.value)), "{program}: {seen:?}");
    }
    // The same package by another name of its folder.
    let link = fixture.project.home().join("link");
    std::os::unix::fs::symlink(fixture.project.root(), &link).unwrap();
    let manifest = link.join("xtask/Cargo.toml");
    let output = fixture.runs(&["cargo", "run", "--manifest-path", manifest.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("xtask saw `  `"), "{}", shown(&output));
}

#[test]
fn a_task_of_the_project_is_a_program() {
    let fixture = Fixture::workspace();
    let output = succeeds(fixture.command(program()).args(["run", "--", "cargo", "xtask"]));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`xtask` runs outside the sandbox") && said.contains("sandbox.inside"), "{said}");
    let seen = fixture.take_seen();
    for program in [&TESTS[..], &["xtask"]].concat() {
        assert_eq!(seen[program], [format!("{}  ", fixture.token.value)], "{program}");
    }
}

#[test]
fn nextest_doctests_and_a_target() {
    let host = host();
    let mut list: Vec<(&[&str], &[&str])> = Vec::new();
    if tools::nextest().is_some() {
        list.push((&["cargo", "nextest", "--color", "never", "run"], &UNITS));
        list.push((&["cargo-nextest", "nextest", "run"], &UNITS));
    }
    let target = ["cargo", "test", "--target", &host];
    list.push((&["cargo", "test", "--doc"], &DOCTESTS));
    list.push((&target, &TESTS));
    ways(&list);
}

#[test]
fn llvm_cov() {
    if tools::llvm_cov().is_none() {
        return;
    }
    let fixture = Fixture::workspace();
    for line in [&["cargo", "llvm-cov", "--no-report"][..], &["cargo", "llvm-cov", "nextest", "--no-report"]] {
        fixture.stale();
        // Its report needs tools of LLVM's, which not every toolchain has.
        let output = succeeds(fixture.ours(line).env("LLVM_COV", "true").env("LLVM_PROFDATA", "true"));
        // Documentation tests are not covered without a nightly toolchain, so not run.
        fixture.each_saw_its_own(&UNITS);
        fixture.nothing_is_cached();
        let profiles = fixture.project.root().join("target/llvm-cov-target");
        let written = std::fs::read_dir(profiles).unwrap().flatten();
        let count = written.filter(|entry| entry.path().extension().is_some_and(|kind| kind == "profraw")).count();
        assert!(count >= 3, "{count} profiles: {}", shown(&output));
    }
}

#[test]
fn nothing_is_compiled_anew_with_or_without_us_or_for_another_value() {
    let fixture = Fixture::workspace();
    let line = ["cargo", "test", "--verbose"];
    fixture.runs(&line);
    let fresh = |command: &mut std::process::Command, what: &str| {
        let output = succeeds(command);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains("Fresh nosy "), "{what}: {text}");
        assert!(!text.contains("Dirty") && !text.contains("Compiling"), "{what}: {text}");
    };
    fresh(&mut fixture.bare(&line), "without us after with us");
    fresh(&mut fixture.ours(&line), "with us after without us");
    fixture.project.set("TOKEN", "another value");
    fresh(&mut fixture.ours(&line), "with another value");
    let seen = fixture.take_seen();
    assert!(seen["web-unit"].iter().any(|line| line.starts_with("another value ")), "{seen:?}");
}
