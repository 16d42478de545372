//! Which entry a comment stands before, for the rules that look at comments.
//!
//! SOPS takes a comment beside a value for one above it, and tells by the indentation whether a comment below a nested
//! block still belongs to the block. **Where that is not plain, the file is refused.**

use std::borrow::Cow;

use granit_parser::{Placement, Span};

use super::Frame;
use crate::store::sops::FormatError;
use crate::store::sops::error::YamlFeature;
use crate::store::sops::tree::{Item, Node};

/// The comments of a file, where anyone asks for them.
pub(super) struct Comments {
    kept: bool,
    /// Those that no entry came after yet.
    waiting: Vec<Waiting>,
}

struct Waiting {
    text: String,
    column: usize,
    line: usize,
    at: usize,
}

impl Waiting {
    fn into_item<'a>(self) -> Item<'a> {
        Item { key: Cow::Owned(self.text), node: Node::Comment, span: self.at..self.at }
    }

    fn refused(&self) -> FormatError {
        FormatError::YamlFeature { line: self.line, what: YamlFeature::Comment }
    }
}

impl Comments {
    /// Nobody asks.
    pub(super) fn ignored() -> Self {
        Self { kept: false, waiting: Vec::new() }
    }

    /// The file's rule looks at them.
    pub(super) fn kept() -> Self {
        Self { kept: true, ..Self::ignored() }
    }

    /// Whether the parser has to hand them out.
    pub(super) fn are_kept(&self) -> bool {
        self.kept
    }

    /// A comment above the first entry.
    pub(super) fn wait(&mut self, text: &str, span: &Span) {
        self.waiting.push(waiting(text, span));
    }

    /// A comment within `frame`, the innermost mapping or list that is open.
    pub(super) fn found(
        &mut self,
        text: &str,
        placement: Placement,
        span: &Span,
        frame: &mut Frame<'_>,
    ) -> Result<(), FormatError> {
        let comment = waiting(text, span);
        if frame.in_flow {
            return Err(comment.refused());
        }
        if placement != Placement::Right {
            self.waiting.push(comment);
            return Ok(());
        }
        // Beside a value that is no mapping and no list: above it, for SOPS.
        let beside_value = frame.key.is_none()
            && frame
                .items
                .last()
                .is_some_and(|item| !matches!(item.node, Node::Map(_) | Node::List(_) | Node::Comment));
        let Some(value) = frame.items.pop_if(|_| beside_value) else { return Err(comment.refused()) };
        frame.items.push(comment.into_item());
        frame.items.push(value);
        Ok(())
    }

    /// The next entry of `frame` begins: what waits stands above it.
    pub(super) fn before_entry(&mut self, frame: &mut Frame<'_>) -> Result<(), FormatError> {
        for comment in self.waiting.drain(..) {
            if !frame.is_list && comment.column > frame.column {
                return Err(comment.refused());
            }
            frame.items.push(comment.into_item());
        }
        Ok(())
    }

    /// `frame` ends, within a mapping or list of the column `around`: what waits and is indented as it is stands in it.
    pub(super) fn at_end(&mut self, frame: &mut Frame<'_>, around: Option<usize>) -> Result<(), FormatError> {
        let inner = if frame.is_list { frame.column + 1 } else { frame.column };
        let outside = self.waiting.iter().position(|comment| comment.column < inner).unwrap_or(self.waiting.len());
        let outer = self.waiting.split_off(outside);
        frame.items.extend(self.waiting.drain(..).map(Waiting::into_item));
        for comment in &outer {
            if around.is_some_and(|around| comment.column > around) {
                return Err(comment.refused());
            }
        }
        self.waiting = outer;
        Ok(())
    }
}

fn waiting(text: &str, span: &Span) -> Waiting {
    let at = span.end.byte_offset().unwrap_or_default();
    Waiting { text: text.to_owned(), column: span.start.col(), line: span.start.line(), at }
}
