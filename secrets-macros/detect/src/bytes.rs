//! The classes of bytes that scanning asks for, in one table: a look-up is all that a byte costs, unoptimised too.

/// `0-9`.
pub(crate) const DIGIT: u8 = 1;
/// `a-z`.
pub(crate) const LOWER: u8 = 2;
/// `A-Z`.
pub(crate) const UPPER: u8 = 4;
/// `-` and `_`.
pub(crate) const JOINT: u8 = 8;
/// The signs that occur in encoded and chosen values.
pub(crate) const SIGN: u8 = 16;
/// The signs among them that stand in passwords, and hardly in names, paths and versions.
pub(crate) const ODD: u8 = 64;
/// What holds the parts of a token together beside these.
pub(crate) const GLUE: u8 = 32;

/// Blanks and line ends.
pub(crate) const BLANK: u8 = 128;

/// Letters and digits.
pub(crate) const WORD: u8 = DIGIT | LOWER | UPPER;
/// What runs are made of.
pub(crate) const RUN: u8 = WORD | JOINT;
/// What values are made of.
pub(crate) const VALUE: u8 = RUN | SIGN;
/// What tokens of formats are made of.
pub(crate) const TOKEN: u8 = VALUE | GLUE;

/// The class of each byte.
pub(crate) static CLASS: [u8; 256] = table();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks it")]
#[expect(clippy::cast_possible_truncation, reason = "below 256")]
const fn table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'-' | b'_' => JOINT,
            b'+' | b'/' | b'.' | b'~' => SIGN,
            b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'*' => SIGN | ODD,
            b' ' | b'\t' | b'\n' | b'\r' => BLANK,
            b':' | b'|' | b'=' | b'?' | b'&' => GLUE,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// All classes that occur in `text`.
pub(crate) fn classes(text: &[u8]) -> u8 {
    let (mut classes, mut at) = (0, 0);
    while let Some(&byte) = text.get(at) {
        classes |= class(byte);
        at += 1;
    }
    classes
}

/// The class of `byte`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "proc macros are built without optimisation, where a call costs a look-up")]
#[expect(clippy::indexing_slicing, reason = "256 entries")]
pub(crate) fn class(byte: u8) -> u8 {
    CLASS[byte as usize]
}
