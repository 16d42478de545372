//! The checksums that some providers put into their tokens.
//!
//! **A checksum is an opinion, not a gate**: published and leaked tokens are often edited, so a wrong one lowers the
//! confidence. Formats that have nothing else to be known by (Bitcoin's keys) ask for a right one in their shape.

use crate::alphabet::{BASE58, UPPER_BECH32};
use crate::base64;
use crate::sha256;

/// How the last characters of a token confirm the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checksum {
    /// The format has none, or it is not published.
    None,
    /// The body ends in six base62 digits: the CRC-32 of what precedes them in the body.
    ///
    /// See <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>.
    Crc32Base62,
    /// The token ends in eight hexadecimal digits: the CRC-32, low byte first, of what precedes `_` and them.
    ///
    /// See <https://github.com/grafana/grafana/tree/main/pkg/components/satokengen>.
    Crc32LowHex,
    /// The token ends in a dot, two base36 digits of the payload's length and seven of the CRC-32 of all that precedes.
    ///
    /// See <https://docs.gitlab.com/development/cells/routable_tokens/>.
    Crc32Base36,
    /// Prefix and body together are one bech32 text (BIP 173) with the human-readable part before its last `1`.
    Bech32,
    /// The token is base58 whose last four bytes are the start of the double SHA-256 of the others.
    Base58Check,
    /// Header and claims decode to JSON objects, and the header names an algorithm (RFC 7519).
    Jwt,
    /// The first part decodes to a decimal number.
    ///
    /// See <https://discord.com/developers/docs/reference#snowflakes>.
    Snowflake,
    /// The key's structure starts with a DER sequence or with OpenSSH's magic text.
    Pem,
}

impl Checksum {
    /// Whether `token`, whose first `prefix` bytes are fixed, carries the right checksum; `None` where there is none.
    pub(crate) fn verdict(self, token: &[u8], prefix: usize) -> Option<bool> {
        let (head, body) = token.split_at_checked(prefix)?;
        match self {
            Self::None => None,
            Self::Crc32Base62 => {
                Some(body.split_last_chunk::<6>().is_some_and(|(payload, digits)| *digits == base62(crc32(payload))))
            }
            Self::Crc32LowHex => Some(token.split_last_chunk::<8>().is_some_and(|(rest, digits)| {
                rest.strip_suffix(b"_").is_some_and(|payload| *digits == low_hex(crc32(payload)))
            })),
            Self::Crc32Base36 => {
                Some(token.split_last_chunk::<7>().is_some_and(|(payload, digits)| *digits == base36(crc32(payload))))
            }
            Self::Bech32 => Some(head.strip_suffix(b"1").is_some_and(|human_readable| bech32(human_readable, body))),
            Self::Base58Check => Some(base58_check(token)),
            Self::Jwt => Some(is_jwt(token)),
            Self::Snowflake => Some(is_snowflake(token)),
            Self::Pem => crate::structure::is_key_encoding(token).then_some(true),
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

/// `number` as seven base36 digits, `0-9 a-z`, zeros in front.
pub(crate) fn base36(mut number: u32) -> [u8; 7] {
    let mut digits = [b'0'; 7];
    for digit in digits.iter_mut().rev() {
        *digit = match (number % 36) as u8 {
            value @ 0..=9 => b'0' + value,
            value => b'a' + (value - 10),
        };
        number /= 36;
    }
    digits
}

/// `number` as eight hexadecimal digits, the low byte first.
pub(crate) fn low_hex(number: u32) -> [u8; 8] {
    let mut digits = [0; 8];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_le_bytes()) {
        let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + (value - 10) };
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    digits
}

/// Whether `data`, in upper case, ends in the checksum of `human_readable` and itself.
fn bech32(human_readable: &[u8], data: &[u8]) -> bool {
    let mut checksum = expand(human_readable).fold(1, polymod_step);
    for byte in data {
        let value = UPPER_BECH32.iter().position(|letter| letter == byte);
        let Some(value) = value.and_then(|value| u32::try_from(value).ok()) else { return false };
        checksum = polymod_step(checksum, value);
    }
    checksum == 1
}

/// The human-readable part as the checksum takes it: high bits, a zero, low bits, all of the lower-case letters.
fn expand(human_readable: &[u8]) -> impl Iterator<Item = u32> {
    let lower = || human_readable.iter().map(|byte| u32::from(byte.to_ascii_lowercase()));
    lower().map(|byte| byte >> 5).chain([0]).chain(lower().map(|byte| byte & 31))
}

/// One step of BIP 173's `bech32_polymod`.
fn polymod_step(checksum: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = checksum >> 25;
    let shifted = ((checksum & 0x01ff_ffff) << 5) ^ value;
    (0..).zip(GENERATOR).fold(shifted, |sum, (bit, generator)| if top >> bit & 1 == 1 { sum ^ generator } else { sum })
}

/// Whether `text` is base58 with the checksum of its own bytes at the end.
fn base58_check(text: &[u8]) -> bool {
    let Some(bytes) = base58_bytes(text) else { return false };
    let Some((payload, sum)) = bytes.split_last_chunk::<4>() else { return false };
    sha256::digest(&sha256::digest(payload)).starts_with(sum)
}

/// The bytes that base58 `text` of at most 112 characters stands for, without the zeros in front.
fn base58_bytes(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > 112 {
        return None;
    }
    // Lowest byte first, so that growing is a push.
    let mut bytes: Vec<u8> = Vec::new();
    for letter in text {
        let mut carry = u32::try_from(BASE58.iter().position(|digit| digit == letter)?).ok()?;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = (carry & 255) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 255) as u8);
            carry >>= 8;
        }
    }
    bytes.reverse();
    Some(bytes)
}

