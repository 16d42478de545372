//! age plugins: programs on PATH that hold keys the `age` crate does not know (C2SP, `age-plugin`).
//!
//! **A plugin's name is the choice of whoever wrote the key** (GHSA-4fg7-vxc8-qx5w): a recipient's plugin is started only
//! to write for a key that Cargo.toml names, an identity's only for an identity of the user's own; and never from the
//! project or by a relative entry of PATH, where a repository could have put it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use age::secrecy::SecretString;
use age::{Callbacks, DecryptError, EncryptError};
use rustix::fs::{Access, access};

use crate::secret::shown;
use crate::term;

/// A plugin is not there, not to be started, or did not do its work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PluginError {
    /// Not on PATH.
    #[error("`{program}` is not on PATH")]
    Missing {
        /// Its program.
        program: String,
    },
    /// Found where a repository could have put it.
    #[error("`{program}` is not started from `{}`, in this project or by a relative entry of PATH", path.display())]
    Place {
        /// Its program.
        program: String,
        /// Where PATH leads to first.
        path: PathBuf,
    },
    /// It said so itself, or ended.
    #[error("`{program}` failed{}", said(message.as_ref()))]
    Failed {
        /// Its program.
        program: String,
        /// What it said, cut and escaped.
        message: Option<String>,
    },
}

fn said(message: Option<&String>) -> String {
    message.map(|message| format!(": {message}")).unwrap_or_default()
}

impl PluginError {
    /// What to type next.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Missing { program } if program == "age-plugin-pq" => {
                "post-quantum keys need age's own plugin: `go install filippo.io/age/extra/age-plugin-pq@latest`"
                    .to_owned()
            }
            Self::Missing { program } => format!("install `{program}`, or use another key"),
            Self::Place { .. } => "install it outside of the project, earlier on PATH".to_owned(),
            Self::Failed { .. } => "see that its device is there and unlocked, then try again".to_owned(),
        }
    }

    pub(super) fn decrypting(name: &str, error: &DecryptError) -> Self {
        // The type of these errors has no name outside of the `age` crate: they can only be displayed.
        let first =
            if let DecryptError::Plugin(errors) = error { errors.first().map(ToString::to_string) } else { None };
        Self::failed(name, first)
    }

    pub(super) fn encrypting(name: &str, error: &EncryptError) -> Self {
        let first =
            if let EncryptError::Plugin(errors) = error { errors.first().map(ToString::to_string) } else { None };
        Self::failed(name, first)
    }

    fn failed(name: &str, message: Option<String>) -> Self {
        // Marks around what age inserts into its sentences, for right-to-left scripts.
        let is_mark = |c: char| matches!(c, '\u{2066}'..='\u{2069}');
        let message = message.map(|message| shown(message.replace(is_mark, "").trim(), 200));
        Self::Failed { program: program(name), message }
    }
}

/// What the plugin `name` is called as a program.
pub(super) fn program(name: &str) -> String {
    format!("age-plugin-{name}")
}

/// The folder of the Cargo.toml that a command works on: with `--manifest-path`, one does not stand in it.
static ROOT: OnceLock<PathBuf> = OnceLock::new();

/// Tells which project no plugin is started from, beside the one that one stands in. The first call counts.
pub(crate) fn set_root(root: &Path) {
    ROOT.get_or_init(|| root.to_owned());
}

/// Whether the plugin `name`, which the `age` crate will look for on PATH, is found where it may be started from.
pub(super) fn check(name: &str) -> Result<(), PluginError> {
    let (cwd, home) = (std::env::current_dir().ok(), std::env::home_dir());
    let folders = [cwd.as_deref(), ROOT.get().map(PathBuf::as_path)].into_iter().flatten();
    let projects: Vec<_> = folders.filter_map(|folder| project(folder, home.as_deref())).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    check_in(name, &folders, &projects)
}

