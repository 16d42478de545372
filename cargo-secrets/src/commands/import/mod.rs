//! `cargo secrets import`: the values of another program's file into the environment's own, encrypted.

mod left;
mod sorted;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use zeroize::Zeroizing;

use super::declare::declare;
use super::target::Target;
use crate::context::Context;
use crate::error::{Error, FINDINGS};
use crate::exchange::import::{Error as ImportError, FORMATS, Format, Source};
use crate::fsx;
use crate::manifest::Manifest;
use crate::secret::{EnvName, Kind};
use crate::store::sops::Change;
use crate::store::{self, Keyring};
use crate::term;
use crate::usage::Usage;

use sorted::{Fate, Sorted};

const EXAMPLES: &str = "\
Examples:
  cargo secrets import                          .env, if dotenvy, docker and bash read it alike
  cargo secrets import prod.env -e prod --format docker
  cargo secrets import config.yaml --dry-run    names alone; nothing is written
  env -0 | cargo secrets import - --only TOKEN,DATABASE_URL

All values go into the environment's file in one write, and new names into Cargo.toml. A name
that has another value there keeps it unless --overwrite; at a terminal you are asked. Names that
make programs run code (PATH, LD_PRELOAD, …) are left out. The file itself stays as it is: remove
it when nothing needs it any more.

Exit code 1: imported, but for some names, which are told.";

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Import {
    /// The file; `-` for standard input
    #[arg(default_value = ".env", value_name = "FILE")]
    path: PathBuf,
    /// How to read it [default: by its name and content, which is said]
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: Option<&'static Format>,
    /// These names alone
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// All but these names
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    except: Vec<String>,
    /// Take nested values too, `a.b` as `A_B`; all names become capitals
    #[arg(long)]
    flatten: bool,
    /// Replace values that differ
    #[arg(long)]
    overwrite: bool,
    /// Tell what would become of each name, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Which of the environment's files to write
    #[arg(long, value_name = "SOURCE")]
    file: Option<String>,
}

fn formats() -> impl TypedValueParser<Value = &'static Format> {
    let names = FORMATS.map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(names).try_map(|name| Format::named(&name).ok_or("there is no such format"))
}

impl Import {
    /// Imports the file.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        let target = Target::whole(&manifest, &plan, self.file.as_deref())?;
        let path = (self.path != Path::new("-")).then_some(self.path.as_path());
        let project = manifest.workspace();
        if let Some(path) = path {
            Source::inside(project, path)?;
        }
        // An age file may be binary; it is opened by its path.
        let is_age = path.and_then(Path::extension).is_some_and(|extension| extension.eq_ignore_ascii_case("age"));
        let text = if is_age { Zeroizing::default() } else { text(path)? };
        let environment = plan.environment.as_str();
        let source = Source { path, text: &text, project: Some(project), environment, flatten: self.flatten };
        let format = self.format.unwrap_or_else(|| Format::guess(&source));

        let mut keyring = context.keyring();
        let found = format.read(&source, &mut keyring);
        let mut found = found.inspect_err(|_| context.report(&mut keyring))?;
        if self.format.is_none() || found.how.is_some() {
            let how = found.how.as_deref().unwrap_or(format.name);
            context.shell.status("Reading", format_args!("{}: {how}", source.shown()));
        }
        let choice = self.choice();
        for (remark, names) in &found.remarks {
            let names: Vec<_> = names.iter().filter(|name| choice.includes(name)).map(String::as_str).collect();
            if !names.is_empty() {
                context.shell.warn(format_args!("{remark}: {}", names.join(", ")));
            }
        }
        let plaintext = found.plaintext.take().or_else(|| path.filter(|_| !format.encrypted).map(Path::to_owned));
        let sorted = Sorted::of(found, &manifest, &plan, &target, &choice, &mut keyring);
        context.report(&mut keyring);
        let mut sorted = sorted?;
        if self.dry_run {
            return sorted.list(context);
        }
        if !self.overwrite && !sorted.replace_asked(&target) {
            sorted.keep_old();
        }
        write(context, &manifest, &plan.environment, &target, &sorted, &mut keyring)?;
        let is_clean = sorted.say_left_out(context, &source);
        if let Some(path) = plaintext.filter(|_| sorted.is_any()) {
            left::say(context, &path);
        }
        Ok(if is_clean { 0 } else { FINDINGS })
    }

    fn choice(&self) -> sorted::Choice<'_> {
        sorted::Choice { only: &self.only, except: &self.except }
    }
}

/// Writes all values at once, then declares the names that are new.
fn write(
    context: &Context,
    manifest: &Manifest,
    environment: &EnvName,
    target: &Target,
    sorted: &Sorted,
    keyring: &mut Keyring,
) -> Result<(), Error> {
    let wanted = sorted.wanted();
    if wanted.is_empty() {
        context.shell.status("Unchanged", format_args!("{} ({environment})", target.shown));
        // An import that was interrupted may have left them.
        declare(context, manifest, &sorted.undeclared(manifest));
        return Ok(());
    }
    if !target.path.exists() && target.recipients.as_ref().is_none_or(Vec::is_empty) {
        let environment = environment.to_string();
        return Err(Usage::NoRecipients { file: target.shown.clone(), environment }.into());
    }
    let changes: Vec<_> = wanted
        .iter()
        .map(|item| {
            let (name, value) = (&item.name, &item.value);
            let plain = item.kind == Kind::Key;
            let is_new = item.fate == Fate::Add;
            if is_new { Change::Add { name, value, plain } } else { Change::Set { name, value, plain } }
        })
        .collect();
    if let Some(folder) = target.path.parent() {
        fsx::create_dir(folder)?;
    }
    let outcome = store::change_all(&target.path, keyring, target.recipients.as_deref(), &changes);
    context.report(keyring);
    outcome?;
    let number = count(wanted.len(), "name");
    context.shell.status("Imported", format_args!("{number} into {} ({})", target.shown, environment));
    declare(context, manifest, &sorted.undeclared(manifest));
    Ok(())
}

/// `1 name`, `2 names`.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The whole file, or all of standard input.
fn text(path: Option<&Path>) -> Result<Zeroizing<String>, Error> {
    let bytes = match path {
        Some(path) => Zeroizing::new(fsx::read(path)?),
        None if term::stdin_is_terminal() => return Err(Usage::NothingPiped.into()),
        None => {
            let mut bytes = Zeroizing::new(Vec::with_capacity(1024 * 1024));
            io::stdin().lock().read_to_end(&mut bytes)?;
            bytes
        }
    };
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            let input = path.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
            Err(ImportError::NotText { input, line }.into())
        }
    }
}
