//! Making an identity: an age X25519 key in the layout of `age-keygen`, readable by its owner alone.

use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::error::Error;
use super::sources::Settings;
use crate::fsx;

/// Where our own identity stands.
pub(crate) fn default_path(settings: &Settings) -> Result<PathBuf, Error> {
    settings.config.as_ref().map(|config| config.join("cargo-secrets/identity.txt")).ok_or(Error::NoHome)
}

/// Writes a new identity to `path` and returns its recipient; an existing file is never touched.
#[expect(clippy::disallowed_methods, reason = "the private key goes into the identity file and nowhere else")]
pub(crate) fn create(path: &Path) -> Result<String, Error> {
    if path.exists() {
        return Err(Error::Exists { path: path.to_owned() });
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fsx::create_private_dir(folder)?;
    }
    let identity = age::x25519::Identity::generate();
    let public = identity.to_public().to_string();
    let created = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
    let private = identity.to_string();
    let content =
        Zeroizing::new(format!("# created: {created}\n# public key: {public}\n{}\n", private.expose_secret()));
    fsx::create_private(path, content.as_bytes())?;
    Ok(public)
}
