//! Pairs of a name and a value in a text: `name = value`, `"name": "value"`, `("name", "value")`, `--name value`,
//! `<add key="name" value="…">`.

#![expect(clippy::indexing_slicing, reason = "indices are compared with the length first; quick unoptimised")]

use std::ops::Range;

use crate::bytes::{RUN, VALUE, class};
use crate::chunk::{Hit, could_be_secret, is_cut_short};
use crate::judge::by_names;
use crate::phrase;

/// How far a value reaches before the run that it was found by.
const BEFORE_RUN: usize = 200;
/// How far it is followed behind the run.
const BEHIND_RUN: usize = 600;
/// How far before a value its name is looked for.
const REACH: usize = 160;

/// The secret that `run` of `text` belongs to, if the name before it says that it is one.
pub(crate) fn pair_around(text: &[u8], run: &Range<usize>, has_scalars: bool) -> Option<Hit> {
    let mut span = value_around(text, run);
    if has_scalars && !is_quoted(text, span.start) {
        span.end = scalar_end(text, span.end);
    }
    if text.get(span.start.wrapping_sub(1)) == Some(&b':') {
        span.start =
            digits_before(text, span.start).or_else(|| phrase::curl_user(text, span.start)).unwrap_or(span.start);
    }
    let value = text.get(span.clone())?;
    if !could_be_secret(value) || is_cut_short(text, span.end) {
        return None;
    }
    if value.contains(&b':')
        && let Some(span) = phrase::curl_password(text, &span)
    {
        return Some(Hit { verdict: phrase::BASIC_AUTH, span, name: None });
    }
    let key = key_before(text, span.start)?;
    let name = text.get(key.clone())?;
    if name.eq_ignore_ascii_case(b"basic") {
        return phrase::is_basic_auth(value).then_some(Hit { verdict: phrase::BASIC_AUTH, span, name: None });
    }
    let verdict = by_names(&[name], value)?;
    Some(Hit { verdict, span, name: Some(key) })
}

/// Whether a quote stands before `start`.
fn is_quoted(text: &[u8], start: usize) -> bool {
    start > 0 && matches!(text[start - 1], b'"' | b'\'' | b'`')
}

/// Where the word that reaches to `end` at least ends.
fn scalar_end(text: &[u8], end: usize) -> usize {
    let rest = text.get(end..text.len().min(end + BEHIND_RUN)).unwrap_or_default();
    end + rest.iter().position(|&byte| byte <= b' ' || matches!(byte, b',' | b'}' | b']')).unwrap_or(rest.len())
}

/// The value that `run` belongs to: what stands between quotes, or as far as value characters go.
fn value_around(text: &[u8], run: &Range<usize>) -> Range<usize> {
    let mut start = run.start;
    while start > 0 && run.start - start < BEFORE_RUN && class(text[start - 1]) & VALUE != 0 {
        start -= 1;
    }
    let mut end = run.end;
    while end < text.len() && end - run.end < BEHIND_RUN && class(text[end]) & VALUE != 0 {
        end += 1;
    }
    let end = past_padding(text, end);
    match start.checked_sub(1).map(|before| text[before]) {
        Some(quote @ (b'"' | b'\'' | b'`')) => start..quote_behind(text, end, quote).unwrap_or(end),
        _ => start..before_punctuation(text, start, end),
    }
}

/// The end of the value with its base64 padding; where more than padding follows, the sign belongs to a pair.
fn past_padding(text: &[u8], end: usize) -> usize {
    let padding = text.get(end..).unwrap_or_default().iter().take(3).take_while(|&&byte| byte == b'=').count();
    let follows = text.get(end + padding).copied().unwrap_or(b' ');
    if class(follows) & RUN == 0 { end + padding } else { end }
}

