//! What can be wrong in a secrets table: the sentence that says so, and what to write instead.
//!
//! **No text of a problem holds a value**: names of keys, environments, recipients and files only, escaped and shortened,
//! because they may come from a hostile file.

use std::fmt;

pub(crate) use crate::manifest::noun::Noun;
use crate::manifest::template::TemplateError;
use crate::secret::{GenerateError, NameError};

/// The version of this program, as `requires` is compared with.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One thing that is wrong at one place of the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The keys of the table and their types.
    #[error(transparent)]
    Shape(#[from] ShapeProblem),
    /// What an environment, a source or a recipient says.
    #[error(transparent)]
    Environment(#[from] EnvironmentProblem),
    /// What a variable says.
    #[error(transparent)]
    Variable(#[from] VariableProblem),
    /// What the lint's table says.
    #[error(transparent)]
    Lint(#[from] LintProblem),
    /// A text that is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A word that names nothing that exists.
    #[error("unknown {noun} `{}`", shown(.name))]
    Unknown {
        /// What the word should have named.
        noun: Noun,
        /// The word.
        name: String,
        /// What it could have been.
        known: Vec<String>,
    },
    /// A list that says the same twice.
    #[error("{noun} `{}` is listed twice", shown(.name))]
    Duplicate {
        /// What is listed.
        noun: Noun,
        /// Its name.
        name: String,
    },
    /// A chain of names that comes back to its start.
    #[error("{noun}s refer to each other in a circle: {}", chain(.names))]
    Cycle {
        /// What the names are.
        noun: Noun,
        /// The chain; the first name is repeated at the end.
        names: Vec<String>,
    },
}

/// A mistake in keys and types.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShapeProblem {
    /// The file is no TOML, or a part outside the secrets table has a type that cargo would not take either.
    #[error("invalid {file}: {}", unquoted(.source.message()))]
    Syntax {
        /// What the file is.
        file: &'static str,
        /// What the reader says.
        source: Box<toml::de::Error>,
    },
    /// A key that this table never has.
    #[error("unknown key `{}`", shown(.key))]
    UnknownKey {
        /// The key.
        key: String,
        /// The keys that the table takes.
        known: Vec<&'static str>,
    },
    /// A key or source whose feature is planned, but is not in this version.
    #[error("`{}` is not supported by cargo-secrets {VERSION} yet", shown(.what))]
    NotYet {
        /// The key, or the key with its value.
        what: String,
    },
    /// Something is not understood, and the table says that a newer version would.
    #[error("this project requires cargo-secrets {requires}, this is {VERSION}: upgrade")]
    Newer {
        /// What the table requires.
        requires: Release,
    },
    /// `requires` is no version.
    #[error("`requires` is not a version such as \"0.1\"")]
    NoVersion,
    /// A value of another type.
    #[error("`{}` must be {expected}", shown(.key))]
    WrongType {
        /// The key.
        key: String,
        /// The type it takes, in words.
        expected: &'static str,
    },
    /// A member's table says what only the workspace's may.
    #[error("`{key}` belongs in `[workspace.metadata.secrets]`, a member's table holds only `variables` and `lint`")]
    OnlyInWorkspace {
        /// The key.
        key: &'static str,
    },
}

/// A mistake in what an environment, a source or a recipient says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnvironmentProblem {
    /// A private key stands where a public one belongs.
    #[error("a PRIVATE key was pasted as the recipient `{}`: treat it as leaked", shown(.0))]
    PrivateKey(String),
    /// A recipient's text is no public key.
    #[error("recipient `{}` has no public key", shown(.0))]
    NoPublicKey(String),
    /// The default environment is protected.
    #[error("environment `{0}` is protected and cannot be the default")]
    ProtectedDefault(String),
    /// A source outside the project.
    #[error("source `{}` is outside the project", shown(.0))]
    SourceOutside(String),
    /// A source that is no pattern.
    #[error("source `{}` is not a valid pattern", shown(.0))]
    SourcePattern(String),
    /// A path without a character.
    #[error("an empty path opens nothing")]
    NoPath,
    /// Values would come from people who cannot read the inheriting environment.
    #[error(
        "`{environment}` cannot inherit values from `{ancestor}`: {} of `{environment}`",
        no_recipients(.outsiders)
    )]
    NotShared {
        /// Who inherits.
        environment: String,
        /// From whom.
        ancestor: String,
        /// The ancestor's recipients that the inheriting environment does not list.
        outsiders: Vec<String>,
    },
    /// It is not known who could write the inherited values.
    #[error("`{environment}` cannot inherit values from `{ancestor}`: `{silent}` does not list its `recipients`")]
    NotListed {
        /// Who inherits.
        environment: String,
        /// From whom.
        ancestor: String,
        /// Which of the two has no list.
        silent: String,
    },
}

