//! What a literal says: escapes resolved, line ends as rustc reads them, and the way back to the source.
//!
//! **A literal that rustc refuses is read as far as it goes**: an escape that is none stands for itself. **Values never
//! leave**: nothing here can be printed.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use crate::lexer::{Piece, PieceKind, count, element, find, gap_end};

/// What a piece says.
pub struct Decoded<'a> {
    /// Its bytes: those of the source where nothing is escaped.
    pub bytes: Cow<'a, [u8]>,
    parts: Parts<'a>,
    /// The last place that was asked for, in `bytes` and in the source: most ask in the order of the text.
    last: Cell<(usize, usize)>,
}

impl Decoded<'_> {
    /// The bytes of the source that say `range` of the decoded bytes, whole escapes and elements.
    #[must_use]
    pub fn source_range(&self, range: Range<usize>) -> Range<usize> {
        if matches!(self.bytes, Cow::Borrowed(_)) {
            let start = self.parts.at;
            return start + range.start..start + range.end;
        }
        let mut parts = self.parts.clone();
        let (mut decoded, at) = self.last.get();
        if decoded <= range.start {
            parts.at = at;
        } else {
            decoded = 0;
        }
        let mut found = None;
        loop {
            let part_start = parts.at;
            let Some(part) = parts.next() else { break };
            let behind = decoded + part.length();
            if found.is_none() && (range.start < behind || range.is_empty() && range.start == decoded) {
                self.last.set((decoded, part_start));
                found = Some(part.source_of(range.start - decoded).start);
            }
            if let Some(start) = found
                && range.end <= behind
            {
                let last = range.end.saturating_sub(1).saturating_sub(decoded);
                return start..if range.is_empty() { start } else { part.source_of(last).end };
            }
            decoded = behind;
        }
        found.unwrap_or(parts.at)..parts.at
    }
}

