//! What a value looks like: random, chosen by a person, or one of the many things that are no secret.
//!
//! **Precision first**: a value is random only if nothing harmless explains it. Thresholds are in characters per piece
//! of [`crate::pieces`], times 100: the fewer characters a piece of ordinary text covers, the more random the text.

mod texts;

use texts::{COMMON, FILE_ENDS, FILLERS, HARMLESS_STARTS, PLACEHOLDERS};

use crate::lexer::find;
use crate::pieces;

/// The classes of characters in a value, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Classes {
    /// How many digits.
    pub(crate) digits: usize,
    /// How many lower-case letters.
    pub(crate) lower: usize,
    /// How many capital letters.
    pub(crate) upper: usize,
    /// How many of `-` and `_`.
    pub(crate) joints: usize,
    /// How many other printable ASCII characters.
    pub(crate) signs: usize,
    /// How many blanks and control characters.
    pub(crate) blanks: usize,
    /// How many bytes beyond ASCII.
    pub(crate) foreign: usize,
    /// How many letters beyond `f`.
    pub(crate) beyond_hex: usize,
}

impl Classes {
    /// Counts the characters of `value`.
    pub(crate) fn of(value: &[u8]) -> Self {
        let mut classes = Self::default();
        for &byte in value {
            match byte {
                b'0'..=b'9' => classes.digits += 1,
                b'a'..=b'z' => classes.lower += 1,
                b'A'..=b'Z' => classes.upper += 1,
                b'-' | b'_' => classes.joints += 1,
                0..=b' ' | 127 => classes.blanks += 1,
                128.. => classes.foreign += 1,
                _ => classes.signs += 1,
            }
            if matches!(byte, b'g'..=b'z' | b'G'..=b'Z') {
                classes.beyond_hex += 1;
            }
        }
        classes
    }

    /// How many letters.
    pub(crate) fn letters(self) -> usize {
        self.lower + self.upper
    }
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// Something that is no secret.
    Harmless,
    /// Words with a digit or a sign: a password if its name says so.
    Chosen,
    /// A UUID: a credential only if its name plainly says so.
    Uuid,
    /// Random characters, at least 12.
    Random,
    /// Random characters, at least 20, beyond doubt.
    PlainlyRandom,
}

/// The shortest password that is reported.
const SHORTEST: usize = 6;
/// The longest value that is looked at as one secret.
const LONGEST: usize = 4096;

/// What `value`, the whole of a literal or of a pair's right side, looks like.
pub(crate) fn look(value: &[u8]) -> Look {
    if value.len() < SHORTEST || value.len() > LONGEST {
        return Look::Harmless;
    }
    let classes = Classes::of(value);
    let seen = look_of(value, classes);
    if seen > Look::Harmless && (is_template(value) || is_known_harmless(value) || is_placeholder(value)) {
        return Look::Harmless;
    }
    seen
}

/// Whether `value` is no placeholder, template or text: what a format that a name makes certain is compared with.
pub(crate) fn could_be_token(value: &[u8]) -> bool {
    let classes = Classes::of(value);
    value.len() >= SHORTEST
        && value.len() <= LONGEST
        && classes.foreign == 0
        && classes.blanks == 0
        && (classes.digits > 0 || value.len() >= 16)
        && distinct(value) >= 5
        && !is_template(value)
        && !is_worded_placeholder(value)
}

/// What `value` looks like as far as its characters tell.
fn look_of(value: &[u8], classes: Classes) -> Look {
    if classes.foreign > 0 || classes.blanks > 0 {
        return Look::Harmless;
    }
    if let Some(before) = before_uuid(value) {
        if before.len() > 20 || before.iter().any(u8::is_ascii_uppercase) {
            return Look::Harmless;
        }
        return if distinct(value) >= 8 { Look::Uuid } else { Look::Harmless };
    }
    if is_random(value, classes) {
        return if value.len() >= 20 { Look::PlainlyRandom } else { Look::Random };
    }
    if is_made_up(value, classes) {
        return Look::Random;
    }
    if looks_chosen(value, classes) && !is_common(value) { Look::Chosen } else { Look::Harmless }
}