/// A mistake in what a variable says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VariableProblem {
    /// A default secret would be plaintext in Cargo.toml.
    #[error("a `default` of a secret would be plaintext in `Cargo.toml`")]
    DefaultSecret,
    /// A composed value that refers to nothing is a default under another name.
    #[error("a `value` without a `${{NAME}}` would be a plaintext secret in `Cargo.toml`")]
    ConstantSecret,
    /// Composed and with a default.
    #[error("`value` and `default` exclude each other")]
    ValueAndDefault,
    /// A name that runs code in the child.
    #[error("`{0}` is a reserved name: programs run or trust what it names")]
    Reserved(String),
    /// A name that holds an identity.
    #[error("`{0}` holds an identity and is never given to a program")]
    Identity(String),
    /// No generator of that name and length.
    #[error(transparent)]
    Generator(#[from] GenerateError),
    /// A composed value that cannot be read.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The same name in two tables that do not agree.
    #[error("`{name}` is also declared in `{other}`")]
    TwoPlaces {
        /// The variable.
        name: String,
        /// The other `Cargo.toml`.
        other: String,
    },
}

/// A mistake in what the lint's table says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LintProblem {
    /// Not a fingerprint, or none at all. It may be the value, so it is not shown.
    #[error("a `fingerprint` is 16 hexadecimal digits, as `cargo secrets lint` shows them")]
    NoFingerprint,
    /// Nobody says why.
    #[error("an allowed finding needs a `reason`")]
    NoReason,
    /// The same fingerprint in two entries.
    #[error("this `fingerprint` is listed twice")]
    Twice,
    /// A baseline outside the project.
    #[error("baseline `{}` is outside the project", shown(.0))]
    BaselineOutside(String),
}

/// A version of this program as `requires` says it: major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release {
    major: u64,
    minor: u64,
    patch: Option<u64>,
}

impl Release {
    /// Reads `0.1` or `0.1.2`; a pre-release's suffix is ignored.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.split(['-', '+']).next()?;
        let mut numbers = text.split('.').map(|number| number.parse::<u64>().ok());
        let major = numbers.next()??;
        let minor = numbers.next().unwrap_or(Some(0))?;
        let patch = numbers.next().map_or(Some(None), |patch| patch.map(Some))?;
        numbers.next().is_none().then_some(Self { major, minor, patch })
    }

    /// Whether this program is older than that.
    pub(super) fn is_newer_than_this(self) -> bool {
        let whole = |release: Self| (release.major, release.minor, release.patch.unwrap_or(0));
        Self::parse(VERSION).is_some_and(|ours| whole(self) > whole(ours))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

impl Problem {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Shape(problem) => problem.help(),
            Self::Environment(problem) => Some(problem.help()),
            Self::Variable(problem) => problem.help(),
            Self::Lint(problem) => Some(problem.help().to_owned()),
            Self::Name(error) => error.help(),
            Self::Unknown { noun, name, known } => Some(did_you_mean(*noun, name, known)),
            Self::Duplicate { .. } => Some("remove one of the two".to_owned()),
            Self::Cycle { noun: Noun::Environment, .. } => Some("remove one of these `inherits`".to_owned()),
            Self::Cycle { .. } => Some("remove one of these references".to_owned()),
        }
    }

    /// Whether a newer version might understand what this one does not.
    pub(super) fn may_be_newer(&self) -> bool {
        match self {
            Self::Shape(ShapeProblem::UnknownKey { .. } | ShapeProblem::NotYet { .. }) => true,
            Self::Unknown { noun, .. } => {
                matches!(
                    noun,
                    Noun::Kind | Noun::Format | Noun::Rule | Noun::Way | Noun::Delivery | Noun::Mode | Noun::Network
                )
            }
            _ => false,
        }
    }
}

