//! What the lint costs: megabytes of Rust that a CPU second looks through, every rule on, beside plain reading and a
//! bare pass over memory, measured in the same run; with one thread and with two; and what other scanners need, where
//! they are installed.
//!
//! `cargo bench -p secrets-detect --bench lint` prints a table and one line of JSON; with `--profile dev` the engine is
//! as a proc macro is built, without optimisation. The sources are those of cargo's registry folder, 200 MB at most.
//! CPU time is user and system together, as the kernel accounts it (Linux); figures are the best of five, for whatever
//! else the machine does only adds to them. With `perf` or valgrind, instructions for each byte are told too: they do not
//! depend on the machine's moods.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    reason = "a measuring program may fail loudly, prints, and writes no secrets"
)]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use secrets_detect::scan_rust;

/// How many bytes are looked through at most, and at least.
const MOST: usize = 200_000_000;
const LEAST: usize = 50_000_000;
/// How many bytes the other scanners get: some would need minutes for all.
const MOST_FOR_PEERS: usize = 20_000_000;
/// How often each pass is repeated.
const REPEATS: usize = 5;
/// The variable by which this program asks itself for so many scans of a twentieth of the files and nothing else.
const SCANS: &str = "LINT_BENCH_SCANS";

/// Other scanners, and how they are asked for all they find in a folder, without asking anybody on the network.
const PEERS: [(&str, &[&str]); 4] = [
    ("ripsecrets", &[]),
    ("gitleaks", &["dir", "--no-banner", "--exit-code=0", "--log-level=error"]),
    ("betterleaks", &["dir", "--no-banner", "--exit-code=0", "--log-level=error"]),
    ("kingfisher", &["scan", "--no-validate", "--no-update-check", "--quiet", "--no-dedup"]),
];

/// What one pass took.
#[derive(Clone, Copy)]
struct Sample {
    cpu: f64,
    wall: f64,
}

/// A row of the table.
struct Row {
    what: String,
    megabytes: f64,
    best: Sample,
}

fn main() {
    let files = files();
    if let Some(scans) = std::env::var(SCANS).ok().and_then(|scans| scans.parse().ok()) {
        let sources = read(&a_twentieth(&files));
        for _ in 0..scans {
            black_box(scan(&sources));
        }
        return;
    }
    let sources = read(&files);
    let bytes: usize = sources.iter().map(String::len).sum();
    assert!(bytes >= LEAST, "{bytes} bytes of Rust in cargo's registry folder are too few to measure with");
    let findings = scan(&sources);
    let mut rows = vec![
        row("reading the files", bytes, || read(&files).len()),
        row("checking UTF-8 in memory", bytes, || sources.iter().filter(|source| is_utf8(source)).count()),
        row("scan", bytes, || scan(&sources)),
        row_of_two(bytes, &sources),
    ];
    rows.extend(peers(&sources));
    print(&rows, &files, findings);
}

/// The Rust files of cargo's registry folder, in order, as many as [`MOST`] allows.
fn files() -> Vec<PathBuf> {
    let home = || Path::new(&std::env::var_os("HOME").unwrap()).join(".cargo");
    let home = std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from);
    let mut files = Vec::new();
    collect(&home.join("registry/src"), &mut files);
    let mut bytes = 0;
    files.retain(|path| {
        let length = fs::metadata(path).map_or(0, |metadata| metadata.len() as usize);
        let fits = bytes + length <= MOST;
        bytes += if fits { length } else { 0 };
        fits
    });
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(files: &[PathBuf]) -> Vec<String> {
    files.iter().filter_map(|path| fs::read_to_string(path).ok()).collect()
}

fn scan(sources: &[String]) -> usize {
    sources.iter().map(|source| scan_rust(source).list.len()).sum()
}

/// A pass over memory that is optimised in every build, for it stands in the compiled standard library.
fn is_utf8(source: &str) -> bool {
    std::str::from_utf8(source.as_bytes()).is_ok()
}

/// Measures `pass` in this thread.
fn row(what: &str, bytes: usize, pass: impl Fn() -> usize) -> Row {
    let samples = (0..REPEATS).map(|_| {
        let (start, cpu) = (Instant::now(), thread_cpu());
        black_box(pass());
        Sample { cpu: thread_cpu() - cpu, wall: start.elapsed().as_secs_f64() }
    });
    Row { what: what.to_owned(), megabytes: bytes as f64 / 1e6, best: best(samples) }
}