/// Whether `value` consists of random characters.
fn is_random(value: &[u8], classes: Classes) -> bool {
    if value.len() < 12 || classes.letters() == 0 || is_path(value) || distinct(value) * 4 < value.len().min(32) {
        return false;
    }
    pieces::looks_random(value) && (classes.digits > 0 || value.len() >= 20 || classes.lower > 1 && classes.upper > 1)
}

/// Whether `value` has few words, though a sequence or a pattern too: what people type who make up a token.
fn is_made_up(value: &[u8], classes: Classes) -> bool {
    value.len() >= 16
        && classes.digits >= 2
        && classes.letters() >= 2
        && !is_path(value)
        && distinct(value) >= 10
        && longest_sequence(value) * 3 <= value.len()
        && (classes.beyond_hex == 0 && classes.signs == 0 || pieces::characters_per_piece(value) < 185)
}

/// Whether `value` could be a password that a person chose: letters, and a digit or a sign among them.
fn looks_chosen(value: &[u8], classes: Classes) -> bool {
    value.len() <= 64
        && !matches!(value.first(), Some(b'#' | b'.' | b'-' | b'=' | b'('))
        && classes.letters() >= 2
        && (classes.digits > 0 || classes.signs > 0)
        && !is_path(value)
        && !is_name(value)
}

/// Whether `value` is a name with digits in it: `item_1`, `v1.2.3`, `rev2`, `SHA256`.
fn is_name(value: &[u8]) -> bool {
    let plain =
        value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b':' | b'/'));
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    plain && digits <= 1
}

/// Whether `value` holds a word that stands for a secret, or fills its place.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    PLACEHOLDERS.iter().chain(FILLERS).any(|word| contains(&lower, word))
}

/// Whether `value` holds a word that stands for a secret: what fills its place may be part of a format.
pub(crate) fn is_worded_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    contains(&lower, b"xxxxxx") || PLACEHOLDERS.iter().any(|word| contains(&lower, word))
}

/// Whether `value` holds a word that people put into values that are no secret.
fn is_common(value: &[u8]) -> bool {
    let mut lower = value.to_ascii_lowercase();
    for byte in &mut lower {
        *byte = match *byte {
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'0' => b'o',
            b'1' | b'!' => b'i',
            b'5' | b'$' => b's',
            plain => plain,
        };
    }
    let digits = value.to_ascii_lowercase();
    COMMON.iter().any(|word| contains(&digits, word)) || COMMON.iter().any(|word| contains(&lower, word))
}

/// Whether `text` holds `part`.
pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    position(text, part).is_some()
}

