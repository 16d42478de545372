//! What stands around a `"`: the prefix of a string, or the quotes of a char.

use super::{Lexer, PieceKind, byte, count, find, word};

impl Lexer<'_> {
    /// The kind, the start and the number of hashes of the string that opens with the `"` at `quote`.
    pub(super) fn prefix(&mut self, quote: usize) -> (PieceKind, usize, usize) {
        let (source, floor) = (self.source, self.at);
        let mut open = quote;
        while open > floor && byte(source, open - 1) == b'#' {
            open -= 1;
        }
        let hashes = quote - open;
        count(hashes);
        let letter = |at: usize| if at > floor { byte(source, at - 1) } else { 0 };
        let (kind, start) = match (letter(open), letter(open.saturating_sub(1))) {
            (b'r', b'b') => (PieceKind::RawByteStr, open - 2),
            (b'r', b'c') => (PieceKind::RawCStr, open - 2),
            (b'r', _) => (PieceKind::RawStr, open - 1),
            (b'b', _) if hashes == 0 => (PieceKind::ByteStr, open - 1),
            (b'c', _) if hashes == 0 => (PieceKind::CStr, open - 1),
            _ => return (PieceKind::Str, quote, 0),
        };
        if self.starts_token(start) { (kind, start, hashes) } else { (PieceKind::Str, quote, 0) }
    }

    /// Whether a token starts at `start`, an `r`, `b` or `c`: it is not the rest of a longer word, a lifetime or a suffix
    /// (`'r"…"`, `'x'r"…"`), nor that of a raw identifier (`r#r"…"`, but not `r#r#r"…"`).
    fn starts_token(&mut self, start: usize) -> bool {
        let (source, floor) = (self.source, self.at);
        let mut first = start;
        while first >= floor + 2 && byte(source, first - 1) == b'#' && byte(source, first - 2) == b'r' {
            first -= 2;
        }
        count(start - first);
        let hashes = (start - first) / 2;
        let starts = if first > 0 && byte(source, first - 1) == b'\'' {
            // The word of a lifetime goes on behind a hash (`'r#r`), a suffix does not.
            hashes > 0 && !self.is_behind_char(first)
        } else {
            first == floor || !word::is_behind_word(source, first)
        };
        starts == hashes.is_multiple_of(2)
    }

    /// Whether the byte at `at`, a `"` or `[`, is the content of a char literal; lexing goes on behind it then.
    #[inline(always)]
    pub(super) fn is_in_char(&mut self, at: usize) -> bool {
        let source = self.source;
        if byte(source, at + 1) != b'\'' || at <= self.at {
            return false;
        }
        let before = byte(source, at - 1);
        let is_char = match before {
            // Outside of a literal no backslash is Rust.
            b'\\' => at >= self.at + 2 && byte(source, at - 2) == b'\'',
            b'\'' => self.opens_char(at - 1),
            _ => false,
        };
        if is_char {
            self.at = at + 2;
        }
        is_char
    }

    /// Whether the `'` at `tick`, with a `'` two bytes on, opens a char: in `'x'"'"` it closes one.
    fn opens_char(&mut self, tick: usize) -> bool {
        if tick >= self.at + 2
            && matches!(byte(self.source, tick - 1), b' ' | b'(' | b',' | b'|' | b'=' | b'\n')
            && byte(self.source, tick - 2) != b'\''
        {
            return true;
        }
        !self.is_behind_char(tick + 1)
    }

    /// Whether the byte before `at` is the `'` that closes a char.
    fn is_behind_char(&mut self, at: usize) -> bool {
        if at == 0 || byte(self.source, at - 1) != b'\'' {
            return false;
        }
        let tick = at - 1;
        if self.settled < self.at {
            self.settled = self.at;
        }
        while self.settled <= tick {
            let opening = find(self.source.split_at(tick).0, self.settled, b'\'');
            if opening >= tick {
                self.settled = tick;
                return false;
            }
            self.settled = tick_end(self.source, opening);
        }
        true
    }
}

/// Where the char or lifetime ends whose `'` stands at `tick`.
///
/// What is neither ends as rustc's lexer has it, so that both go on from the same place.
fn tick_end(source: &[u8], tick: usize) -> usize {
    let first = byte(source, tick + 1);
    let second = tick + 1 + word::char_length(first);
    if first != b'\\' && byte(source, second) == b'\'' {
        return second + 1;
    }
    if word::is_word(first) {
        let end = word::end(source, tick + 1);
        return if byte(source, end) == b'\'' { end + 1 } else { end };
    }
    let mut at = tick + 1;
    while at < source.len() {
        match byte(source, at) {
            b'\'' => return at + 1,
            b'/' => break,
            b'\n' if byte(source, at + 1) != b'\'' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    count(at - tick);
    at.min(source.len())
}
