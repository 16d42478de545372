//! A forger: writes SOPS files with a data key of its own, so that a file can hold what no honest program would write.
//!
//! It needs public keys alone, as any attacker who can write to the repository.

use aes_gcm::aead::array::Array;
use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{AeadInOut, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};

type Gcm = aes_gcm::AesGcm<aes_gcm::aes::Aes256, U32>;

/// What the MAC of a file with `mac_only_encrypted` begins with (SOPS 3.11, `sops.go`).
const ONLY_ENCRYPTED: &str = "8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69";

/// A date that never changes, so that forged files are comparable.
const DATE: &str = "2024-02-29T12:00:00Z";

/// One data key, wrapped for one recipient.
pub struct Forge {
    key: [u8; 32],
    recipient: String,
    wrapped: String,
}

impl Forge {
    /// A new data key for `recipient` (`age1…`).
    pub fn new(recipient: &str) -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).unwrap();
        let parsed: age::x25519::Recipient = recipient.parse().unwrap();
        Self { key, recipient: recipient.to_owned(), wrapped: age::encrypt_and_armor(&parsed, &key).unwrap() }
    }

    /// `ENC[…]` for the entry at the top level named `name`.
    pub fn seal(&self, name: &str, text: impl AsRef<[u8]>, tag: &str) -> String {
        self.seal_at(&format!("{name}:"), text.as_ref(), tag)
    }

    /// `ENC[…]` with `place` as its additional data.
    pub fn seal_at(&self, place: &str, text: &[u8], tag: &str) -> String {
        let mut nonce: Array<u8, U32> = Array::default();
        getrandom::fill(&mut nonce).unwrap();
        let mut data = text.to_vec();
        let cipher = Gcm::new(&Array::from(self.key));
        let mark = cipher.encrypt_inout_detached(&nonce, place.as_bytes(), data.as_mut_slice().into()).unwrap();
        let [data, nonce, mark] = [&data[..], &nonce[..], &mark[..]].map(|bytes| STANDARD.encode(bytes));
        format!("ENC[AES256_GCM,data:{data},iv:{nonce},tag:{mark},type:{tag}]")
    }

    /// The MAC over `counted`, sealed.
    fn mac(&self, counted: &[u8], only_encrypted: bool) -> String {
        let mut hash = Sha512::new();
        if only_encrypted {
            let byte = |at| u8::from_str_radix(&ONLY_ENCRYPTED[at..at + 2], 16).unwrap();
            hash.update((0..64).step_by(2).map(byte).collect::<Vec<_>>());
        }
        hash.update(counted);
        let digits = hash.finalize().iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02X}"));
        self.seal_at(DATE, digits.as_bytes(), "str")
    }

    /// The object that stands under `sops`; `rule` is a further line of it (`"encrypted_regex": "…"`), or empty.
    pub fn metadata(&self, counted: impl AsRef<[u8]>, rule: &str) -> String {
        let mac = self.mac(counted.as_ref(), rule.contains("mac_only_encrypted"));
        let [recipient, wrapped] = [&self.recipient, &self.wrapped].map(|text| serde_json::json!(text).to_string());
        let rule = if rule.is_empty() { String::new() } else { format!(",\n\t\t{rule}") };
        format!(
            "{{\n\t\t\"age\": [{{\"recipient\": {recipient}, \"enc\": {wrapped}}}],\n\t\t\"lastmodified\": \
             \"{DATE}\",\n\t\t\"mac\": \"{mac}\"{rule},\n\t\t\"version\": \"3.11.0\"\n\t}}"
        )
    }

    /// A JSON file: each entry is its key and its value as they stand in the file; `counted` is what the MAC counts.
    pub fn json(&self, entries: &[(&str, String)], counted: impl AsRef<[u8]>, rule: &str) -> String {
        let entries: Vec<_> = entries.iter().map(|(key, value)| format!("\t\"{key}\": {value},\n")).collect();
        format!("{{\n{}\t\"sops\": {}\n}}\n", entries.concat(), self.metadata(counted, rule))
    }

    /// A JSON file of strings that are all encrypted.
    pub fn strings(&self, entries: &[(&str, &str)]) -> String {
        let sealed: Vec<_> =
            entries.iter().map(|(name, text)| (*name, quoted(&self.seal(name, text, "str")))).collect();
        self.json(&sealed, entries.iter().map(|(_, text)| *text).collect::<String>(), "")
    }

    /// A dotenv file: `lines` (each with its newline) and the metadata; `rule` is a further line of it, or empty.
    pub fn dotenv(&self, lines: &str, counted: &str, rule: &str) -> String {
        let mac = self.mac(counted.as_bytes(), rule.contains("mac_only_encrypted"));
        let (recipient, wrapped) = (&self.recipient, self.wrapped.replace('\n', "\\n"));
        format!(
            "{lines}sops_age__list_0__map_enc={wrapped}\nsops_age__list_0__map_recipient={recipient}\n\
             sops_lastmodified={DATE}\nsops_mac={mac}\n{rule}sops_version=3.11.0\n"
        )
    }
}

/// A JSON string literal.
pub fn quoted(text: &str) -> String {
    serde_json::json!(text).to_string()
}
