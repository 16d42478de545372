//! What is wrong with a file that should be imported. **No variant carries a value, nor a piece of what could be one**: the
//! word after a `$`, a line without `=`.

use std::fmt;
use std::path::PathBuf;

use super::{Entry, Source};
use crate::fsx;
use crate::secret::quoted;
use crate::store::sops::ValueError;
use crate::store::{self, identity};

/// A file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Lines that cannot be read.
    #[error("`{input}` cannot be read{}", listed(input, faults))]
    Lines {
        /// The file, as messages name it.
        input: String,
        /// Which lines, and why.
        faults: Vec<Fault>,
    },
    /// Lines that dialects read differently.
    #[error("`{input}` is read differently by the programs that read such files{}", disagreements(input, lines))]
    Disagreement {
        /// The file, as messages name it.
        input: String,
        /// Which lines, and what each dialect makes of them.
        lines: Vec<Disagreement>,
    },
    /// No dialect reads it all.
    #[error("`{input}` is no `.env` file that any program reads whole{}", disagreements(input, lines))]
    NoDialect {
        /// The file, as messages name it.
        input: String,
        /// What stops each dialect.
        lines: Vec<Disagreement>,
    },
    /// Not UTF-8.
    #[error("`{input}` is not UTF-8 text in line {line}")]
    NotText {
        /// The file, as messages name it.
        input: String,
        /// Counted from 1.
        line: usize,
    },
    /// JSON syntax.
    #[error("`{input}` is not valid JSON at line {line}, column {column}")]
    Json {
        /// The file, as messages name it.
        input: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// YAML syntax.
    #[error("`{input}` is not valid YAML at line {line}, column {column}")]
    Yaml {
        /// The file, as messages name it.
        input: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
    },
    /// TOML syntax, or another shape than the format has.
    #[error("`{input}` cannot be read at line {line}")]
    Toml {
        /// The file, as messages name it.
        input: String,
        /// Counted from 1.
        line: usize,
    },
    /// A link inside of the project leads out of it.
    #[error("`{input}` is a link out of the project, to `{}`", real.display())]
    Outside {
        /// The file, as messages name it.
        input: String,
        /// What it is in truth.
        real: PathBuf,
    },
    /// None of our identities opens a value.
    #[error("`{input}` holds values for other identities than yours")]
    Locked {
        /// The file, as messages name it.
        input: String,
    },
    /// No private key of dotenvx.
    #[error("the private key `{name}` for `{input}` is neither in the environment nor in the `.env.keys` beside it")]
    NoKey {
        /// The file, as messages name it.
        input: String,
        /// The variable.
        name: Box<str>,
    },
    /// A file beside the one that was named.
    #[error(transparent)]
    File(#[from] fsx::Error),
    /// An identity.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// What comes from a pipe has no name to tell its flavour.
    #[error("a file of this format is read by its path")]
    NeedsPath,
    /// A secret file.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A line, or an entry, that cannot be taken.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Counted from 1; 0 where there are none.
    pub(crate) line: usize,
    /// As it stands there; empty where there is none.
    pub(crate) name: String,
    /// Why.
    pub(crate) why: Trouble,
}

/// What the dialects make of one line.
#[derive(Debug)]
pub(crate) struct Disagreement {
    /// Counted from 1.
    pub(super) line: usize,
    /// Of the entry.
    pub(super) name: String,
    /// Each dialect's name and what it reads, without the value.
    pub(super) readings: Vec<(&'static str, String)>,
}

/// Why an entry cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// Neither an entry nor a comment.
    #[error("there is no `NAME=` in it")]
    NoAssignment,
    /// A quote without its other half.
    #[error("has a quote or a brace that is not closed")]
    Open,
    /// Text where the entry should end.
    #[error("has text after the value")]
    Behind,
    /// A backslash before something else than what it escapes.
    #[error("has an escape (`\\…`) that means nothing there")]
    Escape,
    /// A `$` alone, which is dropped.
    #[error("has a `$` that names nothing, which is dropped or means something else")]
    Dollar,
    /// A variable that the file does not set.
    #[error("takes in a variable that the file does not set before")]
    Outside,
    /// A command that a shell would run.
    #[error("runs a command")]
    Runs,
    /// Something a shell replaces that only it can.
    #[error("has something in it that a shell replaces")]
    Expands,
    /// A character that ends the assignment in a shell.
    #[error("has a character that ends a value in a shell (`;`, `&`, `|`, …)")]
    Operator,
    /// The name stands there before with another value.
    #[error("has another value in line {0}")]
    Twice(usize),
    /// A line break in what `env` prints.
    #[error("no `NAME=` begins it: a value of several lines, which plain `env` does not mark")]
    Continued,
    /// The padding of base64, taken for `=` and an empty value.
    #[error("looks like the last line of a base64 value of several lines, not like a name")]
    Tail,
    /// A variable of the login.
    #[error("belongs to the login session")]
    Session,
    /// A NUL.
    #[error("holds a NUL, which no variable can")]
    Nul,
    /// A map or a list.
    #[error("is nested (--flatten takes `a.b` as `A_B`)")]
    Nested,
    /// Another program keeps it.
    #[error("is kept by a provider that is not read here")]
    Elsewhere,
    /// No value anywhere.
    #[error("has no value there")]
    Missing,
    /// In the values, not in the declarations.
    #[error("is not declared in `secretspec.toml`")]
    Undeclared,
    /// A second line of the name.
    #[error("stands there twice")]
    Again,
    /// Neither base64 nor a text.
    #[error("is damaged, or no text")]
    Damaged,
    /// Encrypted for another key.
    #[error("is not opened by the private key")]
    WrongKey,
    /// No map holds all.
    #[error("holds no mapping of names to values")]
    NoMapping,
    /// What YAML replaces by something else.
    #[error("has an anchor, an alias or a tag")]
    Anchor,
    /// A second document of YAML.
    #[error("begins a second document")]
    Documents,
    /// A line break to YAML 1.1, and none to 1.2.
    #[error("has a character that ends a line in YAML 1.1 and does not in 1.2")]
    LineBreak,
    /// `null`.
    #[error("is null: there is no value")]
    Null,
}

impl Trouble {
    /// Whether it is a way to read the entry, if one that cannot be followed here; anything else says that the file was
    /// not written for that reader.
    pub(super) fn is_a_reading(&self) -> bool {
        matches!(self, Self::Dollar | Self::Outside | Self::Runs | Self::Expands)
    }

    /// Whether quotes could mend it: only dialects of `.env` have these.
    fn is_of_quoting(&self) -> bool {
        matches!(self, Self::NoAssignment | Self::Open | Self::Behind | Self::Escape | Self::Operator)
    }
}

impl Fault {
    pub(super) fn of(entry: &Entry, why: Trouble) -> Self {
        Self { line: entry.line, name: entry.name.clone(), why }
    }
}

impl Error {
    pub(super) fn lines(source: &Source<'_>, faults: Vec<Fault>) -> Self {
        Self::Lines { input: source.shown(), faults }
    }

    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Lines { faults, .. } if faults.iter().any(|fault| fault.why == Trouble::Tail) => Some(
                "double quotes around the whole value, or `env -0 | cargo secrets import -`; an empty variable of such \
                 a name is left out of the file"
                    .to_owned(),
            ),
            Self::Lines { faults, .. } if faults.iter().any(|fault| fault.why == Trouble::Continued) => {
                Some("env -0 | cargo secrets import -".to_owned())
            }
            Self::Lines { faults, .. } if faults.iter().any(|fault| fault.why.is_a_reading()) => {
                Some("single quotes around the value keep `$` and backquotes as they are".to_owned())
            }
            Self::Disagreement { .. } | Self::NoDialect { .. } => Some(
                "say who reads it: --format dotenv (dotenvy), docker or bash; or write these lines so that all read \
                 the same: single quotes around the value, or none where it is one plain word"
                    .to_owned(),
            ),
            Self::Locked { input } => Some(format!(
                "fnox keeps its key in ~/.config/fnox/age.txt or FNOX_AGE_KEY: \
                 SOPS_AGE_KEY_FILE=~/.config/fnox/age.txt cargo secrets import {}",
                quoted(input)
            )),
            Self::Outside { input, real } if input.ends_with(".env.keys") => Some(format!(
                "whoever can read this environment could read what the keys in {} open; if they are meant: set \
                 `DOTENV_PRIVATE_KEY…` yourself",
                quoted(real)
            )),
            Self::Outside { real, .. } => {
                Some(format!("import that path itself if it is meant: cargo secrets import {}", quoted(real)))
            }
            Self::NeedsPath => Some("cargo secrets import FILE".to_owned()),
            Self::NotText { input, .. } => {
                Some(format!("if it is Latin-1: iconv -f LATIN1 -t UTF-8 {} | cargo secrets import -", quoted(input)))
            }
            Self::Json { .. } | Self::Yaml { .. } | Self::Toml { .. } => {
                Some("mend it there, or say what it is: --format FORMAT".to_owned())
            }
            Self::NoKey { name, .. } => Some(format!("set `{name}`, or fetch the file's key: dotenvx keypair")),
            Self::Identity(error) => error.help(),
            Self::Store(store::Error::Value { source: ValueError::Nested { .. }, .. }) => {
                Some("--flatten takes `a.b` as `A_B`".to_owned())
            }
            Self::Store(error) => error.help(),
            Self::Lines { faults, .. } if faults.iter().any(|fault| fault.why.is_of_quoting()) => {
                Some("correct it there; single quotes around a value keep all that stands in them".to_owned())
            }
            Self::Lines { .. } => Some("correct it there".to_owned()),
            Self::File(_) => None,
        }
    }
}

