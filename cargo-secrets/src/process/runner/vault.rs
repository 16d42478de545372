//! The values, while programs are started that may ask for them.
//!
//! **One piece of memory, locked where the limits allow it, wiped at the end.** The pieces that decryption made are wiped
//! when this has taken them. What is delivered as a file is one already, which each program inherits.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::Path;

use secrecy::ExposeSecret;

use crate::manifest::{Deliver, Manifest, Variable};
use crate::process::environment;
use crate::process::error::ExecError;
use crate::process::memory_file::MemoryFile;
use crate::process::platform::Locked;
use crate::secret::{SecretName, SecretSet};

/// Names and values with who may have them.
pub(crate) struct Vault {
    memory: Locked,
    entries: Vec<Entry>,
}

/// What stands in cargo's own environment, where everything that compiles can read it.
#[derive(Debug, Default)]
pub(crate) struct Exposed<'e> {
    /// The names that are declared to be delivered so.
    pub(crate) deliver: &'e [Deliver],
    /// Names that were asked for.
    pub(crate) names: &'e [String],
}

struct Entry {
    name: SecretName,
    value: Held,
    packages: Option<Vec<String>>,
    deliver: Deliver,
}

/// Where a value is.
enum Held {
    /// In the locked memory.
    Memory(std::ops::Range<usize>),
    /// In a file.
    File(MemoryFile),
}

impl Vault {
    /// Copies the values; the set is to be dropped, and wiped by that.
    pub(crate) fn new(secrets: &SecretSet, manifest: Option<&Manifest>) -> Result<Self, ExecError> {
        let deliver = |name| manifest.and_then(|manifest| Some(manifest.variable(name)?.deliver)).unwrap_or_default();
        let in_memory = secrets.iter().filter(|(name, _)| deliver(name) != Deliver::File);
        let size = in_memory.map(|(_, value)| value.len()).sum();
        let mut memory = Locked::with_capacity(size);
        let mut entries = Vec::new();
        for name in secrets.names() {
            let Some(sourced) = secrets.get(name.as_str()) else { continue };
            let deliver = deliver(name);
            let value = if deliver == Deliver::File {
                Held::File(MemoryFile::new(name, bytes(&sourced.value))?)
            } else {
                environment::check(name, &sourced.value)?;
                Held::Memory(memory.push(bytes(&sourced.value)).ok_or(ExecError::Interior)?)
            };
            let declared = manifest.and_then(|manifest| manifest.variable(name));
            entries.push(Entry {
                name: name.clone(),
                value,
                packages: declared.and_then(|variable: &Variable| variable.packages.clone()),
                deliver,
            });
        }
        Ok(Self { memory, entries })
    }

    /// What a program of `package` gets; without a package what is for all of them.
    pub(crate) fn for_program(&self, package: Option<&str>) -> Vec<(&str, &[u8])> {
        self.chosen(|entry| entry.deliver != Deliver::Cargo && entry.is_for(package))
    }

    /// What it gets as files.
    pub(crate) fn files_for_program(&self, package: Option<&str>) -> Vec<(&str, BorrowedFd<'_>)> {
        let ours = self.entries.iter().filter(|entry| entry.is_for(package));
        ours.filter_map(|entry| Some((entry.name.as_str(), entry.file()?.as_fd()))).collect()
    }

    /// The names whose values are files, and the folder of those that are not in memory.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&SecretName, Option<&Path>)> {
        self.entries.iter().filter_map(|entry| Some((&entry.name, entry.file()?.folder())))
    }

    /// What cargo itself gets.
    pub(crate) fn for_cargo(&self, exposed: &Exposed<'_>) -> Vec<(&str, &[u8])> {
        let is_named = |entry: &Entry| exposed.names.iter().any(|name| name == entry.name.as_str());
        self.chosen(|entry| exposed.deliver.contains(&entry.deliver) || is_named(entry))
    }

    /// Whether the values stay out of swap.
    pub(crate) fn is_locked(&self) -> bool {
        self.memory.is_locked() || self.entries.is_empty()
    }

    fn chosen(&self, which: impl Fn(&Entry) -> bool) -> Vec<(&str, &[u8])> {
        let chosen = self.entries.iter().filter(|entry| which(entry));
        let value = |entry: &Entry| match &entry.value {
            Held::Memory(range) => self.memory.bytes().get(range.clone()),
            Held::File(_) => None,
        };
        chosen.filter_map(|entry| Some((entry.name.as_str(), value(entry)?))).collect()
    }
}

impl Entry {
    fn file(&self) -> Option<&MemoryFile> {
        match &self.value {
            Held::File(file) => Some(file),
            Held::Memory(_) => None,
        }
    }

    fn is_for(&self, package: Option<&str>) -> bool {
        let Some(packages) = &self.packages else { return true };
        package.is_some_and(|package| packages.iter().any(|allowed| allowed == package))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "copied into locked memory or a private file; the original is wiped when its set is dropped"
)]
fn bytes(value: &crate::secret::SecretValue) -> &[u8] {
    value.expose_secret().as_bytes()
}
