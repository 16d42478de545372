//! Wrapping a file's data key for more recipients: stanzas are added to its metadata, and nothing else changes.
//!
//! As `sops updatekeys` does it: values, MAC and date stay, byte for byte. **The new text is read back before anyone
//! writes it**: the same values, the same recipients, and the new ones.

use super::cipher::DataKey;
use super::tree::{Item, Node};
use super::{Document, Edit, EditError, Flavour, Stanza, change, dotenv, json, yaml};

/// Adds `stanzas` to the file's one group of age recipients.
pub(crate) fn admit(
    text: &str,
    flavour: Flavour,
    key: &DataKey,
    stanzas: &[Stanza],
) -> Result<Option<String>, EditError> {
    if stanzas.is_empty() {
        return Ok(None);
    }
    let document = Document::parse(text, flavour)?;
    let edit = match flavour {
        Flavour::Json => in_json(&document, stanzas),
        Flavour::Dotenv => in_dotenv(&document, stanzas),
        Flavour::Yaml => yaml::admit(&document, stanzas),
        Flavour::Ini => return Err(EditError::ReadOnly),
    };
    let changed = change::splice(text, vec![edit.ok_or(EditError::KeyGroups)?]);
    let after = Document::parse(&changed, flavour)?;
    let expected = recipients(&document).chain(stanzas.iter().map(|stanza| stanza.recipient.as_str()));
    let is_as_meant = recipients(&after).eq(expected)
        && change::values(&after, key)? == change::values(&document, key)?
        && after.metadata.mac == document.metadata.mac;
    if is_as_meant { Ok(Some(changed)) } else { Err(EditError::ReadBack) }
}

fn recipients<'d>(document: &'d Document<'_>) -> impl Iterator<Item = &'d str> {
    document.groups().iter().flat_map(|group| &group.age).map(|stanza| stanza.recipient.as_str())
}

/// After the last object of the list `age`, laid out like it.
fn in_json(document: &Document<'_>, stanzas: &[Stanza]) -> Option<Edit> {
    let text = document.text;
    let metadata = document.metadata_at.clone()?;
    let items = json::map(text, text.get(metadata)?, 0).ok()?;
    let last = last_of_age(&items)?;
    let before = text.get(..last.span.start)?;
    let indent = before.get(before.trim_ascii_end().len()..)?;
    let is_tall = text.get(last.span.clone())?.contains('\n');
    // Go's indentation, as SOPS writes it, or that of the file's own lines.
    let unit = if indent.contains(' ') { "  " } else { "\t" };
    let (inner, outer) = if is_tall { (format!("{indent}{unit}"), indent) } else { (String::new(), "") };
    let stanza = |stanza: &Stanza| {
        let [recipient, enc] = [&stanza.recipient, &stanza.enc].map(|text| json::literal(text));
        format!(",{indent}{{{inner}\"recipient\": {recipient},{inner}\"enc\": {enc}{outer}}}")
    };
    Some(Edit { span: last.span.end..last.span.end, text: stanzas.iter().map(stanza).collect() })
}

/// After the last line of the list `age`, numbered on.
fn in_dotenv(document: &Document<'_>, stanzas: &[Stanza]) -> Option<Edit> {
    let prefix = format!("{}age__list_", dotenv::METADATA_PREFIX);
    let (mut at, mut behind) = (0, None);
    for line in document.text.split_inclusive('\n') {
        at += line.len();
        if line.starts_with(&prefix) {
            behind = Some((at, line.ends_with('\n')));
        }
    }
    let (at, is_ended) = behind?;
    let first = recipients(document).count();
    let lines = stanzas.iter().zip(first..).map(|(stanza, index)| dotenv::stanza(stanza, index)).collect::<String>();
    let newline = if is_ended { "" } else { "\n" };
    Some(Edit { span: at..at, text: format!("{newline}{lines}") })
}

/// The last entry of the list `age` of the metadata.
pub(super) fn last_of_age<'i, 'a>(metadata: &'i [Item<'a>]) -> Option<&'i Item<'a>> {
    let age = metadata.iter().find(|item| item.key == "age")?;
    match &age.node {
        Node::List(stanzas) => stanzas.iter().rfind(|item| matches!(item.node, Node::Map(_))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{SecretName, SecretValue};

    fn stanza(recipient: &str) -> Stanza {
        Stanza { recipient: recipient.to_owned(), enc: format!("-----BEGIN\n{recipient}\n-----END\n") }
    }

    fn file(flavour: Flavour, key: &DataKey) -> String {
        let empty = change::create(flavour, key, &[stanza("age1a")]).unwrap();
        let (name, value) = (SecretName::new("A").unwrap(), SecretValue::new("x".to_owned()));
        let change = change::Change::Set { name: &name, value: &value, plain: false };
        change::apply(&empty, flavour, key, &change).unwrap().unwrap()
    }

    #[test]
    fn stanzas_are_added_in_every_flavour_and_every_line_stays() {
        let key = DataKey::from_bytes(&[7; 32]).unwrap();
        for flavour in [Flavour::Json, Flavour::Dotenv, Flavour::Yaml] {
            let old = file(flavour, &key);
            let new = admit(&old, flavour, &key, &[stanza("ssh-ed25519 AAAA b"), stanza("age1c")]).unwrap().unwrap();
            let mut lines = new.lines();
            for line in old.lines() {
                // A comma may have come behind it.
                assert!(lines.any(|new| new.trim_end_matches(',') == line.trim_end_matches(',')), "{line}\n{new}");
            }
            let again = admit(&new, flavour, &key, &[stanza("age1d")]).unwrap().unwrap();
            assert_eq!(recipients(&Document::parse(&again, flavour).unwrap()).count(), 4, "{again}");
        }
    }

    #[test]
    fn other_layouts_of_json_keep_theirs() {
        let key = DataKey::from_bytes(&[7; 32]).unwrap();
        let value: serde_json::Value = serde_json::from_str(&file(Flavour::Json, &key)).unwrap();
        let one_line = serde_json::to_string(&value).unwrap();
        let new = admit(&one_line, Flavour::Json, &key, &[stanza("age1b")]).unwrap().unwrap();
        assert!(!new.contains('\n') && new.contains("age1b"), "{new}");
        let tall = serde_json::to_string_pretty(&value).unwrap();
        let new = admit(&tall, Flavour::Json, &key, &[stanza("age1b")]).unwrap().unwrap();
        let indents = |name: &str| new.lines().find(|line| line.contains(name)).unwrap().find('"');
        assert_eq!(indents("age1a"), indents("age1b"), "{new}");
    }

    #[test]
    fn key_groups_are_left_to_sops() {
        let key = DataKey::from_bytes(&[7; 32]).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&file(Flavour::Json, &key)).unwrap();
        let age = value["sops"].as_object_mut().unwrap().remove("age").unwrap();
        value["sops"]["key_groups"] = serde_json::json!([{ "age": age }]);
        let refused = admit(&value.to_string(), Flavour::Json, &key, &[stanza("age1b")]);
        assert!(matches!(refused, Err(EditError::KeyGroups)), "{refused:?}");
    }
}
