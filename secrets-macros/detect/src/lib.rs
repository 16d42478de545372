//! Recognises API keys and tokens by their published formats.
//!
//! The one engine of `cargo-secrets` and `secrets-macros`: both ask [`classify`], so a value that the macro calls a
//! GitHub token is one for the command too.
//!
//! **Nothing here shows a value.** A [`Match`] holds texts of the table only, so it can be logged and displayed.
//! **No dependency, no unsafe code, no allocation**: the proc-macro crate pays for every line of this one.
//!
//! A new provider is one row in `formats/`.

#![forbid(unsafe_code)]

mod allow;
mod alphabet;
mod base64;
mod bytes;
mod checksum;
mod chunk;
mod context;
mod encoded;
#[cfg(any(test, feature = "examples"))]
mod examples;
mod finding;
mod formats;
mod gate;
#[doc(hidden)]
pub mod internals;
mod judge;
mod lexer;
mod line;
mod literal;
mod name;
mod pair;
mod phrase;
mod pieces;
mod report;
mod rust;
mod sha256;
mod shape;
mod structure;
mod text;
mod url;
mod value;

use std::fmt;

#[cfg(any(test, feature = "examples"))]
pub use examples::{Example, examples};
pub use finding::{
    Basis, Confidence, ENV_BAKES_SECRET, Finding, Findings, Fingerprint, INCLUDES_PRIVATE_KEY, INCLUDES_SECRET_FILE,
    Level, Place, Position, Reference, ReferenceBy,
};
pub use rust::scan_rust;
pub use text::{Syntax, scan_text};

/// What a leak of the value would mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Grants access by itself.
    Secret,
    /// An identifier, such as a publishable key or an access key's id: lower risk.
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

/// What a value was recognised as: texts of the table, never a part of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// The rule's stable name in kebab case, such as `stripe-secret-key`.
    pub rule: &'static str,
    /// Who issues such tokens, such as `Stripe`.
    pub provider: &'static str,
    /// Whether the value grants access or only names something.
    pub kind: Kind,
    /// The fixed text that every token of the format starts with, such as `sk_live_`: all of a value that may be shown.
    pub prefix: &'static str,
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.provider, self.kind, self.rule)
    }
}

/// Recognises `value` if the whole of it is one token.
///
/// Nothing is trimmed and nothing is searched for: `"ghp_…\n"` and `"token ghp_…"` are not tokens (only a PEM key may
/// end in a line end, which belongs to it). A right prefix with a wrong length, a foreign character or, where the format
/// has one, a wrong checksum is not a token either.
///
/// ```
/// let value = ["AKIA", "EXAMPLE7", "EXAMPLE7"].concat();
/// let found = secrets_detect::classify(&value).expect("this is the form of an access key's id");
/// assert_eq!((found.provider, found.kind), ("Amazon Web Services", secrets_detect::Kind::Key));
/// assert_eq!(secrets_detect::classify("AKIA"), None);
/// ```
#[must_use]
pub fn classify(value: &str) -> Option<Match> {
    let format = formats::whole(value)?;
    Some(Match { rule: format.rule, provider: format.provider, kind: format.kind, prefix: format.prefix })
}

/// A rule of the engine, as a list of rules shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name.
    pub id: &'static str,
    /// Who issues such tokens; empty where the rule knows no provider.
    pub provider: &'static str,
    /// What a leak would mean.
    pub kind: Kind,
    /// How it recognises.
    pub basis: Basis,
}

/// Every rule there is, each id once.
pub fn rules() -> impl Iterator<Item = Rule> {
    let formats = formats::all().map(|(id, provider, kind, _)| Rule { id, provider, kind, basis: Basis::Format });
    let generic = judge::GENERIC.iter().chain(&report::MISTAKES);
    formats.chain(generic.map(|verdict| Rule {
        id: verdict.rule,
        provider: verdict.provider,
        kind: verdict.kind,
        basis: verdict.basis,
    }))
}
