//! Which files belong to the crate, and their text.
//!
//! **Every module file is among them, whatever its `cfg`**: they are all the `*.rs` files below the crate root's folder but
//! `target`, hidden folders and other packages. A module can lie elsewhere only by `#[path]` and `include!`, which are
//! followed one by one.

use std::fs;

use crate::path::{folder_of, in_folder, is_file, is_folder, normalized, real, stem_and_extension};
use crate::text::{byte, find, is_word, join, part};

/// How many links to folders are followed on the way to a file.
const LINKS: usize = 3;

/// Files that were not looked at yet, and those that were.
#[derive(Default)]
pub(crate) struct Files {
    /// To be read as Rust.
    rust: Vec<String>,
    /// To be read by their extension.
    text: Vec<String>,
    /// All of them, in order.
    known: Vec<String>,
}

impl Files {
    /// Adds the file at `path`, unless it was added before; whether it is a file.
    pub(crate) fn add(&mut self, path: &str, rust: bool) -> bool {
        let path = normalized(path);
        let found = is_file(&path);
        if found {
            self.push(path, rust);
        }
        found
    }

    fn push(&mut self, path: String, rust: bool) {
        let (mut low, mut high) = (0, self.known.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.known.get(middle).is_some_and(|known| *known < path) { low = middle + 1 } else { high = middle }
        }
        if self.known.get(low) != Some(&path) {
            self.known.insert(low, path.clone());
            if rust { self.rust.push(path) } else { self.text.push(path) }
        }
    }

    /// Takes a Rust file that was not looked at yet.
    pub(crate) fn take_rust(&mut self) -> Option<String> {
        self.rust.pop()
    }

    /// Takes another file that was not looked at yet.
    pub(crate) fn take_text(&mut self) -> Option<String> {
        self.text.pop()
    }

    /// Adds the Rust files below `folder`, or `all` of its files.
    pub(crate) fn add_folder(&mut self, folder: &str, all: bool) {
        self.walk(folder, all, LINKS);
    }

    fn walk(&mut self, folder: &str, all: bool, links: usize) {
        let here = if folder.is_empty() { "." } else { folder };
        let Ok(entries) = fs::read_dir(here) else { return };
        for entry in entries {
            let Ok(entry) = entry else { continue };
            let Ok(kind) = entry.file_type() else { continue };
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let path = in_folder(folder, name);
            if kind.is_symlink() && is_folder(&path) {
                if links > 0 && is_of_the_crate(name, &path) && !leads_back(&path, here) {
                    self.walk(&path, all, links - 1);
                }
            } else if kind.is_dir() {
                if is_of_the_crate(name, &path) {
                    self.walk(&path, all, links);
                }
            } else if stem_and_extension(name).1 == "rs" {
                self.push(path, true);
            } else if all && !name.starts_with(".git") {
                self.push(path, false);
            }
        }
    }

    /// Adds the files of `mod name;` in a Rust file that lies outside of the crate root's folder.
    pub(crate) fn add_modules(&mut self, file: &str, source: &str) {
        let folder = folder_of(file);
        let inner = in_folder(folder, stem_and_extension(file).0);
        let mut at = 0;
        while let Some(end) = find(source, b';', at) {
            // Back over the name and the word before it.
            let name_start = word_start(source, end);
            let name = part(source, name_start, end).trim_end();
            let word = part(source, word_start(source, name_start), name_start).trim_end();
            if word == "mod" && !name.is_empty() {
                for base in [folder, &inner] {
                    self.add(&in_folder(base, &join(&[name, ".rs"])), true);
                    self.add(&in_folder(base, &join(&[name, "/mod.rs"])), true);
                }
            }
            at = end + 1;
        }
    }
}

/// Where the word that ends before `end`, blanks between them, starts.
fn word_start(source: &str, end: usize) -> usize {
    let mut start = end;
    while start > 0 && byte(source, start - 1).is_ascii_whitespace() {
        start -= 1;
    }
    while start > 0 && is_word(byte(source, start - 1)) {
        start -= 1;
    }
    start
}

fn is_of_the_crate(name: &str, path: &str) -> bool {
    !name.starts_with('.') && name != "target" && name != "node_modules" && !is_file(&in_folder(path, "Cargo.toml"))
}

/// Whether a link leads to the folder that it is in, or to one above.
fn leads_back(link: &str, folder: &str) -> bool {
    match (real(link), real(folder)) {
        (Some(target), Some(folder)) => folder == target || crate::path::below(&target, &folder).is_some(),
        _ => true,
    }
}

/// The text of a file; `None` where there is none to read. What is not UTF-8 is replaced.
pub(crate) fn read(path: &str) -> Option<String> {
    let Ok(bytes) = fs::read(path) else { return None };
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => Some(String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

/// Whether the text of a file is none, but that of a program or picture.
pub(crate) fn is_binary(text: &str) -> bool {
    let mut at = 0;
    while at < text.len() && at < 1000 {
        if byte(text, at) == 0 {
            return true;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[expect(clippy::disallowed_methods, reason = "a test's own files")]
    fn write(folder: &Path, path: &str, text: &str) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn all(files: &mut Files, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        while let Some(path) = files.take_rust().or_else(|| files.take_text()) {
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
        files.add_folder(folder.path().to_str().unwrap(), false);
        assert_eq!(all(&mut files, folder.path()), ["a/b/c.rs", "lib.rs", "linked/c.rs"]);
        files.add_folder(folder.path().to_str().unwrap(), true);
        assert_eq!(all(&mut files, folder.path()), ["notes.md"]);
    }

    #[test]
    fn a_file_outside_brings_its_modules() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["shared.rs", "one.rs", "shared/two.rs", "three/mod.rs", "four.rs", "x.rs"] {
            write(folder.path(), path, "");
        }
        let source = "mod one; pub mod two ;\n#[cfg(x)] mod  three;\nmod four { }\nfn lmod() {} use a::lmod x;";
        let mut files = Files::default();
        files.add_modules(folder.path().join("shared.rs").to_str().unwrap(), source);
        assert_eq!(all(&mut files, folder.path()), ["one.rs", "shared/two.rs", "three/mod.rs"]);
    }

    #[test]
    fn a_file_is_added_once_however_its_path_is_written() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a/x.rs", "");
        let path = |path: &str| folder.path().join(path).to_str().unwrap().to_owned();
        let mut files = Files::default();
        assert!(files.add(&path("a/x.rs"), true) && files.add(&path("a/../a/./x.rs"), true));
        assert!(!files.add(&path("none.rs"), true));
        assert_eq!(all(&mut files, folder.path()), ["a/x.rs"]);
        files.add_folder(&path("a"), false);
        assert!(files.take_rust().is_none());
    }

    #[test]
    fn binary_files_are_known_and_bad_bytes_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own files")]
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            read(path.to_str().unwrap())
        };
        assert!(is_binary(&write("binary", b"\x7fELF\0\0key").unwrap()) && !is_binary("text"));
        assert_eq!(write("latin", b"caf\xe9").as_deref(), Some("caf\u{fffd}"));
        assert_eq!(read("/nonexistent"), None);
    }
}
