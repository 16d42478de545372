//! What is edited: the values as they were seen, the text of them, and what a person's changes to it mean for the files.
//!
//! **Each name is compared with what was seen of it**: what the person left alone is left alone, whoever changes it
//! meanwhile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::{Text, Trouble};
use crate::commands::declare::declare;
use crate::commands::set::{check_format, guess, refuse_name};
use crate::commands::target::{Target, say_what_is_left};
use crate::context::Context;
use crate::error::Error;
use crate::fsx;
use crate::manifest::{Manifest, Plan};
use crate::process::editor::{self, Entry};
use crate::secret::{Kind, SecretName, SecretValue, shown};
use crate::store::{self, Edited, Keyring, Outcome, SecretFile};
use crate::term;
use crate::usage::Usage;

/// An environment, or one name of it, that is being edited.
pub(super) struct Work<'w> {
    manifest: &'w Manifest,
    plan: &'w Plan,
    only: Option<SecretName>,
    file: Option<&'w str>,
    seen: BTreeMap<SecretName, Seen>,
    /// What is not shown, in words.
    hidden: Vec<String>,
}

/// A value as it was when the editor was opened.
struct Seen {
    value: SecretValue,
    path: PathBuf,
}

/// One name whose value the person changed.
struct Wanted {
    name: SecretName,
    after: Option<SecretValue>,
    kind: Kind,
    line: usize,
}

impl<'w> Work<'w> {
    /// Decrypts what is to be edited.
    pub(super) fn open(
        manifest: &'w Manifest,
        plan: &'w Plan,
        keyring: &mut Keyring,
        only: Option<SecretName>,
        file: Option<&'w str>,
    ) -> Result<Self, Error> {
        let mut work = Self { manifest, plan, only, file, seen: BTreeMap::new(), hidden: Vec::new() };
        let paths = match &work.only {
            Some(name) => {
                refuse_name(manifest, name)?;
                vec![Target::find(manifest, plan, name, file)?.path]
            }
            None => work.paths(file)?,
        };
        for path in &paths {
            work.read(path, keyring)?;
        }
        if let Some(only) = &work.only {
            work.seen.retain(|name, _| name == only);
        }
        Ok(work)
    }

    /// The environment's own files: what it inherits is another's to change.
    fn paths(&self, file: Option<&str>) -> Result<Vec<PathBuf>, Error> {
        if let Some(file) = file {
            return Ok(vec![Target::named(self.manifest, self.plan, file)?.path]);
        }
        let own = self.plan.sources.iter().filter(|source| source.environment == self.plan.environment);
        Ok(own.map(|source| source.path.clone()).collect())
    }

    /// Takes a file's values over those of earlier ones.
    fn read(&mut self, path: &Path, keyring: &mut Keyring) -> Result<(), Error> {
        let file = match SecretFile::read(path) {
            // `set` makes it, too.
            Err(store::Error::Missing { .. }) => return Ok(()),
            file => file?,
        };
        let shown = path.strip_prefix(self.manifest.root()).unwrap_or(path).display().to_string();
        match file.changeable() {
            Err(_) if self.only.is_none() && self.file.is_none() => {
                self.hidden.push(format!("{shown}, which is not changed in place (cargo secrets import)"));
                return Ok(());
            }
            changeable => changeable?,
        }
        let (values, others) = file.top_values(keyring)?;
        if others > 0 {
            self.hidden.push(format!("{others} nested or oddly named in {shown} (sops edit {shown})"));
        }
        self.seen.extend(values.into_iter().map(|(name, value)| (name, Seen { value, path: path.to_owned() })));
        Ok(())
    }

    /// The name that the editor's file gets.
    pub(super) fn file_name(&self) -> String {
        match &self.only {
            Some(name) => format!("{name}.txt"),
            None => format!("{}.toml", self.plan.environment),
        }
    }

    /// What the editor is opened on.
    pub(super) fn text(&self) -> Text {
        if let Some(name) = &self.only {
            let value = self.seen.get(name).map_or("", |seen| exposed(&seen.value));
            let mut text = Zeroizing::new(String::with_capacity(value.len() + 1));
            text.push_str(value);
            text.push('\n');
            return Text::Fresh(text);
        }
        let remark = |name| self.manifest.variable(name).and_then(|variable| variable.description.as_deref());
        let entries = self.seen.iter();
        let entries = entries.map(|(name, seen)| (name, &seen.value, remark(name).map(|text| shown(text, 100))));
        Text::Fresh(editor::render(&self.head(), entries))
    }

