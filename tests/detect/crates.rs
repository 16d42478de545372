//! False alarms on real code: every finding in published crates is known, and few of them are wrong.
//!
//! Always the sources of the workspace's own dependencies; with `CARGO_SECRETS_TEST_LONG=1` those of `crates.txt` too,
//! which cargo unpacks below `target`. `triage.txt` says of each distinct value what it is: *right* is a key, token or
//! password as the rule says, though made for a test; *wrong* is all else. **A value is in neither file**: its
//! fingerprint is, and what the test prints is masked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use secrets_detect::{Finding, Place, scan_rust};

/// What the findings are: `fingerprint verdict rule crate file: reason`.
const TRIAGE: &str = include_str!("triage.txt");
/// What the long test looks through: `name version`.
const CRATES: &str = include_str!("crates.txt");

/// The most wrong findings on 100,000 lines.
const MOST_WRONG: f64 = 1.0;
/// The most of them in plain source: neither tests, benchmarks and examples nor comments.
const MOST_WRONG_IN_PLAIN_SOURCE: f64 = 0.1;

#[test]
fn every_finding_in_published_crates_is_known_and_few_are_wrong() {
    let is_long = std::env::var_os("CARGO_SECRETS_TEST_LONG").is_some_and(|value| value == "1");
    let mut packages = dependencies();
    if is_long {
        packages.extend(downloaded());
    }
    let seen = scan_all(&packages);
    let known = triage();
    println!("{}", report(&seen, &known));
    let unknown: String = seen.values.iter().filter(|(key, _)| !known.contains_key(*key)).map(row).collect();
    assert!(unknown.is_empty(), "say of each what it is, in triage.txt:\n{unknown}");
    if is_long {
        let gone: Vec<_> = known.keys().filter(|key| !seen.values.contains_key(*key)).collect();
        assert!(gone.is_empty(), "no longer found, so triage.txt need not tell: {gone:#?}");
    }
    // A few lines are no measure.
    assert!(seen.lines > 500_000, "only {} lines", seen.lines);
    assert!(seen.wrong_per_100_000_lines(&known, |_| true) < MOST_WRONG);
    assert!(seen.wrong_per_100_000_lines(&known, |value| value.is_plain) < MOST_WRONG_IN_PLAIN_SOURCE);
}

/// A distinct value: its fingerprint and the rule that found it.
type Key = (String, String);

/// Where a value was seen first, in plain source if it is there.
struct Seen {
    package: String,
    file: String,
    is_plain: bool,
    places: usize,
    /// The line, masked.
    line: String,
}

/// What a scan of many files has seen.
#[derive(Default)]
struct Scanned {
    packages: usize,
    lines: usize,
    values: BTreeMap<Key, Seen>,
}

impl Scanned {
    fn merge(&mut self, other: Self) {
        self.packages += other.packages;
        self.lines += other.lines;
        for (key, value) in other.values {
            self.add(key, value);
        }
    }

    fn add(&mut self, key: Key, value: Seen) {
        match self.values.entry(key) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(value);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let places = entry.get().places + value.places;
                if value.is_plain && !entry.get().is_plain {
                    entry.insert(value);
                }
                entry.get_mut().places = places;
            }
        }
    }

    /// How many of the values that `counts` asks for are wrong; one that nobody has looked at counts as wrong.
    fn wrong(&self, known: &BTreeMap<Key, bool>, counts: impl Fn(&Seen) -> bool) -> usize {
        self.values.iter().filter(|(key, seen)| counts(seen) && known.get(*key) != Some(&true)).count()
    }

    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^52")]
    fn wrong_per_100_000_lines(&self, known: &BTreeMap<Key, bool>, counts: impl Fn(&Seen) -> bool) -> f64 {
        self.wrong(known, counts) as f64 * 100_000.0 / self.lines as f64
    }
}

/// Of each value that was looked at, whether it was found rightly.
fn triage() -> BTreeMap<Key, bool> {
    let rows = TRIAGE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|row| {
        let (facts, reason) = row.split_once(": ").unwrap_or_else(|| panic!("no reason: {row}"));
        let facts: Vec<_> = facts.split_whitespace().collect();
        let [fingerprint, verdict @ ("right" | "wrong"), rule, _package, _file] = facts[..] else {
            panic!("not a row of five facts: {row}")
        };
        assert!(!reason.trim().is_empty(), "no reason: {row}");
        ((fingerprint.to_owned(), rule.to_owned()), verdict == "right")
    })
    .collect()
}

/// A row for `triage.txt`, but for its verdict and reason, and the masked line.
fn row(((fingerprint, rule), seen): (&Key, &Seen)) -> String {
    format!("{fingerprint} ? {rule} {} {}: \n    {}\n", seen.package, seen.file, seen.line)
}

