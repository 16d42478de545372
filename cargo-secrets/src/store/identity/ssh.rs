//! What an OpenSSH private key says without its passphrase: its public key, and so whether a file is for it at all.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Whether `text` is a private key that SSH reads.
pub(crate) fn is_private_key(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("-----BEGIN ") && line.trim_end().ends_with(" PRIVATE KEY-----"))
}

/// The public key of an OpenSSH private key, `ssh-ed25519 AAAA…`; `None` for PEM keys, which hold none in the clear.
///
/// PROTOCOL.key of OpenSSH: the magic, three strings (cipher, key derivation, its options), a count, the public keys.
pub(crate) fn public_key(text: &str) -> Option<String> {
    let (_, body) = text.split_once(BEGIN)?;
    let (body, _) = body.split_once(END)?;
    let bytes = STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?;
    let mut rest = bytes.strip_prefix(MAGIC)?;
    for _ in 0..3 {
        (_, rest) = string(rest)?;
    }
    let (_count, rest) = rest.split_at_checked(4)?;
    let (public, _) = string(rest)?;
    let (algorithm, _) = string(public)?;
    Some(format!("{} {}", std::str::from_utf8(algorithm).ok()?, STANDARD.encode(public)))
}

/// A length-prefixed string of RFC 4251, section 5, and what follows it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// Whether the armored age file `enc` has a stanza for the SSH key `public`: the first four bytes of the SHA-256 of the
/// key stand in it (age's `agessh` recipients). An unknown public key may be meant by any SSH stanza.
pub(crate) fn is_addressed(enc: &str, public: Option<&str>) -> bool {
    let body: String = enc.lines().filter(|line| !line.starts_with("-----")).collect();
    let Ok(file) = STANDARD.decode(body) else { return false };
    let tag = public.and_then(|public| {
        let (algorithm, blob) = public.split_once(' ')?;
        let digest = Sha256::digest(STANDARD.decode(blob.split(' ').next()?).ok()?);
        Some(format!("-> {algorithm} {}", STANDARD_NO_PAD.encode(digest.first_chunk::<4>()?)))
    });
    let wanted = tag.as_deref().unwrap_or("-> ssh-").as_bytes();
    file.split(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"---")).any(|line| line.starts_with(wanted))
}
