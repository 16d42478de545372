//! Which files belong to the crate, and their text.
//!
//! **Every module file is among them, whatever its `cfg`**: they are all the `*.rs` files below the crate root's folder but
//! `target`, hidden folders and other packages. A module can lie elsewhere only by `#[path]` and `include!`, which are
//! followed one by one.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::declared::normalized;

/// How many links to folders are followed on the way to a file.
const LINKS: usize = 3;

/// How a file is to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// As Rust.
    Rust,
    /// By its extension.
    Text,
}

/// Files that were not looked at yet, and those that were.
#[derive(Default)]
pub(crate) struct Files {
    waiting: Vec<(String, Language)>,
    known: HashSet<String>,
}

impl Files {
    /// Adds the file at `path`, unless it was added before; whether it is a file.
    pub(crate) fn add(&mut self, path: &Path, language: Language) -> bool {
        let path = normalized(path);
        if !path.is_file() {
            return false;
        }
        self.push(path.to_string_lossy().into_owned(), language);
        true
    }

    fn push(&mut self, path: String, language: Language) {
        if self.known.insert(path.clone()) {
            self.waiting.push((path, language));
        }
    }

    /// Takes one that was not looked at yet.
    pub(crate) fn take(&mut self) -> Option<(String, Language)> {
        self.waiting.pop()
    }

    /// Adds the Rust files below `folder`, or `all` of its files.
    pub(crate) fn add_folder(&mut self, folder: &Path, all: bool) {
        self.walk(folder, all, LINKS);
    }

    fn walk(&mut self, folder: &Path, all: bool, links: usize) {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(entries) = fs::read_dir(here) else { return };
        for entry in entries {
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            let bytes = name.as_encoded_bytes();
            let Ok(kind) = entry.file_type() else { continue };
            let path = folder.join(&name);
            let is_folder = kind.is_dir() || (kind.is_symlink() && path.is_dir());
            if is_folder {
                let follow = !kind.is_symlink() || (links > 0 && !leads_back(&path, here));
                if follow && is_of_the_crate(bytes, &path) {
                    self.walk(&path, all, links - usize::from(kind.is_symlink()));
                }
            } else if bytes.ends_with(b".rs") {
                self.push(path.to_string_lossy().into_owned(), Language::Rust);
            } else if all && !bytes.starts_with(b".git") {
                self.push(path.to_string_lossy().into_owned(), Language::Text);
            }
        }
    }

    /// Adds the files of `mod name;` in a Rust file that lies outside of the crate root's folder.
    pub(crate) fn add_modules(&mut self, file: &str, source: &str) {
        let file = Path::new(file);
        let folder = folder_of(file);
        let mut rest = source;
        while let Some((before, after)) = rest.split_once("mod ") {
            rest = after;
            let name = after.trim_start().split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
            let name = name.unwrap_or("");
            let ends = after.trim_start().get(name.len()..).is_some_and(|rest| rest.trim_start().starts_with(';'));
            let starts = !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
            if ends && starts && !name.is_empty() {
                let stem = file.file_stem().unwrap_or_default();
                for base in [folder.clone(), folder.join(stem)] {
                    self.add(&base.join([name, ".rs"].concat()), Language::Rust);
                    self.add(&base.join(name).join("mod.rs"), Language::Rust);
                }
            }
        }
    }
}

fn is_of_the_crate(name: &[u8], path: &Path) -> bool {
    !name.starts_with(b".") && name != b"target" && name != b"node_modules" && !path.join("Cargo.toml").exists()
}

/// Whether a link leads to the folder that it is in, or to one above.
fn leads_back(link: &Path, folder: &Path) -> bool {
    match (link.canonicalize(), folder.canonicalize()) {
        (Ok(target), Ok(folder)) => folder.starts_with(target),
        _ => true,
    }
}

/// The folder of a file, empty for the current one.
pub(crate) fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_owned()
}

/// `path` as rustc would write it: relative to the current folder where it lies below.
pub(crate) fn relative(path: &Path) -> PathBuf {
    let path = normalized(path);
    match std::env::current_dir() {
        Ok(current) => path.strip_prefix(current).map(Path::to_owned).unwrap_or(path),
        Err(_) => path,
    }
}

/// The text of a file; `None` where there is none to read. What is not UTF-8 is replaced.
pub(crate) fn read(path: &str) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    let start = bytes.get(..bytes.len().min(8000)).unwrap_or_default();
    if start.contains(&0) {
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => Some(String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test's own files")]
    fn write(folder: &Path, path: &str, text: &str) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn all(files: &mut Files, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        while let Some((path, _)) = files.take() {
            found.push(Path::new(&path).strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
        }
        found.sort_unstable();
        found
    }

    #[test]
    #[cfg(unix)]
    fn the_crates_files_are_those_below_its_root_but_for_other_packages() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["lib.rs", "a/b/c.rs", "a/target/x.rs", ".hidden/x.rs", "other/src/lib.rs", "notes.md"] {
            write(folder.path(), path, "");
        }
        write(folder.path(), "other/Cargo.toml", "");
        std::os::unix::fs::symlink("..", folder.path().join("a/up")).unwrap();
        std::os::unix::fs::symlink("a/b", folder.path().join("linked")).unwrap();
        let mut files = Files::default();
        files.add_folder(folder.path(), false);
        let found = all(&mut files, folder.path());
        assert_eq!(found, ["a/b/c.rs", "lib.rs", "linked/c.rs"]);
        files.add_folder(folder.path(), true);
        assert!(all(&mut files, folder.path()).contains(&"notes.md".to_owned()));
    }

    #[test]
    fn a_file_outside_brings_its_modules() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["shared.rs", "one.rs", "shared/two.rs", "three/mod.rs", "four.rs"] {
            write(folder.path(), path, "");
        }
        let source = "mod one; pub mod two ;\n#[cfg(x)] mod  three;\nmod four { }\nfn lmod() {}";
        let mut files = Files::default();
        files.add_modules(folder.path().join("shared.rs").to_str().unwrap(), source);
        assert_eq!(all(&mut files, folder.path()), ["one.rs", "shared/two.rs", "three/mod.rs"]);
    }

    #[test]
    fn a_file_is_added_once_however_its_path_is_written() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a/x.rs", "");
        let mut files = Files::default();
        assert!(files.add(&folder.path().join("a/x.rs"), Language::Rust));
        assert!(files.add(&folder.path().join("a/../a/./x.rs"), Language::Rust));
        assert!(!files.add(&folder.path().join("none.rs"), Language::Rust));
        assert_eq!(all(&mut files, folder.path()), ["a/x.rs"]);
    }

    #[test]
    fn binary_files_have_no_text_and_bad_bytes_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own files")]
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            read(path.to_str().unwrap())
        };
        assert_eq!(write("binary", b"\x7fELF\0\0key"), None);
        assert_eq!(write("latin", b"caf\xe9").as_deref(), Some("caf\u{fffd}"));
        assert_eq!(read("/nonexistent"), None);
    }
}
