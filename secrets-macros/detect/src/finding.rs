//! What a scan tells: findings and references, never a value.
//!
//! **No type here holds a found value**: previews show a format's fixed prefix at most, fingerprints are hashes, so all
//! of it can be logged. **Spans are bytes of the scanned text, positions are 1-based lines and columns in characters**,
//! as rustc counts them.

use std::fmt;
use std::ops::Range;

use crate::{Kind, line, sha256};

/// How a finding was recognised, which decides how sure it is and how it is reported unless somebody says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A published token format.
    Format,
    /// Credentials within a URL, a connection string or a header.
    Url,
    /// A name that says secret, bound to a value that looks random.
    Name,
    /// A mistake in an `allow`: one without a reason, or one that allows nothing.
    Allow,
}

/// What is done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    Allow,
    /// It is shown.
    Warn,
    /// It is an error.
    Deny,
}

impl Basis {
    /// What the macro does about such a finding unless told otherwise. (The command treats all of them as errors.)
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Format | Self::Url | Self::Allow => Level::Deny,
            Self::Name => Level::Warn,
        }
    }
}

/// How much speaks for a finding beside its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Something speaks against it, a wrong checksum say.
    Low,
    /// The rule alone.
    Medium,
    /// Its checksum or inner structure is right.
    High,
}

/// Where in a file a finding stands, in the order in which findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In code that is built into the program.
    Code,
    /// Below a `#[cfg(test)]`.
    Test,
    /// In a comment.
    Comment,
    /// In documentation.
    Doc,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1 is the first line.
    pub line: usize,
    /// 1 is the first character of the line.
    pub column: usize,
}

/// Names a value without showing it: the first 64 bits of SHA-256 over a fixed text and the value.
///
/// The same value has the same fingerprint wherever it stands. **Whoever can guess the value can confirm the guess with
/// it.** Written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// The fingerprint of `value`.
    #[must_use]
    pub fn of(value: &[u8]) -> Self {
        let mut text = b"secrets-detect fingerprint 1\0".to_vec();
        text.extend_from_slice(value);
        let mut first = [0; 8];
        first.copy_from_slice(sha256::digest(&text).split_at(8).0);
        Self(first)
    }

    /// Reads 16 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        Some(Self(u64::from_str_radix(text, 16).ok()?.to_be_bytes()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A place that holds a secret, or a mistake in an `allow`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// The rule's stable name in kebab case, such as `stripe-secret-key`.
    pub rule: &'static str,
    /// Who issues such tokens, such as `Stripe`; empty where the rule knows no provider.
    pub provider: &'static str,
    /// What a leak would mean.
    pub kind: Kind,
    /// How it was recognised.
    pub basis: Basis,
    /// How much speaks for it.
    pub confidence: Confidence,
    /// Where in the file it stands.
    pub place: Place,
    /// The bytes of the value in the text, without quotes. Of a value in several pieces: from the first to the last.
    pub span: Range<usize>,
    /// Where the span starts.
    pub start: Position,
    /// Where the span ends: the position behind its last character.
    pub end: Position,
    /// How many first bytes of the span may be shown: the format's fixed prefix, as it stands in the source.
    pub shown: usize,
    /// The value, redacted: the format's fixed prefix if it has one, and `…`.
    pub preview: String,
    /// Names the value; the same wherever it stands.
    pub fingerprint: Fingerprint,
    /// The name it is bound to, where there is one: a constant's, a field's, a key's. Never a value.
    pub name: Option<String>,
}

impl Finding {
    /// What is wrong, in a line: `hard-coded GitHub secret`.
    #[must_use]
    pub fn message(&self) -> String {
        if self.basis == Basis::Allow {
            let text = match self.rule {
                "unused-allow" => "this `allow` covers nothing: remove it",
                _ => "an `allow` says why: write the reason behind it",
            };
            return text.to_owned();
        }
        let mut text = String::from("hard-coded ");
        if !self.provider.is_empty() {
            text.push_str(self.provider);
            text.push(' ');
        }
        text.push_str(match (self.rule, self.kind) {
            ("password" | "url-password", _) => "password",
            ("key-bytes", _) => "cryptographic key",
            ("basic-auth", _) => "user name and password",
            (_, Kind::Key) => "key",
            (_, Kind::Secret) => "secret",
        });
        text
    }
}

