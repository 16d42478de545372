//! Finds the literals and comments of Rust source, and nothing else of it.
//!
//! **Spans are those of rustc's own lexer** on whatever its parser takes; where editions differ (`c"…"`), the newest
//! counts. Three cursors (`"`, `/`, `[`) look ahead for the next byte that can open something, each with the optimised
//! search of the standard library, so that it is quick where this crate is built without optimisation: see `find`. Chars
//! and lifetimes are looked at only where they decide what a quote means.
//!
//! **Any input ends, in time linear in its length**: no byte is looked at more than a few times. **Pieces are in the
//! order of the text, do not overlap, and start and end on characters.** What is never closed ends with the text.

#![expect(clippy::indexing_slicing, reason = "hot loops: indices are below the length that was just compared with")]
#![expect(clippy::inline_always, reason = "proc macros are built without optimisation, where a call costs a search")]

mod array;
mod opening;
mod quote;
#[cfg(test)]
mod tests;
mod word;

use std::io::BufRead;

pub(crate) use array::{element, gap_end};
#[cfg(test)]
pub(crate) use tests::STEPS;
pub(crate) use word::is_word;

/// What a piece of source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// `"…"`.
    Str,
    /// `r"…"`, `r#"…"#`.
    RawStr,
    /// `b"…"`.
    ByteStr,
    /// `br"…"`.
    RawByteStr,
    /// `c"…"`.
    CStr,
    /// `cr"…"`.
    RawCStr,
    /// `// …`, and a shebang line.
    LineComment,
    /// `/* … */`, and a frontmatter.
    BlockComment,
    /// `/// …`, `//! …`.
    LineDoc,
    /// `/** … */`, `/*! … */`.
    BlockDoc,
    /// `[0x41, b'B', 67, …]`: at least eight numbers below 256, byte literals or chars, and the comments among them.
    ByteArray,
}

/// A literal or a comment: its place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its first byte, that of the prefix if it has one.
    pub start: usize,
    /// The byte behind it, its suffix included.
    pub end: usize,
    /// The first byte between the quotes, or behind the mark of a comment.
    pub inner_start: usize,
    /// The byte behind those between the quotes.
    pub inner_end: usize,
}

/// Goes through a source, piece by piece.
pub struct Lexer<'a> {
    source: &'a [u8],
    /// Where lexing goes on: the end of a token.
    at: usize,
    /// Up to here it is known which `'` opens a char.
    settled: usize,
    /// The first `"` at or behind `at`.
    quote: usize,
    /// The first `//` or `/*` at or behind `at`.
    comment: usize,
    /// The first `[` at or behind `at` that may open a byte array.
    bracket: usize,
    /// Whether the last piece was a line comment: often the next one is too.
    is_behind_line: bool,
    /// What may come before the first token.
    opening: opening::Opening,
}

impl<'a> Lexer<'a> {
    /// Starts at the beginning of `source`, a whole file.
    #[must_use]
    pub fn new(source: &'a [u8]) -> Self {
        let at = if source.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let opening = opening::Opening::Shebang;
        Self { source, at, settled: at, quote: 0, comment: 0, bracket: 0, is_behind_line: false, opening }
    }

    /// Goes through the comments within `array`, a byte array of `source`, which are no pieces of their own.
    #[must_use]
    pub fn within(source: &'a [u8], array: &Piece) -> Self {
        let (source, at) = (&source[..array.inner_end], array.inner_start);
        let opening = opening::Opening::Past;
        let mut lexer =
            Self { source, at, settled: at, quote: 0, comment: 0, bracket: 0, is_behind_line: false, opening };
        lexer.aim();
        lexer
    }

    /// The first positions of the cursors.
    fn aim(&mut self) {
        self.quote = find(self.source, self.at, b'"');
        self.comment = find_comment(self.source, self.at);
        self.bracket = array::find_bracket(self.source, self.at);
    }

    /// The comment at `start`.
    #[inline(always)]
    fn comment(&mut self, start: usize) -> Piece {
        let (source, third) = (self.source, byte(self.source, start + 2));
        if source[start + 1] == b'*' {
            return self.block_comment(start, third);
        }
        let is_doc = third == b'!' || third == b'/' && byte(source, start + 3) != b'/';
        let kind = if is_doc { PieceKind::LineDoc } else { PieceKind::LineComment };
        let inner_start = if is_doc { start + 3 } else { start + 2 };
        let end = find(source, inner_start, b'\n');
        let inner_end = if end > inner_start && source[end - 1] == b'\r' { end - 1 } else { end };
        self.at = end;
        self.is_behind_line = true;
        Piece { kind, start, end, inner_start, inner_end }
    }

    /// The block comment at `start`; its third byte is known.
    fn block_comment(&mut self, start: usize, third: u8) -> Piece {
        let is_doc = third == b'!' || third == b'*' && !matches!(byte(self.source, start + 3), b'*' | b'/');
        let kind = if is_doc { PieceKind::BlockDoc } else { PieceKind::BlockComment };
        let inner_start = if is_doc { start + 3 } else { start + 2 };
        let (inner_end, end) = block_end(self.source, start + 2);
        self.at = end;
        Piece { kind, start, end, inner_start, inner_end }
    }

