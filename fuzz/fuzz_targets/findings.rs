//! What holds of the findings in any text.

use secrets_detect::Findings;

/// Spans are within `source` and on characters, and what is masked has its length and its lines.
pub fn check(source: &str, findings: &Findings) {
    let mut at = 0;
    for finding in &findings.list {
        let value = &source[finding.span.clone()];
        assert!(at <= finding.span.start, "in the order of the text");
        at = finding.span.start;
        assert!(finding.shown <= value.len() && value.is_char_boundary(finding.shown));
        assert!(finding.start <= finding.end && finding.start.line >= 1 && finding.start.column >= 1);
    }
    for reference in &findings.references {
        assert!(source.get(reference.span.clone()).is_some());
    }
    let masked = findings.masked(source);
    assert_eq!(masked.len(), source.len());
    assert_eq!(masked.lines().count(), source.lines().count());
}
