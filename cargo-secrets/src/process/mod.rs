//! Bringing variables to a program: what it may have ([`resolve()`]), its environment, and the `exec`.
//!
//! **Nothing starts unless everything it should have is there.** The platform's own code, and all `unsafe` of this
//! crate, is in [`platform`].

pub(crate) mod attend;
pub(crate) mod cargo;
pub(crate) mod changes;
mod compose;
pub(crate) mod confine;
mod deliver;
pub(crate) mod editor;
mod enter;
mod environment;
mod error;
mod memory_file;
mod platform;
mod program;
mod resolve;
pub(crate) mod runner;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod sandbox;
mod session;
pub(crate) mod shell;
mod surroundings;
pub(crate) mod trace;
pub(crate) mod way;

pub(crate) use deliver::{Command, exec};
pub(crate) use environment::{Environment, Inherit};
pub(crate) use error::{ExecError, ResolveError};
pub(crate) use platform::take_variables;
pub(crate) use resolve::{Audience, Choice, Request, Resolved, files, gather, nearest, nearest_of, resolve};
pub(crate) use session::{Confinement, Session};
pub(crate) use surroundings::Surroundings;

/// Our own exit code when nothing was started.
const FAILED: u8 = 125;

/// Ends this process by `signal`, or tells the exit code that a shell would show.
pub(crate) fn mirror(signal: rustix::process::Signal) -> u8 {
    runner::Ended::Signaled(signal.as_raw()).mirror()
}

/// Keeps other processes of the same user out of our memory, and our memory out of core dumps (prctl(2),
/// `PR_SET_DUMPABLE`). What we become or start is as it was: execve(2) sets it back.
pub(crate) fn keep_private() {
    // A kernel that does not know this is older than any that we run on.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