    /// The comments at the top.
    fn head(&self) -> Vec<String> {
        let mut head = vec![
            format!(
                "The values of environment {}, as TOML. Save and close: what you changed is encrypted.",
                self.plan.environment
            ),
            "A line removed removes the value, a new one adds it; several lines: NAME = '''…'''".to_owned(),
        ];
        head.extend(self.hidden.iter().map(|what| format!("Not shown: {what}")));
        let unset = self.manifest.variables().iter().filter(|(name, variable)| {
            variable.value.is_none() && variable.default.is_none() && !self.seen.contains_key(*name)
        });
        if self.file.is_none() {
            head.extend(unset.map(|(name, _)| format!("{name} = \"\"")));
        }
        head
    }

    /// Takes over what was saved.
    pub(super) fn take(
        &mut self,
        context: &Context,
        keyring: &mut Keyring,
        saved: &[u8],
        yes: bool,
    ) -> Result<(), Trouble> {
        let mut wanted = self.changed(saved)?;
        let removed: Vec<_> =
            wanted.iter().filter(|wanted| wanted.after.is_none()).map(|wanted| wanted.name.clone()).collect();
        if !removed.is_empty() && !yes && !self.may_remove(&removed)? {
            wanted.retain(|wanted| wanted.after.is_some());
            context.shell.note("what was removed in the editor is kept");
        }
        if wanted.is_empty() {
            context.shell.status("Unchanged", format_args!("{}", self.plan.environment));
            return Ok(());
        }
        self.check(&wanted)?;
        let mut by_file: Vec<(Target, Vec<&Wanted>)> = Vec::new();
        for wanted in &wanted {
            let target = self.target(wanted)?;
            match by_file.iter_mut().find(|(known, _)| known.path == target.path) {
                Some((_, list)) => list.push(wanted),
                None => by_file.push((target, vec![wanted])),
            }
        }
        for (target, wanted) in &by_file {
            self.write(context, keyring, target, wanted)?;
        }
        Ok(())
    }

    /// The names whose values are not as they were seen.
    fn changed(&self, saved: &[u8]) -> Result<Vec<Wanted>, Trouble> {
        let plain = (!self.has_returns()).then(|| editor::without_returns(saved)).flatten();
        let saved = plain.as_ref().map_or(saved, |plain| plain.as_slice());
        let entries = match &self.only {
            Some(name) => vec![single(name, saved)?],
            None => editor::parse(saved)?,
        };
        let kept: Vec<_> = entries.iter().map(|entry| entry.name.clone()).collect();
        let is_seen = |entry: &Entry| self.seen.get(&entry.name).is_some_and(|seen| seen.value == entry.value);
        let changed = entries.into_iter().filter(|entry| !is_seen(entry)).map(|entry| {
            let declared = self.manifest.variable(&entry.name).map(|variable| variable.kind);
            let kind = declared.unwrap_or_else(|| guess(&entry.value));
            Wanted { name: entry.name, after: Some(entry.value), kind, line: entry.line }
        });
        let gone = self.seen.keys().filter(|name| !kept.contains(name));
        let gone = gone.map(|name| Wanted { name: name.clone(), after: None, kind: Kind::Secret, line: 1 });
        Ok(changed.chain(gone).collect())
    }

    /// Whether the text that the editor was opened on has a `\r`; TOML shows it escaped.
    fn has_returns(&self) -> bool {
        self.only.as_ref().and_then(|name| self.seen.get(name)).is_some_and(|seen| exposed(&seen.value).contains('\r'))
    }

    fn may_remove(&self, names: &[SecretName]) -> Result<bool, Trouble> {
        let list = names.iter().map(SecretName::as_str).collect::<Vec<_>>().join(", ");
        let question = format!("Remove {list} from {}?", self.plan.environment);
        term::confirm(&question).map_err(|_| Trouble::Unasked(names.to_vec()))
    }

    /// Refuses what `set` would refuse.
    fn check(&self, wanted: &[Wanted]) -> Result<(), Trouble> {
        for Wanted { name, after, line, .. } in wanted {
            let Some(value) = after else { continue };
            let refused = |source: Error| Trouble::Refused { line: *line, source: Box::new(source) };
            refuse_name(self.manifest, name).map_err(|error| refused(error.into()))?;
            if exposed(value).contains('\0') {
                return Err(refused(Usage::NotText.into()));
            }
            if exposed(value).starts_with("ENC[AES256_GCM,") {
                return Err(refused(Trouble::Ciphertext(name.clone()).into()));
            }
            check_format(self.manifest, name, value).map_err(refused)?;
        }
        Ok(())
    }

