//! The user's own settings, `cargo-secrets/config.toml` in the config folder: what holds for every project.
//!
//! **What a project must not decide stands here**: which hidden paths are shown to code that compiles and to programs. So a
//! file, or a folder around it, that others can write is refused.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::manifest::diagnose;
use crate::manifest::error::Error;
use crate::manifest::schema::RawUser;

/// Where it is in the config folder.
const FILE: &str = "cargo-secrets/config.toml";

/// What the user has set.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct UserSettings {
    /// Hidden paths that are shown all the same; `~/` is the home folder.
    pub(crate) unhide: Vec<PathBuf>,
}

impl UserSettings {
    /// Reads it from the config folder; without a file nothing is set.
    pub(crate) fn load(config: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = config.map(|config| config.join(FILE)) else { return Ok(Self::default()) };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Self::default());
            }
            Err(source) => return Err(Error::Read { path, source }),
        };
        let folder = path.parent().unwrap_or(&path);
        if let Some(path) = [&path, folder].into_iter().find(|path| is_writable_by_others(path)) {
            return Err(Error::Strangers(path.to_owned()));
        }
        let raw: RawUser = toml::from_str(&text).map_err(|_| Box::new(diagnose::diagnose_user(&path, &text)))?;
        Ok(Self { unhide: raw.sandbox.unhide.into_iter().map(PathBuf::from).collect() })
    }

    /// Where it is read from, for messages.
    pub(crate) fn path(config: Option<&Path>) -> PathBuf {
        config.unwrap_or(Path::new("~/.config")).join(FILE)
    }
}

/// Whether somebody else than us and root can write it.
fn is_writable_by_others(path: &Path) -> bool {
    let us = rustix::process::geteuid().as_raw();
    std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.mode() & 0o022 != 0 || (metadata.uid() != us && metadata.uid() != 0))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::manifest::testing::Project;

    fn chmod(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn settings(text: &str) -> (Project, Result<UserSettings, Error>) {
        let project = Project::new();
        project.write(FILE, text);
        chmod(&project.path("cargo-secrets"), 0o700);
        chmod(&project.path(FILE), 0o600);
        let loaded = UserSettings::load(Some(&project.path(".")));
        (project, loaded)
    }

    #[test]
    fn nothing_is_set_without_a_file() {
        assert_eq!(UserSettings::load(None).unwrap(), UserSettings::default());
        assert_eq!(UserSettings::load(Some(Project::new().path(".").as_path())).unwrap(), UserSettings::default());
        assert_eq!(settings("").1.unwrap(), UserSettings::default());
    }

    #[test]
    fn what_is_unhidden_is_read() {
        let (_project, settings) = settings("sandbox.unhide = [\"~/.aws\"]\n");
        assert_eq!(settings.unwrap().unhide, [PathBuf::from("~/.aws")]);
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        for (text, message, place) in [
            ("[sandbox]\nunhid = []\n", "unknown key `unhid`", "config.toml:2:1"),
            ("sandbox = 'off'\n", "`sandbox` must be a table", "config.toml:1:1"),
            ("sandbox.unhide = '~/.aws'\n", "`unhide` must be a list of strings", "config.toml:1:9"),
            ("sandbox = \n", "invalid TOML", "config.toml:1:"),
        ] {
            let error = settings(text).1.unwrap_err().to_string();
            assert!(error.contains(message) && error.contains(place), "{error}");
        }
    }

    #[test]
    fn a_file_that_others_can_write_is_refused() {
        let (project, _) = settings("");
        for (path, mode) in [(FILE, 0o620), ("cargo-secrets", 0o777)] {
            let before = std::fs::metadata(project.path(path)).unwrap().mode();
            chmod(&project.path(path), mode);
            let error = UserSettings::load(Some(&project.path("."))).unwrap_err();
            assert!(matches!(&error, Error::Strangers(named) if *named == project.path(path)), "{error}");
            assert!(error.help().unwrap().starts_with("chmod go-w "));
            chmod(&project.path(path), before);
        }
    }
}
