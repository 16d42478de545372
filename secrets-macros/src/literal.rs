//! What a literal of the source says, decoded.
//!
//! The compiler has lexed the literal already, so this reads well-formed text only and answers `None` to all else.
//! It follows the Rust reference, [Literal expressions](https://doc.rust-lang.org/reference/tokens.html#literals).

/// The text of a string, byte string or C string literal as written in the source.
///
/// `None` for every other literal, and for bytes that are not UTF-8: no token format has any.
pub(crate) fn decode(source: &str) -> Option<String> {
    let body = source.trim_start_matches(['b', 'c']);
    if let Some(raw) = body.strip_prefix('r') {
        return decode_raw(raw);
    }
    let body = body.strip_prefix('"')?;
    let mut bytes = Vec::with_capacity(body.len());
    let mut rest = body.chars();
    loop {
        match rest.next()? {
            '"' => return String::from_utf8(bytes).ok(),
            '\\' => decode_escape(&mut rest, &mut bytes)?,
            plain => push(&mut bytes, plain),
        }
    }
}

/// The text between the delimiters of a raw literal, `r` already taken off.
fn decode_raw(raw: &str) -> Option<String> {
    let quoted = raw.trim_start_matches('#');
    let hashes = raw.get(..raw.len() - quoted.len())?;
    let body = quoted.strip_prefix('"')?;
    let end = body.find(&format!("\"{hashes}"))?;
    body.get(..end).map(str::to_owned)
}

/// Reads one escape, its backslash already taken, and appends what it stands for.
fn decode_escape(rest: &mut std::str::Chars<'_>, bytes: &mut Vec<u8>) -> Option<()> {
    match rest.next()? {
        'n' => bytes.push(b'\n'),
        'r' => bytes.push(b'\r'),
        't' => bytes.push(b'\t'),
        '0' => bytes.push(0),
        same @ ('\\' | '"' | '\'') => push(bytes, same),
        'x' => bytes.push(u8::from_str_radix(&rest.by_ref().take(2).collect::<String>(), 16).ok()?),
        'u' => push(bytes, decode_unicode(rest)?),
        '\n' | '\r' => *rest = rest.as_str().trim_start_matches([' ', '\t', '\n', '\r']).chars(),
        _ => return None,
    }
    Some(())
}

/// Reads `{…}` of a `\u{…}` escape.
fn decode_unicode(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let (digits, after) = rest.as_str().strip_prefix('{')?.split_once('}')?;
    *rest = after.chars();
    char::from_u32(u32::from_str_radix(&digits.replace('_', ""), 16).ok()?)
}

fn push(bytes: &mut Vec<u8>, letter: char) {
    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn every_kind_of_string_is_decoded() {
        for source in [
            r#""token""#,
            r#"r"token""#,
            r##"r#"token"#"##,
            r#"b"token""#,
            r#"br"token""#,
            r##"br#"token"#"##,
            r#"c"token""#,
            r##"cr#"token"#"##,
            r#""token"suffix"#,
        ] {
            assert_eq!(decode(source).as_deref(), Some("token"), "{source}");
        }
    }

    #[test]
    fn escapes_stand_for_what_they_mean() {
        assert_eq!(decode(r#""a\n\r\t\0\\\"\'z""#).as_deref(), Some("a\n\r\t\0\\\"'z"));
        assert_eq!(decode(r#""\x41\u{e9}\u{1_F600}""#).as_deref(), Some("Aé😀"));
        assert_eq!(decode(r#"b"\xc3\xa9""#).as_deref(), Some("é"));
        assert_eq!(decode("\"one\\\n    two\"").as_deref(), Some("onetwo"));
        assert_eq!(decode("\"one\\\r\n  two\"").as_deref(), Some("onetwo"));
    }

    #[test]
    fn a_raw_string_keeps_backslashes_and_quotes() {
        assert_eq!(decode(r##"r#"a"b\n"#"##).as_deref(), Some(r#"a"b\n"#));
        assert_eq!(decode("r##\"a\"#b\"##").as_deref(), Some("a\"#b"));
    }

    #[test]
    fn other_literals_and_bytes_that_are_no_text_are_none() {
        for source in ["1", "1.5", "0xbc", "'c'", "b'c'", r#"b"\xff""#, "", "r", "\"", r#""\q""#] {
            assert_eq!(decode(source), None, "{source}");
        }
    }
}
