//! `env remove`: out of Cargo.toml; the files stay unless it is said otherwise.

use std::path::PathBuf;

use clap::Args;

use crate::commands::edit_manifest;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{self, Manifest, Required};
use crate::refusal::{InUse, Refusal};
use crate::secret::{EnvName, quoted};

const EXAMPLES: &str = "\
Examples:
  cargo secrets env remove staging
  cargo secrets env remove staging --delete-files

The values stay in git's history, for everybody who could read them: revoke them where they were
issued.";

/// Arguments of `env remove`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Remove {
    /// Its name
    name: EnvName,
    /// Delete its files too, but those that another environment names
    #[arg(long)]
    delete_files: bool,
}

impl Remove {
    pub(super) fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        let plan = manifest.plan(&self.name)?;
        if let Some(why) = in_use(&manifest, &self.name) {
            return Err(Refusal::InUse { environment: self.name, why }.into());
        }
        let elsewhere = files_of_others(&manifest, &self.name)?;
        let files = plan.own_sources().filter(|source| source.path.exists() && !elsewhere.contains(&source.path));
        let files: Vec<_> = files.collect();
        edit_manifest(manifest.root(), manifest.path(), |text| {
            manifest::remove_environment(text, &self.name, manifest.table())
        })?;
        context.shell.status("Removed", format_args!("environment {} from {}", self.name, manifest.path().display()));
        for source in files {
            if self.delete_files {
                std::fs::remove_file(&source.path)?;
                context.shell.status("Deleted", &source.declared);
            } else {
                context.shell.note(format_args!(
                    "`{}` is still there: git rm {}",
                    source.declared,
                    quoted(&source.declared)
                ));
            }
        }
        context.shell.note("its values stay in git's history: revoke them where they were issued");
        Ok(0)
    }
}

/// What would be wrong without it.
fn in_use(manifest: &Manifest, name: &EnvName) -> Option<InUse> {
    if manifest.declared_default() == Some(name) {
        return Some(InUse::Default);
    }
    if let Some((heir, _)) = manifest.environments().find(|(_, other)| other.inherits.as_ref() == Some(name)) {
        return Some(InUse::Inherited(heir.clone()));
    }
    let requires = |required: &Required| matches!(required, Required::In(names) if names.contains(name));
    let mut variables = manifest.variables().iter();
    variables.find(|(_, variable)| requires(&variable.required)).map(|(name, _)| InUse::Required(name.clone()))
}

/// The files that other environments name.
fn files_of_others(manifest: &Manifest, name: &EnvName) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for (other, _) in manifest.environments().filter(|(other, _)| *other != name) {
        files.extend(manifest.plan(other)?.own_sources().map(|source| source.path.clone()));
    }
    Ok(files)
}
