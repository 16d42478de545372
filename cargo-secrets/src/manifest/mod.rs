//! What Cargo.toml declares: environments, recipients, variables.
//!
//! - [`locate`]: which Cargo.toml, without starting cargo; [`members`]: the workspace's other ones
//! - [`schema`] (keys and types) → [`check`] (meaning) → [`model`] (declarations); [`order`] of composed values
//! - [`resolve`]: an environment's sources, inheritance
//! - [mod@format], [`template`]: what a value looks like, what it is composed of
//! - [`lint`]: levels, allowed findings, the baseline
//! - [`sandbox`]: `run` and `sandbox`; [`user`]: the user's own settings; [`outside`]: what cargo reads beside the workspace
//! - [`opening`]: lines that open more of the sandbox
//! - [`diagnose`], [`mistake`], [`problem`], [`error`]: what is wrong, where, and what to type next
//! - [`edit`], [`rename`]: changes to Cargo.toml with comments and layout kept
//!
//! **Nothing here holds or reads a secret value**, and nothing here writes a file.

mod check;
mod diagnose;
mod edit;
mod error;
mod format;
mod lint;
mod locate;
mod members;
mod mistake;
mod model;
mod noun;
mod opening;
mod order;
mod outside;
mod problem;
mod rename;
mod resolve;
#[cfg(test)]
pub(crate) mod samples;
mod sandbox;
mod schema;
mod template;
#[cfg(test)]
mod testing;
mod user;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use locate::Loaded;
use mistake::Fault;
use model::Declarations;
use problem::{Release, VariableProblem};
use schema::Slot;

use crate::secret::{EnvName, SecretName};

pub(crate) use edit::{
    EditError, NewEnvironment, add_environment, add_project, add_recipient, declare_variable, declare_variables,
    remove_environment,
};
pub(crate) use error::Error;

pub(crate) use format::Format;
pub(crate) use lint::{Allowed, DECLARED_RULES, LintTable, LintTables, lint_tables};
pub(crate) use locate::{Located, normalize};
pub(crate) use members::Package;
pub(crate) use mistake::Table;
pub(crate) use model::{Deliver, Environment, Mode, Network, Required, Sandbox, Variable, Via};
pub(crate) use opening::Opening;

pub(crate) use rename::rename_variable;
pub(crate) use resolve::{Plan, Source};
pub(crate) use template::Part;
pub(crate) use user::UserSettings;

/// A project's declarations, those of its members included.
#[derive(Debug)]
pub(crate) struct Manifest {
    workspace: Arc<Loaded>,
    current: Current,
    documents: Vec<Document>,
    declarations: Declarations,
    order: Vec<SecretName>,
    requires: Option<Release>,
    packages: OnceLock<Arc<[Package]>>,
    outside: OnceLock<Vec<PathBuf>>,
}

/// The package that one stands in.
#[derive(Debug)]
struct Current {
    /// `None` at a virtual root.
    name: Option<String>,
    folder: PathBuf,
}

impl Current {
    fn of(located: &Located) -> Self {
        let loaded = located.package.as_ref().unwrap_or(&located.root);
        Self { name: located.current_package().map(str::to_owned), folder: loaded.folder().to_owned() }
    }
}

/// A Cargo.toml that declares something; the first one holds the project's table.
#[derive(Debug)]
struct Document {
    loaded: Arc<Loaded>,
    table: Table,
}

impl Manifest {
    /// Reads the declarations of a project that was found.
    pub(crate) fn load(located: Located) -> Result<Self, Error> {
        let current = Current::of(&located);
        let new_table = located.new_table();
        let Located { mut root, mut package } = located;
        let workspace_slot = root.toml.take_workspace_secrets();
        let root_slot = root.toml.take_package_secrets();
        let own_slot = package.as_mut().and_then(|package| package.toml.take_package_secrets());
        let root = Arc::new(root);
        let no_table = || Error::NoTable { path: root.path.clone(), table: new_table };
        if let Some(slot) = workspace_slot {
            let mut manifest = Self::with_table(&root, current, Document::new(&root, Table::Workspace), slot)?;
            manifest.add_members(root_slot)?;
            return manifest.composed();
        }
        let (slot, loaded) = match package.map(Arc::new) {
            Some(package) => (own_slot.ok_or_else(no_table)?, package),
            None => (root_slot.ok_or_else(no_table)?, Arc::clone(&root)),
        };
        Self::with_table(&root, current, Document::new(&loaded, Table::Package), slot)?.composed()
    }

