//! Values behind an encoding: base64 and hexadecimal text that says a token, and HTTP's authentication schemes.

use crate::formats;
use crate::judge::Verdict;
use crate::{Basis, Confidence};

/// `text` without the scheme of an `Authorization` header (RFC 9110, section 11.4), and how long that was.
pub(crate) fn without_scheme(text: &[u8]) -> (&[u8], usize) {
    for scheme in [&b"Bearer "[..], b"bearer ", b"Token ", b"token ", b"Basic ", b"basic ", b"Authorization: Bearer ", b"ApiKey ", b"apikey "] {
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
    let decoded = hex(text).or_else(|| base64(text))?;
    let decoded = decoded.trim_ascii();
    if decoded.len() < 12 || !decoded.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let hit = formats::starting_at(decoded, 0)?;
    if hit.end != decoded.len() || hit.confidence < Confidence::Medium {
        return None;
    }
    let format = hit.format;
    Some(Verdict { rule: format.rule, provider: format.provider, kind: format.kind, basis: Basis::Format, confidence: hit.confidence, shown: 0 })
}

/// What hexadecimal `text` says.
fn hex(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_chunks::<2>().0.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

/// What base64 `text` says (RFC 4648, sections 4 and 5), with or without padding.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).unwrap_or_default());
        }
        bits &= 0xFFFF;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_hex_are_decoded() {
        assert_eq!(base64(b"aGVsbG8=").unwrap(), b"hello");
        assert_eq!(base64(b"aGVsbG8").unwrap(), b"hello");
        assert_eq!(base64(b"a b"), None);
        assert_eq!(hex(b"68656c6c6f").unwrap(), b"hello");
        assert_eq!(hex(b"6g"), None);
    }
}
