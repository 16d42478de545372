//! `cargo secrets`: encrypted secret files declared in Cargo.toml, given to the programs that need them.
//!
//! Parses, dispatches, prints an error once, and is the only exit. **The identity variables leave our own environment
//! before anything else happens.**

mod cli;
mod commands;
mod context;
mod error;
mod exchange;
mod fsx;
mod lint;
mod manifest;
#[cfg(test)]
mod messages;
mod process;
mod refusal;
mod secret;
mod store;
mod term;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;

use cli::Command;
use context::Context;
use error::Error;
use process::runner;

fn main() -> ExitCode {
    let identities = process::take_variables(&secret::IDENTITY_VARIABLES);
    process::keep_private();
    let mut arguments = arguments();
    // Before anything else: it stands before every test.
    if arguments.get(1).is_some_and(|word| word == runner::RUNNER) {
        return commands::runner::run(arguments.split_off(2), identities).into();
    }
    let cli = match cli::parse(&arguments, subcommand(&arguments)) {
        Ok(cli) => cli,
        Err(error) => return refuse(&arguments, &error),
    };
    let is_run = matches!(cli.command, Command::Run(_) | Command::Shell(_) | Command::Sandbox(_));
    let context = Context::new(cli.global, identities).map_err(Error::from);
    let result = context.and_then(|context| commands::run(cli.command, &context));
    ExitCode::from(result.unwrap_or_else(|error| finish(&error, is_run)))
}

/// The arguments, whether we were started as `cargo secrets …` (cargo passes the subcommand's name on) or by name.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "secrets") {
        arguments.remove(1);
    }
    arguments
}

/// Prints the error and tells its exit code; `run` has its own codes for what it does not start.
fn finish(error: &Error, is_run: bool) -> u8 {
    // Whoever read our output has gone: nothing failed.
    if let Error::Io(source) = error
        && source.kind() == std::io::ErrorKind::BrokenPipe
    {
        return 0;
    }
    term::error(error, error.help().as_deref());
    match error {
        Error::Exec(error) => error.exit_code(),
        _ if is_run => error::RUN_FAILED,
        _ => error.exit_code(),
    }
}

/// Prints what clap says of a command line it does not take. What follows `set` may be a value: it is not repeated.
fn refuse(arguments: &[OsString], error: &clap::Error) -> ExitCode {
    let names = |name: &str| arguments.iter().take_while(|argument| *argument != "--").any(|word| word == name);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        kind if names("set") && kind != ErrorKind::MissingRequiredArgument => {
            finish(&usage::Usage::UnknownSetArgument.into(), false);
        }
        _ => {
            let _ = error.print();
        }
    }
    let is_run = ["run", "exec"].iter().any(|name| subcommand(arguments).is_some_and(|word| word == *name));
    ExitCode::from(if is_run { error::RUN_FAILED } else { error::USAGE })
}

/// The subcommand's name: the first word that is neither an option nor an option's value.
fn subcommand(arguments: &[OsString]) -> Option<&OsString> {
    const TAKE_A_VALUE: [&str; 4] = ["-e", "--environment", "--manifest-path", "--identity"];
    let mut words = arguments.iter().skip(1);
    while let Some(word) = words.next() {
        if TAKE_A_VALUE.iter().any(|option| word == *option) {
            words.next();
        } else if !word.to_string_lossy().starts_with('-') {
            return Some(word);
        }
    }
    None
}
