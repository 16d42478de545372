//! Looks through a piece of text for tokens, pairs of name and value, and URLs with passwords.
//!
//! The text may be a literal's content, a comment, or a whole file of another language. **Every byte is looked at a
//! bounded number of times**: runs of token characters are found by looking at one byte in [`Chunk::window`], and only
//! what surrounds such a run is read.

use std::ops::Range;

use crate::Confidence;
use crate::bytes::{DIGIT, LOWER, ODD, RUN, TOKEN, UPPER, VALUE, WORD, class, classes};
use crate::formats;
use crate::judge::{Verdict, by_names};
use crate::known;
use crate::lexer::find;
use crate::phrase;
use crate::url;
use crate::value::{contains, in_repetitions, is_worded_placeholder};

/// A secret in a text.
#[derive(Debug)]
pub(crate) struct Hit {
    /// What it is.
    pub(crate) verdict: Verdict,
    /// Where it stands in the text.
    pub(crate) span: Range<usize>,
    /// The name before it in the text, if that is what it was judged by.
    pub(crate) name: Option<Range<usize>>,
}

impl Hit {
    /// Adds `more` to `hits`, in the order of the text, but none that stands where another does.
    pub(crate) fn merge(hits: &mut Vec<Self>, more: Vec<Self>) {
        if more.is_empty() {
            return;
        }
        hits.extend(more);
        // The sort is stable: of two hits at one place the one that was found first comes first.
        hits.sort_by_key(|hit| hit.span.start);
        let mut end = 0;
        hits.retain(|hit| {
            let is_free = hit.span.start >= end;
            if is_free {
                end = hit.span.end;
            }
            is_free
        });
    }
}

/// A text to look through.
pub(crate) struct Chunk<'a> {
    /// The text.
    pub(crate) text: &'a [u8],
    /// How long a run of token characters has to be to be looked at.
    pub(crate) window: usize,
    /// Whether an `@` may be in it.
    pub(crate) may_hold_at: bool,
}

/// How far a value is followed behind a run.
const LONGEST_VALUE: usize = 600;
/// The shortest run in a token of a format without prefix.
const SHORTEST_HEADLESS: usize = 20;

