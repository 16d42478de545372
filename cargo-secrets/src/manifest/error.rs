//! Why a manifest could not be found, read or used.
//!
//! **An error shows names, paths and lines, never a value.** What to type next is [`Error::help`].

use std::path::PathBuf;

use crate::manifest::edit::EditError;
use crate::manifest::mistake::{Mistake, Table};
use crate::manifest::problem::{Noun, did_you_mean, list};
use crate::secret::quoted;

/// A failure of this layer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No Cargo.toml in the folder or above it.
    #[error("there is no `Cargo.toml` in `{}` or a folder above it", .0.display())]
    NoManifest(PathBuf),
    /// `--manifest-path` names something else.
    #[error("the manifest path `{}` must be a `Cargo.toml` file", .path.display())]
    ManifestPath {
        /// What was given.
        path: PathBuf,
        /// It is a folder that holds a Cargo.toml.
        folder: bool,
    },
    /// The project declares no secrets.
    #[error("no `{table}` in `{}`", .path.display())]
    NoTable {
        /// The Cargo.toml that would hold it.
        path: PathBuf,
        /// The table that is missing.
        table: Table,
    },
    /// A Cargo.toml could not be read.
    #[error("failed to read `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A source that a link leads out of the project.
    #[error("the source `{}` leads out of the project by a symbolic link", .0.display())]
    Outside(PathBuf),
    /// The user's own settings, or their folder, could be somebody else's.
    #[error("`{}` can be written by others, and decides what code that compiles can read", .0.display())]
    Strangers(PathBuf),
    /// An entry of the user's settings that a project could turn elsewhere.
    #[error("`{}` in `sandbox.unhide` of `{}` is not a whole path", entry.display(), path.display())]
    Unhide {
        /// The user's settings.
        path: PathBuf,
        /// As written.
        entry: PathBuf,
    },
    /// Something is wrong at a place of a Cargo.toml.
    #[error(transparent)]
    Mistake(#[from] Box<Mistake>),
    /// A name that was asked for does not exist.
    #[error("unknown {noun} `{name}`")]
    Unknown {
        /// What was asked for.
        noun: Noun,
        /// Its name.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// There is no default environment.
    #[error("no environment given, and there is no default")]
    NoDefault {
        /// The environments that could be asked for.
        known: Vec<String>,
    },
    /// cargo could not say which packages there are.
    #[error("`cargo metadata` failed")]
    Metadata(#[from] Box<cargo_metadata::Error>),
    /// A Cargo.toml could not be changed.
    #[error("cannot change `{}`: {source}", path.display())]
    Edit {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: EditError,
    },
}

impl Error {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoManifest(_) => {
                "`cd` into a cargo project, make one with `cargo new`, or give a secret file with `run -f FILE`"
                    .to_owned()
            }
            Self::ManifestPath { path, folder: true } => {
                format!("--manifest-path {}", quoted(path.join("Cargo.toml")))
            }
            Self::ManifestPath { .. } => "give the path of a file named `Cargo.toml`".to_owned(),
            Self::NoTable { .. } => "cargo secrets init".to_owned(),
            Self::Outside(_) => "name a file of the project, or hand the other one to `run -f FILE`".to_owned(),
            Self::Strangers(path) => format!("chmod go-w {}", quoted(path)),
            Self::Unhide { .. } => "begin it with `~/` or `/`, without `..`".to_owned(),
            Self::Metadata(_) => "`cargo metadata --no-deps` says what is wrong".to_owned(),
            Self::Read { .. } => return None,
            Self::Mistake(mistake) => return mistake.help(),
            Self::Unknown { noun, name, known } => did_you_mean(*noun, name, known),
            Self::NoDefault { known } if known.is_empty() => {
                "declare one: `environments.dev.sources = [\"secrets/dev.json\"]`".to_owned()
            }
            Self::NoDefault { known } => format!("-e NAME, one of {}", list(known.iter().map(String::as_str))),
            Self::Edit { source, .. } => source.help(),
        })
    }
}
