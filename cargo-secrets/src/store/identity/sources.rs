//! Where identities are looked for, in order; an explicit source excludes all others.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::error::{Error, Warning};
use super::key::{self, Key};
use crate::fsx;

/// What is known of the user's surroundings.
#[derive(Default)]
pub(crate) struct Settings {
    /// `--identity PATH`.
    pub(crate) flag: Option<PathBuf>,
    /// The identity variables that were set; the values are wiped when dropped.
    pub(crate) variables: Vec<(&'static str, Zeroizing<Vec<u8>>)>,
    /// Where programs keep their settings: `$XDG_CONFIG_HOME`, or `~/.config`.
    pub(crate) config: Option<PathBuf>,
    /// The home folder.
    pub(crate) home: Option<PathBuf>,
}

/// One place to look.
pub(crate) enum Source {
    /// A file that must be there.
    Named {
        /// Its path.
        path: PathBuf,
        /// Who names it, as messages say it.
        by: &'static str,
    },
    /// A file that may be there.
    Usual {
        /// Its path.
        path: PathBuf,
    },
    /// Keys in a variable.
    Variable {
        /// Which.
        name: &'static str,
        /// What it holds.
        keys: Zeroizing<Vec<u8>>,
    },
    /// A command that prints keys.
    Command {
        /// The variable that names it.
        name: &'static str,
        /// The command's words, quoted as a shell would.
        words: Zeroizing<Vec<u8>>,
    },
}

impl Settings {
    /// The places to look, in order.
    pub(crate) fn sources(&self) -> Vec<Source> {
        let named = |by: &'static str, path: &[u8]| Source::Named { path: OsStr::from_bytes(path).into(), by };
        if let Some(path) = &self.flag {
            return vec![Source::Named { path: path.clone(), by: "--identity" }];
        }
        if let Some(keys) = self.variable("CARGO_SECRETS_IDENTITY") {
            return vec![Source::Variable { name: "CARGO_SECRETS_IDENTITY", keys: keys.to_vec().into() }];
        }
        if let Some(path) = self.variable("CARGO_SECRETS_IDENTITY_FILE") {
            return vec![named("CARGO_SECRETS_IDENTITY_FILE", path)];
        }
        let mut sources = Vec::new();
        if let Some(keys) = self.variable("SOPS_AGE_KEY") {
            sources.push(Source::Variable { name: "SOPS_AGE_KEY", keys: keys.to_vec().into() });
        }
        if let Some(path) = self.variable("SOPS_AGE_KEY_FILE") {
            sources.push(named("SOPS_AGE_KEY_FILE", path));
        }
        for name in ["SOPS_AGE_KEY_CMD", "SOPS_AGE_SSH_PRIVATE_KEY_CMD"] {
            if let Some(words) = self.variable(name) {
                sources.push(Source::Command { name, words: words.to_vec().into() });
            }
        }
        if let Some(path) = self.variable("SOPS_AGE_SSH_PRIVATE_KEY_FILE") {
            sources.push(named("SOPS_AGE_SSH_PRIVATE_KEY_FILE", path));
        }
        sources.extend(self.usual().into_iter().flatten().map(|path| Source::Usual { path }));
        sources
    }

    /// Every file that may hold an identity of the user's, used in this run or not.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let named = ["CARGO_SECRETS_IDENTITY_FILE", "SOPS_AGE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_FILE"];
        let named = named.iter().filter_map(|name| Some(PathBuf::from(OsStr::from_bytes(self.variable(name)?))));
        self.flag.iter().cloned().chain(named).chain(self.usual().into_iter().flatten()).collect()
    }

    /// The files that are looked for where none is named.
    fn usual(&self) -> [Option<PathBuf>; 4] {
        let below = |folder: &Option<PathBuf>, path: &str| folder.as_ref().map(|folder| folder.join(path));
        [
            below(&self.config, "cargo-secrets/identity.txt"),
            below(&self.config, "sops/age/keys.txt"),
            below(&self.home, ".ssh/id_ed25519"),
            below(&self.home, ".ssh/id_rsa"),
        ]
    }

    /// Whether the user names an identity on purpose, so that no other is looked for.
    pub(crate) fn is_explicit(&self) -> bool {
        let named = ["CARGO_SECRETS_IDENTITY", "CARGO_SECRETS_IDENTITY_FILE"];
        self.flag.is_some() || named.iter().any(|name| self.variable(name).is_some())
    }