fn check_in(name: &str, folders: &[PathBuf], projects: &[PathBuf]) -> Result<(), PluginError> {
    let program = program(name);
    let is_program = |path: &PathBuf| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    let found = folders.iter().map(|folder| folder.join(&program)).find(is_program);
    let Some(path) = found else { return Err(PluginError::Missing { program }) };
    let is_theirs = |path: &Path| {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        projects.iter().any(|project| real.starts_with(project) || path.starts_with(project))
    };
    // Where it is, and where a link that stands there leads to.
    if path.is_relative() || is_theirs(&path) || path.parent().is_some_and(is_theirs) {
        return Err(PluginError::Place { program, path });
    }
    Ok(())
}

/// The outermost folder around `cwd` that is a repository or a package, below the home folder.
fn project(cwd: &Path, home: Option<&Path>) -> Option<PathBuf> {
    let cwd = cwd.canonicalize().ok()?;
    let home = home.and_then(|home| home.canonicalize().ok());
    let is_outside =
        |folder: &&Path| folder.parent().is_some() && home.as_ref().is_none_or(|home| !home.starts_with(folder));
    let is_project = |folder: &&Path| ["Cargo.toml", ".git"].iter().any(|mark| folder.join(mark).exists());
    cwd.ancestors().take_while(is_outside).filter(is_project).last().map(Path::to_owned)
}

/// Brings a plugin's words to the terminal, and the answers back.
#[derive(Clone)]
pub(super) struct Talk {
    program: String,
}

impl Talk {
    /// For the plugin `name`.
    pub(super) fn with(name: &str) -> Self {
        Self { program: program(name) }
    }

    /// What it says, under its name and without control characters.
    fn says(&self, text: &str) -> String {
        format!("{}: {}", self.program, shown(text.trim(), 300))
    }
}

impl Callbacks for Talk {
    fn display_message(&self, message: &str) {
        term::Shell::default().note(self.says(message));
    }

    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        let no = no.map(|no| format!(", n: {}", shown(no, 40))).unwrap_or_default();
        term::confirm(&format!("{} (y: {}{no})", self.says(message), shown(yes, 40))).ok()
    }

    fn request_public_string(&self, description: &str) -> Option<String> {
        term::ask(&format!("{}: ", self.says(description))).ok()
    }

    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        term::ask_hidden(&format!("{}: ", self.says(description))).ok()
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test may write as it likes")]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// A plugin `x` in `folder`.
    fn install(folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        let path = folder.join("age-plugin-x");
        fs::write(&path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_plugin_is_started_from_outside_of_the_project_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        let (bin, inside, linked) = (root.join("bin"), root.join("app/target/bin"), root.join("linked"));
        install(&bin);
        install(&inside);
        fs::create_dir(&linked).unwrap();
        symlink(inside.join("age-plugin-x"), linked.join("age-plugin-x")).unwrap();
        symlink(&inside, root.join("folder")).unwrap();
        let project = root.join("app");
        let check = |folders: &[&Path]| {
            let folders: Vec<_> = folders.iter().map(|folder| folder.to_path_buf()).collect();
            check_in("x", &folders, std::slice::from_ref(&project))
        };
        assert_eq!(check(&[&bin, &inside]), Ok(()));
        assert_eq!(check(&[&root, &bin]), Ok(()), "what is not there is passed over");
        for first in [&inside, &linked, &root.join("folder")] {
            assert!(matches!(check(&[first, &bin]), Err(PluginError::Place { .. })), "{}", first.display());
        }
        assert!(matches!(check(&[&root]), Err(PluginError::Missing { .. })));
        fs::set_permissions(bin.join("age-plugin-x"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(check(&[&bin]), Err(PluginError::Missing { .. })));
    }

    #[test]
    fn the_project_is_the_outermost_repository_or_package_below_the_home() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        let member = root.join("home/code/app/crates/api/src");
        fs::create_dir_all(&member).unwrap();
        for mark in ["home/.git", "home/code/app/.git", "home/code/app/crates/api/Cargo.toml"] {
            fs::write(root.join(mark), "").unwrap();
        }
        let home = root.join("home");
        assert_eq!(project(&member, Some(&home)), Some(root.join("home/code/app")));
        assert_eq!(project(&home, Some(&home)), None);
        assert_eq!(project(&root.join("home/code"), Some(&home)), None);
    }
}
