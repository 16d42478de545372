//! Looks through a piece of text for tokens, pairs of name and value, and URLs with passwords.
//!
//! The text may be a literal's content, a comment, or a whole file of another language. **Every byte is looked at a
//! bounded number of times**: runs of token characters are found by looking at one byte in [`Chunk::window`], and only
//! what surrounds such a run is read.

#![expect(clippy::indexing_slicing, reason = "indices are compared with the length first; quick unoptimised")]

use std::ops::Range;

use crate::Confidence;
use crate::bytes::{DIGIT, LOWER, ODD, TOKEN, UPPER, WORD, class, classes};
use crate::formats;
use crate::gate::next_run;
use crate::judge::Verdict;
use crate::lexer::find;
use crate::pair::pair_around;
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
    /// Whether a value without quotes goes on to the next blank, as in YAML and dotenv files.
    pub(crate) has_scalars: bool,
}

/// How far a token reaches before the run that it was found by.
const BEFORE_RUN: usize = 200;
/// The shortest run in a token of a format without prefix.
const SHORTEST_HEADLESS: usize = 20;

impl Chunk<'_> {
    /// Adds all hits, in the order of the text.
    pub(crate) fn scan(&self, hits: &mut Vec<Hit>) {
        let text = self.text;
        let mut at = 0;
        while let Some(run) = next_run(text, at, text.len(), self.window) {
            let floor = hits.last().map_or(0, |hit: &Hit| hit.span.end);
            at = run.end;
            if let Some(hit) = self.hit_at(&run, floor) {
                at = at.max(hit.span.end);
                hits.push(hit);
            }
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

    /// What the word around `run` is; nothing before `floor` belongs to it.
    fn hit_at(&self, run: &Range<usize>, floor: usize) -> Option<Hit> {
        let text = self.text;
        let follows = if run.end < text.len() { text[run.end] } else { b' ' };
        if matches!(follows, b'=' | b':' | b'"' | b'\'' | b' ' | b'`' | b']' | b'\\')
            && let Some(hit) = phrase::password_behind(text, run, self.has_scalars)
        {
            return Some(hit);
        }
        if is_prose(&text[run.start..run.end]) {
            return None;
        }
        let mut start = run.start;
        while start > floor && run.start - start < BEFORE_RUN && class(text[start - 1]) & TOKEN != 0 {
            start -= 1;
        }
        let token = tokens_in(text, start..run.end, run.len() >= SHORTEST_HEADLESS);
        if token.is_some() {
            return token;
        }
        pair_around(text, run, self.has_scalars)
    }
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

/// Whether an ellipsis stands at `end`: what precedes it is only the beginning of a value.
pub(crate) fn is_cut_short(text: &[u8], end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    rest.starts_with(b"..") || rest.starts_with("…".as_bytes())
}

/// The first token of a format that starts within `span`: at a word, or at a sign that one starts with.
fn tokens_in(text: &[u8], span: Range<usize>, may_be_headless: bool) -> Option<Hit> {
    let mut at = span.start;
    let mut behind = at > 0 && class(text[at - 1]) & WORD != 0;
    while at < span.end {
        let word = class(text[at]) & WORD != 0;
        if !word || !behind {
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
}
