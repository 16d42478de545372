//! Changing a file's text: the wanted entry, the MAC and the date; then the result is read back before anyone writes it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::cipher::{Cipher, DataKey};
use super::metadata::DEFAULT_UNENCRYPTED_SUFFIX;
use super::rename::rename;
use super::tree::{Item, Node};
use super::walk::{self, Part, encrypts};
use super::{Document, Edit, EditError, Flavour, Stanza, ValueError, dotenv, json, yaml};
use crate::secret::{SecretName, SecretValue};

/// One wanted change of a file.
pub(crate) enum Change<'c> {
    /// Give `name` the value `value`.
    Set {
        /// Which entry, at the top level.
        name: &'c SecretName,
        /// Its new value.
        value: &'c SecretValue,
        /// Whether it may stand in the file unencrypted where the file's rule says so.
        plain: bool,
    },
    /// Give `name` the value `value`, unless the file holds that name.
    Add {
        /// Which entry, at the top level.
        name: &'c SecretName,
        /// Its value.
        value: &'c SecretValue,
        /// As for [`Change::Set`].
        plain: bool,
    },
    /// Give the entry `from` the name `to`, at its place.
    Rename {
        /// Which entry, at the top level.
        from: &'c SecretName,
        /// Its new name.
        to: &'c SecretName,
    },
    /// Remove `name`.
    Unset {
        /// Which entry, at the top level.
        name: &'c SecretName,
    },
}