/// Measures the scan in two threads, a half of the bytes each.
fn row_of_two(bytes: usize, sources: &[String]) -> Row {
    let mut half = 0;
    let middle = sources.iter().position(|source| {
        half += source.len();
        half > bytes / 2
    });
    let (first, second) = sources.split_at(middle.unwrap_or(0));
    let samples = (0..REPEATS).map(|_| {
        let start = Instant::now();
        let cpu = thread::scope(|scope| {
            let threads = [first, second].map(|part| {
                scope.spawn(move || {
                    let cpu = thread_cpu();
                    black_box(scan(part));
                    thread_cpu() - cpu
                })
            });
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        Sample { cpu, wall: start.elapsed().as_secs_f64() }
    });
    Row { what: "scan, two threads".to_owned(), megabytes: bytes as f64 / 1e6, best: best(samples) }
}

fn best(samples: impl Iterator<Item = Sample>) -> Sample {
    samples.reduce(|one, other| Sample { cpu: one.cpu.min(other.cpu), wall: one.wall.min(other.wall) }).unwrap()
}

/// The CPU seconds of this thread: the first figure of schedstat, in nanoseconds.
fn thread_cpu() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// The CPU seconds of all children that have ended, in hundredths: `cutime` and `cstime` of proc(5).
fn children_cpu() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = text.rsplit_once(')').unwrap().1.split_whitespace();
    fields.skip(13).take(2).map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

/// Measures the other scanners, once each, on a folder with the first of the same files.
fn peers(sources: &[String]) -> Vec<Row> {
    let installed = |name: &str| {
        let help = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        help.is_ok_and(|status| status.success())
    };
    let (present, absent): (Vec<_>, Vec<_>) = PEERS.iter().partition(|(name, _)| installed(name));
    for (name, _) in absent {
        println!("{name} is not installed");
    }
    if present.is_empty() {
        return Vec::new();
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint-bench");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut bytes = 0;
    for (index, source) in sources.iter().enumerate() {
        if bytes + source.len() <= MOST_FOR_PEERS {
            bytes += source.len();
            fs::write(folder.join(format!("{index}.rs")), source).unwrap();
        }
    }
    let rows = present.into_iter().map(|(name, options)| {
        let (start, cpu) = (Instant::now(), children_cpu());
        let mut command = Command::new(name);
        command.args(options.iter()).arg(&folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap();
        let best = Sample { cpu: children_cpu() - cpu, wall: start.elapsed().as_secs_f64() };
        Row { what: name.to_string(), megabytes: bytes as f64 / 1e6, best }
    });
    rows.collect()
}

/// User-space instructions that the scan takes for each byte of a twentieth of the files, if `perf` or else valgrind can
/// count them: three scans against one.
fn instructions(files: &[PathBuf]) -> Option<f64> {
    let bytes: usize = read(&a_twentieth(files)).iter().map(String::len).sum();
    let one = instructions_of("1")?;
    Some((instructions_of("3")? - one) / 2.0 / bytes as f64)
}

fn instructions_of(scans: &str) -> Option<f64> {
    let program = std::env::current_exe().ok()?;
    let run = |tool: &str, options: &[&str]| {
        let output = Command::new(tool).args(options).arg(&program).env(SCANS, scans).output().ok()?;
        String::from_utf8(output.stderr).ok()
    };
    let perf = || {
        let text = run("perf", &["stat", "-x", ",", "-e", "instructions:u"])?;
        text.lines().find_map(|line| line.split_once(',')?.0.parse().ok())
    };
    let valgrind = || {
        let options = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
        let text = run("valgrind", &options)?;
        let count = text.lines().find(|line| line.contains("refs:"))?.rsplit_once(' ')?.1.replace(',', "");
        count.parse().ok()
    };
    perf().or_else(valgrind)
}

/// Every twentieth file.
fn a_twentieth(files: &[PathBuf]) -> Vec<PathBuf> {
    files.iter().step_by(20).cloned().collect()
}

fn print(rows: &[Row], files: &[PathBuf], findings: usize) {
    let build = if cfg!(debug_assertions) { "unoptimised" } else { "optimised" };
    let megabytes = rows.first().unwrap().megabytes;
    let instructions = instructions(files);
    println!("{} files, {megabytes:.0} MB, {findings} findings; the engine is {build}", files.len());
    println!("{:<30} {:>12} {:>12} {:>8} {:>8}", "", "MB per CPU s", "MB per s", "CPU s", "wall s");
    let mut json = String::from("{");
    for Row { what, megabytes, best: Sample { cpu, wall } } in rows {
        println!("{what:<30} {:>12.0} {:>12.0} {cpu:>8.3} {wall:>8.3}", megabytes / cpu, megabytes / wall);
        write!(json, "\"{what}\":{{\"mb\":{megabytes:.1},\"cpu_s\":{cpu:.4},\"wall_s\":{wall:.4}}},").unwrap();
    }
    match instructions {
        Some(count) => println!("{count:.1} instructions for each byte"),
        None => println!("instructions are not counted: neither perf nor valgrind can"),
    }
    let instructions = instructions.map_or("null".to_owned(), |count| format!("{count:.2}"));
    println!("{json}\"build\":\"{build}\",\"findings\":{findings},\"instructions_per_byte\":{instructions}}}");
}
