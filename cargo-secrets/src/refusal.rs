//! What the commands refuse that change who reads what, and where a value stands.

use crate::secret::{EnvName, shown};

/// A change that would not be what was meant.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// An empty name, or one with control characters.
    #[error("that is no name for a recipient")]
    RecipientName,
    /// Somebody else has the name.
    #[error("`{}` is another key in Cargo.toml", shown(name, 40))]
    RecipientTaken {
        /// The name.
        name: String,
    },
    /// The key has a name.
    #[error("that key is `{}` in Cargo.toml", shown(known, 40))]
    RecipientKnown {
        /// Under which name.
        known: String,
    },
    /// Values would be inherited from strangers.
    #[error(
        "`{heir}` inherits the values of `{environment}`, so who may write these has to be a recipient of `{heir}` too"
    )]
    HeirFirst {
        /// The environment that inherits.
        heir: EnvName,
        /// The one that was asked for.
        environment: EnvName,
        /// Who.
        recipient: String,
    },
    /// The answer was no.
    #[error("nothing was changed")]
    NotConfirmed,
    /// No terminal.
    #[error("there is no terminal to ask at")]
    NobodyToAsk,
}

impl Refusal {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match self {
            Self::RecipientTaken { .. } => "choose another name; `cargo secrets recipients list` shows all".to_owned(),
            Self::RecipientKnown { known } => format!("cargo secrets recipients add '{known}' PUBLIC_KEY"),
            Self::HeirFirst { heir, recipient, .. } => {
                format!("cargo secrets recipients add '{recipient}' PUBLIC_KEY -e {heir}")
            }
            Self::NobodyToAsk => "--yes does it without asking".to_owned(),
            Self::RecipientName | Self::NotConfirmed => return None,
        })
    }
}
