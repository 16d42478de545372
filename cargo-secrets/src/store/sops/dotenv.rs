//! The dotenv flavour: `NAME=value` lines, `#` comments, metadata in `sops_…` lines (SOPS 3.11, `stores/dotenv`).
//!
//! **The two characters `\n` mean a newline in every value of this flavour**, so a value that holds them literally
//! cannot be kept in it; a write refuses such a value.

use std::borrow::Cow;
use std::collections::HashSet;

use super::tree::{Item, Node};
use super::{Document, Edit, Flavour, FormatError, Stanza, json, metadata};

/// Marks the lines that hold metadata.
pub(crate) const METADATA_PREFIX: &str = "sops_";

/// Reads a dotenv file.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, FormatError> {
    let mut items = Vec::new();
    let mut entries = Vec::new();
    let mut seen = HashSet::new();
    for (number, line) in text.split('\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        if let Some(comment) = line.strip_prefix('#') {
            let span = json::place(text, comment);
            items.push(Item { key: Cow::Borrowed(comment), node: Node::Comment, span });
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(FormatError::Line { number: number + 1 })?;
        if !seen.insert(key) {
            return Err(FormatError::Duplicate { name: key.escape_debug().take(60).collect(), line: Some(number + 1) });
        }
        let span = json::place(text, value);
        match key.strip_prefix(METADATA_PREFIX) {
            Some(key) => entries.push((key, unescape(value), span)),
            None => items.push(Item { key: Cow::Borrowed(key), node: Node::Text(unescape(value)), span }),
        }
    }
    if entries.is_empty() {
        return Err(FormatError::NotSops);
    }
    Ok(Document { flavour: Flavour::Dotenv, text, items, metadata: metadata::from_dotenv(entries)?, metadata_at: None })
}

/// A value as SOPS reads it.
pub(crate) fn unescape(value: &str) -> Cow<'_, str> {
    if value.contains("\\n") { Cow::Owned(value.replace("\\n", "\n")) } else { Cow::Borrowed(value) }
}

/// A value as SOPS writes it.
pub(crate) fn escape(value: &str) -> String {
    value.replace('\n', "\\n")
}

/// The lines of the recipient number `index`.
pub(crate) fn stanza(stanza: &Stanza, index: usize) -> String {
    let prefix = format!("{METADATA_PREFIX}age__list_{index}__map_");
    format!("{prefix}enc={}\n{prefix}recipient={}\n", escape(&stanza.enc), stanza.recipient)
}

/// The edit that gives entry `name` the line `name=raw`, replacing or adding it.
pub(crate) fn put(document: &Document<'_>, name: &str, raw: &str) -> Edit {
    if let Some(item) = document.items.iter().find(|item| item.key == name && !matches!(item.node, Node::Comment)) {
        return Edit { span: item.span.clone(), text: raw.to_owned() };
    }
    // After the last entry's line; the metadata lines come behind it.
    let at = document.items.last().map_or(0, |item| line_end(document.text, item.span.end));
    let newline = if at > 0 && !document.text.get(..at).is_some_and(|head| head.ends_with('\n')) { "\n" } else { "" };
    Edit { span: at..at, text: format!("{newline}{name}={raw}\n") }
}

/// The edit that removes the line of entry number `index`.
pub(crate) fn remove(document: &Document<'_>, index: usize) -> Option<Edit> {
    let item = document.items.get(index)?;
    let start = document.text.get(..item.span.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    Some(Edit { span: start..line_end(document.text, item.span.end), text: String::new() })
}

/// Behind the newline that ends the line in which `from` stands.
fn line_end(text: &str, from: usize) -> usize {
    text.get(from..).and_then(|tail| tail.find('\n')).map_or(text.len(), |newline| from + newline + 1)
}
