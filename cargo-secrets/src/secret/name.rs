//! Names of variables and of environments, checked where they enter.

use std::borrow::Borrow;
use std::ffi::OsStr;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// The longest name of a variable, in characters.
pub(crate) const LONGEST: usize = 255;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    /// The text cannot be an environment variable's name everywhere.
    #[error("`{0}` is not a variable name: letters, digits and `_`, not starting with a digit")]
    Variable(String),
    /// A file could flood the terminal with it.
    #[error("`{0}` is longer than {LONGEST} characters")]
    Long(String),
    /// The text cannot name an environment.
    #[error("`{0}` is not an environment name: lower-case letters, digits, `-` and `_`, starting with a letter")]
    Environment(String),
}

impl NameError {
    /// A name that is near.
    pub(crate) fn help(&self) -> Option<String> {
        let joined = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        match self {
            Self::Variable(text) => {
                let near = joined(text).to_ascii_uppercase();
                SecretName::new(&near).is_ok().then(|| format!("`{near}` would be one"))
            }
            Self::Long(_) => Some("give it a shorter name".to_owned()),
            Self::Environment(text) => {
                let near = joined(text).to_ascii_lowercase();
                EnvName::new(&near).is_ok().then(|| format!("`{near}` would be one"))
            }
        }
    }
}

/// The name of a variable: `[A-Za-z_][A-Za-z0-9_]*` (POSIX.1-2017, XBD 8.1), at most 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct SecretName(Box<str>);

impl SecretName {
    /// Checks `text` and takes it as a name.
    pub(crate) fn new(text: &str) -> Result<Self, NameError> {
        let mut bytes = text.bytes();
        let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        if !starts || !bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(NameError::Variable(shown(text, 40)));
        }
        if text.len() > LONGEST {
            return Err(NameError::Long(shown(text, 40)));
        }
        Ok(Self(text.into()))
    }

    /// What is nested below these names and numbers, as one text: `db.hosts.0` is `DB_HOSTS_0`. It may be no name still,
    /// starting with a digit.
    pub(crate) fn flattened(path: impl Iterator<Item = impl fmt::Display>) -> String {
        let mut joined = String::new();
        for part in path {
            if !joined.is_empty() {
                joined.push('_');
            }
            let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
            joined.extend(part.to_string().chars().map(fits));
        }
        joined
    }

    /// The name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of an environment: `[a-z][a-z0-9_-]*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct EnvName(Box<str>);

impl EnvName {
    /// Checks `text` and takes it as a name.
    pub(crate) fn new(text: &str) -> Result<Self, NameError> {
        let mut bytes = text.bytes();
        let starts = bytes.next().is_some_and(|b| b.is_ascii_lowercase());
        if starts && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-') {
            Ok(Self(text.into()))
        } else {
            Err(NameError::Environment(shown(text, 40)))
        }
    }

    /// The name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// At most `most` characters of a text that may come from a hostile file, control characters escaped.
pub(crate) fn shown(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().take(most).flat_map(char::escape_debug).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

/// A text as one word of a command that is to be pasted into a shell: a repository names its files as it likes.
pub(crate) fn quoted(text: impl AsRef<OsStr>) -> String {
    format!("'{}'", text.as_ref().to_string_lossy().replace('\'', "'\\''"))
}

macro_rules! text_name {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).map_err(de::Error::custom)
            }
        }
    };
}

text_name!(SecretName);
text_name!(EnvName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_name_is_what_posix_says() {
        for good in ["A", "_", "db_password", "A1"] {
            assert!(SecretName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "1A", "A-B", "A.B", "A=B", "A B", "Ä", "A\0", "db:password"] {
            assert!(SecretName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_that_would_flood_a_terminal_is_none() {
        assert!(SecretName::new(&"A".repeat(LONGEST)).is_ok());
        let long = SecretName::new(&"A".repeat(100_000)).unwrap_err();
        assert!(matches!(long, NameError::Long(_)) && long.to_string().chars().count() < 100, "{long}");
    }

    #[test]
    fn a_pasted_word_is_one_word_whatever_is_in_it() {
        for text in ["", "a b", "it's", "'; rm -rf ~ #", "$(x)`y`\\\"\n"] {
            assert_eq!(shlex::split(&quoted(text)).unwrap(), [text]);
        }
    }

    #[test]
    fn a_refused_name_is_shown_escaped_and_short() {
        let error = SecretName::new(&format!("\u{1b}[2J{}", "x".repeat(100))).unwrap_err().to_string();
        assert!(!error.contains('\u{1b}') && error.contains('…'), "{error}");
    }
}
