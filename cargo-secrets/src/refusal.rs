//! What the commands refuse that change who reads what, and where a value stands.

use std::path::PathBuf;

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
    /// A path that is no file for a new environment.
    #[error("`{}` cannot be the file of `{environment}`: {why}", shown(file, 80))]
    EnvFile {
        /// As typed.
        file: String,
        /// The new environment.
        environment: EnvName,
        /// Why not.
        why: FileFault,
    },
    /// What should be written stands elsewhere.
    #[error("`{}` leads out of the project by a symbolic link", path.display())]
    LeadsOut {
        /// The link.
        path: PathBuf,
    },
    /// A name that is there.
    #[error("`{name}` is there already, in {}", file.as_ref().map_or_else(|| "Cargo.toml".to_owned(), |file| format!("`{file}`")))]
    Taken {
        /// The new name.
        name: SecretName,
        /// Which file has it; `None` is Cargo.toml.
        file: Option<String>,
    },
    /// One name twice.
    #[error("`{0}` is the same name twice")]
    SameName(SecretName),
    /// A name that nothing knows.
    #[error("`{name}` is neither declared nor in any file")]
    NoName {
        /// Which.
        name: SecretName,
        /// A similar one that there is.
        nearest: Option<String>,
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

/// Why a path is no file for a new environment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileFault {
    /// Empty, absolute, with `..`, with control characters, or below a file.
    #[error("it is no path inside of the project")]
    Path,
    /// `*`, `?` or `[`.
    #[error("it is a pattern")]
    Pattern,
    /// `.git/x.json`.
    #[error("it is hidden")]
    Hidden,
    /// An ending of no flavour that is written here.
    #[error("it does not end in .json, .yaml or .env")]
    Kind,
    /// A link out of the project, or to nothing.
    #[error("a symbolic link leads out of the project, or to nothing")]
    Link,
    /// Another environment has it.
    #[error("it belongs to `{0}`")]
    Source(EnvName),
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
            Self::EnvFile { why: FileFault::Link, .. } => {
                "put a file or folder of the project's own in the link's place".to_owned()
            }
            Self::EnvFile { environment, .. } => format!("name another one: --file secrets/{environment}.json"),
            Self::LeadsOut { .. } => "put a file of the project's own there; nothing is written elsewhere".to_owned(),
            Self::Taken { name, file: Some(_) } => {
                format!("choose another name, or take that one away: cargo secrets unset {name}")
            }
            Self::Taken { name, file: None } => {
                format!("choose another name, or take `{name}` out of `variables` in Cargo.toml")
            }
            Self::SameName(_) => "cargo secrets rename OLD NEW".to_owned(),
            Self::NoName { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            Self::NoName { nearest: None, .. } => "`cargo secrets list` shows all names".to_owned(),
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
