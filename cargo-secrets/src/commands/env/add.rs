//! `env add`: an environment in Cargo.toml, and its encrypted file.

use clap::Args;

use super::file;
use crate::commands::edit_manifest;
use crate::commands::init;
use crate::commands::myself::{own_key, recipient_name};
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{self, EditError, Manifest, NewEnvironment};
use crate::refusal::Refusal;
use crate::secret::EnvName;
use crate::store::identity::same_key;

const EXAMPLES: &str = "\
Examples:
  cargo secrets env add staging
  cargo secrets env add prod --protected --recipient alice --recipient ci
  cargo secrets env add qa --inherits common --file secrets/qa.yaml

Its recipients are those that are named, else you and the recipients of what it inherits from. It
starts without values: each environment gets its own.";

/// Arguments of `env add`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Add {
    /// Its name
    name: EnvName,
    /// Another environment, whose declarations it has too, and whose values unless it is protected
    #[arg(long, value_name = "ENV")]
    inherits: Option<EnvName>,
    /// Who can read it, by a name in Cargo.toml; may be repeated
    #[arg(long = "recipient", value_name = "NAME")]
    recipients: Vec<String>,
    /// Its file: .json, .yaml or .env [default: secrets/NAME.json]
    #[arg(long, value_name = "PATH")]
    file: Option<String>,
    /// Declared names only, nothing inherited, builds in the sandbox
    #[arg(long)]
    protected: bool,
}

impl Add {
    pub(super) fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        if let Some(ancestor) = &self.inherits {
            manifest.environment(ancestor)?;
        }
        if manifest.environments().any(|(name, _)| *name == self.name) {
            let source = EditError::Exists(format!("environments.{}", self.name));
            return Err(manifest::Error::Edit { path: manifest.path().to_owned(), source }.into());
        }
        let readers = self.readers(context, &manifest)?;
        self.check_ancestor(&manifest, &readers)?;
        let names: Vec<_> = readers.iter().map(|(name, _)| name.as_str()).collect();
        let source = self.file.clone().unwrap_or_else(|| init::source(&self.name));
        file::check(&manifest, &source, &self.name)?;
        let new = NewEnvironment {
            inherits: self.inherits.as_ref(),
            protected: self.protected,
            ..NewEnvironment::new(&self.name, &source, &names)
        };
        let change = |text: &str| {
            let mut text = manifest::add_environment(text, new, manifest.table())?;
            for (name, key) in readers.iter().filter(|(name, _)| !manifest.recipients().contains_key(name)) {
                text = manifest::add_recipient(&text, name, key, &[], manifest.table())?;
            }
            Ok(text)
        };
        // What would stop every command is an error before it is written.
        manifest.changed(change)?.plan(&self.name)?;
        edit_manifest(manifest.root(), manifest.path(), change)?;
        context.shell.status("Declared", format_args!("environment {} in {}", self.name, manifest.path().display()));
        init::add_files(context, &context.manifest()?, &self.name)?;
        Ok(0)
    }

    /// Names and keys of those who are to read it.
    fn readers(&self, context: &Context, manifest: &Manifest) -> Result<Vec<(String, String)>, Error> {
        if !self.recipients.is_empty() {
            let known = |name: &String| match manifest.recipients().get(name) {
                Some(key) => Ok((name.clone(), key.clone())),
                None => Err(Refusal::NoRecipient { name: name.clone() }.into()),
            };
            return self.recipients.iter().map(known).collect();
        }
        let ancestor = self.inherits.as_ref().map(|ancestor| manifest.plan(ancestor)).transpose()?;
        let mut readers = ancestor.and_then(|plan| plan.recipients).unwrap_or_default();
        let key = own_key(context)?;
        if !readers.iter().any(|(_, known)| same_key(known, &key)) {
            readers.push((init::known_as(manifest, &recipient_name(), &key), key));
        }
        Ok(readers)
    }

    /// Values come only from an environment whose readers may all read this one.
    fn check_ancestor(&self, manifest: &Manifest, readers: &[(String, String)]) -> Result<(), Error> {
        let Some(ancestor) = self.inherits.as_ref().filter(|_| !self.protected) else { return Ok(()) };
        let theirs = manifest.plan(ancestor)?.recipients.unwrap_or_default();
        let is_in = |key: &String| readers.iter().any(|(_, reader)| same_key(reader, key));
        let missing: Vec<_> = theirs.iter().filter(|(_, key)| !is_in(key)).map(|(name, _)| name.clone()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Refusal::HeirNeeds { environment: self.name.clone(), ancestor: ancestor.clone(), missing }.into())
    }
}
