//! `cargo secrets set`: keep a value, encrypted.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::declare::declare;
use super::target::Target;
use crate::context::Context;
use crate::error::Error;
use crate::fsx;
use crate::manifest::Manifest;
use crate::secret::{Generator, Kind, Reserved, SecretName, SecretValue, reserved};
use crate::store::sops::Change;
use crate::store::{self, Outcome};
use crate::term;
use crate::usage::Usage;

const EXAMPLES: &str = "\
Examples:
  cargo secrets set TOKEN                              asked for, not shown
  printf %s \"$VALUE\" | cargo secrets set TOKEN         from a pipe, byte for byte; one newline at
                                                       the end is dropped (--exact keeps it)
  cargo secrets set TLS_KEY --from-file key.pem        the file's exact bytes
  cargo secrets set SESSION_KEY --generate base64:32   made here, never seen
  cargo secrets set TOKEN -e prod                      in another environment

A name that Cargo.toml does not declare is declared there.";

/// Arguments of `set`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Set {
    /// The variable's name
    name: String,
    /// The value; refused unless --insecure-argv, since others can read a command line
    #[arg(conflicts_with_all = ["from_file", "generate"])]
    value: Vec<OsString>,
    /// Take the exact bytes of a file
    #[arg(long, value_name = "PATH", conflicts_with = "generate")]
    from_file: Option<PathBuf>,
    /// Make a value: hex:32, base64:32, alnum:40, uuid, words:6, ed25519 [default: as Cargo.toml declares]
    #[arg(long, value_name = "KIND", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "how clap spells an option whose value may be left out")]
    generate: Option<Option<String>>,
    /// Keep the newline at the end of standard input
    #[arg(long)]
    exact: bool,
    /// Which of the environment's files to change
    #[arg(long, value_name = "SOURCE")]
    file: Option<String>,
    /// Declare a new name as `secret` or `key` instead of guessing
    #[arg(long, value_name = "KIND", value_parser = ["secret", "key"])]
    kind: Option<String>,
    /// Take the value from the command line all the same
    #[arg(long)]
    insecure_argv: bool,
}

impl Set {
    /// Sets the value.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        if self.name.contains('=') {
            return Err(Usage::Assignment.into());
        }
        if self.value.len() > 1 || (!self.value.is_empty() && !self.insecure_argv) {
            return Err(Usage::ValueInArguments.into());
        }
        let name = SecretName::new(&self.name).map_err(|_| Usage::NotAName)?;
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        refuse_name(&manifest, &name)?;
        let target = Target::find(&manifest, &plan, &name, self.file.as_deref())?;
        let capitals = self.name.to_ascii_uppercase();
        if target.flattens && self.name != capitals {
            return Err(Usage::Lowercase { name, capitals }.into());
        }
        target.refuse_without_recipients(&plan)?;
        let value = self.value(context, &manifest, &name)?;
        if value.is_empty() {
            context.shell.warn(format_args!("the value of `{name}` is empty, and SOPS does not protect empty values"));
        }
        let kind = self.kind(&manifest, &name, &value);
        check_format(&manifest, &name, &value)?;

        let mut keyring = context.keyring();
        let change = Change::Set { name: &name, value: &value, plain: kind == Kind::Key };
        if let Some(folder) = target.path.parent() {
            fsx::create_dir(folder)?;
        }
        let outcome = store::change(&target.path, &mut keyring, target.recipients.as_deref(), &change);
        context.report(&mut keyring);
        let verb = match outcome? {
            Outcome::Unchanged => "Unchanged",
            Outcome::Changed => "Set",
            Outcome::Created => "Created",
        };
        context.shell.status(verb, format_args!("{name} in {} ({})", target.shown, plan.environment));
        if manifest.variable(&name).is_none() {
            declare(context, &manifest, &[(&name, kind)]);
        }
        Ok(0)
    }

    /// The kind that is declared, asked for, or guessed from the value's format.
    fn kind(&self, manifest: &Manifest, name: &SecretName, value: &SecretValue) -> Kind {
        match (manifest.variable(name), self.kind.as_deref()) {
            (Some(variable), _) => variable.kind,
            (None, Some("key")) => Kind::Key,
            (None, Some(_)) => Kind::Secret,
            (None, None) => guess(value),
        }
    }

    fn value(&self, context: &Context, manifest: &Manifest, name: &SecretName) -> Result<SecretValue, Error> {
        if let Some(kind) = &self.generate {
            let declared = || manifest.variable(name).and_then(|variable| variable.generate.as_deref());
            let kind = kind.as_deref().or_else(declared).ok_or_else(|| Usage::NoGenerator { name: name.clone() })?;
            let generated = kind.parse::<Generator>()?.generate()?;
            if let Some(public) = generated.public {
                context.shell.note(format_args!("the public key of {name}:\n{}", public.trim_end()));
            }
            return Ok(generated.value);
        }
        let bytes = if let Some(path) = &self.from_file {
            Zeroizing::new(fsx::read(path)?)
        } else if let Some(value) = self.value.first() {
            Zeroizing::new(value.as_encoded_bytes().to_vec())
        } else if term::stdin_is_terminal() {
            return ask(name);
        } else {
            read_stdin(self.exact)?
        };
        text(&bytes)
    }
}

