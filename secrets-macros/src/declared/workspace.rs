//! Which Cargo.toml is the workspace's, as cargo finds it: `package.workspace`, else the first one above the package that
//! has a `[workspace]` and does not exclude it. **The walk does not leave cargo's home folder.**

use super::{Manifest, Table, Value, below, in_folder, normalized, toml, variable};
use crate::path::folder_of;

/// Where the workspace is.
pub(super) enum Root {
    /// The package's own manifest.
    Own,
    /// Another one.
    Other(Manifest),
    /// The package is in no workspace.
    None,
    /// A manifest on the way does not parse.
    Unreadable,
}

/// Reads the Cargo.toml in `folder`.
pub(super) fn read(folder: &str) -> Option<Manifest> {
    match std::fs::read_to_string(in_folder(folder, "Cargo.toml")) {
        Ok(text) => Some(Manifest { folder: folder.to_owned(), toml: toml::parse(&text)? }),
        Err(_) => None,
    }
}

/// Where cargo keeps what it downloads; empty where nobody can tell.
pub(super) fn cargo_home() -> String {
    if let Some(home) = variable("CARGO_HOME") {
        return home;
    }
    match variable("HOME").or(variable("USERPROFILE")) {
        Some(home) => in_folder(&home, ".cargo"),
        None => String::new(),
    }
}

/// The workspace of the package whose manifest is `own`.
pub(super) fn find(own: &Manifest, cargo_home: &str) -> Root {
    if own.toml.table("workspace").is_some() {
        return Root::Own;
    }
    if let Some(root) = pointed(own) {
        return root;
    }
    let mut below = "";
    let mut folder = own.folder.as_str();
    loop {
        let current = folder_of(folder);
        let home = !below.is_empty() && below == cargo_home;
        if current.len() == folder.len() || current.is_empty() || home || current.ends_with("/target/package") {
            return Root::None;
        }
        match step(current, own) {
            Root::None => {}
            root => return root,
        }
        below = current;
        folder = current;
    }
}

/// The workspace that the manifest in `folder` makes or points to.
fn step(folder: &str, own: &Manifest) -> Root {
    let Ok(text) = std::fs::read_to_string(in_folder(folder, "Cargo.toml")) else { return Root::None };
    let Some(toml) = toml::parse(&text) else { return Root::Unreadable };
    let manifest = Manifest { folder: folder.to_owned(), toml };
    match manifest.toml.table("workspace") {
        Some(workspace) if is_excluded(workspace, folder, &own.folder) => Root::None,
        Some(_) => Root::Other(manifest),
        None => match pointed(&manifest) {
            Some(root) => root,
            None => Root::None,
        },
    }
}

/// The workspace that `package.workspace` names.
fn pointed(manifest: &Manifest) -> Option<Root> {
    let pointer = manifest.toml.table("package")?.text("workspace");
    if pointer.is_empty() {
        return None;
    }
    match read(&normalized(&in_folder(&manifest.folder, pointer))) {
        Some(root) => Some(Root::Other(root)),
        None => Some(Root::Unreadable),
    }
}

fn is_excluded(workspace: &Table, root: &str, package: &str) -> bool {
    names(workspace, "exclude", root, package) && !names(workspace, "members", root, package)
}

fn names(workspace: &Table, key: &str, root: &str, package: &str) -> bool {
    for path in workspace.list(key) {
        if let Value::Text(path) = path {
            let folder = normalized(&in_folder(root, path));
            if folder == package || below(&folder, package).is_some() {
                return true;
            }
        }
    }
    false
}
