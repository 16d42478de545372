//! Changes of a YAML file by the places of its top-level entries: the lines of one entry change, every other byte stays.
//!
//! **A new entry stands before `sops:`**, as SOPS itself writes it. A layout in which an entry does not have its lines
//! for itself (`{…}` around the file, `? name`) is refused for changes that would need it.

use granit_parser::{Event, ScalarStyle, Span, StructureStyle};

use super::comments::Comments;
use super::{METADATA, place, scalar, split};
use crate::store::sops::admit::last_of_age;
use crate::store::sops::metadata::DEFAULT_UNENCRYPTED_SUFFIX;
use crate::store::sops::tree::Node;
use crate::store::sops::{Document, Edit, EditError, Stanza};

/// Where one top-level entry stands.
struct Entry {
    name: String,
    /// Its first byte.
    start: usize,
    /// Behind its name.
    name_end: usize,
    /// Its value's first byte, a block scalar's header and a tag left out.
    value: usize,
    /// Behind its value's last byte.
    end: usize,
    line: usize,
    style: Option<ScalarStyle>,
    /// Where its tag begins.
    tag: Option<usize>,
}

/// Where all top-level entries stand, in order.
struct Layout {
    entries: Vec<Entry>,
    in_flow: bool,
}

/// A text without entries, laid out as SOPS does; the MAC and the date are still to come.
pub(crate) fn empty(stanzas: &[Stanza]) -> String {
    let mut text = "sops:\n    age:\n".to_owned();
    text.extend(stanzas.iter().map(|stanza| lines_of(stanza, "        ")));
    let rule = format!("unencrypted_suffix: {DEFAULT_UNENCRYPTED_SUFFIX}");
    for line in ["lastmodified: \"\"", "mac: \"\"", &rule, "version: 3.11.0"] {
        text.extend(["    ", line, "\n"]);
    }
    text
}

/// A recipient as an entry of a list that is indented so.
fn lines_of(stanza: &Stanza, indent: &str) -> String {
    let recipient = scalar::plain_or_quoted(&stanza.recipient);
    let mut text = format!("{indent}- recipient: {recipient}\n{indent}  enc: |");
    for line in stanza.enc.lines() {
        text.extend(["\n", indent, "    ", line]);
    }
    text + "\n"
}

/// The edit that adds `stanzas` to the list `age`, indented as it is; `None` where that list is not one of lines.
pub(crate) fn admit(document: &Document<'_>, stanzas: &[Stanza]) -> Option<Edit> {
    let text = document.text;
    let (_, metadata) = split(text, Comments::ignored()).ok()?;
    let Node::Map(items) = &metadata.node else { return None };
    let last = last_of_age(items)?;
    let line = text.get(..last.span.start)?.rsplit('\n').next()?;
    let indent = line.trim_end_matches(' ').strip_suffix('-').filter(|indent| indent.trim_matches(' ').is_empty())?;
    let written = text.get(last.span.clone())?.trim_end().len();
    let at = line_end(text, last.span.start + written);
    let newline = if text.get(..at)?.ends_with('\n') { "" } else { "\n" };
    let lines = stanzas.iter().map(|stanza| lines_of(stanza, indent)).collect::<String>();
    Some(Edit { span: at..at, text: format!("{newline}{lines}") })
}

