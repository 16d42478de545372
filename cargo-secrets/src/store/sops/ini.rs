//! The INI flavour, read and never written: sections of `name = value` lines, the metadata in a section `[sops]`
//! (SOPS 3.11, `stores/ini`, over go-ini 1.67).
//!
//! **What go-ini would read in its own way, and SOPS does not write, is refused with its line**: names in quotes, a `\` at
//! the end of a line, two sections or entries of one name.

use std::borrow::Cow;

use super::tree::{Item, Node};
use super::{Document, Flavour, FormatError, dotenv, json, metadata};

/// The section of the entries above the first header, for SOPS.
pub(crate) const DEFAULT: &str = "DEFAULT";
const METADATA: &str = "sops";

/// A section that is being read.
struct Section<'a> {
    name: &'a str,
    items: Vec<Item<'a>>,
}

/// Reads an INI file.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, FormatError> {
    let mut sections = vec![Section { name: DEFAULT, items: Vec::new() }];
    let mut lines = Lines { text, at: 0, number: 0 };
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            let (name, rest) = header.rsplit_once(']').ok_or(lines.refused())?;
            if !(rest.trim_start().is_empty() || rest.trim_start().starts_with(['#', ';'])) {
                return Err(lines.refused());
            }
            sections.push(Section { name, items: Vec::new() });
            continue;
        }
        let item = entry(line, &mut lines)?;
        if let Some(section) = sections.last_mut() {
            section.items.push(item);
        }
    }
    document(text, sections)
}

fn document<'a>(text: &'a str, mut sections: Vec<Section<'a>>) -> Result<Document<'a>, FormatError> {
    // The section that is always there counts only where it has entries.
    sections.retain(|section| section.name != DEFAULT || !section.items.is_empty());
    json::unique(sections.iter().map(|section| section.name))?;
    for section in &sections {
        json::unique(section.items.iter().map(|item| item.key.as_ref()))?;
    }
    let at = sections.iter().position(|section| section.name == METADATA).ok_or(FormatError::NotSops)?;
    let metadata = read_metadata(sections.remove(at))?;
    if metadata.rule.watches_comments() {
        return Err(FormatError::IniComments);
    }
    let item =
        |section: Section<'a>| Item { key: Cow::Borrowed(section.name), node: Node::Map(section.items), span: 0..0 };
    let items = sections.into_iter().map(item).collect();
    Ok(Document { flavour: Flavour::Ini, text, items, metadata, metadata_at: None })
}

/// SOPS writes the section in no order; lists are read in theirs.
fn read_metadata(mut section: Section<'_>) -> Result<metadata::Metadata, FormatError> {
    let in_order = |item: &Item<'_>| -> Vec<(u64, String)> {
        let parts = item.key.split("__list_");
        let number = |part: &str| part.split("__").next().and_then(|number| number.parse().ok()).unwrap_or_default();
        parts.map(|part| (number(part), part.to_owned())).collect()
    };
    section.items.sort_by_cached_key(in_order);
    let entries: Vec<_> = section
        .items
        .iter()
        .map(|item| {
            let Node::Text(value) = &item.node else { return Err(FormatError::Metadata) };
            Ok((item.key.as_ref(), dotenv::unescape(value), item.span.clone()))
        })
        .collect::<Result<_, _>>()?;
    metadata::from_dotenv(entries)
}

fn entry<'a>(line: &'a str, lines: &mut Lines<'a>) -> Result<Item<'a>, FormatError> {
    let at = line.find(['=', ':']).ok_or(FormatError::Line { number: lines.number })?;
    let (name, value) = (line.get(..at).unwrap_or_default().trim_end(), line.get(at + 1..).unwrap_or_default());
    if name.is_empty() || name == "-" || name.starts_with(['"', '`']) {
        return Err(lines.refused());
    }
    let value = value.trim_start();
    let quote = ["\"\"\"", "`"].into_iter().find(|quote| value.starts_with(quote));
    let value = match quote {
        Some(quote) => quoted(value, quote, lines)?,
        None => unquoted(value).ok_or(lines.refused())?,
    };
    let span = if let Cow::Borrowed(value) = value { json::place(lines.text, value) } else { 0..0 };
    Ok(Item { key: Cow::Borrowed(name), node: Node::Text(value), span })
}

/// A value up to the last closing quote of its line, or of the first later line that has one.
fn quoted<'a>(value: &'a str, quote: &str, lines: &mut Lines<'a>) -> Result<Cow<'a, str>, FormatError> {
    let inner = value.get(quote.len()..).unwrap_or_default();
    if let Some(end) = inner.rfind(quote) {
        return Ok(Cow::Borrowed(inner.get(..end).unwrap_or_default()));
    }
    let refused = lines.refused();
    let start = json::place(lines.text, inner).start;
    loop {
        let Some(line) = lines.next() else { return Err(refused) };
        if let Some(at) = line.rfind(quote) {
            let end = json::place(lines.text, line).start + at;
            return Ok(Cow::Borrowed(lines.text.get(start..end).unwrap_or_default()));
        }
    }
}

/// A value without a comment behind it and without the quotes around it; `None` where it goes on in the next line.
fn unquoted(value: &str) -> Option<Cow<'_, str>> {
    if value.ends_with('\\') {
        return None;
    }
    let value = value.find(['#', ';']).map_or(value, |at| value.get(..at).unwrap_or_default().trim_end());
    let inner = ['\'', '"'].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    });
    Some(Cow::Borrowed(inner.unwrap_or(value)))
}

/// The lines of a file, counted.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let tail = self.text.get(self.at..).filter(|tail| !tail.is_empty())?;
        let line = tail.split_once('\n').map_or(tail, |(line, _)| line);
        self.at += line.len() + 1;
        self.number += 1;
        Some(line)
    }

    fn refused(&self) -> FormatError {
        FormatError::IniLine { number: self.number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(line: &str) -> Option<String> {
        let text = format!("{line}\n");
        let mut lines = Lines { text: &text, at: 0, number: 0 };
        let line = lines.next()?.trim();
        match entry(line, &mut lines).ok()?.node {
            Node::Text(value) => Some(value.into_owned()),
            _ => None,
        }
    }

    #[test]
    fn values_are_read_as_go_ini_reads_them() {
        let cases = [
            ("A = x", "x"),
            ("A: x y", "x y"),
            ("A=", ""),
            ("A = x ; c", "x"),
            ("A = x#c", "x"),
            ("A = `x;y#z`", "x;y#z"),
            ("A = \"x\"", "x"),
            ("A = 'x' # c", "x"),
            ("A = \"x\" \"y\"", "\"x\" \"y\""),
            ("A = \"\"\"x`y\"\"\"", "x`y"),
            ("A = \"\"\"x\ny\"\"\"", "x\ny"),
        ];
        for (line, expected) in cases {
            assert_eq!(value(line).as_deref(), Some(expected), "{line}");
        }
        for line in ["A", "= x", "\"A\" = x", "`A` = x", "A = x \\", "A = `x", "- = x"] {
            assert_eq!(value(line), None, "{line}");
        }
    }
}
