//! `cargo secrets copy`: values of one environment for another, where that is really meant.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::target::Target;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{Manifest, Plan};
use crate::process;
use crate::refusal::Refusal;
use crate::secret::{EnvName, Kind, SecretName, SecretSet, SecretValue};
use crate::store::sops::Change;
use crate::usage::Usage;
use crate::{fsx, store, term};

const EXAMPLES: &str = "\
Examples:
  cargo secrets copy --from dev --to staging API_URL
  cargo secrets copy --from dev --to staging --yes

A secret that two environments share leaks from both when it leaks from one, and the readers of the
one can use it in the other: better a new one (`set --generate`, or from where it is issued). So
secrets are copied only after asking; values of kind `key` are copied at once.

What is copied are the values in files, inherited ones included; not defaults, nor composed values.";

/// Arguments of `copy`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Copy {
    /// Which names [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<SecretName>,
    /// The environment to copy from
    #[arg(long, value_name = "ENV")]
    from: EnvName,
    /// The environment to copy to
    #[arg(long, value_name = "ENV")]
    to: EnvName,
    /// Replace values that are there
    #[arg(long)]
    overwrite: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Copy {
    /// Copies the values; all that go to one file in one write.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        if self.from == self.to {
            return Err(Refusal::SameEnvironment(self.to).into());
        }
        let manifest = context.manifest()?;
        let [from, to] = [manifest.plan(&self.from)?, manifest.plan(&self.to)?];
        let mut keyring = context.keyring();
        let gathered = process::gather(&manifest, &from, &mut keyring);
        context.report(&mut keyring);
        let (set, _) = gathered?;
        let names = self.chosen(&manifest, &set)?;
        self.refuse_overwriting(context, &manifest, &to, &names)?;
        self.ask(&manifest, &names)?;
        let mut by_file: BTreeMap<PathBuf, (Target, Vec<&SecretName>)> = BTreeMap::new();
        for name in names {
            let target = Target::find(&manifest, &to, name, None)?;
            by_file.entry(target.path.clone()).or_insert_with(|| (target, Vec::new())).1.push(name);
        }
        for (target, names) in by_file.into_values() {
            let wanted: Vec<_> = names.iter().filter_map(|name| change(&manifest, name, &set)).collect();
            if let Some(folder) = target.path.parent() {
                fsx::create_dir(folder)?;
            }
            let outcome = store::change_all(&target.path, &mut keyring, target.recipients.as_deref(), &wanted);
            context.report(&mut keyring);
            outcome?;
            let names = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
            context
                .shell
                .status("Copied", format_args!("{names} from {} to {} ({})", self.from, target.shown, self.to));
        }
        Ok(0)
    }

    /// The names to copy: those that were given, or all that a file holds.
    fn chosen<'c>(&'c self, manifest: &Manifest, set: &'c SecretSet) -> Result<Vec<&'c SecretName>, Error> {
        let in_file =
            |name: &SecretName| set.get(name.as_str()).is_some_and(|sourced| set.file(&sourced.origin).is_some());
        if let Some(name) = self.names.iter().find(|name| !in_file(name)) {
            if manifest.variable(name).is_some_and(|variable| variable.value.is_some()) {
                return Err(Usage::Composed { name: name.clone() }.into());
            }
            let nearest = process::nearest(name.as_str(), set);
            return Err(Usage::NotSet { name: name.clone(), environment: self.from.to_string(), nearest }.into());
        }
        let names: Vec<_> = if self.names.is_empty() {
            set.names().into_iter().filter(|name| in_file(name)).collect()
        } else {
            self.names.iter().collect()
        };
        if names.is_empty() { Err(Refusal::Empty(self.from.clone()).into()) } else { Ok(names) }
    }

    fn refuse_overwriting(
        &self,
        context: &Context,
        manifest: &Manifest,
        to: &Plan,
        names: &[&SecretName],
    ) -> Result<(), Error> {
        let there = super::list::origins(context, manifest, to)?;
        let in_file = |name: &&&SecretName| {
            there.get(name.as_str()).is_some_and(|origin| to.own_sources().any(|source| source.declared == *origin))
        };
        let names: Vec<_> = names.iter().filter(in_file).map(ToString::to_string).collect();
        if self.overwrite || names.is_empty() {
            return Ok(());
        }
        Err(Refusal::Overwrites { to: self.to.clone(), names }.into())
    }

    fn ask(&self, manifest: &Manifest, names: &[&SecretName]) -> Result<(), Error> {
        let secrets: Vec<_> = names.iter().filter(|name| kind(manifest, name) == Kind::Secret).collect();
        if self.yes || secrets.is_empty() {
            return Ok(());
        }
        let names = secrets.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let question = format!("Shall {} have the same secrets as {}: {names}?", self.to, self.from);
        match term::confirm(&question) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::Declined.into()),
            Err(_) => Err(Refusal::NobodyToAsk.into()),
        }
    }
}

fn kind(manifest: &Manifest, name: &SecretName) -> Kind {
    manifest.variable(name).map_or(Kind::Secret, |variable| variable.kind)
}

fn change<'c>(manifest: &Manifest, name: &'c SecretName, set: &'c SecretSet) -> Option<Change<'c>> {
    let value: &SecretValue = &set.get(name.as_str())?.value;
    Some(Change::Set { name, value, plain: kind(manifest, name) == Kind::Key })
}
