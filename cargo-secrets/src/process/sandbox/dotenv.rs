//! `.env` files: plain values by custom, and none of a build's business.

use std::ffi::{CStr, CString, OsStr};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawDir};

use super::domain::resolved;

/// How deep they are looked for.
const DEEPEST: u32 = 2;

/// How many folders are looked through for `.env` files.
const MOST_FOLDERS: u32 = 400;

/// Room for the names of a folder, as the kernel tells them.
const NAMES: usize = 32 << 10;

/// Those of these folders, and of the folders in them.
pub(super) fn find<'f>(folders: impl Iterator<Item = &'f Path>) -> Vec<PathBuf> {
    let names = vec![MaybeUninit::uninit(); NAMES];
    let mut search = Search { left: MOST_FOLDERS, at: PathBuf::new(), names, found: Vec::new() };
    for folder in folders {
        search.at = resolved(folder);
        if let Ok(folder) = rustix::fs::open(&search.at, FOLDER, Mode::empty()) {
            search.look(&folder, DEEPEST);
        }
    }
    search.found.sort();
    search.found.dedup();
    search.found
}

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// **By the kernel's own interface**, each folder opened from the one above: a workspace has hundreds, at every start.
struct Search {
    left: u32,
    at: PathBuf,
    names: Vec<MaybeUninit<u8>>,
    found: Vec<PathBuf>,
}

impl Search {
    fn look(&mut self, folder: &OwnedFd, depth: u32) {
        let Some(rest) = self.left.checked_sub(1) else { return };
        self.left = rest;
        for name in self.entries(folder, depth > 0) {
            if let Ok(below) = rustix::fs::openat(folder, &name, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
                self.at.push(OsStr::from_bytes(name.to_bytes()));
                self.look(&below, depth - 1);
                self.at.pop();
            }
        }
    }

    /// Takes up the files of a folder; tells the folders in it, if they are `wanted`.
    fn entries(&mut self, folder: &OwnedFd, wanted: bool) -> Vec<CString> {
        let mut folders = Vec::new();
        let mut entries = RawDir::new(folder, &mut self.names);
        while let Some(Ok(entry)) = entries.next() {
            let Ok(name) = entry.file_name().to_str() else { continue };
            if is_environment_file(name) {
                self.found.push(self.at.join(name));
            } else if wanted
                && !name.starts_with('.')
                && !["target", "node_modules", "src", "vendor"].contains(&name)
                && is_folder(folder, entry.file_name(), entry.file_type())
            {
                folders.push(entry.file_name().to_owned());
            }
        }
        folders
    }
}

/// Whether it is one, and no link to one. Some file systems do not tell.
fn is_folder(above: impl AsFd, name: &CStr, told: FileType) -> bool {
    let ask = || rustix::fs::statat(above, name, AtFlags::SYMLINK_NOFOLLOW).ok();
    let kind = match told {
        FileType::Unknown => ask().map(|found| FileType::from_raw_mode(found.st_mode)),
        told => Some(told),
    };
    kind == Some(FileType::Directory)
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
    fn they_are_found_two_folders_deep_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| resolved(folder.path()).join(name);
        for name in ["a/b/c", "a/src", ".hidden", "target"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        for name in [".env", "a/.env.local", "a/b/.envrc", "a/b/c/.env", "a/src/.env", ".hidden/.env", "target/.env"] {
            std::fs::File::create(at(name)).unwrap();
        }
        std::os::unix::fs::symlink("a", at("link")).unwrap();
        assert_eq!(find([folder.path()].into_iter()), [".env", "a/.env.local", "a/b/.envrc"].map(at));
    }

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
