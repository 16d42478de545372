//! Our own environment block, read and wiped in place.

#![expect(unsafe_code, reason = "the environment block is reached by raw pointers alone")]

use std::ffi::CStr;
use std::os::raw::c_char;

use zeroize::{Zeroize, Zeroizing};

unsafe extern "C" {
    static mut environ: *mut *mut c_char;
}

/// Takes the variables `names` out of our own environment: their values are handed out, and the memory that
/// `/proc/<pid>/environ` shows is overwritten.
///
/// Must run before any other thread starts and before anything keeps a pointer into the environment.
pub(crate) fn take_variables(names: &[&'static str]) -> Vec<(&'static str, Zeroizing<Vec<u8>>)> {
    let mut taken = Vec::new();
    // SAFETY: `environ` is a null-terminated array of null-terminated strings (environ(7)); no other thread runs yet, and
    // the pointers stay within the array: `read` never passes its end and `write` never passes `read`.
    unsafe {
        let mut read = environ;
        let mut write = environ;
        while !read.is_null() && !(*read).is_null() {
            let entry = *read;
            let bytes = CStr::from_ptr(entry).to_bytes();
            let known =
                names.iter().find(|name| bytes.strip_prefix(name.as_bytes()).is_some_and(|r| r.first() == Some(&b'=')));
            if let Some(name) = known {
                let length = bytes.len();
                let value = bytes.get(name.len() + 1..).unwrap_or_default();
                taken.push((*name, Zeroizing::new(value.to_vec())));
                std::slice::from_raw_parts_mut(entry.cast::<u8>(), length).zeroize();
            } else {
                *write = entry;
                write = write.add(1);
            }
            read = read.add(1);
        }
        if !write.is_null() {
            *write = std::ptr::null_mut();
        }
    }
    taken
}
