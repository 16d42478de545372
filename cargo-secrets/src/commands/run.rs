//! `cargo secrets run`: a program with the values of an environment, and nothing of us left beside it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::error::{Error, Usage};
use crate::manifest::{Manifest, Plan};
use crate::process::{self, Choice, Environment, Inherit, Request, Resolved};
use crate::secret::SecretName;

const EXAMPLES: &str = "\
Examples:
  cargo secrets run -- cargo test
  cargo secrets run -e prod --only API_TOKEN -- ./deploy.sh
  cargo secrets run -p api -- cargo run -p api
  cargo-secrets run -f prod.json -- ./server      (no Cargo.toml needed)

The program takes the place of this one: its signals and exit code are its own. 125: nothing was
started; 126: the program cannot be executed; 127: it was not found.

The values stand in the program's environment, which other processes of the same user can read.
Where the program is cargo, build scripts and proc macros get them too.";

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Run {
    /// Take these secret files, later ones over earlier ones; no Cargo.toml is read
    #[arg(short, long = "file", value_name = "FILE", conflicts_with_all = ["package", "environment", "manifest_path"])]
    file: Vec<PathBuf>,
    /// Also deliver the names that only this package may have
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Deliver these names alone
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Deliver all but these names
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    except: Vec<String>,
    /// Give the program a clean environment: PATH, HOME, TERM and the like, and the secrets
    #[arg(long, conflicts_with = "keep_existing")]
    no_inherit_env: bool,
    /// Leave variables that are set already as they are
    #[arg(long)]
    keep_existing: bool,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Run {
    /// Becomes the program; returns only with an error.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let Some(command) = process::Command::new(self.command) else { return Err(Usage::NoCommand.into()) };
        if command.program.as_encoded_bytes().starts_with(b"-") {
            return Err(Usage::UnknownOption(command.program.to_string_lossy().into_owned()).into());
        }
        let inherit = match (self.no_inherit_env, self.keep_existing) {
            (true, _) => Inherit::Clean,
            (_, true) => Inherit::AllKeepExisting,
            _ => Inherit::All,
        };
        let choice = Choice { only: self.only, except: self.except };
        let mut keyring = context.keyring();
        let resolved = if self.file.is_empty() {
            let manifest = context.manifest()?;
            let plan = context.plan(&manifest)?;
            if let Some(package) = &self.package {
                manifest.package(package)?;
            }
            let request =
                Request { manifest: &manifest, plan: &plan, package: self.package.as_deref(), choice: &choice };
            let resolved = process::resolve(&request, &mut keyring);
            context.report(&mut keyring);
            let resolved = resolved?;
            explain(context, &manifest, &plan, &resolved);
            resolved
        } else {
            let resolved = process::files(&self.file, &choice, &mut keyring);
            context.report(&mut keyring);
            resolved?
        };
        if command.is_cargo() && !resolved.set.names().is_empty() {
            context.shell.note("build scripts and proc macros that cargo starts see these variables too");
        }
        let environment = Environment::build(std::env::vars_os(), &resolved.set, inherit)?;
        Err(process::exec(&command, &environment).into())
    }
}

/// Says in a line each what was kept back, and what a protected environment does not demand yet.
fn explain(context: &Context, manifest: &Manifest, plan: &Plan, resolved: &Resolved) {
    let shell = context.shell;
    if plan.protected {
        shell.note(format_args!(
            "`{}` is protected: declared names only, no inherited values; it will also demand a signature and a \
             sandbox, which this version does not check",
            plan.environment
        ));
    }
    if !resolved.undeclared.is_empty() {
        shell.warn(format_args!("not declared in Cargo.toml, so not delivered: {}", join(&resolved.undeclared)));
    }
    if !resolved.restricted.is_empty() {
        let package = manifest.current_package().unwrap_or("NAME");
        let names = join(&resolved.restricted);
        shell.note(format_args!("for single packages only (`-p {package}`), not delivered: {names}"));
    }
    if !resolved.incomplete.is_empty() {
        shell.warn(format_args!("a part has no value, so not composed: {}", join(&resolved.incomplete)));
    }
    for source in &plan.sources {
        shell.verbose(format_args!("source {} ({})", source.path.display(), source.environment));
    }
    shell.verbose(format_args!("{} names from environment `{}`", resolved.set.iter().count(), plan.environment));
}

fn join(names: &[SecretName]) -> String {
    names.iter().map(SecretName::as_str).collect::<Vec<_>>().join(", ")
}
