//! The one write path: every change of a secret file goes through [`change_all`] or [`merge`].
//!
//! **A crash at any point leaves the old file or the new one, and two writers lose no update**: the file is locked, read
//! again under the lock, changed in memory, read back, and replaced as a whole. What must follow every change (a seal
//! that vouches for the file) belongs into [`replace_locked`], where no command can forget it.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{SecretFile, flavour, top_values};
use super::recipient;
use super::sops::{self, Change, DataKey, Document, Flavour};
use super::{Error, Keyring};
use crate::fsx::{self, Lock};
use crate::secret::{SecretName, SecretValue};

/// What a change did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The file was as wanted; not a byte of it changed.
    Unchanged,
    /// The file was changed.
    Changed,
    /// The file did not exist and was made.
    Created,
}

/// Makes `change` in the file at `path`.
///
/// `recipients` are those that Cargo.toml declares; where it declares any, the file must be for these and no others. A
/// file that is not there is made for them.
pub(crate) fn change(
    path: &Path,
    keyring: &mut Keyring,
    recipients: Option<&[String]>,
    change: &Change<'_>,
) -> Result<Outcome, Error> {
    change_all(path, keyring, recipients, std::slice::from_ref(change))
}

/// As [`change`]: all of `changes`, each of a name of its own, in one write.
pub(crate) fn change_all(
    path: &Path,
    keyring: &mut Keyring,
    recipients: Option<&[String]>,
    changes: &[Change<'_>],
) -> Result<Outcome, Error> {
    with_lock(path, keyring, recipients, |path, text, flavour, key| {
        sops::apply(text, flavour, key, changes).map_err(|error| Error::edit(path, error))
    })
}

/// What became of a value since somebody looked at it.
pub(crate) struct Edited<'e> {
    /// Which entry, at the top level.
    pub(crate) name: &'e SecretName,
    /// What was seen; `None` is no value.
    pub(crate) before: Option<&'e SecretValue>,
    /// What it is to be; `None` is no value.
    pub(crate) after: Option<&'e SecretValue>,
    /// Whether it may stand in the file unencrypted where the file's rule says so.
    pub(crate) plain: bool,
}

impl<'e> Edited<'e> {
    fn change(&self) -> Change<'e> {
        match self.after {
            Some(value) => Change::Set { name: self.name, value, plain: self.plain },
            None => Change::Unset { name: self.name },
        }
    }
}

