//! A `fnox.toml`: values encrypted with age, each on its own (base64 of an age file), and defaults.
//!
//! **What another provider keeps is told, not fetched.** Files that it imports or that stand in folders above are files of
//! their own.

use std::collections::BTreeMap;
use std::io::Write as _;

use age::armor::{ArmoredWriter, Format as Armor};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use toml::Spanned;
use zeroize::Zeroize as _;

use super::{Entry, Error, Fault, Format, Found, Source, Trouble, toml_error};
use crate::secret::SecretValue;
use crate::store::Keyring;
use crate::store::sops::{Opener as _, Stanza};

pub(super) const FORMAT: Format = Format {
    name: "fnox",
    about: "fnox.toml with values encrypted by age; the profile has the environment's name",
    encrypted: true,
    looks: |source| source.file_name().starts_with("fnox.") && source.extension() == "toml",
    read,
};

/// The whole file: a profile of its own, and others. (Not flattened: that would lose the places.)
#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    providers: BTreeMap<String, Provider>,
    default_provider: Option<String>,
    #[serde(default)]
    secrets: BTreeMap<String, Spanned<Secret>>,
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
}

#[derive(Default, Deserialize)]
struct Profile {
    #[serde(default)]
    providers: BTreeMap<String, Provider>,
    default_provider: Option<String>,
    #[serde(default)]
    secrets: BTreeMap<String, Spanned<Secret>>,
}

#[derive(Deserialize)]
struct Provider {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Secret {
    provider: Option<String>,
    value: Option<String>,
    default: Option<String>,
}

fn read(source: &Source<'_>, keyring: &mut Keyring) -> Result<Found, Error> {
    let config = toml::from_str(source.text).map_err(|error| toml_error(source, &error))?;
    let Config { providers, default_provider, secrets, mut profiles } = config;
    let mut root = Profile { providers, default_provider, secrets };
    let mut how = "fnox".to_owned();
    if let Some(profile) = profiles.remove(source.environment) {
        how = format!("fnox, with its profile `{}`", source.environment);
        root.providers.extend(profile.providers);
        root.secrets.extend(profile.secrets);
        root.default_provider = profile.default_provider.or(root.default_provider);
    }
    let mut found = Found { how: Some(how), ..Found::default() };
    for (name, secret) in std::mem::take(&mut root.secrets) {
        let line = source.line_of(secret.span().start);
        match value(source, &root, secret.into_inner(), keyring)? {
            Ok(value) => found.entries.push(Entry { name, value, line }),
            Err(why) => found.left_out.push(Fault { line, name, why }),
        }
    }
    Ok(found)
}

/// The value of one secret; the inner error is of this secret alone.
fn value(
    source: &Source<'_>,
    config: &Profile,
    secret: Secret,
    keyring: &mut Keyring,
) -> Result<Result<SecretValue, Trouble>, Error> {
    let only = || config.providers.keys().next().filter(|_| config.providers.len() == 1);
    let provider = secret.provider.as_ref().or(config.default_provider.as_ref()).or_else(only);
    let kind = provider.and_then(|name| config.providers.get(name)).and_then(|provider| provider.kind.as_deref());
    Ok(match (secret.value, secret.default, kind) {
        (Some(value), _, Some("age")) => open(source, &value, keyring)?,
        (Some(value), _, Some("plain")) | (None, Some(value), _) => Ok(SecretValue::new(value)),
        (Some(_), ..) => Err(Trouble::Elsewhere),
        (None, None, _) => Err(Trouble::Missing),
    })
}

/// Opens one value with our identities.
fn open(source: &Source<'_>, value: &str, keyring: &mut Keyring) -> Result<Result<SecretValue, Trouble>, Error> {
    let Some(enc) = armored(value) else { return Ok(Err(Trouble::Damaged)) };
    let opened = keyring.open(&[Stanza { recipient: String::new(), enc }])?;
    let Some(mut bytes) = opened else { return Err(Error::Locked { input: source.shown() }) };
    Ok(match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(SecretValue::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(Trouble::Damaged)
        }
    })
}

/// The age file that a value is in base64, in its armor.
fn armored(value: &str) -> Option<String> {
    let bytes = STANDARD.decode(value.trim()).ok()?;
    let mut writer = ArmoredWriter::wrap_output(Vec::new(), Armor::AsciiArmor).ok()?;
    writer.write_all(&bytes).ok()?;
    String::from_utf8(writer.finish().ok()?).ok()
}