    /// Where the line comment starts that follows a line comment with nothing but white space between; none else.
    ///
    /// The cursors need not be moved on then: most comments come in blocks.
    #[inline(always)]
    fn next_line(&mut self) -> Option<usize> {
        self.is_behind_line = false;
        let (source, mut at) = (self.source, self.at);
        while at < source.len() && source[at] <= b' ' {
            at += 1;
        }
        count(at - self.at);
        if byte(source, at) == b'/' && byte(source, at + 1) == b'/' { Some(at) } else { None }
    }

    /// The string that starts at the quote cursor, or nothing where it stands in a char literal: behind that then.
    fn string(&mut self) -> Option<Piece> {
        let quote = self.quote;
        if self.is_in_char(quote) {
            return None;
        }
        let (kind, start, hashes) = self.prefix(quote);
        let is_raw = matches!(kind, PieceKind::RawStr | PieceKind::RawByteStr | PieceKind::RawCStr);
        let inner_start = quote + 1;
        let inner_end =
            if is_raw { raw_end(self.source, inner_start, hashes) } else { cooked_end(self.source, inner_start) };
        let end = if inner_end == self.source.len() {
            inner_end
        } else {
            word::suffix_end(self.source, inner_end + 1 + hashes)
        };
        self.at = end;
        Some(Piece { kind, start, end, inner_start, inner_end })
    }
}

impl Iterator for Lexer<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if self.is_behind_line
            && let Some(start) = self.next_line()
        {
            return Some(self.comment(start));
        }
        if !matches!(self.opening, opening::Opening::Past)
            && let Some(piece) = self.open()
        {
            return Some(piece);
        }
        loop {
            if self.quote < self.at {
                self.quote = find(self.source, self.at, b'"');
            }
            if self.comment < self.at {
                self.comment = find_comment(self.source, self.at);
            }
            if self.bracket < self.at {
                self.bracket = array::find_bracket(self.source, self.at);
            }
            if self.comment < self.quote && self.comment < self.bracket {
                return Some(self.comment(self.comment));
            }
            let piece = if self.bracket < self.quote {
                self.array()
            } else if self.quote < self.source.len() {
                self.string()
            } else {
                return None;
            };
            if piece.is_some() {
                return piece;
            }
        }
    }
}

/// The first `wanted` in `source` at or behind `from`; the length of `source` where there is none.
///
/// `skip_until` searches with the standard library's `memchr`, which is compiled already, and optimised.
#[inline(always)]
pub(crate) fn find(source: &[u8], from: usize, wanted: u8) -> usize {
    if from >= source.len() {
        return source.len();
    }
    let mut rest = &source[from..];
    let Ok(skipped) = rest.skip_until(wanted) else { return source.len() };
    count(skipped);
    let end = from + skipped;
    if source[end - 1] == wanted { end - 1 } else { end }
}

/// The byte at `index`, 0 behind the end.
#[inline(always)]
fn byte(source: &[u8], index: usize) -> u8 {
    if index < source.len() { source[index] } else { 0 }
}

/// The first `//` or `/*` at or behind `from`.
fn find_comment(source: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        let slash = find(source, at, b'/');
        if slash == source.len() || matches!(byte(source, slash + 1), b'/' | b'*') {
            return slash;
        }
        at = slash + 1;
    }
}

/// Where the text and the whole of a block comment end whose text starts at `from`: comments nest.
fn block_end(source: &[u8], from: usize) -> (usize, usize) {
    let (mut from, mut depth) = (from, 1_usize);
    loop {
        let slash = find(source, from, b'/');
        if slash == source.len() {
            return (slash, slash);
        }
        if slash > from && source[slash - 1] == b'*' {
            depth -= 1;
            if depth == 0 {
                return (slash - 1, slash + 1);
            }
            from = slash + 1;
        } else if byte(source, slash + 1) == b'*' {
            depth += 1;
            from = slash + 2;
        } else {
            from = slash + 1;
        }
    }
}

/// The `"` that closes a string with escapes whose text starts at `from`.
fn cooked_end(source: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        let quote = find(source, at, b'"');
        if quote == source.len() || quote == from || source[quote - 1] != b'\\' {
            return quote;
        }
        let mut run = quote - 1;
        while run > from && source[run - 1] == b'\\' {
            run -= 1;
        }
        count(quote - run);
        if (quote - run).is_multiple_of(2) {
            return quote;
        }
        at = quote + 1;
    }
}

/// The `"` that closes a raw string of so many hashes whose text starts at `from`.
fn raw_end(source: &[u8], from: usize, hashes: usize) -> usize {
    let mut at = from;
    loop {
        let quote = find(source, at, b'"');
        at = quote + 1;
        while at - quote <= hashes && byte(source, at) == b'#' {
            at += 1;
        }
        count(at - quote);
        if quote == source.len() || at - quote > hashes {
            return quote;
        }
    }
}

/// Counts the bytes that were looked at, so that tests can hold the lexer linear without a clock.
#[cfg(test)]
pub(crate) fn count(bytes: usize) {
    STEPS.with(|steps| steps.set(steps.get() + bytes));
}

#[cfg(not(test))]
#[inline(always)]
pub(crate) fn count(_: usize) {}