    fn with_table(root: &Arc<Loaded>, current: Current, document: Document, slot: Slot) -> Result<Self, Error> {
        let raw = document.good(slot)?;
        let requires = raw.requires.as_deref().and_then(Release::parse);
        let declarations = check::table(*raw).map_err(|fault| document.mistake(fault.or_newer(requires)))?;
        Ok(Self {
            workspace: Arc::clone(root),
            current,
            documents: vec![document],
            declarations,
            order: Vec::new(),
            requires,
            packages: OnceLock::new(),
            outside: OnceLock::new(),
        })
    }

    /// Adds what the tables of members declare, and that of the root's own package.
    fn add_members(&mut self, root_slot: Option<Slot>) -> Result<(), Error> {
        let root = Arc::clone(&self.workspace);
        if let Some(slot) = root_slot {
            self.add_member(&root, slot)?;
        }
        let packages = Arc::clone(self.packages()?);
        let members = packages.iter().filter(|package| package.manifest != root.path);
        for member in members.filter(|member| member.may_declare()) {
            let mut loaded = Loaded::parse(member.manifest.clone(), member.text.clone())?;
            if let Some(slot) = loaded.toml.take_package_secrets() {
                self.add_member(&Arc::new(loaded), slot)?;
            }
        }
        Ok(())
    }

    fn add_member(&mut self, loaded: &Arc<Loaded>, slot: Slot) -> Result<(), Error> {
        let document = Document::new(loaded, Table::Package);
        let raw = document.good(slot)?;
        let package = loaded.package().unwrap_or_default();
        let variables = check::member(*raw, package, &self.declarations.environments);
        let variables = variables.map_err(|fault| document.mistake(fault.or_newer(self.requires)))?;
        self.documents.push(document);
        for (name, variable) in variables {
            self.add_variable(&name, Variable { document: self.documents.len() - 1, ..variable })?;
        }
        Ok(())
    }

