//! An entry under another name, at its place: the name changes, and the value is sealed again, since its path is part of
//! what it was sealed with. Its type stays.

use secrecy::ExposeSecret;

use super::change::{check_name, find, put};
use super::cipher::Cipher;
use super::tree::{Item, Node};
use super::walk::encrypts;
use super::{Document, Edit, EditError};
use crate::secret::{SecretName, SecretValue};

/// What stands before the type of a sealed value.
const TYPE: &str = ",type:";

/// The edits that give the entry `from`, whose value is `value`, the name `to`.
pub(super) fn rename(
    document: &Document<'_>,
    cipher: &Cipher,
    [from, to]: [&SecretName; 2],
    value: Option<&SecretValue>,
) -> Result<Vec<Edit>, EditError> {
    check_name(document, to)?;
    let (index, item) = find(document, from).ok_or_else(|| EditError::NotSet { name: from.clone() })?;
    if matches!(item.node, Node::Map(_) | Node::List(_)) {
        return Err(EditError::Nested { name: from.clone() });
    }
    if find(document, to).is_some() {
        return Err(EditError::Taken { name: to.clone() });
    }
    let was_sealed = encrypts(&document.metadata, &document.items, from.as_str())?;
    let is_sealed = if document.metadata.rule.watches_comments() {
        was_sealed
    } else {
        encrypts(&document.metadata, &document.items, to.as_str())?
    };
    if was_sealed && !is_sealed {
        return Err(EditError::LeftPlain { name: to.clone() });
    }
    let mut edits = vec![name_edit(document, index, from, to).ok_or(EditError::ReadBack)?];
    if let Some(value) = value.filter(|value| is_sealed && !value.is_empty()) {
        edits.push(put(document, from, &sealed(cipher, to, value, item)?)?);
    }
    Ok(edits)
}

#[expect(clippy::disallowed_methods, reason = "the value is sealed again under its new name")]
fn sealed(cipher: &Cipher, to: &SecretName, value: &SecretValue, item: &Item<'_>) -> Result<String, EditError> {
    let sealed = cipher.seal(value.expose_secret(), &format!("{to}:"))?;
    let Node::Text(old) = &item.node else { return Ok(sealed) };
    let types = [old.as_ref(), &sealed].map(|text| text.rsplit_once(TYPE));
    Ok(match types {
        [Some((_, old)), Some((head, _))] => format!("{head}{TYPE}{old}"),
        _ => sealed,
    })
}

/// The name stands between the entry before and its value.
fn name_edit(document: &Document<'_>, index: usize, from: &SecretName, to: &SecretName) -> Option<Edit> {
    let item = document.items.get(index)?;
    let ends = document.items.iter().map(|item| item.span.end).chain(document.metadata_at.iter().map(|at| at.end));
    let start = ends.filter(|end| *end <= item.span.start).max().unwrap_or(0);
    let gap = document.text.get(start..item.span.start)?;
    let is_name = |at: &usize| {
        let before = gap.get(..*at).and_then(|head| head.chars().next_back());
        let behind = gap.get(at + from.as_str().len()..).and_then(|tail| tail.chars().next());
        before.is_none_or(|c| !is_word(c)) && behind.is_some_and(|c| matches!(c, '"' | '\'' | ':' | '=' | ' '))
    };
    let at = gap.rmatch_indices(from.as_str()).map(|(at, _)| at).find(is_name)?;
    let at = start + at;
    Some(Edit { span: at..at + from.as_str().len(), text: to.to_string() })
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
