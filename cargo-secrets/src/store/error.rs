//! What can be wrong with a secret file, with its path; and what to do about it.

use std::path::{Path, PathBuf};

use super::body::{BodyError, BodyFault};
use super::recipient;
use super::sops::{EditError, FormatError, KeyError, ValueError};
use crate::fsx;
use crate::secret::{SecretName, quoted, shown};

/// A secret file cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Not there.
    #[error("the secret file `{}` does not exist", path.display())]
    Missing {
        /// Which.
        path: PathBuf,
    },
    /// An age file, where its names, its recipients or a change of it are wanted.
    #[error("`{}` is encrypted as a whole: it is read, not changed, and does not say for whom it is", path.display())]
    Whole {
        /// Which.
        path: PathBuf,
    },
    /// Named like an age file.
    #[error("`{}` is no age file", path.display())]
    NotAge {
        /// Which.
        path: PathBuf,
    },
    /// An age file that holds something else than dotenv text.
    #[error("`{}`: {source}", path.display())]
    Body {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        source: BodyError,
    },
    /// Not UTF-8.
    #[error("`{}` is not UTF-8 text", path.display())]
    NotText {
        /// Which.
        path: PathBuf,
    },
    /// Not a SOPS file.
    #[error("`{}` {source}", path.display())]
    Format {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        source: FormatError,
    },
    /// A value does not open.
    #[error("`{}`: {source}", path.display())]
    Value {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        source: ValueError,
    },
    /// The data key cannot be had.
    #[error("cannot decrypt `{}`: {source}", path.display())]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        source: KeyError,
        /// Our own public keys.
        ours: Vec<String>,
    },
    /// A change is not possible.
    #[error("cannot change `{}`: {source}", path.display())]
    Edit {
        /// Which.
        path: PathBuf,
        /// Why.
        source: EditError,
    },
    /// Somebody else changed the same values meanwhile.
    #[error("`{}` was changed meanwhile, by somebody else: {}", path.display(), names.iter().map(SecretName::as_str).collect::<Vec<_>>().join(", "))]
    Conflict {
        /// Which file.
        path: PathBuf,
        /// Which names.
        names: Vec<SecretName>,
    },
    /// The file is for others than Cargo.toml says.
    #[error("the recipients of `{}` are not those of Cargo.toml{}", path.display(), difference(missing, extra))]
    Recipients {
        /// Which.
        path: PathBuf,
        /// In Cargo.toml, not in the file.
        missing: Vec<String>,
        /// In the file, not in Cargo.toml.
        extra: Vec<String>,
    },
    /// A public key cannot be used.
    #[error(transparent)]
    Recipient(#[from] recipient::Error),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] fsx::Error),
}

impl Error {
    /// A change of the file at `path` that failed: what was wrong with the file before keeps its own kind.
    pub(super) fn edit(path: &Path, error: EditError) -> Self {
        let path = path.to_owned();
        match error {
            EditError::Format(source) | EditError::Value(ValueError::Format(source)) => Self::Format { path, source },
            EditError::Value(source) => Self::Value { path, source },
            source => Self::Edit { path, source },
        }
    }

