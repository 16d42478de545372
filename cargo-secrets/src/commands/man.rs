//! `cargo secrets man`: the manual pages.

use std::path::{Path, PathBuf};

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
        let mut command = Cli::command();
        // Hands the global options down to the subcommands.
        command.build();
        let Some(folder) = self.output else {
            term::print_bytes(&page(command)?)?;
            return Ok(0);
        };
        fsx::create_dir(&folder)?;
        write_pages(&folder, "cargo-secrets".to_owned(), command)?;
        Ok(0)
    }
}

/// Writes the page of `command` and, below its name, those of its subcommands.
fn write_pages(folder: &Path, name: String, command: clap::Command) -> Result<(), Error> {
    for subcommand in command.get_subcommands() {
        write_pages(folder, format!("{name}-{}", subcommand.get_name()), subcommand.clone())?;
    }
    let file = folder.join(format!("{name}.1"));
    Ok(fsx::replace(&file, &page(command.name(name))?)?)
}

fn page(command: clap::Command) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(page)
}
