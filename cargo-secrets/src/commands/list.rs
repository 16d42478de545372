//! `cargo secrets list`: the names of an environment and what is known of each; no values, no identity needed.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use crate::cli::Format;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{Manifest, Plan};
use crate::secret::{EnvName, Kind};
use crate::store::{self, SecretFile};
use crate::term;

const EXAMPLES: &str = "\
Examples:
  cargo secrets list
  cargo secrets list --tree                 every environment, its readers, its files
  cargo secrets list -e prod --format json

No key is needed: names stand in the files unencrypted.";

/// Arguments of `list`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Draw environments, files and names as a tree; all environments unless one is named
    #[arg(long, conflicts_with = "format")]
    tree: bool,
}

/// What is known of a name.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Absent where nothing declares the name.
    kind: Option<Kind>,
    /// The file, `default`, `composed`, or absent where there is no value.
    from: Option<String>,
    required: bool,
    set: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    packages: Vec<String>,
}

#[derive(Serialize)]
struct Listing<'l> {
    environment: &'l EnvName,
    protected: bool,
    names: Vec<Row>,
}

impl List {
    /// Prints the list.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        if self.tree {
            return super::tree::print(context, &manifest);
        }
        let plan = context.plan(&manifest)?;
        let names = rows(context, &manifest, &plan)?;
        let listing = Listing { environment: &plan.environment, protected: plan.protected, names };
        match self.format {
            Format::Json => term::print_json(&listing)?,
            Format::Table => print_table(&listing)?,
        }
        Ok(0)
    }
}

/// The names that have a value, and where each is from: the file, `default`, `composed`. Needs no key.
pub(super) fn origins(context: &Context, manifest: &Manifest, plan: &Plan) -> Result<BTreeMap<String, String>, Error> {
    let mut from: BTreeMap<String, String> = BTreeMap::new();
    for source in &plan.sources {
        let file = match SecretFile::read(&source.path) {
            Ok(file) => file,
            Err(store::Error::Missing { .. }) => {
                context.shell.warn(format_args!(
                    "the source `{}` does not exist: `cargo secrets set NAME` makes it",
                    source.declared
                ));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if file.is_whole() {
            context.shell.note(format_args!("the names in `{}` show only when it is decrypted", source.declared));
        }
        for name in file.delivered_names(source.flatten)? {
            from.insert(name, source.declared.clone());
        }
    }
    for (name, variable) in manifest.variables() {
        if variable.value.is_some() {
            from.entry(name.to_string()).or_insert_with(|| "composed".to_owned());
        } else if variable.default.is_some() {
            from.entry(name.to_string()).or_insert_with(|| "default".to_owned());
        }
    }
    Ok(from)
}

fn rows(context: &Context, manifest: &Manifest, plan: &Plan) -> Result<Vec<Row>, Error> {
    let from = origins(context, manifest, plan)?;
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for (name, variable) in manifest.variables() {
        let row = Row {
            name: name.to_string(),
            description: variable.description.clone(),
            kind: Some(variable.kind),
            from: from.get(name.as_str()).cloned(),
            required: variable.is_required_in(plan),
            set: from.contains_key(name.as_str()),
            packages: variable.packages.clone().unwrap_or_default(),
        };
        rows.insert(row.name.clone(), row);
    }
    for (name, from) in from {
        rows.entry(name.clone()).or_insert_with(|| Row {
            name,
            description: None,
            kind: None,
            from: Some(from),
            required: false,
            set: true,
            packages: Vec::new(),
        });
    }
    Ok(rows.into_values().collect())
}

fn print_table(listing: &Listing<'_>) -> Result<(), Error> {
    let yes = |yes: bool| if yes { "yes" } else { "no" };
    let rows = listing.names.iter().map(|row| {
        vec![
            row.name.clone(),
            row.kind.map_or_else(|| "undeclared".to_owned(), |kind| kind.to_string()),
            row.from.clone().unwrap_or_else(|| "-".to_owned()),
            yes(row.required).to_owned(),
            yes(row.set).to_owned(),
            row.packages.join(", "),
        ]
    });
    super::print_table(&["NAME", "KIND", "FROM", "REQUIRED", "SET", "PACKAGES"], rows)
}
