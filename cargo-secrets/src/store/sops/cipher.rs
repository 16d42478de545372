//! One encrypted value: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]` (SOPS 3.11, `aes/cipher.go`).
//!
//! AES-256-GCM with a 32-byte IV; the additional data is the key path, each part followed by `:`. **The type tag is
//! not authenticated**: whoever can write the file can change it, so a type never changes more than a value's spelling.

use aes_gcm::aead::array::Array;
use aes_gcm::aead::consts::{U16, U32};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize, Zeroizing};

type Gcm = aes_gcm::AesGcm<Aes256, U32>;

/// The length of 32 bytes in base64.
const IV_BASE64: usize = 44;
/// The length of 16 bytes in base64.
const TAG_BASE64: usize = 24;
const PREFIX: &str = "ENC[AES256_GCM,data:";

/// The 32 bytes that encrypt all values of one file; wiped when dropped.
pub(crate) struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// A new random key from the operating system.
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut())?;
        Ok(Self(key))
    }

    /// Takes 32 bytes as a key; `None` for any other length.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    /// The key's bytes, for wrapping them to a recipient.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// What SOPS says a decrypted text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    /// Text.
    Str,
    /// A decimal integer.
    Int,
    /// A floating-point number, written without exponent.
    Float,
    /// `True` or `False`.
    Bool,
    /// An RFC 3339 time.
    Time,
    /// A comment; it is outside the MAC.
    Comment,
}

impl ValueType {
    fn parse(tag: &str) -> Option<Self> {
        Some(match tag {
            "str" => Self::Str,
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "time" => Self::Time,
            "comment" => Self::Comment,
            _ => return None,
        })
    }
}

/// Why a value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CipherError {
    /// Not of the form `ENC[…]`, or not base64 inside.
    #[error("is not a value encrypted by SOPS")]
    Malformed,
    /// A type tag that SOPS itself cannot read.
    #[error("has a type that SOPS does not know")]
    UnknownType,
    /// The tag does not match: another key, another place, or changed bytes.
    #[error("does not decrypt: it was changed, or moved here from another name or file")]
    Unauthentic,
    /// The plaintext is not UTF-8.
    #[error("is not UTF-8 text once decrypted")]
    NotText,
}

/// A parsed `ENC[…]`; the fields are still base64.
pub(crate) struct Encrypted<'a> {
    data: &'a str,
    iv: &'a str,
    tag: &'a str,
    value_type: ValueType,
}

impl<'a> Encrypted<'a> {
    /// Takes `text` apart. The whole text must be one value: SOPS itself overlooks what follows the `]`.
    pub(crate) fn parse(text: &'a str) -> Result<Self, CipherError> {
        // All but the data has its known length, so the parts are cut off at the end, without a search.
        let split = || {
            let (rest, value_type) = text.strip_prefix(PREFIX)?.strip_suffix(']')?.rsplit_once(':')?;
            let rest = rest.strip_suffix(",type")?;
            let (rest, tag) = rest.split_at_checked(rest.len().checked_sub(TAG_BASE64)?)?;
            let rest = rest.strip_suffix(",tag:")?;
            let (rest, iv) = rest.split_at_checked(rest.len().checked_sub(IV_BASE64)?)?;
            Some((rest.strip_suffix(",iv:")?, iv, tag, value_type))
        };
        let (data, iv, tag, value_type) = split().ok_or(CipherError::Malformed)?;
        let value_type = ValueType::parse(value_type).ok_or(CipherError::UnknownType)?;
        Ok(Self { data, iv, tag, value_type })
    }

    /// Whether `text` looks like a SOPS value.
    pub(crate) fn looks_like(text: &str) -> bool {
        text.starts_with("ENC[")
    }
}

/// A value that was opened.
pub(crate) struct Opened {
    /// The plaintext.
    pub(crate) text: Zeroizing<String>,
    /// What it stands for.
    pub(crate) value_type: ValueType,
}

/// Opens and seals the values of one file: the key is scheduled once.
pub(crate) struct Cipher(Gcm);

impl Cipher {
    /// Prepares the data key.
    pub(crate) fn new(key: &DataKey) -> Self {
        let mut bytes: Array<u8, U32> = Array::default();
        bytes.copy_from_slice(key.as_bytes());
        let cipher = Self(Gcm::new(&bytes));
        bytes.as_mut_slice().zeroize();
        cipher
    }

