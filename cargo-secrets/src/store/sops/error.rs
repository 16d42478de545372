//! What can be wrong with a SOPS file. No variant carries a value, nor a piece of a file that could be one.

use super::cipher::CipherError;
use super::json::place;
use crate::secret::{NameError, SecretName};

/// The text is not a SOPS file of this flavour.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormatError {
    /// No metadata in it.
    #[error("is not encrypted by SOPS: there is no `sops` metadata in it")]
    NotSops,
    /// A list, a text, or no JSON at all.
    #[error("holds no JSON object")]
    NotObject,
    /// JSON syntax.
    #[error("is not valid JSON at line {line}, column {column}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// A dotenv line without `=`.
    #[error("has no `=` in line {number}")]
    Line {
        /// Counted from 1.
        number: usize,
    },
    /// Two entries of one name.
    #[error("has two entries named `{name}`")]
    Duplicate {
        /// The name, escaped and cut.
        name: String,
    },
    /// Nested beyond what is read.
    #[error("is nested deeper than 64 levels")]
    TooDeep,
    /// Metadata of the wrong shape.
    #[error("has damaged `sops` metadata")]
    Metadata,
    /// No master key at all.
    #[error("has no recipients in its `sops` metadata")]
    NoKeys,
    /// More than one rule says what is encrypted.
    #[error("has more than one of the rules that say which entries are encrypted")]
    TwoRules,
    /// A rule's regular expression.
    #[error("has a regular expression in its `sops` metadata that cannot be read")]
    Pattern,
}

impl FormatError {
    /// Takes only the position from `error`, which stands in `part` of `file`: its text may quote a value.
    pub(crate) fn json(file: &str, part: &str, error: &serde_json::Error) -> Self {
        let before = file.get(..place(file, part).start).unwrap_or_default();
        let column_offset = match error.line() {
            1 => before.len() - before.rfind('\n').map_or(0, |newline| newline + 1),
            _ => 0,
        };
        let line = before.matches('\n').count() + error.line().max(1);
        Self::Json { line, column: column_offset + error.column().max(1) }
    }
}

/// An entry cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ValueError {
    /// A value does not open.
    #[error("`{name}` {source}")]
    Cipher {
        /// Where, dotted.
        name: String,
        /// Why.
        #[source]
        source: CipherError,
    },
    /// Plain where the rule says encrypted.
    #[error("`{name}` is not encrypted, although the file's own rule says it should be")]
    Plain {
        /// Where, dotted.
        name: String,
    },
    /// The text is not of the type its tag claims.
    #[error("`{name}` is not of the type that its tag claims")]
    Type {
        /// Where, dotted.
        name: String,
    },
    /// The MAC is wrong or cannot be opened.
    #[error("the MAC does not match: the file was changed by something that did not hold its data key")]
    Mac,
    /// A nested entry where none is delivered.
    #[error("`{name}` is nested; nested entries are delivered only with `flatten = true` on the source")]
    Nested {
        /// Where, dotted.
        name: String,
    },
    /// Two nested entries that become one name.
    #[error("two entries become the name `{name}` when flattened")]
    Collision {
        /// The flattened name.
        name: SecretName,
    },
    /// An entry whose name no variable can have.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The file's rule cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// The data key cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// None of our identities opens it.
    #[error("none of the identities found here can open it")]
    NotRecipient {
        /// The recipients in the file.
        recipients: Vec<String>,
        /// Master keys of other kinds in the file.
        foreign: Vec<String>,
    },
    /// Too few key groups.
    #[error("our identities open {have} of its key groups, {need} are needed")]
    Groups {
        /// Groups that opened.
        have: usize,
        /// The threshold.
        need: usize,
    },
    /// What was unwrapped is no data key.
    #[error("what its recipients' stanzas hold is no data key")]
    Damaged,
    /// An identity could not be used.
    #[error(transparent)]
    Identity(#[from] super::super::identity::Error),
}

/// A file cannot be changed as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EditError {
    /// The new text does not parse, or the old one.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A value cannot be read.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A dotenv file would change the value.
    #[error("the dotenv flavour of SOPS cannot hold `{name}`: it turns the two characters `\\n` into a newline")]
    DotenvNewline {
        /// Which.
        name: SecretName,
    },
    /// A name that the flavour uses for itself.
    #[error("`{name}` is a name that SOPS uses for its own metadata")]
    MetadataName {
        /// Which.
        name: SecretName,
    },
    /// The file's rule would leave the value in the clear.
    #[error("the file's own rule leaves `{name}` unencrypted")]
    LeftPlain {
        /// Which.
        name: SecretName,
    },
    /// A nested entry has the name.
    #[error("`{name}` is a nested entry")]
    Nested {
        /// Which.
        name: SecretName,
    },
    /// The next entry would come under the comment above, which a rule of the file looks at.
    #[error("without `{name}` the next entry would stand under its comment, which decides what is encrypted")]
    UnderComment {
        /// Which.
        name: SecretName,
    },
    /// Not there.
    #[error("`{name}` is not set")]
    NotSet {
        /// Which.
        name: SecretName,
    },
    /// No randomness.
    #[error("the operating system gives no random bytes")]
    Random(#[from] getrandom::Error),
    /// The finished text does not read back as what was meant.
    #[error("the changed file does not read back as it should; nothing was written")]
    ReadBack,
}
