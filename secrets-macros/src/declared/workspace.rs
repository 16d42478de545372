//! Which Cargo.toml is the workspace's, as cargo finds it: `package.workspace`, else the first one above the package that
//! has a `[workspace]` and does not exclude it. **The walk does not leave cargo's home folder.**

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Manifest, Table, Value, normalized, toml};

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
pub(super) fn read(folder: &Path) -> Option<Manifest> {
    let text = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    Some(Manifest { folder: folder.to_owned(), toml: toml::parse(&text)? })
}

/// Where cargo keeps what it downloads.
pub(super) fn cargo_home() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    match set("CARGO_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => Some(Path::new(&set("HOME").or_else(|| set("USERPROFILE"))?).join(".cargo")),
    }
}

/// The workspace of the package whose manifest is `own`.
pub(super) fn find(own: &Manifest, cargo_home: Option<&Path>) -> Root {
    if own.toml.table("workspace").is_some() {
        return Root::Own;
    }
    if let Some(root) = pointed(own) {
        return root;
    }
    let mut below: Option<&Path> = None;
    let mut folder = own.folder.parent();
    while let Some(current) = folder {
        let home = below.is_some() && below == cargo_home;
        if home || current.ends_with("target/package") {
            return Root::None;
        }
        match step(current, own) {
            Root::None => {}
            root => return root,
        }
        below = Some(current);
        folder = current.parent();
    }
    Root::None
}

/// The workspace that the manifest in `folder` makes or points to.
fn step(folder: &Path, own: &Manifest) -> Root {
    let Ok(text) = std::fs::read_to_string(folder.join("Cargo.toml")) else { return Root::None };
    if !text.contains("workspace") {
        return Root::None;
    }
    let Some(toml) = toml::parse(&text) else { return Root::Unreadable };
    let manifest = Manifest { folder: folder.to_owned(), toml };
    match manifest.toml.table("workspace") {
        Some(workspace) if is_excluded(workspace, folder, &own.folder) => Root::None,
        Some(_) => Root::Other(manifest),
        None => pointed(&manifest).unwrap_or(Root::None),
    }
}

/// The workspace that `package.workspace` names.
fn pointed(manifest: &Manifest) -> Option<Root> {
    let pointer = manifest.toml.table("package")?.text("workspace")?;
    let folder = normalized(&manifest.folder.join(pointer));
    Some(match read(&folder) {
        Some(root) => Root::Other(root),
        None => Root::Unreadable,
    })
}

fn is_excluded(workspace: &Table, root: &Path, package: &Path) -> bool {
    let names = |key: &str| {
        for path in workspace.list(key) {
            if let Value::Text(path) = path
                && package.starts_with(root.join(path))
            {
                return true;
            }
        }
        false
    };
    names("exclude") && !names("members")
}
