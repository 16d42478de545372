//! Credentials that stand behind a fixed word: `password=…`, `Basic …`, `curl --user name:…`, a Kubernetes secret's data.
//!
//! These are too short or too plain for the search for runs of token characters, so their words are searched for.

use std::ops::Range;

use crate::Basis;
use crate::base64;
use crate::chunk::Hit;
use crate::judge::{Verdict, by_names, generic};
use crate::lexer::find;
use crate::name::{Sense, Words, sense};
use crate::value::{Look, contains, look, position};

/// Name and password of HTTP's basic authentication (RFC 7617).
pub(crate) const BASIC_AUTH: Verdict = generic("basic-auth", Basis::Url);
/// A value of a Kubernetes secret.
pub(crate) const KUBERNETES_SECRET: Verdict = generic("kubernetes-secret", Basis::Format);

/// The longest value that is looked at.
const LONGEST: usize = 200;

/// The password behind `run` of `text`, if that is a name that says password.
///
/// Other secrets are long enough to be found by themselves; their names are then looked for before them.
pub(crate) fn password_behind(text: &[u8], run: &Range<usize>, has_scalars: bool) -> Option<Hit> {
    let name = text.get(run.clone())?;
    let span = value_after(text, run.end, has_scalars)?;
    let value = text.get(span.clone())?;
    if value.len() < 6 || is_code(value) || sense(&Words::of(name)) != Sense::Password {
        return None;
    }
    Some(Hit { verdict: by_names(&[name], value)?, span, name: Some(run.clone()) })
}

/// The value behind the name that ends at `end`: `= value`, `: "value"`, `== 'value'`.
fn value_after(text: &[u8], end: usize, has_scalars: bool) -> Option<Range<usize>> {
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
            byte <= b' ' || !has_scalars && matches!(byte, b'"' | b'\'' | b'&' | b';' | b',' | b'<')
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

/// Where `name:` starts before the value at `start`, if it stands behind an option of curl.
pub(crate) fn curl_user(text: &[u8], start: usize) -> Option<usize> {
    let floor = start.saturating_sub(80);
    let before = text.get(floor..start)?;
    let behind = before.iter().rposition(|byte| matches!(byte, b' ' | b'"' | b'\''))? + 1;
    contains(before.get(..behind)?, b"-u").then_some(floor + behind)
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
    let mut values = Vec::new();
    let mut line_start = data + 1 + find(text.get(data + 1..).unwrap_or_default(), 0, b'\n') + 1;
    while line_start < text.len() {
        let line_end = find(text, line_start, b'\n');
        let line = text.get(line_start..line_end).unwrap_or_default();
        if !line.starts_with(b" ") && !line.is_empty() {
            break;
        }
        if let Some(value) = data_value(line) {
            let span = line_start + value.start..line_start + value.end;
            values.push(Hit { verdict: KUBERNETES_SECRET, span, name: None });
        }
        line_start = line_end + 1;
    }
    Hit::merge(hits, values);
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
        crate::chunk::Chunk { text: text.as_bytes(), window: 8, may_hold_at: false, has_scalars: false }
            .scan(&mut hits);
        kubernetes(text.as_bytes(), &mut hits);
        hits.into_iter().map(|hit| &text[hit.span]).collect()
    }

    #[test]
    fn a_password_behind_its_word_is_found() {
        // secrets: allow(password) made up for this test
        assert_eq!(found("user='x'\npassword='1qay@WXS????',"), ["1qay@WXS????"]);
        // secrets: allow(password) made up for this test
        assert_eq!(found("DB_PASSWORD=Xy7!qz"), ["Xy7!qz"]);
        // secrets: allow(password) made up for this test
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
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_kubernetes_secret_is_read() {
        // secrets: allow(kubernetes-secret) made up for this test
        let text = "kind: Secret\nmetadata:\n  name: x\ndata:\n  # a comment: aGVsbG8=\n  key: bXlwYXNzd29yZA==\nother: aGVsbG8gd29ybGQ=\n";
        assert_eq!(found(text), ["bXlwYXNzd29yZA=="]);
    }
}
