//! A secret file: of SOPS in any flavour that is read here, or an age file around a `.env` text.

use super::{Entry, Error, Format, Found, Source};
use crate::store::{Keyring, SecretFile};

pub(super) const FORMAT: Format = Format {
    name: "sops",
    about: "A SOPS file, or an age file around a .env text, that one of your identities opens",
    encrypted: true,
    looks,
    read,
};

/// Metadata of SOPS in the way of each flavour.
fn looks(source: &Source<'_>) -> bool {
    let text = source.text;
    let is_sops = match source.extension().as_str() {
        "json" => text.contains("\"sops\"") && text.contains("\"mac\""),
        "yaml" | "yml" => text.starts_with("sops:") || text.contains("\nsops:"),
        "ini" => text.starts_with("[sops]") || text.contains("\n[sops]"),
        "age" => true,
        _ => text.starts_with("sops_mac=") || text.contains("\nsops_mac="),
    };
    is_sops && source.path.is_some()
}

fn read(source: &Source<'_>, keyring: &mut Keyring) -> Result<Found, Error> {
    let path = source.path.ok_or(Error::NeedsPath)?;
    let entries = SecretFile::read(path)?.entries(keyring, source.flatten)?;
    let entry = |(name, value): (crate::secret::SecretName, _)| Entry { name: name.to_string(), value, line: 0 };
    Ok(Found { entries: entries.into_iter().map(entry).collect(), ..Found::default() })
}