/// What `piece` of `source` says. The text of a comment is taken as it stands.
#[must_use]
pub fn decode<'a>(source: &'a [u8], piece: &Piece) -> Decoded<'a> {
    let source = source.get(..piece.inner_end).unwrap_or(source);
    let style = Style::of(piece.kind);
    let inner = source.get(piece.inner_start..).unwrap_or_default();
    let parts = Parts { source, at: piece.inner_start, style };
    let last = Cell::new((0, parts.at));
    let is_plain = match style {
        Style::Verbatim => true,
        Style::Raw => find(inner, 0, b'\r') == inner.len(),
        Style::Cooked => find(inner, 0, b'\\') == inner.len() && find(inner, 0, b'\r') == inner.len(),
        Style::Elements => false,
    };
    if is_plain {
        return Decoded { bytes: Cow::Borrowed(inner), parts, last };
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = parts.clone();
    while let Some(part) = rest.next() {
        match part.says {
            Says::Itself => bytes.extend_from_slice(source.get(part.start..part.end).unwrap_or_default()),
            Says::Nothing => {}
            Says::Byte(byte) => bytes.push(byte),
            Says::Char(char) => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Decoded { bytes: Cow::Owned(bytes), parts, last }
}

/// How a kind of piece writes its bytes.
#[derive(Clone, Copy)]
enum Style {
    /// As they are.
    Verbatim,
    /// As they are, but for line ends.
    Raw,
    /// With escapes.
    Cooked,
    /// As numbers and chars.
    Elements,
}

impl Style {
    fn of(kind: PieceKind) -> Self {
        match kind {
            PieceKind::Str | PieceKind::ByteStr | PieceKind::CStr => Self::Cooked,
            PieceKind::RawStr | PieceKind::RawByteStr | PieceKind::RawCStr => Self::Raw,
            PieceKind::ByteArray => Self::Elements,
            PieceKind::LineComment | PieceKind::BlockComment | PieceKind::LineDoc | PieceKind::BlockDoc => {
                Self::Verbatim
            }
        }
    }
}

/// The most plain bytes that are one part, so that the way to a place within them is short.
const LONGEST_RUN: usize = 1024;

/// Goes through a literal, part by part. Its source ends where the literal does.
#[derive(Clone)]
struct Parts<'a> {
    source: &'a [u8],
    at: usize,
    style: Style,
}

/// A part of a literal.
struct Part {
    start: usize,
    end: usize,
    says: Says,
}

/// What a part says.
enum Says {
    /// Its own bytes.
    Itself,
    /// Nothing: a line that goes on, what stands between elements.
    Nothing,
    /// One byte.
    Byte(u8),
    /// One character.
    Char(char),
}

impl Part {
    /// How many bytes it says.
    fn length(&self) -> usize {
        match self.says {
            Says::Itself => self.end - self.start,
            Says::Nothing => 0,
            Says::Byte(_) => 1,
            Says::Char(char) => char.len_utf8(),
        }
    }

    /// The source of its byte of this index.
    fn source_of(&self, index: usize) -> Range<usize> {
        match self.says {
            Says::Itself => self.start + index..self.start + index + 1,
            Says::Nothing | Says::Byte(_) | Says::Char(_) => self.start..self.end,
        }
    }
}

impl Parts<'_> {
    /// The next part: a run of plain bytes as one.
    fn next(&mut self) -> Option<Part> {
        let start = self.at;
        let &first = self.source.get(start)?;
        let (end, says) = match (self.style, first) {
            (Style::Elements, _) => match element(self.source, start) {
                Some((byte, end)) => (end, Says::Byte(byte)),
                None => (gap_end(self.source, start).max(start + 1), Says::Nothing),
            },
            (Style::Raw | Style::Cooked, b'\r') => self.carriage_return(start),
            (Style::Cooked, b'\\') => self.backslash(start),
            (Style::Verbatim, _) => (self.source.len(), Says::Itself),
            (Style::Raw | Style::Cooked, _) => (self.plain_end(start), Says::Itself),
        };
        self.at = end;
        Some(Part { start, end, says })
    }

    /// Where the next escape or carriage return is, no further on than [`LONGEST_RUN`].
    fn plain_end(&self, start: usize) -> usize {
        let end = self.source.len().min(start + LONGEST_RUN);
        let rest = self.source.get(start..end).unwrap_or_default();
        let length = match self.style {
            Style::Cooked => rest.iter().position(|&byte| byte == b'\\' || byte == b'\r'),
            _ => rest.iter().position(|&byte| byte == b'\r'),
        };
        let length = length.unwrap_or(rest.len());
        count(length);
        start + length
    }

    /// rustc reads `\r\n` as `\n`.
    fn carriage_return(&self, start: usize) -> (usize, Says) {
        if self.source.get(start + 1) == Some(&b'\n') {
            (start + 2, Says::Byte(b'\n'))
        } else {
            (start + 1, Says::Itself)
        }
    }

    /// The escape at `start`, or the line that goes on.
    fn backslash(&self, start: usize) -> (usize, Says) {
        let rest = self.source.get(start + 1..).unwrap_or_default();
        if rest.starts_with(b"\n") || rest.starts_with(b"\r\n") {
            let blank = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
            return (start + 1 + blank.unwrap_or(rest.len()), Says::Nothing);
        }
        let Some((value, end)) = escape(self.source, start) else { return (start + 1, Says::Itself) };
        let is_unicode = rest.first() == Some(&b'u');
        match (u8::try_from(value), char::from_u32(value)) {
            (Ok(byte), _) if !is_unicode => (end, Says::Byte(byte)),
            (_, Some(char)) => (end, Says::Char(char)),
            _ => (start + 1, Says::Itself),
        }
    }
}

/// The value of the escape whose backslash is at `start`, and where it ends.
pub(crate) fn escape(source: &[u8], start: usize) -> Option<(u32, usize)> {
    let value = match source.get(start + 1)? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'0' => 0,
        &quoted @ (b'\\' | b'"' | b'\'') => quoted,
        b'x' => {
            let value = hex(*source.get(start + 2)?)? * 16 + hex(*source.get(start + 3)?)?;
            return Some((value, start + 4));
        }
        b'u' => return unicode(source, start + 2),
        _ => return None,
    };
    Some((u32::from(value), start + 2))
}