/// Makes several changes in the file at `path`, all of them or none, in one write. A value that is no longer what was
/// seen is a conflict, unless it is what it is to be.
pub(crate) fn merge(
    path: &Path,
    keyring: &mut Keyring,
    recipients: Option<&[String]>,
    edited: &[Edited<'_>],
) -> Result<Outcome, Error> {
    with_lock(path, keyring, recipients, |path, text, flavour, key| {
        let document =
            Document::parse(text, flavour).map_err(|source| Error::Format { path: path.to_owned(), source })?;
        let (now, _) = top_values(&document, key).map_err(|error| Error::value(path, error))?;
        let value = |name: &SecretName| now.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let open: Vec<_> = edited.iter().filter(|edited| value(edited.name) != edited.after).collect();
        let conflicts = open.iter().filter(|edited| value(edited.name) != edited.before);
        let names: Vec<_> = conflicts.map(|edited| edited.name.clone()).collect();
        if !names.is_empty() {
            return Err(Error::Conflict { path: path.to_owned(), names });
        }
        let changes: Vec<_> = open.into_iter().map(Edited::change).collect();
        sops::apply(text, flavour, key, &changes).map_err(|error| Error::edit(path, error))
    })
}

/// Locks the file, reads it, has `change` make a new text of it, and writes that.
fn with_lock(
    path: &Path,
    keyring: &mut Keyring,
    recipients: Option<&[String]>,
    change: impl FnOnce(&Path, &str, Flavour, &DataKey) -> Result<Option<String>, Error>,
) -> Result<Outcome, Error> {
    let path = target(path)?;
    let _lock = Lock::acquire(&path)?;
    let (text, flavour, key, made) = match SecretFile::read(&path) {
        Ok(file) => {
            let (text, flavour) = file.text()?;
            if let Some(declared) = recipients {
                compare(&file, declared)?;
            }
            let key = file.data_key(&file.document()?, keyring)?;
            (text.to_owned(), flavour, key, false)
        }
        Err(Error::Missing { path }) => {
            let flavour = flavour(&path, None)?;
            let (text, key) = empty(&path, flavour, recipients.unwrap_or_default())?;
            (text, flavour, key, true)
        }
        Err(error) => return Err(error),
    };
    match change(&path, &text, flavour, &key)? {
        None => Ok(Outcome::Unchanged),
        Some(text) => {
            replace_locked(&path, &text)?;
            Ok(if made { Outcome::Created } else { Outcome::Changed })
        }
    }
}

/// Wraps the data key of the file at `path` for more `recipients`; its values stay as they are, byte for byte.
///
/// Those who can read it already are passed over.
pub(crate) fn admit(path: &Path, keyring: &mut Keyring, recipients: &[String]) -> Result<Outcome, Error> {
    let path = target(path)?;
    let _lock = Lock::acquire(&path)?;
    let file = SecretFile::read(&path)?;
    let (text, flavour) = file.text()?;
    let (new, _) = recipient::difference(recipients, &file.recipients()?);
    if new.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    let key = file.data_key(&file.document()?, keyring)?;
    let stanzas: Vec<_> = new.iter().map(|recipient| recipient::wrap(&key, recipient)).collect::<Result<_, _>>()?;
    match sops::admit(text, flavour, &key, &stanzas).map_err(|error| Error::edit(&path, error))? {
        None => Ok(Outcome::Unchanged),
        Some(changed) => {
            replace_locked(&path, &changed)?;
            Ok(Outcome::Changed)
        }
    }
}

/// Wraps a data key that is thrown away, to learn whether the one of the file at `path` can be wrapped for `recipient`.
pub(crate) fn try_recipient(path: &Path, recipient: &str) -> Result<(), Error> {
    let key = DataKey::generate().map_err(|source| Error::Edit { path: path.to_owned(), source: source.into() })?;
    Ok(recipient::wrap(&key, recipient).map(drop)?)
}

/// Makes a file without entries; one that exists is left alone.
pub(crate) fn create(path: &Path, recipients: &[String]) -> Result<Outcome, Error> {
    if let Some(folder) = path.parent() {
        fsx::create_dir(folder)?;
    }
    let path = target(path)?;
    let _lock = Lock::acquire(&path)?;
    if path.exists() {
        return Ok(Outcome::Unchanged);
    }
    let (text, _key) = empty(&path, flavour(&path, None)?, recipients)?;
    replace_locked(&path, &text)?;
    Ok(Outcome::Created)
}

/// Puts the finished text in the file's place. Only called with the lock held.
fn replace_locked(path: &Path, text: &str) -> Result<(), Error> {
    Ok(fsx::replace(path, text.as_bytes())?)
}

/// A new text without entries, and its data key.
fn empty(path: &Path, flavour: Flavour, recipients: &[String]) -> Result<(String, DataKey), Error> {
    if recipients.is_empty() {
        return Err(Error::Missing { path: path.to_owned() });
    }
    let edit_error = |source| Error::Edit { path: path.to_owned(), source };
    let key = DataKey::generate().map_err(|source| edit_error(source.into()))?;
    let stanzas: Result<Vec<_>, _> = recipients.iter().map(|recipient| recipient::wrap(&key, recipient)).collect();
    let text = sops::create(flavour, &key, &stanzas?).map_err(edit_error)?;
    Ok((text, key))
}

/// The file that is written in the end: a symbolic link stays, what it points to is replaced.
fn target(path: &Path) -> Result<PathBuf, Error> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    if is_link {
        // A link to nothing is refused: the file would be made wherever it points.
        return fs::canonicalize(path).map_err(|_| Error::Missing { path: path.to_owned() });
    }
    Ok(path.to_owned())
}

fn compare(file: &SecretFile, declared: &[String]) -> Result<(), Error> {
    let (missing, extra) = recipient::difference(declared, &file.recipients()?);
    if missing.is_empty() && extra.is_empty() {
        return Ok(());
    }
    Err(Error::Recipients { path: file.path().to_owned(), missing, extra })
}