/// A name as messages show it, where it cannot be a piece of a value that a reader took for a name.
pub(crate) fn shown_name(name: &str) -> String {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_-.: ".contains(&b);
    if name.len() <= 40 && name.bytes().all(fits) { format!("`{name}`") } else { "what stands there".to_owned() }
}

/// How many lines are told one by one.
const TOLD: usize = 20;

fn listed(input: &str, faults: &[Fault]) -> String {
    lines(faults.iter().map(|fault| {
        let place = if fault.line > 0 { format!("{input}:{}: ", fault.line) } else { String::new() };
        let name = if fault.name.is_empty() { String::new() } else { shown_name(&fault.name) + ": " };
        format!("{place}{name}{}", fault.why)
    }))
}

fn disagreements(input: &str, found: &[Disagreement]) -> String {
    lines(found.iter().map(|Disagreement { line, name, readings }| {
        let readings: Vec<_> = readings.iter().map(|(dialect, reading)| format!("{dialect}: {reading}")).collect();
        let name = if name.is_empty() { String::new() } else { shown_name(name) + ": " };
        format!("{input}:{line}: {name}{}", readings.join("; "))
    }))
}

fn lines(all: impl Iterator<Item = String>) -> String {
    let all: Vec<_> = all.collect();
    let mut text = String::new();
    for line in all.iter().take(TOLD) {
        text.push_str("\n  ");
        text.push_str(line);
    }
    if all.len() > TOLD {
        let _ = fmt::Write::write_fmt(&mut text, format_args!("\n  and {} more", all.len() - TOLD));
    }
    text
}
