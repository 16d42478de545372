//! Hides found values wherever else they stand in the lines that are shown.
//!
//! A value is found where its form or its name tells; the same line may repeat it where nothing does: in a comparison,
//! in a comment. **Of a masked excerpt no found value of the file is left readable**, but for values shorter than six
//! bytes, which stand everywhere by chance.

use std::collections::{BTreeSet, HashMap, HashSet};

use secrets_detect::{Basis, Finding};

/// Values shorter than this are not looked for.
const SHORTEST: usize = 6;

/// The found values of a text.
///
/// Any number of them may begin alike (a log full of tokens), so they are not tried one by one.
#[derive(Default)]
pub(super) struct Values<'t> {
    all: HashSet<&'t [u8]>,
    /// By first bytes, how long values are that begin so.
    lengths: HashMap<&'t [u8], BTreeSet<usize>>,
}

impl<'t> Values<'t> {
    /// The values of `findings` in `text`.
    pub(super) fn new(text: &'t str, findings: &[Finding]) -> Self {
        let mut values = Self::default();
        for finding in findings.iter().filter(|finding| finding.basis != Basis::Allow) {
            let value = text.as_bytes().get(finding.span.start + finding.shown..finding.span.end);
            values.add(value.unwrap_or_default());
        }
        values
    }

    fn add(&mut self, value: &'t [u8]) {
        if let Some(start) = value.get(..SHORTEST) {
            self.all.insert(value);
            self.lengths.entry(start).or_default().insert(value.len());
        }
    }

    /// `text` with the values in it replaced by as many `*`.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for (at, start) in text.as_bytes().windows(SHORTEST).enumerate() {
            for length in self.lengths.get(start).into_iter().flatten() {
                let range = at..at + length;
                if text.as_bytes().get(range.clone()).is_some_and(|value| self.all.contains(value)) {
                    bytes.get_mut(range).unwrap_or_default().fill(b'*');
                }
            }
        }
        // Whole characters were replaced, so it is text still.
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_hidden_wherever_it_stands_and_the_length_stays() {
        let mut values = Values::default();
        values.add("geheimnisüß".as_bytes());
        values.add(b"secret-one");
        values.add(b"secret-two");
        values.add(b"tiny");
        let hidden = values.hide("a geheimnisüß, secret-two: secret-, tiny ü");
        assert_eq!(hidden, "a *************, **********: secret-, tiny ü");
    }
}