/// Reads standard input whole; a newline at its end is dropped unless it belongs to the value.
fn read_stdin(exact: bool) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    io::stdin().lock().read_to_end(&mut bytes)?;
    if !exact && bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(bytes)
}

fn text(bytes: &[u8]) -> Result<SecretValue, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| Usage::NotText)?;
    if text.contains('\0') {
        return Err(Usage::NotText.into());
    }
    Ok(SecretValue::new(text.to_owned()))
}

/// Asks twice: what cannot be seen is easily mistyped.
#[expect(clippy::disallowed_methods, reason = "the typed value is compared with its repetition and kept")]
fn ask(name: &SecretName) -> Result<SecretValue, Error> {
    let hidden = |prompt: String| term::ask_hidden(&prompt).map_err(|_| Usage::NoTerminal);
    let value = hidden(format!("Value for {name} (not shown): "))?;
    let again = hidden("Once more: ".to_owned())?;
    if value.expose_secret() != again.expose_secret() {
        return Err(Usage::Mismatch.into());
    }
    text(value.expose_secret().as_bytes())
}

/// Refuses a name that is composed, or that a secret file must not set.
pub(super) fn refuse_name(manifest: &Manifest, name: &SecretName) -> Result<(), Usage> {
    let variable = manifest.variable(name);
    if variable.is_some_and(|variable| variable.value.is_some()) {
        return Err(Usage::Composed { name: name.clone() });
    }
    match reserved(name.as_str()) {
        Some(Reserved::Identity) => Err(Usage::IdentityName { name: name.clone() }),
        Some(Reserved::RunsCode) if !variable.is_some_and(|variable| variable.allow_unsafe_name) => {
            Err(Usage::RunsCode { name: name.clone() })
        }
        _ => Ok(()),
    }
}

/// Refuses a value that does not have its declared format.
#[expect(clippy::disallowed_methods, reason = "the value is compared with its declared format")]
pub(super) fn check_format(manifest: &Manifest, name: &SecretName, value: &SecretValue) -> Result<(), Error> {
    let Some(format) = manifest.variable(name).and_then(|variable| variable.format.as_ref()) else {
        return Ok(());
    };
    if format.matches(value.expose_secret()) {
        return Ok(());
    }
    Err(Usage::Format { name: name.clone(), format: format.to_string() }.into())
}

/// The kind of a value whose name is not declared.
#[expect(clippy::disallowed_methods, reason = "the value is compared with the known token formats")]
pub(super) fn guess(value: &SecretValue) -> Kind {
    match secrets_detect::classify(value.expose_secret()).map(|found| found.kind) {
        Some(secrets_detect::Kind::Key) => Kind::Key,
        _ => Kind::Secret,
    }
}
