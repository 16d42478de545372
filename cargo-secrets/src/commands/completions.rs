//! `cargo secrets completions`: a completion script for a shell.

use std::io::Write as _;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::Error;
use crate::term;

const EXAMPLES: &str = "\
Examples:
  cargo-secrets completions bash > ~/.local/share/bash-completion/completions/cargo-secrets
  cargo-secrets completions fish > ~/.config/fish/completions/cargo-secrets.fish

The script completes `cargo-secrets …`; cargo's own completion does not know subcommands of others.";

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub(crate) fn run(self) -> Result<u8, Error> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "cargo-secrets", &mut script);
        script.flush()?;
        term::print_bytes(&script)?;
        Ok(0)
    }
}
