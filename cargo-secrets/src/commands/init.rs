//! `cargo secrets init`: from nothing to a working environment; what is there already is left as it is.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::myself::{own_key, recipient_name};
use crate::context::Context;
use crate::error::Error;
use crate::fsx;
use crate::manifest::{self, Located, Manifest, NewEnvironment};
use crate::process::cargo::{self, Host};
use crate::secret::EnvName;
use crate::store::identity;
use crate::store::{self, Outcome};
use crate::usage::Usage;

const GITIGNORE: &str = include_str!("../../templates/gitignore");

const EXAMPLES: &str = "\
It makes, where they are missing: your identity (a private key in your config folder), the table
in Cargo.toml, the encrypted file `secrets/ENV.json`, and lines in .gitignore for plaintext
dotenv files.

Examples:
  cargo secrets init
  cargo secrets init -e staging
  cargo secrets init --flavour yaml        secrets/dev.yaml instead, for who likes comments
  cargo secrets init --recovery age1…      a key kept offline, for the day all others are lost
  cargo secrets init --runner              for all your projects: values without `cargo secrets run`

With --runner, nothing of the project is touched. Your own cargo settings get a runner for this
machine's target, so that plain `cargo test`, `cargo run`, nextest and editors start each program
with the values that its package may have, from the default environment. It is a convenience for a
desk: each program decrypts by itself, and nothing confines what runs while compiling, which can
read your identity. `cargo secrets run` does confine it. A project's own runner wins over this one;
`cargo secrets doctor` says where.";

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Init {
    /// A second recipient, whose private key is kept in a safe place
    #[arg(long, value_name = "PUBLIC KEY")]
    recovery: Option<String>,
    /// How the new environment's file is laid out
    #[arg(long, value_enum, default_value_t)]
    flavour: NewFile,
    /// Have plain `cargo test`, nextest and editors give programs their values, in all your projects
    #[arg(long, conflicts_with_all = ["recovery", "flavour", "environment", "manifest_path"])]
    runner: bool,
}

/// A flavour of SOPS file that is written here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum NewFile {
    #[default]
    Json,
    Yaml,
    Dotenv,
}

impl NewFile {
    /// Where the file of a new environment goes.
    fn source(self, environment: &EnvName) -> String {
        let extension = match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Dotenv => "env",
        };
        format!("secrets/{environment}.{extension}")
    }
}

impl Init {
    /// Makes what is missing.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        if self.runner {
            return set_runner(context);
        }
        if let Some(key) = &self.recovery {
            super::recipients::check_key(key)?;
        }
        let located = context.located()?;
        let environment = match context.named_environment()? {
            Some(name) => name,
            None => EnvName::new("dev")?,
        };
        let public = own_key(context)?;
        let declared = match context.manifest() {
            Ok(manifest) => self.add_environment(context, &manifest, &environment, &public)?,
            Err(Error::Manifest(manifest::Error::NoTable { .. })) => {
                self.add_table(context, &located, &environment, &public)?;
                true
            }
            Err(error) => return Err(error),
        };
        let manifest = context.manifest()?;
        add_files(context, &manifest, &environment)?;
        ignore_plaintext(context, manifest.root())?;
        if declared && self.recovery.is_none() {
            context.shell.note(
                "a lost identity locks you out. Make a second one (`cargo secrets identity new --output \
                 ~/recovery.txt`), keep it offline, and name it: `cargo secrets init --recovery age1…` does it in a \
                 new project",
            );
        }
        context.shell.status("Ready", "now: printf 's3cret' | cargo secrets set TOKEN");
        Ok(0)
    }

    fn add_table(
        &self,
        context: &Context,
        located: &Located,
        environment: &EnvName,
        public: &str,
    ) -> Result<(), Error> {
        let name = recipient_name();
        let name = if self.recovery.is_some() && name == "recovery" { "me".to_owned() } else { name };
        let mut recipients = vec![(name.as_str(), public)];
        if let Some(key) = &self.recovery {
            recipients.push(("recovery", key));
        }
        let source = self.flavour.source(environment);
        let root = located.root_manifest().parent().unwrap_or(located.root_manifest());
        super::env::stays_inside(root, &source, environment)?;
        super::edit_manifest(root, located.root_manifest(), |text| {
            manifest::add_project(text, environment, &source, &recipients, located.new_table())
        })?;
        let path = located.root_manifest().display();
        context.shell.status("Declared", format_args!("environment {environment} in {path}"));
        Ok(())
    }

    /// Adds an environment to a table that is there; false when it is there too.
    fn add_environment(
        &self,
        context: &Context,
        manifest: &Manifest,
        environment: &EnvName,
        public: &str,
    ) -> Result<bool, Error> {
        if manifest.environments().any(|(name, _)| name == environment) {
            return match self.recovery {
                Some(_) => Err(Usage::RecoveryTooLate { file: self.flavour.source(environment) }.into()),
                None => Ok(false),
            };
        }
        let recovery = self.recovery.as_deref().map(|key| ("recovery", key));
        let wanted =
            std::iter::once((recipient_name(), public)).chain(recovery.map(|(name, key)| (name.to_owned(), key)));
        let recipients: Vec<_> = wanted.map(|(name, key)| (known_as(manifest, &name, key), key)).collect();
        let source = self.flavour.source(environment);
        super::env::stays_inside(manifest.root(), &source, environment)?;
        super::edit_manifest(manifest.root(), manifest.path(), |text| {
            let names: Vec<_> = recipients.iter().map(|(name, _)| name.as_str()).collect();
            let new = NewEnvironment::new(environment, &source, &names);
            let mut text = manifest::add_environment(text, new, manifest.table())?;
            for (name, key) in recipients.iter().filter(|(name, _)| !manifest.recipients().contains_key(name)) {
                text = manifest::add_recipient(&text, name, key, &[], manifest.table())?;
            }
            Ok(text)
        })?;
        context.shell.status("Declared", format_args!("environment {environment} in {}", manifest.path().display()));
        Ok(true)
    }
}

