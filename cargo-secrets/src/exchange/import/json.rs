//! One JSON object. Texts are taken as they are, numbers and truth values as they are spelled.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Entry, Error, Fault, Format, Found, Source, Trouble, without_mark};
use crate::secret::{SecretName, SecretValue};

pub(super) const FORMAT: Format = Format {
    name: "json",
    about: "One JSON object of texts, numbers and truth values",
    encrypted: false,
    looks: |source| source.extension() == "json" || source.text.trim_start().starts_with('{'),
    read: |source, _| read(source),
};

fn read(source: &Source<'_>) -> Result<Found, Error> {
    let text = without_mark(source.text);
    let mut reader = Reader { source, path: Vec::new(), found: Found::default(), counted: (0, 1) };
    let Object(pairs) = serde_json::from_str(text).map_err(|error| reader.syntax(text, &error))?;
    for (name, raw) in pairs {
        reader.value(Cow::Owned(name), raw)?;
    }
    Ok(reader.found)
}

struct Reader<'r> {
    source: &'r Source<'r>,
    path: Vec<Cow<'static, str>>,
    found: Found,
    /// A place in the text and its line: values come one after the other.
    counted: (usize, usize),
}

impl<'r> Reader<'r> {
    /// Takes only the place from `error`, which is of `part`: its text may quote a value.
    fn syntax(&mut self, part: &str, error: &serde_json::Error) -> Error {
        let line = self.line(part) + error.line().max(1) - 1;
        Error::Json { input: self.source.shown(), line, column: error.column().max(1) }
    }

    fn line(&mut self, part: &str) -> usize {
        let at = (part.as_ptr() as usize).saturating_sub(self.source.text.as_ptr() as usize);
        let (from, line) = self.counted;
        let between = self.source.text.get(from..at).unwrap_or_default();
        self.counted = (at.max(from), line + between.matches('\n').count());
        self.counted.1
    }

    /// Takes one value by its name; a nested one's values by theirs.
    fn value(&mut self, name: Cow<'static, str>, raw: &'r RawValue) -> Result<(), Error> {
        let raw = raw.get();
        let line = self.line(raw);
        self.path.push(name);
        let why = match raw.as_bytes().first() {
            Some(b'{') if self.goes_on() => {
                let Object(pairs) = serde_json::from_str(raw).map_err(|error| self.syntax(raw, &error))?;
                for (name, raw) in pairs {
                    self.value(Cow::Owned(name), raw)?;
                }
                None
            }
            Some(b'[') if self.goes_on() => {
                let all: Vec<&RawValue> = serde_json::from_str(raw).map_err(|error| self.syntax(raw, &error))?;
                for (index, raw) in all.into_iter().enumerate() {
                    self.value(Cow::Owned(index.to_string()), raw)?;
                }
                None
            }
            Some(b'{' | b'[') => Some(Trouble::Nested),
            Some(b'n') => Some(Trouble::Null),
            Some(b'"') => {
                let text: String = serde_json::from_str(raw).map_err(|error| self.syntax(raw, &error))?;
                self.found.entries.push(Entry { name: self.name(), value: SecretValue::new(text), line });
                None
            }
            _ => {
                let value = SecretValue::new(raw.to_owned());
                self.found.entries.push(Entry { name: self.name(), value, line });
                None
            }
        };
        if let Some(why) = why {
            self.found.left_out.push(Fault { line, name: self.name(), why });
        }
        self.path.pop();
        Ok(())
    }

    /// Whether what is nested here is taken: deeper than this, nobody nests a value of a variable.
    fn goes_on(&self) -> bool {
        self.source.flatten && self.path.len() < 64
    }

    fn name(&self) -> String {
        match self.path.as_slice() {
            [name] if !self.source.flatten => name.clone().into_owned(),
            path => SecretName::flattened(path.iter()),
        }
    }
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
