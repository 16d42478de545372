//! What the running kernel offers for domains, and what is open where it offers less.

use std::fmt;

use landlock::ABI;
use seccompiler::TargetArch;

use crate::process::platform::landlock_abi;

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
        Self { landlock: landlock_abi(), seccomp: known && rustix::thread::secure_computing_mode().is_ok() }
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
            (3, "cutting short files that the user may write"),
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
        assert!(support(6).shortcomings().is_empty() && support(6).scopes_signals());
    }
}
