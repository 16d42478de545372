//! `cargo secrets diff`: two environments side by side, by name; no value is shown, only whether two are the same.

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;

use crate::cli::Format;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{Manifest, Plan};
use crate::process;
use crate::secret::{EnvName, Kind, SecretName, SecretSet};
use crate::store::Keyring;
use crate::term;

const EXAMPLES: &str = "\
Examples:
  cargo secrets diff dev prod
  cargo secrets diff dev staging --names    no key needed: which names have a value

Defaults and composed values count. Exit code 0, whether they differ or not: environments should.";

/// Arguments of `diff`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// One environment
    one: EnvName,
    /// The other
    other: EnvName,
    /// Compare the names alone; decrypts nothing
    #[arg(long)]
    names: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What is known of a name.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    #[serde(rename = "in")]
    environments: Vec<EnvName>,
    /// Absent where one has no value, and with `--names`.
    #[serde(skip_serializing_if = "Option::is_none")]
    same: Option<bool>,
    /// Both have it from one file, by inheritance.
    #[serde(skip)]
    is_inherited: bool,
}

impl Diff {
    /// Prints the comparison.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        let plans = [manifest.plan(&self.one)?, manifest.plan(&self.other)?];
        let rows =
            if self.names { by_name(context, &manifest, &plans)? } else { by_value(context, &manifest, &plans)? };
        match self.format {
            Format::Json => term::print_json(&rows)?,
            Format::Table => {
                let cells = |row: &Row| vec![row.name.clone(), state(row, self.names)];
                super::print_table(&["NAME", "VALUES"], rows.iter().map(cells))?;
            }
        }
        say_shared(context, &manifest, &rows);
        Ok(0)
    }
}

fn by_name(context: &Context, manifest: &Manifest, plans: &[Plan; 2]) -> Result<Vec<Row>, Error> {
    let [one, other] = plans;
    let names = [super::list::origins(context, manifest, one)?, super::list::origins(context, manifest, other)?];
    let all: BTreeSet<&String> = names.iter().flat_map(|names| names.keys()).collect();
    let row = |name: &String| Row {
        name: name.clone(),
        environments: holders(plans, names.each_ref().map(|names| names.contains_key(name))),
        same: None,
        is_inherited: false,
    };
    Ok(all.into_iter().map(row).collect())
}

fn by_value(context: &Context, manifest: &Manifest, plans: &[Plan; 2]) -> Result<Vec<Row>, Error> {
    let mut keyring = context.keyring();
    let sets = plans.each_ref().map(|plan| gather(context, manifest, plan, &mut keyring));
    let [one, other] = sets;
    let sets = [one?, other?];
    let all: BTreeSet<&SecretName> = sets.iter().flat_map(SecretSet::names).collect();
    let row = |name: &SecretName| {
        let [one, other] = sets.each_ref().map(|set| set.get(name.as_str()));
        Row {
            name: name.to_string(),
            environments: holders(plans, [one.is_some(), other.is_some()]),
            same: one.zip(other).map(|(one, other)| one.value == other.value),
            is_inherited: one.zip(other).is_some_and(|(one, other)| {
                let [first, second] = &sets;
                first.file(&one.origin).is_some_and(|file| second.file(&other.origin) == Some(file))
            }),
        }
    };
    Ok(all.into_iter().map(row).collect())
}

fn gather(context: &Context, manifest: &Manifest, plan: &Plan, keyring: &mut Keyring) -> Result<SecretSet, Error> {
    let gathered = process::gather(manifest, plan, keyring);
    context.report(keyring);
    Ok(gathered?.0)
}

fn holders(plans: &[Plan; 2], holds: [bool; 2]) -> Vec<EnvName> {
    let holders = plans.iter().zip(holds).filter(|(_, holds)| *holds);
    holders.map(|(plan, _)| plan.environment.clone()).collect()
}

fn state(row: &Row, names: bool) -> String {
    match (row.environments.as_slice(), row.same) {
        ([only], _) => format!("only in {only}"),
        (_, Some(true)) => "same".to_owned(),
        (_, Some(false)) => "differ".to_owned(),
        (_, None) if names => "in both".to_owned(),
        _ => "-".to_owned(),
    }
}

/// What leaks from one environment should be of no use in another.
fn say_shared(context: &Context, manifest: &Manifest, rows: &[Row]) {
    let is_secret = |row: &&Row| {
        let declared = SecretName::new(&row.name).ok().and_then(|name| manifest.variable(&name));
        declared.is_none_or(|variable| variable.kind == Kind::Secret && variable.default.is_none())
    };
    let shared = rows.iter().filter(|row| row.same == Some(true) && !row.is_inherited).filter(is_secret);
    let shared: Vec<_> = shared.map(|row| row.name.as_str()).collect();
    if !shared.is_empty() {
        context.shell.note(format_args!("each environment should have a secret of its own: {}", shared.join(", ")));
    }
}
