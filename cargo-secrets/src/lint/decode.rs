//! What of a file is text, and which of its text is encrypted already.
//!
//! Any bytes without a NUL are text: what is not UTF-8 in them becomes `U+FFFD`. A byte order mark of UTF-16 makes a file
//! text in spite of its NULs, since PowerShell writes such files. **Encrypted values of SOPS and age are no findings**,
//! whatever their names say; what a SOPS file keeps in plaintext is looked at.

use std::borrow::Cow;
use std::ops::Range;

/// The text of a file; `None` where it is binary.
pub(super) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf16 = |from: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).skip(1).filter_map(|pair| pair.try_into().ok().map(from));
        Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into())
    };
    match bytes {
        [0xFF, 0xFE, ..] => utf16(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => utf16(u16::from_be_bytes),
        _ if bytes.contains(&0) => None,
        _ => Some(String::from_utf8_lossy(bytes)),
    }
}

/// Whether the whole file is encrypted by age.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(b"age-encryption.org/v1") || start.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----")
}

/// The bytes of values that SOPS or age encrypted, in order, apart from each other.
pub(super) fn encrypted(text: &str) -> Vec<Range<usize>> {
    const FORMS: [(&str, &str); 3] = [
        ("ENC[AES256_GCM,data:", "]"),
        ("-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----"),
        ("-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"),
    ];
    let mut found = Vec::new();
    for (start, end) in FORMS {
        let mut at = 0;
        while let Some(from) = text.get(at..).and_then(|rest| rest.find(start)).map(|found| at + found) {
            let Some(length) = text.get(from..).and_then(|rest| rest.find(end)) else { break };
            at = from + length + end.len();
            found.push(from..at);
        }
    }
    found.sort_unstable_by_key(|range: &Range<usize>| range.start);
    found.dedup_by(|next, last| {
        let overlaps = next.start < last.end;
        if overlaps {
            last.end = last.end.max(next.end);
        }
        overlaps
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_holds_no_nul_and_what_says_that_it_is_utf_16() {
        assert_eq!(text(b"key").as_deref(), Some("key"));
        assert_eq!(text(b"k\xFFy").as_deref(), Some("k\u{FFFD}y"));
        assert_eq!(text(b"\x7fELF\0\0"), None);
        assert_eq!(text(b"\xFF\xFEk\0e\0y\0").as_deref(), Some("key"));
        assert_eq!(text(b"\xFE\xFF\0k\0e\0y").as_deref(), Some("key"));
        assert_eq!(text(b"\xFF\xFEk\0\0\xD8x").as_deref(), Some("k\u{FFFD}"));
    }

    #[test]
    fn encrypted_values_are_found_and_what_is_not_closed_is_none() {
        let sops = "a=ENC[AES256_GCM,data:x,type:str]\nb=-----BEGIN AGE ENCRYPTED FILE-----\\nx\\n-----END AGE ENCRYPTED FILE-----\\n";
        let found: Vec<_> = encrypted(sops).into_iter().map(|range| &sops[range]).collect();
        assert_eq!(found[0], "ENC[AES256_GCM,data:x,type:str]");
        assert!(found[1].ends_with("FILE-----") && found.len() == 2);
        assert!(encrypted("ENC[AES256_GCM,data: and no end").is_empty());
        assert!(is_encrypted(b"age-encryption.org/v1\n-> X25519") && !is_encrypted(b"see age-encryption.org/v1"));
    }
}