    fn variable(&self, name: &str) -> Option<&[u8]> {
        let (_, value) = self.variables.iter().find(|(known, _)| *known == name)?;
        (!value.is_empty()).then_some(value.as_slice())
    }
}

impl Source {
    /// How messages name it.
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::Named { path, by } => format!("`{}` (named by {by})", path.display()),
            Self::Usual { path } => format!("`{}`", path.display()),
            Self::Variable { name, .. } | Self::Command { name, .. } => (*name).to_owned(),
        }
    }

    /// Reads the identities there. A usual place that is empty gives none.
    pub(crate) fn load(&self, warnings: &mut Vec<Warning>) -> Result<Vec<Key>, Error> {
        let origin = self.origin();
        let content = match self {
            Self::Named { path, by } => {
                if by.starts_with("SOPS_") && !path.exists() {
                    warnings.push(Warning::Missing { origin });
                    return Ok(Vec::new());
                }
                read_private(path).map_err(|error| error.named_by(by))?
            }
            Self::Usual { path } => {
                if !path.exists() {
                    return Ok(Vec::new());
                }
                read_private(path)?
            }
            Self::Variable { keys, .. } => keys.clone(),
            Self::Command { name, words } => run(name, words)?,
        };
        let keys = key::parse(&content, &origin, warnings);
        let must_hold = matches!(self, Self::Named { .. } | Self::Variable { .. } | Self::Command { .. });
        if keys.is_empty() && must_hold { Err(Error::Empty { origin }) } else { Ok(keys) }
    }
}

/// Reads an identity file that only its owner can read.
fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    use std::os::unix::fs::PermissionsExt;

    // What is no regular file (a pipe of the shell's process substitution, say) has no bits of its own.
    if let Ok(metadata) = std::fs::metadata(path)
        && metadata.is_file()
        && metadata.permissions().mode() & 0o077 != 0
    {
        return Err(Error::Permissions { path: path.to_owned(), mode: metadata.permissions().mode() & 0o7777 });
    }
    Ok(Zeroizing::new(fsx::read(path)?))
}

/// Runs the user's own command, as SOPS does: its words are split like a shell's, no shell runs them.
fn run(variable: &'static str, words: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = || Error::Command { variable };
    let words = shlex::bytes::split(words).ok_or_else(failed)?;
    let mut words = words.iter().map(|word| OsString::from(OsStr::from_bytes(word)));
    let mut command = Command::new(words.next().ok_or_else(failed)?);
    let output = command.args(words).stderr(Stdio::inherit()).output().map_err(|_| failed())?;
    if output.status.success() { Ok(Zeroizing::new(output.stdout)) } else { Err(failed()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[&'static str]) -> Settings {
        Settings {
            flag: None,
            variables: variables.iter().map(|name| (*name, Zeroizing::new(b"x".to_vec()))).collect(),
            config: Some("/c".into()),
            home: Some("/h".into()),
        }
    }

    fn origins(settings: &Settings) -> Vec<String> {
        settings.sources().iter().map(Source::origin).collect()
    }

    #[test]
    fn explicit_sources_are_exclusive_and_in_order() {
        let all = ["SOPS_AGE_KEY", "CARGO_SECRETS_IDENTITY_FILE", "CARGO_SECRETS_IDENTITY"];
        let mut all = settings(&all);
        assert_eq!(origins(&all), ["CARGO_SECRETS_IDENTITY"]);
        all.flag = Some("/f".into());
        assert_eq!(origins(&all), ["`/f` (named by --identity)"]);
        assert_eq!(origins(&settings(&["SOPS_AGE_KEY", "CARGO_SECRETS_IDENTITY_FILE"])).len(), 1);
    }

    #[test]
    fn without_an_explicit_source_all_usual_places_are_tried() {
        assert_eq!(
            origins(&settings(&["SOPS_AGE_KEY"])),
            [
                "SOPS_AGE_KEY",
                "`/c/cargo-secrets/identity.txt`",
                "`/c/sops/age/keys.txt`",
                "`/h/.ssh/id_ed25519`",
                "`/h/.ssh/id_rsa`"
            ]
        );
    }
}
