//! One secret file: its text, its flavour, its entries; or an age file around a dotenv text.
//!
//! **An age file as a whole says neither which names it holds nor for whom it is**, and cannot be changed in place.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use age::armor::{ArmoredWriter, Format};

use super::sops::{self, DataKey, Document, EditError, Flavour, KeyError, Opener, Part, Stanza, ValueError};
use super::{Error, Keyring, body};
use crate::fsx;
use crate::secret::{SecretName, SecretValue};

/// A secret file that was read, not yet decrypted.
pub(crate) struct SecretFile {
    path: PathBuf,
    content: Content,
}

enum Content {
    /// A SOPS file.
    Sops { text: String, flavour: Flavour },
    /// An age file, in its armor.
    Age(Stanza),
}

impl SecretFile {
    /// Reads the file at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = match fsx::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::Missing { path: path.to_owned() });
            }
            Err(error) => return Err(error.into()),
        };
        let content = if is_age(path) {
            let enc = armored(bytes).ok_or_else(|| Error::NotAge { path: path.to_owned() })?;
            Content::Age(Stanza { recipient: String::new(), enc })
        } else {
            let text = String::from_utf8(bytes).map_err(|_| Error::NotText { path: path.to_owned() })?;
            let flavour = flavour(path, Some(&text))?;
            Content::Sops { text, flavour }
        };
        Ok(Self { path: path.to_owned(), content })
    }

    /// The same, or nothing where no file stands.
    pub(crate) fn find(path: &Path) -> Result<Option<Self>, Error> {
        match Self::read(path) {
            Ok(file) => Ok(Some(file)),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where it stands.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is encrypted as a whole, its names with it.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.content, Content::Age(_))
    }

    /// Refuses a file of a kind that is read, but not written.
    pub(crate) fn changeable(&self) -> Result<(), Error> {
        match self.text()? {
            (_, Flavour::Ini) => Err(Error::edit(&self.path, EditError::ReadOnly)),
            _ => Ok(()),
        }
    }

    pub(super) fn text(&self) -> Result<(&str, Flavour), Error> {
        match &self.content {
            Content::Sops { text, flavour } => Ok((text, *flavour)),
            Content::Age(_) => Err(Error::Whole { path: self.path.clone() }),
        }
    }

    /// Parses the text; decrypts nothing.
    pub(crate) fn document(&self) -> Result<Document<'_>, Error> {
        let (text, flavour) = self.text()?;
        Document::parse(text, flavour).map_err(|source| Error::Format { path: self.path.clone(), source })
    }

    /// The names at the top level, and whether something is nested below each; no identity is needed. Of a file that is
    /// encrypted as a whole, none can be told.
    pub(crate) fn names(&self) -> Result<Vec<(String, bool)>, Error> {
        if self.is_whole() {
            return Ok(Vec::new());
        }
        Ok(self.document()?.names().map(|(name, nested)| (name.to_owned(), nested)).collect())
    }

    /// The names that the file's entries are delivered as, in document order; no identity is needed. Of a file that is
    /// encrypted as a whole, none can be told.
    pub(crate) fn delivered_names(&self, flatten: bool) -> Result<Vec<String>, Error> {
        if self.is_whole() {
            return Ok(Vec::new());
        }
        let document = self.document()?;
        if !flatten {
            return Ok(document.names().map(|(name, _)| name.to_owned()).collect());
        }
        let name = |path: &[Part<'_>]| flattened(path).map(|name| name.to_string());
        let names: Result<_, _> = document.paths().iter().map(|path| name(path)).collect();
        names.map_err(|error| Error::value(&self.path, error))
    }

    /// The public keys that the file says it is for.
    pub(crate) fn recipients(&self) -> Result<Vec<String>, Error> {
        let document = self.document()?;
        let stanzas = document.groups().iter().flat_map(|group| &group.age);
        Ok(stanzas.map(|stanza| stanza.recipient.clone()).collect())
    }

    /// Master keys of other kinds than age.
    pub(crate) fn foreign_keys(&self) -> Result<Vec<String>, Error> {
        Ok(self.document()?.groups().iter().flat_map(|group| group.foreign.clone()).collect())
    }

    /// The file's data key, opened by one of our identities.
    pub(crate) fn data_key(&self, document: &Document<'_>, keyring: &mut Keyring) -> Result<DataKey, Error> {
        sops::unwrap(document, keyring).map_err(|source| self.locked(source, keyring))
    }

    fn locked(&self, source: KeyError, keyring: &mut Keyring) -> Error {
        let ours = match source {
            KeyError::NotRecipient { .. } => keyring.public_keys().unwrap_or_default(),
            _ => Vec::new(),
        };
        let ours = ours.into_iter().filter_map(|(_, public)| public).collect();
        Error::Key { path: self.path.clone(), source, ours }
    }

    /// The entries of an age file.
    fn whole(&self, stanza: &Stanza, keyring: &mut Keyring) -> Result<Vec<(SecretName, SecretValue)>, Error> {
        let opened = keyring
            .open(std::slice::from_ref(stanza))
            .map_err(KeyError::Identity)
            .and_then(|opened| opened.ok_or(KeyError::NotRecipient { recipients: Vec::new(), foreign: Vec::new() }));
        let content = opened.map_err(|source| self.locked(source, keyring))?;
        let text = std::str::from_utf8(&content).map_err(|_| Error::NotText { path: self.path.clone() })?;
        body::parse(text).map_err(|source| Error::Body { path: self.path.clone(), source })
    }

    /// Decrypts every entry at the top level that has a value and a variable's name; and tells how many others there are.
    pub(crate) fn top_values(&self, keyring: &mut Keyring) -> Result<(Entries, usize), Error> {
        let document = self.document()?;
        let key = self.data_key(&document, keyring)?;
        top_values(&document, &key).map_err(|error| Error::value(&self.path, error))
    }

    /// Decrypts every entry, MAC verified, in document order. With `flatten`, `a.b` becomes `A_B`; without, it is an
    /// error. An entry that is `null` has no value and is left out.
    pub(crate) fn entries(
        &self,
        keyring: &mut Keyring,
        flatten: bool,
    ) -> Result<Vec<(SecretName, SecretValue)>, Error> {
        if let Content::Age(stanza) = &self.content {
            return self.whole(stanza, keyring);
        }
        let document = self.document()?;
        let key = self.data_key(&document, keyring)?;
        let mut entries = Vec::with_capacity(document.names().count());
        let mut seen = HashSet::new();
        let read = document.read(&key, &mut |path, text| {
            let name = if flatten { flattened(path)? } else { plain(path)? };
            if flatten && !seen.insert(name.clone()) {
                return Err(ValueError::Collision { name });
            }
            if let Some(mut text) = text {
                entries.push((name, SecretValue::new(std::mem::take(&mut *text))));
            }
            Ok(())
        });
        read.map_err(|error| Error::value(&self.path, error))?;
        Ok(entries)
    }
}

