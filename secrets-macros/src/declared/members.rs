//! Names that another package of the workspace declares and lets this one have: `packages = ["this", …]` in its own table.
//!
//! Only looked for where a name would be refused otherwise.

use super::{Value, in_folder, workspace};

/// How deep below the workspace's root packages are looked for.
const DEPTH: usize = 5;

/// The manifest below `folder` that declares `name` for `package`.
pub(super) fn declaring(folder: &str, name: &str, package: &str) -> Option<String> {
    look(folder, name, package, DEPTH)
}

fn look(folder: &str, name: &str, package: &str, depth: usize) -> Option<String> {
    if let Some(manifest) = workspace::read(folder)
        && declares(&manifest, name, package)
    {
        return Some(in_folder(folder, "Cargo.toml"));
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return None };
    for entry in entries {
        let Ok(entry) = entry else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        let file_name = entry.file_name();
        let Some(inner) = file_name.to_str() else { continue };
        if kind.is_dir() && depth > 0 && inner != "target" && !inner.starts_with('.') {
            let found = look(&in_folder(folder, inner), name, package, depth - 1);
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

fn declares(manifest: &super::Manifest, name: &str, package: &str) -> bool {
    let mut table = &manifest.toml;
    for key in ["package", "metadata", "secrets", "variables", name].as_slice() {
        match table.table(key) {
            Some(inner) => table = inner,
            None => return false,
        }
    }
    for allowed in table.list("packages") {
        if let Value::Text(allowed) = allowed
            && allowed == package
        {
            return true;
        }
    }
    false
}
