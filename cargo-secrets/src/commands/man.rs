//! `cargo secrets man`: the manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory};

use crate::cli::Cli;
use crate::error::Error;
use crate::{fsx, term};

const EXAMPLES: &str = "\
Examples:
  cargo secrets man | man -l -
  cargo secrets man --output ~/.local/share/man/man1      then: man cargo-secrets-run";

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// Write the pages of all commands to this folder
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Man {
    /// Prints the main page, or writes all pages.
    pub(crate) fn run(self) -> Result<u8, Error> {
        let command = Cli::command();
        let Some(folder) = self.output else {
            term::print_bytes(&page(command)?)?;
            return Ok(0);
        };
        fsx::create_dir(&folder)?;
        fsx::replace(&folder.join("cargo-secrets.1"), &page(command.clone())?)?;
        for subcommand in command.get_subcommands() {
            let name = format!("cargo-secrets-{}", subcommand.get_name());
            let file = folder.join(format!("{name}.1"));
            fsx::replace(&file, &page(subcommand.clone().name(name))?)?;
        }
        Ok(0)
    }
}

fn page(command: clap::Command) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(page)
}
