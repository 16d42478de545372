//! The user's folders and what else of our own environment a run depends on.

use std::path::PathBuf;

/// Found once, from the environment and the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// The working folder.
    pub(crate) cwd: PathBuf,
    /// The home folder.
    pub(crate) home: Option<PathBuf>,
    /// Where programs keep their settings.
    pub(crate) config: Option<PathBuf>,
    /// cargo's own folder.
    pub(crate) cargo_home: Option<PathBuf>,
    /// rustup's own folder.
    pub(crate) rustup_home: Option<PathBuf>,
    /// Where the session keeps its sockets (`$XDG_RUNTIME_DIR`).
    pub(crate) runtime: Option<PathBuf>,
    /// The folders of `PATH`.
    pub(crate) path: Vec<PathBuf>,
    /// Every file that may hold an identity.
    pub(crate) identities: Vec<PathBuf>,
}
