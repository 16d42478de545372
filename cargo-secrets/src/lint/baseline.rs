//! Findings that were there when the lint was introduced: accepted by fingerprint until they are gone.
//!
//! A JSON file of fingerprints, rules and files. **No value, no line**: moved lines change nothing in it, and neither does
//! a value that comes to stand in a second place. Sorted, so that two people's additions merge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use secrets_detect::Fingerprint;
use serde::{Deserialize, Serialize};

use crate::fsx;
use crate::lint::error::Error;
use crate::lint::render;
use crate::lint::report::Report;

/// The version of the format.
const VERSION: u32 = 1;

/// What is accepted, and which file says so.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    /// The file, absolute; it need not exist.
    path: PathBuf,
    entries: BTreeMap<Fingerprint, Entry>,
}

/// An accepted finding.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Names the value.
    pub(crate) fingerprint: String,
    /// The rule that found it.
    pub(crate) rule: String,
    /// A file that it stood in.
    pub(crate) file: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Format {
    version: u32,
    findings: Vec<Entry>,
}

impl Baseline {
    /// Reads the file `path`. A default one need not exist; one that was `named` must.
    pub(crate) fn read(path: PathBuf, named: bool) -> Result<Self, Error> {
        let bytes = match fsx::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => {
                return if named { Err(Error::NoBaseline(path)) } else { Ok(Self { path, ..Self::default() }) };
            }
            Err(error) => return Err(error.into()),
        };
        let broken = |reason: String| Error::Baseline { path: path.clone(), reason };
        let format: Format = serde_json::from_slice(&bytes)
            .map_err(|error| broken(format!("line {}, column {}", error.line(), error.column())))?;
        if format.version != VERSION {
            return Err(broken(format!("its version is {}, this program reads {VERSION}", format.version)));
        }
        let mut entries = BTreeMap::new();
        for entry in format.findings {
            let fingerprint = Fingerprint::parse(&entry.fingerprint)
                .ok_or_else(|| broken("a fingerprint is 16 hexadecimal digits".to_owned()))?;
            entries.insert(fingerprint, entry);
        }
        Ok(Self { path, entries })
    }

    /// A baseline that accepts nothing, to be written to `path`.
    pub(crate) fn empty(path: PathBuf) -> Self {
        Self { path, ..Self::default() }
    }

    /// The file; it need not exist.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it accepts a value.
    pub(super) fn accepts(&self, fingerprint: Fingerprint) -> bool {
        self.entries.contains_key(&fingerprint)
    }

    /// The entries that nothing was found for.
    pub(super) fn stale(&self, found: &BTreeSet<Fingerprint>) -> Vec<Entry> {
        self.entries
            .iter()
            .filter(|(fingerprint, _)| !found.contains(fingerprint))
            .map(|(_, entry)| entry.clone())
            .collect()
    }

    /// Makes it accept what a report holds, and nothing else; tells how many that are.
    pub(crate) fn write(&self, report: &Report, root: &Path) -> Result<usize, Error> {
        let mut findings: Vec<_> = report
            .groups
            .iter()
            .filter(|group| group.first().basis != secrets_detect::Basis::Allow)
            .map(|group| Entry {
                fingerprint: group.first().fingerprint.to_string(),
                rule: group.first().rule.to_owned(),
                file: render::relative(root, &group.first().path),
            })
            .collect();
        findings.sort_unstable_by(|one, other| {
            (&one.file, &one.rule, &one.fingerprint).cmp(&(&other.file, &other.rule, &other.fingerprint))
        });
        let count = findings.len();
        let mut text = serde_json::to_string_pretty(&Format { version: VERSION, findings }).unwrap_or_default();
        text.push('\n');
        if let Some(folder) = self.path.parent() {
            fsx::create_dir(folder)?;
        }
        fsx::replace(&self.path, text.as_bytes())?;
        Ok(count)
    }
}
