//! What the package's Cargo.toml, and that of its workspace, declare: variables, secret files, allowed findings.
//!
//! `cargo secrets` reads the same tables with a real parser and refuses what makes no sense. This one costs a build next
//! to nothing, and **what it cannot read declares everything**: no name is refused because of a table that was not understood.
//!
//! **Nothing is read but manifests.** Which Cargo.toml is the workspace's is decided as cargo does it.

mod glob;
mod workspace;

use std::path::{Component, Path, PathBuf};

use secrets_detect::Fingerprint;

use crate::toml::{self, Table, Value};

/// What one package may rely on.
#[derive(Default)]
pub(crate) struct Declarations {
    /// The manifests that say so, the package's own first: what to track.
    pub(crate) files: Vec<PathBuf>,
    /// The table that a new name belongs in.
    pub(crate) table: &'static str,
    variables: Vec<Variable>,
    sources: Vec<Source>,
    allowed: Vec<Fingerprint>,
    /// Whether names that are not among the variables pass all the same.
    open: bool,
}

/// A declared variable.
struct Variable {
    name: String,
    /// It is of kind `secret`, beyond doubt.
    secret: bool,
}

/// A secret file, or a pattern of them, below the folder of its manifest.
struct Source {
    folder: PathBuf,
    pattern: String,
}

/// A Cargo.toml.
struct Manifest {
    folder: PathBuf,
    toml: Table,
}

impl Manifest {
    fn path(&self) -> PathBuf {
        self.folder.join("Cargo.toml")
    }
}