/// How much was looked at, and how often each rule is right and wrong.
fn report(seen: &Scanned, known: &BTreeMap<Key, bool>) -> String {
    let mut rules = BTreeMap::<&str, [usize; 3]>::new();
    for (key, value) in &seen.values {
        let counts = rules.entry(&key.1).or_default();
        match known.get(key) {
            Some(true) => counts[0] += 1,
            _ => counts[1] += 1,
        }
        counts[2] += value.places;
    }
    let mut text = format!("{} crates, {} lines, {} values\n", seen.packages, seen.lines, seen.values.len());
    for (rule, [right, wrong, places]) in rules {
        writeln!(text, "{rule:32} {right:>4} right {wrong:>4} wrong {places:>5} places").unwrap();
    }
    for (what, plain_only) in [("wrong", false), ("wrong in plain source", true)] {
        let counts = |value: &Seen| value.is_plain || !plain_only;
        let share = seen.wrong_per_100_000_lines(known, counts);
        writeln!(text, "{what}: {} values, {share:.3} on 100,000 lines", seen.wrong(known, counts)).unwrap();
    }
    text
}

/// Scans `packages`, a half of them in a thread of its own.
fn scan_all(packages: &BTreeSet<PathBuf>) -> Scanned {
    let packages: Vec<_> = packages.iter().collect();
    let scan = |start: usize| {
        let mut seen = Scanned::default();
        for package in packages.iter().skip(start).step_by(2) {
            seen.packages += 1;
            scan_folder(package, package, &mut seen);
        }
        seen
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| scan(1));
        let mut seen = scan(0);
        seen.merge(other.join().unwrap());
        seen
    })
}

/// Scans the Rust files below `folder`, a part of `package`.
fn scan_folder(package: &Path, folder: &Path, seen: &mut Scanned) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            scan_folder(package, &path, seen);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && let Ok(source) = fs::read_to_string(&path)
        {
            scan_file(package, path.strip_prefix(package).unwrap(), &source, seen);
        }
    }
}

/// Scans one file.
fn scan_file(package: &Path, file: &Path, source: &str, seen: &mut Scanned) {
    seen.lines += source.lines().count();
    let findings = scan_rust(source);
    if findings.list.is_empty() {
        return;
    }
    let masked = findings.masked(source);
    for finding in &findings.list {
        let line: String = masked.lines().nth(finding.start.line - 1).unwrap().trim().chars().take(120).collect();
        let value = Seen {
            package: package.file_name().unwrap().to_string_lossy().into_owned(),
            file: format!("{}:{}", file.display(), finding.start.line),
            is_plain: is_plain(file, finding),
            places: 1,
            line,
        };
        seen.add((finding.fingerprint.to_string(), finding.rule.to_owned()), value);
    }
}

/// Whether `finding` stands in plain source: code that is neither a test nor a benchmark nor an example.
fn is_plain(file: &Path, finding: &Finding) -> bool {
    let aside = |part: &str| {
        let part = part.strip_suffix(".rs").unwrap_or(part);
        part.split(['_', '-']).any(|word| matches!(word, "test" | "tests" | "testing" | "testutil" | "testdata"))
            || matches!(part, "benches" | "bench" | "benchmarks" | "examples" | "fuzz")
    };
    finding.place == Place::Code && !file.iter().any(|part| aside(&part.to_string_lossy()))
}

/// The packages of the workspace's lock file that cargo has unpacked on this machine.
fn dependencies() -> BTreeSet<PathBuf> {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock")).unwrap();
    let mut packages = BTreeSet::new();
    // The workspace's own have no source.
    for package in lock.split("[[package]]").filter(|package| package.contains("\nsource = ")) {
        let value = |key: &str| Some(package.lines().find_map(|line| line.strip_prefix(key))?.trim_matches('"'));
        let (name, version) = (value("name = ").unwrap(), value("version = ").unwrap());
        packages.extend(unpacked(&cargo_home(), name, version));
    }
    assert!(packages.len() > 100, "the workspace has more dependencies than {}", packages.len());
    packages
}

/// Cargo's folder.
fn cargo_home() -> PathBuf {
    let home = || Path::new(&std::env::var_os("HOME").unwrap()).join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// Where cargo has unpacked a package, if it has.
fn unpacked(home: &Path, name: &str, version: &str) -> Option<PathBuf> {
    let registries = fs::read_dir(home.join("registry/src")).ok()?;
    let packages = registries.map(|registry| registry.unwrap().path().join(format!("{name}-{version}")));
    packages.into_iter().find(|package| package.is_dir())
}

/// The packages of `crates.txt`, unpacked below `target`.
///
/// `cargo info` unpacks the very version that it is asked for and resolves nothing: the crates would not go together in
/// one dependency tree (two that link the same library exclude each other).
fn downloaded() -> BTreeSet<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates");
    fs::create_dir_all(&home).unwrap();
    let crates = CRATES.lines().filter(|line| !line.starts_with('#'));
    let packages = crates.map(|line| {
        let (name, version) = line.split_once(' ').unwrap();
        unpacked(&home, name, version).unwrap_or_else(|| {
            let mut cargo = Command::new(env!("CARGO"));
            // Outside of any workspace, so that no configuration and no lock file is asked.
            cargo.args(["info", "--quiet", &format!("{name}@{version}")]).env("CARGO_HOME", &home).current_dir(&home);
            let output = cargo.output().unwrap();
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            unpacked(&home, name, version).unwrap_or_else(|| panic!("cargo did not unpack {name} {version}"))
        })
    });
    packages.collect()
}
