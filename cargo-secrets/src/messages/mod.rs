//! Every error that a user can meet, as it is printed: built from made-up data, in one file to be read as a whole.
//!
//! **What is not in the file fails a test**: [`complete`] looks for each text of the sources in it.

mod commands;
mod complete;
mod notes;

use snapbox::{assert_data_eq, file};

use crate::error::Error;
use crate::secret::{EnvName, GenerateError, SecretName};
use crate::{manifest, process, store, term};

/// A message as it is printed, and the error's own structure.
struct Sample {
    printed: String,
    debug: String,
}

/// A part of the file: its title, and what is printed there.
type Group = (&'static str, Vec<Sample>);

/// All errors by what they are about.
fn groups() -> Vec<Group> {
    let (read, changed) = process::samples::settings();
    let (find, edit, texts) = process::samples::editor();
    vec![
        ("Names and new values", of(names())),
        ("Cargo.toml and your own settings", of(manifest::samples::errors())),
        ("The secrets table", of(manifest::samples::mistakes())),
        ("Secret files", of(store::samples::errors())),
        ("Identities", of(store::samples::identities())),
        ("What a program gets", of(process::samples::resolve())),
        ("Starting a program", of(process::samples::exec())),
        ("The runner", of(process::samples::ask())),
        ("cargo's settings", of(read).into_iter().chain(of(changed.into_iter().map(runner))).collect()),
        ("The sandbox", of(process::samples::sandbox()).into_iter().chain(unconfined()).collect()),
        ("The editor", of([trouble(find), trouble(edit), trouble(texts), commands::edits()].into_iter().flatten())),
        ("Imports", of(crate::exchange::import::samples::errors())),
        ("Exports", of(commands::exports())),
        ("The lint", of(commands::lints())),
        ("What is typed", of(commands::usages())),
        ("What is refused", of(commands::refusals())),
        ("The rest", of(commands::others())),
    ]
}

fn of<E: Into<Error>>(errors: impl IntoIterator<Item = E>) -> Vec<Sample> {
    errors.into_iter().map(|error| sample(&error.into())).collect()
}

fn sample(error: &Error) -> Sample {
    let printed = term::described(error, error.help().as_deref());
    Sample { printed: anstream::adapter::strip_str(&printed).to_string(), debug: format!("{error:?}") }
}

fn trouble<E: Into<crate::commands::edit::Trouble>>(errors: Vec<E>) -> Vec<crate::commands::edit::Trouble> {
    errors.into_iter().map(Into::into).collect()
}

fn runner(source: process::cargo::SetError) -> Error {
    Error::Runner { path: "/home/you/.cargo/config.toml".into(), source }
}

fn unconfined() -> Option<Sample> {
    let error = process::samples::sandbox().into_iter().find(process::sandbox::SandboxError::is_of_the_kernel)?;
    Some(sample(&Error::Unconfined(error)))
}

fn names() -> Vec<Error> {
    vec![
        SecretName::new("api-key").unwrap_err().into(),
        SecretName::new(&"A".repeat(1000)).unwrap_err().into(),
        EnvName::new("Dev").unwrap_err().into(),
        GenerateError::Unknown.into(),
        GenerateError::Length { kind: "hex", least: 16, most: 1024 }.into(),
        GenerateError::Random.into(),
    ]
}

#[test]
fn every_message_is_as_it_was_when_somebody_read_it_last() {
    let group = |(title, samples): (&str, Vec<Sample>)| {
        let printed: Vec<_> = samples.into_iter().map(|sample| sample.printed).collect();
        format!("=== {title} ===\n\n{}\n", printed.join("\n\n---\n\n"))
    };
    let head = "Every error that a user can meet, as it is printed, with made-up names.\n".to_owned();
    let parts: Vec<_> = std::iter::once(head).chain(groups().into_iter().map(group)).collect();
    assert_data_eq!(parts.join("\n\n"), file!["messages.txt"].raw());
}
