//! What the words of a secrets table name, as messages call it.

use std::fmt;

/// What a word in the table names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noun {
    /// An environment.
    Environment,
    /// A recipient.
    Recipient,
    /// A variable.
    Variable,
    /// A kind.
    Kind,
    /// A format.
    Format,
    /// A source.
    Source,
    /// A package.
    Package,
    /// A rule of the lint.
    Rule,
    /// What is done about a finding.
    Level,
    /// How a command gets its values.
    Way,
    /// Where a variable goes.
    Delivery,
    /// Whether builds are confined.
    Mode,
    /// What builds reach.
    Network,
    /// A path that builds see.
    Path,
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "environment",
            Self::Recipient => "recipient",
            Self::Variable => "variable",
            Self::Kind => "kind",
            Self::Format => "format",
            Self::Source => "source",
            Self::Package => "package",
            Self::Rule => "rule",
            Self::Level => "level",
            Self::Way => "way",
            Self::Delivery => "delivery",
            Self::Mode => "mode",
            Self::Network => "network",
            Self::Path => "path",
        })
    }
}
