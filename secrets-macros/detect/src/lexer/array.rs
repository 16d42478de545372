//! Arrays of bytes: a key written number by number, with comments between them perhaps.

use super::{Lexer, Piece, PieceKind, block_end, byte, count, find, word};
use crate::literal;

/// A shorter array is no key.
const LEAST_ELEMENTS: usize = 8;

impl Lexer<'_> {
    /// The array that opens at the bracket cursor; else the cursor goes on.
    pub(super) fn array(&mut self) -> Option<Piece> {
        let start = self.bracket;
        if self.is_in_char(start) {
            return None;
        }
        let (elements, end) = read(self.source, start + 1);
        if elements >= LEAST_ELEMENTS {
            self.at = end + 1;
            let kind = PieceKind::ByteArray;
            return Some(Piece { kind, start, end: end + 1, inner_start: start + 1, inner_end: end });
        }
        // Between `start` and `end` stand numbers, chars and comments alone: no other bracket opens there.
        self.bracket = find_bracket(self.source, end);
        None
    }
}

/// The first `[` at or behind `from` with the start of a number, byte, char or comment behind it.
pub(super) fn find_bracket(source: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        let bracket = find(source, at, b'[');
        if bracket == source.len() {
            return bracket;
        }
        at = bracket + 1;
        let mut first = byte(source, at);
        if matches!(first, b' ' | b'\n' | b'\r' | b'\t') {
            at = word::blank_end(source, at);
            first = byte(source, at);
        }
        if first.is_ascii_digit() || matches!(first, b'\'' | b'/') || first == b'b' && byte(source, at + 1) == b'\'' {
            return bracket;
        }
    }
}

/// How many elements the array has whose first byte behind the `[` is at `from`, and where its `]` is; no elements, and
/// where it stopped, where it is none.
fn read(source: &[u8], from: usize) -> (usize, usize) {
    let (mut at, mut elements) = (from, 0);
    loop {
        at = gap_end(source, at);
        if byte(source, at) == b']' {
            return (elements, at);
        }
        let Some((_, end)) = element(source, at) else { return (0, at) };
        elements += 1;
        at = gap_end(source, end);
        match byte(source, at) {
            b',' => at += 1,
            b']' => return (elements, at),
            _ => return (0, at),
        }
    }
}

/// Where the white space and the comments at `at` end.
pub(crate) fn gap_end(source: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        end = word::blank_end(source, end);
        if byte(source, end) != b'/' {
            return end;
        }
        end = match byte(source, end + 1) {
            b'/' => find(source, end, b'\n'),
            b'*' => block_end(source, end + 2).1,
            _ => return end,
        };
    }
}

/// The value of the element at `at`, and where it ends.
pub(crate) fn element(source: &[u8], at: usize) -> Option<(u8, usize)> {
    match byte(source, at) {
        b'0'..=b'9' => number(source, at),
        b'\'' => quoted(source, at + 1),
        b'b' if byte(source, at + 1) == b'\'' => quoted(source, at + 2),
        _ => None,
    }
}

/// The char or byte whose content is at `at`. Chars beyond ASCII are no bytes.
fn quoted(source: &[u8], at: usize) -> Option<(u8, usize)> {
    let (value, end) = match byte(source, at) {
        b'\\' => {
            let (value, end) = literal::escape(source, at)?;
            (u8::try_from(value).ok()?, end)
        }
        first @ b' '..=b'~' if first != b'\'' => (first, at + 1),
        _ => return None,
    };
    count(end - at);
    (byte(source, end) == b'\'').then_some((value, end + 1))
}

/// The number at `at`, in any base, with any integer's suffix.
fn number(source: &[u8], at: usize) -> Option<(u8, usize)> {
    let (radix, mut end) = match (byte(source, at), byte(source, at + 1)) {
        (b'0', b'x') => (16, at + 2),
        (b'0', b'o') => (8, at + 2),
        (b'0', b'b') => (2, at + 2),
        _ => (10, at),
    };
    let mut value = 0;
    loop {
        let digit = match byte(source, end) {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ b'a'..=b'f' if radix == 16 => digit - b'a' + 10,
            digit @ b'A'..=b'F' if radix == 16 => digit - b'A' + 10,
            b'_' => {
                end += 1;
                continue;
            }
            _ => break,
        };
        value = value * radix + u32::from(digit);
        if value > 255 || u32::from(digit) >= radix {
            return None;
        }
        end += 1;
    }
    if matches!(byte(source, end), b'u' | b'i') {
        end = word::end(source, end);
    }
    count(end - at);
    Some((u8::try_from(value).ok()?, end))
}
