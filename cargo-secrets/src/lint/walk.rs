//! Which files of folders are looked at: what git would look at, and no build output.
//!
//! In a git repository `.gitignore` is respected, but for files that are committed all the same; hidden files are looked at (`.env`, `.github`), `.git` is not. `.ignore`
//! files are for other tools. Symbolic links are not followed: what they point to inside the project is
//! looked at where it is.

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::lint::error::Error;
use crate::lint::git;
use crate::lint::scan::Candidate;
use crate::manifest::normalize;

/// The files below `folders`, in order; without `own`, which are files and folders that are made, not written.
pub(super) fn folders(folders: &[PathBuf], own: &[PathBuf]) -> Vec<Candidate> {
    let Some((first, more)) = folders.split_first() else { return Vec::new() };
    let mut builder = WalkBuilder::new(first);
    for folder in more {
        builder.add(folder);
    }
    builder.hidden(false).ignore(false).filter_entry({
        let own = own.to_vec();
        move |entry| entry.depth() == 0 || (is_wanted(entry) && !own.iter().any(|path| path == entry.path()))
    });
    builder.threads(std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let (sender, receiver) = mpsc::channel();
    builder.build_parallel().run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            // What the walk cannot enter has no name to be listed by; a file that cannot be read is reported later.
            let path = match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => Some(entry.into_path()),
                Ok(_) => None,
                Err(error) => unreadable(&error),
            };
            if let Some(path) = path {
                let _ = sender.send(path);
            }
            WalkState::Continue
        })
    });
    drop(sender);
    let mut files: Vec<_> = receiver.into_iter().collect();
    let tracked = folders.iter().flat_map(|folder| git::tracked_but_ignored(folder));
    files.extend(tracked.filter(|path| !own.iter().any(|own| path.starts_with(own))));
    files.sort_unstable();
    files.dedup();
    files.into_iter().map(|path| Candidate { path, named: false }).collect()
}

/// The folder that could not be entered: reading it as a file says why.
fn unreadable(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, err } => unreadable(err).or_else(|| Some(path.clone())),
        ignore::Error::WithDepth { err, .. } => unreadable(err),
        _ => None,
    }
}

/// Files as they are named, folders with what is in them.
pub(super) fn paths(cwd: &Path, named: &[PathBuf], own: &[PathBuf]) -> Result<Vec<Candidate>, Error> {
    let mut all = Vec::new();
    for path in named {
        // Without `.` and `..`, so that one file has one name.
        let path = normalize(&cwd.join(path));
        let metadata = std::fs::metadata(&path).map_err(|source| Error::Path { path: path.clone(), source })?;
        if metadata.is_dir() {
            all.extend(folders(&[path], own));
        } else {
            all.push(Candidate { path, named: true });
        }
    }
    all.sort_unstable();
    all.dedup_by(|one, other| one.path == other.path);
    Ok(all)
}

fn is_wanted(entry: &DirEntry) -> bool {
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    if entry.file_name() == ".git" {
        return false;
    }
    !is_folder || !is_build_output(entry.path())
}

/// A folder that cargo or another tool marks as made by it, and `target` beside a Cargo.toml.
fn is_build_output(folder: &Path) -> bool {
    let is_target = || folder.ends_with("target") && folder.with_file_name("Cargo.toml").is_file();
    is_target() || folder.join("CACHEDIR.TAG").is_file()
}
