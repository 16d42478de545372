//! Becoming another program, and starting one.

#![expect(unsafe_code, reason = "fork, clone and execve")]

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use nix::sys::signal::{SigSet, SigmaskHow};
use rustix::process::{Pid, Signal, WaitOptions};

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

/// How much of the stack a process may use between its start and its program.
const STACK: usize = 256 << 10;

/// Replaces this process by a program, with `more` variables. Returns only when that failed.
pub(crate) fn execve(image: Image<'_>, more: &[CString]) -> io::Error {
    match Vectors::new(image) {
        Some(mut vectors) => vectors.execute(more),
        None => io::ErrorKind::InvalidInput.into(),
    }
}

/// An image's arguments and variables as execve(2) takes them.
struct Vectors<'i> {
    program: &'i CStr,
    argv: Vec<*const c_char>,
    /// Without the null pointer at its end.
    envp: Vec<*const c_char>,
    image: PhantomData<Image<'i>>,
}

impl<'i> Vectors<'i> {
    /// `None` where a variable has no end.
    fn new(image: Image<'i>) -> Option<Self> {
        let Image { program, arguments, environment, starts } = image;
        if environment.last().is_some_and(|byte| *byte != 0) {
            return None;
        }
        let argv = arguments.iter().map(|argument| argument.as_ptr()).chain([std::ptr::null()]).collect();
        let variable = |start: &usize| environment.get(*start..).map(|tail| tail.as_ptr().cast::<c_char>());
        Some(Self { program, argv, envp: starts.iter().filter_map(variable).collect(), image: PhantomData })
    }

    /// Becomes the program, with `more` variables. Returns only when that failed.
    fn execute(&mut self, more: &[CString]) -> io::Error {
        let own = self.envp.len();
        self.envp.extend(more.iter().map(|variable| variable.as_ptr()).chain([std::ptr::null()]));
        // SAFETY: all are valid until execve returns: `program`, the arguments and `more` are NUL-terminated by their types,
        // every other variable by the check in `new`, and both arrays end with a null pointer. SIGPIPE goes back to what a
        // program expects at its start; Rust's runtime had set it to be ignored.
        let error = unsafe {
            libc::signal(libc::SIGPIPE, libc::SIG_DFL);
            libc::execve(self.program.as_ptr(), self.argv.as_ptr(), self.envp.as_ptr());
            let error = io::Error::last_os_error();
            libc::signal(libc::SIGPIPE, libc::SIG_IGN);
            error
        };
        self.envp.truncate(own);
        error
    }
}

/// Starts a program in a process of its own; `before` runs there just before it, and gives variables for it that only
/// that process can know. The signal mask is empty, SIGPIPE as a program expects it.
///
/// A stop by the terminal that comes meanwhile stops the program when it is one: before, it would stop us too.
pub(crate) fn spawn(image: Image<'_>, before: impl FnOnce() -> io::Result<Vec<CString>>) -> Result<Pid, SpawnError> {
    spawn_masked(image, SigSet::empty(), before)
}

