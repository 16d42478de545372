//! `cargo secrets env`: the environments of a project.

mod add;
mod file;
mod remove;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::Format;
use crate::context::Context;
use crate::error::Error;
use crate::secret::EnvName;
use crate::term;

pub(super) use file::stays_inside;

/// Arguments of `env`.
#[derive(Debug, Subcommand)]
pub(crate) enum Env {
    /// List the environments
    List(List),
    /// Add an environment: in Cargo.toml, with an encrypted file
    Add(add::Add),
    /// Take an environment out of Cargo.toml
    Remove(remove::Remove),
}

/// Arguments of `env list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// One environment.
#[derive(Debug, Serialize)]
struct Row {
    name: EnvName,
    default: bool,
    protected: bool,
    inherits: Option<EnvName>,
    sources: Vec<String>,
    /// Absent where the table makes no claim.
    recipients: Option<Vec<String>>,
}

impl Env {
    /// Runs the subcommand.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        match self {
            Self::List(list) => list.run(context),
            Self::Add(add) => add.run(context),
            Self::Remove(remove) => remove.run(context),
        }
    }
}

impl List {
    fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        let default = manifest.default_environment().ok().cloned();
        let rows = manifest.environments().map(|(name, environment)| Row {
            name: name.clone(),
            default: default.as_ref() == Some(name),
            protected: environment.protected,
            inherits: environment.inherits.clone(),
            sources: environment.sources.iter().map(|source| source.path.clone()).collect(),
            recipients: environment.recipients.clone(),
        });
        match self.format {
            Format::Json => term::print_json(&rows.collect::<Vec<_>>())?,
            Format::Table => {
                let cells = |row: Row| {
                    let marks = [(row.default, "default"), (row.protected, "protected")];
                    let marks = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect::<Vec<_>>();
                    let inherits = row.inherits.map_or_else(|| "-".to_owned(), |name| name.to_string());
                    let recipients = row.recipients.map_or_else(|| "-".to_owned(), |names| names.join(", "));
                    vec![row.name.to_string(), marks.join(", "), inherits, row.sources.join(", "), recipients]
                };
                crate::commands::print_table(&["NAME", "", "INHERITS", "SOURCES", "RECIPIENTS"], rows.map(cells))?;
            }
        }
        Ok(0)
    }
}
