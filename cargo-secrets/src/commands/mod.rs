//! The commands: each file holds one command's arguments and what it does with them. Composition and output; what is
//! hard is done in the layers below.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod copy;
mod declare;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod edit;
pub(crate) mod env;
pub(crate) mod export;
mod fetch;
pub(crate) mod get;
pub(crate) mod hook;
pub(crate) mod identity;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod lint;
pub(crate) mod list;
pub(crate) mod man;
mod myself;
pub(crate) mod recipients;
mod refused;
pub(crate) mod rename;
pub(crate) mod run;
pub(crate) mod runner;
pub(crate) mod sandbox;
pub(crate) mod set;
pub(crate) mod shell;
mod target;
mod tree;
pub(crate) mod unset;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::cli::Command;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{self, EditError};
use crate::process::confine::Confined;
use crate::refusal::Refusal;
use crate::usage::Usage;
use crate::{fsx, process, secret, term};

/// Runs a command; the number is its exit code.
pub(crate) fn run(command: Command, context: &Context) -> Result<u8, Error> {
    if !matches!(
        command,
        Command::Run(_) | Command::Hook(_) | Command::Sandbox(_) | Command::Completions(_) | Command::Man(_)
    ) {
        // What an `edit` that was killed left.
        fsx::sweep();
    }
    dispatch(command, context).map_err(|error| recipients::explain(context, error))
}

fn dispatch(command: Command, context: &Context) -> Result<u8, Error> {
    match command {
        Command::Init(command) => command.run(context),
        Command::Run(command) => command.run(context),
        Command::Shell(command) => command.run(context),
        Command::Hook(command) => command.run(context),
        Command::Sandbox(command) => command.run(context),
        Command::Set(command) => command.run(context),
        Command::Edit(command) => command.run(context),
        Command::Get(command) => command.run(context),
        Command::Unset(command) => command.run(context),
        Command::Import(command) => command.run(context),
        Command::Export(command) => command.run(context),
        Command::List(command) => command.run(context),
        Command::Check(command) => command.run(context),
        Command::Lint(command) => command.run(context),
        Command::Doctor(command) => command.run(context),
        Command::Identity(command) => command.run(context),
        Command::Rename(command) => command.run(context),
        Command::Copy(command) => command.run(context),
        Command::Diff(command) => command.run(context),
        Command::Env(command) => command.run(context),
        Command::Recipients(command) => command.run(context),
        Command::Demo(command) => command.run(context),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    }
}

/// What is shown of a table's cell: enough for any public key, short enough for any formatter.
const LONGEST_CELL: usize = 120;

/// Prints a table whose cells may come from a hostile file: cut, control characters escaped.
fn print_table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<(), Error> {
    // Quotes move no cursor.
    let plain = |cell: String| cell.replace("\\\"", "\"").replace("\\'", "'");
    let shown = |row: Vec<String>| row.iter().map(|cell| plain(secret::shown(cell, LONGEST_CELL))).collect();
    Ok(term::print_table(header, &rows.map(shown).collect::<Vec<_>>())?)
}

/// Changes a Cargo.toml as a whole, so that two commands at once lose nothing; false when it is as wanted already.
fn edit_manifest(
    root: &Path,
    path: &Path,
    change: impl FnOnce(&str) -> Result<String, EditError>,
) -> Result<bool, Error> {
    let path = &written(root, path)?;
    let _lock = fsx::Lock::acquire(path)?;
    let text = fsx::read_text(path)?;
    let changed = change(&text).map_err(|source| manifest::Error::Edit { path: path.clone(), source })?;
    if changed == text {
        return Ok(false);
    }
    fsx::replace(path, changed.as_bytes())?;
    Ok(true)
}

/// The file that is written in the end: a link stays, what it points to is changed. **One that leads out of the project
/// is refused**: a repository could name any file of the user's. A member beside the root has its own folder.
fn written(root: &Path, path: &Path) -> Result<PathBuf, Error> {
    let home = if path.starts_with(root) { root } else { path.parent().unwrap_or(path) };
    match path.canonicalize() {
        Ok(real) if real.starts_with(home.canonicalize()?) => Ok(real),
        Ok(_) => Err(Refusal::LeadsOut { path: path.to_owned() }.into()),
        Err(_) => Ok(path.to_owned()),
    }
}

/// The command that was typed after our own options.
fn typed(subcommand: &'static str, words: Vec<OsString>) -> Result<process::Command, Usage> {
    let command = process::Command::new(words).ok_or(Usage::NoCommand)?;
    if command.program.as_encoded_bytes().starts_with(b"-") {
        let option = command.program.to_string_lossy().into_owned();
        return Err(Usage::UnknownOption { subcommand, option });
    }
    Ok(command)
}

/// Says in one line which tokens a confined build can read: they stand where cargo and git have to look.
fn warn_of_tokens(context: &Context, confined: &Confined) {
    let exposed = confined.policy.exposed();
    if !exposed.is_empty() {
        context.shell.warn(format_args!(
            "builds can read the token in {}; cargo looks for its own in credentials.toml too, which is hidden",
            exposed.join(", ")
        ));
    }
}

/// Says that a build goes without its cache of compiled crates.
fn note_cache(context: &Context, cache: Option<&str>) {
    if let Some(cache) = cache {
        context.shell.note(format_args!("`{cache}` is out of reach in the sandbox: this build goes without it"));
    }
}
