//! Keys and secrets told apart.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a leak of the value would mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Grants access by itself: never printed unasked, never built in.
    #[default]
    Secret,
    /// An identifier such as a publishable key: lower risk, still kept out of the source.
    Key,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "secret",
            Self::Key => "key",
        })
    }
}
