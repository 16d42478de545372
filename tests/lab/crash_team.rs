//! Commands that change who reads what and which environments there are, killed before each of their write-side system
//! calls: values are delivered as before, and the same command, or the next one, goes on from there.

use std::os::unix::process::ExitStatusExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::crash::{calls, copy, filled, in_two_threads, run};
use crate::outcome::run_environment;
use crate::support::{Project, feed, shown, tools};

/// Kills the command everywhere; `judge` looks at each project that it left.
fn killed(what: &str, template: &Project, arguments: &[&str], judge: impl Fn(&Project, &str) + Sync) {
    let Some(strace) = tools::strace() else { return };
    let before = run_environment(template);
    let (calls, _) = calls(&strace, template, arguments);
    let points = AtomicUsize::new(0);
    in_two_threads(&calls, |call| {
        let what = format!("{what}, killed at {} number {}: {}", call.name, call.number, call.line);
        let project = copy(template);
        let injection = format!("{}:signal=SIGKILL:when={}", call.name, call.number);
        let (output, _) = run(&strace, &project, arguments, Some(&injection));
        assert_eq!(output.status.signal(), Some(9), "{what}: not killed: {}", shown(&output));
        assert_eq!(run_environment(&project), before, "{what}: other values");
        judge(&project, &what);
        assert_eq!(run_environment(&project), before, "{what}: other values at the end");
        points.fetch_add(1, Ordering::Relaxed);
    });
    let points = points.into_inner();
    eprintln!("lab crash: {what}: {points} kill points");
    assert!(points > 10, "{what}: {points}");
}

/// A second person's public key.
fn stranger(project: &Project) -> String {
    let path = project.home().join("stranger.txt");
    project.ok(&["identity", "new", "--output", path.to_str().unwrap()]).trim().to_owned()
}

#[test]
fn who_is_let_in_is_let_in_by_the_same_command_after_a_kill() {
    let template = filled();
    let key = stranger(&template);
    killed("recipients add", &template, &["recipients", "add", "bob", &key], |project, what| {
        let again = project.secrets(&["recipients", "add", "bob", &key]).output().unwrap();
        assert!(again.status.success(), "{what}: done again: {}", shown(&again));
        opens(project, what);
    });
    template.ok(&["recipients", "add", "bob", &key]);
    // In Cargo.toml, and not in the file.
    let manifest = template.read("Cargo.toml");
    let fresh = filled();
    fresh.write("Cargo.toml", manifest.replace(&template.recipient(), &fresh.recipient()));
    let stranger = "stranger.txt";
    std::fs::copy(template.home().join(stranger), fresh.home().join(stranger)).unwrap();
    killed("recipients sync", &fresh, &["recipients", "sync", "--yes"], |project, what| {
        let again = project.secrets(&["recipients", "sync", "--yes"]).output().unwrap();
        assert!(again.status.success(), "{what}: done again: {}", shown(&again));
        opens(project, what);
    });
}

/// The second person can read.
fn opens(project: &Project, what: &str) {
    let mut theirs = project.secrets(&["get", "TOKEN", "--identity"]);
    theirs.arg(project.home().join("stranger.txt"));
    let output = theirs.output().unwrap();
    assert!(output.status.success(), "{what}: {}", shown(&output));
}

#[test]
fn an_environment_comes_and_goes_whatever_is_killed() {
    let template = filled();
    killed("env add", &template, &["env", "add", "qa"], |project, what| {
        let is_declared = project.read("Cargo.toml").contains("environments.qa");
        if !is_declared {
            project.ok(&["env", "add", "qa"]);
        }
        let set = feed(project.secrets(&["set", "TOKEN", "-e", "qa"]), b"of qa");
        assert!(set.status.success(), "{what}: {}", shown(&set));
        assert_eq!(project.ok(&["get", "TOKEN", "-e", "qa"]), "of qa", "{what}");
    });
    template.ok(&["env", "add", "qa"]);
    killed("env remove", &template, &["env", "remove", "qa", "--delete-files"], |project, what| {
        let is_declared = project.read("Cargo.toml").contains("environments.qa");
        let again = project.secrets(&["env", "remove", "qa", "--delete-files"]).output().unwrap();
        assert_eq!(again.status.success(), is_declared, "{what}: {}", shown(&again));
        project.ok(&["check"]);
    });
}
