//! One identity, ready or locked, and the attempt to open a stanza with it.

use std::io::Read;

use age::armor::ArmoredReader;
use age::plugin::IdentityPluginV1;
use age::secrecy::SecretString;
use age::{Callbacks, DecryptError, Decryptor, Identity};
use zeroize::Zeroizing;

use super::error::Warning;
use super::ssh;
use crate::secret::shown;
use crate::store::plugin::{self, PluginError, Talk};
use crate::store::sops::Stanza;

/// A post-quantum public key has 2,000 characters.
const LONGEST_PUBLIC: usize = 4096;

/// An identity.
pub(crate) enum Key {
    /// An age key.
    X25519(age::x25519::Identity),
    /// An SSH key without a passphrase.
    Ssh {
        /// The private part.
        identity: age::ssh::Identity,
        /// Its public key, where the file tells.
        public: Option<String>,
    },
    /// An SSH key behind a passphrase.
    LockedSsh {
        /// The encrypted key.
        identity: age::ssh::Identity,
        /// Its public key, where the file tells.
        public: Option<String>,
    },
    /// An age file, encrypted to a passphrase, that holds identities.
    LockedAge {
        /// The file.
        file: Vec<u8>,
    },
    /// What a plugin needs to know to find the key that it holds.
    Plugin {
        /// Its words.
        identity: age::plugin::Identity,
        /// The public key that a comment above it tells.
        public: Option<String>,
    },
}

impl Key {
    /// The public key, where it is known. An age key's is computed, which is a fifth of the work of opening a file.
    pub(crate) fn public(&self) -> Option<String> {
        match self {
            Self::X25519(identity) => Some(identity.to_public().to_string()),
            Self::Ssh { public, .. } | Self::LockedSsh { public, .. } | Self::Plugin { public, .. } => public.clone(),
            Self::LockedAge { .. } => None,
        }
    }

    /// Opens the first of `stanzas` that is for this key; no passphrase is asked for.
    pub(crate) fn open(&self, stanzas: &[Stanza]) -> Option<Zeroizing<Vec<u8>>> {
        let identity: &dyn Identity = match self {
            Self::X25519(identity) => identity,
            Self::Ssh { identity, .. } => identity,
            Self::LockedSsh { .. } | Self::LockedAge { .. } | Self::Plugin { .. } => return None,
        };
        if let [only] = stanzas {
            return open_with(identity, only);
        }
        // The recipient beside a stanza is only a claim: it decides the order, not whether a stanza is tried.
        let public = self.public();
        let claims_us = |stanza: &&Stanza| public.as_ref().is_some_and(|public| same_key(&stanza.recipient, public));
        let others = stanzas.iter().filter(|stanza| !claims_us(stanza));
        stanzas.iter().filter(claims_us).chain(others).find_map(|stanza| open_with(identity, stanza))
    }
}

/// Opens the first of `stanzas` that the plugin of `identity` can open, those first that claim to be for it.
pub(crate) fn open_by_plugin(
    identity: &age::plugin::Identity,
    stanzas: &[Stanza],
) -> Result<Option<Zeroizing<Vec<u8>>>, PluginError> {
    let name = identity.plugin();
    plugin::check(name)?;
    let missing = |_| PluginError::Missing { program: plugin::program(name) };
    let plugin = IdentityPluginV1::new(name, std::slice::from_ref(identity), Talk::with(name)).map_err(missing)?;
    let start = format!("age1{name}1");
    let claims_it = |stanza: &&Stanza| stanza.recipient.starts_with(&start);
    let others = stanzas.iter().filter(|stanza| !claims_it(stanza));
    for stanza in stanzas.iter().filter(claims_it).chain(others) {
        match try_open(&plugin, stanza) {
            Ok(opened) => return Ok(Some(opened)),
            Err(error @ DecryptError::Plugin(_)) => return Err(PluginError::decrypting(name, &error)),
            Err(_) => {}
        }
    }
    Ok(None)
}

/// Whether two public keys are the same, whatever comment stands behind an SSH key.
pub(crate) fn same_key(one: &str, other: &str) -> bool {
    let essence = |key: &str| key.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>();
    essence(one) == essence(other)
}

/// Opens one stanza.
pub(crate) fn open_with(identity: &dyn Identity, stanza: &Stanza) -> Option<Zeroizing<Vec<u8>>> {
    try_open(identity, stanza).ok()
}

