//! Descriptors that we inherited and know by their number.

#![expect(unsafe_code, reason = "a number becomes a descriptor")]

use std::io;
use std::os::fd::BorrowedFd;

/// The descriptor `number`, which whoever started us left open; never closed by us.
pub(crate) fn inherited(number: i32) -> io::Result<BorrowedFd<'static>> {
    if number < 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: not -1; nothing of ours owns it, so nothing closes it while we run. Whether it is open is asked first.
    let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
    rustix::io::fcntl_getfd(descriptor)?;
    Ok(descriptor)
}
