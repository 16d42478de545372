//! What is kept of a file beside a finding: its lines, masked and cut.
//!
//! **Taken from the masked text only**, so neither the finding's value nor another one on the same line is in it. **Of
//! bounded size**: a minified file of one line costs a few hundred bytes per finding, not its whole length.

use std::ops::Range;

use crate::lint::hide::Values;

/// The most bytes that are kept before and behind a finding on its line.
const MARGIN: usize = 160;
/// The most bytes of the finding itself that are kept.
const LONGEST: usize = 2_000;

/// Masked lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The text: whole lines, or a part of one.
    pub(crate) text: String,
    /// The finding's bytes in it.
    pub(crate) span: Range<usize>,
    /// How many characters of the first line were cut off before the text.
    pub(crate) cut: usize,
}

impl Excerpt {
    /// The lines of `span` in `masked`; its first character is the `column`th of its line.
    ///
    /// Looks at a few hundred bytes around the span, however long the line is.
    pub(super) fn new(masked: &str, span: &Range<usize>, column: usize) -> Self {
        let from = ceil(masked, span.start.saturating_sub(MARGIN));
        let before = masked.get(from..span.start).unwrap_or_default();
        let start = before.rfind('\n').map_or(from, |at| from + at + 1);
        let marked_end = floor(masked, span.end.min(span.start + LONGEST));
        let limit = floor(masked, marked_end + MARGIN);
        let behind = masked.get(marked_end..limit).unwrap_or_default();
        let end = marked_end + behind.find('\n').unwrap_or(behind.len());
        let text = masked.get(start..end).unwrap_or_default().trim_end_matches('\r').to_owned();
        let at = |position: usize| position.saturating_sub(start).min(text.len());
        let underlined = at(span.start)..at(marked_end).max(at(span.start));
        let kept = text.get(..underlined.start).map_or(0, |kept| kept.chars().count());
        Self { span: underlined, cut: column.saturating_sub(1 + kept), text }
    }

    /// The same lines with the rest of the word behind the finding hidden too: where nothing quotes a value, what looks
    /// like its end may be a part of it.
    pub(super) fn hiding_the_word(self) -> Self {
        let rest = self.text.get(self.span.end..).unwrap_or_default();
        let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
        let end = self.span.end + rest.find(is_end).unwrap_or(rest.len());
        let stars = "*".repeat(end - self.span.end);
        let mut text = self.text;
        text.replace_range(self.span.end..end, &stars);
        Self { text, ..self }
    }

    /// The same lines without `values`.
    pub(super) fn hiding(self, values: &Values<'_>) -> Self {
        Self { text: values.hide(&self.text), ..self }
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_kept_where_they_are_short() {
        let text = "first\nlet key = \"****\";\r\nlast\n";
        let at = text.find('*').unwrap();
        let excerpt = Excerpt::new(text, &(at..at + 4), 12);
        assert_eq!((excerpt.text.as_str(), excerpt.cut), ("let key = \"****\";", 0));
        assert_eq!(&excerpt.text[excerpt.span], "****");
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides_at_characters() {
        let text = format!("{}****{}", "ä".repeat(1000), "ö".repeat(1000));
        let excerpt = Excerpt::new(&text, &(2000..2004), 1001);
        assert!(excerpt.text.len() <= 2 * MARGIN + 4 && excerpt.cut == 1000 - MARGIN / 2, "{}", excerpt.cut);
        assert_eq!(&excerpt.text[excerpt.span.clone()], "****");
    }

    #[test]
    fn the_rest_of_a_word_is_hidden_with_its_beginning() {
        let hidden = |text: &str| Excerpt::new(text, &(2..5), 3).hiding_the_word().text;
        assert_eq!(hidden("p=***&ä3 next"), "p=******* next");
        assert_eq!(hidden("p=***\"x"), "p=***\"x");
        assert_eq!(hidden("p=***"), "p=***");
    }

    #[test]
    fn a_span_at_the_end_or_beyond_it_does_not_panic() {
        let excerpt = Excerpt::new("ab", &(2..2), 3);
        assert_eq!((excerpt.text.as_str(), excerpt.span), ("ab", 2..2));
        let beyond = Excerpt::new("ab", &(7..9), 1);
        assert!(beyond.text.get(beyond.span.clone()).is_some(), "{beyond:?}");
        assert_eq!(Excerpt::new("", &(0..0), 1).text, "");
    }
}