/// Where `part` first stands in `text`.
pub(crate) fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let mut at = 0;
    while at + part.len() <= text.len() {
        at = find(text, at, first);
        if text.get(at..).is_some_and(|rest| rest.starts_with(part)) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Whether `value` has a place to fill in: `{}`, `${NAME}`, `%s`, `<token>`.
pub(crate) fn is_template(value: &[u8]) -> bool {
    let wrapped = |open: u8, close: u8| value.first() == Some(&open) && value.last() == Some(&close);
    contains(value, b"${")
        || contains(value, b"$(")
        || contains(value, b"{{")
        || contains(value, b"{}")
        || contains(value, b"%s")
        || wrapped(b'<', b'>')
        || wrapped(b'{', b'}')
        || wrapped(b'[', b']')
        || wrapped(b'%', b'%')
        || wrapped(b'(', b')')
        || (contains(value, b"{") && contains(value, b"}") && !contains(value, b"\""))
        || (value.first() == Some(&b'$')
            && value.iter().skip(1).all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'))
}

/// Whether `value` ends in a version: a dependency's coordinates.
fn ends_in_version(value: &[u8]) -> bool {
    let start = value.iter().rposition(|byte| !byte.is_ascii_digit() && *byte != b'.').map_or(0, |at| at + 1);
    value.get(start..).unwrap_or_default().split(|&byte| byte == b'.').count() >= 3
}

/// Whether `value` is one of the known things that look random and are public.
fn is_known_harmless(value: &[u8]) -> bool {
    HARMLESS_STARTS.iter().any(|start| value.starts_with(start))
        || FILE_ENDS.iter().any(|end| value.ends_with(end))
        || ends_in_version(value)
}

/// Whether `value` is a path, a host or a route of words.
fn is_path(value: &[u8]) -> bool {
    let slashes = value.split(|&byte| byte == b'/').count() - 1;
    value.starts_with(b"/") && slashes > 1
        || value.starts_with(b"./")
        || value.starts_with(b"../")
        || value.starts_with(b"~/")
        || value.ends_with(b"/")
        || contains(value, b"::")
        || contains(value, b"\\")
        || contains(value, b"%2F")
        || contains(value, b"%5C")
        || (slashes >= 1 && pieces::characters_per_piece(value) >= 190)
}

/// Whether `value` has the form of a UUID (RFC 9562).
pub(crate) fn is_uuid(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"{").and_then(|value| value.strip_suffix(b"}")).unwrap_or(value);
    value.len() == 36
        && value.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// What stands before the UUID that `value` ends in.
fn before_uuid(value: &[u8]) -> Option<&[u8]> {
    let (before, last) = value.split_at_checked(value.len().checked_sub(36)?)?;
    if is_uuid(last) {
        return Some(before);
    }
    is_uuid(value).then_some(b"")
}

/// How many different characters `value` has.
pub(crate) fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    let mut count = 0;
    for &byte in value {
        if let Some(seen) = seen.get_mut(usize::from(byte)) {
            count += usize::from(!*seen);
            *seen = true;
        }
    }
    count
}

/// How many characters of `value` stand in runs of five or more of the same.
pub(crate) fn in_repetitions(value: &[u8]) -> usize {
    let runs = value.chunk_by(|one, other| one == other);
    runs.map(<[u8]>::len).filter(|&length| length >= 5).sum()
}

/// The length of the longest run in which each character follows the one before, is the same, or precedes it.
pub(crate) fn longest_sequence(value: &[u8]) -> usize {
    let (mut longest, mut run, mut step) = (1, 1, 0);
    for pair in value.windows(2) {
        let &[before, after] = pair else { continue };
        let difference = i16::from(after) - i16::from(before);
        if difference.abs() <= 1 && (run == 1 || difference == step) {
            run += 1;
        } else {
            run = if difference.abs() <= 1 { 2 } else { 1 };
        }
        step = difference;
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_and_sequences_are_seen() {
        assert!(is_uuid(b"2397f603-c2c4-4897-a8ca-587ace5dc8dd"));
        assert!(is_uuid(b"{2397f603-c2c4-4897-a8ca-587ace5dc8dd}"));
        assert!(!is_uuid(b"2397f603-c2c4-4897-a8ca-587ace5dc8d"));
        assert_eq!(longest_sequence(b"x12345y"), 5);
        assert_eq!(longest_sequence(b"aaaa"), 4);
        assert_eq!(longest_sequence(b"edcba"), 5);
    }

    #[test]
    fn harmless_values_are_harmless() {
        for value in [
            "your-api-key-here",
            "${API_KEY}",
            "<token>",
            "{token}",
            "/etc/ssl/private/key.pem",
            "https://host.test/x?y=1",
            "hello",
            "primary_key",
            "item_1",
            "aaaaaaaaaaaaaaaaaaaa",
            "sha256:30216969ebcd4d22",
            "correct horse",
            "$TOKEN",
        ] {
            assert_eq!(look(value.as_bytes()), Look::Harmless, "{value}");
        }
    }
}
