//! Tells random text from words: how many characters a piece of it has.
//!
//! Words, paths and identifiers fall into few long pieces of a byte-pair table that was learned from crate sources,
//! random text into many short ones. `examples/learn-pieces.rs` makes the table, `pieces.txt`: a piece a line, letters
//! or digits, lower case, **by its first two characters, longest first**. Only values that passed cheaper tests come
//! here. **Nothing is allocated, and the time is linear in a text's first 200 bytes; the rest is not looked at.**

#![expect(
    clippy::indexing_slicing,
    reason = "every index is below the length that the loop asks for; quick unoptimised"
)]

/// The table.
const PIECES: &[u8] = include_bytes!("pieces.txt");

/// Where the pieces start in [`PIECES`] that begin with a pair of digits, then those with a pair of letters; the last
/// entry is the end.
static STARTS: [u16; PAIRS + 1] = starts();

/// Pairs of digits, then of letters.
const PAIRS: usize = 10 * 10 + 26 * 26;

/// What is looked at of a text.
const LONGEST: usize = 200;

/// How many characters of letters and digits a piece of `text` has, times 100: from 100 (random) to 900; nothing but
/// other characters gives [`usize::MAX`].
///
/// The text falls into runs of letters, of digits and of the rest, which is not counted; a run is cut from the left, each
/// time by the longest piece that fits.
pub(crate) fn characters_per_piece(text: &[u8]) -> usize {
    let end = if text.len() < LONGEST { text.len() } else { LONGEST };
    let (mut characters, mut pieces, mut at) = (0, 0, 0);
    while at < end {
        let length = if text[at].is_ascii_alphanumeric() { longest_piece(text, at, end) } else { 0 };
        if length == 0 {
            at += 1;
        } else {
            characters += length;
            pieces += 1;
            at += length;
        }
    }
    (characters * 100).checked_div(pieces).unwrap_or(usize::MAX)
}

/// The length of the longest piece at `at`: 1 where none of the table fits.
fn longest_piece(text: &[u8], at: usize, end: usize) -> usize {
    if at + 1 >= end {
        return 1;
    }
    let Some(pair) = pair(text[at], text[at + 1]) else { return 1 };
    let (mut piece, stop) = (STARTS[pair] as usize, STARTS[pair + 1] as usize);
    while piece < stop {
        // The pair is right: the rest is compared.
        let mut same = 2;
        while PIECES[piece + same] != b'\n'
            && at + same < end
            && PIECES[piece + same] == text[at + same].to_ascii_lowercase()
        {
            same += 1;
        }
        if PIECES[piece + same] == b'\n' {
            return same;
        }
        while PIECES[piece + same] != b'\n' {
            same += 1;
        }
        piece += same + 1;
    }
    1
}

/// The number of a pair of digits or of letters, in the order of the table; none for a mixture.
const fn pair(first: u8, second: u8) -> Option<usize> {
    let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
    if first.is_ascii_digit() && second.is_ascii_digit() {
        Some((first - b'0') as usize * 10 + (second - b'0') as usize)
    } else if first.is_ascii_lowercase() && second.is_ascii_lowercase() {
        Some(10 * 10 + (first - b'a') as usize * 26 + (second - b'a') as usize)
    } else {
        None
    }
}

/// Makes [`STARTS`] in one pass.
#[expect(clippy::cast_possible_truncation, reason = "the table is shorter than 64 KiB")]
const fn starts() -> [u16; PAIRS + 1] {
    let mut starts = [PIECES.len() as u16; PAIRS + 1];
    let (mut at, mut next) = (0, 0);
    while at < PIECES.len() {
        let Some(pair) = pair(PIECES[at], PIECES[at + 1]) else { panic!("a piece that mixes letters and digits") };
        while next <= pair {
            starts[next] = at as u16;
            next += 1;
        }
        while PIECES[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_of_the_table_is_found_as_one() {
        let pieces = || PIECES.split(|byte| *byte == b'\n').filter(|piece| !piece.is_empty());
        assert_eq!(pieces().count(), 2_000);
        for piece in pieces() {
            let upper = piece.to_ascii_uppercase();
            for text in [piece, &upper] {
                let expected = piece.len() * 100;
                assert_eq!(characters_per_piece(text), expected, "{}", String::from_utf8_lossy(piece));
            }
        }
    }

    #[test]
    fn words_have_long_pieces_and_random_text_has_short_ones() {
        for words in ["aws_secret_access_key", "ApplicationConfiguration", "/usr/share/certificates", "request-timeout"]
        {
            assert!(characters_per_piece(words.as_bytes()) > 300, "{words}");
        }
        for random in ["k3Jx9QzR7vB2mWpL", "zq8x-w1vj5-kp0h3g", "XQ7Z2M9KJ4HW"] {
            assert!(characters_per_piece(random.as_bytes()) < 150, "{random}");
        }
        assert_eq!(characters_per_piece(b"--//--"), usize::MAX);
        assert_eq!(characters_per_piece("äöü".as_bytes()), usize::MAX);
    }
}
