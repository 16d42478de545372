//! What delivery through cargo's target runner costs, in the sandbox, beside the same without us: the start of one
//! program, `cargo test` where there is nothing to do, and 200 tests of nextest's.
//!
//! `cargo bench -p cargo-secrets --bench runner` prints a table and one line of JSON; with `CARGO_SECRETS_TEST_LONG=1` also
//! with dependencies: this program's own from the registry, which are built first, and 300 empty packages in the
//! workspace, each of which is looked through. CPU time is user and system together of all processes that a command started, as the kernel
//! accounts it; figures are the least of several runs, for whatever else the machine does only adds to them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measuring program may fail loudly, and prints"
)]

#[path = "../tests/support/mod.rs"]
mod support;

#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../tests/delivery/fixture.rs"]
mod fixture;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use fixture::{Fixture, host, succeeds};
use support::{long, typed};

/// The variable by which this program asks itself to start programs, and how many.
const STARTS: &str = "RUNNER_BENCH_STARTS";

/// What a row tells: its figures without us and with us, and how far apart they may be.
struct Row {
    what: String,
    unit: &'static str,
    bare: f64,
    ours: f64,
    /// What [`Row::cost`] is to be at most.
    goal: f64,
    cost: f64,
}

impl Row {
    /// So much more for each of `count`.
    fn more(what: &str, unit: &'static str, [bare, ours]: [f64; 2], count: f64, goal: f64) -> Self {
        Self { what: what.to_owned(), unit, bare, ours, goal, cost: (ours - bare) / count }
    }

    /// So much more in a hundred.
    fn percent(what: String, [bare, ours]: [f64; 2], goal: f64) -> Self {
        Self { what, unit: "%", bare, ours, goal, cost: 100.0 * (ours - bare) / bare }
    }
}

fn main() {
    if let Some(starts) = std::env::var(STARTS).ok().and_then(|starts| starts.parse().ok()) {
        return start_programs(starts);
    }
    // What a command leaves behind is waited for as well, so that its time counts.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
    let mut rows = vec![one_start()];
    rows.push(packages(50));
    if long() {
        rows.push(packages(300));
        rows.push(from_the_registry());
    }
    rows.push(many_tests());
    print(&rows);
}

/// The start of one program, wall time: by itself, and by a runner inside the build domain.
fn one_start() -> Row {
    let fixture = Fixture::suite();
    let folder = fixture.project.root().join("target/debug");
    std::fs::create_dir_all(&folder).unwrap();
    // What calls itself cargo is told of the small runner, as cargo is.
    let [starter, program] = ["cargo", "program"].map(|name| folder.join(name));
    let copy = |from: &Path, to| assert!(Command::new("cp").arg(from).arg(to).status().unwrap().success());
    copy(&std::env::current_exe().unwrap(), &starter);
    copy("/usr/bin/true".as_ref(), &program);
    let words = [starter.to_str().unwrap(), program.to_str().unwrap()];
    let mut command = fixture.ours_with(&["--via", "runner", "--sandbox"], &words);
    let output = succeeds(command.env(STARTS, "300"));
    let text = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<f64> = text.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
    Row::more("start of a program, wall", "ms", [figures[0], figures[1]], 1.0, 1.2)
}