impl Chunk<'_> {
    /// Adds all hits, in the order of the text.
    pub(crate) fn scan(&self, hits: &mut Vec<Hit>) {
        let text = self.text;
        let mut at = 0;
        while let Some(run) = next_run(text, at, self.window) {
            at = self.scan_word(&run, hits).max(run.end);
        }
        if self.may_hold_at {
            self.scan_urls(hits);
        }
    }

    /// Adds the passwords of URLs.
    fn scan_urls(&self, hits: &mut Vec<Hit>) {
        let mut passwords = Vec::new();
        let mut at = find(self.text, 0, b'@');
        while at < self.text.len() {
            if let Some(span) = url::password_before(self.text, at) {
                passwords.push(Hit { verdict: url::URL_PASSWORD, span, name: None });
            }
            at = find(self.text, at + 1, b'@');
        }
        Hit::merge(hits, passwords);
    }

    /// Looks at the word around `run`; where to go on.
    fn scan_word(&self, run: &Range<usize>, hits: &mut Vec<Hit>) -> usize {
        let text = self.text;
        if matches!(text[run.end - 1], b'd' | b'D')
            && let Some(hit) = phrase::password_behind(text, run)
        {
            let end = hit.span.end;
            hits.push(hit);
            return end;
        }
        if is_prose(&text[run.start..run.end]) {
            return run.end;
        }
        let floor = hits.last().map_or(0, |hit| hit.span.end);
        let mut start = run.start;
        while start > floor && run.start - start < 200 && class(text[start - 1]) & TOKEN != 0 {
            start -= 1;
        }
        if let Some(hit) = tokens_in(text, start..run.end, run.len() >= SHORTEST_HEADLESS) {
            let end = hit.span.end;
            hits.push(hit);
            return end;
        }
        let mut value = self.value_around(run);
        // `4839574813:AA…`: digits before a colon belong to the value.
        let mut start = value.start;
        if start > 0 && text.get(start - 1) == Some(&b':') {
            start -= 1;
            while start > 0 && text.get(start - 1).is_some_and(u8::is_ascii_digit) {
                start -= 1;
            }
            if value.start - start > 4 && !text.get(start.wrapping_sub(1)).is_some_and(|&byte| class(byte) & RUN != 0) {
                value.start = start;
            }
        }
        if let Some(start) = curl_user(text, value.start) {
            value.start = start;
        }
        if let Some(hit) = self.judge_pair(value.clone()) {
            let end = hit.span.end;
            hits.push(hit);
            return end;
        }
        run.end
    }

    /// The value that `run` belongs to: what stands between quotes, or as far as value characters go.
    fn value_around(&self, run: &Range<usize>) -> Range<usize> {
        let text = self.text;
        let mut start = run.start;
        while start > 0 && run.start - start < 200 && class(text[start - 1]) & VALUE != 0 {
            start -= 1;
        }
        let mut end = run.end;
        while end < text.len() && end - run.end < LONGEST_VALUE && class(text[end]) & VALUE != 0 {
            end += 1;
        }
        while end - run.end < LONGEST_VALUE && text.get(end) == Some(&b'=') {
            end += 1;
        }
        if end > run.end
            && text.get(end - 1) == Some(&b'=')
            && !text.get(end).is_none_or(|&byte| class(byte) & RUN == 0)
        {
            while text.get(end - 1) == Some(&b'=') {
                end -= 1;
            }
        }
        if let Some(&quote @ (b'"' | b'\'' | b'`')) = text.get(start.wrapping_sub(1)) {
            let close =
                text.get(end..).unwrap_or_default().iter().take(200).position(|&byte| byte == quote || byte <= b' ');
            if let Some(close) = close
                && text.get(end + close) == Some(&quote)
            {
                end += close;
            }
        } else {
            while end > start && matches!(text.get(end - 1), Some(b'.' | b'!' | b'*')) {
                end -= 1;
            }
        }
        start..end
    }

    /// Judges the value at `span` by the name before it.
    fn judge_pair(&self, span: Range<usize>) -> Option<Hit> {
        let value = self.text.get(span.clone())?;
        if !could_be_secret(value) || is_cut_short(self.text, span.end) {
            return None;
        }
        if value.contains(&b':')
            && let Some(span) = phrase::curl_password(self.text, &span)
        {
            return Some(Hit { verdict: phrase::BASIC_AUTH, span, name: None });
        }
        let key = key_before(self.text, span.start)?;
        let name = self.text.get(key.clone())?;
        if name.eq_ignore_ascii_case(b"basic") {
            return phrase::is_basic_auth(value).then_some(Hit { verdict: phrase::BASIC_AUTH, span, name: None });
        }
        let verdict = by_names(&[name], value)?;
        Some(Hit { verdict, span, name: Some(key) })
    }
}

/// Where `name:` starts before the value at `start`, if it stands behind a blank or a quote.
fn curl_user(text: &[u8], start: usize) -> Option<usize> {
    if text.get(start.wrapping_sub(1)) != Some(&b':') {
        return None;
    }
    let floor = start.saturating_sub(80);
    let before = text.get(floor..start)?;
    let behind = before.iter().rposition(|byte| matches!(byte, b' ' | b'"' | b'\''))? + 1;
    let option = before.get(..behind)?;
    contains(option, b"-u").then_some(floor + behind)
}

/// Whether `value` is worth a look at its name: it has letters, and a digit or an odd sign, or is long.
pub(crate) fn could_be_secret(value: &[u8]) -> bool {
    if value.len() < 6 {
        return false;
    }
    let classes = classes(value);
    classes & (LOWER | UPPER) != 0 && (classes & (DIGIT | ODD) != 0 || value.len() >= 20)
}

/// Whether `run` is a word of prose: small letters, the first one perhaps a capital.
fn is_prose(run: &[u8]) -> bool {
    run.len() < 20
        && classes(run.get(1..).unwrap_or_default()) == LOWER
        && run.first().is_some_and(u8::is_ascii_alphabetic)
}

/// The next run of at least `window` token characters at or after `from`.
///
/// A window is read from its end: the first other character in it tells where the next window starts, so most of an
/// ordinary text is never looked at.
fn next_run(text: &[u8], from: usize, window: usize) -> Option<Range<usize>> {
    let (mut start, mut last) = (from, from + window);
    while last <= text.len() {
        let mut at = last;
        while at > start && class(text[at - 1]) & RUN != 0 {
            at -= 1;
        }
        if at > start {
            (start, last) = (at, at + window);
            continue;
        }
        let mut end = last;
        while end < text.len() && class(text[end]) & RUN != 0 {
            end += 1;
        }
        return Some(start..end);
    }
    None
}

