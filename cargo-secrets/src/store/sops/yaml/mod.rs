//! The YAML flavour (SOPS 3.11, `stores/yaml`), read from the events of `granit-parser`, which tell where each one stands.
//!
//! **Read is what SOPS reads, and what it never writes is refused with its line**: anchors (and so every expansion),
//! tags, further documents, names that are no text, two entries of one name. Comments are looked at only where the file's
//! rule does.

mod comments;
mod edit;
mod lines;
mod scalar;

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle};

use super::error::YamlFeature;
use super::tree::{Item, MAX_DEPTH, Node};
use super::{Document, Flavour, FormatError, json, metadata};
use comments::Comments;
use lines::Head;

pub(crate) use edit::{admit, empty, put, remove};
pub(crate) use scalar::{plain_or_quoted, quoted};

/// The one top-level entry that is not a secret.
const METADATA: &str = "sops";

/// Reads a YAML file.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, FormatError> {
    let (items, metadata) = split(text, Comments::ignored())?;
    let metadata_at = Some(metadata.span);
    let metadata = metadata::from_yaml(&metadata.node)?;
    let items = if metadata.rule.watches_comments() { split(text, Comments::kept())?.0 } else { items };
    Ok(Document { flavour: Flavour::Yaml, text, items, metadata, metadata_at })
}

/// The entries, and the metadata that stood among them.
fn split(text: &str, comments: Comments) -> Result<(Vec<Item<'_>>, Item<'_>), FormatError> {
    refuse_line_separators(text)?;
    let mut items = tree(text, comments)?;
    let is_metadata = |item: &Item<'_>| item.key == METADATA && !matches!(item.node, Node::Comment);
    let at = items.iter().position(is_metadata).ok_or(FormatError::NotSops)?;
    let metadata = items.remove(at);
    Ok((items, metadata))
}

/// YAML 1.1 ends a line at these, and 1.2 does not: two readers would see two files.
fn refuse_line_separators(text: &str) -> Result<(), FormatError> {
    if text.is_ascii() {
        return Ok(());
    }
    match text.find(['\u{85}', '\u{2028}', '\u{2029}']) {
        Some(at) => {
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            Err(FormatError::YamlFeature { line, what: YamlFeature::LineBreak })
        }
        None => Ok(()),
    }
}

fn tree(text: &str, comments: Comments) -> Result<Vec<Item<'_>>, FormatError> {
    let head = if comments.are_kept() { Head::none() } else { Head::of(text) };
    tree_after(head, text, comments)
}

/// The entries in `head` and those that the parser finds behind it.
fn tree_after<'a>(head: Head<'a>, text: &'a str, comments: Comments) -> Result<Vec<Item<'a>>, FormatError> {
    let Head { mut items, rest, lines } = head;
    let mut builder = Builder { stack: Vec::new(), root: None, documents: 0, comments, text, rest, lines };
    for event in events(text.get(rest..).unwrap_or_default(), builder.comments.are_kept()) {
        let (event, span) = event.map_err(|error| builder.syntax(&error))?;
        builder.take(event, &span)?;
    }
    match builder.root {
        Some(Node::Map(others)) if items.is_empty() => Ok(others),
        Some(Node::Map(others)) => {
            items.extend(others);
            unique(&items, text)?;
            Ok(items)
        }
        Some(_) => Err(FormatError::NotMapping),
        None => Err(FormatError::NotSops),
    }
}

/// What stands in `text`, in its order.
fn events(text: &str, comments: bool) -> impl Iterator<Item = Result<(Event<'_>, Span), ScanError>> {
    let mut options = Options::default();
    options.disallow_directives = true;
    options.max_buffered_comment_events = 10_000;
    options.set_emit_comments(comments);
    Parser::new_from_str_with_options(text, options)
}

/// Refuses two entries of one name, with the line of the second one's value in `text`.
fn unique(items: &[Item<'_>], text: &str) -> Result<(), FormatError> {
    let entries = || items.iter().filter(|item| !matches!(item.node, Node::Comment));
    let Err(mut error) = json::unique(entries().map(|item| item.key.as_ref())) else { return Ok(()) };
    if let FormatError::Duplicate { name, line } = &mut error {
        let is_named = |item: &&Item<'_>| item.key.escape_debug().take(60).eq(name.chars());
        let second = entries().filter(is_named).nth(1);
        *line = second.and_then(|item| Some(text.get(..item.span.start)?.matches('\n').count() + 1));
    }
    Err(error)
}

/// Where an event stands, in bytes.
fn place(span: &Span) -> Range<usize> {
    // The parser over a `str` always knows.
    span.start.byte_offset().unwrap_or_default()..span.end.byte_offset().unwrap_or_default()
}

/// A mapping or a list that is being read.
struct Frame<'a> {
    items: Vec<Item<'a>>,
    is_list: bool,
    /// The name that waits for its value.
    key: Option<Cow<'a, str>>,
    start: usize,
    /// The column of its names, from 0; of a list, that of the mapping around it.
    column: usize,
    in_flow: bool,
}

