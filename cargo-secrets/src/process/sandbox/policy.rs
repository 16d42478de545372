//! The build domain's allow-list: what cargo, rustc, build scripts and macros need, and nothing else.
//!
//! **Nothing in the workspace but the target folders is written**, and no folder is given as a whole that holds something
//! hidden.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::domain::{Grant, Ports, Rule, resolved, ruleset};
use super::error::SandboxError;
use super::expand::{branches, expand};
use super::hidden::Hidden;
use super::places::{Places, machine_keys};
use super::real::{forget, real};
use super::support::Support;
use crate::fsx::below;
use crate::manifest::Network;

/// Port of `https`.
const HTTPS: u16 = 443;

/// What a build may see, change and reach.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(super) rules: Vec<Rule>,
    pub(super) hidden: Hidden,
    /// The hidden files of the project itself, which its Cargo.toml may open.
    pub(super) own: Vec<PathBuf>,
    /// What decrypts everything: no message says how to open it.
    pub(super) identities: Vec<PathBuf>,
    pub(super) guarded: Vec<PathBuf>,
    pub(super) settings: Vec<PathBuf>,
    pub(super) root: PathBuf,
    network: Network,
    ports: Vec<u16>,
}

impl Policy {
    /// Makes the allow-list, and the folders of it that are not there yet. An entry of Cargo.toml that would open more
    /// than a build's own things is an error.
    pub(crate) fn build(places: &Places<'_>) -> Result<Self, SandboxError> {
        forget();
        let mut hidden = Hidden::of(&places.owner);
        let own = places.environment_files();
        hidden.add(own.iter().cloned());
        hidden.add(machine_keys());
        let mut policy = Self {
            rules: Vec::new(),
            hidden,
            own,
            identities: places.owner.identities.iter().map(|path| resolved(path)).collect(),
            guarded: places.guarded(),
            settings: places.settings(),
            root: resolved(places.root),
            network: places.network(),
            ports: [&[HTTPS], places.proxies].concat(),
        };
        let private = places.private();
        for path in Places::system() {
            policy.allow(path, Grant::Read, &private);
        }
        for path in places.read() {
            policy.allow(&path, Grant::Read, &[]);
        }
        for path in policy.hidden.opened().to_vec() {
            policy.allow(&path, Grant::Read, &[]);
        }
        policy.check_targets(places)?;
        places.make()?;
        for path in places.written() {
            policy.allow(&path, Grant::Write, &[]);
        }
        for entry in &places.table.read {
            let path = policy.entry(places, "read", entry)?;
            policy.allow(&path, Grant::Read, &[]);
        }
        for entry in &places.table.write {
            let path = policy.entry(places, "write", entry)?;
            policy.allow_guarded(&path);
        }
        if places.writes_workspace {
            policy.allow_guarded(places.root);
        }
        Ok(policy)
    }

    /// The ruleset for a kernel of this kind.
    pub(crate) fn ruleset(&self, support: Support) -> Result<OwnedFd, SandboxError> {
        if !support.can_confine() {
            return Err(SandboxError::Unsupported(support));
        }
        let ports = match self.network {
            Network::All => Ports(None),
            Network::Https => Ports(Some(&self.ports)),
            Network::None => Ports(Some(&[])),
        };
        ruleset(support, &self.rules, &ports, true)
    }

    /// What is reached: the filters of system calls ([`Calls`](super::Calls)) depend on it too.
    pub(crate) fn network(&self) -> Network {
        self.network
    }

    /// The target folders come from the project's own settings, and its `target` may be a link: what lies in them must be
    /// the build's.
    fn check_targets(&self, places: &Places<'_>) -> Result<(), SandboxError> {
        let home = places.owner.home.map(resolved);
        // Who has a target folder in `PATH` wants to run what is built.
        let path: Vec<_> = places.path.iter().map(|folder| resolved(folder)).collect();
        for target in places.targets {
            let real = resolved(target);
            let hidden = || self.hidden.holding(&real).map(Path::to_owned);
            let own = self.root.starts_with(&real).then(|| self.root.clone()).or_else(|| places.strays(target));
            if let Some(guarded) = own.or_else(hidden).or_else(|| self.guarded_by(&real, home.clone(), &path)) {
                return Err(SandboxError::Target { target: target.clone(), guarded: self.hidden.short(&guarded) });
            }
        }
        Ok(())
    }

