//! New random values: `hex:32`, `base64:32`, `alnum:40`, `uuid`, `words:6`, `ed25519`.
//!
//! All randomness is the operating system's. Lengths have a floor of 128 bits, so that no value made here is weak.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::EncodePublicKey as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, KeypairBytes};
use zeroize::Zeroizing;

use super::SecretValue;

/// The EFF's long list, a word a line.
const WORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/words.txt"));

const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generator {
    /// That many random bytes in hexadecimal.
    Hex(usize),
    /// That many random bytes in base64.
    Base64(usize),
    /// That many letters and digits.
    Alphanumeric(usize),
    /// A version 4 UUID (RFC 9562): 122 random bits.
    Uuid,
    /// That many words of the EFF's long list, 12.9 bits each, with `-` between them.
    Words(usize),
    /// A private key in PKCS #8 PEM (RFC 8410).
    Ed25519,
}

/// No generator, or one that would be weak.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// Not one of the known forms; what was typed may be a value, so it is not shown.
    #[error("there is no such generator")]
    Unknown,
    /// A length out of bounds.
    #[error("`{kind}` takes a length from {least} to {most}")]
    Length {
        /// Which generator.
        kind: &'static str,
        /// The shortest that is not weak.
        least: usize,
        /// The longest.
        most: usize,
    },
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
}

impl Error {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Unknown => Some("hex:32, base64:32, alnum:40, uuid, words:6 or ed25519".to_owned()),
            Self::Length { kind, least, .. } => Some(format!("{kind}:{least}, or more")),
            Self::Random => None,
        }
    }
}

/// A generated value, and what of it may be shown.
pub(crate) struct Generated {
    /// The value.
    pub(crate) value: SecretValue,
    /// The public half of a key pair, PEM.
    pub(crate) public: Option<String>,
}

impl std::str::FromStr for Generator {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (kind, length) = match text.split_once(':') {
            Some((kind, length)) => (kind, Some(length.parse::<usize>().map_err(|_| Error::Unknown)?)),
            None => (text, None),
        };
        let within = |kind, least, default, most| match length.unwrap_or(default) {
            length if (least..=most).contains(&length) => Ok(length),
            _ => Err(Error::Length { kind, least, most }),
        };
        match kind {
            "hex" => within("hex", 16, 32, 1024).map(Self::Hex),
            "base64" => within("base64", 16, 32, 1024).map(Self::Base64),
            "alnum" => within("alnum", 22, 40, 1024).map(Self::Alphanumeric),
            "words" => within("words", 6, 6, 64).map(Self::Words),
            "uuid" if length.is_none() => Ok(Self::Uuid),
            "ed25519" if length.is_none() => Ok(Self::Ed25519),
            _ => Err(Error::Unknown),
        }
    }
}

impl Generator {
    /// Makes a value.
    pub(crate) fn generate(self) -> Result<Generated, Error> {
        let mut public = None;
        let text = match self {
            Self::Hex(bytes) => hex(&random(bytes)?),
            Self::Base64(bytes) => STANDARD.encode(random(bytes)?.as_slice()),
            Self::Alphanumeric(length) => pick(ALPHANUMERIC, length)?.into_iter().map(char::from).collect(),
            Self::Uuid => uuid::Uuid::new_v4().to_string(),
            Self::Words(count) => pick(&WORDS.lines().collect::<Vec<_>>(), count)?.join("-"),
            Self::Ed25519 => {
                let (private, public_half) = ed25519()?;
                public = Some(public_half);
                private
            }
        };
        Ok(Generated { value: SecretValue::new(text), public })
    }
}

fn random(bytes: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut buffer = Zeroizing::new(vec![0; bytes]);
    getrandom::fill(&mut buffer).map_err(|_| Error::Random)?;
    Ok(buffer)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Draws `count` items, each equally likely: numbers beyond the last full multiple are thrown away.
fn pick<T: Copy>(items: &[T], count: usize) -> Result<Vec<T>, Error> {
    let size = u32::try_from(items.len()).map_err(|_| Error::Random)?;
    let limit = u32::MAX - u32::MAX % size;
    let mut picked = Vec::with_capacity(count);
    while picked.len() < count {
        let number = getrandom::u32().map_err(|_| Error::Random)?;
        let index = usize::try_from(number % size).map_err(|_| Error::Random)?;
        if number < limit
            && let Some(item) = items.get(index)
        {
            picked.push(*item);
        }
    }
    Ok(picked)
}

/// A key pair: the private key as PKCS #8 without the public key, which OpenSSL reads in every version.
fn ed25519() -> Result<(String, String), Error> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|_| Error::Random)?;
    let key = SigningKey::from_bytes(&seed);
    let public = key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(|_| Error::Random)?;
    let pair = KeypairBytes { secret_key: *seed, public_key: None };
    let private = pair.to_pkcs8_pem(LineEnding::LF).map_err(|_| Error::Random)?;
    Ok((private.as_str().to_owned(), public))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at what they generated")]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn generated(spec: &str) -> String {
        spec.parse::<Generator>().unwrap().generate().unwrap().value.expose_secret().to_owned()
    }

    #[test]
    fn each_form_has_its_shape() {
        assert_eq!(generated("hex:32").len(), 64);
        assert_eq!(generated("base64:32").len(), 44);
        assert!(generated("alnum:40").bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_eq!(generated("alnum:40").len(), 40);
        assert_eq!(generated("uuid").len(), 36);
        assert!(generated("words:6").split('-').count() >= 6);
        assert!(generated("ed25519").starts_with("-----BEGIN PRIVATE KEY-----\n"));
    }

    #[test]
    fn two_values_differ() {
        for spec in ["hex:32", "base64:32", "alnum:40", "uuid", "words:6", "ed25519"] {
            assert_ne!(generated(spec), generated(spec), "{spec}");
        }
    }

    #[test]
    fn weak_and_unknown_generators_are_refused() {
        for spec in ["hex:4", "alnum:8", "words:2", "hex:x", "rot13", "uuid:3", "", "hex:99999999999999999999"] {
            assert!(spec.parse::<Generator>().is_err(), "{spec}");
        }
    }
}
