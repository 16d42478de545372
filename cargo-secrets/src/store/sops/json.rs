//! The JSON flavour: entries with their places in the text, and edits that leave every other byte alone.
//!
//! Parsed by `serde_json`, which hands out each value's raw text; its place follows from its address within the file.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::tree::{Item, MAX_DEPTH, Node};
use super::{Document, Edit, Flavour, FormatError, metadata};

/// The one top-level entry that is not a secret.
const METADATA: &str = "sops";

/// Reads a JSON file.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, FormatError> {
    if !text.trim_ascii_start().starts_with('{') {
        return Err(FormatError::NotObject);
    }
    let mut items = map(text, text, 0)?;
    let at = items.iter().position(|item| item.key == METADATA).ok_or(FormatError::NotSops)?;
    let metadata_at = items.remove(at).span;
    let raw = text.get(metadata_at.clone()).ok_or(FormatError::NotSops)?;
    let metadata = metadata::from_json(text, raw)?;
    Ok(Document { flavour: Flavour::Json, text, items, metadata, metadata_at: Some(metadata_at) })
}

/// A map's entries, the places counted within `file`.
pub(crate) fn map<'a>(file: &'a str, raw: &'a str, depth: usize) -> Result<Vec<Item<'a>>, FormatError> {
    let Entries(entries) = serde_json::from_str(raw).map_err(|error| FormatError::json(file, raw, &error))?;
    unique(entries.iter().map(|(key, _)| key.as_ref()))?;
    entries
        .into_iter()
        .map(|(key, value)| {
            let node = node(file, value.get(), depth)?;
            Ok(Item { key, node, span: place(file, value.get()) })
        })
        .collect()
}

fn list<'a>(file: &'a str, raw: &'a str, depth: usize) -> Result<Vec<Item<'a>>, FormatError> {
    let Elements(elements) = serde_json::from_str(raw).map_err(|error| FormatError::json(file, raw, &error))?;
    let item = |value: &'a RawValue| {
        let node = node(file, value.get(), depth)?;
        Ok(Item { key: Cow::Borrowed(""), node, span: place(file, value.get()) })
    };
    elements.into_iter().map(item).collect()
}

fn node<'a>(file: &'a str, raw: &'a str, depth: usize) -> Result<Node<'a>, FormatError> {
    if depth >= MAX_DEPTH {
        return Err(FormatError::TooDeep);
    }
    Ok(match raw.as_bytes().first() {
        Some(b'{') => Node::Map(map(file, raw, depth + 1)?),
        Some(b'[') => Node::List(list(file, raw, depth + 1)?),
        Some(b'"') => Node::Text(text(file, raw)?),
        Some(b't') => Node::Bool(true),
        Some(b'f') => Node::Bool(false),
        Some(b'n') => Node::Null,
        _ => Node::Number(raw),
    })
}

/// A string's text; borrowed where it has no escapes, as every encrypted value has none.
fn text<'a>(file: &'a str, raw: &'a str) -> Result<Cow<'a, str>, FormatError> {
    match raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) {
        Some(inner) if !inner.contains('\\') => Ok(Cow::Borrowed(inner)),
        _ => match serde_json::from_str::<String>(raw) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(error) => Err(FormatError::json(file, raw, &error)),
        },
    }
}

/// Refuses two entries of one name: which of them counts differs between readers.
pub(crate) fn unique<'k>(keys: impl Iterator<Item = &'k str>) -> Result<(), FormatError> {
    let mut keys: Vec<_> = keys.collect();
    keys.sort_unstable();
    match keys.iter().zip(keys.iter().skip(1)).find(|(one, other)| one == other) {
        Some((name, _)) => Err(FormatError::Duplicate { name: name.escape_debug().take(60).collect(), line: None }),
        None => Ok(()),
    }
}

/// Where `part`, a slice of `file`, stands in it.
pub(crate) fn place(file: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(file.as_ptr() as usize);
    start..start + part.len()
}

/// The text of a JSON string literal for `value`.
pub(crate) fn literal(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// The edit that gives entry `name` the text `raw` (JSON), replacing or adding it.
pub(crate) fn put(document: &Document<'_>, name: &str, raw: &str) -> Edit {
    if let Some(item) = document.items.iter().find(|item| item.key == name) {
        return Edit { span: item.span.clone(), text: raw.to_owned() };
    }
    let key = literal(name);
    let Some(last) = document.items.last() else {
        // Only the metadata stands there: the new entry goes in front of it, laid out as it is.
        let separator = separator(document.text, None, document.text.len());
        return Edit { span: separator.key..separator.key, text: format!("{key}: {raw},{}", separator.indent) };
    };
    let before = document.items.iter().rev().nth(1).map(|item| item.span.end);
    let separator = separator(document.text, before, last.span.start);
    Edit { span: last.span.end..last.span.end, text: format!(",{}{key}: {raw}", separator.indent) }
}

/// The edit that removes entry number `index`, with the comma that goes with it.
pub(crate) fn remove(document: &Document<'_>, index: usize) -> Option<Edit> {
    let item = document.items.get(index)?;
    let ends = document.items.iter().map(|item| item.span.end).chain(document.metadata_at.iter().map(|at| at.end));
    let span = if let Some(before) = ends.filter(|end| *end <= item.span.start).max() {
        before..item.span.end
    } else {
        let start = separator(document.text, None, item.span.start).key;
        let tail = document.text.get(item.span.end..)?;
        let next = tail.find('"').map_or(item.span.end, |offset| item.span.end + offset);
        start..next
    };
    Some(Edit { span, text: String::new() })
}

/// The white space in front of a key, and where the key begins.
struct Separator<'a> {
    indent: &'a str,
    key: usize,
}

/// What separates the entry that ends at `before` (or the opening brace) from the next one, which begins before `limit`.
fn separator(text: &str, before: Option<usize>, limit: usize) -> Separator<'_> {
    let from = before.or_else(|| text.find('{').map(|brace| brace + 1)).unwrap_or(0);
    let gap = text.get(from..limit).unwrap_or_default();
    let key = gap.find('"').unwrap_or(0);
    let indent = gap.get(..key).unwrap_or_default();
    Separator { indent: indent.trim_start_matches([',', ' ']), key: from + key }
}

/// A map's keys and raw values in order, duplicates kept.
struct Entries<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keep;
        impl<'de> Visitor<'de> for Keep {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(Key(key)) = access.next_key()? {
                    entries.push((key, access.next_value()?));
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Keep)
    }
}

/// A list's raw values in order.
struct Elements<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keep;
        impl<'de> Visitor<'de> for Keep {
            type Value = Elements<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Elements<'de>, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = access.next_element()? {
                    elements.push(element);
                }
                Ok(Elements(elements))
            }
        }
        deserializer.deserialize_seq(Keep)
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keep;
        impl<'de> Visitor<'de> for Keep {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON string")
            }

            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Keep).map_err(D::Error::custom)
    }
}
