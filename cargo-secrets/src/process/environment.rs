//! The environment a child gets: ours, or a clean one, with the delivered variables in it.

use std::collections::HashSet;
use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::error::ExecError;
use super::memory_file::{self, MemoryFile};
use crate::secret::{IDENTITY_VARIABLES, SecretName, SecretSet, SecretValue};

/// The longest `NAME=value` that Linux hands to a program, with its NUL (`MAX_ARG_STRLEN`).
const LONGEST_VARIABLE: usize = 128 * 1024;

/// Tells a runner that stands by itself (`init --runner`) of which workspace whoever started all this has given out the
/// values.
const DELIVERED: &str = "CARGO_SECRETS_DELIVERED";

/// What a clean environment still needs for programs to find their files, terminal and language.
const KEPT: [&str; 18] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "PWD",
    "XDG_RUNTIME_DIR",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
];

/// What of our own environment the child gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inherit {
    /// All; a delivered value replaces one that is set.
    All,
    /// All; what is set stays.
    AllKeepExisting,
    /// A short list without which programs do not run.
    Clean,
}

/// The name and the value of a variable, `NAME=value`.
pub(super) fn split(variable: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = variable.iter().position(|byte| *byte == b'=')?;
    Some((variable.get(..at)?, variable.get(at + 1..)?))
}

/// A finished environment block: `NAME=value` strings, each ended by a NUL. Wiped when dropped.
pub(crate) struct Environment {
    block: Zeroizing<Vec<u8>>,
    starts: Vec<usize>,
    files: Vec<(SecretName, MemoryFile)>,
}

impl Environment {
    /// Builds the block from our own environment and the delivered values; those of `files` become files, which whoever
    /// this process becomes inherits.
    pub(crate) fn build(
        own: impl Iterator<Item = (OsString, OsString)>,
        secrets: &SecretSet,
        files: &[SecretName],
        inherit: Inherit,
    ) -> Result<Self, ExecError> {
        let own: Vec<_> = own.filter(|(name, _)| is_inherited(name.as_bytes(), inherit)).collect();
        let is_set = |file: &&SecretName| own.iter().any(|(name, _)| name == file.as_str());
        let made = files.iter().filter(|file| inherit != Inherit::AllKeepExisting || !is_set(file));
        let made = made.filter_map(|name| Some((name, &secrets.get(name.as_str())?.value)));
        let made = made.map(|(name, value)| Ok((name.clone(), MemoryFile::new(name, bytes(value))?)));
        let made: Vec<_> = made.collect::<Result<_, ExecError>>()?;
        let is_made = |other: &[u8]| made.iter().any(|(name, _)| name.as_str().as_bytes() == other);

        let in_block = || secrets.iter().filter(|(name, _)| !files.contains(name));
        for (name, value) in in_block() {
            check(name, value)?;
        }
        let delivered: Vec<_> = in_block().map(|(name, value)| (name.as_str(), bytes(value))).collect();
        let mut own = as_bytes(&own);
        own.retain(|(name, _)| made.is_empty() || !is_made(name));
        Ok(Self { files: made, ..Self::assemble(&own, &delivered, inherit) })
    }

    /// Builds the block from variables and delivered values; both have been looked at.
    pub(crate) fn assemble(own: &[(&[u8], &[u8])], secrets: &[(&str, &[u8])], inherit: Inherit) -> Self {
        let size: usize = own.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>()
            + secrets.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
        let block = Zeroizing::new(Vec::with_capacity(size));
        let mut built = Self { block, starts: Vec::new(), files: Vec::new() };
        let delivered: HashSet<&[u8]> = secrets.iter().map(|(name, _)| name.as_bytes()).collect();
        let keep = inherit == Inherit::AllKeepExisting;
        let mut kept = HashSet::new();
        for (name, value) in own {
            if delivered.contains(name) {
                if !keep {
                    continue;
                }
                kept.insert(*name);
            }
            built.push(name, value);
        }
        for (name, value) in secrets.iter().filter(|(name, _)| !kept.contains(name.as_bytes())) {
            built.push(name.as_bytes(), value);
        }
        built
    }

    /// Whether somebody above us has chosen the values that programs of this workspace get.
    pub(crate) fn is_delivered(workspace: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().ok();
        std::env::var_os(DELIVERED).is_some_and(|marked| real(Path::new(&marked)) == real(workspace))
    }

    /// Notes that these are the values of the workspace to be had: what is started with them gets no others.
    pub(crate) fn delivered(mut self, workspace: Option<&Path>) -> Self {
        let Some(workspace) = workspace else { return self };
        if self.get(DELIVERED).is_some() {
            let others = self.variables().filter_map(split).filter(|(name, _)| *name != DELIVERED.as_bytes());
            let others = Self::assemble(&others.collect::<Vec<_>>(), &[], Inherit::All);
            self = Self { files: std::mem::take(&mut self.files), ..others };
        }
        self.push(DELIVERED.as_bytes(), workspace.as_os_str().as_bytes());
        self
    }

