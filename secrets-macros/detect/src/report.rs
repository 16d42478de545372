//! Collects what a scan finds, applies the allows, and counts lines and columns at the end.
//!
//! **Positions are counted once, in one pass**, and only in texts with findings.

use std::ops::Range;

use crate::allow::{Allow, Placed};
use crate::chunk::Hit;
use crate::formats;
use crate::judge::{Verdict, generic};
use crate::pieces;
use crate::{Basis, Finding, Findings, Fingerprint, Place, Position, Reference, ReferenceBy};

/// The longest name that is told.
const LONGEST_NAME: usize = 64;

/// An allow that covers nothing.
pub(crate) const UNUSED_ALLOW: Verdict = generic("unused-allow", Basis::Allow);
/// An allow that does not say why.
pub(crate) const ALLOW_WITHOUT_REASON: Verdict = generic("allow-without-reason", Basis::Allow);

/// The mistakes that allows can have.
pub(crate) static MISTAKES: [Verdict; 2] = [UNUSED_ALLOW, ALLOW_WITHOUT_REASON];

/// What a scan has found so far.
pub(crate) struct Report<'a> {
    text: &'a [u8],
    findings: Findings,
    allows: Vec<Placed<'a>>,
}

impl<'a> Report<'a> {
    /// Of a scan of `text`.
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, findings: Findings::default(), allows: Vec::new() }
    }

    /// Adds a finding: `value`, decoded, stands at `span`.
    pub(crate) fn add(
        &mut self,
        verdict: Verdict,
        span: Range<usize>,
        value: &[u8],
        name: Option<&[u8]>,
        place: Place,
    ) {
        let shown = if self
            .text
            .get(span.clone())
            .is_some_and(|source| source.starts_with(value.get(..verdict.shown).unwrap_or(b"\0")))
        {
            verdict.shown
        } else {
            0
        };
        let mut preview = String::from_utf8_lossy(value.get(..shown).unwrap_or_default()).into_owned();
        preview.push('…');
        let nowhere = Position { line: 0, column: 0 };
        self.findings.list.push(Finding {
            rule: verdict.rule,
            provider: verdict.provider,
            kind: verdict.kind,
            basis: verdict.basis,
            confidence: verdict.confidence,
            place,
            span,
            start: nowhere,
            end: nowhere,
            shown,
            preview,
            fingerprint: Fingerprint::of(value),
            name: name.filter(|name| is_only_a_name(name)).map(|name| String::from_utf8_lossy(name).into_owned()),
        });
    }

    /// Adds what was found in `text`, which stands in the source at `span`.
    pub(crate) fn add_hit(&mut self, hit: Hit, text: &[u8], span: Range<usize>, place: Place) {
        let value = text.get(hit.span).unwrap_or_default();
        let name = hit.name.and_then(|name| text.get(name));
        self.add(hit.verdict, span, value, name, place);
    }

    /// Adds a mistake in an allow.
    pub(crate) fn add_mistake(&mut self, verdict: Verdict, span: Range<usize>) {
        let text = self.text.get(span.clone()).unwrap_or_default();
        self.add(verdict, span, text, None, Place::Comment);
        if let Some(finding) = self.findings.list.last_mut() {
            finding.preview.clear();
        }
    }

    /// Adds what a macro or attribute names.
    pub(crate) fn add_reference(&mut self, by: ReferenceBy, argument: String, span: Range<usize>) {
        let nowhere = Position { line: 0, column: 0 };
        self.findings.references.push(Reference { by, argument, span, start: nowhere, end: nowhere, allowed: false });
    }

    /// Adds an allow, whose comment is at `span`.
    pub(crate) fn add_allow(&mut self, allow: &Allow<'a>, span: Range<usize>) {
        self.allows.push(Placed::new(self.text, allow, span));
    }

    /// How many findings there are.
    pub(crate) fn len(&self) -> usize {
        self.findings.list.len()
    }

    /// Forgets the findings behind the first `length`; whether there were any.
    pub(crate) fn truncate(&mut self, length: usize) -> bool {
        let had = self.findings.list.len() > length;
        self.findings.list.truncate(length);
        had
    }

    /// Everything, in the order of the text.
    pub(crate) fn finish(mut self) -> Findings {
        if self.findings.list.is_empty() && self.findings.references.is_empty() && self.allows.is_empty() {
            return self.findings;
        }
        self.place_tests();
        self.sort();
        self.apply_allows();
        self.sort();
        self.locate();
        self.findings
    }

    /// Puts the findings into the order of the text.
    fn sort(&mut self) {
        self.findings.list.sort_by_key(|finding| (finding.span.start, finding.span.end));
    }

    /// Marks code below a `#[cfg(test)]`.
    fn place_tests(&mut self) {
        let starts = [&b"[test]"[..], b"cfg(test", b"cfg(all(test", b"cfg(any(test", b"[tokio::test"].into_iter();
        let tests = starts.filter_map(|start| crate::value::position(self.text, start)).min();
        for finding in &mut self.findings.list {
            if finding.place == Place::Code && tests.is_some_and(|tests| tests < finding.span.start) {
                finding.place = Place::Test;
            }
        }
    }

    /// Takes out what is allowed, and adds the mistakes in allows. The findings are in the order of the text.
    fn apply_allows(&mut self) {
        let allows = std::mem::take(&mut self.allows);
        let mut is_allowed = vec![false; self.findings.list.len()];
        for allow in &allows {
            let used = self.mark_allowed(allow, &mut is_allowed) | self.allow_references(allow);
            if !allow.has_reason {
                self.add_mistake(ALLOW_WITHOUT_REASON, allow.span.clone());
            } else if !used {
                self.add_mistake(UNUSED_ALLOW, allow.span.clone());
            }
        }
        is_allowed.resize(self.findings.list.len(), false);
        let mut is_allowed = is_allowed.into_iter();
        self.findings.list.retain(|_| !is_allowed.next().unwrap_or_default());
    }

    /// Marks the findings that `allow` covers; whether there are any.
    fn mark_allowed(&self, allow: &Placed<'_>, is_allowed: &mut [bool]) -> bool {
        let mut used = false;
        let first = self.findings.list.partition_point(|finding| finding.span.start < allow.covers.start);
        for (finding, is_allowed) in self.findings.list.iter().zip(is_allowed).skip(first) {
            if finding.span.start > allow.covers.end {
                break;
            }
            if finding.rule.as_bytes() == allow.rule {
                used = true;
                *is_allowed |= allow.has_reason;
            }
        }
        used
    }

    /// Marks the references that `allow` covers; whether there are any.
    fn allow_references(&mut self, allow: &Placed<'_>) -> bool {
        let mut used = false;
        let first = self.findings.references.partition_point(|reference| reference.span.start < allow.covers.start);
        for reference in self.findings.references.iter_mut().skip(first) {
            if reference.span.start > allow.covers.end {
                break;
            }
            if reference.by.rules().iter().any(|rule| rule.as_bytes() == allow.rule) {
                used = true;
                reference.allowed |= allow.has_reason;
            }
        }
        used
    }

    /// Counts the lines and columns of all spans.
    fn locate(&mut self) {
        let mut ends: Vec<usize> = Vec::new();
        for finding in &self.findings.list {
            ends.extend([finding.span.start, finding.span.end]);
        }
        for reference in &self.findings.references {
            ends.extend([reference.span.start, reference.span.end]);
        }
        ends.sort_unstable();
        let positions = positions(self.text, &ends);
        let find = |at: usize| ends.binary_search(&at).ok().and_then(|index| positions.get(index).copied());
        for finding in &mut self.findings.list {
            if let (Some(start), Some(end)) = (find(finding.span.start), find(finding.span.end)) {
                (finding.start, finding.end) = (start, end);
            }
        }
        for reference in &mut self.findings.references {
            if let (Some(start), Some(end)) = (find(reference.span.start), find(reference.span.end)) {
                (reference.start, reference.end) = (start, end);
            }
        }
    }
}

