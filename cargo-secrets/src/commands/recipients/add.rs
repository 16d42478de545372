//! `recipients add`: a name and a key into Cargo.toml, and the key into the environment's files.

use clap::Args;

use crate::commands::edit_manifest;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{self, Manifest, Plan};
use crate::refusal::Refusal;
use crate::secret::{EnvName, quoted};
use crate::store::identity::same_key;
use crate::store::recipient::Recipient;
use crate::store::{self, Outcome, SecretFile};
use crate::usage::Usage;

const EXAMPLES: &str = "\
Examples:
  cargo secrets recipients add bob age1…
  cargo secrets recipients add ci 'ssh-ed25519 AAAA…' -e staging

It is somebody else's key that you let in: be sure that it is theirs. Whoever is in can read every
value of the environment, now and, from git's history, after they were taken out.";

/// Arguments of `recipients add`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Add {
    /// What Cargo.toml is to call them
    name: String,
    /// Their public key: age1…, ssh-ed25519 …, ssh-rsa …
    #[arg(required = true, value_name = "PUBLIC KEY")]
    key: Vec<String>,
}

impl Add {
    /// Adds the recipient. **Cargo.toml first**: what is cut short there is finished by `sync`.
    pub(super) fn run(self, context: &Context) -> Result<u8, Error> {
        // An SSH key that was pasted without quotes is three words.
        let key = self.key.join(" ");
        check_key(&key)?;
        if self.name.trim().is_empty() || self.name.contains(char::is_control) {
            return Err(Refusal::RecipientName.into());
        }
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        check_name(&manifest, &self.name, &key)?;
        self.check_heirs(&manifest, &plan, &key)?;
        let mut keyring = context.keyring();
        let files = files(&plan)?;
        for file in &files {
            // Who cannot read a file lets nobody in.
            let opened = file.document().and_then(|document| file.data_key(&document, &mut keyring));
            if let Err(error) = opened {
                context.report(&mut keyring);
                return Err(error.into());
            }
        }
        for file in &files {
            // Whoever cannot be encrypted for, as with a plugin that fails, is not declared either.
            let readers = file.recipients()?;
            if !readers.iter().any(|reader| same_key(reader, &key)) {
                store::try_recipient(file.path(), &key)?;
                break;
            }
        }
        let (name, environment) = (&self.name, &plan.environment);
        let declared = edit_manifest(manifest.root(), manifest.path(), |text| {
            manifest::add_recipient(text, name, &key, &[environment], manifest.table())
        })?;
        if declared {
            context.shell.status("Declared", format_args!("{name} as a recipient of {environment} in Cargo.toml"));
        } else {
            context.shell.status("Unchanged", format_args!("{name} is a recipient of {environment} in Cargo.toml"));
        }
        let mut changed = declared;
        for file in &files {
            let admitted = store::admit(file.path(), &mut keyring, std::slice::from_ref(&key))?;
            let path = file.path().strip_prefix(manifest.root()).unwrap_or(file.path()).display();
            if admitted == Outcome::Unchanged {
                context.shell.status("Unchanged", format_args!("{path}"));
            } else {
                changed = true;
                context.shell.status("Encrypted", format_args!("{path} for {name} too"));
            }
        }
        context.report(&mut keyring);
        self.note_ancestors(context, &manifest, &plan, &key)?;
        if changed {
            context.shell.note("commit Cargo.toml and the files: then their clone can read them");
        }
        Ok(0)
    }

    /// Values are inherited only from an environment whose readers may all read the heir's too.
    fn check_heirs(&self, manifest: &Manifest, plan: &Plan, key: &str) -> Result<(), Error> {
        for (name, _) in manifest.environments().filter(|(name, _)| **name != plan.environment) {
            let heir = manifest.plan(name)?;
            let inherits = heir.sources.iter().any(|source| source.environment == plan.environment);
            let is_for_them = heir.recipients.iter().flatten().any(|(_, known)| same_key(known, key));
            if inherits && !is_for_them {
                let (heir, environment) = (name.clone(), plan.environment.clone());
                return Err(Refusal::HeirFirst { heir, environment, recipient: self.name.clone() }.into());
            }
        }
        Ok(())
    }

    /// Says which inherited files the new one cannot read yet.
    fn note_ancestors(&self, context: &Context, manifest: &Manifest, plan: &Plan, key: &str) -> Result<(), Error> {
        let inherited = |ancestor: &EnvName| plan.sources.iter().any(|source| source.environment == *ancestor);
        for ancestor in plan.lineage.iter().skip(1).filter(|ancestor| inherited(ancestor)) {
            let readers = manifest.plan(ancestor)?.recipients.unwrap_or_default();
            if !readers.iter().any(|(_, known)| same_key(known, key)) {
                context.shell.warn(format_args!(
                    "`{}` inherits values from `{ancestor}`, which {} cannot read: cargo secrets recipients add {} {} \
                     -e {ancestor}",
                    plan.environment,
                    self.name,
                    quoted(&self.name),
                    quoted(key)
                ));
            }
        }
        Ok(())
    }
}

/// That it is the public half of a key. A private one is not shown again.
pub(in crate::commands) fn check_key(key: &str) -> Result<(), Usage> {
    let private = key.to_ascii_uppercase().contains("SECRET-KEY") || key.contains("PRIVATE KEY");
    Recipient::parse(key).map(drop).map_err(|_| if private { Usage::PrivateKey } else { Usage::NoPublicKey })
}

/// One key has one name: or it would be taken out under one of them, and stay under the other.
fn check_name(manifest: &Manifest, name: &str, key: &str) -> Result<(), Refusal> {
    let recipients = manifest.recipients();
    if recipients.get(name).is_some_and(|known| !same_key(known, key)) {
        return Err(Refusal::RecipientTaken { name: name.to_owned() });
    }
    match recipients.iter().find(|(known, other)| *known != name && same_key(other, key)) {
        Some((known, _)) => Err(Refusal::RecipientKnown { known: known.clone() }),
        None => Ok(()),
    }
}

/// The environment's own files, as far as they exist.
fn files(plan: &Plan) -> Result<Vec<SecretFile>, Error> {
    let files = plan.own_sources().filter_map(|source| SecretFile::find(&source.path).transpose());
    Ok(files.collect::<Result<_, _>>()?)
}