    /// An entry of the file at `path` that cannot be read.
    pub(super) fn value(path: &Path, error: ValueError) -> Self {
        match error {
            ValueError::Format(source) => Self::Format { path: path.to_owned(), source },
            source => Self::Value { path: path.to_owned(), source },
        }
    }

    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("`cargo secrets set NAME` makes the file with its first value".to_owned()),
            Self::Key { source: KeyError::NotRecipient { recipients, foreign, .. }, ours, .. } => {
                Some(not_recipient(recipients, foreign, ours))
            }
            Self::Key { source: KeyError::Identity(error), .. } => error.help(),
            Self::Recipient(error) => Some(error.help()),
            Self::Recipients { extra, .. } if extra.is_empty() => {
                Some("cargo secrets recipients sync (lets them in, after asking)".to_owned())
            }
            Self::Recipients { path, .. } => Some(format!(
                "decide who should read it, then make both agree: name them in Cargo.toml (`cargo secrets recipients add \
                 NAME KEY`), or make a new data key without them: sops rotate --in-place --rm-age KEY {}",
                quoted(path)
            )),
            Self::Edit { source: EditError::DotenvNewline { .. }, .. } => {
                Some("keep it in a JSON file, which holds every text".to_owned())
            }
            Self::Edit { path, source: EditError::UnderComment { .. } } => {
                Some(format!("move the comment or remove both: sops edit {}", quoted(path)))
            }
            Self::Edit { path, source: EditError::ReadOnly } => Some(format!(
                "take its values over into a JSON file: `cargo secrets import {0}`; or change it there: `sops edit {0}`",
                quoted(path)
            )),
            Self::Whole { path } => Some(format!(
                "take its values over into a file that protects them one by one: `cargo secrets import {}`",
                quoted(path)
            )),
            Self::Body { source: BodyError { what: BodyFault::Name | BodyFault::Twice, .. }, .. } => {
                Some("write `NAME=value` lines, each name once".to_owned())
            }
            Self::Body { source: BodyError { what: BodyFault::Special | BodyFault::Quote, .. }, .. } => {
                Some("put the value into single quotes: all readers take what stands in them as it is".to_owned())
            }
            Self::Format { source: FormatError::IniLine { .. }, .. } => {
                Some("write plain `name = value` lines, as `sops` does".to_owned())
            }
            Self::Format { source: FormatError::IniComments, .. } => {
                Some("use a rule over names (`encrypted_regex`), or another flavour".to_owned())
            }
            Self::Edit { path, source: EditError::Layout { .. } } => {
                Some(format!("sops edit {} rewrites it, one entry a line", quoted(path)))
            }
            Self::Format { source: FormatError::Duplicate { .. }, .. } => {
                Some("keep one of them: which of two counts differs between readers".to_owned())
            }
            Self::Format { source: FormatError::YamlFeature { what, .. }, .. } => Some(what.help().to_owned()),
            Self::Edit { source: EditError::LeftPlain { .. }, .. } => Some(
                "change the rule (`unencrypted_suffix`, `encrypted_regex`, …) with sops, or declare it with \
                 kind = \"key\" if everyone may read it"
                    .to_owned(),
            ),
            Self::Value { source: ValueError::Nested { .. }, .. } => {
                Some("in Cargo.toml: sources = [{ path = \"…\", flatten = true }] delivers `a.b` as `A_B`".to_owned())
            }
            Self::Format { path, source: FormatError::NotSops } => Some(format!(
                "take its values over into a file that is encrypted: `cargo secrets import {}`",
                quoted(path)
            )),
            Self::Format { source: FormatError::Line { .. }, .. } => {
                Some("write `NAME=value` lines, as `sops` does".to_owned())
            }
            Self::Format { source: FormatError::TwoRules, .. } => Some(
                "keep one of `unencrypted_suffix`, `encrypted_suffix`, `unencrypted_regex`, `encrypted_regex`, …"
                    .to_owned(),
            ),
            Self::Value { path, source: ValueError::Collision { .. } | ValueError::Name(_) } => {
                Some(format!("give it another name: sops edit {}", quoted(path)))
            }
            Self::Format { path, .. }
            | Self::Value { path, .. }
            | Self::NotText { path }
            | Self::Key { path, source: KeyError::Damaged, .. } => Some(restore(path)),
            Self::Key { source: KeyError::Groups { .. }, .. } => Some(
                "who made the file asks for identities of more than one group: SOPS_AGE_KEY_FILE names a file that \
                 may hold several"
                    .to_owned(),
            ),
            Self::NotAge { path } => {
                Some(format!("what is in it? head -c 60 {}; an age file has binary or armored age text", quoted(path)))
            }
            Self::Edit { path, source: EditError::KeyGroups } => {
                Some(format!("sops rotate --in-place --add-age PUBLIC_KEY {}", quoted(path)))
            }
            Self::Edit { path, source: EditError::Nested { .. } | EditError::ReadBack } => {
                Some(format!("sops edit {}", quoted(path)))
            }
            Self::Edit { source: EditError::Taken { .. } | EditError::MetadataName { .. }, .. } => {
                Some("choose another name".to_owned())
            }
            Self::Edit { source: EditError::NotSet { .. }, .. } => {
                Some("`cargo secrets list` shows all names".to_owned())
            }
            Self::Conflict { .. } => {
                Some("open it again: what you save then is taken; `cargo secrets get NAME` shows theirs".to_owned())
            }
            _ => None,
        }
    }
}

fn restore(path: &Path) -> String {
    format!("see who changed it: `git log -p -- {0}`; `git checkout -- {0}` restores the last version", quoted(path))
}

fn difference(missing: &[String], extra: &[String]) -> String {
    let part = |what: &str, keys: &[String]| match keys {
        [] => String::new(),
        keys => format!("; {what}: {}", keys.iter().map(|key| shown(key, 90)).collect::<Vec<_>>().join(", ")),
    };
    part("only in Cargo.toml", missing) + &part("only in the file", extra)
}

fn not_recipient(recipients: &[String], foreign: &[String], ours: &[String]) -> String {
    let mut help = match ours {
        [] => "there is no identity here: `cargo secrets recipients request` makes one, and prints the line to send"
            .to_owned(),
        keys => format!("send this line to someone who can read it:\n\n    {}", keys.join("\n    ")),
    };
    help.push_str("\n\nit is encrypted for: ");
    if recipients.is_empty() && foreign.is_empty() {
        help.push_str("others, or it is damaged: an age file does not say");
    }
    let all: Vec<_> = recipients.iter().chain(foreign).map(|key| shown(key, 90)).collect();
    help.push_str(&all.join(", "));
    help
}
