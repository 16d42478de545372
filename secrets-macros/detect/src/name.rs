//! What the name of a value promises: a password, a credential, something harmless.
//!
//! **The last word decides**: `token_url` is a URL, `url_token` a token. Words come from `snake_case`, `kebab-case`,
//! dotted and `camelCase` names alike.

#![expect(clippy::indexing_slicing, reason = "every index is below the length that was compared; quick unoptimised")]

mod words;

use crate::value::contains;

use words::{
    CREDENTIAL_ENDS, CREDENTIALS, HARMLESS_KEY_OF, HARMLESS_TOKEN_OF, IDENTIFIERS, KEY_OF, NEUTRAL, PASS_OF,
    PASSWORD_ENDS, PASSWORDS, PLAIN, PLURALS_OF, TRAILERS,
};

/// What a name says about the value bound to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sense {
    /// Nothing about secrets, or that it is none.
    Harmless,
    /// A key, access or login of something: a credential if the value is plainly random.
    Weak,
    /// A secret, a token, an API key.
    Strong,
    /// A password or passphrase: chosen by people, so it may be short and made of words.
    Password,
}

/// The most words of a name that are looked at, counted from its end.
const MOST_WORDS: usize = 12;

/// The words of a name in lower case, the last ones if there are too many.
pub(crate) struct Words {
    /// All of them, one after another.
    text: Vec<u8>,
    /// Where each ends in `text`.
    ends: Vec<usize>,
}

impl Words {
    /// Splits `name` at everything that is no letter or digit and where a capital letter starts a word.
    pub(crate) fn of(name: &[u8]) -> Self {
        let mut words = Self { text: Vec::with_capacity(name.len()), ends: Vec::with_capacity(8) };
        let mut index = 0;
        while index < name.len() {
            let byte = at(name, index);
            let before = if index == 0 { b' ' } else { at(name, index - 1) };
            let after = at(name, index + 1);
            let starts = byte.is_ascii_uppercase()
                && (before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_ascii_lowercase()));
            if starts || !byte.is_ascii_alphanumeric() {
                words.close();
            }
            if byte.is_ascii_alphanumeric() {
                words.text.push(byte.to_ascii_lowercase());
            }
            index += 1;
        }
        words.close();
        words
    }

    /// Ends the word that was being collected, if it has letters.
    fn close(&mut self) {
        if self.ends.last().copied().unwrap_or(0) < self.text.len() {
            self.ends.push(self.text.len());
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The word at `index`; empty beyond the last.
    pub(crate) fn get(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends.get(index - 1).copied().unwrap_or(0) };
        self.ends.get(index).and_then(|&end| self.text.get(start..end)).unwrap_or_default()
    }

    /// Whether a provider's format may go with the name, though it says no secret by itself.
    pub(crate) fn is_identifier(&self) -> bool {
        has(IDENTIFIERS, self.get(self.len().saturating_sub(1)))
            || [&b"secret"[..], b"token", b"apikey"].iter().any(|word| contains(&self.text, word))
    }

    /// Whether one of the words says plainly that the value is a credential, where cipher keys of test vectors are not.
    pub(crate) fn is_plain_credential(&self) -> bool {
        (0..self.len()).any(|index| has(PLAIN, self.get(index)))
    }

    /// Whether one of the words says that the value is no secret.
    pub(crate) fn is_neutral(&self) -> bool {
        let mut index = self.len().saturating_sub(MOST_WORDS);
        while index < self.len() {
            if has(NEUTRAL, self.get(index)) {
                return true;
            }
            index += 1;
        }
        false
    }
}

/// Whether `list` has `word`. Lengths and first letters are compared before anything is called.
pub(crate) fn has(list: &[&[u8]], word: &[u8]) -> bool {
    if word.is_empty() {
        return false;
    }
    let (length, first) = (word.len(), word[0]);
    let mut index = 0;
    while index < list.len() {
        let entry = list[index];
        if entry.len() == length && entry[0] == first && entry == word {
            return true;
        }
        index += 1;
    }
    false
}

/// Whether `word` is longer than one of `ends` and ends in it.
fn ends_in(ends: &[&[u8]], word: &[u8]) -> bool {
    ends.iter().any(|end| word.len() > end.len() && word.ends_with(end))
}

/// The byte at `index`; a blank beyond the end.
fn at(text: &[u8], index: usize) -> u8 {
    text.get(index).copied().unwrap_or(b' ')
}