/// Whether `name` shows no value: a name can be a key that stands before another value.
fn is_only_a_name(name: &[u8]) -> bool {
    if name.len() > LONGEST_NAME {
        return false;
    }
    let mut starts = (0..name.len()).filter(|&at| {
        let before = at.checked_sub(1).and_then(|before| name.get(before));
        !before.is_some_and(u8::is_ascii_alphanumeric)
    });
    if starts.any(|at| formats::starting_at(name, at).is_some()) {
        return false;
    }
    let mut words = name.split(|byte| matches!(byte, b'_' | b'-' | b'.' | b':' | b' '));
    !words.any(|word| word.len() >= 16 && pieces::looks_random(word))
        && (name.len() < 24 || !pieces::looks_random(name))
}

/// The positions of the bytes `ends`, which are sorted, in `text`.
fn positions(text: &[u8], ends: &[usize]) -> Vec<Position> {
    let mut positions = Vec::with_capacity(ends.len());
    let (mut line, mut at, mut column) = (1, 0, 1);
    let mut newline = crate::lexer::find(text, 0, b'\n');
    for &end in ends {
        while newline < end {
            (line, at, column) = (line + 1, newline + 1, 1);
            newline = crate::lexer::find(text, at, b'\n');
        }
        // Every byte but those that continue a character.
        let before = text.get(at..end).unwrap_or_default();
        column += before.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        at = end;
        positions.push(Position { line, column });
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let text = "ab\nßc\n\nd".as_bytes();
        let place = |line, column| Position { line, column };
        assert_eq!(
            positions(text, &[0, 2, 3, 5, 6, 7, 8, 9]),
            [place(1, 1), place(1, 3), place(2, 1), place(2, 2), place(2, 3), place(3, 1), place(4, 1), place(4, 2)]
        );
    }
}
