//! Where secrets are kept: encrypted files, the identities that open them, the recipients they are for.
//!
//! **Every change of a secret file goes through [`write::change_all`]**: lock, read, change, check, replace. Import only
//! what stands below this layer.

pub(crate) mod body;
pub(crate) mod error;
mod file;
pub(crate) mod identity;
pub(crate) mod plugin;
pub(crate) mod recipient;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod sops;
mod write;

pub(crate) use error::Error;
pub(crate) use file::SecretFile;
pub(crate) use identity::Keyring;
pub(crate) use write::{Edited, Outcome, admit, change, change_all, create, merge, try_recipient};
