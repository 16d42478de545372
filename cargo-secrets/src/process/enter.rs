//! Entering a domain, in the process that it is for: capabilities first, then paths, then system calls.
//!
//! **All of it may run just before a program, in the memory of who starts it**: nothing here changes more than the process itself,
//! or allocates unless it fails.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use super::platform::restrict_self;
use super::sandbox::{Calls, Keep, drop_capabilities};
use crate::manifest::Network;

/// The domains of cargo's tree, as rulesets that are entered.
pub(crate) struct Domains {
    /// The supervisor's: signals reach only what it started. `None` where the kernel has no such rule.
    pub(crate) outer: Option<OwnedFd>,
    /// cargo's.
    pub(crate) build: OwnedFd,
    /// What cargo's reaches of the network.
    pub(crate) network: Network,
}

/// The supervisor's.
pub(super) fn outer(ruleset: BorrowedFd<'_>) -> io::Result<()> {
    drop_capabilities(Keep::Build)?;
    restrict_self(ruleset)
}

/// cargo's.
pub(super) fn build(ruleset: BorrowedFd<'_>, calls: &Calls) -> io::Result<()> {
    drop_capabilities(Keep::Build)?;
    restrict_self(ruleset)?;
    calls.refuse()
}

/// A program's.
pub(super) fn program(ruleset: BorrowedFd<'_>) -> io::Result<()> {
    drop_capabilities(Keep::Program)?;
    restrict_self(ruleset)
}