    /// Adds a variable that is not there yet.
    pub(crate) fn push(&mut self, name: &[u8], value: &[u8]) {
        let length = self.block.len() + name.len() + value.len() + 2;
        if length > self.block.capacity() {
            // Growing by itself, it would leave a copy behind.
            let mut larger = Zeroizing::new(Vec::with_capacity(length + self.block.len() / 2));
            larger.extend_from_slice(&self.block);
            self.block = larger;
        }
        self.starts.push(self.block.len());
        self.block.extend_from_slice(name);
        self.block.push(b'=');
        self.block.extend_from_slice(value);
        self.block.push(0);
    }

    /// The value of `name` in the block.
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.variables().find_map(|variable| {
            let value = variable.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            Some(value)
        })
    }

    /// The folder of a file of it that is not in memory.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.files.iter().find_map(|(_, file)| file.folder())
    }

    /// Lets the next program inherit the files; gives back their variables, as this process has to set them.
    pub(super) fn hand_on_files(&self) -> io::Result<Vec<CString>> {
        self.files.iter().map(|(name, file)| memory_file::hand_on(name.as_str(), file.as_fd())).collect()
    }

    /// The block's bytes and where each variable starts in it.
    pub(crate) fn as_block(&self) -> (&[u8], &[usize]) {
        (&self.block, &self.starts)
    }

    /// The block's length, and each variable's length by name, longest first.
    pub(crate) fn sizes(&self) -> (usize, Vec<(String, usize)>) {
        let size = |variable: &[u8]| {
            let name = variable.split(|byte| *byte == b'=').next().unwrap_or_default();
            (String::from_utf8_lossy(name).into_owned(), variable.len())
        };
        let mut sizes: Vec<_> = self.variables().map(size).collect();
        sizes.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
        (self.block.len(), sizes)
    }

    fn variables(&self) -> impl Iterator<Item = &[u8]> {
        self.block.split(|byte| *byte == 0).filter(|variable| !variable.is_empty())
    }
}

/// Variables as the block has them.
pub(crate) fn as_bytes<'v>(variables: impl IntoIterator<Item = &'v (OsString, OsString)>) -> Vec<(&'v [u8], &'v [u8])> {
    variables.into_iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect()
}

/// Whether the kernel can hand `value` over.
#[expect(clippy::disallowed_methods, reason = "looked through for a NUL; nothing leaves")]
pub(crate) fn check(name: &SecretName, value: &SecretValue) -> Result<(), ExecError> {
    let text = value.expose_secret();
    if text.as_bytes().contains(&0) {
        return Err(ExecError::Nul { name: name.clone() });
    }
    if name.as_str().len() + text.len() + 2 > LONGEST_VARIABLE {
        return Err(ExecError::TooLong { name: name.clone(), length: text.len() });
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the values enter the block, and the files, that the child is started with"
)]
fn bytes(value: &SecretValue) -> &[u8] {
    value.expose_secret().as_bytes()
}

/// Whether a variable of ours reaches a child.
pub(crate) fn is_inherited(name: &[u8], inherit: Inherit) -> bool {
    let is_identity = IDENTITY_VARIABLES.iter().any(|known| known.as_bytes() == name);
    let is_kept = || KEPT.iter().any(|kept| kept.as_bytes() == name) || name.starts_with(b"LC_");
    !is_identity && (inherit != Inherit::Clean || is_kept())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Origin;

    fn built(inherit: Inherit, value: &str) -> Result<Environment, ExecError> {
        let own = [("PATH", "/bin"), ("TOKEN", "shell"), ("OTHER", "o"), ("SOPS_AGE_KEY", "k")];
        let mut secrets = SecretSet::default();
        secrets.add(SecretName::new("TOKEN").unwrap(), SecretValue::new(value.to_owned()), Origin::Default);
        Environment::build(own.into_iter().map(|(n, v)| (n.into(), v.into())), &secrets, &[], inherit)
    }

    #[test]
    fn the_file_wins_unless_the_shell_is_to_be_kept() {
        assert_eq!(built(Inherit::All, "file").unwrap().get("TOKEN"), Some(&b"file"[..]));
        assert_eq!(built(Inherit::AllKeepExisting, "file").unwrap().get("TOKEN"), Some(&b"shell"[..]));
    }

    #[test]
    fn a_clean_environment_keeps_the_path_and_the_secrets() {
        let clean = built(Inherit::Clean, "file").unwrap();
        assert_eq!(clean.get("PATH"), Some(&b"/bin"[..]));
        assert_eq!(clean.get("OTHER"), None);
        assert_eq!(clean.get("TOKEN"), Some(&b"file"[..]));
    }

    #[test]
    fn no_identity_variable_is_handed_on() {
        assert_eq!(built(Inherit::All, "x").unwrap().get("SOPS_AGE_KEY"), None);
    }

    #[test]
    fn what_the_kernel_cannot_hand_over_is_an_error_that_names_it() {
        assert!(matches!(built(Inherit::All, "a\0b"), Err(ExecError::Nul { .. })));
        assert!(built(Inherit::All, &"x".repeat(LONGEST_VARIABLE - 7)).is_ok());
        assert!(matches!(built(Inherit::All, &"x".repeat(LONGEST_VARIABLE - 6)), Err(ExecError::TooLong { .. })));
    }
}