/// Makes us the runner of the host's programs in the user's own settings of cargo.
fn set_runner(context: &Context) -> Result<u8, Error> {
    let surroundings = context.surroundings();
    let folder = surroundings.cargo_home.as_deref().ok_or(Usage::NoCargoHome)?;
    let host = Host::ask(surroundings.home.as_deref().unwrap_or(folder)).ok_or(Usage::NoRustc)?;
    let us = std::env::current_exe()?;
    let us = us.to_str().ok_or(Usage::NoTextPath)?;
    fsx::create_dir(folder)?;
    let path = cargo::user_settings(folder);
    // A link stays: what it points to is changed.
    let path = path.canonicalize().unwrap_or(path);
    let _lock = fsx::Lock::acquire(&path)?;
    let text = if path.exists() { fsx::read_text(&path)? } else { String::new() };
    let changed = cargo::set_runner(&text, &host.triple, us);
    match changed.map_err(|source| Error::Runner { path: path.clone(), source })? {
        None => context.shell.status("Ready", format_args!("{} has the runner already", path.display())),
        Some(text) => {
            fsx::replace(&path, text.as_bytes())?;
            let triple = &host.triple;
            context.shell.status("Set", format_args!("the runner of `[target.{triple}]` in {}", path.display()));
        }
    }
    context.shell.note(
        "plain `cargo test` confines nothing: build scripts and proc macros can read your identity; \
         `cargo secrets run -- cargo test` keeps it from them",
    );
    Ok(0)
}

/// The name under which the table knows `key`; else `wanted`, or `wanted-2` and so on where somebody else has it.
pub(super) fn known_as(manifest: &Manifest, wanted: &str, key: &str) -> String {
    let recipients = manifest.recipients();
    if let Some((name, _)) = recipients.iter().find(|(_, known)| identity::same_key(known, key)) {
        return name.clone();
    }
    let others = (2..).map(|number| format!("{wanted}-{number}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(others);
    names.find(|name| !recipients.contains_key(name)).unwrap_or_else(|| wanted.to_owned())
}

/// Where a new environment's file goes.
pub(super) fn source(environment: &EnvName) -> String {
    NewFile::default().source(environment)
}

pub(super) fn add_files(context: &Context, manifest: &Manifest, environment: &EnvName) -> Result<(), Error> {
    let plan = manifest.plan(environment)?;
    let Some(target) = plan.write_target() else { return Ok(()) };
    let path = manifest.root().join(target);
    if path.exists() {
        return Ok(());
    }
    let recipients = plan.keys().unwrap_or_default();
    if store::create(&path, &recipients)? == Outcome::Created {
        context.shell.status("Created", format_args!("{target}, encrypted for {} recipient(s)", recipients.len()));
    }
    Ok(())
}

/// Adds the lines that .gitignore lacks.
fn ignore_plaintext(context: &Context, root: &Path) -> Result<(), Error> {
    let path = super::written(root, &root.join(".gitignore"))?;
    let _lock = fsx::Lock::acquire(&path)?;
    let mut ignored = if path.exists() { fsx::read(&path)? } else { Vec::new() };
    let is_rule = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let present: Vec<_> = ignored.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect();
    let missing: Vec<_> =
        GITIGNORE.lines().filter(|line| !is_rule(line) || !present.contains(&line.as_bytes())).collect();
    if !missing.iter().any(is_rule) {
        return Ok(());
    }
    if ignored.last().is_some_and(|byte| *byte != b'\n') {
        ignored.push(b'\n');
    }
    for line in missing {
        ignored.extend_from_slice(line.as_bytes());
        ignored.push(b'\n');
    }
    fsx::replace(&path, &ignored)?;
    context.shell.status("Updated", ".gitignore: plaintext dotenv files stay out of the repository");
    Ok(())
}
