//! `[…metadata.secrets.lint]`: levels of rules, allowed fingerprints, the baseline.
//!
//! **An allow has a reason, and its fingerprint is never a value**: what is no fingerprint is refused and not repeated. A
//! member's table holds for the member's folder; the baseline is the workspace's.
//!
//! The tables are read on their own, so that a project without environments, or without any table, can be linted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrets_detect::{Fingerprint, Level, Position};

use crate::manifest::error::Error;
use crate::manifest::locate::{Loaded, Located};
use crate::manifest::members;
use crate::manifest::mistake::{Fault, Table};
use crate::manifest::problem::{LintProblem, Noun, Problem, ShapeProblem};
use crate::manifest::schema::{RawLint, RawSource, RawTable, RawVariable, Slot};
use crate::manifest::{Document, check, mistake};

/// Stands for every rule that has no level of its own.
const ALL: &str = "all";

/// Rules that depend on what is declared, which the engine does not know.
pub(crate) const DECLARED_RULES: [&str; 2] = [secrets_detect::ENV_BAKES_SECRET, secrets_detect::INCLUDES_SECRET_FILE];

/// What the tables of a project say that matters to the lint.
#[derive(Debug, Default)]
pub(crate) struct LintTables {
    /// Levels and what is allowed, by table.
    pub(crate) tables: Vec<LintTable>,
    /// The variables of kind `secret`.
    pub(crate) secrets: BTreeSet<String>,
    /// The sources of all environments, each with the folder of its manifest.
    pub(crate) sources: Vec<(PathBuf, String)>,
}

/// What a table says of the lint.
#[derive(Debug, Default)]
pub(super) struct Lint {
    levels: BTreeMap<String, Level>,
    allow: Vec<(Fingerprint, String)>,
    baseline: Option<String>,
}

/// A table with the folder it is for.
#[derive(Debug, Default)]
pub(crate) struct LintTable {
    /// The folder of its Cargo.toml.
    pub(crate) folder: PathBuf,
    /// Whether it is the project's: then it is for files elsewhere too.
    pub(crate) is_main: bool,
    /// What is allowed.
    pub(crate) allow: Vec<Allowed>,
    /// The baseline, absolute, where one is named.
    pub(crate) baseline: Option<PathBuf>,
    levels: BTreeMap<String, Level>,
}

impl LintTable {
    /// The level that the table gives to a rule.
    pub(crate) fn level(&self, rule: &str) -> Option<Level> {
        self.levels.get(rule).or_else(|| self.levels.get(ALL)).copied()
    }

    /// What the table says of a value.
    pub(crate) fn allows(&self, fingerprint: Fingerprint) -> Option<&Allowed> {
        self.allow.iter().find(|allowed| allowed.fingerprint == fingerprint)
    }
}

/// An entry of `allow`.
#[derive(Debug)]
pub(crate) struct Allowed {
    /// Names the value.
    pub(crate) fingerprint: Fingerprint,
    /// Why it may stay.
    pub(crate) reason: String,
    document: Arc<Loaded>,
    table: Table,
    index: usize,
}

impl Allowed {
    /// The Cargo.toml that holds it.
    pub(crate) fn manifest(&self) -> &Path {
        &self.document.path
    }

    /// That file's text.
    pub(crate) fn text(&self) -> &str {
        &self.document.text
    }

    /// Where it stands there: bytes, first character, behind the last one.
    pub(crate) fn place(&self) -> (std::ops::Range<usize>, Position, Position) {
        let steps = ["lint".into(), "allow".into(), self.index.into()];
        let text = &self.document.text;
        let span = mistake::value_span(text, self.table, &steps).unwrap_or(0..0);
        (span.clone(), position(text, span.start), position(text, span.end))
    }
}