/// What a name made of `words` says.
pub(crate) fn sense(words: &Words) -> Sense {
    let mut last = words.len();
    while last > 1 && is_trailer(words.get(last - 1)) {
        last -= 1;
    }
    if last == 0 || words.is_neutral() {
        return Sense::Harmless;
    }
    let word = words.get(last - 1);
    let before = if last > 1 { words.get(last - 2) } else { b"" };
    sense_of(word, before)
}

/// Whether a word at the end of a name is passed over.
fn is_trailer(word: &[u8]) -> bool {
    has(TRAILERS, word) || word.iter().all(u8::is_ascii_digit) || (word.len() == 2 && word.starts_with(b"v"))
}

/// What the last telling word of a name says, given the one before it.
fn sense_of(word: &[u8], before: &[u8]) -> Sense {
    let word = word.strip_suffix(b"1").or_else(|| word.strip_suffix(b"2")).unwrap_or(word);
    if word == b"pass" && !before.is_empty() && !has(PASS_OF, before) {
        return Sense::Harmless;
    }
    if has(PASSWORDS, word) || ends_in(PASSWORD_ENDS, word) {
        return Sense::Password;
    }
    match word {
        b"token" | b"tokens" if has(HARMLESS_TOKEN_OF, before) => Sense::Harmless,
        b"tokens" if before.is_empty() || has(HARMLESS_TOKEN_OF, before) => Sense::Harmless,
        b"keys" if before.is_empty() || has(HARMLESS_KEY_OF, before) => Sense::Harmless,
        b"keys" | b"tokens" if !has(PLURALS_OF, before) => Sense::Weak,
        b"key" | b"keys" if before.is_empty() || has(HARMLESS_KEY_OF, before) => Sense::Harmless,
        b"key" | b"keys" if has(KEY_OF, before) || before.ends_with(b"api") => Sense::Strong,
        b"access" if before.ends_with(b"api") => Sense::Strong,
        b"key" | b"access" | b"private" | b"login" if !before.is_empty() => Sense::Weak,
        _ if has(CREDENTIALS, word) || ends_in(CREDENTIAL_ENDS, word) => Sense::Strong,
        _ if ends_in(&[b"access", b"private"], word) && word.len() >= 9 => Sense::Weak,
        _ if ends_in(&[b"key"], word) && word.len() >= 7 && word != b"keykey" => weak_unless_word(word),
        _ => Sense::Harmless,
    }
}

/// Words that end in `key` and are no key.
fn weak_unless_word(word: &[u8]) -> Sense {
    let harmless = has(
        &[
            b"monkey",
            b"hockey",
            b"jockey",
            b"turkey",
            b"whiskey",
            b"hotkey",
            b"publickey",
            b"yubikey",
            b"passkey",
            b"sortkey",
            b"primarykey",
            b"hostkey",
            b"subkey",
            b"multikey",
        ],
        word,
    );
    if harmless { Sense::Harmless } else { Sense::Weak }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sense_of_name(name: &str) -> Sense {
        sense(&Words::of(name.as_bytes()))
    }

    #[test]
    fn names_are_split_into_words() {
        for (name, words) in [
            ("AUTH0_CLIENT_SECRET", "auth0 client secret"),
            ("myApiKey", "my api key"),
            ("APIKey", "api key"),
            ("x-api-key", "x api key"),
            ("sonar.login", "sonar login"),
            ("HTTPServerToken2", "http server token2"),
            ("__", ""),
        ] {
            let split = Words::of(name.as_bytes());
            let found: Vec<_> = (0..split.len()).map(|index| String::from_utf8_lossy(split.get(index))).collect();
            assert_eq!(found.join(" "), words);
        }
    }

    #[test]
    fn the_last_telling_word_decides() {
        for (name, sense) in [
            ("db_password", Sense::Password),
            ("ADMIN_PW", Sense::Password),
            ("dbpassword", Sense::Password),
            ("api_key", Sense::Strong),
            ("clientSecret", Sense::Strong),
            ("APILAYER_KEY_B64", Sense::Weak),
            ("shodan_access", Sense::Weak),
            ("speechtext_secretkey", Sense::Strong),
            ("access_token_2", Sense::Strong),
            ("key", Sense::Harmless),
            ("primary_key", Sense::Harmless),
            ("public_key", Sense::Harmless),
            ("next_page_token", Sense::Harmless),
            ("password_hash", Sense::Harmless),
            ("token_url", Sense::Harmless),
            ("secret_name", Sense::Harmless),
            ("compass", Sense::Harmless),
            ("tokenizer", Sense::Harmless),
            ("monkey", Sense::Harmless),
            ("", Sense::Harmless),
        ] {
            assert_eq!(sense_of_name(name), sense, "{name}");
        }
    }
}
