//! The domains of one run: the build's, the supervisor's around it, and the programs'.

use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::enter::Domains;
use super::sandbox::{self, Owner, Places, Policy, ProgramDomain, SandboxError, Support};
use super::surroundings::Surroundings;
use crate::manifest::Sandbox;

/// What a build domain is made for.
pub(crate) struct Site<'s> {
    /// The user's folders.
    pub(crate) surroundings: &'s Surroundings,
    /// The workspace's folder.
    pub(crate) root: &'s Path,
    /// Where cargo builds.
    pub(crate) targets: &'s [PathBuf],
    /// Path dependencies outside the workspace.
    pub(crate) outside: &'s [PathBuf],
    /// Cargo.toml's table.
    pub(crate) table: &'s Sandbox,
    /// The user's own exceptions.
    pub(crate) unhide: &'s [PathBuf],
    /// Whether the command changes sources.
    pub(crate) writes_workspace: bool,
}

/// A build domain, ready to be entered.
pub(crate) struct Confined {
    /// What is entered.
    pub(crate) domains: Domains,
    /// Its rules, to tell what they refuse.
    pub(crate) policy: Policy,
    temporary: TempDir,
}

impl Confined {
    /// The one folder for temporary files; it goes with this.
    pub(crate) fn temporary(&self) -> &Path {
        self.temporary.path()
    }

    /// What is entered, and what has to be kept meanwhile.
    pub(crate) fn split(self) -> (Domains, (Policy, TempDir)) {
        (self.domains, (self.policy, self.temporary))
    }
}

impl Site<'_> {
    /// Makes the build domain.
    pub(crate) fn confine(&self, support: Support) -> Result<Confined, SandboxError> {
        let temporary = temporary()?;
        let program = std::env::current_exe().unwrap_or_default();
        let proxies = proxies(variables());
        let places = Places {
            root: self.root,
            repository: self.root.ancestors().skip(1).find(|folder| folder.join(".git").exists()),
            targets: self.targets,
            outside: self.outside,
            tmp: temporary.path(),
            owner: owner(self.surroundings, self.unhide),
            rustup_home: self.surroundings.rustup_home.as_deref(),
            path: &self.surroundings.path,
            program: &program,
            proxies: &proxies,
            table: self.table,
            writes_workspace: self.writes_workspace,
        };
        let policy = Policy::build(&places)?;
        let domains =
            Domains { outer: sandbox::outer(support)?, build: policy.ruleset(support)?, network: policy.network() };
        Ok(Confined { domains, policy, temporary })
    }
}

/// The domain that programs enter, and what it hides; `None` where the kernel has none. `built` is where programs and
/// their temporary files stand, whatever is hidden beside them.
pub(crate) fn programs(
    surroundings: &Surroundings,
    unhide: &[PathBuf],
    built: &[PathBuf],
    support: Support,
) -> Result<Option<(OwnedFd, ProgramDomain)>, SandboxError> {
    if !support.can_confine() {
        return Ok(None);
    }
    let domain = ProgramDomain::build(&owner(surroundings, unhide), built);
    Ok(Some((domain.ruleset(support)?, domain)))
}

fn owner<'o>(surroundings: &'o Surroundings, unhide: &'o [PathBuf]) -> Owner<'o> {
    Owner {
        home: surroundings.home.as_deref(),
        config: surroundings.config.as_deref(),
        cargo_home: surroundings.cargo_home.as_deref(),
        runtime: surroundings.runtime.as_deref(),
        identities: &surroundings.identities,
        unhide,
    }
}

/// A folder of this run's own, which only the user enters.
fn temporary() -> Result<TempDir, SandboxError> {
    let private = std::fs::Permissions::from_mode(0o700);
    let made = tempfile::Builder::new().prefix("cargo-secrets-").permissions(private).tempdir();
    made.map_err(|source| SandboxError::Create { path: std::env::temp_dir(), source })
}

/// Our environment, as far as it is text.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The ports of the proxies that a build has to go through.
fn proxies(variables: impl Iterator<Item = (String, String)>) -> Vec<u16> {
    let named = variables.filter(|(name, _)| name.to_ascii_lowercase().ends_with("_proxy"));
    named.filter_map(|(_, value)| value.trim_end_matches('/').rsplit_once(':')?.1.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_enters_the_folder_for_temporary_files() {
        let mode = temporary().unwrap().path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn the_port_of_a_proxy_is_found() {
        let variables = [("HTTPS_PROXY", "http://proxy:3128/"), ("no_proxy", "localhost"), ("OTHER", "http://h:1")];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(proxies(variables), [3128]);
    }
}