struct Builder<'a> {
    stack: Vec<Frame<'a>>,
    root: Option<Node<'a>>,
    documents: usize,
    comments: Comments,
    /// The whole file.
    text: &'a str,
    /// Where in it the parser began.
    rest: usize,
    /// How many lines come before that.
    lines: usize,
}

impl<'a> Builder<'a> {
    /// Takes only the position from `error`: its text may quote a value.
    fn syntax(&self, error: &ScanError) -> FormatError {
        let line = self.lines + error.marker().line();
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => FormatError::TooDeep,
            ErrorKind::UnknownAnchor => FormatError::YamlFeature { line, what: YamlFeature::Anchor },
            ErrorKind::DirectiveDisallowed => FormatError::YamlFeature { line, what: YamlFeature::Directive },
            ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
                FormatError::YamlFeature { line, what: YamlFeature::Tab }
            }
            _ => FormatError::Yaml { line, column: error.marker().col() + 1 },
        }
    }

    /// Where an event stands in the file, in bytes.
    fn place(&self, span: &Span) -> Range<usize> {
        let within = place(span);
        self.rest + within.start..self.rest + within.end
    }

    fn line(&self, span: &Span) -> usize {
        self.lines + span.start.line()
    }

    fn take(&mut self, event: Event<'a>, span: &Span) -> Result<(), FormatError> {
        let line = self.line(span);
        let refused = |what| Err(FormatError::YamlFeature { line, what });
        if event.anchor_id().is_some() || event.is_alias() {
            return refused(YamlFeature::Anchor);
        }
        if !matches!(event, Event::Scalar(..)) && event.tag().is_some() {
            return refused(YamlFeature::Tag);
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return refused(YamlFeature::Document);
                }
            }
            Event::Scalar(text, style, _, tag) => {
                let is_text = match tag {
                    None => style != ScalarStyle::Plain,
                    Some(tag) if tag.is_yaml_core_schema() && tag.suffix() == "str" => true,
                    Some(_) => return refused(YamlFeature::Tag),
                };
                return self.scalar(text, is_text, span);
            }
            Event::SequenceStart(style, ..) => self.open(true, style, span)?,
            Event::MappingStart(style, ..) => self.open(false, style, span)?,
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Comment(text, placement) => {
                let Some(frame) = self.stack.last_mut() else {
                    self.comments.wait(&text, span);
                    return Ok(());
                };
                self.comments.found(&text, placement, span, frame)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, text: Cow<'a, str>, is_text: bool, span: &Span) -> Result<(), FormatError> {
        let line = self.line(span);
        let is_absent = span.start.byte_offset() == span.end.byte_offset();
        let node = if is_absent && is_text {
            Node::Text(Cow::Borrowed(""))
        } else if is_text || text.starts_with("ENC[") {
            Node::Text(text)
        } else if is_absent {
            Node::Null
        } else {
            let too_large = |_| FormatError::YamlFeature { line, what: YamlFeature::Number };
            scalar::resolve(text).map_err(too_large)?
        };
        if let Some(frame) = self.stack.last_mut()
            && !frame.is_list
            && frame.key.is_none()
        {
            self.comments.before_entry(frame)?;
            let Node::Text(key) = node else {
                return Err(FormatError::YamlFeature { line, what: YamlFeature::Name });
            };
            // Unquoted, it would merge another mapping into this one.
            if key == "<<" && !is_text {
                return Err(FormatError::YamlFeature { line, what: YamlFeature::Name });
            }
            frame.key = Some(key);
            return Ok(());
        }
        let place = self.place(span);
        self.add(node, place)
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node<'a>, span: Range<usize>) -> Result<(), FormatError> {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(frame) => {
                if frame.is_list && !matches!(node, Node::Map(_) | Node::List(_)) {
                    self.comments.before_entry(frame)?;
                }
                let key = frame.key.take().unwrap_or_default();
                frame.items.push(Item { key, node, span });
            }
        }
        Ok(())
    }

    fn open(&mut self, is_list: bool, style: StructureStyle, span: &Span) -> Result<(), FormatError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(FormatError::TooDeep);
        }
        let line = self.line(span);
        let start = self.place(span).start;
        let outer = self.stack.last_mut();
        let around = outer.as_ref().map_or(0, |frame| frame.column);
        if let Some(frame) = outer {
            if !frame.is_list && frame.key.is_none() {
                return Err(FormatError::YamlFeature { line, what: YamlFeature::Name });
            }
            if frame.is_list {
                self.comments.before_entry(frame)?;
            }
        }
        self.stack.push(Frame {
            items: Vec::new(),
            is_list,
            key: None,
            start,
            column: if is_list { around } else { span.start.col() },
            in_flow: style == StructureStyle::Flow,
        });
        Ok(())
    }

    fn close(&mut self, span: &Span) -> Result<(), FormatError> {
        let Some(mut frame) = self.stack.pop() else { return Ok(()) };
        self.comments.at_end(&mut frame, self.stack.last().map(|outer| outer.column))?;
        let node = if frame.is_list {
            Node::List(frame.items)
        } else {
            unique(&frame.items, self.text)?;
            Node::Map(frame.items)
        };
        let end = self.place(span).end;
        self.add(node, frame.start..end)
    }
}

#[cfg(test)]
mod tests;
