//! What the commands refuse that change who reads what, and where a value stands.

use crate::secret::{EnvName, SecretName, quoted, shown};

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
    /// Taken out, the rest would be an error.
    #[error("`{environment}` cannot be removed: {why}")]
    InUse {
        /// The environment.
        environment: EnvName,
        /// What depends on it.
        why: InUse,
    },
    /// A recipient that Cargo.toml does not name.
    #[error("`{}` is no recipient in Cargo.toml", shown(name, 40))]
    NoRecipient {
        /// As typed.
        name: String,
    },
    /// Those who read an ancestor's values have to read the heir's.
    #[error("`{environment}` would inherit the values of `{ancestor}`, whose recipients have to be recipients of it too: {}", missing.join(", "))]
    HeirNeeds {
        /// The new environment.
        environment: EnvName,
        /// What it inherits from.
        ancestor: EnvName,
        /// Whom it lacks.
        missing: Vec<String>,
    },
    /// A name that is there, or twice the same.
    #[error("`{name}` is there already, in {place}")]
    Taken {
        /// The new name.
        name: SecretName,
        /// A file, or Cargo.toml.
        place: String,
    },
    /// Values that would be overwritten.
    #[error("`{to}` has values already: {}", names.join(", "))]
    Overwrites {
        /// The environment that is copied to.
        to: EnvName,
        /// Which.
        names: Vec<String>,
    },
    /// One environment twice.
    #[error("`{0}` is the same environment twice")]
    SameEnvironment(EnvName),
    /// Nothing to copy.
    #[error("`{0}` has no value of its own")]
    Empty(EnvName),
    /// The answer was no.
    #[error("the answer was not `y`, so nothing was done")]
    Declined,
    /// No terminal.
    #[error("there is no terminal to ask at")]
    NobodyToAsk,
}

/// What depends on an environment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InUse {
    /// `default-environment`.
    #[error("it is the default environment")]
    Default,
    /// `inherits`.
    #[error("`{0}` inherits from it")]
    Inherited(EnvName),
    /// `required`.
    #[error("`{0}` is required in it")]
    Required(SecretName),
}

impl Refusal {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match self {
            Self::RecipientTaken { .. } => "choose another name; `cargo secrets recipients list` shows all".to_owned(),
            Self::RecipientKnown { known } => format!("cargo secrets recipients add {} PUBLIC_KEY", quoted(known)),
            Self::HeirFirst { heir, recipient, .. } => {
                format!("cargo secrets recipients add {} PUBLIC_KEY -e {heir}", quoted(recipient))
            }
            Self::InUse { why: InUse::Default, .. } => "name another one in `default-environment` first".to_owned(),
            Self::InUse { why: InUse::Inherited(heir), .. } => {
                format!("change `environments.{heir}.inherits` first")
            }
            Self::InUse { why: InUse::Required(name), .. } => {
                format!("take it out of `variables.{name}.required` first")
            }
            Self::NoRecipient { .. } => "`cargo secrets recipients list` shows all".to_owned(),
            Self::HeirNeeds { missing, .. } => {
                let options: Vec<_> = missing.iter().map(|name| format!("--recipient {}", quoted(name))).collect();
                format!("add {}", options.join(" "))
            }
            Self::Overwrites { .. } => "--overwrite replaces them; or name those to be copied".to_owned(),
            Self::Taken { name, .. } => {
                format!("choose another name, or take that one away: cargo secrets unset {name}")
            }
            Self::NobodyToAsk => "--yes does it without asking".to_owned(),
            Self::RecipientName => {
                "a name is a word or an address: cargo secrets recipients add alice PUBLIC_KEY".to_owned()
            }
            Self::SameEnvironment(_) => "name two; `cargo secrets env list` shows all".to_owned(),
            Self::Empty(environment) => format!("cargo secrets set NAME -e {environment}"),
            Self::Declined => return None,
        })
    }
}
