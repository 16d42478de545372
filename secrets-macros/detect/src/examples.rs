//! Made-up tokens of every format, for tests.
//!
//! **Nothing here was ever issued**: the characters come from a small generator of pseudo-random numbers, and the same
//! seed gives the same tokens. Checksums are right.

#![expect(
    clippy::indexing_slicing,
    reason = "the texts are made here; a mistake should fail the test that asks for them"
)]

use crate::alphabet::Alphabet;
use crate::base64;
use crate::checksum::{Checksum, base36, base58_checked, base62, bech32_digits, crc32, low_hex};
use crate::formats::{self, Format, Keyed};
use crate::shape::{Part, Shape};

/// A made-up token and a name that it may be bound to.
#[derive(Clone, Debug)]
pub struct Example {
    /// The rule that takes it.
    pub rule: &'static str,
    /// Whose format it has.
    pub provider: &'static str,
    /// A name: one that the rule asks for, or one that says nothing.
    pub name: String,
    /// Whether the rule needs the name.
    pub needs_name: bool,
    /// The token. Private keys hold line ends.
    pub value: String,
}

/// One example of each format, in the order of the rules.
#[must_use]
pub fn examples(seed: u64) -> Vec<Example> {
    let mut numbers = Numbers::new(seed);
    let by_themselves = formats::rows().map(|row| example(row, &mut numbers)).collect::<Vec<_>>();
    by_themselves.into_iter().chain(formats::keyed_rows().map(|row| keyed_example(row, &mut numbers))).collect()
}

/// How often a text is made anew that by chance shows too little, or has the form of another row too.
const ATTEMPTS: usize = 200;

fn example(row: &'static Format, numbers: &mut Numbers) -> Example {
    let made = (0..ATTEMPTS).map(|_| text(row.prefix, &row.shape, numbers)).find(|value| {
        let hit = formats::starting_at(value.as_bytes(), 0);
        hit.is_some_and(|hit| std::ptr::eq(hit.format, row) && hit.end == value.len())
    });
    let value = made.unwrap_or_else(|| panic!("{} takes none of its examples", row.rule));
    Example { rule: row.rule, provider: row.provider, name: "SETTING".to_owned(), needs_name: false, value }
}

fn keyed_example(row: &'static Keyed, numbers: &mut Numbers) -> Example {
    let keywords = row.keywords.split('|').collect::<Vec<_>>();
    let keyword = keywords[numbers.below(keywords.len())];
    let words = keyword.to_ascii_uppercase().replace('+', "_");
    let names = ["", "_API_KEY", "_SECRET", "_TOKEN"].map(|end| [words.as_str(), end].concat());
    let made = (0..ATTEMPTS).map(|_| text("", &row.shape, numbers)).find_map(|value| {
        let takes =
            |name: &&String| formats::keyed(name, value.as_bytes()).is_some_and(|taker| std::ptr::eq(taker, row));
        names.iter().find(takes).map(|name| (name.clone(), value))
    });
    let (name, value) = made.unwrap_or_else(|| panic!("{} takes none of its examples", row.rule));
    Example { rule: row.rule, provider: row.provider, name, needs_name: true, value }
}

/// A text of the shape behind `prefix`, with the right checksum.
fn text(prefix: &str, shape: &Shape, numbers: &mut Numbers) -> String {
    let mut text = prefix.as_bytes().to_vec();
    let mut index = 0;
    while let Some(part) = shape.part(index) {
        push(&mut text, part, numbers);
        index += 1;
    }
    confirm(&mut text, prefix.len(), shape.checksum, numbers);
    String::from_utf8_lossy(&text).into_owned()
}

fn push(text: &mut Vec<u8>, part: Part, numbers: &mut Numbers) {
    match part {
        Part::Run(alphabet, least, most) => {
            let spread = usize::from(most - least).min(40);
            let length = usize::from(least) + numbers.below(spread + 1);
            text.extend((0..length).map(|_| numbers.character(alphabet)));
        }
        Part::Text(fixed) => text.extend_from_slice(fixed.as_bytes()),
        Part::Uuid | Part::Guid => {
            for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                text.extend_from_slice(if index == 0 { b"" } else { b"-" });
                text.extend((0..length).map(|_| numbers.character(Alphabet::LowerHex)));
            }
        }
        Part::Jwt => push_jwt(text, numbers),
        Part::Pem => push_pem(text, numbers),
        Part::Putty => push_putty(text, numbers),
    }
}