/// How the reader begins to speak of a key that stands there already.
const REPEATED: [&str; 2] = ["duplicate key", "cannot extend value"];

impl Problem {
    /// Whether it is a key that stands there already.
    pub(super) fn is_repeated(&self) -> bool {
        matches!(self, Self::Shape(ShapeProblem::Syntax { source, .. }) if is_repeated(source))
    }
}

fn is_repeated(error: &toml::de::Error) -> bool {
    REPEATED.iter().any(|beginning| error.message().starts_with(beginning))
}

impl ShapeProblem {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Syntax { source, .. } if is_repeated(source) => {
                "a key and a heading stand there once: write into one what both say".to_owned()
            }
            Self::Syntax { .. } => {
                "correct it there: texts stand in quotes, lists in `[…]` (https://toml.io)".to_owned()
            }
            Self::WrongType { key, .. } => return example(key).map(|example| format!("for example `{example}`")),
            Self::UnknownKey { key, .. } if key == "unhide" => {
                "a project cannot open what is hidden; your own `~/.config/cargo-secrets/config.toml` can".to_owned()
            }
            Self::UnknownKey { key, known } => match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys here are {}", list(known.iter().copied())),
            },
            Self::NotYet { what } if what.contains("://") => "remove the source".to_owned(),
            Self::NotYet { .. } => "remove the key".to_owned(),
            Self::Newer { .. } => "cargo install cargo-secrets".to_owned(),
            Self::NoVersion => format!("write `requires = \"{VERSION}\"`"),
            Self::OnlyInWorkspace { .. } => "move it to the workspace's `Cargo.toml`".to_owned(),
        })
    }
}

impl EnvironmentProblem {
    fn help(&self) -> String {
        match self {
            Self::PrivateKey(_) => {
                "make a new identity (`cargo secrets identity new`), write its public key (`age1…`) here, and replace \
                 every value that the old one could read"
                    .to_owned()
            }
            Self::NoPublicKey(_) => "write `age1…`, `ssh-ed25519 …` or `ssh-rsa …`".to_owned(),
            Self::ProtectedDefault(_) => "name an unprotected environment, or give `-e NAME` each time".to_owned(),
            Self::SourceOutside(_) => "sources stay inside the project: a relative path without `..`".to_owned(),
            Self::SourcePattern(_) => "a pattern has `*`, `?`, `[…]`, and `**` only as a whole folder name".to_owned(),
            Self::NoPath => "name a file or folder: relative to the project, or from `~/`".to_owned(),
            Self::NotShared { environment, ancestor, .. } => format!(
                "who can write `{ancestor}` could give values to `{environment}`: name them in \
                 `environments.{environment}.recipients` too, or remove `inherits`"
            ),
            Self::NotListed { silent, .. } => {
                format!("list all who may write it in `environments.{silent}.recipients`, or remove `inherits`")
            }
        }
    }
}

impl VariableProblem {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::DefaultSecret => {
                "remove it and put the value into a source with `cargo secrets set`, or write `kind = \"key\"`"
                    .to_owned()
            }
            Self::ConstantSecret => {
                "put the value into a source with `cargo secrets set`, or write `kind = \"key\"` and `default`"
                    .to_owned()
            }
            Self::ValueAndDefault => "remove one of the two".to_owned(),
            Self::Generator(error) => return error.help(),
            Self::Reserved(_) => "write `allow-unsafe-name = true` if programs really need it".to_owned(),
            Self::Identity(_) => "remove the declaration".to_owned(),
            Self::Template(problem) => problem.help(),
            Self::TwoPlaces { .. } => {
                "keep one declaration; `packages = [\"…\"]` in the workspace's restricts it to packages".to_owned()
            }
        })
    }
}

impl LintProblem {
    fn help(&self) -> &'static str {
        match self {
            Self::NoFingerprint | Self::NoReason => "allow = [{ fingerprint = \"0123456789abcdef\", reason = \"…\" }]",
            Self::Twice => "remove one of the two",
            Self::BaselineOutside(_) => "a baseline stays inside the project: a relative path without `..`",
        }
    }
}