fn try_open(identity: &dyn Identity, stanza: &Stanza) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(stanza.enc.as_bytes()))?;
    let mut reader = decryptor.decrypt(std::iter::once(identity))?;
    // What is within is shorter than what is around it: the buffer never moves and leaves no copy behind.
    let mut content = Zeroizing::new(Vec::with_capacity(stanza.enc.len()));
    reader.read_to_end(&mut content)?;
    Ok(content)
}

/// Opens a stanza with an SSH key whose passphrase is `passphrase`.
pub(crate) fn open_locked_ssh(
    identity: &age::ssh::Identity,
    passphrase: &SecretString,
    stanza: &Stanza,
) -> Option<Zeroizing<Vec<u8>>> {
    open_with(&identity.clone().with_callbacks(Answer(passphrase.clone())), stanza)
}

/// Decrypts an identity file; `None` when the passphrase is wrong.
pub(crate) fn unlock_age(file: &[u8], passphrase: &SecretString) -> Option<Zeroizing<Vec<u8>>> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(file)).ok()?;
    if !decryptor.is_scrypt() {
        return None;
    }
    let identity = age::scrypt::Identity::new(passphrase.clone());
    let mut reader = decryptor.decrypt(std::iter::once(&identity as &dyn Identity)).ok()?;
    let mut content = Zeroizing::new(Vec::new());
    reader.read_to_end(&mut content).ok()?;
    Some(content)
}

/// Reads the identities in `content`: lines of age keys, an SSH private key, or an age file that holds them.
pub(crate) fn parse(content: &[u8], origin: &str, warnings: &mut Vec<Warning>) -> Vec<Key> {
    let is_age_file = |bytes: &[u8]| {
        bytes.starts_with(b"age-encryption.org/") || bytes.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----")
    };
    if is_age_file(content.trim_ascii_start()) {
        return vec![Key::LockedAge { file: content.to_vec() }];
    }
    let Ok(text) = std::str::from_utf8(content) else {
        warnings.push(Warning::Unsupported { origin: origin.to_owned() });
        return Vec::new();
    };
    if ssh::is_private_key(text) { parse_ssh(text, origin, warnings) } else { parse_lines(text, origin, warnings) }
}

fn parse_ssh(text: &str, origin: &str, warnings: &mut Vec<Warning>) -> Vec<Key> {
    let public = ssh::public_key(text);
    match age::ssh::Identity::from_buffer(text.as_bytes(), Some(origin.to_owned())) {
        Ok(identity @ age::ssh::Identity::Unencrypted(_)) => vec![Key::Ssh { identity, public }],
        Ok(identity @ age::ssh::Identity::Encrypted(_)) => vec![Key::LockedSsh { identity, public }],
        Ok(age::ssh::Identity::Unsupported(_)) | Err(_) => {
            warnings.push(Warning::Unsupported { origin: origin.to_owned() });
            Vec::new()
        }
    }
}

fn parse_lines(text: &str, origin: &str, warnings: &mut Vec<Warning>) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut told = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            told = comment.split_whitespace().find(|word| word.starts_with("age1")).or(told);
            continue;
        }
        if line.is_empty() {
            continue;
        }
        if let Ok(identity) = line.parse::<age::x25519::Identity>() {
            keys.push(Key::X25519(identity));
        } else if let Ok(identity) = line.parse::<age::plugin::Identity>() {
            let start = format!("age1{}1", identity.plugin());
            let public = told.take().filter(|key| key.starts_with(&start)).map(|key| shown(key, LONGEST_PUBLIC));
            keys.push(Key::Plugin { identity, public });
        } else if line.starts_with("AGE-SECRET-KEY-PQ-1") {
            warnings.push(Warning::PostQuantum { origin: origin.to_owned(), line: index + 1 });
        } else {
            warnings.push(Warning::Line { origin: origin.to_owned(), line: index + 1 });
        }
    }
    keys
}

/// Gives age the passphrase that was asked for already.
#[derive(Clone)]
struct Answer(SecretString);

impl Callbacks for Answer {
    fn display_message(&self, _: &str) {}

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn request_public_string(&self, _: &str) -> Option<String> {
        None
    }

    fn request_passphrase(&self, _: &str) -> Option<SecretString> {
        Some(self.0.clone())
    }
}
