//! What is done about a finding: its level, and whether somebody has accepted it.
//!
//! The nearest table wins: a member's own before the workspace's; in a table the rule's own level before `all`. **Where
//! nothing is said, every finding is an error.**

use std::path::Path;

use secrets_detect::{Basis, Fingerprint, Level};

use crate::lint::baseline::Baseline;
use crate::lint::found::Found;
use crate::manifest::{Allowed, LintTable};

/// Levels, allowed fingerprints, the baseline.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    tables: Vec<LintTable>,
    baseline: Baseline,
}

/// Who accepted a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Acceptance {
    /// An entry of Cargo.toml, with its reason.
    Allowed {
        /// Why.
        reason: String,
    },
    /// The baseline.
    Baseline,
}

/// What is done about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is reported.
    Reported(Level),
    /// It is known and accepted.
    Accepted(Acceptance),
    /// Its rule is off.
    Off,
}

impl Policy {
    /// A policy of the tables of Cargo.toml files and a baseline.
    pub(crate) fn new(mut tables: Vec<LintTable>, baseline: Baseline) -> Self {
        // The deepest folder first: it is the nearest.
        tables.sort_by_key(|table| std::cmp::Reverse(table.folder.components().count()));
        Self { tables, baseline }
    }

    /// The baseline.
    pub(crate) fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// All entries of `allow`.
    pub(super) fn allowed(&self) -> impl Iterator<Item = &Allowed> {
        self.tables.iter().flat_map(|table| &table.allow)
    }

    fn tables_of<'a, 'p>(&'a self, path: &'p Path) -> impl Iterator<Item = &'a LintTable> + use<'a, 'p> {
        self.tables.iter().filter(move |table| table.is_main || path.starts_with(&table.folder))
    }

    /// The level of a rule in a file.
    pub(super) fn level(&self, path: &Path, rule: &str) -> Level {
        self.tables_of(path).find_map(|table| table.level(rule)).unwrap_or(Level::Deny)
    }

    /// The entry that allows a value in a file.
    pub(super) fn allows(&self, path: &Path, fingerprint: Fingerprint) -> Option<&Allowed> {
        self.tables_of(path).find_map(|table| table.allows(fingerprint))
    }

    /// What is done about a finding. A mistake in an `allow` cannot be accepted by fingerprint: mending it is easier.
    pub(super) fn judge(&self, found: &Found) -> Verdict {
        let level = self.level(&found.path, found.rule);
        if level == Level::Allow {
            return Verdict::Off;
        }
        if found.basis == Basis::Allow {
            return Verdict::Reported(level);
        }
        if let Some(allowed) = self.allows(&found.path, found.fingerprint) {
            return Verdict::Accepted(Acceptance::Allowed { reason: allowed.reason.clone() });
        }
        if self.baseline.accepts(found.fingerprint) {
            return Verdict::Accepted(Acceptance::Baseline);
        }
        Verdict::Reported(level)
    }
}
