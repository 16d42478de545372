//! What can be wrong with a SOPS file. No variant carries a value, nor a piece of a file that could be one.

use std::fmt;

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
    /// YAML syntax.
    #[error("is not valid YAML at line {line}, column {column}")]
    Yaml {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
    },
    /// YAML that SOPS does not write, or that readers disagree on.
    #[error("has {what} in line {line}")]
    YamlFeature {
        /// Counted from 1.
        line: usize,
        /// Which.
        what: YamlFeature,
    },
    /// No mapping in it.
    #[error("holds no mapping of names to values")]
    NotMapping,
    /// A dotenv line without `=`.
    #[error("has no `=` in line {number}")]
    Line {
        /// Counted from 1.
        number: usize,
    },
    /// An INI line that go-ini reads in its own way.
    #[error("has a name in quotes, a value that does not end, or no entry in line {number}")]
    IniLine {
        /// Counted from 1.
        number: usize,
    },
    /// SOPS moves the comments of an INI file, and a rule looks at them.
    #[error("is an INI file with a rule that looks at comments")]
    IniComments,
    /// Two entries of one name.
    #[error("has two entries named `{name}`{}", line.map(|line| format!(", the second in line {line}")).unwrap_or_default())]
    Duplicate {
        /// The name, escaped and cut.
        name: String,
        /// Where the second one stands, counted from 1, where that is known.
        line: Option<usize>,
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

/// What YAML has and a secret file is not read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum YamlFeature {
    /// `&name` or `*name`.
    Anchor,
    /// A second document.
    Document,
    /// `!name`, or a built-in type.
    Tag,
    /// A name that is a number, a list, …
    Name,
    /// A whole number beyond 64 bits with a sign.
    Number,
    /// U+0085, U+2028 or U+2029: a line's end in YAML 1.1, which SOPS reads, a character in 1.2.
    LineBreak,
    /// `%YAML` or `%TAG`.
    Directive,
    /// A tab where spaces indent.
    Tab,
    /// A comment whose entry depends on the reader, where the file's rule looks at comments.
    Comment,
}

impl YamlFeature {
    /// What to do about it.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Anchor => "write out what it stands for; `sops` keeps no anchors either",
            Self::Document => "one document per file: put the others into files of their own, encrypted by `sops`",
            Self::Tag => "leave the tag out: text is quoted, everything else is what it looks like",
            Self::Name => "quote the name",
            Self::Number => "quote it: a text holds every digit",
            Self::LineBreak => r"in double quotes it is written `\N`, `\L` or `\P`",
            Self::Directive => "leave the line out, and `---` with it",
            Self::Tab => "indent with spaces",
            Self::Comment => {
                "comments decide here what is encrypted: put it on a line of its own, indented like the name below it"
            }
        }
    }
}

impl fmt::Display for YamlFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anchor => "an anchor or an alias",
            Self::Document => "a second document",
            Self::Tag => "a tag",
            Self::Name => "a name that is no text",
            Self::Number => "an unquoted number that is too large for SOPS",
            Self::LineBreak => "a line separator that readers of YAML disagree on",
            Self::Directive => "a directive",
            Self::Tab => "a tab that indents",
            Self::Comment => "a comment that could belong to more than one entry",
        })
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
    #[error("your identities open {have} of its groups of recipients, {need} are needed")]
    Groups {
        /// Groups that opened.
        have: usize,
        /// The threshold.
        need: usize,
    },
    /// What was unwrapped is no data key.
    #[error("what is encrypted for its recipients is no data key")]
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
    /// A flavour that is only read.
    #[error("an INI file is read, not written")]
    ReadOnly,
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
    /// An entry has the name already.
    #[error("it holds `{name}` already")]
    Taken {
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
    /// A YAML file or entry whose lines are not its own.
    #[error("line {line} is laid out in a way that only a rewrite of the file could change")]
    Layout {
        /// Counted from 1.
        line: usize,
    },
    /// Recipients in groups, or laid out as no writer does.
    #[error("its recipients stand in key groups, or in a layout, that only `sops` itself changes")]
    KeyGroups,
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