/// Where the `quote` stands that closes the value, if nothing but a value is before it.
fn quote_behind(text: &[u8], end: usize, quote: u8) -> Option<usize> {
    let rest = text.get(end..)?;
    let close = rest.iter().take(BEFORE_RUN).position(|&byte| byte == quote || byte <= b' ')?;
    (rest.get(close) == Some(&quote)).then_some(end + close)
}

/// The end without the punctuation of prose.
fn before_punctuation(text: &[u8], start: usize, end: usize) -> usize {
    let mut end = end;
    while end > start && matches!(text[end - 1], b'.' | b'!' | b'*') {
        end -= 1;
    }
    end
}

/// Where the digits of `4839574813:AA…` start, which belong to the value behind the colon at `start - 1`.
fn digits_before(text: &[u8], start: usize) -> Option<usize> {
    let mut first = start - 1;
    while first > 0 && text[first - 1].is_ascii_digit() {
        first -= 1;
    }
    let stands_alone = first == 0 || class(text[first - 1]) & RUN == 0;
    (start - first > 4 && stands_alone).then_some(first)
}

/// Goes back from a value.
struct Back<'a> {
    text: &'a [u8],
    at: usize,
    floor: usize,
}

impl Back<'_> {
    /// Back over the bytes of `set`; how many there were.
    fn over(&mut self, set: &[u8]) -> usize {
        self.while_true(|byte| set.contains(&byte)).len()
    }

    /// Back over bytes that `is_one` takes.
    fn while_true(&mut self, is_one: impl Fn(u8) -> bool) -> Range<usize> {
        let end = self.at;
        while self.at > self.floor && is_one(self.text[self.at - 1]) {
            self.at -= 1;
        }
        self.at..end
    }
}

/// Words before a value that say that the name stands further ahead.
const GO_ON: &[&[u8]] = &[b"value", b"default", b"content", b"val", b"default_value"];

/// The name before the value that starts at `start`.
fn key_before(text: &[u8], start: usize) -> Option<Range<usize>> {
    let mut back = Back { text, at: start, floor: start.saturating_sub(REACH) };
    let is_quoted = back.over(b"\"'`\\") > 0;
    back.over(b" \t(");
    let separators = back.over(b"=:>,?&|");
    let blanks = back.over(b" \t");
    let is_name_quoted = back.over(b"\"'`\\])") > 0;
    let is_list = text.get(back.at..start)?.contains(&b',');
    if is_list && !(is_quoted && is_name_quoted) {
        return None;
    }
    let span = back.while_true(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let word = text.get(span.clone()).filter(|word| !word.is_empty())?;
    if separators == 0 {
        let is_option = word.starts_with(b"--") && blanks > 0;
        let is_scheme = word.eq_ignore_ascii_case(b"bearer") || word.eq_ignore_ascii_case(b"basic");
        return (is_option || is_scheme).then_some(span);
    }
    if GO_ON.contains(&word) {
        return attribute_before(&mut back);
    }
    if !is_name_quoted && word.eq_ignore_ascii_case(b"key") {
        return Some(word_before(&mut back).unwrap_or(span.start)..span.end);
    }
    Some(span)
}

/// The value of the attribute before a `value="…"`: `name` of `<add key="name" value="…">`.
fn attribute_before(back: &mut Back<'_>) -> Option<Range<usize>> {
    back.over(b" \t");
    back.over(b"\"'");
    let name = back.while_true(|byte| class(byte) & RUN != 0 || byte == b'.');
    (!name.is_empty()).then_some(name)
}

/// Where `API` of `API key: …` starts; not the keyword of `let key = …`.
fn word_before(back: &mut Back<'_>) -> Option<usize> {
    if back.over(b" ") != 1 {
        return None;
    }
    let span = back.while_true(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let word = back.text.get(span.clone())?;
    let is_keyword = matches!(word, b"let" | b"const" | b"var" | b"mut" | b"the" | b"a" | b"" | b"static" | b"export");
    (!is_keyword).then_some(span.start)
}
