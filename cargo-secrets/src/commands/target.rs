//! Which file a change of a name goes to.

use std::path::PathBuf;

use crate::error::{Error, Usage};
use crate::manifest::{Manifest, Plan, Source};
use crate::secret::SecretName;
use crate::store::{self, SecretFile};

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
        let recipients = plan.recipients.as_ref().map(|list| list.iter().map(|(_, key)| key.clone()).collect());
        let shown = path.strip_prefix(manifest.root()).unwrap_or(&path).display().to_string();
        Ok(Self { path, shown, recipients, flattens })
    }

    /// The file that `--file` names; else the last of the environment's own that holds `name`; else, for a new name, the
    /// last that is no pattern.
    pub(crate) fn find(manifest: &Manifest, plan: &Plan, name: &SecretName, file: Option<&str>) -> Result<Self, Error> {
        let recipients = plan.recipients.as_ref().map(|list| list.iter().map(|(_, key)| key.clone()).collect());
        let shown = |path: &PathBuf| path.strip_prefix(manifest.root()).unwrap_or(path).display().to_string();
        let target = |path: PathBuf| Self { shown: shown(&path), path, recipients, flattens: false };
        if let Some(file) = file {
            let path = manifest.root().join(file);
            let source = plan.own_sources().find(|source| source.path == path);
            let environment = || plan.environment.to_string();
            let unknown = || Usage::NotASource { file: file.to_owned(), environment: environment() };
            return Ok(target(source.ok_or_else(unknown)?.path.clone()));
        }
        for source in plan.own_sources().rev() {
            if holds(source, &shown(&source.path), name)? {
                return Ok(target(source.path.clone()));
            }
        }
        match plan.write_target() {
            Some(declared) => {
                let path = manifest.root().join(declared);
                let names = SecretFile::read(&path).and_then(|file| file.names()).unwrap_or_default();
                let is_new = !names.iter().any(|(known, _)| known == name.as_str());
                let flattens = is_new && plan.own_sources().any(|source| source.flatten && source.declared == declared);
                Ok(Self { flattens, ..target(path) })
            }
            None => Err(Usage::NoTarget { environment: plan.environment.to_string() }.into()),
        }
    }
}

/// Whether the source delivers `name`; a file that does not exist delivers nothing.
fn holds(source: &Source, shown: &str, name: &SecretName) -> Result<bool, Error> {
    let file = match SecretFile::read(&source.path) {
        Ok(file) => file,
        Err(store::Error::Missing { .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if file.names()?.iter().any(|(known, nested)| known == name.as_str() && !nested) {
        return Ok(true);
    }
    if !file.delivered_names(source.flatten)?.iter().any(|known| known == name.as_str()) {
        return Ok(false);
    }
    Err(Usage::Flattened { name: name.clone(), file: shown.to_owned() }.into())
}
