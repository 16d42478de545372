//! Moving back through source, piece by piece of an expression.
//!
//! **Nothing before the floor is looked at**, and where a bracket has no partner above it, nothing more is looked at, so
//! every walk ends soon.

use std::ops::Range;

use super::Names;
use crate::lexer::is_word;

/// Looks outwards from a place in the source.
pub(super) struct Walk<'a> {
    pub(super) source: &'a [u8],
    /// Everything from here on is behind.
    pub(super) at: usize,
    /// Nothing before this is looked at.
    pub(super) floor: usize,
    pub(super) names: Names,
}

impl<'a> Walk<'a> {
    /// From `start` back, over `reach` bytes at most.
    pub(super) fn new(source: &'a [u8], start: usize, reach: usize) -> Self {
        Walk { source, at: start, floor: start.saturating_sub(reach), names: Names::default() }
    }

    /// The byte `count` places before `at`; 0 beyond the floor.
    #[expect(clippy::indexing_slicing, reason = "`at` is never beyond the source's end; quick unoptimised")]
    pub(super) fn before(&self, count: usize) -> u8 {
        if self.at < self.floor + count { 0 } else { self.source[self.at - count] }
    }

    /// Back over blanks and line ends.
    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.before(1), b' ' | b'\t' | b'\n' | b'\r') {
            self.at -= 1;
        }
    }

    /// The bytes of `span`.
    pub(super) fn text(&self, span: &Range<usize>) -> &[u8] {
        self.source.get(span.clone()).unwrap_or_default()
    }

    /// The word that ends at `at`; `at` moves to its start.
    pub(super) fn take_word(&mut self) -> Range<usize> {
        let end = self.at;
        while is_word(self.before(1)) {
            self.at -= 1;
        }
        self.at..end
    }

    /// The path that ends at `at`, `a::b::<C>` and the like; `at` moves to its start.
    pub(super) fn take_path(&mut self) -> Range<usize> {
        let end = self.at;
        loop {
            if self.before(1) == b'>' {
                if !self.skip_bracketed(b'<', b'>') {
                    break;
                }
            } else if is_word(self.before(1)) {
                self.take_word();
            } else if self.before(1) == b':' && self.before(2) == b':' {
                self.at -= 2;
            } else {
                break;
            }
        }
        self.at..end
    }

    /// Goes back to where the statement, argument or field begins.
    pub(super) fn seek_statement_start(&mut self) {
        loop {
            match self.before(1) {
                0 | b';' | b'{' | b'}' | b'(' | b',' | b'[' | b'|' => return,
                b']' if self.skip_bracketed(b'[', b']') => {}
                b')' if self.skip_bracketed(b'(', b')') => {}
                b'>' if !matches!(self.before(2), b'-' | b'=') && self.skip_bracketed(b'<', b'>') => {}
                b'"' if self.skip_literal() => {}
                _ => self.at -= 1,
            }
        }
    }

    /// Goes back to the `{` of the block around.
    pub(super) fn seek_block_start(&mut self) {
        loop {
            match self.before(1) {
                0 | b'{' => return,
                b'}' if self.skip_bracketed(b'{', b'}') => {}
                _ => self.at -= 1,
            }
        }
    }

    /// Goes back over the expression that ends at `at`.
    pub(super) fn skip_expression(&mut self) {
        loop {
            match self.before(1) {
                b')' if self.skip_bracketed(b'(', b')') => {}
                b']' if self.skip_bracketed(b'[', b']') => {}
                b'>' if self.before(2) != b'=' && self.before(2) != b'-' && self.skip_bracketed(b'<', b'>') => {}
                b'"' if self.skip_literal() => {}
                b'.' | b'?' | b'!' | b':' => self.at -= 1,
                byte if is_word(byte) => self.at -= 1,
                b'\n' | b' ' | b'\t' | b'\r' if self.continues_above() => self.skip_blanks(),
                _ => return,
            }
        }
    }

    /// Whether the blanks before `at` are within a chain of methods: a `.` stands behind them.
    pub(super) fn continues_above(&self) -> bool {
        self.source.get(self.at) == Some(&b'.')
    }

    /// Goes back over a bracketed text that ends at `at`. Where no opening bracket is in reach, it stays where it is, and
    /// nothing more is looked at: else a row of closing brackets would cost its length squared.
    pub(super) fn skip_bracketed(&mut self, open: u8, close: u8) -> bool {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            let byte = self.before(1);
            if byte == 0 {
                self.at = start;
                self.floor = start;
                return false;
            }
            self.at -= 1;
            if byte == close {
                depth += 1;
            } else if byte == open {
                depth -= 1;
                if depth == 0 {
                    return true;
                }
            }
        }
    }

    /// Goes back over a string literal that ends at `at`, to its opening quote or prefix.
    pub(super) fn skip_literal(&mut self) -> bool {
        let start = self.at;
        self.at -= 1;
        while !matches!(self.before(1), 0 | b'"' | b'\n') || (self.before(1) == b'"' && self.before(2) == b'\\') {
            self.at -= 1;
        }
        if self.before(1) != b'"' {
            self.at = start;
            return false;
        }
        self.at -= 1;
        while matches!(self.before(1), b'#' | b'r' | b'b' | b'c') && !is_word(self.before(2)) {
            self.at -= 1;
        }
        true
    }
}
