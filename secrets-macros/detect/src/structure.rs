//! Tokens with a structure of their own: JSON Web Tokens and private keys in text form.
//!
//! **A private key is a key only with a body and an end**: a header alone stands in parsers and documentation. The body
//! may be broken as source files break it: real line ends, `\n` as two characters, indentation, comment markers, quotes
//! between adjacent literals. **Each byte is looked at once.**

#![expect(clippy::indexing_slicing, reason = "every index is compared with the length first")]

use crate::alphabet::Alphabet::{Base64, UrlSafe};

/// How long the header of a JSON Web Token may be; claims may be eight times as long.
const JWT_HEADER: usize = 2_048;

/// Where the JSON Web Token in the compact form ends whose header goes on at `at`, behind `eyJ`.
///
/// Three parts (RFC 7515): a header, claims, and a signature of at least 128 bits. Whether the first two are JSON is for
/// the checksum to tell: in documentation they are often made up.
pub(crate) fn jwt_end(text: &[u8], at: usize) -> Option<usize> {
    let header = url_safe_end(text, at, JWT_HEADER);
    if header < at + 10 || text.get(header) != Some(&b'.') {
        return None;
    }
    let claims = url_safe_end(text, header + 1, 8 * JWT_HEADER);
    if claims < header + 11 || text.get(claims) != Some(&b'.') {
        return None;
    }
    let signature = url_safe_end(text, claims + 1, JWT_HEADER);
    (signature >= claims + 1 + 22).then_some(signature)
}

fn url_safe_end(text: &[u8], start: usize, longest: usize) -> usize {
    let mut at = start;
    while at < text.len() && at - start < longest && UrlSafe.contains(text[at]) {
        at += 1;
    }
    at
}

/// Where the private key (RFC 7468) ends whose label starts at `at`, behind `-----BEGIN `: behind the dashes of its
/// closing line.
///
/// The labels are the ones that `OpenSSL`, `OpenSSH` and PGP write, the closing one is the same, and at least 32
/// characters of base64 stand between.
pub(crate) fn pem_end(text: &[u8], at: usize) -> Option<usize> {
    let label = label_end(text, at)?;
    let name = text.get(at..label)?;
    if !name.strip_suffix(b" BLOCK").unwrap_or(name).ends_with(b"PRIVATE KEY") {
        return None;
    }
    let body = body_end(text, label + 5)?;
    let closing = text.get(body..)?.strip_prefix(b"-----END ")?.strip_prefix(name)?;
    closing.starts_with(b"-----").then(|| text.len() - closing.len() + 5)
}

/// Where the label ends that starts at `at`: at `-----`.
fn label_end(text: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while end < text.len() && (text[end].is_ascii_uppercase() || text[end].is_ascii_digit() || text[end] == b' ') {
        end += 1;
    }
    text.get(end..)?.starts_with(b"-----").then_some(end)
}

/// Where the body ends that starts at `start`: at the closing line's dashes.
fn body_end(text: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut characters) = (start, 0);
    while at < text.len() && text[at] != b'-' {
        let byte = text[at];
        if byte == b'\\' {
            // The two characters of an escape: `\n`, `\r`, `\t`, or a backslash before the end of the line.
            at += 2;
            continue;
        }
        if is_header_line(text, at) {
            at = header_end(text, at);
            continue;
        }
        if Base64.contains(byte) || byte == b'=' {
            characters += 1;
        } else if !is_between_lines(byte) {
            return None;
        }
        at += 1;
    }
    (characters >= 32 && at < text.len()).then_some(at)
}

/// Blanks, line ends, comment markers, and what stands between adjacent literals.
fn is_between_lines(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'*' | b'#' | b'>' | b'|' | b'"' | b'\'' | b',')
}

/// Whether a header of an old PEM file or of PGP's armour starts at `at`: `Proc-Type:`, `DEK-Info:`, `Version:`, …
fn is_header_line(text: &[u8], at: usize) -> bool {
    const HEADERS: [&[u8]; 6] = [b"Proc-Type: ", b"DEK-Info: ", b"Version: ", b"Comment: ", b"Hash: ", b"Charset: "];
    matches!(text[at], b'P' | b'D' | b'V' | b'C' | b'H') && HEADERS.iter().any(|header| text[at..].starts_with(header))
}

/// The end of the line, written as such or as an escape.
fn header_end(text: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < text.len() && !matches!(text[end], b'\n' | b'\\') {
        end += 1;
    }
    end
}

