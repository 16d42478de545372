//! The program domain: everything as it is without it, but for what is hidden.
//!
//! **It restricts paths alone**: a program reaches the network and the machine's services as before. New entries directly
//! in a folder that holds something hidden (the home folder, say) cannot be made.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::domain::{Grant, Ports, Rule, resolved, ruleset};
use super::error::SandboxError;
use super::expand::{branches, expand};
use super::hidden::{Hidden, Owner};
use super::real::forget;
use super::support::Support;

/// Sockets with a path are as reachable on newer kernels as on older ones, which cannot guard them.
const WITHOUT_SOCKETS: u32 = 8;

/// What programs see.
#[derive(Debug)]
pub(crate) struct ProgramDomain {
    rules: Vec<Rule>,
    hidden: Hidden,
}

impl ProgramDomain {
    /// All but what `owner` keeps. `built` has been made just now, perhaps, in a folder that holds something hidden.
    pub(crate) fn build(owner: &Owner<'_>, built: &[PathBuf]) -> Self {
        forget();
        let hidden = Hidden::of(owner);
        let mut rules = Vec::new();
        let root = Path::new("/");
        expand(root, Grant::All, &branches(root, hidden.paths(), std::iter::empty()), &mut rules);
        let harmless = built.iter().filter(|path| !hidden.paths().any(|hidden| hidden.starts_with(path)));
        rules.extend(hidden.opened().iter().chain(harmless).map(|path| Rule { path: path.clone(), grant: Grant::All }));
        Self { rules, hidden }
    }

    /// The ruleset, made once and entered by every program.
    pub(crate) fn ruleset(&self, support: Support) -> Result<OwnedFd, SandboxError> {
        // Without the right to rename, programs would not run as before.
        if support.landlock < 2 {
            return Err(SandboxError::Unsupported(support));
        }
        let version = Support { landlock: support.landlock.min(WITHOUT_SOCKETS), ..support };
        ruleset(version, &self.rules, &Ports(None), false)
    }

    /// What is hidden and is there, with the home folder as `~`.
    pub(crate) fn hidden(&self) -> Vec<String> {
        self.hidden.shown()
    }

    /// One of these that may be shown: it holds none of `identities`.
    pub(crate) fn proposed(&self, identities: &[PathBuf]) -> Option<String> {
        self.hidden.harmless(&identities.iter().map(|path| resolved(path)).collect::<Vec<_>>())
    }
}
