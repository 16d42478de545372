//! One YAML mapping. Texts are taken as they are, numbers and truth values as they are spelled.
//!
//! **What readers of YAML 1.1 and 1.2 could take for different things is refused**: anchors, tags, further documents, line
//! breaks that only one of them knows.

use std::borrow::Cow;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};

use super::{Entry, Error, Fault, Format, Found, Source, Trouble, without_mark};
use crate::secret::{SecretName, SecretValue};

pub(super) const FORMAT: Format = Format {
    name: "yaml",
    about: "One YAML mapping of texts, numbers and truth values",
    encrypted: false,
    looks: |source| matches!(source.extension().as_str(), "yaml" | "yml"),
    read: |source, _| read(source),
};

fn read(source: &Source<'_>) -> Result<Found, Error> {
    let text = without_mark(source.text);
    if let Some(at) = text.find(['\u{85}', '\u{2028}', '\u{2029}']) {
        let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        return Err(Error::lines(source, vec![Fault { line, name: String::new(), why: Trouble::LineBreak }]));
    }
    let mut options = Options::default();
    options.disallow_directives = true;
    let mut reader = Reader { flatten: source.flatten, ..Reader::default() };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| Error::Yaml {
            input: source.shown(),
            line: error.marker().line(),
            column: error.marker().col() + 1,
        })?;
        let line = span.start.line();
        let refused = |why| Error::lines(source, vec![Fault { line, name: String::new(), why }]);
        reader.take(event, &span).map_err(refused)?;
    }
    Ok(reader.found)
}

#[derive(Default)]
struct Reader {
    found: Found,
    flatten: bool,
    documents: usize,
    /// The maps and lists around what comes next.
    stack: Vec<Frame>,
}

enum Frame {
    /// With the name that waits for its value, and its line.
    Map(Option<(String, usize)>),
    /// With the number of the next element.
    List(usize),
    /// Something nested that is not taken.
    Skipped,
}

impl Reader {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Trouble> {
        if event.anchor_id().is_some() || event.is_alias() || event.tag().is_some() {
            return Err(Trouble::Anchor);
        }
        let line = span.start.line();
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Trouble::Documents);
                }
            }
            Event::Scalar(text, style, ..) => {
                let is_absent = style == ScalarStyle::Plain && span.start.byte_offset() == span.end.byte_offset();
                self.scalar(&text, style, is_absent, line)?;
            }
            Event::MappingStart(..) => self.open(Frame::Map(None), line)?,
            Event::SequenceStart(..) => self.open(Frame::List(0), line)?,
            Event::SequenceEnd | Event::MappingEnd => {
                self.stack.pop();
                self.next();
            }
            _ => {}
        }
        Ok(())
    }

    /// A map or a list: the one that holds all, or a value.
    fn open(&mut self, frame: Frame, line: usize) -> Result<(), Trouble> {
        let frame = match self.stack.last() {
            None if matches!(frame, Frame::Map(_)) => frame,
            None | Some(Frame::Map(None)) => return Err(Trouble::NoMapping),
            Some(Frame::Skipped) => Frame::Skipped,
            Some(_) if self.flatten => frame,
            Some(Frame::Map(Some((name, line)))) => {
                self.found.left_out.push(Fault { line: *line, name: name.clone(), why: Trouble::Nested });
                Frame::Skipped
            }
            Some(Frame::List(_)) => {
                self.found.left_out.push(Fault { line, name: self.name(), why: Trouble::Nested });
                Frame::Skipped
            }
        };
        self.stack.push(frame);
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, is_absent: bool, line: usize) -> Result<(), Trouble> {
        let is_plain = style == ScalarStyle::Plain;
        match self.stack.last_mut() {
            // An empty file has an empty document.
            None if is_absent => return Ok(()),
            None => return Err(Trouble::NoMapping),
            Some(Frame::Skipped) => return Ok(()),
            // Unquoted, it would merge another mapping into this one.
            Some(Frame::Map(None)) if is_plain && text == "<<" => return Err(Trouble::Anchor),
            Some(Frame::Map(key @ None)) => {
                *key = Some((text.to_owned(), line));
                return Ok(());
            }
            Some(Frame::Map(_) | Frame::List(_)) => {}
        }
        let name = self.name();
        if is_absent || (is_plain && matches!(text, "~" | "null" | "Null" | "NULL")) {
            self.found.left_out.push(Fault { line, name, why: Trouble::Null });
        } else {
            self.found.entries.push(Entry { name, value: SecretValue::new(text.to_owned()), line });
        }
        self.next();
        Ok(())
    }

    /// A value is over.
    fn next(&mut self) {
        match self.stack.last_mut() {
            Some(Frame::Map(key)) => *key = None,
            Some(Frame::List(index)) => *index += 1,
            Some(Frame::Skipped) | None => {}
        }
    }

    /// The name of the value that comes next.
    fn name(&self) -> String {
        if !self.flatten {
            let Some(Frame::Map(Some((name, _)))) = self.stack.last() else { return String::new() };
            return name.clone();
        }
        SecretName::flattened(self.stack.iter().filter_map(|frame| match frame {
            Frame::Map(key) => key.as_ref().map(|(name, _)| Cow::Borrowed(name.as_str())),
            Frame::List(index) => Some(Cow::Owned(index.to_string())),
            Frame::Skipped => None,
        }))
    }
}