/// [`spawn`], where the program begins with these signals blocked.
///
/// **The new process works in our memory, while we stand still**, until it is the program: nothing is copied, which would
/// take longer than all the rest, and what goes wrong is told by writing it down. What is allocated there is ours, so it
/// is kept where we free it. `before` borrows what it uses: a descriptor of its own would be closed there, and open here.
/// What it does to the memory itself (mlock(2), `PR_SET_DUMPABLE`) it does to ours. All signals are blocked meanwhile.
pub(crate) fn spawn_masked(
    image: Image<'_>,
    mask: SigSet,
    before: impl FnOnce() -> io::Result<Vec<CString>>,
) -> Result<Pid, SpawnError> {
    let vectors = Vectors::new(image).ok_or_else(|| SpawnError::Before(io::ErrorKind::InvalidInput.into()))?;
    let mut start = Start { before: Some(before), vectors, mask, more: Vec::new(), failed: None };
    let mut stack = Vec::<u128>::with_capacity(STACK / size_of::<u128>());
    let top = stack.spare_capacity_mut().as_mut_ptr_range().end;
    let ours = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let ours = ours.map_err(|error| SpawnError::Before(error.into()))?;
    // SAFETY: `top` ends an allocation that nothing else uses, aligned as stacks are; `start` outlives the call, which
    // returns when the new process has become the program or ended (CLONE_VFORK), so that only one of us uses it at a time.
    let pid = unsafe { clone(&raw mut start, top.cast()) };
    let failed = if pid < 0 { Some(SpawnError::Before(io::Error::last_os_error())) } else { start.failed.take() };
    let is_told_to_stop = TOLD_TO_STOP.take();
    // A mask that was read is taken.
    let _ = ours.thread_set_mask();
    match (Pid::from_raw(pid.max(0)), failed) {
        (Some(pid), None) => {
            if is_told_to_stop {
                // One that has just ended needs none.
                let _ = rustix::process::kill_process(pid, Signal::TSTP);
            }
            Ok(pid)
        }
        (pid, failed) => {
            if let Some(pid) = pid {
                let _ = rustix::process::waitpid(Some(pid), WaitOptions::empty());
            }
            Err(failed.unwrap_or_else(|| SpawnError::Before(io::ErrorKind::Other.into())))
        }
    }
}

thread_local! {
    /// Whether a new process was told to stop before it was the program: it has the thread's own memory too.
    static TOLD_TO_STOP: Cell<bool> = const { Cell::new(false) };
}

/// Has a stop by the terminal noted instead of done, where it is not ignored. A program begins with what it had been before
/// (execve(2)), and the process that works in our memory has actions of its own.
fn note_stops() {
    extern "C" fn note(_: i32) {
        TOLD_TO_STOP.set(true);
    }
    // SAFETY: the handler stores a flag, which any code may be interrupted for.
    unsafe {
        let note: extern "C" fn(i32) = note;
        if libc::signal(libc::SIGTSTP, note as libc::sighandler_t) == libc::SIG_IGN {
            libc::signal(libc::SIGTSTP, libc::SIG_IGN);
        }
    }
}

/// What a new process does, and how it failed.
struct Start<'i, B> {
    before: Option<B>,
    vectors: Vectors<'i>,
    mask: SigSet,
    more: Vec<CString>,
    failed: Option<SpawnError>,
}

impl<B: FnOnce() -> io::Result<Vec<CString>>> Start<'_, B> {
    /// Becomes the program. Returns only when that failed.
    fn go(&mut self) -> SpawnError {
        let before = self.before.take().map_or_else(|| Ok(Vec::new()), |before| before());
        note_stops();
        match before.and_then(|more| Ok((more, self.mask.thread_set_mask()?))) {
            Ok((more, ())) => {
                self.more = more;
                SpawnError::Exec(self.vectors.execute(&self.more))
            }
            Err(error) => SpawnError::Before(error),
        }
    }
}

