//! Tells random text from words: how many characters a piece of it has, and what else gives words away.
//!
//! Words, paths and identifiers fall into few long pieces of a byte-pair table that was learned from crate sources,
//! random text into many short ones. `examples/learn-pieces.rs` makes the table, `pieces.txt`: a piece a line, letters
//! or digits, lower case, **by its first two characters, longest first**. Only values that passed cheaper tests come
//! here. **Nothing is allocated, and no more than a text's first 200 bytes are looked at.**

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

/// What [`Pieces::average`] is of no random text: see [`Texture::limits`].
const MOST: usize = 205;

/// Whether `text` is as good as random: encoded or generated, not words, names, paths, numbers, dates, sequences, or
/// one group again and again.
///
/// Of random values of 12 characters and more at least 97 % pass, of 20 and more 99 %, whatever their alphabet, and
/// behind a short prefix too. Of letters alone fewer: 95 % in two cases, 85 % in one, for words are of letters.
pub(crate) fn looks_random(text: &[u8]) -> bool {
    let text = if text.len() > LONGEST { text.split_at(LONGEST).0 } else { text };
    let pieces = Pieces::of(text);
    pieces.average() <= MOST && Texture::of(text).is_random(&pieces) && !repeats(text) && !counts(text)
}

/// How many letters and digits a piece of `text` has, times 100: see [`Pieces::average`].
pub(crate) fn characters_per_piece(text: &[u8]) -> usize {
    Pieces::of(if text.len() > LONGEST { text.split_at(LONGEST).0 } else { text }).average()
}

/// How a text falls into pieces.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pieces {
    /// Letters and digits.
    pub(crate) characters: usize,
    /// Pieces that they fall into.
    pub(crate) count: usize,
    /// Letters that stand in pieces of three or more.
    pub(crate) in_words: usize,
    /// Runs of other characters, without one at either end.
    pub(crate) separators: usize,
}

impl Pieces {
    /// Cuts `text` into runs of letters, of digits and of the rest, and a run from the left, each time by the longest
    /// piece that fits.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut pieces = Self::default();
        let mut at = 0;
        while at < text.len() {
            if text[at].is_ascii_alphanumeric() {
                let length = longest_piece(text, at);
                pieces.characters += length;
                pieces.count += 1;
                if length >= 3 && !text[at].is_ascii_digit() {
                    pieces.in_words += length;
                }
                at += length;
            } else {
                let first = at == 0;
                while at < text.len() && !text[at].is_ascii_alphanumeric() {
                    at += 1;
                }
                pieces.separators += usize::from(!first && at < text.len());
            }
        }
        pieces
    }

    /// Characters a piece, times 100: from 100 (random) to 900 (one long word).
    pub(crate) fn average(&self) -> usize {
        (self.characters * 100).checked_div(self.count).unwrap_or(usize::MAX)
    }
}

/// Which letters and digits a text is made of, and how they follow each other.
#[derive(Clone, Copy, Debug, Default)]
struct Texture {
    digits: usize,
    lower: usize,
    upper: usize,
    /// Hexadecimal digits.
    hex: usize,
    /// Different ones, in lower case.
    distinct: usize,
    /// Neighbouring letters of different case.
    case_changes: usize,
    /// Neighbours that follow each other in the alphabet, among the digits or on a keyboard, either way, or are equal.
    steps: usize,
}

/// How far the figures of a random text go.
struct Limits {
    /// Characters a piece, times 100.
    average: usize,
    /// Percent of the characters that stand in words.
    in_words: usize,
    /// Characters to a separator.
    per_separator: usize,
}

