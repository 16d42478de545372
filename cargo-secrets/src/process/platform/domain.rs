//! Entering a Landlock domain whose rules another process may have made.
//!
//! The `landlock` crate enters a domain only where it made the rules; a descriptor can be made once and entered many times.

#![expect(unsafe_code, reason = "landlock_restrict_self(2) has no wrapper for a descriptor")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Puts this thread, and all it will start, under `ruleset` for good. Needs `no_new_privs` (landlock_restrict_self(2)).
pub(crate) fn restrict_self(ruleset: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: takes two numbers, touches no memory of ours.
    let result = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
