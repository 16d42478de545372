//! Names and values as a text for another program.
//!
//! **A format that cannot hold a value refuses it, by name; no value is changed.** What each format holds follows the
//! published rules of what reads it, and the tests read every text back with that program where it can be had.
//!
//! A new format is one file here and one line in [`FORMATS`].

mod docker;
mod dotenv;
mod fish;
mod github;
mod gitlab;
mod json;
mod k8s_secret;
mod shell;
mod systemd;
mod terraform;
mod yaml;

use std::fmt;

use secrecy::ExposeSecret;

use super::Text;
use crate::secret::{SecretName, SecretValue, shown};

/// What can be exported to.
pub(crate) const FORMATS: [&Format; 11] = [
    &dotenv::FORMAT,
    &json::FORMAT,
    &yaml::FORMAT,
    &shell::FORMAT,
    &fish::FORMAT,
    &docker::FORMAT,
    &github::FORMAT,
    &gitlab::FORMAT,
    &k8s_secret::FORMAT,
    &systemd::FORMAT,
    &terraform::FORMAT,
];

/// A form of text that another program reads.
pub(crate) struct Format {
    /// As it is typed.
    pub(crate) name: &'static str,
    /// Who reads it, for `--help`.
    pub(crate) about: &'static str,
    /// Why it cannot hold this name with this value.
    unfit: fn(&Pair<'_>) -> Option<Unfit>,
    /// Writes all of it.
    write: fn(&Pairs<'_>, &mut Text) -> Result<(), Error>,
    /// Lines for the log of what reads it, so that it hides the values.
    masks: Option<fn(&Pairs<'_>, &mut Text)>,
    /// Something to know before the text is used.
    caution: fn(&Pairs<'_>) -> Option<String>,
}

/// A name and its plaintext value; never shown.
pub(crate) struct Pair<'p> {
    name: &'p str,
    value: &'p str,
}

/// All that is exported, in order of the names.
pub(crate) struct Pairs<'p> {
    pairs: Vec<Pair<'p>>,
    /// What the whole is called, where the format gives it a name.
    title: &'p str,
}

/// Why a format cannot hold a value, or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    /// A line break.
    #[error("more than one line")]
    Lines,
    /// A carriage return at the end of a line.
    #[error("ends in a carriage return")]
    Return,
    /// White space.
    #[error("white space")]
    Space,
    /// A control character, or a code point that is no character.
    #[error("control characters")]
    Control,
    /// Not in the normal form C of Unicode, into which the reader would bring it.
    #[error("characters that the reader would replace by their normal form")]
    Normal,
    /// Beyond what the reader takes.
    #[error("longer than {0} bytes")]
    Long(usize),
    /// The name means something else there.
    #[error("the name is taken there")]
    Name,
    /// NUL, which ends a variable.
    #[error("a NUL byte")]
    Nul,
}

/// An export is not possible.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Values that the format cannot hold.
    #[error("the format `{format}` cannot hold {}", listed(names))]
    Unfit {
        /// As typed.
        format: &'static str,
        /// Which names, and why.
        names: Vec<(String, Unfit)>,
    },
    /// All together are too much.
    #[error("all values together take {size} bytes, and the format `{format}` holds {most}")]
    Size {
        /// As typed.
        format: &'static str,
        /// Needed.
        size: usize,
        /// At most.
        most: usize,
    },
    /// Not a name of the reader's objects.
    #[error("`{}` cannot name a secret of Kubernetes: lower-case letters, digits, `-` and `.`, at most 253", shown(.0, 80))]
    Title(Box<str>),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
}

impl Error {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Unfit { names, .. } => {
                let is = |unfit| names.iter().any(|(_, why)| *why == unfit);
                // What one shell keeps for itself another one may.
                let other = match (is(Unfit::Nul), is(Unfit::Name)) {
                    (true, _) => "",
                    (false, true) => "; `json` holds every name",
                    (false, false) => "; `json` and `shell` hold every value",
                };
                Some(format!("name those that it holds{other}"))
            }
            Self::Size { .. } => Some("name those that are needed".to_owned()),
            Self::Title(_) => Some("--title NAME names it".to_owned()),
            Self::Random => None,
        }
    }
}

/// The names, each with why it cannot be held.
pub(crate) fn listed(names: &[(String, Unfit)]) -> String {
    let each: Vec<_> = names.iter().map(|(name, why)| format!("`{name}` ({why})")).collect();
    each.join(", ")
}

/// What was written.
pub(crate) struct Exported {
    /// The text for the other program.
    pub(crate) text: Text,
    /// Lines that make its log hide the values, where it has such.
    pub(crate) masks: Option<Text>,
    /// Something to know before the text is used.
    pub(crate) caution: Option<String>,
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Format {
    /// The format of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FORMATS.into_iter().find(|format| format.name == name)
    }

    /// Writes all of `values` in the order given; `title` is what the whole is called.
    #[expect(clippy::disallowed_methods, reason = "the values are what is asked for, in a text that is wiped")]
    pub(crate) fn export(&self, values: &[(&SecretName, &SecretValue)], title: &str) -> Result<Exported, Error> {
        let pairs = values.iter().map(|(name, value)| Pair { name: name.as_str(), value: value.expose_secret() });
        let pairs = pairs.collect();
        let pairs = Pairs { pairs, title };
        let unfit = |pair: &Pair<'_>| if pair.value.contains('\0') { Some(Unfit::Nul) } else { (self.unfit)(pair) };
        let refused = pairs.pairs.iter().filter_map(|pair| Some((pair.name.to_owned(), unfit(pair)?)));
        let names: Vec<_> = refused.collect();
        if !names.is_empty() {
            return Err(Error::Unfit { format: self.name, names });
        }
        let mut text = Text::default();
        (self.write)(&pairs, &mut text)?;
        let masks = self.masks.map(|write| {
            let mut masks = Text::default();
            write(&pairs, &mut masks);
            masks
        });
        Ok(Exported { text, masks, caution: (self.caution)(&pairs) })
    }
}

/// A format that holds everything.
fn holds_all(_: &Pair<'_>) -> Option<Unfit> {
    None
}

/// Nothing to know.
fn no_caution(_: &Pairs<'_>) -> Option<String> {
    None
}

/// Writes each pair by itself.
fn each(pairs: &Pairs<'_>, out: &mut Text, mut write: impl FnMut(&Pair<'_>, &mut Text)) {
    for pair in &pairs.pairs {
        write(pair, out);
    }
}

/// Writes `value`, with `escape` before each character that stands in `special`.
fn escaped(value: &str, special: &[char], escape: char, out: &mut Text) {
    for piece in value.split_inclusive(special) {
        match piece.strip_suffix(special) {
            Some(plain) => {
                out.push_str(plain);
                out.push(escape);
                out.push_str(piece.get(plain.len()..).unwrap_or_default());
            }
            None => out.push_str(piece),
        }
    }
}
