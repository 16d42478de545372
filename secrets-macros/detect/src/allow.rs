//! Inline allows: `secrets: allow(rule-id) reason`, in a comment of any language.
//!
//! An allow covers its own line and, where it stands on a line of its own, the next one. **One without a reason or one
//! that covers nothing is itself a finding**, so none outlives what it was written for.

use std::ops::Range;

use crate::line;

/// What a comment says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Allow<'a> {
    /// The rule that it allows.
    pub(crate) rule: &'a [u8],
    /// Whether it says why.
    pub(crate) has_reason: bool,
}

/// The start of every allow.
const MARK: &[u8] = b"secrets: allow(";

/// The allow that `comment`, its marks taken off, starts with.
pub(crate) fn parse(comment: &[u8]) -> Option<Allow<'_>> {
    let rest = comment.trim_ascii_start().strip_prefix(MARK)?;
    let close = rest.iter().position(|&byte| byte == b')')?;
    let (rule, reason) = rest.split_at(close);
    if !rule.iter().all(|&byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b' ')) {
        return None;
    }
    let reason = reason.strip_prefix(b")").unwrap_or_default().trim_ascii();
    let reason = reason.strip_suffix(b"-->").or_else(|| reason.strip_suffix(b"*/")).unwrap_or(reason);
    Some(Allow { rule: rule.trim_ascii(), has_reason: is_reason(reason) })
}

/// Whether `rest`, what follows the literal of an `allow_secret!`, is `, reason = "…"` with words in it.
pub(crate) fn macro_reason(rest: &[u8]) -> bool {
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b",") else { return false };
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b"reason") else { return false };
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b"=") else { return false };
    let Some(quote) = rest.iter().position(|&byte| byte == b'"') else { return false };
    let text = rest.get(quote + 1..).unwrap_or_default();
    let end = text.iter().position(|&byte| byte == b'"').unwrap_or(text.len());
    is_reason(text.get(..end).unwrap_or_default())
}

/// Whether `text` has words in it: three letters or digits at least.
fn is_reason(text: &[u8]) -> bool {
    text.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() >= 3
}

/// The place of the first allow in `text` at or behind `from`: where its text starts and where its line ends.
///
/// It stands behind one of `marks`, what comments of the language start with: else it is spoken of, not written.
pub(crate) fn find(text: &[u8], from: usize, marks: &[&[u8]]) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        at += text.get(at..)?.iter().position(|&byte| byte == b':')?;
        if let Some(start) = at.checked_sub(b"secrets".len())
            && start >= from
            && text.get(start..).is_some_and(|rest| rest.starts_with(MARK))
            && marks.iter().any(|mark| text.get(..start).is_some_and(|before| before.trim_ascii_end().ends_with(mark)))
        {
            let end = text.get(at..)?.iter().position(|&byte| byte == b'\n').map_or(text.len(), |length| at + length);
            return Some(start..end);
        }
        at += 1;
    }
}

/// An allow of a text.
#[derive(Debug)]
pub(crate) struct Placed<'a> {
    pub(crate) rule: &'a [u8],
    pub(crate) has_reason: bool,
    /// The bytes of the comment.
    pub(crate) span: Range<usize>,
    /// What it covers: bytes of the text.
    pub(crate) covers: Range<usize>,
}

impl<'a> Placed<'a> {
    /// `allow`, whose comment is at `span` of `text`.
    pub(crate) fn new(text: &'a [u8], allow: &Allow<'a>, span: Range<usize>) -> Self {
        let line_start = line::start(text, span.start);
        let before = text.get(line_start..span.start).unwrap_or_default();
        let alone = !before.iter().any(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b'\''));
        let mut end = line::end(text, span.end);
        if alone {
            end = line::end(text, end + 1);
        }
        Self { rule: allow.rule, has_reason: allow.has_reason, span, covers: line_start..end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_and_reason_are_read() {
        let allow = parse(b" secrets: allow(aws-access-key-id) documentation sample").unwrap();
        assert_eq!((allow.rule, allow.has_reason), (&b"aws-access-key-id"[..], true));
        assert!(!parse(b"secrets: allow(x)").unwrap().has_reason);
        assert!(!parse(b"secrets: allow(x) -->").unwrap().has_reason);
        assert_eq!(parse(b"see secrets: allow(x)"), None);
        assert_eq!(parse(b"secrets: allow("), None);
        assert_eq!(parse(b"secrets: allow(RULE) REASON"), None);
    }

    #[test]
    fn an_allow_is_found_in_any_text() {
        let text = b"a: b # secrets: allow(x) why not\nc";
        let span = find(text, 0, &[b"#"]).unwrap();
        assert_eq!(&text[span], b"secrets: allow(x) why not");
        assert_eq!(find(text, 0, &[b"<!--"]), None);
        assert_eq!(find(b"# secrets: allowed", 0, &[b"#"]), None);
    }
}
