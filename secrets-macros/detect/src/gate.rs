//! What is looked at closely: the quick test that nearly every comment and literal fails.
//!
//! **Every byte costs a look-up at most, and of prose most cost none**, unoptimised too: this is where a proc macro
//! spends its time. What the gate lets through may still be anything.

#![expect(clippy::indexing_slicing, reason = "indices are below the end that the loops compare with")]

use std::ops::Range;

use crate::bytes::{BLANK, DIGIT, GLUE, JOINT, ODD, RUN, UPPER, class};

/// How long a run of token characters has to be in a comment.
pub(crate) const COMMENT_WINDOW: usize = 16;
/// How long it has to be in a literal.
pub(crate) const LITERAL_WINDOW: usize = 8;
/// How long it has to be without a digit.
const WORDLESS: usize = 20;

/// The next run of at least `window` token characters in `text[from..to]`.
///
/// A window is read from its end: the first other character in it tells where the next window starts, so most of an
/// ordinary text is never looked at.
pub(crate) fn next_run(text: &[u8], from: usize, to: usize, window: usize) -> Option<Range<usize>> {
    let (mut start, mut last) = (from, from + window);
    while last <= to {
        let mut at = last;
        while at > start && class(text[at - 1]) & RUN != 0 {
            at -= 1;
        }
        if at > start {
            start = at;
            last = at + window;
            continue;
        }
        let mut end = last;
        while end < to && class(text[end]) & RUN != 0 {
            end += 1;
        }
        return Some(start..end);
    }
    None
}

/// Whether `source[start..end]` has a run of at least `window` token characters that holds a digit, or one that is long
/// and no name of several words.
pub(crate) fn has_token(source: &[u8], start: usize, end: usize, window: usize) -> bool {
    let mut from = start;
    while let Some(run) = next_run(source, from, end, window) {
        // `automountServiceAccountToken` is a name: no two of its capitals stand side by side.
        let (mut classes, mut before, mut capitals) = (0, 0, 0);
        let mut at = run.start;
        while at < run.end {
            let this = class(source[at]);
            classes |= this;
            capitals |= this & before & UPPER;
            before = this;
            at += 1;
        }
        let is_name = classes & JOINT != 0 || classes & UPPER != capitals;
        if classes & DIGIT != 0 || run.end - run.start >= WORDLESS && !is_name {
            return true;
        }
        from = run.end;
    }
    false
}

/// Whether the literal text `source[start..end]` may hold a secret.
pub(crate) fn is_worth(source: &[u8], start: usize, end: usize) -> bool {
    let mut classes = 0;
    let mut at = start;
    while at < end {
        classes |= class(source[at]);
        at += 1;
    }
    if classes & (DIGIT | ODD) == 0 && end - start < WORDLESS {
        return false;
    }
    if classes & BLANK != 0 && classes & GLUE == 0 || classes & (DIGIT | ODD) == 0 {
        return has_token(source, start, end, LITERAL_WINDOW);
    }
    true
}