impl Declarations {
    /// Those of the package that is being compiled. Outside of cargo there are none, and every name passes.
    pub(crate) fn current() -> Self {
        let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") else {
            return Self { open: true, ..Self::default() };
        };
        Self::of(Path::new(&folder), workspace::cargo_home().as_deref())
    }

    /// Those of the package in `folder`.
    fn of(folder: &Path, cargo_home: Option<&Path>) -> Self {
        let mut declarations = Self { table: PACKAGE, ..Self::default() };
        declarations.files.push(folder.join("Cargo.toml"));
        let Some(own) = workspace::read(folder) else {
            declarations.open = true;
            return declarations;
        };
        if is_unpacked(folder) {
            declarations.open = true;
        } else {
            declarations.add_workspace(&own, cargo_home);
        }
        let in_workspace = declarations.table == WORKSPACE;
        let found = declarations.add_table(&own, "package", !in_workspace);
        declarations.open |= !found && !in_workspace;
        declarations
    }

    fn add_workspace(&mut self, own: &Manifest, cargo_home: Option<&Path>) {
        match workspace::find(own, cargo_home) {
            workspace::Root::Own => {
                if self.add_table(own, "workspace", true) {
                    self.table = WORKSPACE;
                }
            }
            workspace::Root::Other(root) => {
                self.files.push(root.path());
                if self.add_table(&root, "workspace", true) {
                    self.table = WORKSPACE;
                }
            }
            workspace::Root::None => {}
            workspace::Root::Unreadable => self.open = true,
        }
    }

    /// Adds what `[package.metadata.secrets]` or its twin says; whether there is one.
    fn add_table(&mut self, manifest: &Manifest, holder: &str, with_files: bool) -> bool {
        let metadata = manifest.toml.table(holder).and_then(|holder| holder.get("metadata"));
        let Some(Value::Table(metadata)) = metadata else { return false };
        match metadata.get("secrets") {
            None => false,
            Some(Value::Table(table)) => {
                self.add_variables(table);
                self.add_allowed(table);
                if with_files {
                    self.add_sources(table, &manifest.folder);
                }
                true
            }
            Some(_) => {
                self.open = true;
                true
            }
        }
    }

    fn add_variables(&mut self, table: &Table) {
        match table.get("variables") {
            None => {}
            Some(Value::Table(variables)) => {
                for (name, value) in &variables.0 {
                    self.variables.push(Variable { name: name.clone(), secret: is_secret(value) });
                }
            }
            Some(_) => self.open = true,
        }
    }

    fn add_sources(&mut self, table: &Table, folder: &Path) {
        let Some(environments) = table.table("environments") else { return };
        for (_, environment) in &environments.0 {
            let Value::Table(environment) = environment else { continue };
            for source in environment.list("sources") {
                let pattern = match source {
                    Value::Text(path) => path.as_str(),
                    Value::Table(source) => source.text("path").unwrap_or(""),
                    _ => "",
                };
                if !pattern.is_empty() && !pattern.contains("://") {
                    self.sources.push(Source { folder: folder.to_owned(), pattern: pattern.to_owned() });
                }
            }
        }
    }

    /// An allow without a reason does not count; `cargo secrets check` says so.
    fn add_allowed(&mut self, table: &Table) {
        let Some(lint) = table.table("lint") else { return };
        for allow in lint.list("allow") {
            let Value::Table(allow) = allow else { continue };
            let reason = allow.text("reason").unwrap_or("").trim();
            let fingerprint = allow.text("fingerprint").and_then(Fingerprint::parse);
            if let (Some(fingerprint), false) = (fingerprint, reason.is_empty()) {
                self.allowed.push(fingerprint);
            }
        }
    }

    /// Whether `name` may be relied upon.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.open || self.variable(name).is_some()
    }

    /// Whether `name` is declared to be of kind `secret`.
    pub(crate) fn is_secret(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|variable| variable.secret)
    }

    fn variable(&self, name: &str) -> Option<&Variable> {
        let mut index = 0;
        while let Some(variable) = self.variables.get(index) {
            if variable.name == name {
                return Some(variable);
            }
            index += 1;
        }
        None
    }

    /// The declared names.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for variable in &self.variables {
            names.push(&variable.name);
        }
        names
    }

    /// Whether `path`, which exists, is a source of some environment.
    pub(crate) fn is_secret_file(&self, path: &Path) -> bool {
        if self.sources.is_empty() {
            return false;
        }
        let absolute = normalized(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        let real = path.canonicalize().unwrap_or_else(|_| absolute.clone());
        for source in &self.sources {
            let folder = source.folder.canonicalize().unwrap_or_else(|_| source.folder.clone());
            if source.matches(&source.folder, &absolute) || source.matches(&folder, &real) {
                return true;
            }
        }
        false
    }

    /// Whether the value of this fingerprint is allowed, with a reason.
    pub(crate) fn allows(&self, fingerprint: Fingerprint) -> bool {
        self.allowed.contains(&fingerprint)
    }
}

impl Source {
    fn matches(&self, folder: &Path, path: &Path) -> bool {
        let Some(below) = path.strip_prefix(folder).ok().and_then(Path::to_str) else { return false };
        let pattern = normalized(Path::new(&self.pattern));
        let pattern = pattern.to_str().unwrap_or("").replace('\\', "/");
        glob::matches(pattern.as_bytes(), below.replace('\\', "/").as_bytes())
    }
}

const PACKAGE: &str = "[package.metadata.secrets]";
const WORKSPACE: &str = "[workspace.metadata.secrets]";

/// Without a kind a variable is a secret; with one that is not understood nobody can tell.
fn is_secret(variable: &Value) -> bool {
    let Value::Table(variable) = variable else { return false };
    match variable.get("kind") {
        None => true,
        Some(Value::Text(kind)) => kind == "secret",
        Some(_) => false,
    }
}

/// Whether the package came out of a `.crate` file, without the workspace that it was made in.
fn is_unpacked(folder: &Path) -> bool {
    folder.join(".cargo_vcs_info.json").exists() || folder.join("Cargo.toml.orig").exists()
}

/// `path` without `.` and `..`, by the text alone.
pub(crate) fn normalized(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests;