/// Starts the program that the first argument names, by itself and by the runner in turn; prints the median of each, in
/// milliseconds.
fn start_programs(starts: usize) {
    let program = std::env::args_os().nth(1).unwrap();
    let variable = format!("CARGO_TARGET_{}_RUNNER", host().to_uppercase().replace('-', "_"));
    let runner = std::env::var(variable).unwrap();
    let runner: Vec<_> = runner.split_whitespace().collect();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..starts {
        let mut by_runner = Command::new(runner[0]);
        by_runner.args(&runner[1..]).arg(&program);
        for (mut command, times) in [Command::new(&program), by_runner].into_iter().zip(&mut times) {
            let start = Instant::now();
            assert!(command.status().unwrap().success(), "{}", typed(&command));
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    let [bare, ours] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    println!("{bare} {ours}");
}

/// With so many empty packages in the workspace.
fn packages(count: usize) -> Row {
    let fixture = Fixture::suite();
    let mut manifest = fixture.project.read("Cargo.toml");
    manifest.push_str("\n[dependencies]\n");
    for index in 0..count {
        let name = format!("d{index:03}");
        writeln!(manifest, "{name} = {{ path = \"dependencies/{name}\" }}").unwrap();
        let package = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
        fixture.project.write(&format!("dependencies/{name}/Cargo.toml"), package);
        fixture.project.write(&format!("dependencies/{name}/src/lib.rs"), "");
    }
    fixture.project.write("Cargo.toml", manifest);
    nothing_to_do(&fixture, &format!("{count} packages"), |command| command)
}

/// With all that this workspace depends on, built once for all runs of this benchmark.
fn from_the_registry() -> Row {
    let fixture = Fixture::suite();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let [workspace, lock] = ["Cargo.toml", "Cargo.lock"].map(|name| std::fs::read_to_string(ours.join(name)).unwrap());
    let (_, dependencies) = workspace.split_once("\n[workspace.dependencies]\n").unwrap();
    let (dependencies, _) = dependencies.split_once("\n[").unwrap();
    let dependencies: Vec<_> = dependencies.lines().filter(|line| !line.contains("path = ")).collect();
    let mut manifest = fixture.project.read("Cargo.toml");
    write!(manifest, "\n[dependencies]\n{}\n", dependencies.join("\n")).unwrap();
    fixture.project.write("Cargo.toml", manifest);
    fixture.project.write("Cargo.lock", lock);
    let home =
        std::env::var_os("CARGO_HOME").map_or_else(|| std::env::home_dir().unwrap().join(".cargo"), PathBuf::from);
    nothing_to_do(&fixture, "crates from the registry", |mut command| {
        command.env("CARGO_HOME", &home).env("CARGO_TARGET_DIR", ours.join("target/bench-registry"));
        command
    })
}

/// `cargo test` where all is built and there is one test.
fn nothing_to_do(fixture: &Fixture, with: &str, set: impl Fn(Command) -> Command) -> Row {
    let line = ["cargo", "test", "--quiet", "--test", "many", "t000"];
    // Not one of the tests' commands, which may take a minute.
    let mut build = set(fixture.bare(&line));
    assert!(build.stdout(Stdio::null()).status().unwrap().success(), "{}", typed(&build));
    let cpu = least(25, || set(fixture.bare(&line)), || set(fixture.ours(&line)));
    Row::percent(format!("cargo test, nothing to do, {with}, CPU"), cpu, 10.0)
}

/// 200 tests, a process each.
fn many_tests() -> Row {
    let fixture = Fixture::suite();
    let line = ["cargo", "nextest", "run", "-E", "binary(many)"];
    succeeds(&mut fixture.bare(&line));
    let cpu = least(5, || fixture.bare(&line), || fixture.ours(&line));
    Row::more("200 tests of nextest's, CPU; more for each", "ms", cpu, 200.0, 2.0)
}

/// The least CPU milliseconds of each command, both in turn.
fn least(runs: usize, bare: impl Fn() -> Command, ours: impl Fn() -> Command) -> [f64; 2] {
    let samples = (0..runs).map(|_| [cpu(bare()), cpu(ours())]);
    samples.reduce(|[a, b], [c, d]| [a.min(c), b.min(d)]).unwrap()
}

/// CPU milliseconds of a command and all that it started.
fn cpu(mut command: Command) -> f64 {
    let before = children();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{}: {status}", typed(&command));
    while rustix::process::wait(rustix::process::WaitOptions::empty()).is_ok() {}
    children() - before
}

/// CPU milliseconds of all children that were waited for, and theirs.
#[expect(unsafe_code, reason = "nothing safe tells it")]
fn children() -> f64 {
    // SAFETY: `rusage` is plain numbers, for which all zeros is a value; the pointer is to a live local.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage), 0);
        usage
    };
    let ms = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    ms(usage.ru_utime) + ms(usage.ru_stime)
}

fn print(rows: &[Row]) {
    println!("{:<60} {:>10} {:>10} {:>10} {:>10}", "", "bare ms", "ours ms", "cost", "goal");
    for Row { what, unit, bare, ours, goal, cost } in rows {
        println!("{what:<60} {bare:>10.2} {ours:>10.2} {cost:>7.2} {unit:<2} {goal:>7.2} {unit}");
    }
    let json = rows.iter().map(|Row { what, unit, bare, ours, goal, cost }| {
        serde_json::json!({ "what": what, "bare_ms": bare, "ours_ms": ours, "cost": cost, "unit": unit, "goal": goal })
    });
    println!("{}", json.collect::<serde_json::Value>());
}
