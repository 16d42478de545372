//! Everything that can end a command, with its exit code and what to type next.

use std::io;
use std::path::PathBuf;

use crate::commands::edit::Trouble;
use crate::exchange::{export, import};
use crate::process::cargo::{ConfigError, SetError};
use crate::process::runner::AskError;
use crate::process::sandbox::SandboxError;
use crate::process::shell::ShellError;
use crate::process::{ExecError, ResolveError};
use crate::refusal::Refusal;
use crate::secret::{GenerateError, NameError};
use crate::store::identity;
use crate::store::sops::KeyError;
use crate::usage::Usage;
use crate::{fsx, lint, manifest, store};

/// Findings, or something that is not clean.
pub(crate) const FINDINGS: u8 = 1;
/// Wrong usage or configuration.
pub(crate) const USAGE: u8 = 2;
/// Something cannot be decrypted, or is not permitted.
pub(crate) const DENIED: u8 = 3;
/// `run` itself failed, before the program started.
pub(crate) const RUN_FAILED: u8 = 125;

/// Why a command ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Cargo.toml.
    #[error(transparent)]
    Manifest(#[from] manifest::Error),
    /// A secret file.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// What a program should get.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// Starting the program.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// cargo's settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// cargo's settings, to be changed.
    #[error("cannot change `{}`: {source}", path.display())]
    Runner {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: SetError,
    },
    /// A domain.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A domain that the kernel does not make, where it may be gone without.
    #[error(transparent)]
    Unconfined(SandboxError),
    /// A runner.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// An identity.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// A file.
    #[error(transparent)]
    File(#[from] fsx::Error),
    /// The lint.
    #[error(transparent)]
    Lint(#[from] lint::Error),
    /// Input or output.
    #[error("failed to read standard input, or to write standard output")]
    Io(#[from] io::Error),
    /// A name that is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// An import.
    #[error(transparent)]
    Import(#[from] import::Error),
    /// An export.
    #[error(transparent)]
    Export(#[from] export::Error),
    /// A generator.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// `shell`.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// `edit`.
    #[error(transparent)]
    Edit(#[from] Trouble),
    /// What was typed does not fit together.
    #[error(transparent)]
    Usage(#[from] Usage),
    /// A change that would not be what was meant.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// A file of an environment is not for us.
    #[error("{refused}")]
    Stranger {
        /// What was said of the file.
        refused: Box<Error>,
        /// What somebody who can read it would type.
        line: String,
    },
}

impl Error {
    /// The exit code of a command that ends with this.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Store(error)
            | Self::Resolve(ResolveError::Store(error))
            | Self::Import(import::Error::Store(error)) => store_code(error),
            Self::Identity(_) | Self::Import(import::Error::Identity(_) | import::Error::Locked { .. }) => DENIED,
            Self::File(error) if error.source.kind() == io::ErrorKind::PermissionDenied => DENIED,
            Self::Exec(error) => error.exit_code(),
            Self::Ask(error) => error.exit_code(),
            Self::Stranger { refused, .. } => refused.exit_code(),
            Self::Edit(error) => error.exit_code(),
            _ => USAGE,
        }
    }

    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Manifest(error) => error.help(),
            Self::Store(error) => error.help(),
            Self::Resolve(error) => error.help(),
            Self::Exec(error) => error.help(),
            Self::Ask(error) => error.help().map(str::to_owned),
            Self::Sandbox(error) => error.help(),
            Self::Unconfined(_) => Some(
                "`--no-sandbox` goes without for once; `sandbox = \"auto\"` in Cargo.toml does where it must"
                    .to_owned(),
            ),
            Self::Runner { source, .. } => Some(source.help().to_owned()),
            Self::Config(error) => error.help(),
            Self::Identity(error) => error.help(),
            Self::Lint(error) => error.help(),
            Self::Export(error) => error.help(),
            Self::Import(error) => error.help(),
            Self::Edit(error) => error.help(),
            Self::Usage(error) => Some(error.help()),
            Self::Refusal(error) => error.help(),
            Self::Stranger { refused, line } => {
                let help = refused.help().unwrap_or_default();
                // What follows the keys tells who is in.
                let others = help.rsplit_once("\n\n").map_or("", |(_, others)| others);
                Some(format!("send this line to someone who can read it:\n\n    {line}\n\n{others}"))
            }
            Self::Name(error) => error.help(),
            Self::Generate(error) => error.help(),
            Self::Shell(_) | Self::File(_) | Self::Io(_) => None,
        }
    }
}

/// The exit code of what is wrong with a secret file.
pub(crate) fn store_code(error: &store::Error) -> u8 {
    match error {
        store::Error::Key { .. } | store::Error::Value { .. } | store::Error::Recipients { .. } => DENIED,
        store::Error::File(error) if error.source.kind() == io::ErrorKind::PermissionDenied => DENIED,
        _ => USAGE,
    }
}

/// Whether `error` says that a file is for others than us, or for a key behind a passphrase that nobody can be asked for.
pub(crate) fn is_not_recipient(error: &ResolveError) -> bool {
    let ResolveError::Store(store::Error::Key { source, .. }) = error else { return false };
    matches!(
        source,
        KeyError::NotRecipient { .. }
            | KeyError::Groups { .. }
            | KeyError::Identity(identity::Error::NoTerminal { .. })
    )
}