impl Texture {
    fn of(text: &[u8]) -> Self {
        let mut texture = Self::default();
        let (mut seen, mut before) = (0_u64, b' ');
        let mut at = 0;
        while at < text.len() {
            let byte = text[at];
            texture.digits += usize::from(byte.is_ascii_digit());
            texture.lower += usize::from(byte.is_ascii_lowercase());
            texture.upper += usize::from(byte.is_ascii_uppercase());
            texture.hex += usize::from(byte.is_ascii_hexdigit());
            if byte.is_ascii_alphanumeric() {
                seen |= 1 << (byte.to_ascii_lowercase() & 63);
                let letters = before.is_ascii_alphabetic() && byte.is_ascii_alphabetic();
                texture.case_changes += usize::from(letters && (before ^ byte) & b' ' != 0);
                texture.steps += usize::from(before.is_ascii_alphanumeric() && is_step(before, byte));
            }
            before = byte;
            at += 1;
        }
        texture.distinct = seen.count_ones() as usize;
        texture
    }

    fn is_random(&self, pieces: &Pieces) -> bool {
        let characters = pieces.characters;
        let limits = self.limits(characters);
        // Also with an exponent or as a date: `1.7e308`, `2024-01-15T10:30:00Z`.
        let is_number = self.digits == characters || (self.digits + 2 >= characters && pieces.separators > 0);
        let cases_mix = self.digits > 0 || self.lower == 0 || self.upper == 0 || self.case_changes * 4 >= characters;
        let kinds = if self.is_hex(characters) { 16 } else { 20 };
        pieces.average() <= limits.average
            && pieces.in_words * 100 < characters * limits.in_words
            && pieces.separators * limits.per_separator <= characters
            && self.distinct * 2 >= characters.min(kinds)
            && self.steps * 100 < characters * 55
            && cases_mix
            && !is_number
    }

    /// By alphabet and length: the more letters there are to choose from, the shorter are the pieces of random text, and
    /// the longer a text, the less its average strays.
    fn limits(&self, characters: usize) -> Limits {
        let by_length = |short, middle, long| match characters {
            0..20 => short,
            20..36 => middle,
            _ => long,
        };
        if self.is_hex(characters) {
            Limits { average: by_length(MOST, 200, 184), in_words: 40, per_separator: 5 }
        } else if self.digits > 0 {
            Limits { average: by_length(178, 168, 162), in_words: 40, per_separator: 5 }
        } else if self.lower > 0 && self.upper > 0 {
            Limits { average: by_length(184, 182, 172), in_words: 34, per_separator: 8 }
        } else {
            Limits { average: 160, in_words: 25, per_separator: 10 }
        }
    }

    /// Hexadecimal but for a prefix.
    fn is_hex(&self, characters: usize) -> bool {
        self.hex * 100 >= characters * 85
    }
}

/// Whether two neighbours follow each other in the alphabet, among the digits or on a keyboard, or are equal.
fn is_step(before: u8, byte: u8) -> bool {
    /// Where the letters stand on a keyboard, with gaps between its rows.
    const KEYS: [u8; 26] = *b"m|zocpqrhstu~}ijadneg{byfx";
    let (before, byte) = (before.to_ascii_lowercase(), byte.to_ascii_lowercase());
    if before.abs_diff(byte) <= 1 || matches!((before, byte), (b'9', b'0') | (b'0', b'9')) {
        return true;
    }
    let letters = before.is_ascii_lowercase() && byte.is_ascii_lowercase();
    letters && KEYS[usize::from(before - b'a')].abs_diff(KEYS[usize::from(byte - b'a')]) == 1
}

/// Whether the last three quarters of `text` are one group again and again.
fn repeats(text: &[u8]) -> bool {
    let start = text.len() / 4;
    let mut period = 1;
    while period * 2 <= text.len() - start {
        let mut at = start + period;
        while at < text.len() && text[at] == text[at - period] {
            at += 1;
        }
        if at == text.len() {
            return true;
        }
        period += 1;
    }
    false
}

/// Whether `text` is bytes in hexadecimal of which more than half follow the one before: `00010203…`, `a1a2a3…`.
fn counts(text: &[u8]) -> bool {
    let (mut at, mut bytes, mut following) = (1, 0, 0);
    let mut before = None;
    while at < text.len() {
        let byte = match (hex_value(text[at - 1]), hex_value(text[at])) {
            (Some(high), Some(low)) => Some(high * 16 + low),
            _ => None,
        };
        if let Some(byte) = byte {
            bytes += 1;
            following += usize::from(before.is_some_and(|before| byte.abs_diff(before) <= 1));
        }
        at += if byte.is_some() { 2 } else { 1 };
        before = byte.or(before);
    }
    following * 2 > bytes
}

