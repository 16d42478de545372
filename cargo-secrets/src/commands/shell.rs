//! `cargo secrets shell`: a shell with the values of an environment, and a prompt that says so.

use std::ffi::OsString;

use clap::Args;

use crate::context::Context;
use crate::error::Error;
use crate::process::shell::{MARK, Shell as Marked};
use crate::process::{self, Audience, Choice, Environment, Inherit, Request};
use crate::usage::Usage;

const EXAMPLES: &str = "\
Examples:
  cargo secrets shell
  cargo secrets shell -e staging -p api

The shell is $SHELL: bash, zsh, fish and POSIX shells read your own settings and get a mark in the
prompt; another one is started as it is. CARGO_SECRETS_SHELL holds the environment's name. The
values are gone when the shell ends, and its exit code is this command's.

Everything that is started in it sees the values, outside any sandbox: cargo, build scripts, proc
macros. `cargo secrets run -- cargo test` gives them to the programs alone.";

/// Arguments of `shell`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Shell {
    /// With the values that this package alone may have
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// These names alone
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// All but these names
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    except: Vec<String>,
}

impl Shell {
    /// Becomes the shell.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        if let Some(environment) = std::env::var_os(MARK).filter(|name| !name.is_empty()) {
            return Err(Usage::ShellInShell { environment: environment.to_string_lossy().into_owned() }.into());
        }
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        if let Some(package) = &self.package {
            manifest.package(package)?;
        }
        let choice = Choice { only: self.only, except: self.except };
        let audience = Audience::Program(self.package.as_deref());
        let mut keyring = context.keyring();
        let request = Request { manifest: &manifest, plan: &plan, audience, choice: &choice };
        let resolved = process::resolve(&request, &mut keyring);
        context.report(&mut keyring);
        let resolved = resolved?;
        let project = super::run::project::Project::Declared { manifest: Box::new(manifest), plan: plan.clone() };
        project.remark(context, &resolved);

        let program = std::env::var_os("SHELL").filter(|shell| !shell.is_empty());
        let shell = Marked::new(&program.unwrap_or_else(|| OsString::from("/bin/sh")), &plan.environment)?;
        let names = resolved.set.iter().count();
        context.shell.status(
            "Entering",
            format_args!(
                "a shell with {names} names of `{}`; all that is started in it sees them; `exit` leaves it",
                plan.environment
            ),
        );
        if !shell.is_marked {
            context.shell.note("how this shell's prompt is marked is not known: CARGO_SECRETS_SHELL tells it");
        }
        let is_ours = |name: &OsString| shell.variables.iter().any(|(ours, _)| ours == name);
        let own = std::env::vars_os().filter(|(name, _)| !is_ours(name)).chain(shell.variables.iter().cloned());
        let environment = Environment::build(own, &resolved.set, &resolved.files, Inherit::All)?;
        let environment = project.mark(context, environment);
        super::run::notes::say_on_disk(context, environment.folder());
        Err(process::exec(&shell.command, &environment).into())
    }
}