fn position(text: &str, at: usize) -> Position {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    Position { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
}

/// Checks what a table says of the lint.
pub(super) fn check(raw: RawLint) -> Result<Lint, Fault> {
    let mut levels = BTreeMap::new();
    for (rule, level) in raw.levels {
        let known = || secrets_detect::rules().map(|rule| rule.id).chain(DECLARED_RULES);
        if rule != ALL && !known().any(|known| known == rule) {
            let problem = check::unknown(Noun::Rule, &rule, known().chain([ALL]));
            return Err(Fault::key(["lint".into(), "levels".into(), rule.as_str().into()], problem));
        }
        let at = || ["lint".into(), "levels".into(), rule.as_str().into()];
        let level = parse_level(&level).map_err(|problem| Fault::value(at(), problem))?;
        levels.insert(rule, level);
    }
    let mut allow = Vec::with_capacity(raw.allow.len());
    for (index, entry) in raw.allow.into_iter().enumerate() {
        // Of an entry only its keys are shown: what was pasted for a fingerprint may be the value.
        let missing = |problem: LintProblem| Fault::key(["lint".into(), "allow".into()], problem);
        let wrong = |key: &str, problem: LintProblem| {
            Fault::key(["lint".into(), "allow".into(), index.into(), key.into()], problem)
        };
        let text = entry.fingerprint.ok_or_else(|| missing(LintProblem::NoFingerprint))?;
        let fingerprint = Fingerprint::parse(&text).ok_or_else(|| wrong("fingerprint", LintProblem::NoFingerprint))?;
        let reason = entry.reason.ok_or_else(|| missing(LintProblem::NoReason))?;
        if reason.trim().is_empty() {
            return Err(wrong("reason", LintProblem::NoReason));
        }
        if allow.iter().any(|(known, _)| *known == fingerprint) {
            return Err(wrong("fingerprint", LintProblem::Twice));
        }
        allow.push((fingerprint, reason));
    }
    if let Some(path) = raw.baseline.as_ref().filter(|path| check::is_outside(path)) {
        let problem = LintProblem::BaselineOutside(path.clone());
        return Err(Fault::value(["lint".into(), "baseline".into()], problem));
    }
    Ok(Lint { levels, allow, baseline: raw.baseline })
}

/// Checks what a member's table says of the lint.
pub(super) fn check_member(raw: RawLint) -> Result<Lint, Fault> {
    if raw.baseline.is_some() {
        let problem = ShapeProblem::OnlyInWorkspace { key: "baseline" };
        return Err(Fault::key(["lint".into(), "baseline".into()], problem));
    }
    check(raw)
}

fn parse_level(text: &str) -> Result<Level, Problem> {
    const LEVELS: [(&str, Level); 3] = [("deny", Level::Deny), ("warn", Level::Warn), ("allow", Level::Allow)];
    let found = LEVELS.iter().find(|(name, _)| *name == text).map(|(_, level)| *level);
    found.ok_or_else(|| check::unknown(Noun::Level, text, LEVELS.iter().map(|(name, _)| *name)))
}

/// The lint tables of a project, its members' included; empty where there are none.
pub(crate) fn lint_tables(located: Located) -> Result<LintTables, Error> {
    let Located { mut root, package } = located;
    let workspace = root.toml.take_workspace_secrets();
    let own = root.toml.take_package_secrets();
    let manifests = members::members(&root)?;
    let root = Arc::new(root);
    let mut all = LintTables::default();
    let is_workspace = workspace.is_some();
    let mut add = |loaded: &Arc<Loaded>, table, slot: Option<Slot>, is_main| -> Result<(), Error> {
        let Some(slot) = slot else { return Ok(()) };
        let document = Document::new(loaded, table);
        let raw = document.good(slot)?;
        all.collect(&raw, loaded.folder());
        let Some(raw) = raw.lint else { return Ok(()) };
        let checked = if is_main { check(raw) } else { check_member(raw) };
        let lint = checked.map_err(|fault| document.mistake(fault))?;
        all.tables.push(lint.placed(loaded, table, is_main));
        Ok(())
    };
    add(&root, Table::Workspace, workspace, true)?;
    add(&root, Table::Package, own, !is_workspace)?;
    let current = package.filter(|package| manifests.iter().all(|member| member.manifest != package.path));
    for member in manifests.iter().filter(|member| member.may_declare()) {
        let mut loaded = Loaded::parse(member.manifest.clone(), member.text.clone())?;
        let slot = loaded.toml.take_package_secrets();
        add(&Arc::new(loaded), Table::Package, slot, false)?;
    }
    if let Some(mut package) = current {
        let slot = package.toml.take_package_secrets();
        add(&Arc::new(package), Table::Package, slot, false)?;
    }
    Ok(all)
}

impl LintTables {
    /// What must not be built into a program.
    fn collect(&mut self, raw: &RawTable, folder: &Path) {
        let is_secret = |variable: &RawVariable| variable.kind.as_deref().is_none_or(|kind| kind == "secret");
        let secrets = raw.variables.iter().filter(|(_, variable)| is_secret(variable));
        self.secrets.extend(secrets.map(|(name, _)| name.clone()));
        for source in raw.environments.iter().flatten().flat_map(|(_, environment)| &environment.sources) {
            let path = match source {
                RawSource::Text(path) => path,
                RawSource::Table(table) => &table.path,
            };
            self.sources.push((folder.to_owned(), path.clone()));
        }
    }
}

impl Lint {
    fn placed(self, document: &Arc<Loaded>, table: Table, is_main: bool) -> LintTable {
        let folder = document.folder().to_owned();
        let allow = self.allow.into_iter().enumerate().map(|(index, (fingerprint, reason))| Allowed {
            fingerprint,
            reason,
            document: Arc::clone(document),
            table,
            index,
        });
        let baseline = self.baseline.map(|path| folder.join(path));
        LintTable { allow: allow.collect(), baseline, levels: self.levels, folder, is_main }
    }
}
