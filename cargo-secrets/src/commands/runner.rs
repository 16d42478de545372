//! `cargo-secrets runner`: what cargo starts instead of a program. Not typed by anybody, and not listed.
//!
//! With `--target=TRIPLE`, as `run` sets it up, it asks `run` for the program. Without (`init --runner`), it is a runner of
//! its own: it decrypts what the program's package may have and becomes the program; where the project declares nothing, or
//! `run` or `shell` above gave out values already, it becomes the program at once.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{self, Error};
use crate::manifest;
use crate::process::runner::{self, Asked};
use crate::process::{self, Audience, Choice, Environment, Inherit, Request, Resolved};
use crate::term;
use crate::usage::Usage;

/// The values of the identity variables, taken out of our environment.
type Identities = Vec<(&'static str, Zeroizing<Vec<u8>>)>;

/// Has the program `words` started, or becomes it; tells the exit code.
pub(crate) fn run(words: Vec<OsString>, identities: Identities) -> u8 {
    let target = words.first().and_then(|word| word.as_bytes().strip_prefix(b"--target="));
    let result = match target.map(|target| OsStr::from_bytes(target).to_owned()) {
        Some(target) => ask(&std::iter::once(target).chain(words.into_iter().skip(1)).collect::<Vec<_>>()),
        None if std::env::var_os(runner::PARENT_VARIABLE).is_some() => {
            ask(&std::iter::once(OsString::new()).chain(words).collect::<Vec<_>>())
        }
        None => become_program(words, identities),
    };
    result.unwrap_or_else(|error| {
        term::error(&error, error.help().as_deref());
        match error {
            Error::Ask(error) => error.exit_code(),
            Error::Exec(error) => error.exit_code(),
            _ => error::RUN_FAILED,
        }
    })
}

/// Has `run` start it; the first word names the target.
fn ask(words: &[OsString]) -> Result<u8, Error> {
    if words.len() < 2 {
        return Err(Usage::NoCommand.into());
    }
    match runner::ask(words)? {
        Asked::Ended(ended) => Ok(ended.mirror()),
        Asked::Alone => exec(words.get(1..).unwrap_or_default().to_vec(), None),
    }
}

/// Becomes it, with what its package may have.
fn become_program(words: Vec<OsString>, identities: Identities) -> Result<u8, Error> {
    let context = Context::for_runner(identities)?;
    let manifest = match context.manifest() {
        Ok(manifest) => manifest,
        Err(Error::Manifest(manifest::Error::NoTable { .. } | manifest::Error::NoManifest(_))) => {
            return exec(words, None);
        }
        Err(error) => return Err(error),
    };
    if Environment::is_delivered(manifest.workspace()) {
        return exec(words, None);
    }
    let plan = context.plan(&manifest)?;
    let choice = Choice::default();
    let mut keyring = context.keyring();
    let audience = Audience::Program(manifest.current_package());
    let request = Request { manifest: &manifest, plan: &plan, audience, choice: &choice };
    let resolved = process::resolve(&request, &mut keyring);
    context.report(&mut keyring);
    exec(words, Some(&resolved?))
}

fn exec(words: Vec<OsString>, resolved: Option<&Resolved>) -> Result<u8, Error> {
    let Some(command) = process::Command::new(words) else { return Err(Usage::NoCommand.into()) };
    let nothing = Resolved::default();
    let Resolved { set, files, .. } = resolved.unwrap_or(&nothing);
    let environment = Environment::build(std::env::vars_os(), set, files, Inherit::All)?;
    Err(process::exec(&command, &environment).into())
}