/// The value of a hexadecimal digit.
fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The length of the longest piece at `at`: 1 where none of the table fits.
fn longest_piece(text: &[u8], at: usize) -> usize {
    if at + 1 >= text.len() {
        return 1;
    }
    let Some(pair) = pair(text[at], text[at + 1]) else { return 1 };
    let (mut piece, stop) = (STARTS[pair] as usize, STARTS[pair + 1] as usize);
    while piece < stop {
        // The pair is right: the rest is compared.
        let mut same = 2;
        while PIECES[piece + same] != b'\n'
            && at + same < text.len()
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
                assert_eq!(Pieces::of(text).average(), piece.len() * 100, "{}", String::from_utf8_lossy(piece));
            }
        }
    }

    #[test]
    fn words_have_long_pieces_and_random_text_has_short_ones() {
        for words in ["aws_secret_access_key", "ApplicationConfiguration", "/usr/share/certificates", "request-timeout"]
        {
            assert!(Pieces::of(words.as_bytes()).average() > 300, "{words}");
        }
        for random in ["k3Jx9QzR7vB2mWpL", "zq8x-w1vj5-kp0h3g", "XQ7Z2M9KJ4HW"] {
            assert!(Pieces::of(random.as_bytes()).average() < 150, "{random}");
        }
        for nothing in ["", "--//--", "äöü"] {
            assert_eq!(Pieces::of(nothing.as_bytes()).average(), usize::MAX);
        }
    }

    /// A generator (xorshift) whose values are the same in every run.
    struct Generator(u64);

    impl Generator {
        fn text(&mut self, alphabet: &[u8], length: usize) -> Vec<u8> {
            let mut next = || {
                self.0 ^= self.0 << 13;
                self.0 ^= self.0 >> 7;
                self.0 ^= self.0 << 17;
                usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap()
            };
            (0..length).map(|_| alphabet[next() % alphabet.len()]).collect()
        }
    }

    #[test]
    fn random_text_of_every_alphabet_looks_random() {
        const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let alphabets = [
            (&b"0123456789abcdef"[..], 97, 99),
            (LOWER, 97, 99),
            (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 95, 98),
            (MIXED.split_at(62).0, 97, 98),
            (MIXED, 94, 97),
            (MIXED.split_at(52).0, 90, 94),
            (LOWER.split_at(26).0, 70, 80),
        ];
        let mut generator = Generator(88_172_645_463_325_252);
        for (alphabet, short, long) in alphabets {
            for (length, expected) in [(12, short), (16, short), (20, long), (24, long), (40, long), (64, long)] {
                let found = (0..1_000).filter(|_| looks_random(&generator.text(alphabet, length))).count();
                assert!(found >= expected * 10, "{} letters, length {length}: {found} of 1000", alphabet.len());
            }
        }
    }

    #[test]
    fn names_numbers_sequences_and_repetitions_do_not_look_random() {
        for plain in [
            "application/x-www-form-urlencoded",
            "my_service_account_key_id",
            "https://example.com/api/v1/users",
            "ExponentialBackoffBuilder",
            "Europe/Zagreb",
            "2024-01-15T10:30:00.500Z",
            "2023-01-01T08:06:00Z",
            "1.7976931348623157e308",
            "12345678901234567890",
            "abcdefghijklmnopqrstuvwxyz012345",
            "0123456789abcdef0123456789abcdef",
            "qwertyuiopasdfgh",
            "x7Kq2x7Kq2x7Kq2x7Kq2",
            "deadbeefdeadbeef",
            "00000000000000000000000000000000",
            "sha256_hmac_verify",
            "changeme123",
            "000102030405060708090a0b0c0d0e0f",
            "a1a2a3a4-b1b2-c1c2-d1d2-d3d4d5d6d7d8",
            "1f1e1d1c1b1a19181716151413121110",
        ] {
            assert!(!looks_random(plain.as_bytes()), "{plain}");
        }
    }
}
