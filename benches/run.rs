//! What `run` costs: `cargo-secrets run -- true` beside a bare `true` with the same environment already set, and beside
//! `sops exec-env` on the same file.
//!
//! `cargo bench --bench run` prints a table and one line of JSON; figures are medians, ratios pair by pair. CPU time is
//! the process's own, user and system together, as the kernel accounts it; peak memory is its largest resident set.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measuring program may fail loudly, and prints"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use support::{Project, program, tools};

/// Secrets in the file, and runs to measure.
const SIZES: [(usize, usize); 3] = [(20, 200), (1_000, 100), (10_000, 40)];

/// What one run took.
#[derive(Clone, Copy)]
struct Sample {
    cpu_ms: f64,
    wall_ms: f64,
    peak_mib: f64,
}

/// Medians over the runs of one command.
struct Row {
    secrets: usize,
    what: &'static str,
    median: Sample,
    over_floor_ms: f64,
}

fn main() {
    let sops = tools::sops().expect("the benchmark's files are made by sops");
    let mut rows = Vec::new();
    for (secrets, runs) in SIZES {
        rows.extend(measure(&sops, secrets, runs));
    }
    println!(
        "{:>8}  {:<16} {:>9} {:>9} {:>9} {:>12}",
        "secrets", "command", "CPU ms", "wall ms", "peak MiB", "over floor"
    );
    for row in &rows {
        let Sample { cpu_ms, wall_ms, peak_mib } = row.median;
        println!(
            "{:>8}  {:<16} {cpu_ms:>9.2} {wall_ms:>9.2} {peak_mib:>9.1} {:>9.2} ms",
            row.secrets, row.what, row.over_floor_ms
        );
    }
    let json = rows.iter().map(|row| {
        let Sample { cpu_ms, wall_ms, peak_mib } = row.median;
        serde_json::json!({
            "secrets": row.secrets, "command": row.what, "cpu_ms": cpu_ms, "wall_ms": wall_ms,
            "peak_mib": peak_mib, "cpu_over_floor_ms": row.over_floor_ms,
        })
    });
    println!("{}", json.collect::<serde_json::Value>());
}

/// Measures the floor, ourselves and sops in turn, so that the machine's moods meet all of them.
fn measure(sops: &Path, secrets: usize, runs: usize) -> Vec<Row> {
    let project = Project::new();
    let values: Vec<_> =
        (0..secrets).map(|index| (format!("NAME_{index:05}"), format!("value-of-{index:011}"))).collect();
    let plain: serde_json::Map<_, _> =
        values.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let file = project.write("secrets/dev.json", serde_json::Value::from(plain).to_string());
    let encrypted =
        project.sops(sops, &["encrypt", "--in-place", "--age", &project.recipient(), file.to_str().unwrap()]);
    assert!(encrypted.status.success(), "{}", support::shown(&encrypted));

    let bare = || {
        let mut command = project.command("/usr/bin/true");
        command.envs(values.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))));
        command
    };
    let ours = || project.secrets(&["run", "--quiet", "--", "/usr/bin/true"]);
    let theirs = || {
        let mut command = project.command(sops);
        command.env("SOPS_AGE_KEY_FILE", project.identity()).arg("exec-env").arg(&file).arg("/usr/bin/true");
        command
    };
    let mut samples: [Vec<Sample>; 3] = Default::default();
    for run in 0..runs {
        samples[0].push(sample(bare()));
        samples[1].push(sample(ours()));
        if run % 10 == 0 {
            samples[2].push(sample(theirs()));
        }
    }
    let floor = median(&samples[0]).cpu_ms;
    let row = |what, samples: &[Sample]| {
        let median = median(samples);
        Row { secrets, what, median, over_floor_ms: median.cpu_ms - floor }
    };
    vec![row("true (floor)", &samples[0]), row("cargo-secrets run", &samples[1]), row("sops exec-env", &samples[2])]
}

fn median(samples: &[Sample]) -> Sample {
    let middle = |figure: fn(&Sample) -> f64| {
        let mut figures: Vec<_> = samples.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    Sample {
        cpu_ms: middle(|sample| sample.cpu_ms),
        wall_ms: middle(|sample| sample.wall_ms),
        peak_mib: middle(|sample| sample.peak_mib),
    }
}

/// Runs `command` once.
#[expect(unsafe_code, clippy::zombie_processes, reason = "only wait4 tells what a single child used")]
fn sample(mut command: Command) -> Sample {
    let start = Instant::now();
    let child = command.stdout(Stdio::null()).spawn().unwrap();
    let pid = libc::pid_t::try_from(child.id()).unwrap();
    let mut status = 0;
    // SAFETY: `rusage` is plain numbers, for which all zeros is a value; both pointers are to live locals.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::wait4(pid, &raw mut status, 0, &raw mut usage), pid);
        usage
    };
    let wall_ms = start.elapsed().as_secs_f64() * 1e3;
    assert_eq!(status, 0, "{} {command:?}", program().display());
    let ms = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    Sample { cpu_ms: ms(usage.ru_utime) + ms(usage.ru_stime), wall_ms, peak_mib: usage.ru_maxrss as f64 / 1024.0 }
}
