//! `cargo secrets unset`: remove a value.

use clap::Args;

use super::target::{Target, say_what_is_left};
use crate::context::Context;
use crate::error::Error;
use crate::secret::SecretName;
use crate::store::sops::Change;
use crate::store::{self, SecretFile};
use crate::usage::Usage;

const EXAMPLES: &str = "\
Examples:
  cargo secrets unset OLD_TOKEN
  cargo secrets unset OLD_TOKEN -e prod

The old value stays in git's history: revoke it where it was issued.";

/// Arguments of `unset`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Unset {
    /// The variable's name
    name: String,
    /// Which of the environment's files to change
    #[arg(long, value_name = "SOURCE")]
    file: Option<String>,
}

impl Unset {
    /// Removes the value; the declaration in Cargo.toml stays.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let name = SecretName::new(&self.name)?;
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        let target = Target::find(&manifest, &plan, &name, self.file.as_deref())?;
        let names = SecretFile::read(&target.path)?.names()?;
        if !names.iter().any(|(known, _)| known == name.as_str()) {
            let nearest = crate::process::nearest_of(name.as_str(), names.iter().map(|(known, _)| known.as_str()));
            return Err(Usage::NotSet { name, environment: plan.environment.to_string(), nearest }.into());
        }
        let mut keyring = context.keyring();
        let change = Change::Unset { name: &name };
        let outcome = store::change(&target.path, &mut keyring, target.recipients.as_deref(), &change);
        context.report(&mut keyring);
        outcome?;
        context.shell.status("Removed", format_args!("{name} from {} ({})", target.shown, plan.environment));
        say_what_is_left(context, &manifest, &plan, &name);
        if manifest.variable(&name).is_some() {
            context.shell.note("the name stays declared in Cargo.toml; the old value stays in git's history");
        }
        Ok(0)
    }
}
