//! What the package's Cargo.toml, and that of its workspace, declare: variables, secret files, allowed findings.
//!
//! `cargo secrets` reads the same tables with a real parser and refuses what makes no sense. This one costs a build next
//! to nothing, and **what it cannot read declares everything**: no name is refused because of a table that was not understood.
//!
//! **Nothing is read but manifests.** Which Cargo.toml is the workspace's is decided as cargo does it.

mod glob;
mod members;
mod workspace;

use secrets_detect::Fingerprint;

use crate::path::{below, in_folder, normalized, real, variable};
use crate::text::contains;
use crate::toml::{self, Table, Value};

/// What one package may rely on.
#[derive(Default)]
pub(crate) struct Declarations {
    /// The manifests that say so, the package's own first: what to track.
    pub(crate) files: Vec<String>,
    /// The declared names.
    pub(crate) names: Vec<String>,
    /// Whether the table that a new name belongs in is the workspace's.
    in_workspace: bool,
    /// Those of kind `secret`, beyond doubt.
    secrets: Vec<String>,
    /// The folder that secret files are relative to.
    folder: String,
    /// Secret files, or patterns of them.
    sources: Vec<String>,
    /// Fingerprints, in small letters.
    allowed: Vec<String>,
    /// Whether names that are not declared pass all the same.
    open: bool,
    /// Whether another package's manifest is among the files.
    pub(crate) elsewhere: bool,
    /// The workspace's folder, if it has a table.
    root: String,
    /// The package's name.
    package: String,
}

/// A Cargo.toml.
struct Manifest {
    folder: String,
    toml: Table,
}

impl Declarations {
    /// Those of the package that is being compiled. Outside of cargo there are none, and every name passes.
    pub(crate) fn current() -> Self {
        match variable("CARGO_MANIFEST_DIR") {
            Some(folder) => Self::of(&folder, &workspace::cargo_home()),
            None => Self { open: true, ..Self::default() },
        }
    }

    /// Those of the package in `folder`.
    fn of(folder: &str, cargo_home: &str) -> Self {
        let mut declarations = Self::default();
        declarations.files.push(in_folder(folder, "Cargo.toml"));
        let Some(own) = workspace::read(folder) else {
            declarations.open = true;
            return declarations;
        };
        if let Some(package) = own.toml.table("package") {
            package.text("name").clone_into(&mut declarations.package);
        }
        if is_unpacked(folder) {
            declarations.open = true;
        } else {
            declarations.add_workspace(&own, cargo_home);
        }
        let found = declarations.add_table(&own, "package", !declarations.in_workspace);
        declarations.open |= !found && !declarations.in_workspace;
        declarations
    }

    fn add_workspace(&mut self, own: &Manifest, cargo_home: &str) {
        match workspace::find(own, cargo_home) {
            workspace::Root::Own => self.add_root(own),
            workspace::Root::Other(root) => {
                self.files.push(in_folder(&root.folder, "Cargo.toml"));
                self.add_root(&root);
            }
            workspace::Root::None => {}
            workspace::Root::Unreadable => self.open = true,
        }
    }

    fn add_root(&mut self, root: &Manifest) {
        self.in_workspace = self.add_table(root, "workspace", true);
        if self.in_workspace {
            self.root.clone_from(&root.folder);
        }
    }

    /// Adds what `[package.metadata.secrets]` or its twin says; whether there is one.
    fn add_table(&mut self, manifest: &Manifest, holder: &str, with_files: bool) -> bool {
        let Some(holder) = manifest.toml.table(holder) else { return false };
        let Some(metadata) = holder.table("metadata") else { return false };
        match metadata.get("secrets") {
            None => return false,
            Some(Value::Table(table)) => {
                self.add_variables(table);
                self.add_allowed(table);
                if with_files {
                    self.folder.clone_from(&manifest.folder);
                    self.add_sources(table);
                }
            }
            Some(_) => self.open = true,
        }
        true
    }

    fn add_variables(&mut self, table: &Table) {
        match table.get("variables") {
            None => {}
            Some(Value::Table(variables)) => {
                for (name, value) in &variables.0 {
                    self.names.push(name.clone());
                    if is_secret(value) {
                        self.secrets.push(name.clone());
                    }
                }
            }
            Some(_) => self.open = true,
        }
    }

    fn add_sources(&mut self, table: &Table) {
        let Some(environments) = table.table("environments") else { return };
        for (_, environment) in &environments.0 {
            let Value::Table(environment) = environment else { continue };
            for source in environment.list("sources") {
                let pattern = match source {
                    Value::Text(path) => path.as_str(),
                    Value::Table(source) => source.text("path"),
                    _ => "",
                };
                self.sources.push(normalized(pattern));
            }
        }
    }

    /// An allow without a reason does not count; `cargo secrets check` says so.
    fn add_allowed(&mut self, table: &Table) {
        let Some(lint) = table.table("lint") else { return };
        for allow in lint.list("allow") {
            if let Value::Table(allow) = allow
                && !allow.text("reason").trim_ascii().is_empty()
            {
                self.allowed.push(allow.text("fingerprint").to_ascii_lowercase());
            }
        }
    }

    /// Whether `name` may be relied upon. Where another package declares it, that one's manifest is tracked, too.
    pub(crate) fn declares(&mut self, name: &str) -> bool {
        if self.open || contains(&self.names, name) {
            return true;
        }
        if self.root.is_empty() {
            return false;
        }
        let found = members::declaring(&self.root, name, &self.package);
        let declares = found.is_some();
        self.elsewhere |= declares;
        self.files.extend(found);
        declares
    }

    /// Whether `name` is declared to be of kind `secret`.
    pub(crate) fn is_secret(&self, name: &str) -> bool {
        contains(&self.secrets, name)
    }

    /// The table that a new name belongs in.
    pub(crate) fn table(&self) -> &'static str {
        if self.in_workspace { "[workspace.metadata.secrets]" } else { "[package.metadata.secrets]" }
    }

    /// Whether `path`, which exists, is a source of some environment.
    pub(crate) fn is_secret_file(&self, path: &str) -> bool {
        if self.sources.is_empty() {
            return false;
        }
        let (Some(folder), Some(path)) = (real(&self.folder), real(path)) else { return false };
        let Some(path) = below(&folder, &path) else { return false };
        for source in &self.sources {
            if glob::matches(source.as_bytes(), path.as_bytes()) {
                return true;
            }
        }
        false
    }

    /// Whether the value of this fingerprint is allowed, with a reason.
    pub(crate) fn allows(&self, fingerprint: Fingerprint) -> bool {
        !self.allowed.is_empty() && contains(&self.allowed, &fingerprint.to_string())
    }
}

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
fn is_unpacked(folder: &str) -> bool {
    let beside = |name: &str| std::path::Path::new(&in_folder(folder, name)).exists();
    beside(".cargo_vcs_info.json") || beside("Cargo.toml.orig")
}

#[cfg(test)]
mod tests;