/// Whether an ellipsis stands at `end`: what precedes it is only the beginning of a value.
fn is_cut_short(text: &[u8], end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    rest.starts_with(b"..") || rest.starts_with("…".as_bytes())
}

/// The first token of a format that starts within `span`: at a word, or at a sign that one starts with.
fn tokens_in(text: &[u8], span: Range<usize>, may_be_headless: bool) -> Option<Hit> {
    let mut at = span.start;
    let mut behind = at > 0 && class(text[at - 1]) & WORD != 0;
    while at < span.end {
        let word = class(text[at]) & WORD != 0;
        if !(word && behind) {
            let second = if at + 1 < text.len() { text[at + 1] } else { 0 };
            if formats::may_start_with(text[at], second) || may_be_headless && word {
                let hit = token_at(text, at);
                if hit.is_some() {
                    return hit;
                }
            }
        }
        behind = word;
        at += 1;
    }
    None
}

/// The token of a format that starts at `at`.
fn token_at(text: &[u8], at: usize) -> Option<Hit> {
    let hit = formats::starting_at(text, at)?;
    let token = text.get(at..hit.end)?;
    if is_cut_short(text, hit.end) || is_published(token, hit.confidence) {
        return None;
    }
    Some(Hit { verdict: Verdict::of(&hit), span: at..hit.end, name: None })
}

/// Whether `token` is one of documentation, or an edited one with a placeholder in it.
fn is_published(token: &[u8], confidence: Confidence) -> bool {
    contains(token, b"EXAMPLE")
        || confidence < Confidence::High
            && (token.len() < 300 && is_worded_placeholder(token) || in_repetitions(token) * 3 > token.len())
        || known::is_published(token)
}

/// Words before a value that say that the name stands further ahead: `<add key="…" value="…">`.
const GO_ON: &[&[u8]] = &[b"value", b"default", b"content", b"val", b"default_value"];

/// The name before the value that starts at `start`: `name = value`, `name: value`, `"name", "value"`, `--name value`.
pub(crate) fn key_before(text: &[u8], start: usize) -> Option<Range<usize>> {
    let floor = start.saturating_sub(160);
    let mut at = start;
    let back = |at: &mut usize, set: &[u8]| {
        let from = *at;
        while *at > floor && text.get(*at - 1).is_some_and(|byte| set.contains(byte)) {
            *at -= 1;
        }
        from - *at
    };
    let quoted = back(&mut at, b"\"'`\\") > 0;
    back(&mut at, b" \t(");
    let separators = back(&mut at, b"=:>,?&|");
    let blanks = back(&mut at, b" \t");
    let closed = back(&mut at, b"\"'`\\])") > 0;
    let comma = text.get(at..start).is_some_and(|between| between.contains(&b','));
    if comma && !(quoted && closed) {
        return None;
    }
    let end = at;
    while at > floor
        && text.get(at - 1).is_some_and(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    {
        at -= 1;
    }
    let word = text.get(at..end)?;
    if word.is_empty() {
        return None;
    }
    if GO_ON.contains(&word) && separators > 0 {
        back(&mut at, b" \t");
        back(&mut at, b"\"'");
        let end = at;
        while at > floor && text.get(at - 1).is_some_and(|&byte| class(byte) & RUN != 0 || byte == b'.') {
            at -= 1;
        }
        return (end > at).then_some(at..end);
    }
    if separators == 0 {
        let option = word.starts_with(b"--") && blanks > 0
            || word.eq_ignore_ascii_case(b"bearer")
            || word.eq_ignore_ascii_case(b"basic");
        return option.then_some(at..end);
    }
    // `API key: …`, but not `let key = …`.
    if !closed && text.get(at.wrapping_sub(1)) == Some(&b' ') && word.eq_ignore_ascii_case(b"key") {
        let mut first = at - 1;
        while first > floor && text.get(first - 1).is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            first -= 1;
        }
        if !matches!(
            text.get(first..at - 1),
            Some(b"let" | b"const" | b"var" | b"mut" | b"the" | b"a" | b"" | b"static" | b"export")
        ) {
            at = first;
        }
    }
    Some(at..end)
}
