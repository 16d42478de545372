//! `recipients request`: one line for a colleague, who types it; and the same line wherever a file is not for us.

use clap::Args;

use crate::commands::myself::{own_key, recipient_name};
use crate::context::Context;
use crate::error::Error;
use crate::manifest::Manifest;
use crate::process::ResolveError;
use crate::secret::EnvName;
use crate::store::identity::same_key;
use crate::store::sops::KeyError;
use crate::{store, term};

const EXAMPLES: &str = "\
Examples:
  cargo secrets recipients request
  cargo secrets recipients request alice -e staging

The line holds your public key, which is no secret: send it by any way on which the other one
knows that it is from you. Where you have no identity yet, one is made.";

/// Arguments of `recipients request`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Request {
    /// The name to be known by [default: your user name]
    name: Option<String>,
}

impl Request {
    pub(super) fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        let key = own_key(context)?;
        let name = self.name.unwrap_or_else(|| known_as(&manifest, &key));
        let environment = &plan.environment;
        let is_declared = plan.recipients.iter().flatten().any(|(_, declared)| same_key(declared, &key));
        let is_missing = super::differences(&plan)?
            .iter()
            .any(|difference| difference.missing.iter().any(|(_, missing)| same_key(missing, &key)));
        match (is_declared, is_missing) {
            (true, false) => {
                context.shell.note(format_args!("you are in already: `{environment}` is for your key"));
            }
            (true, true) => {
                context.shell.note("Cargo.toml names you already, the files do not; ask someone who can read them for");
                term::print(format_args!("cargo secrets recipients sync -e {environment}\n"))?;
            }
            (false, _) => {
                context.shell.note(format_args!("send this line to someone who can read `{environment}`:"));
                term::print(format_args!("{}\n", line(&name, &key, environment)))?;
            }
        }
        Ok(0)
    }
}

/// What a colleague types.
fn line(name: &str, key: &str, environment: &EnvName) -> String {
    // An SSH key's comment may hold anything, and says nothing that the name does not.
    let key = key.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let quoted = |word: &str| shlex::try_quote(word).map(std::borrow::Cow::into_owned).unwrap_or_default();
    format!("cargo secrets recipients add {} {} -e {environment}", quoted(name), quoted(&key))
}

/// The name that Cargo.toml has for the key; else that of the user, numbered where somebody else has it.
pub(in crate::commands) fn known_as(manifest: &Manifest, key: &str) -> String {
    crate::commands::init::known_as(manifest, &recipient_name(), key)
}

/// Adds to "not a recipient" the line that gets one in, where the file belongs to an environment.
pub(crate) fn explain(context: &Context, error: Error) -> Error {
    let (Error::Store(source) | Error::Resolve(ResolveError::Store(source))) = &error else { return error };
    let store::Error::Key { path, source: KeyError::NotRecipient { .. }, ours } = source else { return error };
    let Some(key) = ours.first() else { return error };
    let Ok(manifest) = context.manifest() else { return error };
    let plans = manifest.environments().filter_map(|(name, _)| manifest.plan(name).ok());
    let Some(plan) = plans.into_iter().find(|plan| plan.own_sources().any(|source| source.path == *path)) else {
        return error;
    };
    let line = line(&known_as(&manifest, key), key, &plan.environment);
    Error::Stranger { refused: Box::new(error), line }
}
