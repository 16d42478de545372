//! `cargo secrets hook`: the default environment's values in an interactive shell, for as long as it is in the project.
//!
//! **Only in a folder that its user allowed, and never those of a protected environment**: a cloned repository must not set
//! variables by being entered.

mod script;
mod situation;
mod trust;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::error::Error;
use crate::exchange::export::listed;
use crate::process::shell::MARK;
use crate::term;
use crate::usage::Usage;
use script::{Dialect, Entered};
use situation::{Situation, State};
use trust::Trust;

const EXAMPLES: &str = "\
Examples:
  eval \"$(cargo-secrets hook bash)\"        in ~/.bashrc
  eval \"$(cargo-secrets hook zsh)\"         in ~/.zshrc
  cargo-secrets hook fish | source         in ~/.config/fish/config.fish
  cargo-secrets hook nu | save --force ($nu.default-config-dir | path join cargo-secrets.nu)
                                           then in config.nu: source cargo-secrets.nu
  cargo secrets hook allow                 in a project, once
  direnv instead, in .envrc: eval \"$(cargo secrets export --format shell)\"; watch_file secrets/dev.json

In a project that you allowed, the values of its default environment are set when the shell enters
its folder, and gone when it leaves: what was set before is set again. What you allow is this
folder, with the names and all that Cargo.toml declares of them: a new name, or a changed default,
has to be allowed again; a changed value has not. A protected environment is never taken.

Everything that the shell starts sees the values: cargo, build scripts, proc macros, agents; `cargo
secrets run` gives them to programs alone. What is delivered as a file is left out, and a shell of
`cargo secrets shell` keeps what it has. An identity behind a passphrase is asked for whenever
values are taken.";

/// Arguments of `hook`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Hook {
    #[command(subcommand)]
    command: HookCommand,
}

#[derive(Debug, Subcommand)]
enum HookCommand {
    /// Print what bash evaluates in ~/.bashrc
    Bash,
    /// Print what zsh evaluates in ~/.zshrc
    Zsh,
    /// Print what fish sources in its settings
    Fish,
    /// Print what nushell sources in its settings
    Nu,
    /// Allow this project's default environment in your shells
    Allow,
    /// Allow it no more
    Deny,
    /// What a shell evaluates before each prompt
    #[command(hide = true)]
    Step {
        /// In whose language
        shell: Dialect,
    },
}

impl Hook {
    /// Prints the hook, or a step of it; or keeps what is allowed.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        match self.command {
            HookCommand::Bash => print(Dialect::Bash),
            HookCommand::Zsh => print(Dialect::Zsh),
            HookCommand::Fish => print(Dialect::Fish),
            HookCommand::Nu => print(Dialect::Nu),
            HookCommand::Allow => allow(context),
            HookCommand::Deny => deny(context),
            HookCommand::Step { shell } => step(context, shell),
        }
    }
}

fn print(dialect: Dialect) -> Result<u8, Error> {
    let us = std::env::current_exe()?;
    let us = us.to_str().ok_or(Usage::NoTextPath)?;
    term::print_bytes(script::hook(dialect, us).as_bytes())?;
    Ok(0)
}

fn allow(context: &Context) -> Result<u8, Error> {
    let manifest = context.manifest()?;
    let plan = context.plan(&manifest)?;
    if plan.protected {
        return Err(Usage::ProtectedHook { environment: plan.environment.to_string() }.into());
    }
    let trust = Trust::of(context, &manifest, &plan)?;
    let names = match trust.allow()? {
        [] => "no name yet".to_owned(),
        names => names.join(", "),
    };
    context.shell.status("Allowed", format_args!("`{}` in {}: {names}", plan.environment, manifest.root().display()));
    Ok(0)
}

fn deny(context: &Context) -> Result<u8, Error> {
    let located = context.located();
    let declaring = located.as_ref().ok().and_then(|located| located.declaring());
    // Whatever became of Cargo.toml, what was allowed can be taken back.
    let allowed = || context.cwd.ancestors().find(|folder| Trust::is_kept(context, folder));
    let Some(root) = declaring.or_else(allowed) else {
        // Says why there is no project.
        context.manifest()?;
        return Ok(0);
    };
    let verb = if Trust::deny(context, root)? { "Denied" } else { "Unchanged" };
    context.shell.status(verb, format_args!("{}", root.display()));
    Ok(0)
}

/// What has to change in the shell, as its own language says it. Nothing, as long as nothing did.
fn step(context: &Context, dialect: Dialect) -> Result<u8, Error> {
    if std::env::var_os(MARK).is_some_and(|environment| !environment.is_empty()) {
        // Somebody asked for a shell with just these values.
        return Ok(0);
    }
    let state = State::of_environment();
    let situation = Situation::new(context);
    let stamp = situation.stamp().to_owned();
    if stamp == state.stamp {
        return Ok(0);
    }
    let mut script = script::Script::new(dialect);
    script.leave(&state.names);
    if !state.names.is_empty() {
        context.shell.status("Left", format_args!("{}", state.names.join(", ")));
    }
    let entered = match situation.values(context) {
        Ok(values) => values,
        Err(error) => {
            term::error(&error, error.help().as_deref());
            Vec::new()
        }
    };
    let entered = script.enter(&entered, &state.names).inspect_err(|error| {
        term::error(error, error.help().as_deref());
    });
    let Entered { names, left_out } = entered.unwrap_or_default();
    if !left_out.is_empty() {
        context.shell.warn(format_args!("this shell cannot have {}: left out", listed(&left_out)));
    }
    if !names.is_empty() {
        context.shell.status("Entered", format_args!("{}", names.join(", ")));
    }
    script.state(&stamp, &names);
    term::print_bytes(script.finish().as_str().as_bytes())?;
    Ok(0)
}