/// Whether the body of the private key `pem` starts as a DER sequence does, or with OpenSSH's magic text.
pub(crate) fn is_key_encoding(pem: &[u8]) -> bool {
    let Some(label) = label_end(pem, b"-----BEGIN ".len()) else { return false };
    let mut at = label + 5;
    while at < pem.len() && (is_between_lines(pem[at]) || pem[at] == b'\\' || pem[at] == b'/') {
        at += if pem[at] == b'\\' { 2 } else { 1 };
    }
    let body = pem.get(at..).unwrap_or_default();
    [b"MI".as_slice(), b"MC", b"MF", b"MG", b"MH", b"b3BlbnNzaC1rZXktdjE"].iter().any(|start| body.starts_with(start))
}

/// Where the key file of `PuTTY` ends that goes on at `at`, behind `PuTTY-User-Key-File-`.
pub(crate) fn putty_end(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST: usize = 16_384;
    let file = text.get(at..text.len().min(at + LONGEST))?;
    let private = find(file, b"Private-Lines: ")?;
    let mac = private + find(&file[private..], b"Private-MAC: ")? + b"Private-MAC: ".len();
    let mut end = mac;
    while end < file.len() && file[end].is_ascii_hexdigit() {
        end += 1;
    }
    (end - mac == 40 || end - mac == 64).then_some(at + end)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: &str = "PRIVATE KEY";
    const BODY: [&str; 2] =
        ["MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7Yk3", "mR4vQx0cZ9+Ls2Wf/TjKd8PpQ1hB6nUa5EoXgKhRANCAA=="];

    fn is_whole_key(text: &str) -> bool {
        let body = text.strip_prefix("-----BEGIN ").unwrap();
        pem_end(text.as_bytes(), 11) == Some(11 + body.len())
    }

    fn key(label: &str, end: &str) -> String {
        format!("-----BEGIN {label}-----{end}{}{end}{}{end}-----END {label}-----", BODY[0], BODY[1])
    }

    #[test]
    fn a_private_key_may_be_broken_as_source_files_break_it() {
        let ends = ["\n", "\r\n", "\\n", "\\r\\n", "\n    ", "\n// ", "\n    /// ", "\n# ", "\n * ", "\\n\\\n   "];
        for end in ends.into_iter().chain(["\\n\"\n    \"", "\n> ", " "]) {
            assert!(is_whole_key(&key(LABEL, end)), "{end:?}");
        }
    }

    #[test]
    fn the_labels_of_openssl_openssh_and_pgp_are_known_and_others_are_not() {
        for label in ["RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "ANY "] {
            assert!(is_whole_key(&key(&[label, LABEL].concat(), "\n")), "{label}");
        }
        assert!(is_whole_key(&key("PGP PRIVATE KEY BLOCK", "\n")));
        for label in ["PUBLIC KEY", "CERTIFICATE", "PRIVATE KEYS", "private key"] {
            assert!(!is_whole_key(&key(label, "\n")), "{label}");
        }
    }

    #[test]
    fn headers_of_encrypted_keys_and_of_armour_belong_to_the_key() {
        for header in ["Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C3D4E5F\n", "Version: GnuPG v2 (Linux)\n"] {
            assert!(is_whole_key(&key(LABEL, "\n").replacen(BODY[0], &[header, "\n", BODY[0]].concat(), 1)));
        }
    }

    #[test]
    fn a_header_without_key_or_end_is_none() {
        for text in [
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n<your key here>\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END PRIVATE KEY-----",
        ] {
            assert!(!is_whole_key(text), "{text}");
        }
        assert!(!is_whole_key(&key(LABEL, "\n").replace("END PRIVATE", "END RSA PRIVATE")));
        assert!(!is_whole_key(key(LABEL, "\n").split("-----END").next().unwrap()));
    }

    #[test]
    fn der_and_openssh_bodies_are_told_from_others() {
        assert!(is_key_encoding(key(LABEL, "\n").as_bytes()));
        assert!(is_key_encoding(key(LABEL, "\\n// ").as_bytes()));
        assert!(!is_key_encoding(key(LABEL, "\n").replace("MIGH", "XIGH").as_bytes()));
    }

    #[test]
    fn a_token_of_three_parts_ends_behind_its_signature() {
        // secrets: allow(json-web-token) made up for this test
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLXdpdGgtYml0cw";
        assert_eq!(jwt_end(token.as_bytes(), 3), Some(token.len()));
        assert_eq!(jwt_end(format!("{token}, and so on").as_bytes(), 3), Some(token.len()));
        assert_eq!(jwt_end(token.get(..50).unwrap().as_bytes(), 3), None);
        assert_eq!(jwt_end(token.replace(".eyJ", ",eyJ").as_bytes(), 3), None);
    }

    #[test]
    fn a_putty_file_ends_behind_its_mac() {
        let mac = "0123456789abcdef0123456789abcdef01234567";
        let file = format!("PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: {mac}\n");
        assert_eq!(putty_end(file.as_bytes(), 20), Some(file.len() - 1));
        assert_eq!(putty_end(file.replace("Private-L", "Public-L").as_bytes(), 20), None);
    }
}
