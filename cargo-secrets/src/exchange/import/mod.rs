//! Names and values out of the files of other programs.
//!
//! **Nothing is guessed about a value**: a line that cannot be read, or that readers of such files read differently, is an
//! error with its number. **No message holds a value.**
//!
//! A new format is one file here and one line in [`FORMATS`].

mod agreed;
mod bash;
mod docker;
mod dotenvx;
mod dotenvy;
mod env;
mod error;
mod fnox;
mod json;
#[cfg(test)]
pub(crate) mod samples;
mod secretspec;
mod sops;
mod yaml;

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Text;
use crate::fsx;
use crate::secret::SecretValue;
use crate::store::Keyring;

pub(crate) use error::{Error, Fault, Trouble, shown_name};

/// What can be imported. A file whose format is not named has the first that its name or its content looks like; else it
/// is a `.env` file of one dialect or another.
pub(crate) const FORMATS: [&Format; 10] = [
    &sops::FORMAT,
    &fnox::FORMAT,
    &secretspec::FORMAT,
    &dotenvx::FORMAT,
    &env::FORMAT,
    &json::FORMAT,
    &yaml::FORMAT,
    &dotenvy::FORMAT,
    &docker::FORMAT,
    &bash::FORMAT,
];

/// A form of text that another program writes.
pub(crate) struct Format {
    /// As it is typed.
    pub(crate) name: &'static str,
    /// Who writes it, for `--help`.
    pub(crate) about: &'static str,
    /// Whether the values are encrypted in it.
    pub(crate) encrypted: bool,
    /// Whether a file looks like it.
    looks: fn(&Source<'_>) -> bool,
    /// Reads all of it.
    read: fn(&Source<'_>, &mut Keyring) -> Result<Found, Error>,
}

/// A file's text, and where it came from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'s> {
    /// Where it is; `None` for standard input.
    pub(crate) path: Option<&'s Path>,
    /// All of it.
    pub(crate) text: &'s str,
    /// The project's folder, whose files must not lead out of it.
    pub(crate) project: Option<&'s Path>,
    /// The environment that it is imported into, for files that have profiles.
    pub(crate) environment: &'s str,
    /// Whether what is nested is taken, `a.b` as `A_B`.
    pub(crate) flatten: bool,
}

/// A name and its value.
pub(crate) struct Entry {
    /// As it stands in the file: perhaps no name of a variable.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: SecretValue,
    /// Counted from 1; 0 where the file has no lines.
    pub(crate) line: usize,
}

/// What a file holds.
#[derive(Default)]
pub(crate) struct Found {
    /// In order; each name once.
    pub(crate) entries: Vec<Entry>,
    /// Names without a value that can be taken, and why.
    pub(crate) left_out: Vec<Fault>,
    /// How it was read, where that was not said by its format alone.
    pub(crate) how: Option<String>,
    /// What to know of some values, and their names.
    pub(crate) remarks: Vec<(&'static str, Vec<String>)>,
    /// Another file than the one that was named, which holds the plaintext.
    pub(crate) plaintext: Option<PathBuf>,
}

impl Source<'_> {
    /// The file's name in lower case, or nothing.
    fn file_name(&self) -> String {
        let name = self.path.and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().to_ascii_lowercase()
    }

    /// What follows after the last dot of its name, in lower case.
    fn extension(&self) -> String {
        let extension = self.path.and_then(Path::extension).unwrap_or_default();
        extension.to_string_lossy().to_ascii_lowercase()
    }

    /// How messages name it.
    pub(crate) fn shown(&self) -> String {
        self.path.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string())
    }

    /// Refuses a file that a link inside of the project puts outside of it: a clone could have its user's own files read.
    pub(crate) fn inside(project: &Path, path: &Path) -> Result<(), Error> {
        match fsx::led_out(project, path) {
            Some(real) => Err(Error::Outside { input: path.display().to_string(), real }),
            None => Ok(()),
        }
    }

    /// Reads a file beside this one; see [`Source::inside`].
    fn beside(&self, path: &Path) -> Result<Zeroizing<String>, Error> {
        if let Some(project) = self.project {
            Self::inside(project, path)?;
        }
        Ok(Zeroizing::new(fsx::read_text(path)?))
    }

