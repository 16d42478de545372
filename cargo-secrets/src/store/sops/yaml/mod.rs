//! The YAML flavour (SOPS 3.11, `stores/yaml`), read from the events of `granit-parser`, which tell where each one stands.
//!
//! **Read is what SOPS reads, and what it never writes is refused with its line**: anchors (and so every expansion),
//! tags, further documents, names that are no text, two entries of one name. Comments are looked at only where the file's
//! rule does.

mod comments;
mod edit;
mod scalar;

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle};

use super::error::YamlFeature;
use super::tree::{Item, MAX_DEPTH, Node};
use super::{Document, Flavour, FormatError, json, metadata};
use comments::Comments;

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
    let mut builder = Builder { stack: Vec::new(), root: None, documents: 0, comments };
    for event in events(text, builder.comments.are_kept()) {
        let (event, span) = event.map_err(|error| syntax(&error))?;
        builder.take(event, &span)?;
    }
    match builder.root {
        Some(Node::Map(items)) => Ok(items),
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

/// Takes only the position from `error`: its text may quote a value.
fn syntax(error: &ScanError) -> FormatError {
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => FormatError::TooDeep,
        ErrorKind::UnknownAnchor => FormatError::YamlFeature { line: error.marker().line(), what: YamlFeature::Anchor },
        _ => FormatError::Yaml { line: error.marker().line(), column: error.marker().col() + 1 },
    }
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
}

impl<'a> Builder<'a> {
    fn take(&mut self, event: Event<'a>, span: &Span) -> Result<(), FormatError> {
        let refused = |what| Err(FormatError::YamlFeature { line: span.start.line(), what });
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
        let line = span.start.line();
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
        self.add(node, place(span))
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
        let line = span.start.line();
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
            start: place(span).start,
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
            let names = frame.items.iter().filter(|item| !matches!(item.node, Node::Comment));
            json::unique(names.map(|item| item.key.as_ref()))?;
            Node::Map(frame.items)
        };
        self.add(node, frame.start..place(span).end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Result<String, FormatError> {
        fn show(items: &[Item<'_>]) -> String {
            let each = items.iter().map(|item| match &item.node {
                Node::Map(items) => format!("{}:{{{}}}", item.key, show(items)),
                Node::List(items) => format!("{}:[{}]", item.key, show(items)),
                Node::Text(text) => format!("{}={text:?}", item.key),
                Node::Typed { counted, .. } => format!("{}#{counted}", item.key),
                Node::Bool(value) => format!("{}?{value}", item.key),
                Node::Number(text) => format!("{}%{text}", item.key),
                Node::Null => format!("{}~", item.key),
                Node::Comment => format!("//{}", item.key.trim()),
            });
            each.collect::<Vec<_>>().join(" ")
        }
        tree(text, Comments::kept()).map(|items| show(&items))
    }

    #[test]
    fn entries_lists_and_types_are_read_in_order() {
        let text = "a: ENC[x]\n'b': \"q\\n\"\nc: |\n  x\n  y\nd:\ne: ~\nf: 0x10\ng: True\nh: [1, two, {k: v}]\ni:\n- x\n- y: 1\n  z: 2\nj: {}\n";
        let expected = "a=\"ENC[x]\" b=\"q\\n\" c=\"x\\ny\\n\" d~ e~ f#16 g?true h:[#1 =\"two\" :{k=\"v\"}] i:[=\"x\" \
                        :{y#1 z#2}] j:{}";
        assert_eq!(shape(text).unwrap(), expected);
    }

    #[test]
    fn comments_stand_where_sops_sees_them() {
        let text = "# top\na: 1 # beside a\n# above b\nb:\n    # above c\n    c: 2\n    # below c\n# above d\nd:\n    # above x\n    - x\n    - y # beside y\n\n# last\nsops: 1\n";
        let expected = "//top //beside a a#1 //above b b:{//above c c#2 //below c} //above d d:[//above x =\"x\" //beside y \
                        =\"y\"] //last sops#1";
        assert_eq!(shape(text).unwrap(), expected);
    }

    #[test]
    fn what_sops_never_writes_is_refused_with_its_line() {
        let cases = [
            ("a: &x 1\n", YamlFeature::Anchor, 1),
            ("a: 1\nb: *x\n", YamlFeature::Anchor, 2),
            ("a: 1\n---\nb: 1\n", YamlFeature::Document, 2),
            ("a: 1\nb: !!binary aGk=\n", YamlFeature::Tag, 2),
            ("a: !x {}\n", YamlFeature::Tag, 1),
            ("a: 1\n12: x\n", YamlFeature::Name, 2),
            ("? [a]\n: x\n", YamlFeature::Name, 1),
            ("a: 1\n<<: {b: 1}\n", YamlFeature::Name, 2),
            ("a: 18446744073709551615\n", YamlFeature::Number, 1),
        ];
        for (text, expected, expected_line) in cases {
            match shape(text) {
                Err(FormatError::YamlFeature { line, what }) => {
                    assert_eq!((what, line), (expected, expected_line), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        assert!(matches!(shape("a: 1\na: 2\n"), Err(FormatError::Duplicate { .. })));
        assert!(matches!(shape("a:\n\tb: 2\n"), Err(FormatError::Yaml { line: 2, .. })));
        assert!(matches!(shape("- a\n"), Err(FormatError::NotMapping)));
        assert!(matches!(shape(""), Err(FormatError::NotSops)));
        assert!(matches!(shape(&("[".repeat(200) + &"]".repeat(200))), Err(FormatError::TooDeep)));
        assert!(matches!(shape(&"[".repeat(100_000)), Err(FormatError::TooDeep)));
    }
}
