//! The user's own settings, `cargo-secrets/config.toml` in the config folder: what holds for every project.
//!
//! **What a project must not decide stands here**: which hidden paths are shown to code that compiles and to programs. So a
//! file, or a folder around it, that others can write is refused.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

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
        let read = |source| Error::Read { path: path.clone(), source };
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Self::default());
            }
            Err(source) => return Err(read(source)),
        };
        // Of what was opened, not of what has the name by now.
        let metadata = file.metadata().map_err(read)?;
        let folder = path.parent().unwrap_or(&path);
        let above = std::fs::metadata(folder).map_err(read)?;
        if let Some((path, _)) = [(path.as_path(), metadata), (folder, above)]
            .into_iter()
            .find(|(_, metadata)| is_writable_by_others(metadata))
        {
            return Err(Error::Strangers(path.to_owned()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(read)?;
        let raw: RawUser = toml::from_str(&text).map_err(|_| Box::new(diagnose::diagnose_user(&path, &text)))?;
        let unhide: Vec<PathBuf> = raw.sandbox.unhide.into_iter().map(PathBuf::from).collect();
        match unhide.iter().find(|entry| !is_fixed(entry)) {
            Some(entry) => Err(Error::Unhide { path, entry: entry.clone() }),
            None => Ok(Self { unhide }),
        }
    }

    /// Where it is read from, for messages.
    pub(crate) fn path(config: Option<&Path>) -> PathBuf {
        config.unwrap_or(Path::new("~/.config")).join(FILE)
    }
}

/// Whether an entry means the same path wherever one stands: a relative one would be a link of the project's, if it likes.
fn is_fixed(entry: &Path) -> bool {
    let mut parts = entry.components();
    let from_home = entry.starts_with("~") && parts.clone().count() > 1;
    let from_root = entry.is_absolute() && parts.clone().count() > 1;
    (from_home || from_root) && parts.all(|part| part != Component::ParentDir)
}

/// Whether somebody else than us and root can write it.
fn is_writable_by_others(metadata: &Metadata) -> bool {
    let us = rustix::process::geteuid().as_raw();
    metadata.mode() & 0o022 != 0 || (metadata.uid() != us && metadata.uid() != 0)
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

    #[test]
    fn what_is_shown_is_named_from_the_root_or_from_home() {
        for entry in ["~/.aws", "/etc/keys", "~/a/b"] {
            assert!(is_fixed(Path::new(entry)), "{entry}");
        }
        for entry in ["", ".aws", "../x", "~", "~user/x", "/", "~/../x", "/home/../root"] {
            assert!(!is_fixed(Path::new(entry)), "{entry}");
        }
        let (_, refused) = settings("sandbox.unhide = ['.aws']\n");
        assert!(matches!(refused, Err(Error::Unhide { .. })));
    }
}
