//! Memory that does not reach swap, and is wiped.

#![expect(unsafe_code, reason = "mlock takes an address")]

use zeroize::Zeroizing;

/// Bytes in memory of their own: locked where the limits allow it (mlock(2)), wiped when dropped.
pub(crate) struct Locked {
    bytes: Zeroizing<Vec<u8>>,
    locked: bool,
}

impl Locked {
    /// Room for `capacity` bytes. More than that is never taken.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
        let start: *mut u8 = bytes.as_mut_ptr();
        // SAFETY: `start` begins an allocation of `capacity` bytes, which the vector owns until it is dropped: it never grows.
        let locked = capacity > 0 && unsafe { rustix::mm::mlock(start.cast(), capacity) }.is_ok();
        Self { bytes, locked }
    }

    /// Appends `more` where there is room; where it stands.
    pub(crate) fn push(&mut self, more: &[u8]) -> Option<std::ops::Range<usize>> {
        let start = self.bytes.len();
        if self.bytes.capacity() - start < more.len() {
            return None;
        }
        self.bytes.extend_from_slice(more);
        Some(start..self.bytes.len())
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether they stay out of swap.
    pub(crate) fn is_locked(&self) -> bool {
        self.locked
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        let (start, capacity) = (self.bytes.as_mut_ptr(), self.bytes.capacity());
        self.bytes.zeroize();
        if self.locked {
            // SAFETY: the allocation is still the vector's, which is dropped after this.
            let _ = unsafe { rustix::mm::munlock(start.cast(), capacity) };
        }
    }
}
