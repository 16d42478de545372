//! One of each error of secret files, recipients and identities, for the file of all messages.

use std::path::PathBuf;

use super::body::{BodyError, BodyFault};
use super::error::Error;
use super::plugin::PluginError;
use super::sops::samples;
use super::{identity, recipient};
use crate::secret::SecretName;
use crate::{fsx, term};

fn path() -> PathBuf {
    PathBuf::from("/home/you/app/secrets/dev.json")
}

/// A file that is not there.
pub(crate) fn unread() -> fsx::Error {
    fsx::read(&path()).unwrap_err()
}

/// The errors of this layer.
pub(crate) fn errors() -> Vec<Error> {
    let path = path();
    let names = ["API_KEY", "TOKEN"].map(|name| SecretName::new(name).unwrap()).into();
    let key = |key: &str| vec![key.to_owned()];
    let mut errors = vec![
        Error::Missing { path: path.clone() },
        Error::NotText { path: path.clone() },
        Error::Conflict { path: path.clone(), names },
        Error::Recipients { path: path.clone(), missing: key("age1carol"), extra: Vec::new() },
        Error::Recipients { path: path.clone(), missing: key("age1carol"), extra: key("age1mallory") },
        recipient::Error::Unreadable { text: "age1alcie".to_owned() }.into(),
        recipient::Error::Wrap { text: "age1alice".to_owned() }.into(),
        unread().into(),
    ];
    errors.extend(plugins());
    errors.extend(whole());
    errors.extend(samples::formats().into_iter().map(|source| Error::Format { path: path.clone(), source }));
    errors.extend(samples::values().into_iter().map(|source| Error::value(&path, source)));
    errors.extend(samples::edits().into_iter().map(|source| Error::edit(&path, source)));
    for ours in [key("age1you"), Vec::new()] {
        errors.extend(samples::keys().into_iter().map(|source| Error::Key {
            path: path.clone(),
            source,
            ours: ours.clone(),
        }));
    }
    errors
}

/// Of plugins that encrypt.
fn plugins() -> Vec<Error> {
    let program = || "age-plugin-yubikey".to_owned();
    let errors = [
        PluginError::Missing { program: program() },
        PluginError::Missing { program: "age-plugin-pq".to_owned() },
        PluginError::Place { program: program(), path: "/home/you/app/bin/age-plugin-yubikey".into() },
        PluginError::Failed { program: program(), message: Some("no such slot".to_owned()) },
        PluginError::Failed { program: program(), message: None },
    ];
    let error = |source| recipient::Error::Plugin { text: "age1yubikey1alice".to_owned(), source }.into();
    errors.map(error).into()
}

/// Of age files.
fn whole() -> Vec<Error> {
    let path = || path().with_extension("age");
    let faults = [BodyFault::Name, BodyFault::Twice, BodyFault::Quote, BodyFault::Special];
    let mut errors = vec![Error::Whole { path: path() }, Error::NotAge { path: path() }];
    errors.extend(faults.map(|what| Error::Body { path: path(), source: BodyError { number: 3, what } }));
    errors
}

/// The errors of identities.
pub(crate) fn identities() -> Vec<identity::Error> {
    use identity::Error;
    let file = || PathBuf::from("/home/you/.config/cargo-secrets/identity.txt");
    let origin = || format!("`{}`", file().display());
    vec![
        Error::Permissions { path: file(), mode: 0o644 },
        Error::File(fsx::read(&file()).unwrap_err()),
        Error::Named { by: "--identity", source: fsx::read(&file()).unwrap_err() },
        Error::Empty { origin: "CARGO_SECRETS_IDENTITY".to_owned() },
        Error::NoTerminal { origin: origin(), source: term::NoTerminal(std::io::Error::from_raw_os_error(6)) },
        Error::Passphrase { origin: origin() },
        Error::Command { variable: "SOPS_AGE_KEY_CMD" },
        Error::Exists { path: file() },
        Error::NoHome,
    ]
}
