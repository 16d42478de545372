//! `cargo secrets identity`: make a key of one's own, and show its public half.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::Format;
use crate::context::Context;
use crate::error::Error;
use crate::store::identity;
use crate::term;
use crate::usage::Usage;

const NEW: &str = "\
The file is readable by you alone, in the layout of age-keygen: `age` and `sops` read it too.
Keep a copy where you keep your passwords: without it, what is encrypted for it alone is lost.";

/// Arguments of `identity`.
#[derive(Debug, Subcommand)]
pub(crate) enum Identity {
    /// Make a new age key
    New(New),
    /// Show the public keys of the identities found here; never a private one
    Show(Show),
}

/// Arguments of `identity new`.
#[derive(Debug, Args)]
#[command(after_help = NEW)]
pub(crate) struct New {
    /// Where to write it [default: cargo-secrets/identity.txt in your config folder]
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// Arguments of `identity show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    public_key: Option<String>,
    from: String,
}

impl Identity {
    /// Runs the subcommand.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        match self {
            Self::New(new) => new.run(context),
            Self::Show(show) => show.run(context),
        }
    }
}

impl New {
    fn run(self, context: &Context) -> Result<u8, Error> {
        let path = self.output.map_or_else(|| identity::default_path(&context.identities), Ok)?;
        let public = identity::create(&path)?;
        context.shell.status("Created", format_args!("{} (keep a copy of it in a safe place)", path.display()));
        term::print(format_args!("{public}\n"))?;
        Ok(0)
    }
}

impl Show {
    fn run(self, context: &Context) -> Result<u8, Error> {
        let mut keyring = context.keyring();
        let keys = keyring.public_keys();
        context.report(&mut keyring);
        let rows: Vec<_> = keys?.into_iter().map(|(from, public_key)| Row { public_key, from }).collect();
        if rows.is_empty() {
            return Err(Usage::NoIdentity.into());
        }
        match self.format {
            Format::Json => term::print_json(&rows)?,
            Format::Table => {
                let locked = || "(known to its passphrase or plugin alone)".to_owned();
                let rows = rows.into_iter().map(|row| vec![row.public_key.unwrap_or_else(locked), row.from]);
                super::print_table(&["PUBLIC KEY", "FROM"], rows)?;
            }
        }
        Ok(0)
    }
}
