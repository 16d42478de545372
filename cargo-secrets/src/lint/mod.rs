//! Hard-coded keys and secrets: which files are looked at, what is found in them, and how a finding is written down.
//!
//! - [`walk`], [`staged`] (both ask [`git`]), [`stdin`](Input::Stdin): the texts; [`project`]: the workspace, its packages and targets
//! - [`scan`]: the engine over many files at once, [`decode`] what is text at all, [`excerpt`] and [`hide`] what of a line is kept
//! - [`declared`]: what the project declares and a source builds in
//! - [`policy`]: levels and allowed fingerprints, [`baseline`] accepted ones, [`report`]: one finding per value, ranked
//! - [`render`]: the same report for people, programs, code hosts and editors
//!
//! **No value leaves a scan**: what is kept of a file is a few masked characters around a finding. **Nothing is passed
//! over in silence**: what was not looked at is counted, with why.

mod baseline;
mod declared;
mod decode;
mod error;
mod excerpt;
mod found;
mod git;
mod hide;
mod policy;
mod project;
pub(crate) mod render;
mod report;
mod scan;
mod staged;
mod walk;

use std::path::{Path, PathBuf};

pub(crate) use baseline::{Baseline, Entry};
pub(crate) use declared::Declared;
pub(crate) use error::Error;
pub(crate) use found::basis;
pub(crate) use policy::Policy;
pub(crate) use project::Project;
pub(crate) use report::Report;
pub(crate) use scan::{Progress, Skip};

use scan::Scanned;

/// What is looked at.
#[derive(Debug)]
pub(crate) enum Input {
    /// Every file of the workspace, or of the folder where there is none.
    Everything,
    /// These files and folders.
    Paths(Vec<PathBuf>),
    /// What would be committed, against the last commit.
    Staged,
    /// One text, as if it were the content of this file.
    Stdin {
        /// Its name, which tells the language.
        name: PathBuf,
        /// Its bytes.
        content: Vec<u8>,
    },
}

impl Input {
    /// Whether an entry that matches nothing is known to be superfluous.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(self, Self::Everything)
    }
}

/// Looks through `input`; the report is ranked and judged.
pub(crate) fn lint(
    input: &Input,
    cwd: &Path,
    project: &Project,
    policy: &Policy,
    declared: &Declared,
    progress: &dyn Progress,
) -> Result<Report, Error> {
    let own: Vec<_> =
        [policy.baseline().path()].into_iter().chain(project.target_folder()).map(Path::to_owned).collect();
    let scanned = match input {
        Input::Everything => scan::files(&walk::folders(&project.folders(), &own), declared, progress),
        Input::Paths(paths) => scan::files(&walk::paths(cwd, paths, &own)?, declared, progress),
        Input::Staged => staged::scan(cwd, declared)?,
        Input::Stdin { name, content } => {
            let mut scanned = Scanned::default();
            scanned.add(scan::content(&cwd.join(name), content, declared));
            scanned
        }
    };
    Ok(report::judge(scanned, policy, input.is_everything()))
}