    /// The number of the line in which byte `at` stands.
    fn line_of(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or_default().matches('\n').count() + 1
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Format {
    /// The format of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FORMATS.into_iter().find(|format| format.name == name)
    }

    /// The format that a file looks like.
    pub(crate) fn guess(source: &Source<'_>) -> &'static Self {
        FORMATS.into_iter().find(|format| (format.looks)(source)).unwrap_or(&agreed::FORMAT)
    }

    /// Reads a file.
    pub(crate) fn read(&self, source: &Source<'_>, keyring: &mut Keyring) -> Result<Found, Error> {
        let mut found = (self.read)(source, keyring)?;
        found.entries = unique(source, found.entries)?;
        Ok(found)
    }
}

/// A name that stands twice with the same value stands once; with two, readers disagree which of them counts.
fn unique(source: &Source<'_>, entries: Vec<Entry>) -> Result<Vec<Entry>, Error> {
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    let mut places = std::collections::HashMap::new();
    let mut faults = Vec::new();
    for entry in entries {
        match places.get(&entry.name).and_then(|at: &usize| kept.get(*at)) {
            Some(first) if first.value == entry.value => {}
            Some(first) => faults.push(Fault::of(&entry, Trouble::Twice(first.line))),
            None => {
                places.insert(entry.name.clone(), kept.len());
                kept.push(entry);
            }
        }
    }
    if faults.is_empty() { Ok(kept) } else { Err(Error::lines(source, faults)) }
}

/// What one dialect of `.env` files makes of one entry.
struct Reading {
    /// Where the entry begins, counted from 1.
    line: usize,
    /// Empty where there is none.
    name: String,
    value: Result<SecretValue, Trouble>,
}

impl Reading {
    fn fault(line: usize, trouble: Trouble) -> Self {
        Self { line, name: String::new(), value: Err(trouble) }
    }
}

/// All readings as entries; those in trouble are an error together.
fn entries(source: &Source<'_>, readings: Vec<Reading>) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut faults = Vec::new();
    for Reading { line, name, value } in readings {
        match value {
            // The name would be a piece of a key.
            Ok(value) if line > 0 && is_tail(&name, &value) => {
                faults.push(Fault { line, name: String::new(), why: Trouble::Tail });
            }
            Ok(value) => found.entries.push(Entry { name, value, line }),
            Err(why) => faults.push(Fault { line, name, why }),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(Error::lines(source, faults)) }
}

/// Whether an entry looks like the last line of a base64 text, whose padding was read as `=` and an empty value.
#[expect(clippy::disallowed_methods, reason = "the value is compared with the padding of base64")]
fn is_tail(name: &str, value: &SecretValue) -> bool {
    if !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let has = |test: fn(&u8) -> bool| name.as_bytes().iter().any(test);
    let (lower, upper, digit) = (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), has(u8::is_ascii_digit));
    let is_long = name.len() >= 8;
    match value.expose_secret() {
        "" => is_long && lower && (upper || digit),
        "=" => (lower && upper) || (is_long && (lower || digit)),
        _ => false,
    }
}

/// What a shell and a library substitute: names that the file itself gave a value.
#[derive(Default)]
struct Known(std::collections::HashMap<String, Zeroizing<String>>);

impl Known {
    /// Adds the value of `name` to `out`.
    fn substitute(&self, name: &str, out: &mut Text) -> Result<(), Trouble> {
        if name.is_empty() {
            return Err(Trouble::Dollar);
        }
        match self.0.get(name) {
            Some(value) => {
                out.push_str(value);
                Ok(())
            }
            None => Err(Trouble::Outside),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a later line of the same file may take the value in")]
    fn learn(&mut self, name: &str, value: &Result<SecretValue, Trouble>) {
        if let Ok(value) = value {
            self.0.insert(name.to_owned(), Zeroizing::new(value.expose_secret().to_owned()));
        }
    }
}

/// Takes only the place from `error`: its text may quote a value.
fn toml_error(source: &Source<'_>, error: &toml::de::Error) -> Error {
    let line = error.span().map_or(1, |span| source.line_of(span.start));
    Error::Toml { input: source.shown(), line }
}

/// Where a text begins after a byte order mark.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Whether `text` could name a variable.
fn is_name(text: &str) -> bool {
    crate::secret::SecretName::new(text).is_ok()
}
