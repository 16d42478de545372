//! The command line: what can be typed. No logic.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Effects};
use clap::{Args, Parser, Subcommand};

use crate::commands;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default())
    .error(AnsiColor::Red.on_default().effects(Effects::BOLD))
    .valid(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .invalid(AnsiColor::Yellow.on_default().effects(Effects::BOLD));

const EXAMPLES: &str = "\
Examples:
  cargo secrets demo                          see it work in a folder of its own
  cargo secrets init                          a dev environment for this project
  printf 's3cret' | cargo secrets set TOKEN   keep a value, encrypted
  cargo secrets run -- cargo test             run a program with the values

Files are SOPS files with age recipients: `sops decrypt secrets/dev.json` opens them too.
What is protected from whom, and what is not: SECURITY.md.";

/// Read by [`crate::context`], not by clap: with `run -f` a variable that is set must not be in the way.
const ENVIRONMENT: &str = "The environment (dev, prod, …) [env: CARGO_SECRETS_ENVIRONMENT]";

/// API keys and secrets for Rust teams: encrypted files declared in Cargo.toml, given to the programs that need them
#[derive(Debug, Parser)]
#[command(name = "cargo-secrets", bin_name = "cargo secrets", version, styles = STYLES, after_help = EXAMPLES)]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// `run` alone. Setting up all the other commands would be a tenth of its time.
#[derive(Debug, Parser)]
#[command(name = "cargo-secrets")]
struct RunCli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: RunCommand,
}

#[derive(Debug, Subcommand)]
enum RunCommand {
    Run(commands::run::Run),
}

/// Parses a command line whose subcommand is `subcommand`.
pub(crate) fn parse(arguments: &[OsString], subcommand: Option<&OsString>) -> Result<Cli, clap::Error> {
    if subcommand.is_some_and(|name| name == "run")
        && let Ok(RunCli { global, command: RunCommand::Run(run) }) = RunCli::try_parse_from(arguments)
    {
        return Ok(Cli { global, command: Command::Run(run) });
    }
    // What `run` alone does not take is told as the whole program tells it.
    Cli::try_parse_from(arguments)
}

/// Options that every command takes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The environment (dev, prod, …)
    #[arg(short, long, global = true, value_name = "NAME", help = ENVIRONMENT)]
    pub(crate) environment: Option<String>,
    /// The Cargo.toml to start from
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// An identity file; excludes all other identities
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) identity: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more: which files, which identity; never a value
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// How a listing is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

/// The subcommands; each one's arguments stand in the file of its name.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a working dev environment for this project; safe to run twice
    Init(commands::init::Init),
    /// Run a program with the secrets of an environment
    #[command(visible_alias = "exec")]
    Run(commands::run::Run),
    /// A shell with the values, and a prompt that says so
    Shell(commands::shell::Shell),
    /// Values in your shell for as long as it is in the project's folder
    Hook(commands::hook::Hook),
    /// Run a build, or another command, where it cannot see your keys; without any value
    Sandbox(commands::sandbox::Sandbox),
    /// Keep a value, encrypted
    Set(commands::set::Set),
    /// Change values in your editor
    Edit(commands::edit::Edit),
    /// Print a value to a pipe or file; on a terminal it is masked
    Get(commands::get::Get),
    /// Remove a value
    #[command(visible_alias = "rm")]
    Unset(commands::unset::Unset),
    /// Take the values of another program's file, encrypted
    Import(commands::import::Import),
    /// Print the values of an environment as a text for another program
    Export(commands::export::Export),
    /// Give a name another one: in Cargo.toml and in every environment's files
    Rename(commands::rename::Rename),
    /// Copy values from one environment to another, after asking
    Copy(commands::copy::Copy),
    /// List the names of an environment, without values
    #[command(visible_alias = "ls")]
    List(commands::list::List),
    /// Compare two environments: which names have a value, and whether it is the same; never a value
    Diff(commands::diff::Diff),
    /// The environments: list, add, remove
    #[command(subcommand)]
    Env(commands::env::Env),
    /// Check all environments; exit code 1 when something is wrong, for CI
    Check(commands::check::Check),
    /// Find hard-coded keys and secrets in the workspace, in files, or in what is staged
    Lint(commands::lint::Lint),
    /// Look for what keeps this from working, with the command that mends it
    Doctor(commands::doctor::Doctor),
    /// Your own key: make one, show its public half
    #[command(subcommand)]
    Identity(commands::identity::Identity),
    /// Who can read: ask to be let in, let somebody in, see who is in
    #[command(subcommand)]
    Recipients(commands::recipients::Recipients),
    /// A small web service with one test that needs a secret, set up and run
    Demo(commands::demo::Demo),
    /// Print a completion script for a shell
    Completions(commands::completions::Completions),
    /// Print the manual page, or write all pages to a folder
    Man(commands::man::Man),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