    /// Two members may declare the same; the workspace's own declarations stand alone.
    fn add_variable(&mut self, name: &SecretName, variable: Variable) -> Result<(), Error> {
        let (document, other) = match self.declarations.variables.entry(name.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(variable);
                return Ok(());
            }
            Entry::Occupied(mut entry) if entry.get().document > 0 && entry.get().agrees_with(&variable) => {
                entry.get_mut().unite(variable);
                return Ok(());
            }
            Entry::Occupied(entry) => (variable.document, entry.get().document),
        };
        let other = self.documents.get(other).map(|document| document.loaded.path.display().to_string());
        let problem = VariableProblem::TwoPlaces { name: name.to_string(), other: other.unwrap_or_default() };
        Err(self.mistake(document, Fault::key(["variables".into(), name.as_str().into()], problem)))
    }

    fn composed(mut self) -> Result<Self, Error> {
        match order::composition(&self.declarations.variables) {
            Ok(order) => self.order = order,
            Err((name, problem)) => {
                let document = self.variable(&name).map_or(0, |variable| variable.document);
                let fault = Fault::key(["variables".into(), name.as_str().into(), "value".into()], problem);
                return Err(self.mistake(document, fault));
            }
        }
        Ok(self)
    }

    fn mistake(&self, document: usize, fault: Fault) -> Error {
        let document = self.documents.get(document).or(self.documents.first());
        document.map_or_else(|| Error::NoManifest(self.workspace.path.clone()), |document| document.mistake(fault))
    }

    /// The folder that sources are relative to.
    pub(crate) fn root(&self) -> &Path {
        self.documents.first().map_or(self.workspace.folder(), |document| document.loaded.folder())
    }

    /// The workspace's folder.
    pub(crate) fn workspace(&self) -> &Path {
        self.workspace.folder()
    }

    /// How commands get their values, by name.
    pub(crate) fn ways(&self) -> &BTreeMap<String, Via> {
        &self.declarations.ways
    }

    /// How what compiles is confined.
    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.declarations.sandbox
    }

    /// What cargo reads outside the workspace: the folders of path dependencies, and the manifests that these inherit from.
    pub(crate) fn outside(&self) -> Result<&[PathBuf], Error> {
        if let Some(known) = self.outside.get() {
            return Ok(known);
        }
        let found = outside::outside(&self.workspace, self.packages()?)?;
        Ok(self.outside.get_or_init(|| found))
    }

    /// Every Cargo.toml that declares something, with its table.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&Path, Table)> {
        self.documents.iter().map(|document| (document.loaded.path.as_path(), document.table))
    }

    /// The Cargo.toml that holds the project's table.
    pub(crate) fn path(&self) -> &Path {
        self.documents.first().map_or(&self.workspace.path, |document| &document.loaded.path)
    }

    /// What the Cargo.toml that holds the project's table would declare after `change`.
    pub(crate) fn changed(&self, change: impl FnOnce(&str) -> Result<String, EditError>) -> Result<Self, Error> {
        let path = self.path().to_owned();
        let text = self.documents.first().map_or(self.workspace.text.as_str(), |document| &document.loaded.text);
        let text = change(text).map_err(|source| Error::Edit { path: path.clone(), source })?;
        let changed = Loaded::parse(path, text)?;
        if changed.path == self.workspace.path {
            return Self::load(Located { root: changed, package: None });
        }
        let root = Loaded::parse(self.workspace.path.clone(), self.workspace.text.clone())?;
        Self::load(Located { root, package: Some(changed) })
    }

    /// Which table it is.
    pub(crate) fn table(&self) -> Table {
        self.documents.first().map_or(Table::Workspace, |document| document.table)
    }

    /// The release that the table requires, where it is newer than this one.
    pub(crate) fn newer_release(&self) -> Option<Release> {
        self.requires.filter(|release| release.is_newer_than_this())
    }

    /// The package one stands in; `None` at a virtual root.
    pub(crate) fn current_package(&self) -> Option<&str> {
        self.current.name.as_deref()
    }

    /// The folder of its Cargo.toml, or of the virtual root's.
    pub(crate) fn current_folder(&self) -> &Path {
        &self.current.folder
    }

    /// The environments by name.
    pub(crate) fn environments(&self) -> impl Iterator<Item = (&EnvName, &Environment)> {
        self.declarations.environments.iter()
    }

    /// The variables by name, those of members included.
    pub(crate) fn variables(&self) -> &BTreeMap<SecretName, Variable> {
        &self.declarations.variables
    }

    /// The variable of that name, if it is declared.
    pub(crate) fn variable(&self, name: &SecretName) -> Option<&Variable> {
        self.declarations.variables.get(name)
    }

    /// The public keys by recipient.
    pub(crate) fn recipients(&self) -> &BTreeMap<String, String> {
        &self.declarations.recipients
    }

    /// The composed variables, each after those it refers to.
    pub(crate) fn composition_order(&self) -> Vec<SecretName> {
        self.order.clone()
    }

    /// The package of that name in the workspace, as `-p` gives it.
    pub(crate) fn package(&self, name: &str) -> Result<&Package, Error> {
        let packages = self.packages()?;
        packages.iter().find(|package| package.name() == Some(name)).ok_or_else(|| {
            let mut known: Vec<_> = packages.iter().filter_map(Package::name).map(str::to_owned).collect();
            known.sort_unstable();
            Error::Unknown { noun: problem::Noun::Package, name: name.to_owned(), known }
        })
    }

    /// The workspace's packages, found without cargo, and looked for once.
    pub(crate) fn packages(&self) -> Result<&Arc<[Package]>, Error> {
        if let Some(known) = self.packages.get() {
            return Ok(known);
        }
        let found = members::packages(&self.workspace)?;
        Ok(self.packages.get_or_init(|| found.into()))
    }

    /// The workspace's packages' names as cargo has them. Starts cargo: not for the path of `run`.
    pub(crate) fn names_by_cargo(&self) -> Result<Vec<String>, Error> {
        members::names_by_cargo(&self.workspace.path)
    }
}

impl Document {
    fn new(loaded: &Arc<Loaded>, table: Table) -> Self {
        Self { loaded: Arc::clone(loaded), table }
    }

    fn good(&self, slot: Slot) -> Result<Box<schema::RawTable>, Error> {
        match slot {
            Slot::Good(raw) => Ok(raw),
            Slot::Broken => Err(Box::new(diagnose::diagnose(&self.loaded.path, &self.loaded.text, self.table)).into()),
        }
    }

    fn mistake(&self, fault: Fault) -> Error {
        Box::new(fault.placed(&self.loaded.path, &self.loaded.text, self.table)).into()
    }
}

#[cfg(test)]
mod tests;
