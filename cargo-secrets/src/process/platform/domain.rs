//! Entering a Landlock domain whose rules another process may have made.
//!
//! The `landlock` crate enters a domain only where it made the rules; a descriptor can be made once and entered many times.

#![expect(unsafe_code, reason = "landlock_restrict_self(2) has no wrapper for a descriptor")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Puts this thread, and all it will start, under `ruleset` for good. Needs `no_new_privs`
/// (`landlock_restrict_self(2)`).
pub(crate) fn restrict_self(ruleset: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: takes two numbers, touches no memory of ours.
    let result = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The kernel's version of Landlock; 0 where there is none (`landlock_create_ruleset(2)`).
pub(crate) fn landlock_abi() -> u32 {
    // SAFETY: with no attribute, its size 0 and the version's flag the call reads nothing.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, 1_u32) };
    u32::try_from(version).unwrap_or_default()
}
