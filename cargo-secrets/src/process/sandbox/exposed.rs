//! Tokens in files that a build has to read, and that therefore cannot be hidden.

use std::path::{Path, PathBuf};

use super::policy::Policy;

/// Larger ones are no settings.
const LARGEST: u64 = 1 << 20;

/// Whether the file holds a credential, going by its name.
fn holds_token(file: &Path) -> bool {
    let Ok(metadata) = file.metadata() else { return false };
    let Some(text) = (metadata.len() <= LARGEST).then(|| std::fs::read_to_string(file).ok()).flatten() else {
        return false;
    };
    text.lines().any(|line| {
        let key = line.split('=').next().unwrap_or_default().to_ascii_lowercase();
        let key = key.trim().rsplit('.').next().unwrap_or_default();
        let with_password = line.split_once("://").is_some_and(|(_, rest)| {
            let host = rest.split('/').next().unwrap_or_default();
            host.split_once('@').is_some_and(|(user, _)| user.contains(':'))
        });
        line.contains('=') && ["token", "extraheader"].contains(&key) || with_password
    })
}

impl Policy {
    /// Files with a token that builds read all the same, with the home folder as `~`: cargo's settings, where cargo looks
    /// for a registry's token too, and git's, where a CI system may have left one.
    pub(crate) fn exposed(&self) -> Vec<String> {
        let readable: Vec<&PathBuf> = self.settings.iter().filter(|file| holds_token(file)).collect();
        readable.into_iter().map(|file| self.hidden.short(file)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_told_by_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let holds = |text: &str| {
            let file = folder.path().join("config");
            crate::fsx::replace(&file, text.as_bytes()).unwrap();
            holds_token(&file)
        };
        for text in [
            "[registry]\ntoken = \"x\"",
            "registries.a.token = \"x\"",
            "[http \"https://github.com/\"]\n\textraheader = AUTHORIZATION: basic x",
            "[remote \"origin\"]\n\turl = https://user:x@example.com/a.git",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in
            ["[build]\ntarget-dir = \"t\"", "url = https://example.com/a@b:c", "url = git@example.com:a.git", "token"]
        {
            assert!(!holds(text), "{text}");
        }
    }
}
