//! What is said of a plaintext file that was imported: it is still there.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::context::Context;
use crate::secret::quoted;

/// Says that the file stays, whether git has it, and how to be rid of it.
pub(super) fn say(context: &Context, path: &Path) {
    let shell = context.shell;
    let (shown, pasted) = (path.display(), quoted(path));
    shell.note(format_args!(
        "`{shown}` still holds these values in plaintext; when nothing reads it any more: rm {pasted}"
    ));
    let Some(folder) = path.parent() else { return };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Some(name) = path.file_name().map(Path::new) else { return };
    let is_repository = folder.canonicalize().is_ok_and(|folder| folder.ancestors().any(|it| it.join(".git").exists()));
    if !is_repository || !succeeds(folder, &["rev-parse", "--is-inside-work-tree"], None) {
        return;
    }
    if succeeds(folder, &["ls-files", "--error-unmatch"], Some(name)) {
        shell.warn(format_args!(
            "git tracks `{shown}`, and its history keeps the values for everyone who has a clone: `git rm --cached \
             {pasted}` ends the tracking alone; replace each value where it was issued"
        ));
    } else if !succeeds(folder, &["check-ignore", "--quiet"], Some(name)) {
        shell.warn(format_args!("git does not ignore `{shown}`: the next `git add .` takes it"));
    }
}

/// Whether git, run in `folder`, says yes.
fn succeeds(folder: &Path, arguments: &[&str], file: Option<&Path>) -> bool {
    let mut command = Command::new("git");
    // A repository could name a program there.
    command.args(["-c", "core.fsmonitor=false", "--no-optional-locks"]);
    command.args(arguments).current_dir(folder);
    if let Some(file) = file {
        command.arg("--").arg(file);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
