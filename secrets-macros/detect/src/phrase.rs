//! Credentials that stand behind a fixed word: `password=…`, `Basic …`, `curl --user name:…`, a Kubernetes secret's data.
//!
//! These are too short or too plain for the search for runs of token characters, so their words are searched for.

use std::ops::Range;

use crate::Basis;
use crate::base64;
use crate::chunk::Hit;
use crate::judge::{Verdict, by_names, generic};
use crate::lexer::find;
use crate::value::{Look, contains, look, position};

/// Name and password of HTTP's basic authentication (RFC 7617).
pub(crate) const BASIC_AUTH: Verdict = generic("basic-auth", Basis::Url);
/// A value of a Kubernetes secret.
pub(crate) const KUBERNETES_SECRET: Verdict = generic("kubernetes-secret", Basis::Format);

/// The longest value that is looked at.
const LONGEST: usize = 200;

/// Adds the passwords of `text` that a word for them precedes, where nothing else was found.
pub(crate) fn passwords(text: &[u8], hits: &mut Vec<Hit>) {
    let mut at = next_w(text, 0);
    while at < text.len() {
        if let Some(word) = password_word(text, at)
            && let Some(span) = value_after(text, word.end)
            && let Some(name) = text.get(word.clone())
            && let Some(value) = text.get(span.clone())
            && !is_code(value)
            && let Some(verdict) = by_names(&[name], value)
        {
            Hit { verdict, span, name: Some(word) }.add_to(hits);
        }
        at = next_w(text, at + 1);
    }
}

/// The next `w` of either case.
fn next_w(text: &[u8], from: usize) -> usize {
    let lower = find(text, from, b'w');
    let upper = find(text.get(..lower).unwrap_or(text), from, b'W');
    upper.min(lower)
}

/// Whether `text` holds `password`, `passwd` or the like: a `w` behind `ss`.
pub(crate) fn holds_password(text: &[u8]) -> bool {
    for (letter, before) in [(b'w', b's'), (b'W', b'S')] {
        let mut at = find(text, 0, letter);
        while at < text.len() {
            if at >= 2 && text.get(at - 1) == Some(&before) && text.get(at - 2) == Some(&before) {
                return true;
            }
            at = find(text, at + 1, letter);
        }
    }
    false
}

/// The name that ends in a word for password with a `w` at `at`, and ends there itself.
fn password_word(text: &[u8], at: usize) -> Option<Range<usize>> {
    let ends = |word: &[u8]| {
        let start = at.checked_sub(word.iter().position(|&byte| byte == b'w')?)?;
        let end = start + word.len();
        text.get(start..end)?.eq_ignore_ascii_case(word).then_some(end)
    };
    let end = ends(b"password").or_else(|| ends(b"passwd")).or_else(|| ends(b"pwd"))?;
    if text.get(end).is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let mut start = end;
    while start > 0
        && end - start < 80
        && text.get(start - 1).is_some_and(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    {
        start -= 1;
    }
    Some(start..end)
}

/// The value behind the name that ends at `end`: `= value`, `: "value"`, `== 'value'`.
fn value_after(text: &[u8], end: usize) -> Option<Range<usize>> {
    let byte = |at: usize| text.get(at).copied().unwrap_or(0);
    let mut at = end;
    while matches!(byte(at), b'"' | b'\'' | b'`' | b'\\' | b']' | b' ') && at - end < 8 {
        at += 1;
    }
    let sign = at;
    while matches!(byte(at), b'=' | b':' | b'>') {
        at += 1;
    }
    if at == sign || byte(sign) == b'>' || text.get(sign..at) == Some(b"::") {
        return None;
    }
    while byte(at) == b' ' || byte(at) == b'\\' {
        at += 1;
    }
    let quote = byte(at);
    let quoted = matches!(quote, b'"' | b'\'' | b'`');
    let start = at + usize::from(quoted);
    let rest = text.get(start..text.len().min(start + LONGEST))?;
    let stop = |byte: u8| {
        if quoted {
            byte == quote || byte == b'\n'
        } else {
            byte <= b' ' || matches!(byte, b'"' | b'\'' | b'&' | b';' | b',' | b'<')
        }
    };
    let length = rest.iter().position(|&byte| stop(byte)).unwrap_or(rest.len());
    if quoted && rest.get(length) != Some(&quote) {
        return None;
    }
    Some(start..start + length)
}

/// Whether `value` is an expression rather than a value.
fn is_code(value: &[u8]) -> bool {
    value.iter().any(|byte| matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b' ' | b'|'))
        || contains(value, b"::")
        || contains(value, b"..")
}

