//! What only `unsafe` can do on Unix: wiping our own environment block, and replacing ourselves by another program.
//!
//! **Every `unsafe` block of this crate is here.**

#![expect(unsafe_code, reason = "the environment block and execve are reached by raw pointers alone")]

use std::ffi::{CStr, CString};
use std::io;
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

/// Replaces this process by `program`. Returns only when that failed.
///
/// `environment` holds the variables as one block, each `NAME=value` ended by a NUL; `starts` are their offsets.
pub(crate) fn execve(program: &CStr, arguments: &[CString], environment: &[u8], starts: &[usize]) -> io::Error {
    if environment.last().is_some_and(|byte| *byte != 0) {
        return io::Error::from(io::ErrorKind::InvalidInput);
    }
    let mut argv: Vec<*const c_char> = arguments.iter().map(|argument| argument.as_ptr()).collect();
    argv.push(std::ptr::null());
    let variable = |start: &usize| environment.get(*start..).map(|tail| tail.as_ptr().cast::<c_char>());
    let mut envp: Vec<*const c_char> = starts.iter().filter_map(variable).collect();
    envp.push(std::ptr::null());
    // SAFETY: all three are valid until execve returns: `program` and the arguments are NUL-terminated by their types,
    // every variable by the check above, and both arrays end with a null pointer. SIGPIPE goes back to what a program
    // expects at its start; Rust's runtime had set it to be ignored.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        libc::execve(program.as_ptr(), argv.as_ptr(), envp.as_ptr());
        let error = io::Error::last_os_error();
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        error
    }
}