    /// Decrypts `value`, which stands at `place` (the key path, each part followed by `:`).
    pub(crate) fn open(&self, value: &Encrypted<'_>, place: &str) -> Result<Opened, CipherError> {
        let mut iv: Array<u8, U32> = Array::default();
        let mut tag: Array<u8, U16> = Array::default();
        decode_exactly(value.iv, &mut iv)?;
        decode_exactly(value.tag, &mut tag)?;
        let mut text = vec![0; decoded_len(value.data)];
        decode_exactly(value.data, &mut text)?;
        if self.0.decrypt_inout_detached(&iv, place.as_bytes(), text.as_mut_slice().into(), &tag).is_err() {
            return Err(CipherError::Unauthentic);
        }
        match String::from_utf8(text) {
            Ok(text) => Ok(Opened { text: Zeroizing::new(text), value_type: value.value_type }),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(CipherError::NotText)
            }
        }
    }

    /// Encrypts `text` as a string for `place`, with a fresh IV.
    pub(crate) fn seal(&self, text: &str, place: &str) -> Result<String, getrandom::Error> {
        let mut iv: Array<u8, U32> = Array::default();
        getrandom::fill(&mut iv)?;
        let mut data = text.as_bytes().to_vec();
        // GCM's only failure is a text of more than 64 GiB, which no file of ours can hold.
        let Ok(tag) = self.0.encrypt_inout_detached(&iv, place.as_bytes(), data.as_mut_slice().into()) else {
            data.zeroize();
            return Err(getrandom::Error::UNEXPECTED);
        };
        let [data, iv, tag] = [data.as_slice(), iv.as_slice(), tag.as_slice()].map(|bytes| STANDARD.encode(bytes));
        Ok(format!("{PREFIX}{data},iv:{iv},tag:{tag},type:str]"))
    }
}

/// How many bytes padded base64 stands for.
fn decoded_len(text: &str) -> usize {
    let padding = text.bytes().rev().take(2).take_while(|byte| *byte == b'=').count();
    (text.len() / 4 * 3).saturating_sub(padding)
}

/// Decodes base64 that must fill `out` exactly. A buffer of the right size is never moved, so no copy stays behind.
fn decode_exactly(text: &str, out: &mut [u8]) -> Result<(), CipherError> {
    if !text.len().is_multiple_of(4) || decoded_len(text) != out.len() {
        return Err(CipherError::Malformed);
    }
    match STANDARD.decode_slice(text, out) {
        Ok(written) if written == out.len() => Ok(()),
        _ => Err(CipherError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher() -> Cipher {
        Cipher::new(&DataKey::from_bytes(&[7; 32]).unwrap())
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_only() {
        let sealed = cipher().seal("häßlich", "A:").unwrap();
        let parsed = Encrypted::parse(&sealed).unwrap();
        assert_eq!(*cipher().open(&parsed, "A:").unwrap().text, "häßlich");
        assert_eq!(cipher().open(&parsed, "B:").err(), Some(CipherError::Unauthentic));
    }

    #[test]
    fn the_same_value_sealed_twice_looks_different() {
        assert_ne!(cipher().seal("x", "A:").unwrap(), cipher().seal("x", "A:").unwrap());
    }

    #[test]
    fn every_length_survives_and_no_spare_capacity_is_left() {
        for length in 1..70 {
            let text = "x".repeat(length);
            let sealed = cipher().seal(&text, "A:").unwrap();
            let opened = cipher().open(&Encrypted::parse(&sealed).unwrap(), "A:").unwrap();
            assert_eq!((opened.text.as_str(), opened.text.capacity()), (text.as_str(), length));
        }
    }

    #[test]
    fn base64_of_any_other_shape_is_an_error() {
        let sealed = cipher().seal("hello", "A:").unwrap();
        let (_, rest) = sealed.split_once(",iv:").unwrap();
        for data in
            ["=", "==", "===", "====", "=====", "A", "AA", "AAA", "A===", "AA=A", "=AAA", "AAAA=", "AAAA====", ""]
        {
            let text = format!("{PREFIX}{data},iv:{rest}");
            let opened = Encrypted::parse(&text).and_then(|value| cipher().open(&value, "A:"));
            assert!(opened.is_err(), "{data}");
        }
    }

    #[test]
    fn text_after_the_value_is_refused() {
        let sealed = cipher().seal("x", "A:").unwrap() + "x";
        assert!(Encrypted::parse(&sealed).is_err());
    }

    #[test]
    fn the_type_bytes_that_makes_sops_panic_is_an_error() {
        let sealed = cipher().seal("x", "A:").unwrap().replace("type:str", "type:bytes");
        assert_eq!(Encrypted::parse(&sealed).err(), Some(CipherError::UnknownType));
    }
}
