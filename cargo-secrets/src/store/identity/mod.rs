//! Identities: the private keys that open our files, where they are looked for, and how they are asked for.
//!
//! **A key is loaded only when the ones before it did not open the file, and a passphrase is asked for only when nothing
//! without one did.** age X25519, SSH ed25519 and rsa, passphrase-protected SSH keys and age identity files, and, after
//! what opens by itself and before passphrases, age plugins.

mod error;
mod key;
mod keyring;
mod new;
mod sources;
mod ssh;

pub(crate) use error::{Error, Warning};
pub(crate) use key::same_key;
pub(crate) use keyring::Keyring;
pub(crate) use new::{create, default_path};
pub(crate) use sources::Settings;
