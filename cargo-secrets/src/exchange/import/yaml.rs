//! One YAML mapping. Texts are taken as they are, numbers and truth values as they are spelled.
//!
//! **What readers of YAML 1.1 and 1.2 could take for different things is refused**: anchors, tags, further documents, line
//! breaks that only one of them knows.

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};

use super::{Entry, Error, Fault, Format, Found, Source, Trouble, without_mark};
use crate::secret::SecretValue;

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
    let mut reader = Reader::default();
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
    depth: usize,
    documents: usize,
    /// The name that waits for its value.
    key: Option<(String, usize)>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Trouble> {
        if event.anchor_id().is_some() || event.is_alias() || event.tag().is_some() {
            return Err(Trouble::Anchor);
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                return if self.documents > 1 { Err(Trouble::Documents) } else { Ok(()) };
            }
            Event::Scalar(text, style, ..) if self.depth < 2 => {
                let is_absent = style == ScalarStyle::Plain && span.start.byte_offset() == span.end.byte_offset();
                return self.scalar(&text, style, is_absent, span.start.line());
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => self.open(&event)?,
            Event::SequenceEnd | Event::MappingEnd => self.depth -= 1,
            _ => {}
        }
        Ok(())
    }

    /// A map or a list: the one that holds all, or a value that is none.
    fn open(&mut self, event: &Event<'_>) -> Result<(), Trouble> {
        self.depth += 1;
        match (self.depth, self.key.take()) {
            (1, _) if matches!(event, Event::MappingStart(..)) => Ok(()),
            (1, _) | (2, None) => Err(Trouble::NoMapping),
            (2, Some((name, line))) => {
                self.found.left_out.push(Fault { line, name, why: Trouble::Nested });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, is_absent: bool, line: usize) -> Result<(), Trouble> {
        if self.depth == 0 {
            // An empty file has an empty document.
            return if is_absent { Ok(()) } else { Err(Trouble::NoMapping) };
        }
        let is_plain = style == ScalarStyle::Plain;
        match self.key.take() {
            // Unquoted, it would merge another mapping into this one.
            None if is_plain && text == "<<" => return Err(Trouble::Anchor),
            None => self.key = Some((text.to_owned(), line)),
            Some((name, line)) if is_absent || (is_plain && matches!(text, "~" | "null" | "Null" | "NULL")) => {
                self.found.left_out.push(Fault { line, name, why: Trouble::Null });
            }
            Some((name, line)) => {
                self.found.entries.push(Entry { name, value: SecretValue::new(text.to_owned()), line });
            }
        }
        Ok(())
    }
}
