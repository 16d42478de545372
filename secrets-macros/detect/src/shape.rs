//! What follows the prefix of a token: a run of characters, or a structure of its own.

use std::ops::RangeInclusive;

use crate::alphabet::Alphabet;
use crate::checksum::Checksum;

/// What a format asks of the text after its prefix.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// Characters of one alphabet, so many of them, and a checksum where the format has one.
    Run {
        /// What the characters are taken from.
        alphabet: Alphabet,
        /// How many there are.
        length: RangeInclusive<usize>,
        /// How they confirm themselves.
        checksum: Checksum,
    },
    /// Runs of base64url characters of exactly these lengths with dots between them.
    Segments(&'static [usize]),
    /// A JSON Web Token (RFC 7519) in the compact form: header, claims, signature.
    Jwt,
    /// The rest of a PEM private key (RFC 7468): label, body, closing line.
    PemPrivateKey,
}

impl Shape {
    /// Whether `body`, which follows `prefix`, is as the format says.
    pub(crate) fn matches(&self, prefix: &str, body: &str) -> bool {
        match self {
            Self::Run { alphabet, length, checksum } => {
                length.contains(&body.len())
                    && body.bytes().all(|byte| alphabet.contains(byte))
                    && checksum.holds(prefix, body)
            }
            Self::Segments(lengths) => {
                body.split('.').map(str::len).eq(lengths.iter().copied()) && body.split('.').all(is_base64url)
            }
            Self::Jwt => is_jwt_after_brace(body),
            Self::PemPrivateKey => is_pem_private_key(body),
        }
    }
}

/// Whether every character is one of base64url's.
fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| Alphabet::UrlSafe.contains(byte))
}

/// Whether `body`, the text after `eyJ` (base64url of `{"`), is the rest of a token: a header, claims that are a JSON
/// object too, and a signature of at least 128 bits.
fn is_jwt_after_brace(body: &str) -> bool {
    let mut parts = body.split('.');
    let (Some(header), Some(claims), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    header.len() >= 10
        && claims.len() >= 10
        && claims.starts_with("ey")
        && signature.len() >= 22
        && [header, claims, signature].into_iter().all(is_base64url)
}

/// Whether `body`, the text after `-----BEGIN `, is the rest of a private key: one of the labels that `OpenSSL`,
/// `OpenSSH` and PGP write, at least 32 characters between the two lines, and the closing line of the same label.
///
/// Line ends within the text are free (`\n`, `\r\n`, or the two characters `\` and `n` that dotenv files hold), and one
/// may follow the last line.
fn is_pem_private_key(body: &str) -> bool {
    let Some((label, rest)) = body.split_once("-----") else { return false };
    let is_private = label.strip_suffix(" BLOCK").unwrap_or(label).ends_with("PRIVATE KEY");
    let is_label = label.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b' '));
    let Some((content, end)) = rest.split_once("-----END ") else { return false };
    let closes = end.trim_end().strip_suffix("-----") == Some(label);
    is_private && is_label && closes && content.len() >= 32
}
