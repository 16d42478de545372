//! The `git` program, started with what a repository's settings could change switched off.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::lint::error::Error;

/// A command that may read the repository around `cwd`.
pub(super) fn command(cwd: &Path) -> Command {
    let mut command = Command::new("git");
    // A repository could name a program there.
    command.args(["-c", "core.fsmonitor=false", "--no-optional-locks"]);
    command.current_dir(cwd).stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

/// What git prints.
pub(super) fn output(cwd: &Path, arguments: &[&str]) -> Result<Vec<u8>, Error> {
    let output = command(cwd).args(arguments).output().map_err(Error::Git)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(Error::GitRefused(crate::secret::shown(text.trim(), 300)))
}

/// The repository's top folder.
pub(super) fn root(cwd: &Path) -> Result<PathBuf, Error> {
    let output = output(cwd, &["rev-parse", "--show-toplevel"])?;
    let line = output.strip_suffix(b"\n").unwrap_or(&output);
    Ok(PathBuf::from(OsStr::from_bytes(line)))
}

/// The files below `folder` that are committed although `.gitignore` names them. Without git there are none to know of.
pub(super) fn tracked_but_ignored(folder: &Path) -> Vec<PathBuf> {
    if !folder.ancestors().any(|folder| folder.join(".git").exists()) {
        return Vec::new();
    }
    let list = output(folder, &["ls-files", "-z", "--cached", "--ignored", "--exclude-standard"]).unwrap_or_default();
    let paths = list.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    paths.map(|path| folder.join(OsStr::from_bytes(path))).filter(|path| is_file(path)).collect()
}

fn is_file(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}
