//! One JSON object. Texts are taken as they are, numbers and truth values as they are spelled.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Entry, Error, Fault, Format, Found, Source, Trouble, without_mark};
use crate::secret::SecretValue;

pub(super) const FORMAT: Format = Format {
    name: "json",
    about: "One JSON object of texts, numbers and truth values",
    encrypted: false,
    looks: |source| source.extension() == "json" || source.text.trim_start().starts_with('{'),
    read: |source, _| read(source),
};

fn read(source: &Source<'_>) -> Result<Found, Error> {
    let text = without_mark(source.text);
    let offset = source.text.len() - text.len();
    let fault = |error: &serde_json::Error| Error::Json {
        input: source.shown(),
        line: error.line().max(1),
        column: error.column().max(1),
    };
    let Object(pairs) = serde_json::from_str(text).map_err(|error| fault(&error))?;
    let mut found = Found::default();
    for (name, raw) in pairs {
        let at = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let line = source.line_of(offset + at);
        let why = match raw.get().as_bytes().first() {
            Some(b'{' | b'[') => Trouble::Nested,
            Some(b'n') => Trouble::Null,
            Some(b'"') => {
                let text: String = serde_json::from_str(raw.get()).map_err(|error| fault(&error))?;
                found.entries.push(Entry { name, value: SecretValue::new(text), line });
                continue;
            }
            _ => {
                found.entries.push(Entry { name, value: SecretValue::new(raw.get().to_owned()), line });
                continue;
            }
        };
        found.left_out.push(Fault { line, name, why });
    }
    Ok(found)
}

/// An object's keys and raw values in order, duplicates kept.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keep;
        impl<'de> Visitor<'de> for Keep {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Object<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = access.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Keep)
    }
}
