//! What the build domain says of a path, for messages: is it refused, why, and what opens it.

use std::fmt;
use std::path::Path;

use super::domain::{Grant, resolved};
use super::policy::Policy;

/// What is done with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    /// Opened for reading, listed, executed.
    Read,
    /// Written; made, as a file.
    Write,
    /// Made, as a folder.
    Folder,
    /// Removed, renamed, linked: what its folder holds is changed.
    Entry,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not refused by the domain.
    Allowed,
    /// Refused.
    Refused(Why),
}

/// Why, with the path as an entry of the table that opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// A key or credential: for the user's own `sandbox.unhide`.
    Hidden(String),
    /// Where an identity is: nothing is said of opening it.
    Identity(String),
    /// Not on the list: for `sandbox.read`.
    Unlisted(String),
    /// Never read by a build: nothing opens it.
    Closed(String),
    /// Only read: for `sandbox.write`.
    ReadOnly(String),
    /// Never written by a build: nothing opens it.
    Guarded(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hidden(path) => write!(f, "`{path}` is hidden from builds"),
            Self::Identity(path) => write!(f, "`{path}` holds an identity, which decrypts your secrets"),
            Self::Unlisted(path) => write!(f, "`{path}` is not among what builds may read"),
            Self::Closed(path) => write!(f, "`{path}` is never read by builds"),
            Self::ReadOnly(path) => write!(f, "`{path}` is not among what builds may write"),
            Self::Guarded(path) => write!(f, "`{path}` is never written by builds"),
        }
    }
}

impl Policy {
    /// Whether `path`, which must be absolute, is refused.
    pub(crate) fn verdict(&self, path: &Path, access: Access) -> Verdict {
        let path = resolved(path);
        let wanted = if access == Access::Read { Grant::Read } else { Grant::Write };
        let place = if access == Access::Entry { folder(&path) } else { &path };
        if self.hidden.holding(&path).is_none()
            && self.rules.iter().any(|rule| rule.grant >= wanted && place.starts_with(&rule.path))
        {
            return Verdict::Allowed;
        }
        Verdict::Refused(self.why(&path, access))
    }

    fn why(&self, path: &Path, access: Access) -> Why {
        if let Some(hidden) = self.hidden.holding(path) {
            if self.own.iter().any(|own| own == hidden) && access == Access::Read {
                return Why::Unlisted(self.entry_for(hidden));
            }
            let short = self.hidden.short(hidden);
            let holds_identity = self.identities.iter().any(|identity| identity.starts_with(hidden));
            return if holds_identity { Why::Identity(short) } else { Why::Hidden(short) };
        }
        if access == Access::Read {
            let entry = self.entry_for(path);
            return if self.shows_devices(path) { Why::Closed(entry) } else { Why::Unlisted(entry) };
        }
        if let Some(guarded) = self.guarded.iter().find(|guarded| path.starts_with(guarded)) {
            return Why::Guarded(self.entry_for(guarded));
        }
        // A folder that is declared is made; else what is not there is made in a folder, which has to be writable.
        let is_itself = match access {
            Access::Folder => path.extension().is_none(),
            Access::Entry => false,
            Access::Read | Access::Write => path.exists(),
        };
        let there = if is_itself { path } else { folder(path) };
        Why::ReadOnly(self.entry_for(there))
    }

    /// `path` as an entry of `sandbox.read` or `sandbox.write`.
    fn entry_for(&self, path: &Path) -> String {
        match path.strip_prefix(&self.root) {
            Ok(below) if below.as_os_str().is_empty() => ".".to_owned(),
            Ok(below) => below.display().to_string(),
            Err(_) => self.hidden.short(path),
        }
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
