//! What becomes of each name of a file that is imported.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::ExposeSecret;

use super::super::set;
use super::super::target::Target;
use crate::context::Context;
use crate::error::Error;
use crate::exchange::import::{Entry, Fault, Found, Source, Trouble, shown_name};
use crate::manifest::{Manifest, Plan};
use crate::process;
use crate::secret::{Kind, LONGEST, NameError, SecretName, SecretValue, shown};
use crate::store::{self, Keyring, SecretFile};
use crate::term;
use crate::usage::Usage;

/// `--only` and `--except`.
pub(super) struct Choice<'c> {
    /// These alone, where there are any.
    pub(super) only: &'c [String],
    /// All but these.
    pub(super) except: &'c [String],
}

/// What is done with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is new in the environment.
    Add,
    /// It has another value there, which is replaced.
    Replace,
    /// It has another value there, which stays.
    Keep,
    /// It has this value there.
    Same,
}

/// A name that can be kept.
pub(super) struct Item {
    /// The name.
    pub(super) name: SecretName,
    /// Its value in the file.
    pub(super) value: SecretValue,
    /// As declared, or guessed from the value.
    pub(super) kind: Kind,
    /// What is done with it.
    pub(super) fate: Fate,
}

/// All names of a file, by what becomes of them.
#[derive(Default)]
pub(super) struct Sorted {
    items: Vec<Item>,
    /// What is not taken although it may be wanted: a message for each.
    refused: Vec<(usize, String)>,
    /// What nobody wants in a secret file.
    passed_over: Vec<String>,
    /// Names whose values look like none.
    empty: Vec<String>,
    placeholders: Vec<String>,
}

impl Sorted {
    /// Sorts what was found in a file.
    pub(super) fn of(
        found: Found,
        manifest: &Manifest,
        plan: &Plan,
        target: &Target,
        choice: &Choice<'_>,
        keyring: &mut Keyring,
    ) -> Result<Self, Error> {
        let mut sorted = Self::default();
        choice.check(&found)?;
        let there = There::of(plan, target, keyring)?;
        for Fault { line, name, why } in found.left_out.into_iter().filter(|fault| choice.includes(&fault.name)) {
            match why {
                Trouble::Session => sorted.passed_over.push(name),
                why => sorted.refused.push((line, format!("{}: {why}", shown_name(&name)))),
            }
        }
        for entry in found.entries.into_iter().filter(|entry| choice.includes(&entry.name)) {
            sorted.take(entry, manifest, target, &there);
        }
        Ok(sorted)
    }

    fn take(&mut self, entry: Entry, manifest: &Manifest, target: &Target, there: &There) {
        let Entry { name, value, line } = entry;
        let mut refuse = |why: String| self.refused.push((line, why));
        let name = match SecretName::new(&name) {
            Ok(name) => name,
            // It may be a value that stands where a name should.
            Err(NameError::Long(_)) => {
                return refuse(format!("{} is longer than {LONGEST} characters", shown_name(&name)));
            }
            Err(_) => return refuse(format!("{} is no variable name", shown_name(&name))),
        };
        match set::refuse_name(manifest, &name) {
            Err(Usage::RunsCode { .. } | Usage::IdentityName { .. }) => return self.passed_over.push(name.to_string()),
            Err(error) => return refuse(error.to_string()),
            Ok(()) => {}
        }
        if has_nul(&value) {
            return refuse(format!("`{name}`: {}", Trouble::Nul));
        }
        if let Err(error) = set::check_format(manifest, &name, &value) {
            return refuse(error.to_string());
        }
        if let Some(file) = there.elsewhere.get(name.as_str()) {
            return refuse(format!("`{name}` has a value in `{file}`: --file {file}"));
        }
        if target.flattens && name.as_str().bytes().any(|b| b.is_ascii_lowercase()) {
            return refuse(format!("`{name}` would be delivered in capitals, for the source has `flatten = true`"));
        }
        if value.is_empty() {
            self.empty.push(name.to_string());
        } else if is_placeholder(&value) {
            self.placeholders.push(name.to_string());
        }
        let fate = match there.values.get(&name) {
            None => Fate::Add,
            Some(old) if *old == value => Fate::Same,
            Some(_) => Fate::Replace,
        };
        let kind = manifest.variable(&name).map_or_else(|| set::guess(&value), |variable| variable.kind);
        self.items.push(Item { name, value, kind, fate });
    }

    /// Whether the file has a value that was to be taken.
    pub(super) fn is_any(&self) -> bool {
        self.items.iter().any(|item| !item.value.is_empty())
    }

    /// What is to be written.
    pub(super) fn wanted(&self) -> Vec<&Item> {
        self.items.iter().filter(|item| matches!(item.fate, Fate::Add | Fate::Replace)).collect()
    }

    /// The names that Cargo.toml does not declare, with their kinds.
    pub(super) fn undeclared(&self, manifest: &Manifest) -> Vec<(&SecretName, Kind)> {
        let undeclared = self.items.iter().filter(|item| manifest.variable(&item.name).is_none());
        undeclared.map(|item| (&item.name, item.kind)).collect()
    }

    fn names(&self, fate: Fate) -> Vec<&str> {
        self.items.iter().filter(|item| item.fate == fate).map(|item| item.name.as_str()).collect()
    }

