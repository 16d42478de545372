//! Delivery through cargo's target runner: cargo gets a clean environment, and each program that it starts gets its
//! values from the parent, which stays outside.
//!
//! ```text
//! parent      holds the values; outside every domain; one thread, one loop
//! ├─ supervisor   outer domain: signals reach only what it started
//! │  └─ cargo …      build domain
//! │     └─ runner       what cargo starts instead of a program; asks, mirrors signals and status
//! └─ program      started by the parent for a runner, in the program domain
//! ```
//!
//! - [`channel`]: descriptors and bytes between them; [`message`]: what is said
//! - [`client`]: the runner; [`supervisor`]: what stands between the parent and cargo
//! - [`leftovers`]: what cargo leaves behind is ended
//! - [`parent`]: the loop; [`program`]: one program's start; [`vault`]: the values
//! - [`signals`]: signals as messages, with who sent them
//! - [`wire`]: the bytes of it all; [`word`]: what cargo is told to start, which is the small runner of the folder `runner`
//!
//! **The runner is not authenticated, nor could it be**: whatever cargo starts can start it. What it gets is what the
//! programs of this run get.

mod channel;
mod client;
mod leftovers;
mod message;
mod parent;
mod program;
mod signals;
mod supervisor;
mod vault;
mod wire;
mod word;

pub(crate) use channel::inheritable;
pub(crate) use client::{AskError, Asked, ask};
pub(super) use leftovers::{descendants, end_tree};
pub(super) use parent::stop;
pub(crate) use parent::{Outcome, Parent};
pub(crate) use program::{Domain, Known, Programs, is_loader};
pub(super) use signals::Signals;
pub(crate) use supervisor::{Door, Launch, Supervisor, close_others};
pub(crate) use vault::{Exposed, Vault};
pub(crate) use wire::PARENT_VARIABLE;
pub(crate) use word::{Word, is_ours};

/// The word after our own name that makes us the runner.
pub(crate) const RUNNER: &str = "runner";

/// Our own exit code when nothing was started.
const FAILED: u8 = 125;

/// Descriptors that cargo's tree inherits are numbered from here, out of the way of everybody's own.
const INHERITED_FROM: i32 = 200;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With this exit code.
    Exited(u8),
    /// By this signal.
    Signaled(i32),
}

impl Ended {
    /// What waitpid(2) told; `None` while the process lives.
    pub(super) fn from_status(status: rustix::process::WaitStatus) -> Option<Self> {
        let exited = status.exit_status().map(|code| Self::Exited(code.to_le_bytes()[0]));
        exited.or_else(|| status.terminating_signal().map(Self::Signaled))
    }

    /// Whether it ended with 0.
    pub(crate) fn is_success(self) -> bool {
        self == Self::Exited(0)
    }

    /// Ends this process in the same way, or tells the exit code to end with.
    pub(crate) fn mirror(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Signaled(signal) => super::platform::die_by(signal),
        }
    }
}