/// The advice to upgrade in place of a problem that a newer version does not have.
pub(super) fn or_newer(problem: Problem, requires: Option<Release>) -> Problem {
    match requires.filter(|requires| problem.may_be_newer() && requires.is_newer_than_this()) {
        Some(requires) => ShapeProblem::Newer { requires }.into(),
        None => problem,
    }
}

/// How a key is written whose type is not plain from its name.
fn example(key: &str) -> Option<&'static str> {
    Some(match key {
        "environments" => "environments.dev.sources = [\"secrets/dev.json\"]",
        "sources" => "sources = [\"secrets/dev.json\", { path = \"secrets/more.yaml\", flatten = true }]",
        "recipients" => "recipients.alice = \"age1…\", and `recipients = [\"alice\"]` in an environment",
        "variables" => "variables.API_KEY = { kind = \"secret\", required = true }",
        "lint" => "lint.levels.password = \"warn\"",
        "run" => "run.just = \"runner\"",
        "required" => "required = true, or the environments: required = [\"prod\"]",
        _ => return None,
    })
}

/// The nearest of `known` and, when none is near, all of them.
pub(super) fn did_you_mean<S: AsRef<str>>(noun: Noun, name: &str, known: &[S]) -> String {
    let known = || known.iter().map(AsRef::as_ref);
    match nearest(name, known()) {
        Some(near) if known().count() > 1 => format!("did you mean `{}`? known: {}", shown(near), list(known())),
        Some(near) => format!("did you mean `{}`?", shown(near)),
        None if known().next().is_none() => format!("there is no {noun} yet"),
        None if noun == Noun::Rule => "`cargo secrets lint --rules` lists all".to_owned(),
        None => format!("known: {}", list(known())),
    }
}

/// The word of `known` that `word` most likely stands for.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(2);
    let distance = |other: &str| strsim::damerau_levenshtein(&word.to_ascii_lowercase(), &other.to_ascii_lowercase());
    known.map(|other| (distance(other), other)).filter(|&(far, _)| far <= limit).min().map(|(_, other)| other)
}

/// At most 20 names in backticks, with commas.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = names.take(21).map(|name| format!("`{}`", shown(name))).collect();
    if names.len() > 20 {
        names.truncate(20);
        names.push("…".to_owned());
    }
    names.join(", ")
}

/// A text from the file as messages show it.
pub(super) fn shown(text: &str) -> String {
    crate::secret::shown(text, 60)
}

/// A message of the TOML reader without the text that it quotes from the file.
fn unquoted(message: &str) -> String {
    match (message.split_once('"'), message.rsplit_once('"')) {
        (Some((before, _)), Some((_, after))) => format!("{before}…{after}"),
        _ => message.to_owned(),
    }
}

fn chain(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(8).map(|name| shown(name)).collect();
    if let Some(last) = names.last().filter(|_| names.len() > 8) {
        shown.push("…".to_owned());
        shown.push(last.clone());
    }
    shown.join(" -> ")
}

fn no_recipients(names: &[String]) -> String {
    let verb = if names.len() == 1 { "is no recipient" } else { "are no recipients" };
    format!("{} {verb}", list(names.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_two_or_three_numbers() {
        for (text, shown) in [("0.1", "0.1"), ("0.1.2", "0.1.2"), ("1", "1.0"), ("0.2.0-beta.1", "0.2.0")] {
            assert_eq!(Release::parse(text).unwrap().to_string(), shown);
        }
        for bad in ["", "x", "0.x", "0.1.2.3", "^0.1", "0.1."] {
            assert_eq!(Release::parse(bad), None, "{bad}");
        }
        assert!(Release::parse("99.0").unwrap().is_newer_than_this());
        assert!(!Release::parse(VERSION).unwrap().is_newer_than_this());
        assert!(!Release::parse("0.0.9").unwrap().is_newer_than_this());
    }

    #[test]
    fn the_nearest_word_is_near() {
        assert_eq!(nearest("enviroments", ["environments", "variables"].into_iter()), Some("environments"));
        assert_eq!(nearest("xyzzy", ["environments", "variables"].into_iter()), None);
    }

    #[test]
    fn a_long_chain_is_shortened() {
        let names: Vec<String> = (0..100).map(|n| format!("e{n}")).collect();
        assert_eq!(chain(&names), "e0 -> e1 -> e2 -> e3 -> e4 -> e5 -> e6 -> e7 -> … -> e99");
    }
}
