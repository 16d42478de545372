//! The checksums that some providers put into their tokens.

use crate::alphabet::UPPER_BECH32;

/// How the last characters of a token confirm the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checksum {
    /// The format has none, or it is not published.
    None,
    /// The body ends in six base62 digits: the CRC-32 of what precedes them in the body.
    ///
    /// See <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>.
    Crc32Base62,
    /// Prefix and body together are one bech32 text (BIP 173) with the human-readable part before its last `1`.
    Bech32,
}

impl Checksum {
    /// Whether the token `prefix` + `body` carries the right checksum.
    pub(crate) fn holds(self, prefix: &str, body: &str) -> bool {
        match self {
            Self::None => true,
            Self::Crc32Base62 => body
                .as_bytes()
                .split_last_chunk::<6>()
                .is_some_and(|(payload, digits)| *digits == base62(crc32(payload))),
            Self::Bech32 => prefix.strip_suffix('1').is_some_and(|human_readable| bech32(human_readable, body)),
        }
    }
}

/// CRC-32 as in zlib and gzip (ISO 3309): reflected polynomial 0xEDB88320.
///
/// Bit by bit: a token is 30 bytes long, and a table would cost more than it saves.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// `number` as six base62 digits, `0-9 A-Z a-z`, zeros in front: 62⁶ is more than 2³².
pub(crate) fn base62(mut number: u32) -> [u8; 6] {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = match (number % 62) as u8 {
            value @ 0..=9 => b'0' + value,
            value @ 10..=35 => b'A' + (value - 10),
            value => b'a' + (value - 36),
        };
        number /= 62;
    }
    digits
}

/// Whether `data`, in upper case, ends in the checksum of `human_readable` and itself.
fn bech32(human_readable: &str, data: &str) -> bool {
    let values = data.bytes().map(|byte| UPPER_BECH32.iter().position(|&letter| letter == byte));
    let mut checksum = expand(human_readable).fold(1, polymod_step);
    for value in values {
        let Some(value) = value.and_then(|value| u32::try_from(value).ok()) else { return false };
        checksum = polymod_step(checksum, value);
    }
    checksum == 1
}

/// The human-readable part as the checksum takes it: high bits, a zero, low bits, all of the lower-case letters.
fn expand(human_readable: &str) -> impl Iterator<Item = u32> {
    let lower = || human_readable.bytes().map(|byte| u32::from(byte.to_ascii_lowercase()));
    lower().map(|byte| byte >> 5).chain([0]).chain(lower().map(|byte| byte & 31))
}

/// One step of BIP 173's `bech32_polymod`.
fn polymod_step(checksum: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = checksum >> 25;
    let shifted = ((checksum & 0x01ff_ffff) << 5) ^ value;
    (0..).zip(GENERATOR).fold(shifted, |sum, (bit, generator)| if top >> bit & 1 == 1 { sum ^ generator } else { sum })
}

/// The six characters that make `data` a bech32 text, so that tests need no real key.
#[cfg(test)]
pub(crate) fn bech32_digits(human_readable: &str, data: &str) -> String {
    let values = data.bytes().map(|byte| UPPER_BECH32.iter().position(|&letter| letter == byte).unwrap());
    let values = values.map(|value| u32::try_from(value).unwrap());
    let sum = expand(human_readable).chain(values).chain([0; 6]).fold(1, polymod_step) ^ 1;
    (0..6).map(|digit| char::from(UPPER_BECH32[(sum >> (5 * (5 - digit)) & 31) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_gives_the_check_value_of_its_catalogue() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn base62_pads_with_zeros_and_orders_digits_before_upper_before_lower() {
        assert_eq!(&base62(0), b"000000");
        assert_eq!(&base62(61), b"00000z");
        assert_eq!(&base62(62), b"000010");
        assert_eq!(&base62(u32::MAX), b"4gfFC3");
    }

    #[test]
    fn a_published_example_of_the_github_format_holds() {
        let body = ["zQWBuTSOoRi4A9", "spHcVY5ncnsDkx", "kJ", "0mLq17"].concat();
        assert!(Checksum::Crc32Base62.holds("ghp_", &body));
        assert!(!Checksum::Crc32Base62.holds("ghp_", &body.replace("zQ", "zR")));
        assert!(!Checksum::Crc32Base62.holds("ghp_", "short"));
    }

    #[test]
    fn the_valid_texts_of_bip_173_hold() {
        assert!(bech32("A", "2UEL5L"));
        assert!(bech32("ABCDEF", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LMQQQXW"));
        assert!(!bech32("A", "2UEL5Q"));
        assert!(!bech32("A", "2UEL5B"));
    }
}
