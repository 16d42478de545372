//! What may stand before the first token of a file: a byte order mark, a shebang, a frontmatter.
//!
//! **Both are pieces**: nothing in a file stays unread. <https://doc.rust-lang.org/reference/shebangs.html>

use super::{Lexer, Piece, PieceKind, block_end, byte, find, word};

/// What was not looked for yet.
#[derive(Clone, Copy)]
pub(super) enum Opening {
    /// Neither of them.
    Shebang,
    /// The frontmatter.
    Frontmatter,
    /// Nothing: lexing is under way.
    Past,
}

impl Lexer<'_> {
    /// The next piece that stands before the first token.
    pub(super) fn open(&mut self) -> Option<Piece> {
        if matches!(self.opening, Opening::Shebang) {
            self.opening = Opening::Frontmatter;
            if let Some(piece) = shebang(self.source, self.at) {
                self.at = piece.end;
                return Some(piece);
            }
        }
        self.opening = Opening::Past;
        let piece = frontmatter(self.source, self.at);
        if let Some(piece) = &piece {
            self.at = piece.end;
        }
        self.aim();
        piece
    }
}

/// The line at `start` if it is a shebang: `#!` without a `[` as the next token.
fn shebang(source: &[u8], start: usize) -> Option<Piece> {
    if byte(source, start) != b'#' || byte(source, start + 1) != b'!' {
        return None;
    }
    let inner_start = start + 2;
    if byte(source, plain_end(source, inner_start)) == b'[' {
        return None;
    }
    let newline = find(source, inner_start, b'\n');
    let is_crlf = newline < source.len() && byte(source, newline - 1) == b'\r';
    let end = if is_crlf { newline - 1 } else { newline };
    Some(Piece { kind: PieceKind::LineComment, start, end, inner_start, inner_end: end })
}

/// Where the white space and the comments without documentation end that stand at `from`.
fn plain_end(source: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        at = word::blank_end(source, at);
        if byte(source, at) != b'/' {
            return at;
        }
        let (third, fourth) = (byte(source, at + 2), byte(source, at + 3));
        at = match byte(source, at + 1) {
            b'/' if third != b'!' && (third != b'/' || fourth == b'/') => find(source, at + 2, b'\n'),
            b'*' if third != b'!' && (third != b'*' || matches!(fourth, b'*' | b'/')) => block_end(source, at + 2).1,
            _ => return at,
        };
    }
}

/// The frontmatter that white space alone stands before: from a line of three or more dashes to the next such line.
///
/// <https://github.com/rust-lang/rust/issues/136889>
fn frontmatter(source: &[u8], from: usize) -> Option<Piece> {
    let start = word::blank_end(source, from);
    let dashes = dash_count(source, start);
    if dashes < 3 {
        return None;
    }
    let inner_start = start + dashes;
    let mut line = find(source, inner_start, b'\n');
    while line < source.len() {
        if dash_count(source, line + 1) >= dashes {
            let end = find(source, line + 1, b'\n');
            return Some(Piece { kind: PieceKind::BlockComment, start, end, inner_start, inner_end: line });
        }
        line = find(source, line + 1, b'\n');
    }
    None
}

/// How many dashes stand at `from`.
fn dash_count(source: &[u8], from: usize) -> usize {
    let mut end = from;
    while byte(source, end) == b'-' {
        end += 1;
    }
    end - from
}
