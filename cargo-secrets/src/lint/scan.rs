//! The engine over files: each is read, scanned and dropped again; what stays are masked findings.
//!
//! **No more files are in memory than there are threads. The result does not depend on their order.**

use std::num::NonZero;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use secrets_detect::{Basis, Finding, Findings, Syntax, scan_rust, scan_text};

use crate::fsx;
use crate::lint::declared::Declared;
use crate::lint::decode;
use crate::lint::excerpt::Excerpt;
use crate::lint::found::Found;
use crate::lint::hide::Values;

/// Files that are not Rust and larger than this are data, not sources.
const LARGEST: u64 = 5_000_000;

/// A file to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Whether it was named: then it is looked at whatever its size.
    pub(super) named: bool,
}

/// Why a file was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Skip {
    /// It is no text.
    Binary,
    /// It is large and not Rust.
    Large,
    /// All of it is encrypted.
    Encrypted,
}

/// What became of a file.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was looked through.
    Scanned {
        /// How long it is.
        bytes: u64,
        /// What is in it.
        found: Vec<Found>,
    },
    /// It was not.
    Skipped(PathBuf, Skip),
    /// It could not be read.
    Unreadable(fsx::Error),
    /// It is there no longer.
    Gone,
}

/// What became of all files.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// How many were looked through.
    pub(super) files: usize,
    /// How long they are together.
    pub(super) bytes: u64,
    /// What was found.
    pub(super) found: Vec<Found>,
    /// Which ones were passed over.
    pub(super) skipped: Vec<(PathBuf, Skip)>,
    /// Which ones could not be read.
    pub(super) unreadable: Vec<fsx::Error>,
}

impl Scanned {
    /// Adds one file's outcome.
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Scanned { bytes, found } => {
                self.files += 1;
                self.bytes += bytes;
                self.found.extend(found);
            }
            Outcome::Skipped(path, skip) => self.skipped.push((path, skip)),
            Outcome::Unreadable(error) => self.unreadable.push(error),
            Outcome::Gone => {}
        }
    }
}

/// Who wants to know how far it is.
pub(crate) trait Progress: Sync {
    /// So many of so many files are done.
    fn advanced(&self, done: usize, all: usize);
}

/// Looks through files, as many at once as there are processors.
pub(super) fn files(candidates: &[Candidate], declared: &Declared, progress: &dyn Progress) -> Scanned {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let work = || {
        let mut own = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(candidate) = candidates.get(index) else { break };
            own.push((index, file(candidate, declared)));
            progress.advanced(done.fetch_add(1, Ordering::Relaxed) + 1, candidates.len());
        }
        results.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
    };
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    // A thread costs as much as a dozen small files.
    let threads = processors.min(candidates.len() / 16 + 1);
    if threads == 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(index, _)| *index);
    let mut scanned = Scanned::default();
    for (_, outcome) in results {
        scanned.add(outcome);
    }
    scanned
}

fn file(candidate: &Candidate, declared: &Declared) -> Outcome {
    let path = &candidate.path;
    let length = || std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if !candidate.named && !is_rust(path) && is_too_large(path, length()) {
        return Outcome::Skipped(path.clone(), Skip::Large);
    }
    match fsx::read(path) {
        Ok(bytes) => content(path, &bytes, declared),
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound && !candidate.named => Outcome::Gone,
        Err(error) => Outcome::Unreadable(error),
    }
}

/// Whether a file of that length is passed over.
pub(super) fn is_too_large(path: &Path, length: u64) -> bool {
    length > LARGEST && !is_rust(path)
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// Looks through the content of the file `path`.
pub(super) fn content(path: &Path, bytes: &[u8], declared: &Declared) -> Outcome {
    let skipped = |skip| Outcome::Skipped(path.to_owned(), skip);
    if decode::is_encrypted(bytes) {
        return skipped(Skip::Encrypted);
    }
    let Some(text) = decode::text(bytes) else { return skipped(Skip::Binary) };
    Outcome::Scanned { bytes: bytes.len() as u64, found: found(path, &text, declared) }
}

fn found(path: &Path, text: &str, declared: &Declared) -> Vec<Found> {
    let syntax = (!is_rust(path)).then(|| Syntax::of_path(&path.to_string_lossy()));
    let findings = syntax.map_or_else(|| scan_rust(text), |syntax| scan_text(text, syntax));
    let references = findings.references.iter();
    let built_in: Vec<_> =
        references.filter_map(|reference| Some((reference, declared.built_in(path, reference)?))).collect();
    if findings.list.is_empty() && built_in.is_empty() {
        return Vec::new();
    }
    let masked = findings.masked(text);
    let encrypted = decode::encrypted(text);
    let values = Values::new(text, &findings.list);
    let built_in = built_in.into_iter().map(|(reference, built_in)| {
        let excerpt = Excerpt::new(&masked, &reference.span, reference.start.column).hiding(&values);
        Found::built_in(path, reference, built_in, excerpt)
    });
    let built_in: Vec<_> = built_in.collect();
    let Findings { list, .. } = findings;
    let is_plain = |span: &Range<usize>| {
        let next = encrypted.partition_point(|range| range.end <= span.start);
        encrypted.get(next).is_none_or(|range| span.end <= range.start)
    };
    // A document may explain what an allow looks like.
    let is_example = |finding: &Finding| finding.basis == Basis::Allow && syntax == Some(Syntax::Prose);
    list.into_iter()
        .filter(|finding| is_plain(&finding.span) && !is_example(finding))
        .map(|finding| {
            let excerpt = Excerpt::new(&masked, &finding.span, finding.start.column).hiding(&values);
            let is_unquoted = syntax.is_some() && finding.basis == Basis::Name;
            let excerpt = if is_unquoted { excerpt.hiding_the_word() } else { excerpt };
            Found::new(path, finding, excerpt)
        })
        .chain(built_in)
        .collect()
}
