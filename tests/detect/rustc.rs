//! What rustc's own lexer and its own reading of escapes say: the pieces and values that ours have to equal.

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, strip_shebang, tokenize};
use rustc_literal_escaper::{MixedUnit, unescape_byte, unescape_byte_str, unescape_c_str, unescape_char, unescape_str};
use secrets_detect::internals::{Piece, PieceKind};

/// A token and its place.
#[derive(Clone, Copy)]
struct Token {
    kind: TokenKind,
    start: usize,
    end: usize,
}

/// The pieces of `source`, and whether rustc takes each token: where it does not, its pieces need not be ours.
pub(crate) fn pieces(source: &str) -> (Vec<Piece>, bool) {
    let (tokens, mut pieces) = tokens(source);
    let mut is_valid = true;
    let mut next = 0;
    while let Some(&token) = tokens.get(next) {
        is_valid &= !is_mistake(source, token);
        next += 1;
        if let Some((piece, behind)) = array(source, &tokens, next - 1) {
            pieces.push(piece);
            next = behind;
        } else if let Some(piece) = piece(source, token) {
            pieces.push(piece);
        }
    }
    (pieces, is_valid)
}

/// The tokens of a file behind its byte order mark and shebang; the shebang is a piece already.
fn tokens(source: &str) -> (Vec<Token>, Vec<Piece>) {
    let mut at = if source.starts_with('\u{feff}') { 3 } else { 0 };
    let mut pieces = Vec::new();
    if let Some(length) = strip_shebang(&source[at..]) {
        let (start, end) = (at, at + length);
        pieces.push(Piece { kind: PieceKind::LineComment, start, end, inner_start: start + 2, inner_end: end });
        at += length;
    }
    let mut placed = Vec::new();
    let mut frontmatter = Some(FrontmatterAllowed::Yes);
    'restart: loop {
        for token in tokenize(&source[at..], frontmatter.take().unwrap_or(FrontmatterAllowed::No)) {
            if token.kind == TokenKind::GuardedStrPrefix {
                // Reserved in the newest edition only; the others take the `#` by itself and look again.
                placed.push(Token { kind: TokenKind::Pound, start: at, end: at + 1 });
                at += 1;
                continue 'restart;
            }
            let start = at;
            at += token.len as usize;
            placed.push(Token { kind: token.kind, start, end: at });
        }
        return (placed, pieces);
    }
}

/// Whether rustc refuses a file with such a token.
fn is_mistake(source: &str, Token { kind, start, end }: Token) -> bool {
    use LiteralKind::{Byte, ByteStr, CStr, Char, Float, Int, RawByteStr, RawCStr, RawStr, Str};
    match kind {
        TokenKind::Unknown | TokenKind::InvalidIdent => true,
        TokenKind::BlockComment { terminated, .. } => !terminated,
        TokenKind::Frontmatter { has_invalid_preceding_whitespace, invalid_infostring } => {
            has_invalid_preceding_whitespace || invalid_infostring || !source[start..end].ends_with("\n---")
        }
        TokenKind::Lifetime { starts_with_number } => starts_with_number,
        TokenKind::Literal { kind, suffix_start } => match kind {
            ByteStr { terminated } | CStr { terminated } | Str { terminated } => !terminated,
            Byte { terminated: false } | Char { terminated: false } => true,
            Byte { .. } => unescape_byte(&source[start + 2..start + suffix_start as usize - 1]).is_err(),
            Char { .. } => unescape_char(&source[start + 1..start + suffix_start as usize - 1]).is_err(),
            RawByteStr { n_hashes } | RawCStr { n_hashes } | RawStr { n_hashes } => n_hashes.is_none(),
            Float { empty_exponent, .. } => empty_exponent,
            Int { empty_int, .. } => empty_int,
        },
        _ => false,
    }
}

/// The piece that `token` is, if it is one.
fn piece(source: &str, Token { kind, start, end }: Token) -> Option<Piece> {
    let text = &source[start..end];
    let (kind, inner_start, inner_end) = match kind {
        TokenKind::LineComment { doc_style } => {
            let kind = if doc_style.is_some() { PieceKind::LineDoc } else { PieceKind::LineComment };
            let mark = if doc_style.is_some() { 3 } else { 2 };
            (kind, mark, text.strip_suffix('\r').unwrap_or(text).len().max(mark))
        }
        TokenKind::BlockComment { doc_style, terminated } => {
            let kind = if doc_style.is_some() { PieceKind::BlockDoc } else { PieceKind::BlockComment };
            (kind, if doc_style.is_some() { 3 } else { 2 }, text.len() - if terminated { 2 } else { 0 })
        }
        TokenKind::Frontmatter { .. } => {
            let dashes = text.len() - text.trim_start_matches('-').len();
            (PieceKind::BlockComment, dashes, text.rfind('\n')?)
        }
        TokenKind::Literal { kind, suffix_start } => {
            let (kind, is_closed) = string(kind)?;
            let quote = text.find('"')?;
            let hashes = text[..quote].bytes().filter(|&byte| byte == b'#').count();
            let behind = suffix_start as usize;
            (kind, quote + 1, if is_closed { behind - 1 - hashes } else { behind })
        }
        _ => return None,
    };
    Some(Piece { kind, start, end, inner_start: start + inner_start, inner_end: start + inner_end })
}

