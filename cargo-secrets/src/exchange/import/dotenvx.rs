//! An encrypted `.env` file of dotenvx: `encrypted:` values, each for one secp256k1 key (ECIES as the crate `ecies` has it).
//!
//! The private key is looked for where dotenvx does: in the environment, then in `.env.keys` beside the file. **A value is
//! taken as it was encrypted**; dotenvx goes on to expand `$` in it, which is said.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use zeroize::{Zeroize as _, Zeroizing};

use super::{Entry, Error, Fault, Format, Found, Source, Trouble, dotenvy, entries};
use crate::secret::SecretValue;
use crate::store::Keyring;

pub(super) const FORMAT: Format = Format {
    name: "dotenvx",
    about: "An encrypted .env file of dotenvx, with DOTENV_PRIVATE_KEY… or the .env.keys beside it",
    encrypted: true,
    looks: |source| ["=\"encrypted:", "=encrypted:", "='encrypted:"].iter().any(|start| source.text.contains(start)),
    read: |source, _: &mut Keyring| read(source),
};

const MARK: &str = "encrypted:";
const PUBLIC: &str = "DOTENV_PUBLIC_KEY";
const PRIVATE: &str = "DOTENV_PRIVATE_KEY";

#[expect(clippy::disallowed_methods, reason = "what is encrypted is opened, what is not is taken as it is")]
fn read(source: &Source<'_>) -> Result<Found, Error> {
    let all = entries(source, dotenvy::read(source.text))?.entries;
    let suffix = all.iter().find_map(|entry| entry.name.strip_prefix(PUBLIC)).unwrap_or_default();
    let keys = keys(source, &format!("{PRIVATE}{suffix}"))?;
    let mut found = Found { how: Some("dotenvx".to_owned()), ..Found::default() };
    let mut expanded = Vec::new();
    for Entry { name, value, line } in all.into_iter().filter(|entry| !entry.name.starts_with(PUBLIC)) {
        let text = value.expose_secret();
        let value = match text.strip_prefix(MARK) {
            Some(sealed) => open(sealed, &keys),
            // Its own reading of these differs from dotenvy's.
            None if text.contains(['`', '$', '\\']) => Err(Trouble::Expands),
            None => Ok(value),
        };
        match value {
            Ok(value) => {
                if value.expose_secret().contains('$') {
                    expanded.push(name.clone());
                }
                found.entries.push(Entry { name, value, line });
            }
            Err(why) => found.left_out.push(Fault { line, name, why }),
        }
    }
    if !expanded.is_empty() {
        found.remarks.push(("dotenvx expands the `$` in these, which are taken as they stand", expanded));
    }
    Ok(found)
}

/// The private keys of that name: more than one where keys were changed.
#[expect(clippy::disallowed_methods, reason = "the keys open the values")]
fn keys(source: &Source<'_>, name: &str) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
    let missing = || Error::NoKey { input: source.shown(), name: name.into() };
    let mut text = std::env::var(name).ok().filter(|text| !text.is_empty()).map(Zeroizing::new);
    if text.is_none() {
        let path = source.path.map(|path| path.with_file_name(".env.keys")).filter(|path| path.exists());
        let path = path.ok_or_else(missing)?;
        let file = source.beside(&path)?;
        let key_source = Source { path: Some(&path), text: &file, ..*source };
        let kept = entries(&key_source, dotenvy::read(&file))?.entries;
        let kept = kept.into_iter().find(|entry| entry.name == name).ok_or_else(missing)?;
        text = Some(Zeroizing::new(kept.value.expose_secret().to_owned()));
    }
    let text = text.unwrap_or_default();
    let keys: Option<Vec<_>> = text.split(',').map(|key| unhex(key.trim())).collect();
    keys.filter(|keys| !keys.is_empty()).ok_or_else(missing)
}

/// A private key of 32 bytes in hexadecimal.
fn unhex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() != 64 {
        return None;
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(32));
    for at in (0..64).step_by(2) {
        bytes.push(u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?);
    }
    Some(bytes)
}

/// One value, by the first key that fits.
fn open(sealed: &str, keys: &[Zeroizing<Vec<u8>>]) -> Result<SecretValue, Trouble> {
    let sealed = STANDARD.decode(sealed.trim()).map_err(|_| Trouble::Damaged)?;
    let opened = keys.iter().find_map(|key| ecies::decrypt(key, &sealed).ok()).ok_or(Trouble::WrongKey)?;
    match String::from_utf8(opened) {
        Ok(text) => Ok(SecretValue::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(Trouble::Damaged)
        }
    }
}