    /// Gives `grant` on `path`, without what is hidden or `private` below it.
    fn allow(&mut self, path: &Path, grant: Grant, private: &[PathBuf]) {
        let Some(path) = real(path) else { return };
        let given = |rule: &Rule| rule.grant >= grant && below(&path, &rule.path).is_some();
        if self.hidden.holding(&path).is_none() && !self.rules.iter().any(given) {
            let without = self.hidden.paths().chain(private.iter().map(PathBuf::as_path));
            let branches = branches(&path, without, std::iter::empty());
            expand(&path, grant, &branches, &mut self.rules);
        }
    }

    /// Gives `path` to be written, without what is hidden or guarded below it.
    fn allow_guarded(&mut self, path: &Path) {
        let Some(path) = real(path) else { return };
        let guarded = self.guarded.iter().map(PathBuf::as_path);
        let branches = branches(&path, self.hidden.paths(), guarded);
        expand(&path, Grant::Write, &branches, &mut self.rules);
    }

    /// Where an entry of Cargo.toml's table points to; links are followed before it is judged.
    fn entry(&self, places: &Places<'_>, key: &'static str, entry: &str) -> Result<PathBuf, SandboxError> {
        let path = resolved(&places.root.join(places.owner.at_home(Path::new(entry))));
        if let Some(hidden) = self.hidden.holding(&path) {
            let hidden = self.hidden.short(hidden);
            return Err(SandboxError::Hidden { key, entry: entry.to_owned(), hidden });
        }
        if let Some(real) = places.strays(&places.owner.at_home(Path::new(entry))) {
            return Err(SandboxError::Strays { key, entry: entry.to_owned(), real: self.hidden.short(&real) });
        }
        if key == "write" {
            if let Some(guarded) = self.guarded_by(&path, places.owner.home.map(resolved), &[]) {
                return Err(SandboxError::Guarded { entry: entry.to_owned(), guarded: self.hidden.short(&guarded) });
            }
            make(&path)?;
        } else if self.shows_devices(&path) {
            return Err(SandboxError::Devices { entry: entry.to_owned() });
        }
        Ok(path)
    }

    /// Whether `path` is, holds or lies in a device that is not open anyway: the terminal, where passphrases are typed.
    pub(super) fn shows_devices(&self, path: &Path) -> bool {
        let devices = Path::new("/dev");
        let is_open = |rule: &Rule| rule.grant >= Grant::Read && below(path, &rule.path).is_some();
        (path.starts_with(devices) || devices.starts_with(path)) && !self.rules.iter().any(is_open)
    }

    /// What a build could change with all of `path` that it must not. The project's own hooks and settings stay as they are
    /// in a larger folder; anything else that lies in it says that the folder is not the build's.
    fn guarded_by(&self, path: &Path, home: Option<PathBuf>, but: &[PathBuf]) -> Option<PathBuf> {
        let lies_in = |guarded: &PathBuf| {
            guarded.starts_with(path) && !guarded.starts_with(&self.root) && !but.iter().any(|but| but == guarded)
        };
        let guarded = self.guarded.iter().find(|guarded| path.starts_with(guarded) || lies_in(guarded)).cloned();
        guarded.or(home.filter(|home| home.starts_with(path)))
    }
}

/// Makes what is to be written, as its creation could not be allowed without its folder.
fn make(path: &Path) -> Result<(), SandboxError> {
    if path.exists() {
        return Ok(());
    }
    let failed = |source| SandboxError::Create { path: path.to_owned(), source };
    if path.extension().is_none() {
        return std::fs::create_dir_all(path).map_err(failed);
    }
    path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
    std::fs::OpenOptions::new().create_new(true).write(true).open(path).map(drop).map_err(failed)
}
