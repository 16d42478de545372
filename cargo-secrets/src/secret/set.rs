//! Names with their values, and where each value came from.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;

use super::{SecretName, SecretValue};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A secret file, by its number in [`SecretSet::files`].
    File(usize),
    /// The `default` in Cargo.toml.
    Default,
    /// Composed of other values, as Cargo.toml says.
    Composed,
}

/// Why a file's entries are not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// The name stands in the file twice.
    Twice(SecretName),
    /// The name is empty in the file, and has a value in an earlier one.
    Blanked(SecretName),
}

/// A value and its origin.
#[derive(Debug)]
pub(crate) struct Sourced {
    /// The value.
    pub(crate) value: SecretValue,
    /// Where it came from.
    pub(crate) origin: Origin,
}

/// The names of an environment and their values; a later value of a name replaces an earlier one.
#[derive(Debug, Default)]
pub(crate) struct SecretSet {
    entries: HashMap<SecretName, Sourced>,
    files: Vec<PathBuf>,
}

impl SecretSet {
    /// Takes the entries of a file. The MAC of a file does not count its empty values, so one must not hide the value of
    /// an earlier file: anybody could have put it there.
    pub(crate) fn add_file(&mut self, path: PathBuf, entries: Vec<(SecretName, SecretValue)>) -> Result<(), Conflict> {
        let file = self.files.len();
        self.files.push(path);
        self.entries.reserve(entries.len());
        for (name, value) in entries {
            let sourced = Sourced { value, origin: Origin::File(file) };
            match self.entries.entry(name) {
                Entry::Occupied(entry) if entry.get().origin == Origin::File(file) => {
                    return Err(Conflict::Twice(entry.key().clone()));
                }
                Entry::Occupied(entry) if sourced.value.is_empty() && !entry.get().value.is_empty() => {
                    return Err(Conflict::Blanked(entry.key().clone()));
                }
                Entry::Occupied(mut entry) => drop(entry.insert(sourced)),
                Entry::Vacant(entry) => drop(entry.insert(sourced)),
            }
        }
        Ok(())
    }

    /// Gives `name` a value that no file holds.
    pub(crate) fn add(&mut self, name: SecretName, value: SecretValue, origin: Origin) {
        self.entries.insert(name, Sourced { value, origin });
    }

    /// The value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Sourced> {
        self.entries.get(name)
    }

    /// The file an origin stands for.
    pub(crate) fn file(&self, origin: &Origin) -> Option<&PathBuf> {
        match origin {
            Origin::File(index) => self.files.get(*index),
            Origin::Default | Origin::Composed => None,
        }
    }

    /// Keeps the names that `keep` says yes to; the others' values are wiped.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&SecretName) -> bool) {
        self.entries.retain(|name, _| keep(name));
    }

    /// Names and values in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&SecretName, &SecretValue)> {
        self.entries.iter().map(|(name, sourced)| (name, &sourced.value))
    }

    /// The names in order.
    pub(crate) fn names(&self) -> Vec<&SecretName> {
        let mut names: Vec<_> = self.entries.keys().collect();
        names.sort_unstable();
        names
    }
}
