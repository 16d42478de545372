//! What a string literal of the source says, decoded.
//!
//! The compiler has lexed the literal already, so this reads well-formed text only and answers `None` to all else.
//! It follows the Rust reference, [Literal expressions](https://doc.rust-lang.org/reference/tokens.html#literals).

use crate::text::{byte, find, find_last, part};
use crate::toml::hexadecimal;

/// The text of a string literal as written in the source; `None` for every other literal.
pub(crate) fn decode(source: &str) -> Option<String> {
    let open = find(source, b'"', 0)?;
    match part(source, 0, open) {
        "" => decode_escaped(source),
        // Between the first quote and the last one, behind which come the hashes and a suffix.
        head if head.starts_with('r') => {
            Some(part(source, open + 1, find_last(source, b'"', source.len())?).to_owned())
        }
        _ => None,
    }
}

fn decode_escaped(source: &str) -> Option<String> {
    let mut text = String::new();
    let mut at = 1;
    loop {
        let start = at;
        while at < source.len() && byte(source, at) != b'"' && byte(source, at) != b'\\' {
            at += 1;
        }
        text.push_str(part(source, start, at));
        match byte(source, at) {
            b'"' => return Some(text),
            b'\\' => at = decode_escape(source, at + 1, &mut text)?,
            _ => return None,
        }
    }
}

/// Reads one escape, whose backslash stands before `at`, and appends what it stands for; where it ends.
fn decode_escape(source: &str, at: usize, text: &mut String) -> Option<usize> {
    match byte(source, at) {
        b'n' => text.push('\n'),
        b'r' => text.push('\r'),
        b't' => text.push('\t'),
        b'0' => text.push('\0'),
        same @ (b'\\' | b'"' | b'\'') => text.push(char::from(same)),
        b'x' => {
            text.push(number(source, at + 1, at + 3)?);
            return Some(at + 3);
        }
        b'u' => {
            let end = find(source, b'}', at)?;
            text.push(number(source, at + 2, end)?);
            return Some(end + 1);
        }
        b'\n' | b'\r' => {
            let mut end = at;
            while byte(source, end).is_ascii_whitespace() {
                end += 1;
            }
            return Some(end);
        }
        _ => return None,
    }
    Some(at + 1)
}

/// The character whose hexadecimal number stands there.
fn number(source: &str, from: usize, to: usize) -> Option<char> {
    let mut number: u32 = 0;
    let mut at = from;
    while at < to {
        if byte(source, at) != b'_' {
            number = number.wrapping_mul(16) + hexadecimal(byte(source, at))?;
        }
        at += 1;
    }
    char::from_u32(number)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn every_kind_of_string_is_decoded() {
        for source in [r#""token""#, r#"r"token""#, r##"r#"token"#"##, r#""token"suffix"#] {
            assert_eq!(decode(source).as_deref(), Some("token"), "{source}");
        }
    }

    #[test]
    fn escapes_stand_for_what_they_mean() {
        assert_eq!(decode(r#""a\n\r\t\0\\\"\'z""#).as_deref(), Some("a\n\r\t\0\\\"'z"));
        assert_eq!(decode(r#""\x41\u{e9}\u{1_F600}""#).as_deref(), Some("Aé😀"));
        assert_eq!(decode("\"one\\\n    two\"").as_deref(), Some("onetwo"));
        assert_eq!(decode("\"one\\\r\n  two\"").as_deref(), Some("onetwo"));
    }

    #[test]
    fn a_raw_string_keeps_backslashes_and_quotes() {
        assert_eq!(decode(r##"r#"a"b\n"#"##).as_deref(), Some(r#"a"b\n"#));
        assert_eq!(decode("r##\"a\"#b\"##").as_deref(), Some("a\"#b"));
    }

    #[test]
    fn other_literals_are_none() {
        for source in ["1", "1.5", "0xbc", "'c'", "b'c'", r#"b"a""#, r#"c"a""#, "", "r", "\"", r#""\q""#] {
            assert_eq!(decode(source), None, "{source}");
        }
    }
}
