//! Words and white space, as rustc's lexer delimits them.
//!
//! **Every character beyond ASCII that is not white space counts as a part of a word**: rustc takes no other outside of
//! literals and comments.

use super::{byte, count};

/// How many bytes the character takes that starts with `first`.
pub(super) fn char_length(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

/// Whether `byte` goes on a word.
#[inline(always)]
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// How many bytes of white space stand at `at`: none, or one character. `Pattern_White_Space` of Unicode.
#[inline(always)]
fn blank(source: &[u8], at: usize) -> usize {
    match byte(source, at) {
        b'\t'..=b'\r' | b' ' => 1,
        0xC2 if byte(source, at + 1) == 0x85 => 2,
        0xE2 if byte(source, at + 1) == 0x80 && matches!(byte(source, at + 2), 0x8E | 0x8F | 0xA8 | 0xA9) => 3,
        _ => 0,
    }
}

/// Where the white space at `at` ends.
pub(super) fn blank_end(source: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        let length = blank(source, end);
        if length == 0 {
            count(end - at);
            return end;
        }
        end += length;
    }
}

/// Where the word at `at` ends.
pub(super) fn end(source: &[u8], at: usize) -> usize {
    let mut end = at;
    while is_word(byte(source, end)) && blank(source, end) == 0 {
        end += char_length(byte(source, end));
    }
    count(end - at);
    end.min(source.len())
}

/// Where the suffix of a literal ends that may stand at `at`.
#[inline(always)]
pub(super) fn suffix_end(source: &[u8], at: usize) -> usize {
    let first = byte(source, at);
    if is_word(first) && !first.is_ascii_digit() { end(source, at) } else { at }
}

/// Whether the byte before `at` belongs to a word.
pub(super) fn is_behind_word(source: &[u8], at: usize) -> bool {
    if at == 0 {
        return false;
    }
    let last = byte(source, at - 1);
    if last < 0x80 {
        return is_word(last);
    }
    let is_blank = at >= 2 && blank(source, at - 2) == 2 || at >= 3 && blank(source, at - 3) == 3;
    !is_blank
}
