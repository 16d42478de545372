//! A `secretspec.toml` with the values of its dotenv provider: the `.env` beside it.
//!
//! The names are those of the profile `default` and of the one with the environment's name. **What other providers keep is
//! not fetched.**

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use super::{Entry, Error, Fault, Format, Found, Source, Trouble, dotenvy, entries, toml_error};
use crate::secret::SecretValue;
use crate::store::Keyring;

pub(super) const FORMAT: Format = Format {
    name: "secretspec",
    about: "secretspec.toml and the .env beside it; the profile has the environment's name",
    encrypted: false,
    looks: |source| source.file_name() == "secretspec.toml",
    read,
};

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    profiles: BTreeMap<String, BTreeMap<String, Spanned<Value>>>,
}

fn read(source: &Source<'_>, _: &mut Keyring) -> Result<Found, Error> {
    let mut config: Config = toml::from_str(source.text).map_err(|error| toml_error(source, &error))?;
    let mut declared = config.profiles.remove("default").unwrap_or_default();
    let profile = config.profiles.remove(source.environment);
    let with = profile.as_ref().map_or_else(String::new, |_| format!(" with its profile `{}`", source.environment));
    declared.extend(profile.unwrap_or_default());

    let path = source.path.ok_or(Error::NeedsPath)?.with_file_name(".env");
    let text = source.beside(&path)?;
    let values = Source { path: Some(&path), text: &text, ..*source };
    let mut known = BTreeMap::new();
    for Entry { name, value, line } in entries(&values, dotenvy::read(&text))?.entries {
        if known.insert(name.clone(), value).is_some() {
            return Err(Error::lines(&values, vec![Fault { line, name, why: Trouble::Again }]));
        }
    }

    let how = Some(format!("secretspec{with}, values from {}", values.shown()));
    let mut found = Found { how, plaintext: Some(path.clone()), ..Found::default() };
    // A profile's own settings are no texts or tables of a secret: `defaults`.
    for (name, secret) in declared.into_iter().filter(|(name, _)| name != "defaults") {
        let line = source.line_of(secret.span().start);
        let default = || secret.get_ref().get("default")?.as_str().map(|text| SecretValue::new(text.to_owned()));
        match known.remove(&name).or_else(default) {
            Some(value) => found.entries.push(Entry { name, value, line }),
            None => found.left_out.push(Fault { line, name, why: Trouble::Missing }),
        }
    }
    let undeclared = known.into_keys().map(|name| Fault { line: 0, name, why: Trouble::Undeclared });
    found.left_out.extend(undeclared);
    Ok(found)
}
