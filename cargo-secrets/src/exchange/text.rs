//! Text that may hold values.

use std::io;

use zeroize::Zeroizing;

use crate::secret::SecretValue;

/// A text that is wiped when it is dropped; growing leaves no copy behind.
#[derive(Default)]
pub(crate) struct Text(Zeroizing<String>);

impl Text {
    /// Adds to the end.
    pub(crate) fn push_str(&mut self, more: &str) {
        let needed = self.0.len() + more.len();
        if needed > self.0.capacity() {
            let mut grown = Zeroizing::new(String::with_capacity((needed * 2).max(256)));
            grown.push_str(&self.0);
            self.0 = grown;
        }
        self.0.push_str(more);
    }

    /// Adds one character to the end.
    pub(crate) fn push(&mut self, c: char) {
        self.push_str(c.encode_utf8(&mut [0; 4]));
    }

    /// The text as a value, in a buffer of its length.
    pub(crate) fn take(self) -> SecretValue {
        // A longer one would be cut by moving it, and what was left behind would not be wiped.
        let mut exact = String::with_capacity(self.0.len());
        exact.push_str(&self.0);
        SecretValue::new(exact)
    }

    /// The text so far.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// For serializers; bytes that are not UTF-8 are an error.
impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        self.push_str(text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_grows_by_pieces() {
        let mut text = Text::default();
        for _ in 0..1000 {
            text.push_str("ab");
            text.push('ü');
        }
        assert_eq!(text.as_str(), "abü".repeat(1000));
    }
}