fn is_jwt(token: &[u8]) -> bool {
    let mut parts = token.split(|&byte| byte == b'.');
    let (Some(header), Some(claims)) = (parts.next(), parts.next()) else { return false };
    let object = |part| base64::decode(part).filter(|text| text.starts_with(b"{") && text.ends_with(b"}"));
    object(header).is_some_and(|header| header.windows(5).any(|key| key == b"\"alg\"")) && object(claims).is_some()
}

fn is_snowflake(token: &[u8]) -> bool {
    let number = token.split(|&byte| byte == b'.').next().and_then(base64::decode);
    number.is_some_and(|number| number.len() >= 16 && number.iter().all(u8::is_ascii_digit))
}

/// The six characters that make `data` a bech32 text.
#[cfg(any(test, feature = "examples"))]
#[expect(clippy::indexing_slicing, reason = "five bits are below 32")]
pub(crate) fn bech32_digits(human_readable: &[u8], data: &[u8]) -> [u8; 6] {
    let value = |byte: &u8| (0..).zip(UPPER_BECH32).find(|(_, letter)| *letter == byte).map_or(0, |(value, _)| value);
    let sum = expand(human_readable).chain(data.iter().map(value)).chain([0; 6]).fold(1, polymod_step) ^ 1;
    [5, 4, 3, 2, 1, 0].map(|digit| UPPER_BECH32[(sum >> (5 * digit) & 31) as usize])
}

/// `payload` and its checksum in base58.
#[cfg(any(test, feature = "examples"))]
#[expect(clippy::indexing_slicing, reason = "a digit is below 58, a digest has 32 bytes")]
pub(crate) fn base58_checked(payload: &[u8]) -> Vec<u8> {
    let sum = sha256::digest(&sha256::digest(payload));
    let mut digits: Vec<u8> = Vec::new();
    for &byte in payload.iter().chain(&sum[..4]) {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    digits.iter().rev().map(|&digit| BASE58[usize::from(digit)]).collect()
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
    fn base36_and_low_hex_write_a_known_number() {
        assert_eq!(&base36(u32::MAX), b"1z141z3");
        assert_eq!(&base36(35), b"000000z");
        assert_eq!(&low_hex(0x1234_abcd), b"cdab3412");
    }

    #[test]
    fn a_published_example_of_the_github_format_holds() {
        // secrets: allow(secret) a published example of the format, in pieces
        let token = |start: &str| ["ghp_", start, "WBuTSOoRi4A9", "spHcVY5ncnsDkx", "kJ", "0mLq17"].concat();
        let verdict = |token: &str| Checksum::Crc32Base62.verdict(token.as_bytes(), 4);
        assert_eq!(verdict(&token("zQ")), Some(true));
        assert_eq!(verdict(&token("zR")), Some(false));
        assert_eq!(verdict("ghp_short"), Some(false));
        assert_eq!(Checksum::None.verdict(b"ghp_short", 4), None);
    }

    #[test]
    fn the_valid_texts_of_bip_173_hold() {
        assert!(bech32(b"A", b"2UEL5L"));
        assert!(bech32(b"ABCDEF", b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LMQQQXW"));
        assert!(!bech32(b"A", b"2UEL5Q"));
        assert!(!bech32(b"A", b"2UEL5B"));
    }

    #[test]
    fn base58_check_takes_what_it_wrote_and_the_wiki_s_example() {
        // https://en.bitcoin.it/wiki/Wallet_import_format
        // secrets: allow(bitcoin-private-key) a published example of the format
        let published = ["5HueCGU8rMjxEXxiPuD5BDku4MkFqeZ", "yd4dZ1jvhTVqvbTLvyTJ"].concat();
        assert!(base58_check(published.as_bytes()));
        assert!(!base58_check(published.replace("Hue", "Huf").as_bytes()));
        assert!(base58_check(&base58_checked(&[0x80, 1, 2, 3, 4, 5, 6, 7])));
    }
}
