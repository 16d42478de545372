//! What can be wrong with an identity. Never shows a line of one.

use std::fmt;
use std::path::PathBuf;

use crate::fsx;
use crate::secret::quoted;
use crate::store::plugin::PluginError;
use crate::term;

/// An identity cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Readable by others.
    #[error("the identity file `{}` can be read by others (mode {mode:04o})", path.display())]
    Permissions {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] fsx::Error),
    /// A file that was named on purpose cannot be read.
    #[error("failed to read the identity file that {by} names")]
    Named {
        /// The option or variable.
        by: &'static str,
        /// Why not.
        source: fsx::Error,
    },
    /// Named on purpose, but no identity in it.
    #[error("there is no identity in {origin}")]
    Empty {
        /// Where from.
        origin: String,
    },
    /// A passphrase is needed and nobody can be asked.
    #[error("{origin} needs a passphrase")]
    NoTerminal {
        /// Which identity.
        origin: String,
        /// Why not.
        #[source]
        source: term::NoTerminal,
    },
    /// Three wrong passphrases.
    #[error("wrong passphrase for {origin}")]
    Passphrase {
        /// Which identity.
        origin: String,
    },
    /// `SOPS_AGE_KEY_CMD` failed.
    #[error("the command in {variable} failed")]
    Command {
        /// The variable that names it.
        variable: &'static str,
    },
    /// There is an identity already.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// No home folder to keep one in.
    #[error("there is no home folder to keep an identity in")]
    NoHome,
}

impl Error {
    /// The same, told by who names the file.
    pub(super) fn named_by(self, by: &'static str) -> Self {
        match self {
            Self::File(source) => Self::Named { by, source },
            error => error,
        }
    }

    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Permissions { path, .. } => Some(format!("chmod 600 {}", quoted(path))),
            Self::NoTerminal { .. } => Some(
                "run it in a terminal, or set CARGO_SECRETS_IDENTITY_FILE to an identity file without a passphrase \
                 (CARGO_SECRETS_IDENTITY for the key itself)"
                    .to_owned(),
            ),
            Self::NoHome => Some("set HOME, or name a file with `--identity PATH`".to_owned()),
            Self::Exists { .. } => Some("`cargo secrets identity show` prints its public key".to_owned()),
            Self::Named { by, .. } => Some(format!("give {by} the path of an identity file, or leave it out")),
            Self::Empty { .. } => Some(
                "an identity is an `AGE-SECRET-KEY-1…` line or an SSH key: `cargo secrets identity new` makes one"
                    .to_owned(),
            ),
            Self::Passphrase { .. } => Some("try again, or name another identity: --identity FILE".to_owned()),
            Self::Command { variable } => Some(format!("see what it complains of: sh -c \"${variable}\" > /dev/null")),
            Self::File(_) => None,
        }
    }
}

/// Something that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Warning {
    /// A line that is no identity we can read, from a newer age.
    Line {
        /// Where from.
        origin: String,
        /// Counted from 1.
        line: usize,
    },
    /// A private key of a kind that age does not use.
    Unsupported {
        /// Where from.
        origin: String,
    },
    /// A usual place that holds something unusable.
    Unusable {
        /// Where.
        origin: String,
        /// What to type to mend it.
        help: Option<String>,
    },
    /// A file that a variable names is not there.
    Missing {
        /// The variable and the path.
        origin: String,
    },
    /// An `AGE-SECRET-KEY-PQ-1…`, which the `age` crate does not read.
    PostQuantum {
        /// Where from.
        origin: String,
        /// Counted from 1.
        line: usize,
    },
    /// A plugin that could have opened something, and did not.
    Plugin {
        /// Where its identity is from.
        origin: String,
        /// Why not.
        error: PluginError,
    },
}

impl Warning {
    /// What to type to mend it.
    pub(crate) fn help(self) -> Option<String> {
        match self {
            Self::Unusable { help, .. } => help,
            Self::Plugin { error, .. } => Some(error.help()),
            Self::PostQuantum { .. } => Some(
                "`age-plugin-pq -identity FILE` (of age 1.3) makes an identity of it that a plugin serves".to_owned(),
            ),
            Self::Line { .. } | Self::Unsupported { .. } | Self::Missing { .. } => None,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { origin, line } => {
                write!(f, "line {line} of {origin} is no identity this version can read; its other lines are used")
            }
            Self::Unsupported { origin } => write!(f, "{origin} is a private key of a kind that age cannot use"),
            Self::Unusable { origin, .. } => write!(f, "{origin} cannot be used"),
            Self::Missing { origin } => write!(f, "{origin} does not exist"),
            Self::PostQuantum { origin, line } => {
                write!(f, "line {line} of {origin} is a post-quantum key, which this version cannot use by itself")
            }
            Self::Plugin { origin, error } => write!(f, "an identity of {origin} was of no use: {error}"),
        }
    }
}
