//! Looks through Rust source.

use crate::{Basis, Confidence, Finding, Findings, Fingerprint, Place, Position, classify};

/// Looks through `source`, a Rust file of any edition.
#[must_use]
pub fn scan_rust(source: &str) -> Findings {
    provisional(source, true)
}

pub(crate) fn provisional(source: &str, _rust: bool) -> Findings {
    let mut findings = Findings::default();
    let mut at = 0;
    for (index, line) in source.split_inclusive('\n').enumerate() {
        let mut column = 0;
        for word in line.split(|letter: char| letter == '"' || letter.is_whitespace()) {
            if let Some(found) = classify(word) {
                let start = at + column;
                findings.list.push(Finding {
                    rule: found.rule,
                    provider: found.provider,
                    kind: found.kind,
                    basis: Basis::Format,
                    confidence: Confidence::Medium,
                    place: Place::Code,
                    span: start..start + word.len(),
                    start: Position { line: index + 1, column: column + 1 },
                    end: Position { line: index + 1, column: column + 1 + word.len() },
                    shown: found.prefix.len(),
                    preview: format!("{}…", found.prefix),
                    fingerprint: Fingerprint::of(word.as_bytes()),
                    name: None,
                });
            }
            column += word.len() + 1;
        }
        at += line.len();
    }
    findings
}
