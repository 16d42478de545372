//! Where a shell is, and what it has: the folder's project and the files that matter, in one short text that changes when
//! they do.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::trust::Trust;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{self, Manifest, Plan};
use crate::process::{self, Audience, Choice, Request};
use crate::secret::{SecretName, SecretValue};

/// The variable in which a shell keeps what it has; its children know by it too.
pub(super) const STATE: &str = "CARGO_SECRETS_HOOK";

/// What a shell has.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The situation it came from; empty outside of any project.
    pub(super) stamp: String,
    /// The names that were set.
    pub(super) names: Vec<String>,
}

impl State {
    /// As the variable tells it.
    pub(super) fn of_environment() -> Self {
        let text = std::env::var(STATE).unwrap_or_default();
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        let stamp = words.next().unwrap_or_default().to_owned();
        let names = words.filter(|name| SecretName::new(name).is_ok()).map(str::to_owned).collect();
        Self { stamp, names }
    }
}

/// Where a shell is.
pub(super) enum Situation {
    /// In no project that declares secrets.
    Nowhere,
    /// In one.
    Project {
        /// What it declares.
        manifest: Box<Manifest>,
        /// Its environment.
        plan: Box<Plan>,
        /// Changes when a file of it does.
        stamp: String,
    },
    /// In one that declares secrets and that nobody allowed.
    Strange {
        /// Changes when its Cargo.toml does.
        stamp: String,
    },
    /// In one that cannot be read.
    Broken {
        /// Why.
        error: Box<Error>,
        /// Changes when its Cargo.toml does.
        stamp: String,
    },
}

impl Situation {
    /// Looks; decrypts nothing. **Of a project that nobody allowed only the root is looked for**: entering a clone
    /// must not be work that it decides.
    pub(super) fn new(context: &Context) -> Self {
        let Ok(located) = context.located() else { return Self::Nowhere };
        let root = located.root_manifest().to_owned();
        let Some(declaring) = located.declaring() else { return Self::Nowhere };
        if !Trust::is_kept(context, declaring) {
            let mut hash = Sha256::new();
            add_file(&mut hash, &declaring.join("Cargo.toml"));
            return Self::Strange { stamp: short(hash) };
        }
        let opened = Manifest::load(located).map_err(Error::from).and_then(|manifest| {
            let plan = context.plan(&manifest)?;
            Ok((manifest, plan))
        });
        match opened {
            Ok((manifest, plan)) => {
                let stamp = stamp(context, &manifest, &plan);
                Self::Project { manifest: Box::new(manifest), plan: Box::new(plan), stamp }
            }
            Err(Error::Manifest(manifest::Error::NoTable { .. } | manifest::Error::NoManifest(_))) => Self::Nowhere,
            Err(error) => {
                let mut hash = Sha256::new();
                add_file(&mut hash, &root);
                Self::Broken { error: Box::new(error), stamp: short(hash) }
            }
        }
    }

    /// Changes whenever something that matters did.
    pub(super) fn stamp(&self) -> &str {
        match self {
            Self::Nowhere => "",
            Self::Project { stamp, .. } | Self::Strange { stamp } | Self::Broken { stamp, .. } => stamp,
        }
    }

    /// The values for the shell; none where they are not allowed, which is said.
    pub(super) fn values(self, context: &Context) -> Result<Vec<(SecretName, SecretValue)>, Error> {
        let (manifest, plan) = match self {
            Self::Nowhere => return Ok(Vec::new()),
            Self::Strange { .. } => {
                context.shell.note("this project has secrets; `cargo secrets hook allow` gives them to your shells");
                return Ok(Vec::new());
            }
            Self::Broken { error, .. } => return Err(*error),
            Self::Project { manifest, plan, .. } => (manifest, plan),
        };
        if plan.protected {
            context.shell.note(format_args!("`{}` is protected: a shell does not get it by a hook", plan.environment));
            return Ok(Vec::new());
        }
        if !Trust::of(context, &manifest, &plan)?.is_allowed() {
            context.shell.note(format_args!(
                "what this project has for `{}` is not what you allowed; `cargo secrets hook allow` gives it to your shells",
                plan.environment
            ));
            return Ok(Vec::new());
        }
        let choice = Choice::default();
        let audience = Audience::Program(manifest.current_package());
        let mut keyring = context.keyring();
        let request = Request { manifest: &manifest, plan: &plan, audience, choice: &choice };
        let resolved = process::resolve(&request, &mut keyring);
        context.report(&mut keyring);
        let resolved = resolved?;
        if !resolved.files.is_empty() {
            let names: Vec<_> = resolved.files.iter().map(SecretName::as_str).collect();
            context.shell.note(format_args!("delivered as files, so by `run` alone: {}", names.join(", ")));
        }
        let mut values: Vec<_> = resolved
            .set
            .iter()
            .filter(|(name, _)| !resolved.files.contains(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        values.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        Ok(values)
    }
}

fn stamp(context: &Context, manifest: &Manifest, plan: &Plan) -> String {
    let mut hash = Sha256::new();
    hash.update(manifest.root().as_os_str().as_encoded_bytes());
    hash.update([0]);
    hash.update(plan.environment.as_str());
    hash.update([0]);
    hash.update(manifest.current_package().unwrap_or_default());
    let manifests: Vec<_> = manifest.tables().map(|(path, _)| path.to_owned()).collect();
    let allowed = Trust::path(context, manifest.root());
    for path in manifests.iter().chain(plan.sources.iter().map(|source| &source.path)).chain(&allowed) {
        add_file(&mut hash, path);
    }
    short(hash)
}

/// Which file it is, and when it was written.
fn add_file(hash: &mut Sha256, path: &Path) {
    hash.update(path.as_os_str().as_encoded_bytes());
    hash.update([0]);
    if let Ok(found) = std::fs::metadata(path) {
        for number in [found.mtime(), found.mtime_nsec()] {
            hash.update(number.to_ne_bytes());
        }
        for number in [found.dev(), found.ino(), found.size()] {
            hash.update(number.to_ne_bytes());
        }
    }
}

/// Enough of a hash to tell one situation from another.
fn short(hash: Sha256) -> String {
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
