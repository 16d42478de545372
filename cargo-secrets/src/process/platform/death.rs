//! Ending as another process ended.

#![expect(unsafe_code, reason = "a signal's disposition is process-wide state")]

use nix::sys::signal::SigSet;
use rustix::process::{Resource, Rlimit};

/// Dies by `signal`, as the process that we stood for did, and without a core of our own. Returns what a shell would have
/// shown where it does not kill us: as the first process of a container.
pub(crate) fn die_by(signal: i32) -> u8 {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    // SAFETY: the default action is no function of ours; `kill` takes two numbers.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
    let _ = SigSet::empty().thread_set_mask();
    // SAFETY: two numbers.
    unsafe { libc::kill(libc::getpid(), signal) };
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}