    /// The file that a change goes to: where the value was seen, or where `set` would put it.
    fn target(&self, wanted: &Wanted) -> Result<Target, Trouble> {
        let Wanted { name, line, .. } = wanted;
        if let Some(seen) = self.seen.get(name) {
            return Ok(Target::of(self.manifest, self.plan, seen.path.clone()));
        }
        let target = Target::find(self.manifest, self.plan, name, self.file)?;
        let capitals = name.as_str().to_ascii_uppercase();
        if target.flattens && name.as_str() != capitals {
            let source = Box::new(Usage::Lowercase { name: name.clone(), capitals }.into());
            return Err(Trouble::Refused { line: *line, source });
        }
        target.refuse_without_recipients(self.plan)?;
        Ok(target)
    }

    /// Makes a file's changes in one write; a conflict shows what is there now the next time.
    fn write(
        &mut self,
        context: &Context,
        keyring: &mut Keyring,
        target: &Target,
        wanted: &[&Wanted],
    ) -> Result<(), Trouble> {
        let edited: Vec<_> = wanted
            .iter()
            .map(|wanted| Edited {
                name: &wanted.name,
                before: self.seen.get(&wanted.name).map(|seen| &seen.value),
                after: wanted.after.as_ref(),
                plain: wanted.kind == Kind::Key,
            })
            .collect();
        if let Some(folder) = target.path.parent() {
            fsx::create_dir(folder).map_err(Error::from)?;
        }
        let outcome = store::merge(&target.path, keyring, target.recipients.as_deref(), &edited);
        context.report(keyring);
        match outcome {
            Err(store::Error::Conflict { path, names }) => {
                self.see_again(&path, &names, keyring)?;
                Err(store::Error::Conflict { path, names }.into())
            }
            outcome => {
                self.say(context, target, wanted, outcome?);
                Ok(())
            }
        }
    }

    /// Takes what stands in the file now for seen: who saves again has decided.
    fn see_again(&mut self, path: &Path, names: &[SecretName], keyring: &mut Keyring) -> Result<(), Error> {
        let (now, _) = SecretFile::read(path)?.top_values(keyring)?;
        self.seen.retain(|name, _| !names.contains(name));
        let now = now.into_iter().filter(|(name, _)| names.contains(name));
        self.seen.extend(now.map(|(name, value)| (name, Seen { value, path: path.to_owned() })));
        Ok(())
    }

    /// Says what was done, and declares what is new.
    fn say(&mut self, context: &Context, target: &Target, wanted: &[&Wanted], outcome: Outcome) {
        for Wanted { name, after, .. } in wanted.iter().copied() {
            let verb = match (outcome, after) {
                (Outcome::Unchanged, _) => "Unchanged",
                (_, Some(_)) => "Set",
                (_, None) => "Removed",
            };
            context.shell.status(verb, format_args!("{name} in {} ({})", target.shown, self.plan.environment));
            if let Some(value) = after {
                if value.is_empty() {
                    context
                        .shell
                        .warn(format_args!("the value of `{name}` is empty, and SOPS does not protect empty values"));
                }
                let seen = Seen { value: value.clone(), path: target.path.clone() };
                self.seen.insert(name.clone(), seen);
            } else {
                self.seen.remove(name);
                say_what_is_left(context, self.manifest, self.plan, name);
            }
        }
        let is_new = |wanted: &&&Wanted| wanted.after.is_some() && self.manifest.variable(&wanted.name).is_none();
        let new: Vec<_> = wanted.iter().filter(is_new).map(|wanted| (&wanted.name, wanted.kind)).collect();
        declare(context, self.manifest, &new);
    }
}

/// A single value's text: the newline that ends its last line is the editor's.
fn single(name: &SecretName, saved: &[u8]) -> Result<Entry, Trouble> {
    let text = std::str::from_utf8(saved).map_err(|_| Error::from(Usage::NotText))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    if text.is_empty() {
        return Err(Trouble::Empty(name.clone()));
    }
    Ok(Entry { name: name.clone(), value: SecretValue::new(text.to_owned()), line: 1 })
}

#[expect(clippy::disallowed_methods, reason = "shown to its owner's editor, and looked through for what no value is")]
fn exposed(value: &SecretValue) -> &str {
    value.expose_secret()
}
