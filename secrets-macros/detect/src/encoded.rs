//! Values behind an encoding: base64 and hexadecimal text that says a token, and HTTP's authentication schemes.

use crate::Confidence;
use crate::base64;
use crate::formats;
use crate::judge::Verdict;
use crate::pieces;

/// `text` without the scheme of an `Authorization` header (RFC 9110, section 11.4), and how long that was.
pub(crate) fn without_scheme(text: &[u8]) -> (&[u8], usize) {
    if !matches!(text.first(), Some(b'B' | b'b' | b'T' | b't' | b'A' | b'a')) || text.len() < 12 {
        return (text, 0);
    }
    for scheme in [
        &b"Bearer "[..],
        b"bearer ",
        b"Token ",
        b"token ",
        b"Basic ",
        b"basic ",
        b"Authorization: Bearer ",
        b"ApiKey ",
        b"apikey ",
    ] {
        if let Some(rest) = text.strip_prefix(scheme) {
            return (rest, scheme.len());
        }
    }
    (text, 0)
}

/// The token that `text`, base64 or hexadecimal as a whole, says.
pub(crate) fn token(text: &[u8]) -> Option<Verdict> {
    if text.len() < 24 || text.len() > 4096 {
        return None;
    }
    let decoded = hex(text).or_else(|| base64::decode(text))?;
    let decoded = decoded.trim_ascii();
    if decoded.len() < 12 || !decoded.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let hit = formats::starting_at(decoded, 0)?;
    if hit.end != decoded.len() || hit.confidence < Confidence::Medium {
        return None;
    }
    Some(Verdict { shown: 0, ..Verdict::of(&hit) })
}

/// Whether `text` is an encoding of words: no secret, whatever its name.
pub(crate) fn says_words(text: &[u8]) -> bool {
    if text.len() < 12 || text.len() > 400 {
        return false;
    }
    let Some(decoded) = hex(text).or_else(|| base64::decode(text)) else { return false };
    let printable = decoded.iter().filter(|&&byte| byte.is_ascii_graphic() || byte == b' ').count();
    decoded.len() >= 8 && printable * 10 >= decoded.len() * 9 && !pieces::looks_random(&decoded)
}

/// What hexadecimal `text` says.
fn hex(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_chunks::<2>().0.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_text_is_decoded() {
        assert_eq!(hex(b"68656c6c6f").unwrap(), b"hello");
        assert_eq!(hex(b"6g"), None);
    }
}
