//! The keys and credentials of the one who runs us, which no domain shows.
//!
//! **Only the user's own settings open one of them** (`sandbox.unhide`), never a Cargo.toml, which may be a stranger's.

use std::path::{Path, PathBuf};

use super::domain::resolved;
use crate::fsx::below;

/// Below the home folder.
const IN_HOME: [&str; 41] = [
    // keys
    ".ssh",
    ".gnupg",
    ".password-store",
    ".local/share/keyrings",
    ".local/share/kwalletd",
    ".pki",
    // clouds and clusters
    ".aws",
    ".azure",
    ".oci",
    ".kube",
    ".docker/config.json",
    ".docker/contexts",
    ".terraform.d",
    ".terraformrc",
    ".vault-token",
    ".fly",
    ".boto",
    ".s3cfg",
    ".databrickscfg",
    ".snowsql",
    // registries and forges
    ".netrc",
    ".git-credentials",
    ".npmrc",
    ".pypirc",
    ".gem/credentials",
    ".m2/settings.xml",
    ".gradle/gradle.properties",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    // databases, and what was typed
    ".pgpass",
    ".my.cnf",
    ".bash_history",
    ".zsh_history",
    ".psql_history",
    ".mysql_history",
    ".python_history",
    // browsers and wallets
    ".mozilla",
    ".thunderbird",
    ".bitcoin",
    ".ethereum",
    ".foundry/keystores",
];

/// Below the folder of settings, `~/.config` as a rule.
const IN_CONFIG: [&str; 18] = [
    "cargo-secrets",
    "sops",
    "age",
    "gcloud",
    "gh",
    "hub",
    "glab-cli",
    "git/credentials",
    "containers/auth.json",
    "helm/registry",
    "doctl",
    "hcloud",
    "rclone",
    "op",
    "solana",
    "google-chrome",
    "chromium",
    "BraveSoftware",
];

/// Whose keys are hidden, and where they stand. Nothing of it is read from our environment here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Owner<'p> {
    /// The home folder.
    pub(crate) home: Option<&'p Path>,
    /// The folder of settings: `$XDG_CONFIG_HOME`, or `~/.config`.
    pub(crate) config: Option<&'p Path>,
    /// Cargo's own folder.
    pub(crate) cargo_home: Option<&'p Path>,
    /// `$XDG_RUNTIME_DIR`: sockets of agents and of the session.
    pub(crate) runtime: Option<&'p Path>,
    /// Every identity file that is looked at, wherever it stands.
    pub(crate) identities: &'p [PathBuf],
    /// The user's own `sandbox.unhide`; `~/` is home.
    pub(crate) unhide: &'p [PathBuf],
}

impl Owner<'_> {
    /// `path` with `~/` as the home folder.
    pub(super) fn at_home(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), self.home) {
            (Ok(below), Some(home)) => home.join(below),
            _ => path.to_owned(),
        }
    }
}

/// What is hidden, without symbolic links; links to it included.
#[derive(Debug)]
pub(super) struct Hidden {
    paths: Vec<PathBuf>,
    opened: Vec<PathBuf>,
    home: Option<PathBuf>,
}

impl Hidden {
    /// What `owner` keeps.
    pub(super) fn of(owner: &Owner<'_>) -> Self {
        let opened = owner.unhide.iter().map(|path| resolved(&owner.at_home(path))).collect();
        let mut hidden = Self { paths: Vec::new(), opened, home: owner.home.map(resolved) };
        let mut add = |folder: Option<&Path>, names: &[&str]| {
            let Some(folder) = folder.map(resolved) else { return };
            for name in names {
                hidden.add_below(&folder, name);
            }
        };
        add(owner.home, &IN_HOME);
        add(owner.config, &IN_CONFIG);
        add(owner.cargo_home, &["credentials", "credentials.toml"]);
        hidden.add(owner.runtime.map(Path::to_owned));
        hidden.add(owner.identities.iter().cloned());
        hidden
    }

    /// Hides these too, and the links that lead to them.
    pub(super) fn add(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        for path in paths {
            if let Some((folder, name)) = path.parent().zip(path.file_name()) {
                self.add_below(&resolved(folder), name);
            }
        }
    }