fn push_jwt(text: &mut Vec<u8>, numbers: &mut Numbers) {
    let algorithm = ["HS256", "RS256", "ES256"][numbers.below(3)];
    let header = base64::encode(format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#).as_bytes());
    let subject = numbers.next() >> 20;
    let claims = base64::encode(format!(r#"{{"sub":"{subject}","iat":17{:08}}}"#, subject % 100_000_000).as_bytes());
    text.extend_from_slice(&header[3..]);
    text.push(b'.');
    text.extend_from_slice(&claims);
    text.push(b'.');
    text.extend((0..43).map(|_| numbers.character(Alphabet::UrlSafe)));
}

fn push_pem(text: &mut Vec<u8>, numbers: &mut Numbers) {
    let label = ["", "RSA ", "EC ", "OPENSSH "][numbers.below(4)];
    let start = if label == "OPENSSH " { "b3BlbnNzaC1rZXktdjE" } else { "MIIE" };
    text.extend_from_slice(format!("{label}PRIVATE KEY-----\n{start}").as_bytes());
    push_lines(text, start.len(), 300 + numbers.below(300), numbers);
    text.extend_from_slice(format!("-----END {label}PRIVATE KEY-----\n").as_bytes());
}

fn push_putty(text: &mut Vec<u8>, numbers: &mut Numbers) {
    text.extend_from_slice(b"3: ssh-ed25519\nEncryption: none\nComment: deploy\nPublic-Lines: 2\n");
    push_lines(text, 0, 108, numbers);
    text.extend_from_slice(b"Private-Lines: 1\n");
    push_lines(text, 0, 48, numbers);
    text.extend_from_slice(b"Private-MAC: ");
    text.extend((0..64).map(|_| numbers.character(Alphabet::LowerHex)));
}

/// `length` characters of base64 in lines of 64, the first of which has `column` characters already.
fn push_lines(text: &mut Vec<u8>, column: usize, length: usize, numbers: &mut Numbers) {
    for place in column + 1..=column + length {
        text.push(numbers.character(Alphabet::Base64));
        if place % 64 == 0 || place == column + length {
            text.push(b'\n');
        }
    }
}

/// Puts the right checksum into `text`, whose first `prefix` bytes are fixed.
fn confirm(text: &mut Vec<u8>, prefix: usize, checksum: Checksum, numbers: &mut Numbers) {
    let end = text.len();
    match checksum {
        Checksum::None | Checksum::Jwt => {}
        Checksum::Pem => drop(text.pop_if(|last| *last == b'\n')),
        Checksum::Crc32Base62 => {
            let digits = base62(crc32(&text[prefix..end - 6]));
            text[end - 6..].copy_from_slice(&digits);
        }
        Checksum::Crc32LowHex => {
            let digits = low_hex(crc32(&text[..end - 9]));
            text[end - 8..].copy_from_slice(&digits);
        }
        Checksum::Crc32Base36 => {
            let digits = base36(crc32(&text[..end - 7]));
            text[end - 7..].copy_from_slice(&digits);
        }
        Checksum::Bech32 => {
            let digits = bech32_digits(&text[..prefix - 1], &text[prefix..end - 6]);
            text[end - 6..].copy_from_slice(&digits);
        }
        Checksum::Base58Check => *text = base58_key(&text[..prefix], numbers),
        Checksum::Snowflake => {
            let number = format!("{}{:017}", 1 + numbers.below(9), numbers.next() % 100_000_000_000_000_000);
            let end = text.iter().position(|&byte| byte == b'.').unwrap_or(end);
            text.splice(..end, base64::encode(number.as_bytes()));
        }
    }
}

/// A key as Bitcoin writes it: an extended one (BIP 32) behind `xprv`, else one for import, compressed or not.
fn base58_key(prefix: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut payload = match prefix {
        b"xprv" => vec![0x04, 0x88, 0xad, 0xe4],
        b"tprv" => vec![0x04, 0x35, 0x83, 0x94],
        _ => vec![0x80],
    };
    let is_extended = payload.len() == 4;
    payload.extend((0..if is_extended { 41 } else { 32 }).map(|_| numbers.byte()));
    if is_extended {
        payload.push(0);
        payload.extend((0..32).map(|_| numbers.byte()));
    } else {
        payload.extend_from_slice(if numbers.below(2) == 0 { b"" } else { b"\x01" });
    }
    base58_checked(&payload)
}

/// Pseudo-random numbers: xorshift64* (Vigna, 2016).
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(u16::from_be_bytes([self.byte(), self.byte()])) % bound
    }

    fn character(&mut self, alphabet: Alphabet) -> u8 {
        loop {
            let byte = self.byte() & 127;
            if alphabet.contains(byte) {
                return byte;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_examples_and_another_one_others() {
        let values = |seed| examples(seed).into_iter().map(|example| example.value).collect::<Vec<_>>();
        assert_eq!(values(1), values(1));
        assert!(values(1).iter().zip(values(2)).all(|(one, other)| *one != other));
    }
}