/// clone(2), as `posix_spawn(3)` uses it.
///
/// # Safety
///
/// `start` must be valid, and `top` be the end of memory for a stack, until this returns.
unsafe fn clone<B: FnOnce() -> io::Result<Vec<CString>>>(start: *mut Start<'_, B>, top: *mut c_void) -> i32 {
    extern "C" fn go<B: FnOnce() -> io::Result<Vec<CString>>>(start: *mut c_void) -> i32 {
        // SAFETY: whoever calls `clone` vouches for it, and does nothing itself meanwhile.
        let start = unsafe { &mut *start.cast::<Start<'_, B>>() };
        let failed = catch_unwind(AssertUnwindSafe(|| start.go()));
        start.failed = Some(failed.unwrap_or_else(|_| SpawnError::Before(io::ErrorKind::Other.into())));
        // SAFETY: ends the new process at once; nothing of ours is dropped or flushed by it.
        unsafe { libc::_exit(127) }
    }
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: as above.
    unsafe { libc::clone(go::<B>, top, flags, start.cast()) }
}

/// Goes on as two processes; `None` is the copy, which has to [`leave`].
///
/// **We must have one thread**: the new process goes on as a copy of this one, so all locks are free.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts a shell with this script, in an environment of `A` alone.
    fn shell(script: &str, before: impl FnOnce() -> io::Result<Vec<CString>>) -> Result<i32, SpawnError> {
        let arguments = ["sh", "-c", script].map(|word| CString::new(word).unwrap());
        let image = Image { program: c"/bin/sh", arguments: &arguments, environment: b"A=1\0", starts: &[0] };
        let pid = spawn(image, before)?;
        let (_, status) = rustix::process::waitpid(Some(pid), WaitOptions::empty()).unwrap().unwrap();
        Ok(status.exit_status().unwrap())
    }

    #[test]
    fn a_program_gets_its_variables_and_a_clean_mask() {
        let more = || Ok(vec![CString::new(format!("B={}", std::process::id())).unwrap()]);
        let ours = SigSet::thread_get_mask().unwrap();
        let script = "test $A = 1 && test $B = $$ && exec grep -q 'SigBlk:.*0000000000000000' /proc/self/status";
        // The shell itself blocks signals while it waits, so it becomes what looks.
        assert_eq!(shell(script, more).unwrap(), 0);
        assert_eq!(SigSet::thread_get_mask().unwrap(), ours);
    }

    #[test]
    fn what_goes_wrong_before_the_program_is_told_apart_from_what_it_is() {
        let nowhere = Image { program: c"/no/such", arguments: &[], environment: b"", starts: &[] };
        let missing = spawn(nowhere, || Ok(Vec::new()));
        assert!(matches!(missing, Err(SpawnError::Exec(error)) if error.kind() == io::ErrorKind::NotFound));
        let before = shell("exit 1", || Err(io::ErrorKind::BrokenPipe.into()));
        assert!(matches!(before, Err(SpawnError::Before(error)) if error.kind() == io::ErrorKind::BrokenPipe));
        let panicked = shell("exit 1", || panic!("in the new process"));
        assert!(matches!(panicked, Err(SpawnError::Before(_))));
        let unended = Image { program: c"/bin/true", arguments: &[], environment: b"A=1", starts: &[0] };
        assert!(matches!(spawn(unended, || Ok(Vec::new())), Err(SpawnError::Before(_))));
        // None of them is left to be waited for.
        assert!(shell("exit 0", || Ok(Vec::new())).is_ok());
    }

    #[test]
    fn a_stop_before_the_program_stops_the_program() {
        let sleep = ["sleep", "60"].map(|word| CString::new(word).unwrap());
        let image = Image { program: c"/bin/sleep", arguments: &sleep, environment: b"", starts: &[] };
        // In a group of its own, whose stops somebody could end.
        let pid = spawn(image, || {
            rustix::process::setpgid(None, None)?;
            rustix::process::kill_process(rustix::process::getpid(), Signal::TSTP)?;
            Ok(Vec::new())
        });
        let pid = pid.unwrap();
        let (_, status) = rustix::process::waitpid(Some(pid), WaitOptions::UNTRACED).unwrap().unwrap();
        assert_eq!(status.stopping_signal(), Some(libc::SIGTSTP));
        rustix::process::kill_process(pid, Signal::KILL).unwrap();
        rustix::process::waitpid(Some(pid), WaitOptions::empty()).unwrap();
    }

    #[test]
    fn what_is_changed_in_the_new_process_stays_there() {
        let folder = std::env::current_dir().unwrap();
        let code = shell("test \"$(pwd)\" = / && exit 3", || {
            rustix::process::chdir("/")?;
            Ok(Vec::new())
        });
        assert_eq!(code.unwrap(), 3);
        assert_eq!(std::env::current_dir().unwrap(), folder);
    }
}
