//! `cargo secrets get`: the exact value to a pipe or file; masked on a terminal.

use clap::Args;
use secrecy::ExposeSecret;

use crate::context::Context;
use crate::error::Error;
use crate::process;
use crate::secret::{SecretName, SecretValue};
use crate::term;
use crate::usage::Usage;

const EXAMPLES: &str = "\
Examples:
  cargo secrets get TLS_KEY > key.pem       the exact value, no newline added
  cargo secrets get TOKEN --reveal          on the terminal, where it is masked otherwise";

/// Arguments of `get`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Get {
    /// The variable's name
    name: String,
    /// Show it on the terminal
    #[arg(long)]
    reveal: bool,
}

impl Get {
    /// Prints the value.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let name = SecretName::new(&self.name)?;
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        let mut keyring = context.keyring();
        let gathered = process::gather(&manifest, &plan, &mut keyring);
        context.report(&mut keyring);
        let (set, _) = gathered?;
        let Some(sourced) = set.get(name.as_str()) else {
            let nearest = process::nearest(name.as_str(), &set);
            return Err(Usage::NotSet { name, environment: plan.environment.to_string(), nearest }.into());
        };
        print(&sourced.value, self.reveal)?;
        Ok(0)
    }
}

#[expect(clippy::disallowed_methods, reason = "printing the value is what the command is for")]
fn print(value: &SecretValue, reveal: bool) -> Result<(), Error> {
    if !term::stdout_is_terminal() {
        term::print_bytes(value.expose_secret().as_bytes())?;
    } else if reveal {
        term::print_bytes(value.expose_secret().as_bytes())?;
        term::print_bytes(b"\n")?;
    } else {
        term::print("********  (--reveal shows it)\n")?;
    }
    Ok(())
}
