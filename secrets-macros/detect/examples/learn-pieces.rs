//! Learns `src/pieces.txt`, the table by which the engine tells words from random text.
//!
//! `cargo run --release -p secrets-detect --example learn-pieces -- FOLDER… >secrets-macros/detect/src/pieces.txt`, where
//! each folder holds unpacked crates (`~/.cargo/registry/src/*/`, say; the present table is of 2,156 crates). Byte-pair
//! encoding (Gage 1994) on the runs of letters and of digits in their `.rs` files, in lower case. **A word counts by the
//! square root of the number of crates that use it**, so that neither one crate's vocabulary nor `let` and `self` decide.
//! **The same sources give the same table**: crates and words are taken in order, and ties go to the first in order.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool that prints its result")]
#![expect(clippy::indexing_slicing, reason = "positions are of the same slice")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Merges to learn: 10 KB.
const MERGES: usize = 2_000;
/// Crates that a word must stand in.
const CRATES: u32 = 3;
/// Generated bindings would drown the words of everybody else.
const BINDINGS: [&str; 3] = ["windows", "winapi", "web-sys"];

/// A pair of pieces, by number.
type Pair = (u16, u16);

/// A word as the pieces it is made of so far, and how much it counts.
struct Word {
    pieces: Vec<u16>,
    weight: f64,
}

fn main() {
    let folders: Vec<_> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let words = words(&folders);
    eprintln!("{} words", words.len());
    let mut pieces = learn(words);
    // By the first two characters, longest first: the order in which the engine looks.
    pieces.sort_by(|one, other| (&one[..2], other.len(), one).cmp(&(&other[..2], one.len(), other)));
    for piece in pieces {
        println!("{piece}");
    }
}

/// The words of all crates in `folders`, each crate once (the version that is first in order).
fn words(folders: &[PathBuf]) -> Vec<Word> {
    let mut crates = BTreeMap::new();
    for path in folders.iter().flat_map(|folder| entries(folder)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = name.split_once("-0.").or_else(|| name.rsplit_once('-')).map_or(&*name, |(name, _)| name);
        if !BINDINGS.iter().any(|bindings| name.starts_with(bindings)) {
            crates.entry(name.to_owned()).or_insert(path);
        }
    }
    let mut used = BTreeMap::<Vec<u8>, u32>::new();
    for folder in crates.values() {
        let mut here = BTreeSet::new();
        words_below(folder, &mut here);
        for word in here {
            *used.entry(word).or_default() += 1;
        }
    }
    let common = used.into_iter().filter(|(_, crates)| *crates >= CRATES);
    common
        .map(|(word, crates)| Word {
            pieces: word.into_iter().map(u16::from).collect(),
            weight: f64::from(crates).sqrt(),
        })
        .collect()
}

/// Adds the words of every `.rs` file below `folder`.
fn words_below(folder: &Path, words: &mut BTreeSet<Vec<u8>>) {
    for path in entries(folder) {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            words_below(&path, words);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read(&path).unwrap_or_default();
            // A larger file is a table of data.
            if text.len() <= 1_000_000 {
                runs(&text, u8::is_ascii_alphabetic, 20, words);
                runs(&text, u8::is_ascii_digit, 8, words);
            }
        }
    }
}

/// Adds the runs of bytes that `belongs` accepts, from two up to `longest` bytes.
fn runs(text: &[u8], belongs: fn(&u8) -> bool, longest: usize, words: &mut BTreeSet<Vec<u8>>) {
    for run in text.split(|byte| !belongs(byte)) {
        if (2..=longest).contains(&run.len()) {
            words.insert(run.to_ascii_lowercase());
        }
    }
}

/// What a folder holds, in order.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    entries
}

/// Joins the pair that counts most, again and again.
fn learn(mut words: Vec<Word>) -> Vec<String> {
    let mut texts: Vec<String> = (0..=255_u8).map(|byte| char::from(byte).to_string()).collect();
    let mut weights = HashMap::<Pair, f64>::new();
    let mut places = HashMap::<Pair, BTreeSet<usize>>::new();
    for (index, word) in words.iter().enumerate() {
        for pair in pairs(&word.pieces) {
            *weights.entry(pair).or_default() += word.weight;
            places.entry(pair).or_default().insert(index);
        }
    }
    let mut learnt = BTreeSet::new();
    while learnt.len() < MERGES {
        let best = weights.iter().max_by(|one, other| one.1.total_cmp(other.1).then(other.0.cmp(one.0)));
        let Some((&pair, _)) = best else { break };
        let joined = u16::try_from(texts.len()).unwrap_or(u16::MAX);
        texts.push([&*texts[usize::from(pair.0)], &*texts[usize::from(pair.1)]].concat());
        learnt.extend(texts.last().cloned());
        weights.remove(&pair);
        for index in places.remove(&pair).unwrap_or_default() {
            let word = &mut words[index];
            let before = std::mem::take(&mut word.pieces);
            word.pieces = join(&before, pair, joined);
            for gone in pairs(&before).filter(|gone| *gone != pair) {
                weights.entry(gone).and_modify(|weight| *weight -= word.weight);
            }
            for new in pairs(&word.pieces) {
                *weights.entry(new).or_default() += word.weight;
                places.entry(new).or_default().insert(index);
            }
        }
    }
    learnt.into_iter().collect()
}

/// The neighbours in `pieces`.
fn pairs(pieces: &[u16]) -> impl Iterator<Item = Pair> {
    pieces.windows(2).map(|pair| (pair[0], pair[1]))
}

/// `pieces` with every `pair` replaced by `joined`.
fn join(pieces: &[u16], pair: Pair, joined: u16) -> Vec<u16> {
    let mut result = Vec::with_capacity(pieces.len());
    let mut at = 0;
    while at < pieces.len() {
        if pieces.get(at..at + 2) == Some(&[pair.0, pair.1]) {
            result.push(joined);
            at += 2;
        } else {
            result.push(pieces[at]);
            at += 1;
        }
    }
    result
}
