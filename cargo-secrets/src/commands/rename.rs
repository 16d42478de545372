//! `cargo secrets rename`: one name for another, in Cargo.toml and in the files.

use std::path::PathBuf;

use clap::Args;

use super::set::refuse_name;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{self, Manifest, Plan};
use crate::refusal::Refusal;
use crate::secret::SecretName;
use crate::store::sops::Change;
use crate::store::{self, Keyring, SecretFile};
use crate::usage::Usage;

const EXAMPLES: &str = "\
Examples:
  cargo secrets rename DB_PASS DB_PASSWORD
  cargo secrets rename DB_PASS DB_PASSWORD -e dev   in the files of dev alone

Every file of every environment that holds the name is changed, then Cargo.toml, with what is
composed of it. You have to be able to read all of them; what is cut short is finished by the same
command. Where an environment is named, the old name stays declared for the others.

Programs that ask for the old name are not changed.";

/// Arguments of `rename`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Rename {
    /// The name as it is
    from: SecretName,
    /// The name as it shall be
    to: SecretName,
}

/// A file that holds the old name.
struct Holder {
    path: PathBuf,
    shown: String,
    recipients: Option<Vec<String>>,
}

impl Rename {
    /// Renames it. **Files first**: until the last of them is done, Cargo.toml declares the old name.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let Self { from, to } = &self;
        let manifest = context.manifest()?;
        refuse_name(&manifest, to)?;
        if from == to {
            return Err(Refusal::SameName(to.clone()).into());
        }
        if manifest.variable(to).is_some() && manifest.variable(from).is_some() {
            return Err(Refusal::Taken { name: to.clone(), file: None }.into());
        }
        let only = context.named_environment()?;
        let mut holders = Vec::new();
        for (name, _) in manifest.environments().filter(|(name, _)| only.as_ref().is_none_or(|only| only == *name)) {
            self.find(&manifest, &manifest.plan(name)?, &mut holders)?;
        }
        if let Some(name) = &only {
            manifest.environment(name)?;
        }
        if holders.is_empty() && (only.is_some() || manifest.variable(from).is_none()) {
            let (name, nearest) = (from.clone(), self.nearest(&manifest));
            return Err(match only.map(|only| only.to_string()) {
                Some(environment) => Usage::NotSet { name, environment, nearest }.into(),
                None => Refusal::NoName { name, nearest }.into(),
            });
        }
        let mut keyring = context.keyring();
        let changed = self.change(context, &holders, &mut keyring);
        context.report(&mut keyring);
        changed?;
        match only {
            Some(_) => self.declare_beside(context, &manifest)?,
            None => self.redeclare(context, &manifest)?,
        }
        context.shell.note(format_args!("programs that ask for {from} are as they were: git grep -w {from}"));
        Ok(0)
    }

    /// Adds the environment's own files that hold the name, each once.
    fn find(&self, manifest: &Manifest, plan: &Plan, holders: &mut Vec<Holder>) -> Result<(), Error> {
        let recipients = plan.keys();
        for source in plan.own_sources() {
            let Some(file) = SecretFile::find(&source.path)? else { continue };
            let names = file.names()?;
            let holds = |name: &SecretName| names.iter().any(|(known, _)| known == name.as_str());
            if !holds(&self.from) || holders.iter().any(|holder| holder.path == source.path) {
                continue;
            }
            let shown = source.path.strip_prefix(manifest.root()).unwrap_or(&source.path).display().to_string();
            if holds(&self.to) {
                return Err(Refusal::Taken { name: self.to.clone(), file: Some(shown) }.into());
            }
            holders.push(Holder { path: source.path.clone(), shown, recipients: recipients.clone() });
        }
        Ok(())
    }

    /// Changes all files, once it is seen that all can be opened.
    fn change(&self, context: &Context, holders: &[Holder], keyring: &mut Keyring) -> Result<(), Error> {
        for holder in holders {
            let file = SecretFile::read(&holder.path)?;
            file.data_key(&file.document()?, keyring)?;
        }
        let change = Change::Rename { from: &self.from, to: &self.to };
        for Holder { path, shown, recipients } in holders {
            store::change(path, keyring, recipients.as_deref(), &change)?;
            context.shell.status("Renamed", format_args!("{} to {} in {shown}", self.from, self.to));
        }
        Ok(())
    }

    /// Renames the declaration in whichever Cargo.toml has it, and what is composed of it in all.
    fn redeclare(&self, context: &Context, manifest: &Manifest) -> Result<(), Error> {
        if manifest.variable(&self.from).is_none() {
            return Ok(());
        }
        for (path, table) in manifest.tables() {
            super::edit_manifest(manifest.workspace(), path, |text| {
                manifest::rename_variable(text, &self.from, &self.to, table)
            })?;
        }
        context.shell.status("Renamed", format_args!("{} to {} in Cargo.toml", self.from, self.to));
        Ok(())
    }

    /// Declares the new name too: other environments have the old one still.
    fn declare_beside(&self, context: &Context, manifest: &Manifest) -> Result<(), Error> {
        let (Some(variable), None) = (manifest.variable(&self.from), manifest.variable(&self.to)) else {
            return Ok(());
        };
        let kind = variable.kind;
        super::edit_manifest(manifest.root(), manifest.path(), |text| {
            manifest::declare_variable(text, &self.to, kind, manifest.table())
        })?;
        context.shell.status("Declared", format_args!("{} as a {kind} in Cargo.toml, beside {}", self.to, self.from));
        Ok(())
    }

    /// The name that is most like the old one, of those that are declared or in a file.
    fn nearest(&self, manifest: &Manifest) -> Option<String> {
        let plans = manifest.environments().filter_map(|(name, _)| manifest.plan(name).ok());
        let names = |plan: Plan| -> Vec<String> {
            let files = plan.own_sources().filter_map(|source| SecretFile::read(&source.path).ok());
            files.filter_map(|file| file.names().ok()).flatten().map(|(name, _)| name).collect()
        };
        let declared = manifest.variables().keys().map(SecretName::to_string);
        let known: Vec<_> = declared.chain(plans.flat_map(names)).collect();
        let others = known.iter().map(String::as_str).filter(|name| *name != self.from.as_str());
        crate::process::nearest_of(self.from.as_str(), others.filter(|name| SecretName::new(name).is_ok()))
    }
}
