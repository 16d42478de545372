//! Which file a change of a name goes to.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::Error;
use crate::manifest::{Manifest, Plan, Source};
use crate::secret::SecretName;
use crate::store::SecretFile;
use crate::usage::Usage;

/// A file to change, and who it is for.
pub(crate) struct Target {
    /// Where it stands.
    pub(crate) path: PathBuf,
    /// How messages name it.
    pub(crate) shown: String,
    /// The public keys that Cargo.toml wants it to be for, where it says.
    pub(crate) recipients: Option<Vec<String>>,
    /// Whether the name is new there, and will be delivered in capitals.
    pub(crate) flattens: bool,
}

impl Target {
    /// The file that `--file` names; else the one for new names.
    pub(crate) fn whole(manifest: &Manifest, plan: &Plan, file: Option<&str>) -> Result<Self, Error> {
        let environment = || plan.environment.to_string();
        let (path, declared) = if let Some(file) = file {
            let path = manifest.root().join(file);
            let unknown = || Usage::NotASource { file: file.to_owned(), environment: environment() };
            let source = plan.own_sources().find(|source| source.path == path).ok_or_else(unknown)?;
            (source.path.clone(), source.declared.as_str())
        } else {
            let declared = plan.write_target().ok_or_else(|| Usage::NoTarget { environment: environment() })?;
            (manifest.root().join(declared), declared)
        };
        let flattens = plan.own_sources().any(|source| source.flatten && source.declared == declared);
        let recipients = plan.keys();
        let shown = path.strip_prefix(manifest.root()).unwrap_or(&path).display().to_string();
        Ok(Self { path, shown, recipients, flattens })
    }

    /// The file that `--file` names; else the last of the environment's own that holds `name`; else, for a new name, the
    /// last that is no pattern.
    pub(crate) fn find(manifest: &Manifest, plan: &Plan, name: &SecretName, file: Option<&str>) -> Result<Self, Error> {
        if let Some(file) = file {
            return Self::named(manifest, plan, file);
        }
        for source in plan.own_sources().rev() {
            if holds(source, &shown(manifest, &source.path), name)? {
                return Ok(Self::of(manifest, plan, source.path.clone()));
            }
        }
        match plan.write_target() {
            Some(declared) => {
                let path = manifest.root().join(declared);
                let names = SecretFile::read(&path).and_then(|file| file.names()).unwrap_or_default();
                let is_new = !names.iter().any(|(known, _)| known == name.as_str());
                let flattens = is_new && plan.own_sources().any(|source| source.flatten && source.declared == declared);
                Ok(Self { flattens, ..Self::of(manifest, plan, path) })
            }
            None => Err(Usage::NoTarget { environment: plan.environment.to_string() }.into()),
        }
    }

    /// The file that `--file` names.
    pub(crate) fn named(manifest: &Manifest, plan: &Plan, file: &str) -> Result<Self, Error> {
        let path = manifest.root().join(file);
        let source = plan.sources.iter().find(|source| source.environment == plan.environment && source.path == path);
        let unknown = || Usage::NotASource { file: file.to_owned(), environment: plan.environment.to_string() };
        Ok(Self::of(manifest, plan, source.ok_or_else(unknown)?.path.clone()))
    }

    /// The source at `path`.
    pub(crate) fn of(manifest: &Manifest, plan: &Plan, path: PathBuf) -> Self {
        let recipients = plan.keys();
        Self { shown: shown(manifest, &path), path, recipients, flattens: false }
    }

    /// Refuses a new file that nobody could read.
    pub(crate) fn refuse_without_recipients(&self, plan: &Plan) -> Result<(), Error> {
        if self.path.exists() || self.recipients.as_ref().is_some_and(|recipients| !recipients.is_empty()) {
            return Ok(());
        }
        Err(Usage::NoRecipients { file: self.shown.clone(), environment: plan.environment.to_string() }.into())
    }
}

/// Says which other file has a value of a name that was removed: what is delivered from now on.
pub(crate) fn say_what_is_left(context: &Context, manifest: &Manifest, plan: &Plan, name: &SecretName) {
    // What cannot be read says so when it is used.
    let delivers = |source: &&Source| {
        let names = SecretFile::read(&source.path).and_then(|file| file.delivered_names(source.flatten));
        names.is_ok_and(|names| names.iter().any(|known| known == name.as_str()))
    };
    if let Some(source) = plan.sources.iter().rev().find(delivers) {
        let (file, environment) = (shown(manifest, &source.path), &source.environment);
        context.shell.warn(format_args!(
            "{name} now comes from {file} ({environment}); to remove that one, too: cargo secrets unset {name} -e {environment}"
        ));
    }
}

fn shown(manifest: &Manifest, path: &Path) -> String {
    path.strip_prefix(manifest.root()).unwrap_or(path).display().to_string()
}

/// Whether the source delivers `name`; a file that does not exist delivers nothing.
fn holds(source: &Source, shown: &str, name: &SecretName) -> Result<bool, Error> {
    let Some(file) = SecretFile::find(&source.path)? else { return Ok(false) };
    if file.names()?.iter().any(|(known, nested)| known == name.as_str() && !nested) {
        return Ok(true);
    }
    if !file.delivered_names(source.flatten)?.iter().any(|known| known == name.as_str()) {
        return Ok(false);
    }
    Err(Usage::Flattened { name: name.clone(), file: shown.to_owned() }.into())
}