    /// Hides `name` of a folder without links. Nearly all of them are not there, so that is found out first.
    fn add_below(&mut self, folder: &Path, name: impl AsRef<Path>) {
        let path = folder.join(&name);
        let links = match path.symlink_metadata() {
            Ok(found) => found.is_symlink() || name.as_ref().components().nth(1).is_some(),
            Err(_) => false,
        };
        let real = links.then(|| resolved(&path)).filter(|real| *real != path);
        for path in std::iter::once(path).chain(real) {
            if !self.is_opened(&path) {
                self.paths.push(path);
            }
        }
    }

    fn is_opened(&self, path: &Path) -> bool {
        self.opened.iter().any(|opened| below(path, opened).is_some())
    }

    /// The paths that get no rule.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().map(PathBuf::as_path)
    }

    /// What the user opened and what therefore gets a rule of its own.
    pub(super) fn opened(&self) -> &[PathBuf] {
        &self.opened
    }

    /// The hidden path that `path` is, or lies below.
    pub(super) fn holding(&self, path: &Path) -> Option<&Path> {
        if self.is_opened(path) { None } else { self.paths().find(|hidden| below(path, hidden).is_some()) }
    }

    /// What is hidden and is there, for messages.
    pub(super) fn shown(&self) -> Vec<String> {
        self.topmost().into_iter().map(|path| self.short(path)).collect()
    }

    /// The first of these that holds none of `identities`.
    pub(super) fn harmless(&self, identities: &[PathBuf]) -> Option<String> {
        let holds_none = |path: &&Path| !identities.iter().any(|identity| identity.starts_with(path));
        self.topmost().into_iter().find(holds_none).map(|path| self.short(path))
    }

    fn topmost(&self) -> Vec<&Path> {
        let mut shown: Vec<&Path> = Vec::new();
        for path in self.paths().filter(|path| path.symlink_metadata().is_ok()) {
            if !shown.iter().any(|above| path.starts_with(above)) {
                shown.retain(|below| !below.starts_with(path));
                shown.push(path);
            }
        }
        shown
    }

    /// `path` with the home folder as `~`.
    pub(super) fn short(&self, path: &Path) -> String {
        match self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(below) if below.as_os_str().is_empty() => "~".to_owned(),
            Some(below) => Path::new("~").join(below).display().to_string(),
            None => path.display().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        for name in [".ssh", ".aws", ".config/cargo-secrets", "keys"] {
            std::fs::create_dir_all(home.path().join(name)).unwrap();
        }
        home
    }

    #[test]
    fn keys_are_hidden_whether_they_are_there_or_not() {
        let home = home();
        let config = home.path().join(".config");
        let owner = Owner { home: Some(home.path()), config: Some(&config), ..Owner::default() };
        let hidden = Hidden::of(&owner);
        assert_eq!(hidden.shown(), ["~/.ssh", "~/.aws", "~/.config/cargo-secrets"]);
        let home = resolved(home.path());
        assert!(hidden.holding(&home.join(".kube/config")).is_some());
        assert!(hidden.holding(&home.join(".ssh2")).is_none() && hidden.holding(&home).is_none());
    }

    #[test]
    fn only_the_user_opens_them_as_a_whole_or_in_part() {
        let home = home();
        let unhide = [PathBuf::from("~/.aws"), PathBuf::from("~/.ssh/known_hosts")];
        let hidden = Hidden::of(&Owner { home: Some(home.path()), unhide: &unhide, ..Owner::default() });
        let at = |name| resolved(home.path()).join(name);
        assert!(hidden.holding(&at(".aws/config")).is_none() && hidden.holding(&at(".ssh/known_hosts")).is_none());
        assert!(hidden.holding(&at(".ssh/id_rsa")).is_some());
    }

    #[test]
    fn a_link_is_hidden_with_what_it_points_to() {
        let home = home();
        std::fs::remove_dir(home.path().join(".aws")).unwrap();
        std::os::unix::fs::symlink(home.path().join("keys"), home.path().join(".aws")).unwrap();
        let hidden = Hidden::of(&Owner { home: Some(home.path()), ..Owner::default() });
        let at = |name| resolved(home.path()).join(name);
        assert!(hidden.holding(&at("keys/id")).is_some() && hidden.holding(&at(".aws")).is_some());
    }
}
