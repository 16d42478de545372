//! The sets of characters that tokens are made of.

/// A set of ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// `A-Z a-z 0-9`.
    Alphanumeric,
    /// `A-Z a-z 0-9 - _`: base64url without padding (RFC 4648, section 5).
    UrlSafe,
    /// [`Alphabet::UrlSafe`] and the dot.
    UrlSafeDotted,
    /// `A-Z a-z 0-9 -`.
    Dashed,
    /// `A-Z a-z 0-9 _`.
    Underscored,
    /// `0-9 a-f`.
    LowerHex,
    /// `0-9 a-f -`.
    LowerHexDashed,
    /// `A-Z 2-7` (RFC 4648, section 6).
    Base32,
    /// `A-Z 0-9`.
    UpperAlphanumeric,
    /// The 32 characters of bech32 in upper case (BIP 173).
    UpperBech32,
}

/// The 32 characters of bech32 in the order of their values, in upper case.
pub(crate) const UPPER_BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

impl Alphabet {
    /// Whether `byte` belongs to the set.
    pub(crate) fn contains(self, byte: u8) -> bool {
        match self {
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::UrlSafe => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Self::UrlSafeDotted => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'),
            Self::Dashed => byte.is_ascii_alphanumeric() || byte == b'-',
            Self::Underscored => byte.is_ascii_alphanumeric() || byte == b'_',
            Self::LowerHex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::LowerHexDashed => matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'),
            Self::Base32 => matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
            Self::UpperAlphanumeric => matches!(byte, b'A'..=b'Z' | b'0'..=b'9'),
            Self::UpperBech32 => UPPER_BECH32.contains(&byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alphabet_is_ascii_without_blanks_or_quotes() {
        const ALL: [Alphabet; 10] = [
            Alphabet::Alphanumeric,
            Alphabet::UrlSafe,
            Alphabet::UrlSafeDotted,
            Alphabet::Dashed,
            Alphabet::Underscored,
            Alphabet::LowerHex,
            Alphabet::LowerHexDashed,
            Alphabet::Base32,
            Alphabet::UpperAlphanumeric,
            Alphabet::UpperBech32,
        ];
        for alphabet in ALL {
            for byte in (0..=b' ').chain(127..=255).chain(*b"\"'\\/+=") {
                assert!(!alphabet.contains(byte), "{alphabet:?} {byte}");
            }
        }
    }
}
