//! A secret's value in memory.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A value: UTF-8 text, wiped when dropped, never shown by `Debug`.
#[derive(Clone)]
pub(crate) struct SecretValue(SecretString);

impl SecretValue {
    /// Takes `text` over; no copy of it is left behind.
    pub(crate) fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// Whether the value is the empty text, which SOPS stores unencrypted.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value's length in bytes.
    #[expect(clippy::disallowed_methods, reason = "only the length leaves")]
    pub(crate) fn len(&self) -> usize {
        self.0.expose_secret().len()
    }
}

impl ExposeSecret<str> for SecretValue {
    #[expect(clippy::disallowed_methods, reason = "forwards to the inner type; the caller gives its own reason")]
    fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for SecretValue {
    #[expect(clippy::disallowed_methods, reason = "only equality leaves; both sides are ours, no oracle to time")]
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for SecretValue {}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        let shown = format!("{:?}", SecretValue::new("hunter2".to_owned()));
        assert_eq!(shown, "[REDACTED]");
    }
}
