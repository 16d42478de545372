//! Recipients: the public keys a data key is wrapped for.

use std::io::Write;

use age::Encryptor;
use age::armor::{ArmoredWriter, Format};
use age::plugin::RecipientPluginV1;

use super::sops::{DataKey, Stanza};

use super::identity::same_key;
use super::plugin::{self, PluginError, Talk};
use crate::secret::shown;

/// A public key that age can encrypt to.
pub(crate) enum Recipient {
    /// `age1…`.
    X25519(age::x25519::Recipient),
    /// `ssh-ed25519 …` or `ssh-rsa …`.
    Ssh(age::ssh::Recipient),
    /// `age1NAME1…`: a plugin encrypts to it.
    Plugin(age::plugin::Recipient),
}

/// A text is no public key that age can use, or nothing could be encrypted to it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No public key.
    #[error("the recipient `{text}` is no age or SSH public key")]
    Unreadable {
        /// The key, cut; what does not begin as a public one may be a private one, so it is not shown.
        text: String,
    },
    /// age refused.
    #[error("failed to encrypt the data key for `{text}`")]
    Wrap {
        /// The key, cut.
        text: String,
    },
    /// A plugin's key, and no plugin.
    #[error("failed to encrypt the data key for `{text}`")]
    Plugin {
        /// The key, cut.
        text: String,
        /// Why.
        source: PluginError,
    },
}

impl Error {
    fn unreadable(text: &str) -> Self {
        let is_public = ["age1", "ssh-"].iter().any(|start| text.starts_with(start));
        Self::Unreadable { text: if is_public { shown(text, 40) } else { "…".to_owned() } }
    }

    /// What to type next.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Unreadable { .. } | Self::Wrap { .. } => {
                "correct it under `recipients` in Cargo.toml: `age1…`, `ssh-ed25519 …` or `ssh-rsa …`".to_owned()
            }
            Self::Plugin { source, .. } => source.help(),
        }
    }
}

impl Recipient {
    /// Reads a public key.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let age = text.parse().map(Self::X25519);
        let known = age.or_else(|_| text.parse().map(Self::Ssh));
        known.or_else(|_| text.parse().map(Self::Plugin)).map_err(|_| Error::unreadable(text))
    }
}

/// Wraps `key` for the public key `text`, in the armor that SOPS keeps.
pub(crate) fn wrap(key: &DataKey, text: &str) -> Result<Stanza, Error> {
    let recipient = Recipient::parse(text)?;
    let encryptor = match &recipient {
        Recipient::X25519(recipient) => encryptor(recipient).ok(),
        Recipient::Ssh(recipient) => encryptor(recipient).ok(),
        Recipient::Plugin(recipient) => {
            let refused = |source| Error::Plugin { text: shown(text, 40), source };
            Some(by_plugin(recipient).map_err(refused)?)
        }
    };
    let encrypt = || -> Option<Vec<u8>> {
        let encryptor = encryptor?;
        let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).ok()?;
        let mut writer = encryptor.wrap_output(armor).ok()?;
        writer.write_all(key.as_bytes()).ok()?;
        writer.finish().ok()?.finish().ok()
    };
    let enc = encrypt().and_then(|armored| String::from_utf8(armored).ok());
    let enc = enc.ok_or_else(|| Error::Wrap { text: shown(text, 40) })?;
    Ok(Stanza { recipient: text.to_owned(), enc })
}

fn encryptor(recipient: &dyn age::Recipient) -> Result<Encryptor, age::EncryptError> {
    Encryptor::with_recipients(std::iter::once(recipient))
}

/// Starts the recipient's plugin, which wraps the file's key.
fn by_plugin(recipient: &age::plugin::Recipient) -> Result<Encryptor, PluginError> {
    let name = recipient.plugin();
    plugin::check(name)?;
    let missing = |_| PluginError::Missing { program: plugin::program(name) };
    let plugin = RecipientPluginV1::new(name, std::slice::from_ref(recipient), &[], Talk::with(name));
    encryptor(&plugin.map_err(missing)?).map_err(|error| PluginError::encrypting(name, &error))
}

/// The keys that are only declared, and those that are only stored.
pub(crate) fn difference(declared: &[String], stored: &[String]) -> (Vec<String>, Vec<String>) {
    let without = |keys: &[String], others: &[String]| -> Vec<String> {
        keys.iter().filter(|key| !others.iter().any(|other| same_key(key, other))).cloned().collect()
    };
    (without(declared, stored), without(stored, declared))
}
