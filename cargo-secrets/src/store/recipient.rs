//! Recipients: the public keys a data key is wrapped for.

use std::io::Write;

use age::Encryptor;
use age::armor::{ArmoredWriter, Format};

use super::sops::{DataKey, Stanza};

use super::identity::same_key;
use crate::secret::shown;

/// A public key that age can encrypt to.
pub(crate) enum Recipient {
    /// `age1…`.
    X25519(age::x25519::Recipient),
    /// `ssh-ed25519 …` or `ssh-rsa …`.
    Ssh(age::ssh::Recipient),
}

/// A text is no public key that age can use, or nothing could be encrypted to it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Neither kind; what was given may be a private key, so it is not shown.
    #[error("a recipient is no age or SSH public key")]
    Unreadable,
    /// age refused.
    #[error("failed to encrypt the data key for `{text}`")]
    Wrap {
        /// The key, cut.
        text: String,
    },
}

impl Recipient {
    /// Reads a public key.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let age = text.parse().map(Self::X25519);
        age.or_else(|_| text.parse().map(Self::Ssh)).map_err(|_| Error::Unreadable)
    }
}

/// Wraps `key` for the public key `text`, in the armor that SOPS keeps.
pub(crate) fn wrap(key: &DataKey, text: &str) -> Result<Stanza, Error> {
    let recipient = Recipient::parse(text)?;
    let recipient: &dyn age::Recipient = match &recipient {
        Recipient::X25519(recipient) => recipient,
        Recipient::Ssh(recipient) => recipient,
    };
    let encrypt = || -> Option<Vec<u8>> {
        let encryptor = Encryptor::with_recipients(std::iter::once(recipient)).ok()?;
        let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).ok()?;
        let mut writer = encryptor.wrap_output(armor).ok()?;
        writer.write_all(key.as_bytes()).ok()?;
        writer.finish().ok()?.finish().ok()
    };
    let enc = encrypt().and_then(|armored| String::from_utf8(armored).ok());
    let enc = enc.ok_or_else(|| Error::Wrap { text: shown(text, 40) })?;
    Ok(Stanza { recipient: text.to_owned(), enc })
}

/// The keys that are only declared, and those that are only stored.
pub(crate) fn difference(declared: &[String], stored: &[String]) -> (Vec<String>, Vec<String>) {
    let without = |keys: &[String], others: &[String]| -> Vec<String> {
        keys.iter().filter(|key| !others.iter().any(|other| same_key(key, other))).cloned().collect()
    };
    (without(declared, stored), without(stored, declared))
}
