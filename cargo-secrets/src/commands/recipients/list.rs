//! `recipients list`: who can read what, as Cargo.toml says and as the files are.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use crate::cli::Format;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::Manifest;
use crate::secret::EnvName;
use crate::store::identity::same_key;
use crate::term;

const EXAMPLES: &str = "\
Examples:
  cargo secrets recipients list
  cargo secrets recipients list -e prod --format json

No key is needed. `named`: in Cargo.toml only, `sync` lets them in; `unnamed`: in a file only.";

/// Arguments of `recipients list`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// One key, and what it reads.
#[derive(Debug, Serialize)]
struct Row {
    /// `None` where Cargo.toml does not know the key.
    name: Option<String>,
    key: String,
    environments: BTreeMap<EnvName, Reads>,
}

/// Whether Cargo.toml and the files agree on a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Reads {
    /// They do.
    Yes,
    /// Cargo.toml names them, a file is not for them.
    Named,
    /// A file is for them, Cargo.toml does not name them.
    Unnamed,
}

impl List {
    pub(super) fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        let rows = rows(&manifest, context.named_environment()?.as_ref())?;
        match self.format {
            Format::Json => term::print_json(&rows)?,
            Format::Table => {
                let cells = |row: Row| {
                    let environments = row.environments.iter().map(|(environment, reads)| match reads {
                        Reads::Yes => environment.to_string(),
                        Reads::Named => format!("{environment} (named)"),
                        Reads::Unnamed => format!("{environment} (unnamed)"),
                    });
                    let environments = environments.collect::<Vec<_>>().join(", ");
                    vec![row.name.unwrap_or_else(|| "-".to_owned()), row.key, environments]
                };
                crate::commands::print_table(&["NAME", "PUBLIC KEY", "ENVIRONMENTS"], rows.into_iter().map(cells))?;
            }
        }
        Ok(0)
    }
}

fn rows(manifest: &Manifest, only: Option<&EnvName>) -> Result<Vec<Row>, Error> {
    let declared = manifest.recipients().iter().map(|(name, key)| (Some(name.clone()), key.clone()));
    let mut rows: Vec<Row> = declared.map(|(name, key)| Row { name, key, environments: BTreeMap::new() }).collect();
    if let Some(name) = only {
        manifest.environment(name)?;
    }
    for (name, _) in manifest.environments().filter(|(name, _)| only.is_none_or(|only| only == *name)) {
        let plan = manifest.plan(name)?;
        for (_, key) in plan.recipients.iter().flatten() {
            enter(&mut rows, key, name, Reads::Yes);
        }
        for difference in super::differences(&plan)? {
            difference.missing.iter().for_each(|(_, key)| enter(&mut rows, key, name, Reads::Named));
            difference.extra.iter().for_each(|key| enter(&mut rows, key, name, Reads::Unnamed));
        }
    }
    Ok(rows)
}

/// What is known last holds.
fn enter(rows: &mut Vec<Row>, key: &str, environment: &EnvName, reads: Reads) {
    if !rows.iter().any(|row| same_key(&row.key, key)) {
        rows.push(Row { name: None, key: key.to_owned(), environments: BTreeMap::new() });
    }
    for row in rows.iter_mut().filter(|row| same_key(&row.key, key)) {
        row.environments.insert(environment.clone(), reads);
    }
}