/// Our word for a kind of string, and whether it is closed.
fn string(kind: LiteralKind) -> Option<(PieceKind, bool)> {
    Some(match kind {
        LiteralKind::Str { terminated } => (PieceKind::Str, terminated),
        LiteralKind::ByteStr { terminated } => (PieceKind::ByteStr, terminated),
        LiteralKind::CStr { terminated } => (PieceKind::CStr, terminated),
        LiteralKind::RawStr { n_hashes } => (PieceKind::RawStr, n_hashes.is_some()),
        LiteralKind::RawByteStr { n_hashes } => (PieceKind::RawByteStr, n_hashes.is_some()),
        LiteralKind::RawCStr { n_hashes } => (PieceKind::RawCStr, n_hashes.is_some()),
        _ => return None,
    })
}

/// The array of bytes that opens with the token at `open`, and the index of the token behind it.
fn array(source: &str, tokens: &[Token], open: usize) -> Option<(Piece, usize)> {
    let Token { kind, start, .. } = tokens[open];
    if kind != TokenKind::OpenBracket {
        return None;
    }
    let mut elements = 0;
    let mut takes_element = true;
    for (index, &Token { kind, start: at, end }) in tokens.iter().enumerate().skip(open + 1) {
        match kind {
            TokenKind::Whitespace
            | TokenKind::LineComment { .. }
            | TokenKind::BlockComment { terminated: true, .. } => {}
            TokenKind::CloseBracket => {
                let piece =
                    Piece { kind: PieceKind::ByteArray, start, end: at + 1, inner_start: start + 1, inner_end: at };
                return (elements >= 8).then_some((piece, index + 1));
            }
            TokenKind::Comma if !takes_element => takes_element = true,
            TokenKind::Literal { kind, suffix_start } if takes_element => {
                element(&source[at..end], kind, suffix_start as usize)?;
                elements += 1;
                takes_element = false;
            }
            _ => return None,
        }
    }
    None
}

/// The value of a number, char or byte below 256.
fn element(text: &str, kind: LiteralKind, suffix_start: usize) -> Option<u8> {
    let (text, suffix) = text.split_at(suffix_start);
    match kind {
        LiteralKind::Int { base, empty_int: false } if suffix.is_empty() || suffix.starts_with(['u', 'i']) => {
            let digits = text.replace('_', "");
            let digits = if base as u32 == 10 { &digits } else { &digits[2..] };
            u8::from_str_radix(digits, base as u32).ok()
        }
        LiteralKind::Char { terminated: true } if suffix.is_empty() => {
            let value = unescape_char(&text[1..text.len() - 1]).ok()?;
            u8::try_from(value).ok()
        }
        LiteralKind::Byte { terminated: true } if suffix.is_empty() => unescape_byte(&text[2..text.len() - 1]).ok(),
        _ => None,
    }
}

/// The bytes of `piece` of `source` as the compiler has them, and for each part of it its own source; nothing where it
/// refuses the literal.
pub(crate) fn value(source: &str, piece: &Piece) -> Option<Vec<u8>> {
    // rustc reads a file's line ends as one byte each before it looks for tokens.
    let text = source[piece.inner_start..piece.inner_end].replace("\r\n", "\n");
    let mut bytes = Vec::new();
    let mut is_valid = true;
    let mut push = |part: Option<&[u8]>| match part {
        Some(part) => bytes.extend_from_slice(part),
        None => is_valid = false,
    };
    match piece.kind {
        PieceKind::Str => unescape_str(&text, |_, part| match part {
            Ok(char) => push(Some(char.encode_utf8(&mut [0; 4]).as_bytes())),
            Err(error) if error.is_fatal() => push(None),
            Err(_) => {}
        }),
        PieceKind::ByteStr => unescape_byte_str(&text, |_, part| match part {
            Ok(byte) => push(Some(&[byte])),
            Err(error) if error.is_fatal() => push(None),
            Err(_) => {}
        }),
        PieceKind::CStr => unescape_c_str(&text, |_, part| match part {
            Ok(MixedUnit::Char(char)) => push(Some(char.get().encode_utf8(&mut [0; 4]).as_bytes())),
            Ok(MixedUnit::HighByte(byte)) => push(Some(&[byte.get()])),
            Err(error) if error.is_fatal() => push(None),
            Err(_) => {}
        }),
        PieceKind::ByteArray => {
            let inner = &source[piece.inner_start..piece.inner_end];
            let mut at = 0;
            for token in tokenize(inner, FrontmatterAllowed::No) {
                if let TokenKind::Literal { kind, suffix_start } = token.kind {
                    let text = &inner[at..at + token.len as usize];
                    push(Some(&[element(text, kind, suffix_start as usize)?]));
                }
                at += token.len as usize;
            }
        }
        PieceKind::RawStr | PieceKind::RawByteStr | PieceKind::RawCStr => push(Some(text.as_bytes())),
        PieceKind::LineComment | PieceKind::BlockComment | PieceKind::LineDoc | PieceKind::BlockDoc => {
            push(Some(&source.as_bytes()[piece.inner_start..piece.inner_end]));
        }
    }
    is_valid.then_some(bytes)
}