/// The rest of `\u{…}` at `open`, one to six digits with any number of `_`.
fn unicode(source: &[u8], open: usize) -> Option<(u32, usize)> {
    if source.get(open) != Some(&b'{') {
        return None;
    }
    let (mut at, mut value, mut digits) = (open + 1, 0, 0);
    loop {
        match *source.get(at)? {
            b'}' if digits > 0 => return Some((value, at + 1)),
            b'_' if digits > 0 => {}
            digit => {
                value = value * 16 + hex(digit)?;
                digits += 1;
            }
        }
        if digits > 6 {
            return None;
        }
        at += 1;
    }
}

/// The value of a hexadecimal digit.
fn hex(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::{Lexer, STEPS};

    /// What the first piece of `source` says, and the source of the first `wanted` in it.
    fn decoded(source: &str, wanted: &str) -> (String, String) {
        let piece = Lexer::new(source.as_bytes()).next().unwrap();
        let decoded = decode(source.as_bytes(), &piece);
        let text = String::from_utf8(decoded.bytes.to_vec()).unwrap();
        let start = text.find(wanted).unwrap();
        let range = decoded.source_range(start..start + wanted.len());
        (text, source[range].to_owned())
    }

    fn pair(text: &str, source: &str) -> (String, String) {
        (text.to_owned(), source.to_owned())
    }

    #[test]
    fn escapes_are_resolved_and_found_again() {
        assert_eq!(decoded(r#""a\x42\u{4_3}\n\"d""#, "BC"), pair("aBC\n\"d", r"\x42\u{4_3}"));
        assert_eq!(decoded("\"a\\\r\n   b\\\n\t\n c\"", "bc"), pair("abc", "b\\\n\t\n c"));
        assert_eq!(decoded("\"a\r\nb\"", "a\nb"), pair("a\nb", "a\r\nb"));
        assert_eq!(decoded("r\"a\\\r\nb\"", "\n"), pair("a\\\nb", "\r\n"));
        assert_eq!(decoded(r#""a\u{e9}b""#, "é"), pair("aéb", r"\u{e9}"));
        assert_eq!(decoded(r#""\q\x4\u{}\u{110000}""#, "q"), pair(r"\q\x4\u{}\u{110000}", "q"));
        assert_eq!(decoded(r#""abc""#, "bc"), pair("abc", "bc"));
        assert_eq!(decoded("/* a\\n */", "\\"), pair(" a\\n ", "\\"));
    }

    #[test]
    fn an_array_says_its_elements() {
        let source = "[0x41, 66u8,\n b'C', 'D', 0b100_0101, /* 9 */ 0o106, b'\\x47', // 9\n 72, ]";
        let found = "66u8,\n b'C', 'D', 0b100_0101, /* 9 */ 0o106, b'\\x47'";
        assert_eq!(decoded(source, "BCDEFG"), pair("ABCDEFGH", found));
    }

    #[test]
    fn the_way_back_to_the_source_is_short_for_each_of_many_ranges() {
        let source = format!("\"\\n{}\"", "0123456789".repeat(10_000));
        let piece = Lexer::new(source.as_bytes()).next().unwrap();
        let decoded = decode(source.as_bytes(), &piece);
        let before = STEPS.get();
        for number in 0..10_000 {
            let start = 1 + number * 10;
            assert_eq!(decoded.source_range(start..start + 10), start + 2..start + 12);
        }
        assert!(STEPS.get() - before <= 10_000 * 3 * LONGEST_RUN, "{}", STEPS.get() - before);
    }

    #[test]
    fn ranges_may_be_asked_for_in_any_order() {
        let source = r#""\x61b\x63d\x65""#;
        let piece = Lexer::new(source.as_bytes()).next().unwrap();
        let decoded = decode(source.as_bytes(), &piece);
        let texts = [3..5, 0..1, 2..3, 1..4, 4..4, 5..5, 0..5, 0..0].map(|range| &source[decoded.source_range(range)]);
        assert_eq!(texts, [r"d\x65", r"\x61", r"\x63", r"b\x63d", "", "", r"\x61b\x63d\x65", ""]);
    }
}