/// Whether `text`, base64, says a name and a password of basic authentication.
pub(crate) fn is_basic_auth(text: &[u8]) -> bool {
    let Some(decoded) = base64::decode(text) else { return false };
    let Some(colon) = decoded.iter().position(|&byte| byte == b':') else { return false };
    let (user, password) = decoded.split_at(colon);
    let password = password.get(1..).unwrap_or_default();
    decoded.iter().all(u8::is_ascii_graphic)
        && (look(password) > Look::Harmless || (password.is_empty() && look(user) > Look::Harmless))
}

/// The password of `name:password` behind an option of curl: `text` is what stands before the value at `start`.
pub(crate) fn curl_password(text: &[u8], span: &Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..span.start)?.trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let before = before.strip_suffix(b"\\").unwrap_or(before).trim_ascii_end();
    let is_option = before.ends_with(b" -u") || before.ends_with(b"--user");
    let value = text.get(span.clone())?;
    let colon = value.iter().position(|&byte| byte == b':')?;
    let password = value.get(colon + 1..)?;
    (is_option && look(password) > Look::Harmless).then_some(span.start + colon + 1..span.end)
}

/// Adds the values of the `data` of Kubernetes secrets in `text` (YAML).
pub(crate) fn kubernetes(text: &[u8], hits: &mut Vec<Hit>) {
    let is_secret = [&b"kind: Secret\n"[..], b"kind: 'Secret'", b"kind: \"Secret\"", b"kind: Secret\r"]
        .iter()
        .any(|kind| contains(text, kind))
        || text.trim_ascii_end().ends_with(b"kind: Secret");
    let Some(data) = position(text, b"\ndata:").filter(|_| is_secret) else { return };
    let mut line_start = data + 1 + find(text.get(data + 1..).unwrap_or_default(), 0, b'\n') + 1;
    while line_start < text.len() {
        let line_end = find(text, line_start, b'\n');
        let line = text.get(line_start..line_end).unwrap_or_default();
        if !line.starts_with(b" ") && !line.is_empty() {
            return;
        }
        if let Some(value) = data_value(line) {
            Hit { verdict: KUBERNETES_SECRET, span: line_start + value.start..line_start + value.end, name: None }
                .add_to(hits);
        }
        line_start = line_end + 1;
    }
}

/// The base64 value of `name: value` in a line of a secret's data.
fn data_value(line: &[u8]) -> Option<Range<usize>> {
    if line.trim_ascii_start().starts_with(b"#") {
        return None;
    }
    let colon = line.iter().position(|&byte| byte == b':')?;
    let quote = |byte: &u8| matches!(byte, b' ' | b'"' | b'\'');
    let start = colon + 1 + line.get(colon + 1..)?.iter().position(|byte| !quote(byte))?;
    let end = line.iter().rposition(|byte| !quote(byte) && *byte != b'\r')? + 1;
    let value = line.get(start..end)?;
    (value.len() >= 8 && base64::decode(value).is_some_and(|bytes| bytes.len() >= 4)).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut hits = Vec::new();
        passwords(text.as_bytes(), &mut hits);
        kubernetes(text.as_bytes(), &mut hits);
        hits.into_iter().map(|hit| &text[hit.span]).collect()
    }

    #[test]
    fn a_password_behind_its_word_is_found() {
        assert_eq!(found("user='x'\npassword='1qay@WXS????',"), ["1qay@WXS????"]);
        assert_eq!(found("DB_PASSWORD=Xy7!qz"), ["Xy7!qz"]);
        assert_eq!(found("if password == \"Team#10\":"), ["Team#10"]);
    }

    #[test]
    fn code_and_prose_are_no_passwords() {
        for text in [
            "password = request.form.get('password')",
            "Password: ",
            "password::new(1)",
            "the password is 5",
            "password: String,",
            "passwords=a1!b2c3",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_kubernetes_secret_is_read() {
        let text = "kind: Secret\nmetadata:\n  name: x\ndata:\n  # a comment: aGVsbG8=\n  key: bXlwYXNzd29yZA==\nother: aGVsbG8gd29ybGQ=\n";
        assert_eq!(found(text), ["bXlwYXNzd29yZA=="]);
    }
}
