//! From rules to a ruleset of the kernel.
//!
//! **A path that is not there is passed over**: it gets no right, and none if it appears later.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, NetPort, PathBeneath, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, Scope,
};
use rustix::fs::{CWD, Mode, OFlags, openat};

use super::error::SandboxError;
use super::real::real;
use super::support::Support;
use crate::manifest::normalize;

/// What a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grant {
    /// To list a folder, without what is in it.
    List,
    /// To read and execute, with everything below.
    Read,
    /// To change too, with everything below; no device files.
    Write,
    /// All there is.
    All,
}

impl Grant {
    /// Landlock's rights for it on a kernel of this version.
    fn rights(self, abi: ABI) -> BitFlags<AccessFs> {
        match self {
            Self::List => AccessFs::ReadDir.into(),
            Self::Read => AccessFs::from_read(abi),
            Self::Write => AccessFs::from_all(abi) & !(AccessFs::MakeBlock | AccessFs::MakeChar),
            Self::All => AccessFs::from_all(abi),
        }
    }
}

/// A right on a path. **The path's last component is no symbolic link**: it would give the right on what it points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Where.
    pub(super) path: PathBuf,
    /// What.
    pub(super) grant: Grant,
}

/// Which TCP ports can be connected to; none can be listened on.
pub(super) struct Ports<'p>(pub(super) Option<&'p [u16]>);

/// The ruleset of these rules. `scoped`: signals and abstract sockets stay inside.
pub(super) fn ruleset(
    support: Support,
    rules: &[Rule],
    ports: &Ports<'_>,
    scoped: bool,
) -> Result<OwnedFd, SandboxError> {
    let abi = support.abi();
    let build = || -> Result<Option<OwnedFd>, RulesetError> {
        let mut ruleset = Ruleset::default().handle_access(AccessFs::from_all(abi))?;
        let net = AccessNet::BindTcp | AccessNet::ConnectTcp;
        let ports = ports.0.filter(|_| support.limits_tcp());
        if ports.is_some() {
            ruleset = ruleset.handle_access(net)?;
        }
        if scoped && support.scopes_signals() {
            ruleset = ruleset.scope(Scope::Signal | Scope::AbstractUnixSocket)?;
        }
        let mut created = ruleset.create()?;
        for rule in rules {
            created = add(created, rule, abi)?;
        }
        for port in ports.unwrap_or_default() {
            created = created.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
        }
        Ok(created.into())
    };
    descriptor(build())
}

/// The domain around the one that supervises: signals stay inside, so that "all processes" means those of the build.
/// `None` where the kernel cannot scope them.
pub(crate) fn outer(support: Support) -> Result<Option<OwnedFd>, SandboxError> {
    if !support.scopes_signals() {
        return Ok(None);
    }
    let build = || -> Result<Option<OwnedFd>, RulesetError> {
        // Every domain denies renames between folders unless it allows them.
        let ruleset = Ruleset::default().handle_access(AccessFs::Refer)?.scope(Scope::Signal)?.create()?;
        let root = Rule { path: PathBuf::from("/"), grant: Grant::All };
        let Some(root) = open(&root.path) else { return Ok(None) };
        Ok(ruleset.add_rule(PathBeneath::new(root, AccessFs::Refer))?.into())
    };
    descriptor(build()).map(Some)
}

fn add(created: RulesetCreated, rule: &Rule, abi: ABI) -> Result<RulesetCreated, RulesetError> {
    let Some(file) = open(&rule.path) else { return Ok(created) };
    // What does not fit a file is left out by the crate, as the kernel would refuse it.
    created.add_rule(PathBeneath::new(file, rule.grant.rights(abi)))
}

fn open(path: &Path) -> Option<OwnedFd> {
    openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty()).ok()
}

fn descriptor(built: Result<Option<OwnedFd>, RulesetError>) -> Result<OwnedFd, SandboxError> {
    match built {
        Ok(Some(ruleset)) => Ok(ruleset),
        Ok(None) => Err(SandboxError::Unsupported(Support { landlock: 0, seccomp: true })),
        Err(error) => Err(SandboxError::Ruleset(error)),
    }
}

/// `path` without symbolic links and `..` as far as it exists; beyond that, `..` by the letter.
pub(super) fn resolved(path: &Path) -> PathBuf {
    if let Some(real) = real(path) {
        return real;
    }
    let path = &normalize(path);
    let mut rest: Vec<&OsStr> = Vec::new();
    let mut head = path.as_path();
    loop {
        if let Some(real) = real(head) {
            return rest.iter().rev().fold(real, |path, name| path.join(name));
        }
        let (Some(parent), Some(name)) = (head.parent(), head.file_name()) else { return path.clone() };
        rest.push(name);
        head = parent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_resolved_too() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(&real, real.join("link")).unwrap();
        assert_eq!(resolved(&real.join("link/a/b")), real.join("a/b"));
        assert_eq!(resolved(&real.join("none/../../x")), real.parent().unwrap().join("x"));
    }
}
