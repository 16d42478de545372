//! What compiled code calls by name where it moves or compares memory, and a C library would have (C11, 7.24).

/// Copies `count` bytes.
///
/// # Safety
///
/// As memcpy(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    for at in 0..count {
        // SAFETY: whoever calls vouches for both.
        unsafe { *to.add(at) = *from.add(at) };
    }
    to
}

/// Sets `count` bytes.
///
/// # Safety
///
/// As memset(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    for at in 0..count {
        // SAFETY: whoever calls vouches for it.
        unsafe { *to.add(at) = byte.to_le_bytes()[0] };
    }
    to
}

/// Compares `count` bytes.
///
/// # Safety
///
/// As memcmp(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(one: *const u8, other: *const u8, count: usize) -> i32 {
    // SAFETY: whoever calls vouches for both.
    let pairs = (0..count).map(|at| unsafe { (*one.add(at), *other.add(at)) });
    pairs.map(|(one, other)| i32::from(one) - i32::from(other)).find(|difference| *difference != 0).unwrap_or(0)
}

/// What memcmp is called where only equality is asked for.
///
/// # Safety
///
/// As memcmp(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(one: *const u8, other: *const u8, count: usize) -> i32 {
    // SAFETY: whoever calls vouches for both.
    unsafe { memcmp(one, other, count) }
}

/// How many bytes stand before the NUL.
///
/// # Safety
///
/// As strlen(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const u8) -> usize {
    let mut length = 0;
    // SAFETY: whoever calls vouches for a NUL.
    while unsafe { *text.add(length) } != 0 {
        length += 1;
    }
    length
}
