//! Our lexer beside rustc's, on every Rust file of the crates that this workspace depends on.
//!
//! `CARGO_SECRETS_TEST_LONG=1` takes every crate in cargo's registry folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use cargo_metadata::MetadataCommand;
use secrets_detect::internals::{Lexer, decode};

use crate::rustc;

/// Files that are no Rust on purpose, the tests of another lexer: how their paths end, and what is mistaken in them.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("lexer/err/byte_char_literals.rs", "byte literals that are never closed run on over a quote"),
    ("lexer/err/char_literals.rs", "char literals that are never closed run on over a quote"),
    ("lexer/err/incomplete_frontmatter_before_unicode.rs", "a frontmatter that is never closed"),
];

/// What was compared.
#[derive(Debug, Default)]
struct Count {
    files: usize,
    bytes: usize,
    pieces: usize,
    values: usize,
    invalid: usize,
    differences: Vec<String>,
}

#[test]
fn pieces_and_values_are_those_of_rustc_on_every_file_of_the_dependencies() {
    let folders = if std::env::var_os("CARGO_SECRETS_TEST_LONG").is_some_and(|value| value == "1") {
        registries()
    } else {
        dependencies()
    };
    let mut files = Vec::new();
    for folder in folders {
        collect(&folder, &mut files);
    }
    files.sort();
    let middle = files.len() / 2;
    let (first, second) = files.split_at(middle);
    let (first, second) = thread::scope(|scope| {
        let other = scope.spawn(|| compare_all(second));
        (compare_all(first), other.join().unwrap())
    });
    let differences: Vec<_> = first.differences.iter().chain(&second.differences).collect();
    println!(
        "{} files, {} MB, {} pieces, {} values the same; {} files that rustc's lexer refuses",
        first.files + second.files,
        (first.bytes + second.bytes) / 1_000_000,
        first.pieces + second.pieces,
        first.values + second.values,
        first.invalid + second.invalid,
    );
    assert!(first.pieces + second.pieces > 100_000, "too little was compared");
    assert!(differences.is_empty(), "{differences:#?}");
}

/// The folders of the packages from registries in the workspace's lock file, as far as this machine builds them.
fn dependencies() -> BTreeSet<PathBuf> {
    let host = std::process::Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let options = ["--offline", "--locked", "--filter-platform", host].map(str::to_owned);
    let metadata = MetadataCommand::new().other_options(options).exec().unwrap();
    let packages = metadata.packages.into_iter().filter(|package| package.source.is_some());
    packages.map(|package| package.manifest_path.parent().unwrap().into()).collect()
}

/// The folders that those packages lie in.
fn registries() -> BTreeSet<PathBuf> {
    dependencies().into_iter().filter_map(|package| package.parent().map(Path::to_owned)).collect()
}

/// Adds all Rust files below `folder` to `files`.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Compares all `files` that are text.
fn compare_all(files: &[PathBuf]) -> Count {
    let mut count = Count::default();
    for file in files {
        if EXCEPTIONS.iter().any(|(end, _)| file.ends_with(end)) {
            continue;
        }
        let Ok(source) = fs::read_to_string(file) else { continue };
        count.files += 1;
        count.bytes += source.len();
        if let Some(difference) = compare(&source, &mut count) {
            count.differences.push(format!("{}: {difference}", file.display()));
        }
    }
    count
}

/// Says where our reading of `source` first differs from rustc's.
fn compare(source: &str, count: &mut Count) -> Option<String> {
    let (expected, is_valid) = rustc::pieces(source);
    count.invalid += usize::from(!is_valid);
    let pieces: Vec<_> = Lexer::new(source.as_bytes()).collect();
    count.pieces += pieces.len();
    let differs = pieces.iter().zip(&expected).find(|(ours, theirs)| ours != theirs);
    if let Some((ours, theirs)) = differs {
        return Some(format!("valid: {is_valid}\n  ours:   {ours:?}\n  rustc's: {theirs:?}"));
    }
    if pieces.len() != expected.len() {
        return Some(format!("valid: {is_valid}; {} pieces, rustc has {}", pieces.len(), expected.len()));
    }
    for piece in &pieces {
        if let Some(value) = rustc::value(source, piece) {
            count.values += 1;
            if decode(source.as_bytes(), piece).bytes != value {
                return Some(format!("another value: {piece:?}"));
            }
        }
    }
    None
}
