//! `.env` files: plain values by custom, and none of a build's business.

use std::path::{Path, PathBuf};

use super::domain::resolved;

/// How deep they are looked for.
const DEEPEST: u32 = 2;

/// How many folders are looked through for `.env` files.
const MOST_FOLDERS: u32 = 400;

/// Those of these folders, and of the folders in them.
pub(super) fn find<'f>(folders: impl Iterator<Item = &'f Path>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = MOST_FOLDERS;
    for folder in folders {
        look(&resolved(folder), DEEPEST, &mut left, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn look(folder: &Path, depth: u32, left: &mut u32, found: &mut Vec<PathBuf>) {
    let Some(rest) = left.checked_sub(1) else { return };
    *left = rest;
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if is_environment_file(name) {
            found.push(entry.path());
        } else if depth > 0
            && !name.starts_with('.')
            && !["target", "node_modules", "src", "vendor"].contains(&name)
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
        {
            look(&entry.path(), depth - 1, left, found);
        }
    }
}

fn is_environment_file(name: &str) -> bool {
    match name.strip_prefix(".env") {
        Some("" | "rc") => true,
        Some(rest) => {
            rest.starts_with('.') && ![".example", ".sample", ".template"].iter().any(|end| rest.ends_with(end))
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_files_hold_an_environment() {
        for name in [".env", ".env.local", ".env.prod", ".envrc"] {
            assert!(is_environment_file(name), "{name}");
        }
        for name in ["env", ".environment", ".env.example", ".env.local.sample", ".env.template", "a.env"] {
            assert!(!is_environment_file(name), "{name}");
        }
    }
}
