//! Paths as texts, as rustc and cargo pass them: `/` between names, on Windows `\` too.
//!
//! A path that is not UTF-8 is not looked at: rustc could not name it either.

use std::path::Path;

use crate::text::{byte, join, part};

fn is_separator(byte: u8) -> bool {
    byte == b'/' || (cfg!(windows) && byte == b'\\')
}

/// Whether the path starts at a root.
pub(crate) fn is_absolute(path: &str) -> bool {
    is_separator(byte(path, 0)) || (cfg!(windows) && byte(path, 1) == b':')
}

/// `name` in `folder`; the empty folder is the current one.
pub(crate) fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() || is_absolute(name) {
        return name.to_owned();
    }
    if is_separator(byte(folder, folder.len() - 1)) { join(&[folder, name]) } else { join(&[folder, "/", name]) }
}

/// The folder of a file or folder, empty for the current one.
pub(crate) fn folder_of(path: &str) -> &str {
    let mut at = path.len();
    while at > 0 && !is_separator(byte(path, at - 1)) {
        at -= 1;
    }
    // The root is a folder of its own.
    part(path, 0, if at > 1 { at - 1 } else { at })
}

/// The last name.
pub(crate) fn name_of(path: &str) -> &str {
    let folder = folder_of(path).len();
    let start = if is_separator(byte(path, folder)) { folder + 1 } else { folder };
    part(path, start, path.len())
}

/// The last name without its last extension, and that extension.
pub(crate) fn stem_and_extension(path: &str) -> (&str, &str) {
    let name = name_of(path);
    let mut dot = name.len();
    while dot > 0 {
        dot -= 1;
        if dot > 0 && byte(name, dot) == b'.' {
            return (part(name, 0, dot), part(name, dot + 1, name.len()));
        }
    }
    (name, "")
}

/// What follows `folder` in `path`, if it lies below.
pub(crate) fn below<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    if folder.is_empty() {
        let outside = is_absolute(path) || path == ".." || part(path, 0, 3) == "../";
        return if outside { None } else { Some(path) };
    }
    if part(path, 0, folder.len()) != folder {
        return None;
    }
    let end = folder.len();
    if is_separator(byte(folder, end - 1)) {
        return Some(part(path, end, path.len()));
    }
    if is_separator(byte(path, end)) { Some(part(path, end + 1, path.len())) } else { None }
}

/// `path` without `.`, empty names and, where there is something to leave, `..`: by the text alone.
pub(crate) fn normalized(path: &str) -> String {
    let mut normal = String::new();
    if is_absolute(path) {
        normal.push('/');
    }
    let mut start = 0;
    while start < path.len() {
        let mut end = start;
        while end < path.len() && !is_separator(byte(path, end)) {
            end += 1;
        }
        let name = part(path, start, end);
        start = end + 1;
        match name {
            "" | "." => {}
            ".." if normal == "/" => {}
            ".." if !normal.is_empty() && name_of(&normal) != ".." => normal.truncate(folder_of(&normal).len()),
            name => normal = in_folder(&normal, name),
        }
    }
    normal
}

/// `path` as rustc would write it: relative to the current folder where it lies below.
pub(crate) fn relative(path: &str) -> String {
    let path = normalized(path);
    if is_absolute(&path)
        && let Ok(current) = std::env::current_dir()
        && let Some(current) = current.to_str()
        && let Some(below) = below(current, &path)
    {
        return below.to_owned();
    }
    path
}

/// Whether there is a file.
pub(crate) fn is_file(path: &str) -> bool {
    Path::new(path).is_file()
}

/// Whether there is a folder.
pub(crate) fn is_folder(path: &str) -> bool {
    Path::new(path).is_dir()
}

/// The path without links, if there is something.
pub(crate) fn real(path: &str) -> Option<String> {
    match Path::new(path).canonicalize() {
        Ok(real) => text_of(&real),
        Err(_) => None,
    }
}

/// The path as text.
pub(crate) fn text_of(path: &Path) -> Option<String> {
    Some(path.to_str()?.to_owned())
}

/// The value of a variable, if it is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_together_and_taken_apart() {
        assert_eq!(in_folder("", "a"), "a");
        assert_eq!(in_folder("a", "b"), "a/b");
        assert_eq!(in_folder("/", "b"), "/b");
        assert_eq!(in_folder("a", "/b"), "/b");
        for (path, folder, name) in
            [("a/b", "a", "b"), ("a", "", "a"), ("/a", "/", "a"), ("/a/b", "/a", "b"), ("", "", "")]
        {
            assert_eq!((folder_of(path), name_of(path)), (folder, name), "{path}");
        }
        assert_eq!(stem_and_extension("a/b.c.rs"), ("b.c", "rs"));
        assert_eq!(stem_and_extension("a.b/.env"), (".env", ""));
    }

    #[test]
    fn a_path_below_a_folder_is_told_from_one_beside_it() {
        assert_eq!(below("a", "a/b/c"), Some("b/c"));
        assert_eq!(below("/", "/a"), Some("a"));
        assert_eq!(below("", "a/b"), Some("a/b"));
        for (folder, path) in [("a", "ab/c"), ("a", "b"), ("a", "a"), ("", "/a"), ("", "../a"), ("a/b", "a")] {
            assert_eq!(below(folder, path), None, "{folder} {path}");
        }
    }

    #[test]
    fn a_path_is_normalized_as_cargo_does_it() {
        for (path, normal) in [
            ("a/./b//c/", "a/b/c"),
            ("a/../b", "b"),
            ("a/..", ""),
            ("../../a", "../../a"),
            ("/../a", "/a"),
            ("/a/../..", "/"),
            ("./..", ".."),
            ("a/b/../../..", ".."),
        ] {
            assert_eq!(normalized(path), normal, "{path}");
        }
        let current = std::env::current_dir().unwrap();
        assert_eq!(relative(current.join("x/../y").to_str().unwrap()), "y");
        assert_eq!(relative("/nowhere/x"), "/nowhere/x");
    }
}
