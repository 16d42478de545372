//! Paths without symbolic links, as realpath(3) gives them, with each folder looked up once: a domain asks for hundreds of
//! paths in a few dozen folders, at every start.
//!
//! **What is known is forgotten when a domain is made**, and that a folder is not there is never remembered.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

thread_local! {
    static FOLDERS: RefCell<HashMap<PathBuf, PathBuf>> = RefCell::default();
}

/// Forgets what is known: another domain is made, perhaps after something changed.
pub(super) fn forget() {
    FOLDERS.with_borrow_mut(HashMap::clear);
}

/// `path` without links, if it is there.
pub(super) fn real(path: &Path) -> Option<PathBuf> {
    let is_plain = path.is_absolute() && path.components().all(|part| part != Component::ParentDir);
    let (Some(parent), Some(name), true) = (path.parent(), path.file_name(), is_plain) else {
        return path.canonicalize().ok();
    };
    let found = folder(parent)?.join(name);
    match found.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => found.canonicalize().ok(),
        Ok(_) => Some(found),
        Err(_) => None,
    }
}

fn folder(path: &Path) -> Option<PathBuf> {
    if let Some(known) = FOLDERS.with_borrow(|folders| folders.get(path).cloned()) {
        return Some(known);
    }
    let found = real(path)?;
    FOLDERS.with_borrow_mut(|folders| folders.insert(path.to_owned(), found.clone()));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_system_says() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("a/b")).unwrap();
        std::fs::File::create(at("a/file")).unwrap();
        std::os::unix::fs::symlink("a", at("link")).unwrap();
        std::os::unix::fs::symlink("nowhere", at("broken")).unwrap();
        for name in
            ["a", "a/b", "a/file", "link", "link/b", "link/file", "link/../a", "broken", "none", "none/x", "a/file/x"]
        {
            assert_eq!(real(&at(name)), at(name).canonicalize().ok(), "{name}");
        }
        for path in ["/", "/usr", "/proc/self"] {
            assert_eq!(real(Path::new(path)), Path::new(path).canonicalize().ok(), "{path}");
        }
    }

    #[test]
    fn what_was_not_there_is_looked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/file");
        assert_eq!(real(&path), None);
        std::fs::create_dir(folder.path().join("new")).unwrap();
        std::fs::File::create(&path).unwrap();
        assert_eq!(real(&path), path.canonicalize().ok());
    }
}
