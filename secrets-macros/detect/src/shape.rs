//! What a token is made of: runs of characters, fixed texts between them, or a structure of its own.
//!
//! **Matching takes time linear in the token**: a run takes all it can, or stops at the first place where the fixed
//! text behind it stands; nothing is tried twice. **A token ends where its text could go on no longer**, so a run of 40
//! is not found in a run of 64.

#![expect(clippy::indexing_slicing, reason = "every index is compared with the length first")]

use crate::alphabet::Alphabet;
use crate::checksum::Checksum;
use crate::structure;

/// One piece of a token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// So many characters of an alphabet: at least, at most.
    Run(Alphabet, u16, u16),
    /// This text.
    Text(&'static str),
    /// A UUID in lower case, with its dashes (RFC 9562).
    Uuid,
    /// Letters and digits with the dashes of a UUID, as it is made up in documentation.
    Guid,
    /// The rest of a JSON Web Token behind its `eyJ`.
    Jwt,
    /// The rest of a PEM private key behind `-----BEGIN `.
    Pem,
    /// The rest of a `PuTTY` key file.
    Putty,
}

/// [`Part::Run`] of an exact length.
pub(crate) const fn run(alphabet: Alphabet, length: u16) -> Part {
    Part::Run(alphabet, length, length)
}

/// What the text of a token must show beside its shape, so that an identifier or a placeholder is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// Not a few characters repeated, nor mostly one.
    Varied,
    /// A digit, or a change between upper and lower case at every other letter or so.
    Random,
    /// A digit and a letter.
    Digit,
    /// An upper-case and a lower-case letter.
    Cased,
    /// A digit, an upper-case and a lower-case letter.
    Mixed,
}

/// What a format asks of the text after its prefix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// The first piece.
    pub(crate) first: Part,
    /// The pieces behind it.
    pub(crate) rest: &'static [Part],
    /// What the text must show beside.
    pub(crate) demand: Demand,
    /// How it confirms itself.
    pub(crate) checksum: Checksum,
    /// Whether a wrong checksum makes it no token at all.
    pub(crate) strict: bool,
}

/// `length` characters of `alphabet`.
pub(crate) const fn exactly(alphabet: Alphabet, length: u16) -> Shape {
    between(alphabet, length, length)
}

/// `shortest` to `longest` characters of `alphabet`.
pub(crate) const fn between(alphabet: Alphabet, shortest: u16, longest: u16) -> Shape {
    parts(Part::Run(alphabet, shortest, longest), &[])
}

/// `length` hexadecimal digits in lower case.
pub(crate) const fn hex(length: u16) -> Shape {
    exactly(Alphabet::LowerHex, length)
}

/// `length` letters and digits.
pub(crate) const fn alphanumeric(length: u16) -> Shape {
    exactly(Alphabet::Alphanumeric, length)
}

/// `length` characters of base64url.
pub(crate) const fn url_safe(length: u16) -> Shape {
    exactly(Alphabet::UrlSafe, length)
}

/// A UUID.
pub(crate) const UUID: Shape = parts(Part::Uuid, &[]).demanding(Demand::Varied);

/// Several pieces.
pub(crate) const fn parts(first: Part, rest: &'static [Part]) -> Shape {
    Shape { first, rest, demand: Demand::Random, checksum: Checksum::None, strict: false }
}

impl Shape {
    /// The same with another demand than [`Demand::Random`].
    pub(crate) const fn demanding(self, demand: Demand) -> Self {
        Self { demand, ..self }
    }

    /// The same with a checksum whose verdict moves the confidence.
    pub(crate) const fn checked(self, checksum: Checksum) -> Self {
        Self { checksum, ..self }
    }

    /// The same with a checksum that must be right.
    pub(crate) const fn confirmed(self, checksum: Checksum) -> Self {
        Self { checksum, strict: true, ..self }
    }

    /// The piece at `index`.
    pub(crate) const fn part(&self, index: usize) -> Option<Part> {
        if index == 0 {
            Some(self.first)
        } else if index <= self.rest.len() {
            Some(self.rest[index - 1])
        } else {
            None
        }
    }

    /// How long the text is at least and at most; structures have no longest.
    pub(crate) const fn lengths(&self) -> (usize, usize) {
        let (mut shortest, mut longest, mut index) = (0, 0, 0);
        while let Some(part) = self.part(index) {
            let (least, most) = match part {
                Part::Run(_, least, most) => (least as usize, most as usize),
                Part::Text(text) => (text.len(), text.len()),
                Part::Uuid | Part::Guid => (36, 36),
                Part::Jwt | Part::Pem | Part::Putty => (32, usize::MAX / 8),
            };
            (shortest, longest) = (shortest + least, longest + most);
            index += 1;
        }
        (shortest, longest)
    }

