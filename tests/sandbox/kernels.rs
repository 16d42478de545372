//! Kernels that cannot confine a build: what is said, what starts all the same, and what does not.
//!
//! Such a kernel is made of this one by a filter of system calls that answers as it would. The filter holds for a thread
//! and what the thread starts. (What domains are made of for older versions of Landlock is tested beside their code.)

use std::collections::BTreeMap;
use std::process::Output;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use crate::support::{Project, shown};

/// `PR_GET_SECCOMP` (prctl(2)).
const GET_SECCOMP: u64 = 21;

/// A call that the kernel does not have, by the value of its first argument if only some are meant.
struct Missing {
    call: i64,
    first: Option<u64>,
    error: i32,
}

const NO_LANDLOCK: Missing = Missing { call: libc::SYS_landlock_create_ruleset, first: None, error: libc::ENOSYS };
const OFF_AT_BOOT: Missing = Missing { call: libc::SYS_landlock_create_ruleset, first: None, error: libc::EOPNOTSUPP };
const NO_SECCOMP: Missing = Missing { call: libc::SYS_prctl, first: Some(GET_SECCOMP), error: libc::EINVAL };

/// What the program under test does on such a kernel.
fn on_kernel(missing: &Missing, project: &Project, arguments: &[&str]) -> Output {
    let rules = missing.first.map(|value| {
        let equal = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, value).unwrap();
        SeccompRule::new(vec![equal]).unwrap()
    });
    let rules = BTreeMap::from([(missing.call, rules.into_iter().collect())]);
    let error = SeccompAction::Errno(missing.error.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, error, arch).unwrap().try_into().unwrap();
    let mut command = project.secrets(arguments);
    std::thread::spawn(move || {
        seccompiler::apply_filter(&filter).unwrap();
        command.output().unwrap()
    })
    .join()
    .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A project whose test needs a value.
fn project() -> Project {
    let project = Project::new();
    project.set("TOKEN", "v4lue");
    let test = "#[test]\nfn it_is_there() {\n    assert_eq!(std::env::var(\"TOKEN\").unwrap(), \"v4lue\");\n}\n";
    project.write("src/lib.rs", test);
    project
}

fn require(project: &Project) {
    let manifest = project.read("Cargo.toml");
    let table = manifest.lines().find(|line| line.starts_with('[') && line.contains("metadata.secrets]")).unwrap();
    project.write("Cargo.toml", manifest.replacen(table, &format!("{table}\nsandbox = \"require\""), 1));
}

#[test]
fn a_kernel_without_landlock_or_seccomp_builds_without_a_sandbox_and_says_so() {
    let project = project();
    for (missing, kernel) in
        [(NO_LANDLOCK, "no Landlock, seccomp"), (OFF_AT_BOOT, "no Landlock, seccomp"), (NO_SECCOMP, "no seccomp")]
    {
        let output = on_kernel(&missing, &project, &["run", "--", "cargo", "test", "--offline"]);
        assert!(output.status.success(), "{}", shown(&output));
        let said = stderr(&output);
        let lines: Vec<_> = said.lines().filter(|line| line.contains("no sandbox on this kernel")).collect();
        assert!(lines.len() == 1 && lines[0].contains(kernel), "{said}");
    }
}

#[test]
fn where_the_sandbox_is_required_nothing_starts_without_it() {
    let project = project();
    require(&project);
    let output = on_kernel(&NO_LANDLOCK, &project, &["run", "--", "cargo", "test", "--offline"]);
    let said = stderr(&output);
    assert!(output.status.code() == Some(125) && !said.contains("running"), "{}", shown(&output));
    assert!(said.contains("cannot confine a build: no Landlock, seccomp"), "{said}");
    assert!(said.contains("--no-sandbox"), "{said}");
}

#[test]
fn where_the_sandbox_is_required_it_is_explained_that_nothing_starts() {
    let project = project();
    require(&project);
    let output = on_kernel(&NO_LANDLOCK, &project, &["run", "--explain", "--", "cargo", "test"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("sandbox: nothing would start: the kernel cannot confine a build: no Landlock"), "{said}");
    assert!(said.contains("nobody   nothing would start"), "{said}");
}

#[test]
fn a_protected_environment_is_not_told_to_go_without() {
    let project = project();
    let manifest = project.read("Cargo.toml");
    let name = "[workspace.metadata.secrets.environments.dev]\n";
    assert!(manifest.contains(name), "{manifest}");
    let manifest = manifest.replacen(name, &format!("{name}protected = true\n"), 1);
    project.write("Cargo.toml", manifest.replacen("default-environment = \"dev\"\n", "", 1));
    let output = on_kernel(&NO_LANDLOCK, &project, &["run", "-e", "dev", "--", "cargo", "test", "--offline"]);
    let said = stderr(&output);
    assert!(output.status.code() == Some(125) && said.contains("cannot confine a build"), "{}", shown(&output));
    assert!(!said.contains("--no-sandbox") && said.contains("Linux 5.19 or newer"), "{said}");
}

#[test]
fn a_build_that_is_to_be_confined_is_not_started_unconfined() {
    let project = project();
    for missing in [NO_LANDLOCK, NO_SECCOMP] {
        let output = on_kernel(&missing, &project, &["sandbox", "--", "cargo", "build", "--offline"]);
        assert!(
            output.status.code() == Some(125) && !project.root().join("target/debug").exists(),
            "{}",
            shown(&output)
        );
        assert!(!stderr(&output).contains("--no-sandbox"), "{}", shown(&output));
    }
}

#[test]
fn what_is_explained_names_the_kernel() {
    let project = project();
    let output = on_kernel(&NO_LANDLOCK, &project, &["run", "--explain", "--", "cargo", "test"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("no Landlock, seccomp"), "{}", shown(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("programs: see what you see"), "{}", shown(&output));
    let plain = project.ok(&["run", "--explain", "--", "cargo", "test"]);
    assert!(plain.contains("Landlock ABI") && plain.contains("programs: do not see your identity"), "{plain}");
}
