//! What the running kernel offers for domains, and what is open where it offers less.

use std::fmt;

use landlock::{ABI, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope};
use seccompiler::TargetArch;

/// The newest version of Landlock whose rules are known here.
pub(super) const NEWEST: u32 = 10;

/// What the kernel can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Support {
    /// Landlock's version (its "ABI"); 0 is none.
    pub(crate) landlock: u32,
    /// Whether system calls can be filtered.
    pub(crate) seccomp: bool,
}

impl Support {
    /// Asks the kernel.
    pub(crate) fn detect() -> Self {
        let known = TargetArch::try_from(std::env::consts::ARCH).is_ok();
        Self { landlock: landlock(), seccomp: known && rustix::thread::secure_computing_mode().is_ok() }
    }

    /// Whether a build can be confined at all. Version 1 denies every rename between folders, which rustc needs.
    pub(crate) fn can_confine(self) -> bool {
        self.landlock >= 2 && self.seccomp
    }

    /// Whether signals stay inside a domain.
    pub(crate) fn scopes_signals(self) -> bool {
        self.landlock >= 6
    }

    /// Whether TCP ports can be limited.
    pub(crate) fn limits_tcp(self) -> bool {
        self.landlock >= 4
    }

    /// What a domain of this kernel does not stop, each in words that complete "open: …".
    pub(crate) fn shortcomings(self) -> Vec<&'static str> {
        let gaps = [
            (3, "cutting short files that can be written by the user"),
            (4, "connecting to any TCP port, local services included"),
            (6, "signals to processes outside"),
        ];
        gaps.iter().filter(|(since, _)| self.landlock < *since).map(|(_, gap)| *gap).collect()
    }

    /// The version as the crate counts.
    pub(super) fn abi(self) -> ABI {
        ABI::from(i32::try_from(self.landlock.min(NEWEST)).unwrap_or_default())
    }
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.landlock {
            0 => f.write_str("no Landlock")?,
            version => write!(f, "Landlock ABI {version}")?,
        }
        f.write_str(if self.seccomp { ", seccomp" } else { ", no seccomp" })
    }
}

/// The newest version whose rights the kernel knows. Versions 7 and 8 add nothing to a ruleset and count as 6.
fn landlock() -> u32 {
    let strict = || Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let files = |right: AccessFs| strict().handle_access(right).is_ok();
    let net = |right: BitFlags<AccessNet>| strict().handle_access(right).is_ok();
    let checks: [(u32, &dyn Fn() -> bool); 8] = [
        (10, &|| net(AccessNet::BindUdp.into())),
        (9, &|| files(AccessFs::ResolveUnix)),
        (6, &|| strict().scope(Scope::Signal).is_ok()),
        (5, &|| files(AccessFs::IoctlDev)),
        (4, &|| net(AccessNet::ConnectTcp.into())),
        (3, &|| files(AccessFs::Truncate)),
        (2, &|| files(AccessFs::Refer)),
        (1, &|| files(AccessFs::Execute)),
    ];
    checks.iter().find(|(_, holds)| holds()).map_or(0, |(version, _)| *version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_kernel() {
        let shown = |landlock, seccomp| Support { landlock, seccomp }.to_string();
        assert_eq!(shown(6, true), "Landlock ABI 6, seccomp");
        assert_eq!(shown(0, false), "no Landlock, no seccomp");
    }

    #[test]
    fn an_old_kernel_confines_with_gaps_or_not_at_all() {
        let support = |landlock| Support { landlock, seccomp: true };
        assert!(!support(0).can_confine() && !support(1).can_confine() && support(2).can_confine());
        assert!(!Support { landlock: 6, seccomp: false }.can_confine());
        assert_eq!(support(2).shortcomings().len(), 3);
        assert_eq!(support(4).shortcomings(), ["signals to processes outside"]);
        assert!(support(6).shortcomings().is_empty() && support(6).scopes_signals() && !support(3).limits_tcp());
    }
}
