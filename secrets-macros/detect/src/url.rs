//! Credentials in URLs: `scheme://user:password@host` (RFC 3986, section 3.2.1).

use std::ops::Range;

use crate::Basis;
use crate::judge::{Verdict, generic};
use crate::value::{contains, is_template};

/// A password in a URL.
pub(crate) const URL_PASSWORD: Verdict = generic("url-password", Basis::Url);

/// The longest user-info that is looked at.
const LONGEST: usize = 300;

/// Passwords that stand for one.
#[rustfmt::skip]
const PLACEHOLDERS: &[&[u8]] = &[
    b"password", b"passwd", b"pass", b"p@ss", b"p4ss", b"pwd", b"pw", b"secret", b"token", b"xxx", b"***", b"...",
    b"user", b"example", b"test", b"foo", b"bar", b"baz", b"redacted", b"changeme", b"guest", b"admin", b"root",
    b"postgres", b"mysql", b"your", b"sample", b"hidden", b"masked", b"credential", b"minioadmin", b"qwerty",
    b"rabbitmq", b"dummy", b"abc", b"123456", b"1234",
];

/// Hosts that exist in documentation only (RFC 2606, RFC 6761).
const RESERVED: &[&[u8]] = &[b"example.com", b"example.org", b"example.net", b".example", b".invalid"];

/// The password in the user-info before the `@` at `at`, if it is one.
pub(crate) fn password_before(text: &[u8], at: usize) -> Option<Range<usize>> {
    let floor = at.saturating_sub(LONGEST);
    let mut start = at;
    while start > floor
        && text
            .get(start - 1)
            .is_some_and(|&byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'/'))
    {
        start -= 1;
    }
    if start < 3 || text.get(start - 3..start) != Some(b"://") {
        return None;
    }
    let user_info = text.get(start..at)?;
    let colon = user_info.iter().position(|&byte| byte == b':')?;
    let (user, password) = (user_info.get(..colon)?, user_info.get(colon + 1..)?);
    let host = host_after(text, at + 1);
    (is_password(user, password) && is_host(host)).then_some(start + colon + 1..at)
}

/// What follows the `@`, up to a port, a path or the end.
fn host_after(text: &[u8], start: usize) -> &[u8] {
    let rest = text.get(start..).unwrap_or_default();
    let end = rest
        .iter()
        .take(255)
        .position(|&byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'.' | b'-' | b'_' | b'[' | b']' | b':'));
    rest.get(..end.unwrap_or(rest.len().min(255))).unwrap_or_default()
}

fn is_host(host: &[u8]) -> bool {
    !host.is_empty() && !RESERVED.iter().any(|reserved| contains(host, reserved))
}

/// Whether `password` is one that somebody could have: not a word for one, not the user's name, not a place to fill in.
fn is_password(user: &[u8], password: &[u8]) -> bool {
    let lower = password.to_ascii_lowercase();
    let has_digit = password.iter().any(u8::is_ascii_digit);
    password.len() >= 6
        && has_digit
        && crate::value::distinct(password) >= 4
        && !is_template(password)
        && !contains(password, b"{")
        && !contains(password, b"%")
        && password.first() != Some(&b'$')
        && (user.is_empty() || !contains(&lower, &user.to_ascii_lowercase()))
        && (password.len() >= 20 || !PLACEHOLDERS.iter().any(|word| contains(&lower, word)))
}