/// What a macro call or attribute names in its first literal: a variable or a file.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Which macro or attribute.
    pub by: ReferenceBy,
    /// The literal's decoded text.
    pub argument: String,
    /// The bytes between the literal's quotes.
    pub span: Range<usize>,
    /// Where the span starts.
    pub start: Position,
    /// Where the span ends.
    pub end: Position,
    /// Whether an inline allow of one of the rules about references covers it: [`ReferenceBy::rules`].
    pub allowed: bool,
}

/// What names a variable or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceBy {
    /// `env!("…")`.
    Env,
    /// `option_env!("…")`.
    OptionEnv,
    /// `dotenv!("…")`.
    Dotenv,
    /// `include!("…")`.
    Include,
    /// `include_str!("…")`.
    IncludeStr,
    /// `include_bytes!("…")`.
    IncludeBytes,
    /// `#[path = "…"]`, in `cfg_attr` too.
    Path,
}

/// The rule of a declared secret whose value a macro would write into the program.
pub const ENV_BAKES_SECRET: &str = "env-bakes-secret";
/// The rule of a declared secret file that a macro would write into the program.
pub const INCLUDES_SECRET_FILE: &str = "includes-secret-file";
/// The rule of a file that is a private key, which a macro would write into the program.
pub const INCLUDES_PRIVATE_KEY: &str = "includes-private-key";

impl ReferenceBy {
    /// The macro or attribute as it is written: `env!`.
    #[must_use]
    pub fn written(self) -> &'static str {
        match self {
            Self::Env => "env!",
            Self::OptionEnv => "option_env!",
            Self::Dotenv => "dotenv!",
            Self::Include => "include!",
            Self::IncludeStr => "include_str!",
            Self::IncludeBytes => "include_bytes!",
            Self::Path => "#[path]",
        }
    }

    /// The rules that such a reference can break, which an inline allow names: they depend on what is declared, so it is
    /// for the caller to say whether one is broken.
    #[must_use]
    pub fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Env | Self::OptionEnv | Self::Dotenv => &[ENV_BAKES_SECRET],
            Self::IncludeStr | Self::IncludeBytes => &[INCLUDES_SECRET_FILE, INCLUDES_PRIVATE_KEY],
            Self::Include | Self::Path => &[],
        }
    }
}

/// What a scan found, in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Secrets, and mistakes in allows. What an inline allow with a reason covers is not among them.
    pub list: Vec<Finding>,
    /// Variables and files that the source names in macros (Rust only).
    pub references: Vec<Reference>,
}

impl Findings {
    /// `source`, the text that was scanned, with every byte of every found value but its shown prefix and line breaks
    /// replaced by `*`, also where the same value stands again on the lines of the finding: same length, same lines.
    #[must_use]
    pub fn masked(&self, source: &str) -> String {
        let mut bytes = source.as_bytes().to_vec();
        for finding in self.list.iter().filter(|finding| finding.basis != Basis::Allow) {
            let Some(value) = source.as_bytes().get(finding.span.clone()) else { continue };
            mask(&mut bytes, finding.span.clone(), finding.shown);
            let text = source.as_bytes();
            let lines = line::start(text, finding.span.start)..line::end(text, finding.span.end);
            for start in lines.start..(lines.end + 1).saturating_sub(value.len()) {
                if value.len() >= SHORTEST_REPEATED && source.as_bytes().get(start..start + value.len()) == Some(value)
                {
                    mask(&mut bytes, start..start + value.len(), finding.shown);
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The shortest value that is looked for again on its lines.
const SHORTEST_REPEATED: usize = 4;

/// Replaces the bytes of `span` behind its first `shown` by `*`, but no line breaks.
fn mask(bytes: &mut [u8], span: Range<usize>, shown: usize) {
    for byte in bytes.get_mut(span.start + shown..span.end).unwrap_or_default() {
        if !matches!(*byte, b'\n' | b'\r') {
            *byte = b'*';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_masked_again_on_its_line() {
        let value = ["Harbor", "#71", "x9"].concat();
        let source = format!("let password = \"{value}\"; // {value}\nlet x = 1;\n");
        let findings = crate::scan_rust(&source);
        assert_eq!(findings.list.len(), 1);
        let stars = "*".repeat(value.len());
        assert_eq!(findings.masked(&source), format!("let password = \"{stars}\"; // {stars}\nlet x = 1;\n"));
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        let fingerprint = Fingerprint::of(b"value");
        assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
        assert_eq!(Fingerprint::parse("12"), None);
        assert_eq!(Fingerprint::parse("+123456789abcdef"), None);
    }
}
