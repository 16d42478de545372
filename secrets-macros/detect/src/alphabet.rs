//! The sets of characters that tokens are made of.
//!
//! **Membership is one look into a constant table**: the scan asks for every character of every candidate, in a
//! program that is built without optimisation.

#![expect(clippy::indexing_slicing, reason = "the table has a place for each byte")]

/// A set of ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Alphabet {
    /// `0-9`.
    Digits,
    /// `0-9 a-f`.
    LowerHex,
    /// `0-9 A-F`.
    UpperHex,
    /// `0-9 a-f -`.
    LowerHexDashed,
    /// `a-z 0-9`.
    LowerAlphanumeric,
    /// `A-Z 0-9`.
    UpperAlphanumeric,
    /// `A-Z a-z`.
    Letters,
    /// `A-Z a-z 0-9`.
    Alphanumeric,
    /// `A-Z a-z 0-9 -`.
    Dashed,
    /// `A-Z a-z 0-9 _`.
    Underscored,
    /// `A-Z a-z 0-9 - _`: base64url without padding (RFC 4648, section 5).
    UrlSafe,
    /// [`Alphabet::UrlSafe`] and the dot.
    UrlSafeDotted,
    /// `A-Z a-z 0-9 - _ . ~`: the unreserved characters of a URL (RFC 3986, section 2.3).
    Unreserved,
    /// `A-Z 2-7` (RFC 4648, section 6).
    Base32,
    /// Letters and digits without `0 O I l`, as Bitcoin writes addresses.
    Base58,
    /// `A-Z a-z 0-9 + /`: base64 without padding (RFC 4648, section 4).
    Base64,
    /// [`Alphabet::Base64`] and `=`.
    Base64Padded,
    /// [`Alphabet::UrlSafe`], and `+ / = % .`: base64 of either kind, percent-encoded or not.
    Base64Encoded,
    /// The 32 characters of bech32 in upper case (BIP 173).
    UpperBech32,
    /// Every visible ASCII character but quotes, backslash, angle brackets and backtick.
    Visible,
}

/// The 32 characters of bech32 in the order of their values, in upper case.
pub(crate) const UPPER_BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// The 58 characters of base58 in the order of their values.
pub(crate) const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// For each byte a bit for each alphabet.
static CLASSES: [u32; 256] = classes();

impl Alphabet {
    /// All of them, in the order of their bits.
    const ALL: [Self; 20] = [
        Self::Digits,
        Self::LowerHex,
        Self::UpperHex,
        Self::LowerHexDashed,
        Self::LowerAlphanumeric,
        Self::UpperAlphanumeric,
        Self::Letters,
        Self::Alphanumeric,
        Self::Dashed,
        Self::Underscored,
        Self::UrlSafe,
        Self::UrlSafeDotted,
        Self::Unreserved,
        Self::Base32,
        Self::Base58,
        Self::Base64,
        Self::Base64Padded,
        Self::Base64Encoded,
        Self::UpperBech32,
        Self::Visible,
    ];

    /// Whether `byte` belongs to the set.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called for every character, in unoptimised builds too")]
    pub(crate) fn contains(self, byte: u8) -> bool {
        CLASSES[byte as usize] >> self as u32 & 1 == 1
    }

    /// Whether every character is a letter or a digit.
    pub(crate) const fn is_alphanumeric(self) -> bool {
        matches!(
            self,
            Self::Digits
                | Self::LowerHex
                | Self::UpperHex
                | Self::LowerAlphanumeric
                | Self::UpperAlphanumeric
                | Self::Letters
                | Self::Alphanumeric
                | Self::Base32
                | Self::Base58
                | Self::UpperBech32
        )
    }

    /// Whether the characters are hexadecimal digits, or fewer.
    pub(crate) const fn is_hexadecimal(self) -> bool {
        matches!(self, Self::Digits | Self::LowerHex | Self::UpperHex | Self::LowerHexDashed)
    }

    /// What the table of bits is made from.
    const fn holds(self, byte: u8) -> bool {
        let alphanumeric = byte.is_ascii_alphanumeric();
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::LowerHex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::UpperHex => matches!(byte, b'0'..=b'9' | b'A'..=b'F'),
            Self::LowerHexDashed => matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'),
            Self::LowerAlphanumeric => matches!(byte, b'0'..=b'9' | b'a'..=b'z'),
            Self::UpperAlphanumeric => matches!(byte, b'0'..=b'9' | b'A'..=b'Z'),
            Self::Letters => byte.is_ascii_alphabetic(),
            Self::Alphanumeric => alphanumeric,
            Self::Dashed => alphanumeric || byte == b'-',
            Self::Underscored => alphanumeric || byte == b'_',
            Self::UrlSafe => alphanumeric || matches!(byte, b'-' | b'_'),
            Self::UrlSafeDotted => alphanumeric || matches!(byte, b'-' | b'_' | b'.'),
            Self::Unreserved => alphanumeric || matches!(byte, b'-' | b'_' | b'.' | b'~'),
            Self::Base32 => matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
            Self::Base58 => alphanumeric && !matches!(byte, b'0' | b'O' | b'I' | b'l'),
            Self::Base64 => alphanumeric || matches!(byte, b'+' | b'/'),
            Self::Base64Padded => alphanumeric || matches!(byte, b'+' | b'/' | b'='),
            Self::Base64Encoded => alphanumeric || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'=' | b'%' | b'.'),
            Self::UpperBech32 => is_upper_bech32(byte),
            Self::Visible => byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\' | b'<' | b'>' | b'`'),
        }
    }
}

const fn is_upper_bech32(byte: u8) -> bool {
    byte.is_ascii_digit() && byte != b'1' || byte.is_ascii_uppercase() && !matches!(byte, b'B' | b'I' | b'O')
}

const fn classes() -> [u32; 256] {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let mut at = 0;
        while at < Alphabet::ALL.len() {
            if Alphabet::ALL[at].holds(byte) {
                classes[byte as usize] |= 1 << Alphabet::ALL[at] as u32;
            }
            at += 1;
        }
        byte += 1;
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alphabet_is_ascii_without_blanks_or_quotes() {
        for alphabet in Alphabet::ALL {
            for byte in (0..=b' ').chain(127..=255).chain(*b"\"'\\<>`") {
                assert!(!alphabet.contains(byte), "{alphabet:?} {byte}");
            }
        }
    }

    #[test]
    fn the_table_of_bits_says_what_it_was_made_from() {
        for (bit, alphabet) in Alphabet::ALL.into_iter().enumerate() {
            assert_eq!(alphabet as usize, bit);
            assert!((0..=255).all(|byte| alphabet.contains(byte) == alphabet.holds(byte)), "{alphabet:?}");
            let alphanumeric = (0..=255_u8).all(|byte| !alphabet.contains(byte) || byte.is_ascii_alphanumeric());
            assert_eq!(alphabet.is_alphanumeric(), alphanumeric, "{alphabet:?}");
        }
    }

    #[test]
    fn the_lists_of_digits_are_the_alphabets() {
        assert!((0..=255).all(|byte| Alphabet::UpperBech32.contains(byte) == UPPER_BECH32.contains(&byte)));
        assert!((0..=255).all(|byte| Alphabet::Base58.contains(byte) == BASE58.contains(&byte)));
    }
}
