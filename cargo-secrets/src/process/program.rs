//! Finding the program to start, and the nearest name when there is none.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::error::ExecError;

/// The file that `program` means, found on `path` as execvp(3) would.
pub(crate) fn find(program: &OsStr, path: &OsStr) -> Result<PathBuf, ExecError> {
    let not_found = || ExecError::NotFound { program: program.to_owned(), nearest: nearest(program, path) };
    if program.is_empty() {
        return Err(not_found());
    }
    if program.as_bytes().contains(&b'/') {
        // The kernel says best what is wrong with a file that was named.
        return if Path::new(program).exists() { Ok(program.into()) } else { Err(not_found()) };
    }
    if let Ok(found) = which::which_in(program, Some(path), ".") {
        return Ok(found);
    }
    let mut there = std::env::split_paths(path).map(|folder| folder.join(program));
    match there.find(|candidate| candidate.is_file()) {
        Some(path) => Err(ExecError::NotExecutable { program: path, source: None }),
        None => Err(not_found()),
    }
}

/// The executable on `path` whose name is most like `program`.
fn nearest(program: &OsStr, path: &OsStr) -> Option<String> {
    let wanted = program.to_str().filter(|name| !name.is_empty() && !name.contains('/'))?;
    let names: BTreeSet<OsString> = std::env::split_paths(path)
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| entries.filter_map(Result::ok).map(|entry| entry.file_name()))
        .collect();
    let names = names.iter().filter_map(|name| name.to_str());
    let candidates = names.map(|name| (strsim::damerau_levenshtein(wanted, name), name));
    let limit = (wanted.chars().count() / 3).max(1);
    let (_, name) = candidates.filter(|(distance, _)| *distance <= limit).min()?;
    which::which_in(name, Some(path), ".").ok().map(|_| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_command_names_the_nearest() {
        let path = std::env::var_os("PATH").unwrap();
        let error = find(OsStr::new("carg"), &path).unwrap_err();
        assert!(matches!(error, ExecError::NotFound { nearest: Some(name), .. } if name == "cargo"));
    }
}
