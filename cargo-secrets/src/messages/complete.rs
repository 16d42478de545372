//! That each text of an error in the sources is printed by a sample.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Sample, groups};

/// What an `#[error("…")]` says of a variant or a struct.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Declared {
    /// The variant's or the struct's name.
    name: String,
    /// The text between the placeholders.
    pieces: Vec<String>,
}

/// All that `source` declares; what is transparent says nothing itself.
fn declared(source: &str) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some((_, after)) = rest.split_once("#[error(") {
        rest = after;
        let Some(literal) = after.trim_start().strip_prefix('"') else {
            assert!(after.starts_with("transparent)"), "a text is read as a literal: {}", &after[..40]);
            continue;
        };
        let (text, end) = literal_text(literal);
        // What comes between is the rest of the attribute, documentation, other attributes, and what the item is.
        let item = literal[end..]
            .lines()
            .skip(1)
            .map(str::trim_start)
            .find(|line| line.starts_with(|c: char| c.is_ascii_uppercase()) || line.contains("struct "));
        let item = item.unwrap().rsplit("struct ").next().unwrap();
        let name = item.chars().take_while(char::is_ascii_alphanumeric).collect();
        found.push(Declared { name, pieces: pieces(&text) });
    }
    found
}

/// The text of a string literal that begins after its quote, and where it ends.
pub(super) fn literal_text(source: &str) -> (String, usize) {
    let mut text = String::new();
    let mut characters = source.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (text, at),
            '\\' => match characters.next().unwrap().1 {
                'n' => text.push('\n'),
                '\n' => {
                    let blank = source[at + 2..].len() - source[at + 2..].trim_start().len();
                    // What is skipped is ASCII.
                    characters.nth(blank.saturating_sub(1));
                }
                other => text.push(other),
            },
            c => text.push(c),
        }
    }
    panic!("a literal without an end");
}

/// What stands between the placeholders of a format string.
fn pieces(format: &str) -> Vec<String> {
    let text = format.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let mut pieces = Vec::new();
    for (index, part) in text.split('{').enumerate() {
        let literal = if index == 0 { part } else { part.split_once('}').unwrap().1 };
        pieces.push(literal.replace('\u{1}', "{").replace('\u{2}', "}"));
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Whether `text` has all pieces, in order.
fn has(mut text: &str, pieces: &[String]) -> bool {
    pieces.iter().all(|piece| match text.split_once(piece.as_str()) {
        Some((_, after)) => {
            text = after;
            true
        }
        None => false,
    })
}

/// Whether `name` is a word of `debug`, outside of longer ones.
fn is_word_of(debug: &str, name: &str) -> bool {
    debug.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == name)
}

/// The sources in a folder and below it.
pub(super) fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("complete.rs"))
        .collect()
}

#[test]
fn texts_are_read_from_the_sources() {
    let source = "    #[error(\"a `{}`{{}} \\\n        b: {x}\", y(\"z\"))]\n    /// B.\n    Two {\n    #[error(transparent)]\n    Three,\n\
                  #[error(\"c\")]\npub(crate) struct Four;\n";
    let declare = |name: &str, pieces: &[&str]| Declared {
        name: name.to_owned(),
        pieces: pieces.iter().map(|&piece| piece.to_owned()).collect(),
    };
    assert_eq!(declared(source), [declare("Two", &["a `", "`{} b: "]), declare("Four", &["c"])]);
    assert!(has("x a `q`{} b: y", &declared(source)[0].pieces) && !has("`{} b: a `", &declared(source)[0].pieces));
}

/// All texts of the sources, each with how many files say it.
fn all_declared() -> BTreeMap<Declared, usize> {
    let mut all = BTreeMap::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for declared in declared(&fs::read_to_string(&path).unwrap()) {
            *all.entry(declared).or_default() += 1;
        }
    }
    all
}

#[test]
fn every_text_of_the_sources_is_printed_by_a_sample_of_its_variant() {
    let groups = groups();
    let all = all_declared();
    assert!(all.len() > 250, "{} texts", all.len());
    let shows = |samples: &[Sample], declared: &Declared| {
        let is_it =
            |sample: &Sample| has(&sample.printed, &declared.pieces) && is_word_of(&sample.debug, &declared.name);
        samples.iter().any(is_it)
    };
    // What two files say has to be printed in two parts.
    let printed = |declared: &Declared| groups.iter().filter(|(_, samples)| shows(samples, declared)).count();
    let missing: Vec<_> = all.iter().filter(|(declared, files)| printed(declared) < **files).collect();
    assert!(missing.is_empty(), "no sample prints {missing:#?}");
    let only_quoting = all.keys().filter(|declared| !declared.pieces.concat().contains(char::is_alphabetic));
    let only_quoting: Vec<_> = only_quoting.map(|declared| declared.name.as_str()).collect();
    assert_eq!(only_quoting, ["Body", "Cipher", "Format", "Stranger", "Toml", "Value"]);
}

#[test]
fn every_message_says_what_to_type_next() {
    // A refused system call says it itself; nothing is to be done about a `no`, nor about a kernel without random bytes.
    let is_plain = |sample: &Sample| {
        ["(os error ", "the answer was not `y`", "gives no random bytes"]
            .iter()
            .any(|text| sample.printed.contains(text))
    };
    let silent = |sample: &&Sample| !sample.printed.contains("\nhelp: ") && !is_plain(sample);
    let groups = groups();
    let silent: Vec<_> = groups.iter().flat_map(|(_, samples)| samples).filter(silent).collect();
    let silent: Vec<_> = silent.iter().map(|sample| &sample.printed).collect();
    assert!(silent.is_empty(), "no help: {silent:#?}");
}