/// Makes all of `changes` in `text`, each of a name of its own; `None` where it is as wanted already.
pub(crate) fn apply(
    text: &str,
    flavour: Flavour,
    key: &DataKey,
    changes: &[Change<'_>],
) -> Result<Option<String>, EditError> {
    if flavour == Flavour::Ini {
        return Err(EditError::ReadOnly);
    }
    match together(text, flavour, key, changes) {
        // Two removals side by side share a comma.
        Err(EditError::ReadBack | EditError::Format(_)) if changes.len() > 1 => {
            let mut result: Option<String> = None;
            for change in changes {
                let current = result.as_deref().unwrap_or(text);
                result = together(current, flavour, key, std::slice::from_ref(change))?.or(result);
            }
            Ok(result)
        }
        done => done,
    }
}

/// Makes all changes in one go: one pass over the text, one MAC.
fn together(text: &str, flavour: Flavour, key: &DataKey, changes: &[Change<'_>]) -> Result<Option<String>, EditError> {
    let document = Document::parse(text, flavour)?;
    let mut wanted = values(&document, key)?;
    let cipher = Cipher::new(key);
    let mut edits = Vec::with_capacity(changes.len());
    for change in changes {
        match change {
            Change::Add { name, .. } if find(&document, name).is_some() => {}
            Change::Set { name, value, plain } | Change::Add { name, value, plain } => {
                let edit = set(&document, &cipher, name, value, *plain)?;
                let new = Some((*value).clone());
                if wanted.get(&top(name)) != Some(&new) {
                    wanted.insert(top(name), new);
                    edits.push(edit);
                }
            }
            Change::Rename { from, to } => {
                let value = wanted.remove(&top(from)).flatten();
                edits.extend(rename(&document, &cipher, [from, to], value.as_ref())?);
                wanted.insert(top(to), value);
            }
            Change::Unset { name } => {
                wanted.retain(|path, _| path.first() != top(name).first());
                edits.push(unset(&document, name)?);
            }
        }
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let finish = || {
        let result = refresh(&splice(text, edits), flavour, &cipher)?;
        let reads_back = values(&Document::parse(&result, flavour)?, key)? == wanted;
        if reads_back { Ok(Some(result)) } else { Err(EditError::ReadBack) }
    };
    finish().map_err(|error| match changes {
        [Change::Unset { name }] if document.metadata.rule.watches_comments() => {
            EditError::UnderComment { name: (*name).clone() }
        }
        _ => error,
    })
}

/// A new file without entries, its data key wrapped in `stanzas`.
pub(crate) fn create(flavour: Flavour, key: &DataKey, stanzas: &[Stanza]) -> Result<String, EditError> {
    let empty = match flavour {
        Flavour::Json => {
            let age: Vec<_> = stanzas
                .iter()
                .map(|stanza| {
                    let [recipient, enc] = [&stanza.recipient, &stanza.enc].map(|text| json::literal(text));
                    format!("\t\t\t{{\n\t\t\t\t\"recipient\": {recipient},\n\t\t\t\t\"enc\": {enc}\n\t\t\t}}")
                })
                .collect();
            format!(
                "{{\n\t\"sops\": {{\n\t\t\"age\": [\n{}\n\t\t],\n\t\t\"lastmodified\": \"\",\n\t\t\"mac\": \"\",\n\
                 \t\t\"unencrypted_suffix\": \"{DEFAULT_UNENCRYPTED_SUFFIX}\",\n\t\t\"version\": \"3.11.0\"\n\t}}\n}}\n",
                age.join(",\n")
            )
        }
        Flavour::Yaml => yaml::empty(stanzas),
        Flavour::Ini => return Err(EditError::ReadOnly),
        Flavour::Dotenv => {
            let age = stanzas.iter().enumerate().map(|(index, stanza)| dotenv::stanza(stanza, index));
            age.collect::<String>()
                + "sops_lastmodified=\nsops_mac=\n"
                + &format!("sops_unencrypted_suffix={DEFAULT_UNENCRYPTED_SUFFIX}\nsops_version=3.11.0\n")
        }
    };
    refresh(&empty, flavour, &Cipher::new(key))
}

/// Every value of a file by its path.
pub(super) type Values = BTreeMap<Vec<Part<'static>>, Option<SecretValue>>;

/// The path of an entry at the top level.
fn top(name: &SecretName) -> Vec<Part<'static>> {
    vec![Part::Name(Cow::Owned(name.to_string()))]
}

/// Decrypts every value, the MAC verified.
pub(super) fn values(document: &Document<'_>, key: &DataKey) -> Result<Values, ValueError> {
    let mut values = BTreeMap::new();
    document.read(key, &mut |path, text| {
        let value = text.map(|mut text| SecretValue::new(std::mem::take(&mut *text)));
        values.insert(path.iter().map(Part::to_owned).collect(), value);
        Ok(())
    })?;
    Ok(values)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the value goes into the file: sealed, or plain where the rule and `plain` agree"
)]
fn set(
    document: &Document<'_>,
    cipher: &Cipher,
    name: &SecretName,
    value: &SecretValue,
    plain: bool,
) -> Result<Edit, EditError> {
    let text = value.expose_secret();
    check_name(document, name)?;
    if document.flavour == Flavour::Dotenv && text.contains("\\n") {
        return Err(EditError::DotenvNewline { name: name.clone() });
    }
    if find(document, name).is_some_and(|(_, item)| matches!(item.node, Node::Map(_) | Node::List(_))) {
        return Err(EditError::Nested { name: name.clone() });
    }
    let encrypted = encrypts(&document.metadata, &document.items, name.as_str())?;
    if !encrypted && !plain {
        return Err(EditError::LeftPlain { name: name.clone() });
    }
    let stored = match (encrypted && !text.is_empty(), document.flavour) {
        (true, _) => cipher.seal(text, &format!("{name}:"))?,
        (false, Flavour::Json | Flavour::Yaml) => text.to_owned(),
        (false, Flavour::Dotenv | Flavour::Ini) => dotenv::escape(text),
    };
    put(document, name, &stored)
}

/// Refuses a name that the flavour uses for itself.
pub(super) fn check_name(document: &Document<'_>, name: &SecretName) -> Result<(), EditError> {
    let is_metadata = match document.flavour {
        Flavour::Json | Flavour::Yaml => name.as_str() == "sops",
        Flavour::Dotenv => name.as_str().starts_with(dotenv::METADATA_PREFIX),
        Flavour::Ini => return Err(EditError::ReadOnly),
    };
    if is_metadata { Err(EditError::MetadataName { name: name.clone() }) } else { Ok(()) }
}

/// The edit that gives the entry `name` the text `stored`, replacing or adding it.
pub(super) fn put(document: &Document<'_>, name: &SecretName, stored: &str) -> Result<Edit, EditError> {
    Ok(match document.flavour {
        Flavour::Json => json::put(document, name.as_str(), &json::literal(stored)),
        Flavour::Dotenv => dotenv::put(document, name.as_str(), stored),
        Flavour::Ini => return Err(EditError::ReadOnly),
        Flavour::Yaml => yaml::put(document, name.as_str(), &yaml::plain_or_quoted(stored))?,
    })
}

fn unset(document: &Document<'_>, name: &SecretName) -> Result<Edit, EditError> {
    let not_set = || EditError::NotSet { name: name.clone() };
    let (index, _) = find(document, name).ok_or_else(not_set)?;
    let edit = match document.flavour {
        Flavour::Json => json::remove(document, index),
        Flavour::Dotenv => dotenv::remove(document, index),
        Flavour::Ini => return Err(EditError::ReadOnly),
        Flavour::Yaml => yaml::remove(document, name.as_str())?,
    };
    edit.ok_or_else(not_set)
}

/// The entry `name` at the top level, and its number.
pub(super) fn find<'d, 'a>(document: &'d Document<'a>, name: &SecretName) -> Option<(usize, &'d Item<'a>)> {
    let mut items = document.items.iter().enumerate();
    items.find(|(_, item)| item.key == name.as_str() && !matches!(item.node, Node::Comment))
}

/// Writes today's date and the MAC that fits the entries.
fn refresh(text: &str, flavour: Flavour, cipher: &Cipher) -> Result<String, EditError> {
    let document = Document::parse(text, flavour)?;
    let mac = walk::walk(&document.items, &document.metadata, cipher, &mut |_, _| Ok(()))?;
    let now = now();
    let sealed = cipher.seal(&mac, &now)?;
    let [sealed, now] = match flavour {
        Flavour::Json => [sealed, now].map(|text| json::literal(&text)),
        Flavour::Yaml => {
            let is_quoted =
                text.get(document.metadata.mac_at.clone()).is_some_and(|mac| mac.len() > 2 && mac.starts_with('"'));
            [if is_quoted { yaml::quoted(&sealed) } else { sealed }, yaml::quoted(&now)]
        }
        Flavour::Dotenv | Flavour::Ini => [sealed, now],
    };
    Ok(splice(
        text,
        vec![
            Edit { span: document.metadata.mac_at.clone(), text: sealed },
            Edit { span: document.metadata.last_modified_at.clone(), text: now },
        ],
    ))
}

/// The time as SOPS writes it: RFC 3339, UTC, whole seconds.
fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn splice(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    let mut result = String::with_capacity(text.len() + 512);
    let mut done = 0;
    for edit in edits {
        result.push_str(text.get(done..edit.span.start).unwrap_or_default());
        result.push_str(&edit.text);
        done = edit.span.end;
    }
    result.push_str(text.get(done..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stanza() -> Stanza {
        Stanza { recipient: "age1x".to_owned(), enc: "a\nb\n".to_owned() }
    }

    fn key() -> DataKey {
        DataKey::from_bytes(&[9; 32]).unwrap()
    }

    fn name(text: &str) -> SecretName {
        SecretName::new(text).unwrap()
    }

    fn with(text: &str, flavour: Flavour, entry: &str, value: &str) -> String {
        let value = SecretValue::new(value.to_owned());
        let change = Change::Set { name: &name(entry), value: &value, plain: false };
        apply(text, flavour, &key(), &[change]).unwrap().unwrap()
    }

    #[test]
    fn entries_come_and_go_in_every_flavour() {
        for flavour in [Flavour::Json, Flavour::Dotenv, Flavour::Yaml] {
            let empty = create(flavour, &key(), &[stanza()]).unwrap();
            let one = with(&empty, flavour, "A", "x");
            let two = with(&one, flavour, "B", "");
            let three = with(&two, flavour, "C", "ü\nz");
            let read = values(&Document::parse(&three, flavour).unwrap(), &key()).unwrap();
            assert_eq!(read.keys().cloned().collect::<Vec<_>>(), ["A", "B", "C"].map(|entry| top(&name(entry))));
            for gone in ["A", "B", "C"] {
                let change = Change::Unset { name: &name(gone) };
                let left = apply(&three, flavour, &key(), &[change]).unwrap().unwrap();
                assert_eq!(values(&Document::parse(&left, flavour).unwrap(), &key()).unwrap().len(), 2, "{left}");
            }
        }
    }

    #[test]
    fn an_entry_is_renamed_at_its_place() {
        let [old, new, other] = ["AB", "NEW_NAME", "A"].map(name);
        for flavour in [Flavour::Json, Flavour::Dotenv, Flavour::Yaml] {
            let mut text = create(flavour, &key(), &[stanza()]).unwrap();
            for (entry, value) in [("A", "1"), ("AB", "two"), ("B", "3")] {
                text = with(&text, flavour, entry, value);
            }
            let renamed = apply(&text, flavour, &key(), &[Change::Rename { from: &old, to: &new }]).unwrap().unwrap();
            let document = Document::parse(&renamed, flavour).unwrap();
            assert_eq!(document.names().map(|(name, _)| name).collect::<Vec<_>>(), ["A", "NEW_NAME", "B"], "{renamed}");
            let read = values(&document, &key()).unwrap();
            assert_eq!(read[&top(&new)], Some(SecretValue::new("two".to_owned())));
            let taken = apply(&text, flavour, &key(), &[Change::Rename { from: &old, to: &other }]);
            assert!(matches!(taken, Err(EditError::Taken { .. })), "{taken:?}");
            let absent = apply(&text, flavour, &key(), &[Change::Rename { from: &new, to: &old }]);
            assert!(matches!(absent, Err(EditError::NotSet { .. })), "{absent:?}");
        }
    }

    #[test]
    fn many_changes_are_made_together_in_every_flavour() {
        let value = |text: &str| SecretValue::new(text.to_owned());
        let [one, two, three] = [value("1"), value("2"), value("3\n")];
        let [a, b, c] = ["A", "B", "C"].map(name);
        for flavour in [Flavour::Json, Flavour::Dotenv] {
            let set = |name, value| Change::Set { name, value, plain: false };
            let empty = create(flavour, &key(), &[stanza()]).unwrap();
            let text = apply(&empty, flavour, &key(), &[set(&a, &one), set(&b, &two), set(&c, &three)]).unwrap();
            let text = text.unwrap();
            let keep = Change::Add { name: &a, value: &three, plain: false };
            let more = name("D");
            let add = Change::Add { name: &more, value: &three, plain: false };
            let changes = [keep, add, set(&b, &three), Change::Unset { name: &c }];
            let text = apply(&text, flavour, &key(), &changes).unwrap().unwrap();
            let read = values(&Document::parse(&text, flavour).unwrap(), &key()).unwrap();
            let expected = [("A", &one), ("B", &three), ("D", &three)];
            assert_eq!(read.len(), 3, "{text}");
            for (entry, value) in expected {
                assert_eq!(read[&top(&name(entry))].as_ref(), Some(value), "{entry}");
            }
            let none = ["A", "B", "D"].map(name);
            let gone: Vec<_> = none.iter().map(|name| Change::Unset { name }).collect();
            let text = apply(&text, flavour, &key(), &gone).unwrap().unwrap();
            assert!(values(&Document::parse(&text, flavour).unwrap(), &key()).unwrap().is_empty());
        }
    }

    #[test]
    fn setting_what_is_set_changes_nothing() {
        let text = with(&create(Flavour::Json, &key(), &[stanza()]).unwrap(), Flavour::Json, "A", "x");
        let value = SecretValue::new("x".to_owned());
        let change = Change::Set { name: &name("A"), value: &value, plain: false };
        assert_eq!(apply(&text, Flavour::Json, &key(), &[change]).unwrap(), None);
    }

    #[test]
    fn a_changed_value_changes_three_lines() {
        let mut text = create(Flavour::Json, &key(), &[stanza()]).unwrap();
        for index in 0..20 {
            text = with(&text, Flavour::Json, &format!("N{index}"), "before");
        }
        let after = with(&text, Flavour::Json, "N7", "after");
        let changed = text.lines().zip(after.lines()).filter(|(old, new)| old != new).count();
        // The date has whole seconds: within one second it stays as it is.
        assert!((2..=3).contains(&changed), "{changed}");
        assert_eq!(text.lines().count(), after.lines().count());
    }

    #[test]
    fn metadata_in_front_of_the_entries_survives_their_removal() {
        let text = with(&create(Flavour::Json, &key(), &[stanza()]).unwrap(), Flavour::Json, "A", "x");
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let turned = format!("{{\"sops\": {}, \"A\": {}}}", value["sops"], value["A"]);
        let both = with(&turned, Flavour::Json, "B", "y");
        let change = Change::Unset { name: &name("A") };
        let left = apply(&both, Flavour::Json, &key(), &[change]).unwrap().unwrap();
        assert_eq!(values(&Document::parse(&left, Flavour::Json).unwrap(), &key()).unwrap().len(), 1);
    }

    #[test]
    fn a_literal_backslash_n_is_refused_by_the_dotenv_flavour() {
        let empty = create(Flavour::Dotenv, &key(), &[stanza()]).unwrap();
        let value = SecretValue::new("a\\nb".to_owned());
        let change = Change::Set { name: &name("A"), value: &value, plain: false };
        let refused = apply(&empty, Flavour::Dotenv, &key(), &[change]);
        assert!(matches!(refused, Err(EditError::DotenvNewline { .. })));
    }

    #[test]
    fn a_rule_that_would_leave_a_secret_plain_is_an_error() {
        let empty = create(Flavour::Json, &key(), &[stanza()]).unwrap();
        let value = SecretValue::new("x".to_owned());
        let change = Change::Set { name: &name("A_unencrypted"), value: &value, plain: false };
        assert!(matches!(apply(&empty, Flavour::Json, &key(), &[change]), Err(EditError::LeftPlain { .. })));
    }
}