/// Names and values in document order.
pub(crate) type Entries = Vec<(SecretName, SecretValue)>;

/// See [`SecretFile::top_values`].
pub(super) fn top_values(document: &Document<'_>, key: &DataKey) -> Result<(Entries, usize), ValueError> {
    let mut entries = Vec::with_capacity(document.names().count());
    let mut others = 0;
    document.read(key, &mut |path, text| {
        match (plain(path), text) {
            (Ok(name), Some(mut text)) => entries.push((name, SecretValue::new(std::mem::take(&mut *text)))),
            (Ok(_), None) => {}
            (Err(_), _) => others += 1,
        }
        Ok(())
    })?;
    Ok((entries, others))
}

/// The name of an entry at the top level.
fn plain(path: &[Part<'_>]) -> Result<SecretName, ValueError> {
    match path {
        [Part::Name(name)] => Ok(SecretName::new(name)?),
        _ => Err(ValueError::Nested { name: sops::shown(path) }),
    }
}

/// `db.hosts.0` as `DB_HOSTS_0`.
fn flattened(path: &[Part<'_>]) -> Result<SecretName, ValueError> {
    Ok(SecretName::new(&SecretName::flattened(path.iter()))?)
}

/// Whether the file at `path` is an age file, by its name.
fn is_age(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("age"))
}

/// An age file in its armor; `None` where `bytes` are none.
fn armored(bytes: Vec<u8>) -> Option<String> {
    if bytes.starts_with(b"age-encryption.org/") {
        let mut writer =
            ArmoredWriter::wrap_output(Vec::with_capacity(bytes.len() * 3 / 2), Format::AsciiArmor).ok()?;
        writer.write_all(&bytes).ok()?;
        return String::from_utf8(writer.finish().ok()?).ok();
    }
    let text = String::from_utf8(bytes).ok()?;
    text.trim_start().starts_with("-----BEGIN AGE ENCRYPTED FILE-----").then_some(text)
}

/// How the file at `path` is laid out: by its name, then by its content.
pub(super) fn flavour(path: &Path, text: Option<&str>) -> Result<Flavour, Error> {
    if is_age(path) {
        return Err(Error::Whole { path: path.to_owned() });
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "json" => Ok(Flavour::Json),
        "env" | "dotenv" => Ok(Flavour::Dotenv),
        "yaml" | "yml" => Ok(Flavour::Yaml),
        "ini" => Ok(Flavour::Ini),
        _ if name == ".env" || name.starts_with(".env.") => Ok(Flavour::Dotenv),
        _ if text.is_some_and(|text| !text.trim_start().starts_with('{')) => Ok(Flavour::Dotenv),
        _ => Ok(Flavour::Json),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn nested_names_are_joined_in_capitals() {
        let path = [Part::Name(Cow::Borrowed("db")), Part::Name(Cow::Borrowed("user-names")), Part::Index(0)];
        assert_eq!(flattened(&path).unwrap().as_str(), "DB_USER_NAMES_0");
        assert!(plain(&path).is_err());
    }

    #[test]
    fn the_flavour_follows_the_name_then_the_content() {
        let of = |name: &str, text: &str| flavour(Path::new(name), Some(text));
        assert_eq!(of("dev.json", "").unwrap(), Flavour::Json);
        assert_eq!(of(".env.prod", "").unwrap(), Flavour::Dotenv);
        assert_eq!(of("secrets", " {").unwrap(), Flavour::Json);
        assert_eq!(of("secrets", "A=1").unwrap(), Flavour::Dotenv);
        assert_eq!(of("a.yaml", "").unwrap(), Flavour::Yaml);
        assert_eq!(of("a.YML", "").unwrap(), Flavour::Yaml);
    }
}
