//! `cargo secrets recipients`: who can read which environment, from the first request to the list of all.
//!
//! **Only ever adds**: a data key that somebody could open once is known to them, so taking a recipient away is a matter of
//! new values, not of this command.

mod add;
mod list;
mod request;
mod sync;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::manifest::Plan;
use crate::secret::EnvName;
use crate::store::{SecretFile, recipient};

pub(super) use add::check_key;
pub(super) use request::explain;

/// Arguments of `recipients`.
#[derive(Debug, Subcommand)]
pub(crate) enum Recipients {
    /// Print the line that asks a colleague to let you in
    Request(request::Request),
    /// Let somebody read an environment: in Cargo.toml, and in its files
    Add(add::Add),
    /// Let in, in the files, whom Cargo.toml names already
    Sync(sync::Sync),
    /// List who can read what, in Cargo.toml and in the files
    List(list::List),
}

impl Recipients {
    /// Runs the subcommand.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        match self {
            Self::Request(request) => request.run(context),
            Self::Add(add) => add.run(context),
            Self::Sync(sync) => sync.run(context),
            Self::List(list) => list.run(context),
        }
    }
}

/// How a file of an environment differs from what Cargo.toml says of it.
struct Difference {
    file: SecretFile,
    /// As Cargo.toml names it.
    declared: String,
    environment: EnvName,
    /// Name and key of those who are in Cargo.toml only.
    missing: Vec<(String, String)>,
    /// The keys that are in the file only.
    extra: Vec<String>,
}

/// The environment's own files that exist, each with its difference; empty where it declares no recipients.
fn differences(plan: &Plan) -> Result<Vec<Difference>, Error> {
    let Some(recipients) = &plan.recipients else { return Ok(Vec::new()) };
    let keys: Vec<_> = recipients.iter().map(|(_, key)| key.clone()).collect();
    let mut differences = Vec::new();
    for source in plan.own_sources() {
        let Some(file) = SecretFile::find(&source.path)? else { continue };
        let (missing, extra) = recipient::difference(&keys, &file.recipients()?);
        differences.push(Difference {
            file,
            declared: source.declared.clone(),
            environment: plan.environment.clone(),
            missing: recipients.iter().filter(|(_, key)| missing.contains(key)).cloned().collect(),
            extra,
        });
    }
    Ok(differences)
}