    /// Asks, where somebody sits at a terminal, whether values that differ are to be replaced.
    pub(super) fn replace_asked(&self, target: &Target) -> bool {
        let differing = self.names(Fate::Replace);
        if differing.is_empty() || !term::stdin_is_terminal() {
            return false;
        }
        let question = format!("These have other values in {}: {}. Replace them?", target.shown, differing.join(", "));
        term::confirm(&question).unwrap_or(false)
    }

    /// Values that differ stay.
    pub(super) fn keep_old(&mut self) {
        for item in self.items.iter_mut().filter(|item| item.fate == Fate::Replace) {
            item.fate = Fate::Keep;
        }
    }

    /// Prints what would become of each name.
    pub(super) fn list(&self, context: &Context) -> Result<u8, Error> {
        let fate = |fate: Fate| match fate {
            Fate::Add => "new",
            Fate::Replace => "has another value",
            Fate::Keep => "keeps another value",
            Fate::Same => "has this value",
        };
        let rows = self
            .items
            .iter()
            .map(|item| vec![item.name.to_string(), item.kind.to_string(), fate(item.fate).to_owned()]);
        super::super::print_table(&["NAME", "KIND", "THERE"], rows)?;
        for (line, why) in &self.refused {
            let place = if *line > 0 { format!("line {line}: ") } else { String::new() };
            context.shell.warn(format_args!("{place}{why}"));
        }
        if !self.passed_over.is_empty() {
            context.shell.note(format_args!("left out: {}", self.passed_over.join(", ")));
        }
        context.shell.note("nothing was written");
        Ok(0)
    }

    /// Says what was not imported, and what looks like no value; tells whether all was taken that could be wanted.
    pub(super) fn say_left_out(&self, context: &Context, source: &Source<'_>) -> bool {
        let shell = context.shell;
        let kept = self.names(Fate::Keep);
        if !kept.is_empty() {
            shell.warn(format_args!("kept, with other values than here: {} (--overwrite replaces)", kept.join(", ")));
        }
        if !self.passed_over.is_empty() {
            shell.note(format_args!(
                "left out, since programs run code that they name or each session has its own: {}",
                self.passed_over.join(", ")
            ));
        }
        if !self.empty.is_empty() {
            let names = self.empty.join(", ");
            shell.warn(format_args!("empty, and SOPS does not protect empty values: {names}"));
        }
        if !self.placeholders.is_empty() {
            shell.warn(format_args!("look like placeholders, not values: {}", self.placeholders.join(", ")));
        }
        for (line, why) in &self.refused {
            let place = if *line > 0 { format!("{}:{line}: ", source.shown()) } else { String::new() };
            shell.warn(format_args!("not imported: {place}{why}"));
        }
        self.refused.is_empty()
    }
}

impl Choice<'_> {
    /// Whether the name is wanted.
    pub(super) fn includes(&self, name: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|listed| listed == name);
        (self.only.is_empty() || named(self.only)) && !named(self.except)
    }

    /// A chosen name that is not there was mistyped.
    fn check(&self, found: &Found) -> Result<(), Usage> {
        let names = || {
            let left_out = found.left_out.iter().map(|fault| fault.name.as_str());
            found.entries.iter().map(|entry| entry.name.as_str()).chain(left_out)
        };
        match self.only.iter().chain(self.except).find(|name| !names().any(|known| known == name.as_str())) {
            Some(name) => {
                let nearest = process::nearest_of(name, names());
                Err(Usage::NotInFile { name: shown(name, 60), nearest: nearest.map(|name| shown(&name, 60)) })
            }
            None => Ok(()),
        }
    }
}

/// What the environment's own files hold.
struct There {
    /// In the file that is written.
    values: BTreeMap<SecretName, SecretValue>,
    /// In others: the name, and how messages name the file.
    elsewhere: BTreeMap<String, String>,
}

impl There {
    fn of(plan: &Plan, target: &Target, keyring: &mut Keyring) -> Result<Self, Error> {
        let mut there = Self { values: BTreeMap::new(), elsewhere: BTreeMap::new() };
        let own = plan.sources.iter().filter(|source| source.environment == plan.environment);
        let mut seen = BTreeSet::new();
        for source in own.filter(|source| seen.insert(&source.path)) {
            let file = match SecretFile::read(&source.path) {
                Ok(file) => file,
                Err(store::Error::Missing { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            if source.path == target.path {
                there.values = file.entries(keyring, source.flatten)?.into_iter().collect();
            } else {
                let names = file.delivered_names(source.flatten)?;
                there.elsewhere.extend(names.into_iter().map(|name| (name, source.declared.clone())));
            }
        }
        Ok(there)
    }
}

#[expect(clippy::disallowed_methods, reason = "only whether there is a NUL leaves")]
fn has_nul(value: &SecretValue) -> bool {
    value.expose_secret().contains('\0')
}

/// Whether a value says that it is none.
#[expect(clippy::disallowed_methods, reason = "the value is compared with the usual placeholders")]
fn is_placeholder(value: &SecretValue) -> bool {
    let text = value.expose_secret();
    if text.len() > 80 {
        return false;
    }
    let text = zeroize::Zeroizing::new(text.trim().to_ascii_lowercase());
    let words = ["changeme", "change-me", "change_me", "placeholder", "replace-me", "replace_me", "replaceme", "todo"];
    let starts = ["your-", "your_", "yourapi", "insert-", "insert_", "<"];
    let is_filler = text.len() > 2 && text.bytes().all(|b| matches!(b, b'x' | b'*' | b'.'));
    is_filler || words.iter().any(|word| text.contains(word)) || starts.iter().any(|start| text.starts_with(start))
}
