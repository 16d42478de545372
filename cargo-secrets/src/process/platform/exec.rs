//! Becoming another program, and starting one.

#![expect(unsafe_code, reason = "fork and execve")]

use std::ffi::{CStr, CString};
use std::io::{self, Read as _, Write as _};
use std::os::raw::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rustix::pipe::PipeFlags;
use rustix::process::Pid;

/// A program, its arguments and environment as execve(2) takes them.
#[derive(Clone, Copy)]
pub(crate) struct Image<'i> {
    /// The file.
    pub(crate) program: &'i CStr,
    /// The arguments, the program's name first.
    pub(crate) arguments: &'i [CString],
    /// The variables as one block, each `NAME=value` ended by a NUL.
    pub(crate) environment: &'i [u8],
    /// Where each variable starts in the block.
    pub(crate) starts: &'i [usize],
}

/// Why no program was started.
#[derive(Debug)]
pub(crate) enum SpawnError {
    /// No process could be made, or what comes before the program failed in it.
    Before(io::Error),
    /// The kernel did not take the program.
    Exec(io::Error),
}

const BEFORE: u8 = 0;
const EXEC: u8 = 1;

/// Replaces this process by a program, with `more` variables. Returns only when that failed.
pub(crate) fn execve(image: Image<'_>, more: &[CString]) -> io::Error {
    let Image { program, arguments, environment, starts } = image;
    if environment.last().is_some_and(|byte| *byte != 0) {
        return io::Error::from(io::ErrorKind::InvalidInput);
    }
    let mut argv: Vec<*const c_char> = arguments.iter().map(|argument| argument.as_ptr()).collect();
    argv.push(std::ptr::null());
    let variable = |start: &usize| environment.get(*start..).map(|tail| tail.as_ptr().cast::<c_char>());
    let more = more.iter().map(|variable| variable.as_ptr());
    let mut envp: Vec<*const c_char> = starts.iter().filter_map(variable).chain(more).collect();
    envp.push(std::ptr::null());
    // SAFETY: all are valid until execve returns: `program`, the arguments and `more` are NUL-terminated by their types,
    // every other variable by the check above, and both arrays end with a null pointer. SIGPIPE goes back to what a program
    // expects at its start; Rust's runtime had set it to be ignored.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        libc::execve(program.as_ptr(), argv.as_ptr(), envp.as_ptr());
        let error = io::Error::last_os_error();
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        error
    }
}

/// Starts a program in a process of its own; `before` runs there just before it, and gives variables for it that only
/// that process can know. The signal mask is empty, SIGPIPE as a program expects it.
///
/// **We must have one thread**: the new process goes on as a copy of it, so all locks are free and `before` may do
/// anything that ends in an `Ok` or an error.
pub(crate) fn spawn(image: Image<'_>, before: impl FnOnce() -> io::Result<Vec<CString>>) -> Result<Pid, SpawnError> {
    let (reader, writer) =
        rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(|error| SpawnError::Before(error.into()))?;
    // SAFETY: there is one thread, so the copy may go on with everything this one could do.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        drop(reader);
        let (stage, error) = match before() {
            Ok(more) => (EXEC, execve_unmasked(image, &more)),
            Err(error) => (BEFORE, error),
        };
        let mut message = [stage, 0, 0, 0, 0];
        message[1..].copy_from_slice(&error.raw_os_error().unwrap_or(libc::EIO).to_ne_bytes());
        let _ = std::fs::File::from(writer).write_all(&message);
        // SAFETY: ends the copy at once: nothing that the original will still drop or flush is touched.
        unsafe { libc::_exit(127) }
    }
    let Some(pid) = Pid::from_raw(pid).filter(|_| pid > 0) else {
        return Err(SpawnError::Before(io::Error::last_os_error()));
    };
    drop(writer);
    let mut message = [0; 5];
    if std::fs::File::from(reader).read_exact(&mut message).is_err() {
        // The pipe was closed by the program's start.
        return Ok(pid);
    }
    let _ = rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty());
    let [stage, number @ ..] = message;
    let error = io::Error::from_raw_os_error(i32::from_ne_bytes(number));
    Err(if stage == EXEC { SpawnError::Exec(error) } else { SpawnError::Before(error) })
}

/// Goes on as two processes; `None` is the copy, which has to [`leave`].
///
/// **We must have one thread**, as for [`spawn`].
pub(crate) fn fork() -> io::Result<Option<Pid>> {
    // SAFETY: there is one thread, so the copy may go on with everything this one could do.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(Pid::from_raw(pid)),
    }
}

/// Ends a copy with the exit code that `work` tells, whatever else the original has yet to drop or flush.
pub(crate) fn leave(work: impl FnOnce() -> u8) -> ! {
    let code = catch_unwind(AssertUnwindSafe(work)).map_or(101, i32::from);
    // SAFETY: takes a number and does not return.
    unsafe { libc::_exit(code) }
}

fn execve_unmasked(image: Image<'_>, more: &[CString]) -> io::Error {
    match nix::sys::signal::SigSet::empty().thread_set_mask() {
        Ok(()) => execve(image, more),
        Err(error) => error.into(),
    }
}