    /// Where the token ends whose text after the prefix starts at `start`, if it has this shape and shows what it must.
    pub(crate) fn end(&self, text: &[u8], start: usize) -> Option<usize> {
        let (mut at, mut index) = (start, 0);
        let mut final_alphabet = Alphabet::Underscored;
        while let Some(part) = self.part(index) {
            at = match part {
                Part::Run(alphabet, least, most) => {
                    final_alphabet = alphabet;
                    run_end(text, at, alphabet, (least as usize, most as usize), self.part(index + 1))?
                }
                Part::Text(fixed) if text[at..].starts_with(fixed.as_bytes()) => at + fixed.len(),
                Part::Text(_) => return None,
                Part::Uuid => uuid_end(text, at, Alphabet::LowerHexDashed)?,
                Part::Guid => uuid_end(text, at, Alphabet::Dashed)?,
                Part::Jwt => structure::jwt_end(text, at)?,
                Part::Pem => structure::pem_end(text, at)?,
                Part::Putty => structure::putty_end(text, at)?,
            };
            index += 1;
        }
        let end = without_full_stops(text, start, at);
        let is_long_enough = end == at || end - start >= self.lengths().0;
        (is_long_enough && ends(text, end, final_alphabet) && self.demand.is_met_by(&text[start..end])).then_some(end)
    }
}

/// Where a token ends that somebody edited, whose text after a telling prefix starts at `start`: as long as the shape's
/// one run, but of any letters and digits; where the prefix is `long`, 16 or more of them.
pub(crate) fn edited_end(shape: &Shape, text: &[u8], start: usize, long: bool) -> Option<usize> {
    let (least, most) = match (shape.first, shape.rest) {
        (Part::Run(..), _) if long => (16, 120),
        (Part::Run(alphabet, least, most), []) if alphabet.is_alphanumeric() => (least as usize, most as usize),
        _ => return None,
    };
    let end = run_end(text, start, Alphabet::Alphanumeric, (least, most), None)?;
    (ends(text, end, Alphabet::Alphanumeric) && Demand::Digit.is_met_by(&text[start..end])).then_some(end)
}

/// Where the run ends that starts at `start`: as far as it goes, or at the first place behind its least length where
/// the fixed text behind it stands.
fn run_end(
    text: &[u8],
    start: usize,
    alphabet: Alphabet,
    (least, most): (usize, usize),
    next: Option<Part>,
) -> Option<usize> {
    let mut at = start;
    let fixed = if let Some(Part::Text(fixed)) = next { fixed.as_bytes() } else { b"" };
    while at < text.len() && at - start < most && alphabet.contains(text[at]) {
        if !fixed.is_empty() && at - start >= least && text[at] == fixed[0] && text[at..].starts_with(fixed) {
            break;
        }
        at += 1;
    }
    (at - start >= least).then_some(at)
}

fn uuid_end(text: &[u8], start: usize, alphabet: Alphabet) -> Option<usize> {
    let mut at = 0;
    while at < 36 {
        let byte = *text.get(start + at)?;
        let dash = at == 8 || at == 13 || at == 18 || at == 23;
        if dash != (byte == b'-') || !alphabet.contains(byte) {
            return None;
        }
        at += 1;
    }
    Some(start + 36)
}

/// `end` before the full stops of a sentence that a run with dots has taken.
fn without_full_stops(text: &[u8], start: usize, end: usize) -> usize {
    let mut at = end;
    while at > start && text[at - 1] == b'.' {
        at -= 1;
    }
    at
}

/// Whether a token may end at `end`: what follows could not go on with it, or is the punctuation of a sentence.
fn ends(text: &[u8], end: usize, last: Alphabet) -> bool {
    let Some(&next) = text.get(end) else { return true };
    if next.is_ascii_alphanumeric() || next == b'_' {
        return false;
    }
    let sign = matches!(next, b'-' | b'.' | b'+' | b'/' | b'~');
    let goes_on = text.get(end + 1).is_some_and(|after| after.is_ascii_alphanumeric() || *after == b'_');
    !(sign && goes_on && (last.contains(next) || matches!(next, b'-' | b'+')))
}

impl Demand {
    /// Whether `body` shows what is asked.
    pub(crate) fn is_met_by(self, body: &[u8]) -> bool {
        let shown = Shown::of(body);
        // Half of a short text may be one character; of a long one, as encoded binaries full of zeros are, a fifth.
        let share = if body.len() < 60 { 2 } else { 5 };
        let varied = shown.distinct >= (body.len() / 3).min(6) && shown.most * share <= body.len().max(8);
        varied
            && match self {
                Self::Varied => true,
                Self::Random => shown.digits > 0 || shown.changes * 9 >= body.len() * 4,
                Self::Digit => shown.digits > 0 && shown.uppers + shown.lowers > 0,
                Self::Cased => shown.uppers > 0 && shown.lowers > 0,
                Self::Mixed => shown.digits > 0 && shown.uppers > 0 && shown.lowers > 0,
            }
    }
}