/// The edit that gives entry `name` the scalar `raw` (YAML), replacing or adding it.
pub(crate) fn put(document: &Document<'_>, name: &str, raw: &str) -> Result<Edit, EditError> {
    let text = document.text;
    let layout = Layout::of(text);
    if let Some(entry) = layout.entries.iter().find(|entry| entry.name == name) {
        // Within braces, the brackets and commas of a SOPS value would be YAML's own.
        let raw = if layout.in_flow && !raw.starts_with('"') { scalar::quoted(raw) } else { raw.to_owned() };
        return Ok(Edit { span: entry.value_start(text)?..entry.end, text: spaced(text, entry, &raw) });
    }
    let Some(metadata) = layout.entries.iter().find(|entry| entry.name == METADATA) else {
        return Err(EditError::ReadBack);
    };
    if layout.in_flow {
        return Err(EditError::Layout { line: metadata.line });
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let indent = metadata.indent(text)?;
    let name = if scalar::is_text(name) { name.to_owned() } else { scalar::quoted(name) };
    let last = layout.entries.last().filter(|entry| entry.name != METADATA);
    let at = last.map_or(metadata.start - indent.len(), |entry| line_end(text, entry.end));
    let is_open = at > 0 && !text.get(..at).is_some_and(|head| head.ends_with('\n'));
    let before = if is_open { newline } else { "" };
    Ok(Edit { span: at..at, text: format!("{before}{indent}{name}: {raw}{newline}") })
}

/// The edit that removes the lines of entry `name`.
pub(crate) fn remove(document: &Document<'_>, name: &str) -> Result<Option<Edit>, EditError> {
    let text = document.text;
    let layout = Layout::of(text);
    let Some(entry) = layout.entries.iter().find(|entry| entry.name == name) else { return Ok(None) };
    let start = entry.start - entry.indent(text)?.len();
    let end = line_end(text, entry.end);
    let rest = text.get(entry.end..end).unwrap_or_default().trim_start();
    if layout.in_flow || !(rest.is_empty() || rest.starts_with('#')) {
        return Err(EditError::Layout { line: entry.line });
    }
    Ok(Some(Edit { span: start..end, text: String::new() }))
}

impl Layout {
    /// Reads the places from a text that was parsed before.
    fn of(text: &str) -> Self {
        let mut layout = Self { entries: Vec::new(), in_flow: false };
        let mut depth = 0_usize;
        let mut name: Option<(String, Span)> = None;
        for (event, span) in super::events(text, false).flatten() {
            match event {
                Event::MappingStart(style, ..) if depth == 0 => {
                    layout.in_flow = style == StructureStyle::Flow;
                    depth = 1;
                }
                Event::Scalar(text, ..) if depth == 1 && name.is_none() => name = Some((text.into_owned(), span)),
                Event::Scalar(_, style, ..) if depth == 1 => {
                    let entry = name.take().map(|(name, at)| Entry::new(name, &at, &span, Some(style)));
                    layout.entries.extend(entry);
                }
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    if depth == 1 {
                        let entry = name.take().map(|(name, at)| Entry::new(name, &at, &span, None));
                        layout.entries.extend(entry);
                    }
                    depth += 1;
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    depth -= 1;
                    if depth == 1
                        && let Some(entry) = layout.entries.last_mut()
                    {
                        entry.end = place(&span).end;
                    }
                }
                _ => {}
            }
        }
        for entry in &mut layout.entries {
            // A block ends where the next thing begins: the white space between belongs to nobody.
            let is_quoted = matches!(entry.style, Some(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
            let value = text.get(entry.value..entry.end).unwrap_or_default();
            if !is_quoted {
                entry.end = entry.value + value.trim_end().len();
            }
        }
        layout
    }
}

impl Entry {
    fn new(name: String, at: &Span, value: &Span, style: Option<ScalarStyle>) -> Self {
        let (at, places) = (place(at), place(value));
        Self {
            name,
            start: at.start,
            name_end: at.end,
            value: places.start,
            end: places.end,
            line: value.start.line(),
            style,
            tag: value.tag_start().and_then(|tag| tag.byte_offset()),
        }
    }

    /// What a new value replaces begins here: with the tag, with the header of a block.
    fn value_start(&self, text: &str) -> Result<usize, EditError> {
        if let Some(tag) = self.tag {
            return Ok(tag);
        }
        if !matches!(self.style, Some(ScalarStyle::Literal | ScalarStyle::Folded)) {
            return Ok(self.value);
        }
        let between = text.get(self.name_end..self.value).unwrap_or_default();
        let header = between.trim_start().strip_prefix(':').map(str::trim_start).unwrap_or_default();
        if header.starts_with(['|', '>']) {
            Ok(self.value - header.len())
        } else {
            Err(EditError::Layout { line: self.line })
        }
    }

    /// The white space in front of it on its line, with the `?` that stands before a very long name.
    fn indent<'t>(&self, text: &'t str) -> Result<&'t str, EditError> {
        let head = text.get(..self.start).unwrap_or_default();
        let indent = head.rsplit('\n').next().unwrap_or_default();
        let indent = indent.trim_start_matches('\u{feff}');
        let spaces = indent.trim_end_matches(' ');
        let spaces = spaces.strip_suffix('?').unwrap_or(spaces);
        if spaces.bytes().all(|byte| byte == b' ') { Ok(indent) } else { Err(EditError::Layout { line: self.line }) }
    }
}

/// `raw` with a space in front where the entry has no value and so none.
fn spaced(text: &str, entry: &Entry, raw: &str) -> String {
    let is_glued = text.get(..entry.value).is_some_and(|head| head.ends_with(':'));
    if is_glued && entry.value == entry.end { format!(" {raw}") } else { raw.to_owned() }
}

/// Behind the newline that ends the line in which `from` stands.
fn line_end(text: &str, from: usize) -> usize {
    text.get(from..).and_then(|tail| tail.find('\n')).map_or(text.len(), |newline| from + newline + 1)
}
