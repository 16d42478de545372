//! Why a lint could not be done.

use std::io;
use std::path::PathBuf;

use crate::fsx;

/// A failure of this layer; a finding is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A path that was named does not exist, or is closed to us.
    #[error("cannot look into `{}`", crate::secret::shown(&path.to_string_lossy(), 200))]
    Path {
        /// As it was named, absolute.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// git could not be started, or broke off.
    #[error("failed to ask `git` what is staged")]
    Git(#[source] io::Error),
    /// git said no.
    #[error("`git` cannot say what is staged: {0}")]
    GitRefused(String),
    /// The baseline is no baseline.
    #[error("`{}` is not a lint baseline: {reason}", crate::secret::shown(&path.to_string_lossy(), 200))]
    Baseline {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A baseline that was named does not exist.
    #[error("there is no baseline `{}`", crate::secret::shown(&.0.to_string_lossy(), 200))]
    NoBaseline(PathBuf),
    /// A file.
    #[error(transparent)]
    File(#[from] fsx::Error),
    /// cargo cannot say which packages there are.
    #[error("`cargo metadata` failed, and an editor wants every finding to be of a package")]
    Metadata(#[source] Box<cargo_metadata::Error>),
}

impl Error {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match self {
            Self::GitRefused(_) => "`--staged` works in a git repository".to_owned(),
            Self::Baseline { .. } | Self::NoBaseline(_) => "cargo secrets lint --update-baseline".to_owned(),
            Self::Git(_) => "install git, or name files: cargo secrets lint PATH…".to_owned(),
            Self::Metadata(_) => "`cargo metadata --no-deps` says what is wrong".to_owned(),
            Self::Path { .. } | Self::File(_) => return None,
        })
    }
}
