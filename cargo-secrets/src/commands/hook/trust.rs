//! Which projects' values a user's shells may have: one file for each in the state folder, named after the project's folder.
//!
//! **What is allowed is what was seen**: the folder, the environment, the names in its files, and all that Cargo.toml
//! declares of variables. A value is not part of it: whoever can encrypt for the recipients can change one.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::context::Context;
use crate::error::Error;
use crate::fsx;
use crate::manifest::{Manifest, Plan};
use crate::secret::{SecretName, shown};
use crate::store::{self, SecretFile};
use crate::usage::Usage;

/// What may be allowed in a project, and where that is kept.
pub(super) struct Trust {
    path: PathBuf,
    /// What the file holds when it is allowed.
    text: String,
    names: Vec<String>,
}

impl Trust {
    /// Of a project's environment.
    pub(super) fn of(context: &Context, manifest: &Manifest, plan: &Plan) -> Result<Self, Error> {
        let path = Self::path(context, manifest.root()).ok_or(Usage::NoState)?;
        let mut names = Vec::new();
        let mut whole = Vec::new();
        for source in &plan.sources {
            match SecretFile::read(&source.path) {
                // Its names are not to be seen: what is allowed is this file.
                Ok(file) if file.is_whole() => {
                    names.push(hex(&fsx::read(&source.path)?));
                    whole.push(format!("all of {}", shown(&source.declared, 80)));
                }
                Ok(file) => names.extend(file.delivered_names(source.flatten)?),
                Err(store::Error::Missing { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        names.extend(manifest.variables().keys().map(ToString::to_string));
        names.sort_unstable();
        names.dedup();
        let sources = plan.sources.iter().map(|source| source.declared.as_str()).collect::<Vec<_>>();
        let seen = format!("{:?}\n{sources:?}\n{names:?}\n{:?}", plan.environment, manifest.variables());
        let text = format!("{}\n{}\n", hex(seen.as_bytes()), real(manifest.root()).display());
        let is_name = |name: &String| SecretName::new(name).is_ok();
        let names = names.into_iter().filter(is_name).chain(whole).collect();
        Ok(Self { path, text, names })
    }

    /// Where it is kept for the project in `root`; `None` without a home.
    pub(super) fn path(context: &Context, root: &Path) -> Option<PathBuf> {
        let set = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let state = set.or_else(|| Some(context.identities.home.as_ref()?.join(".local/state")))?;
        Some(state.join("cargo-secrets/hook").join(hex(real(root).as_os_str().as_encoded_bytes())))
    }

    /// Whether just this was allowed.
    pub(super) fn is_allowed(&self) -> bool {
        fsx::read(&self.path).is_ok_and(|text| text == self.text.as_bytes())
    }

    /// Whether anything was ever allowed for the project in `root`: no more than a look at one file's name.
    pub(super) fn is_kept(context: &Context, root: &Path) -> bool {
        Self::path(context, root).is_some_and(|path| path.is_file())
    }

    /// Allows it; tells the names, and the files that do not tell theirs.
    pub(super) fn allow(&self) -> Result<&[String], Error> {
        if let Some(folder) = self.path.parent() {
            fsx::create_private_dir(folder)?;
        }
        fsx::replace(&self.path, self.text.as_bytes())?;
        Ok(&self.names)
    }

    /// Takes back what was allowed for the project in `root`; tells whether anything was.
    pub(super) fn deny(context: &Context, root: &Path) -> Result<bool, Error> {
        match std::fs::remove_file(Self::path(context, root).ok_or(Usage::NoState)?) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// A folder by its own path, whichever link led to it.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