/// What is counted of a text.
struct Shown {
    digits: usize,
    uppers: usize,
    lowers: usize,
    /// How often an upper-case letter follows a lower-case one or the other way round.
    changes: usize,
    /// How many characters there are, each counted once.
    distinct: usize,
    /// How often the most frequent one stands there; blanks and line ends do not count.
    most: usize,
}

impl Shown {
    fn of(body: &[u8]) -> Self {
        let mut shown = Self { digits: 0, uppers: 0, lowers: 0, changes: 0, distinct: 0, most: 0 };
        let mut counts = [0; 128];
        let (mut at, mut before) = (0, 0);
        while at < body.len() {
            let byte = body[at];
            let count = &mut counts[usize::from(byte & 127)];
            *count += 1;
            shown.distinct += usize::from(*count == 1);
            if byte > b' ' {
                shown.most = shown.most.max(*count);
            }
            let case = if byte.is_ascii_digit() {
                shown.digits += 1;
                0
            } else if byte.is_ascii_uppercase() {
                shown.uppers += 1;
                1
            } else if byte.is_ascii_lowercase() {
                shown.lowers += 1;
                2
            } else {
                0
            };
            shown.changes += usize::from(case + before == 3);
            before = case;
            at += 1;
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Alphabet::{Alphanumeric, LowerHex, UrlSafe, UrlSafeDotted};

    const BODY: &str = "k3Jx9QmZ2vTn8RbL5wYp";

    fn end(shape: Shape, text: &str) -> Option<usize> {
        shape.end(text.as_bytes(), 0)
    }

    #[test]
    fn a_run_ends_where_its_text_could_go_on_no_longer() {
        let shape = exactly(Alphanumeric, 20);
        for after in ["", " ", "\"", ".", ",", "-", "/send", ":", ")", "\\n", "&x=1", ". And", "…"] {
            assert_eq!(end(shape, &[BODY, after].concat()), Some(20), "{after}");
        }
        for after in ["x", "_", "7", "-x", "+x"] {
            assert_eq!(end(shape, &[BODY, after].concat()), None, "{after}");
        }
        assert_eq!(end(shape, &BODY[1..]), None);
        assert_eq!(end(exactly(UrlSafe, 20), &[BODY, "-"].concat()), Some(20));
        assert_eq!(end(between(UrlSafeDotted, 10, 99), &[BODY, "."].concat()), Some(20));
    }

    #[test]
    fn pieces_follow_each_other() {
        let shape = parts(Part::Run(Alphanumeric, 5, 30), &[Part::Text("T3"), Part::Run(LowerHex, 4, 4)]);
        assert_eq!(end(shape, "k3Jx9QmT3ab01"), Some(13));
        assert_eq!(end(shape, "k3JxT3ab01"), None);
        assert_eq!(end(shape, "k3Jx9QmT3ab0"), None);
        assert_eq!(end(shape, "k3Jx9QmT3ab012"), None);
        assert_eq!(shape.lengths(), (11, 36));
    }

    #[test]
    fn a_uuid_is_lower_case_with_its_dashes() {
        let uuid = "0b7e4c19-5d2a-4f83-9c6e-1a8d3f7b2e60";
        assert_eq!(end(UUID, uuid), Some(36));
        assert_eq!(end(UUID, &uuid.to_uppercase()), None);
        assert_eq!(end(UUID, &uuid.replacen('-', "0", 1)), None);
        assert_eq!(end(UUID, &[uuid, "0"].concat()), None);
    }

    #[test]
    fn demands_tell_tokens_from_identifiers_and_fillers() {
        for filler in
            ["xxxxxxxxxxxxxxxxxxxx", "00000000000000000000", "abababababababababab", "bP88Qxxxxxxxxxxxxxxxxxxx"]
        {
            assert!(!Demand::Varied.is_met_by(filler.as_bytes()), "{filler}");
        }
        for random in [BODY, "kJxQmZvTnRbLwYpDsGhC"] {
            assert!(Demand::Random.is_met_by(random.as_bytes()), "{random}");
        }
        for word in ["dataGetTopLongShortPositionRatio", "some_function_name", "SCREAMING_NAME_OF_IT"] {
            assert!(!Demand::Random.is_met_by(word.as_bytes()), "{word}");
        }
        assert!(!Demand::Digit.is_met_by(b"01234567890123456789"));
        assert!(!Demand::Mixed.is_met_by(b"abc123def456ghi789"));
        assert!(Demand::Mixed.is_met_by(BODY.as_bytes()));
    }
}
