//! Names beside values, as the table's keywords are compared with them.
//!
//! **A keyword of up to four letters must be a word of the name**: `box` is one of `BOX_API_KEY`, not of `inbox_key`.

#![expect(clippy::indexing_slicing, reason = "every index is compared with the length first")]

use crate::Kind;

/// The longest part of a name that is looked at, from its end: the words next to the value tell most.
const LONGEST: usize = 96;

/// What a name must hold beside a provider's word.
#[rustfmt::skip]
const CREDENTIALS: [&str; 27] = [
    "key", "keys", "token", "secret", "pass", "pwd", "auth", "cred", "creds", "pat", "bearer", "sid", "dsn", "webhook",
    "sign", "jwt", "license", "cookie", "session", "access", "private", "salt", "hmac", "apikey", "authkey", "appkey",
    "userkey",
];

/// A name in lower case, without separators.
pub(super) struct Name {
    letters: [u8; LONGEST],
    /// Whether a word starts at each letter.
    starts: [bool; LONGEST + 1],
    length: usize,
    /// A bit for each pair of letters that stand beside each other, by [`pair`].
    pairs: [u64; 16],
    is_credential: bool,
    is_identifier: bool,
}

impl Name {
    /// Takes `name` apart at its separators and changes of case.
    pub(super) fn new(name: &str) -> Self {
        let (letters, starts) = ([0; LONGEST], [false; LONGEST + 1]);
        let mut words = Self { letters, starts, length: 0, pairs: [0; 16], is_credential: false, is_identifier: false };
        let bytes = name.as_bytes();
        let (mut at, mut starts) = (bytes.len().saturating_sub(LONGEST), true);
        while at < bytes.len() {
            let byte = bytes[at];
            if byte.is_ascii_alphanumeric() {
                let after_lower = at > 0 && !bytes[at - 1].is_ascii_uppercase();
                let before_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
                words.starts[words.length] = starts || byte.is_ascii_uppercase() && (after_lower || before_lower);
                words.letters[words.length] = byte.to_ascii_lowercase();
                if words.length > 0 {
                    let bit = pair(words.letters[words.length - 1], words.letters[words.length]);
                    words.pairs[bit >> 6] |= 1 << (bit & 63);
                }
                words.length += 1;
                starts = false;
            } else {
                starts = true;
            }
            at += 1;
        }
        words.starts[words.length] = true;
        let mut word = 0;
        while word < CREDENTIALS.len() && !words.is_credential {
            words.is_credential = words.place(CREDENTIALS[word].as_bytes()).is_some();
            word += 1;
        }
        words.is_identifier = words.place(b"id").is_some() || words.place(b"app").is_some();
        words
    }

    /// Whether the name holds a word of credentials or of identifiers at all.
    pub(super) fn is_credential(&self) -> bool {
        self.is_credential || self.is_identifier
    }

    /// Whether the name may hold `keyword`: whether the first two letters stand in it. A quick test before the exact one.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called for some hundred keywords a name, in unoptimised builds too")]
    pub(super) fn may_hold(&self, keyword: &[u8]) -> bool {
        let bit = pair(keyword[0], keyword[1]);
        self.pairs[bit >> 6] >> (bit & 63) & 1 == 1
    }

    /// How much of the name `keyword` explains, if all of its words stand in it and the name is one of a credential (for
    /// a [`Kind::Key`] one of an identifier will do).
    pub(super) fn holds(&self, keyword: &[u8], kind: Kind) -> Option<usize> {
        if !(self.is_credential || kind == Kind::Key && self.is_identifier) {
            return None;
        }
        let (mut length, mut start, mut at) = (0, 0, 0);
        while at <= keyword.len() {
            if at == keyword.len() || keyword[at] == b'+' {
                self.place(&keyword[start..at])?;
                length += at - start;
                start = at + 1;
            }
            at += 1;
        }
        Some(length)
    }

    /// Where `word` stands: a short one as a word of the name, a longer one anywhere.
    fn place(&self, word: &[u8]) -> Option<usize> {
        if !self.may_hold(word) {
            return None;
        }
        let mut at = 0;
        while at + word.len() <= self.length {
            let end = at + word.len();
            if self.letters[at] == word[0]
                && &self.letters[at..end] == word
                && (word.len() > 4 || self.starts[at] && self.is_word_end(end))
            {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// Whether a word ends at `end`: there is a boundary, or a word of credentials follows in a name without any.
    fn is_word_end(&self, end: usize) -> bool {
        self.starts[end] || CREDENTIALS.iter().any(|word| self.letters[end..self.length].starts_with(word.as_bytes()))
    }
}

/// A number below 1,024 for two letters.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
fn pair(first: u8, second: u8) -> usize {
    (first as usize & 31) << 5 | second as usize & 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(name: &str, keyword: &str) -> bool {
        Name::new(name).holds(keyword.as_bytes(), Kind::Secret).is_some()
    }

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        for name in ["ALGOLIA_API_KEY", "algoliaApiKey", "algolia-api-key", "X-Algolia-API-Key", "algolia.apiKey"] {
            assert!(holds(name, "algolia"), "{name}");
        }
    }

    #[test]
    fn a_short_keyword_is_a_word_of_the_name() {
        for name in ["BOX_SECRET", "myBoxToken", "boxtoken", "box key"] {
            assert!(holds(name, "box"), "{name}");
        }
        for name in ["inbox_key", "boxed_token", "INBOXES_SECRET"] {
            assert!(!holds(name, "box"), "{name}");
        }
    }

    #[test]
    fn a_name_without_a_word_of_credentials_is_none() {
        assert!(!holds("algolia_index", "algolia"));
        assert!(!holds("monkey_algolia", "algolia"));
        assert!(Name::new("twitch_client_id").holds(b"twitch", Kind::Key).is_some());
        assert!(Name::new("twitch_client_id").holds(b"twitch", Kind::Secret).is_none());
    }

    #[test]
    fn words_joined_by_plus_must_all_stand_in_the_name() {
        assert!(holds("AWS_SECRET_ACCESS_KEY", "aws+secret"));
        assert!(!holds("AWS_ACCESS_KEY", "aws+secret"));
        assert!(!holds("", "aws"));
    }
}
