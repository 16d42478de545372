//! What keeps an edit from being taken over: where, and what to do.

use crate::error::Error;
use crate::process::editor::{EditError, FindError, Mistake};
use crate::secret::SecretName;
use crate::store;

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// No editor.
    #[error(transparent)]
    Find(#[from] FindError),
    /// The editor, or its file.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// It would draw the values on what is no terminal.
    #[error("`{editor}` shows the values on a terminal, and stdin or stdout is none")]
    NoTerminal {
        /// Its command line.
        editor: String,
    },
    /// It ended with a failure.
    #[error("the editor failed, so nothing was changed")]
    Editor,
    /// The text cannot be read.
    #[error("the text cannot be read, so nothing was changed")]
    Mistake(#[from] Mistake),
    /// A value or a name is not taken.
    #[error("line {line}: {source}")]
    Refused {
        /// Counted from 1.
        line: usize,
        /// Why not.
        source: Box<Error>,
    },
    /// A text was saved that stands for no value.
    #[error("the text is empty, so nothing was changed")]
    Empty(SecretName),
    /// Something that somebody else encrypted was pasted.
    #[error("the value of `{0}` is SOPS ciphertext, no value")]
    Ciphertext(SecretName),
    /// Nobody can be asked whether to remove values.
    #[error("these values would be removed, and there is no terminal to ask at: {}", join(.0))]
    Unasked(Vec<SecretName>),
    /// The files.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The rest.
    #[error(transparent)]
    Other(Box<Error>),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => Self::Store(error),
            error => Self::Other(Box::new(error)),
        }
    }
}

impl Trouble {
    /// The line to look at.
    pub(super) fn line(&self) -> Option<usize> {
        match self {
            Self::Mistake(mistake) => Some(mistake.line),
            Self::Refused { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Refused { source, .. } | Self::Other(source) => source.exit_code(),
            Self::Store(error) => crate::error::store_code(error),
            _ => crate::error::USAGE,
        }
    }

    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match self {
            Self::Find(_) | Self::Edit(EditError::Exec(_)) => "EDITOR=nano cargo secrets edit".to_owned(),
            Self::NoTerminal { .. } => "EDITOR='code --wait' cargo secrets edit".to_owned(),
            Self::Mistake(_) => "each line is NAME = \"value\", or NAME = '''…''' for several lines".to_owned(),
            Self::Refused { source, .. } | Self::Other(source) => return source.help(),
            Self::Empty(name) => format!("cargo secrets unset {name}"),
            Self::Unasked(_) => "cargo secrets edit --yes".to_owned(),
            Self::Store(error) => return error.help(),
            Self::Edit(EditError::Gone(_)) => "save it under its own name: cargo secrets edit".to_owned(),
            Self::Editor => "save and leave it as usual: `:cq` in vim, say, ends with a failure".to_owned(),
            Self::Ciphertext(name) => format!("somebody who can read it shows the value: cargo secrets get {name}"),
            Self::Edit(EditError::File(_) | EditError::Wait(_)) => return None,
        })
    }
}

fn join(names: &[SecretName]) -> String {
    names.iter().map(SecretName::as_str).collect::<Vec<_>>().join(", ")
}
