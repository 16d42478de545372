//! A command in the build domain, watched from outside: which of its system calls are refused.
//!
//! - [`calls`]: which calls there are, and what they are given
//! - [`failure`]: whether it is worth a search
//! - [`advice`]: what a refusal means, and the line that allows it
//!
//! **For the search after a failure**: every system call stops twice, and no program gets a value. The tracer is outside of
//! the domain and asks it nothing, so it sees what the kernel answered (ptrace(2), `PTRACE_GET_SYSCALL_INFO`).

mod advice;
mod calls;
mod failure;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use rustix::process::PidfdFlags;

use super::platform::{self, CallStage, Image, SpawnError};
use super::runner::Ended;
use calls::{Arguments, Object};

pub(crate) use advice::{Advice, unhiding};
pub(crate) use calls::Wanted;
pub(crate) use failure::may_be_refused;

/// How long a path may be (limits.h, `PATH_MAX`).
const LONGEST: usize = 4096;

/// A call that was refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refusal {
    /// What for.
    pub(crate) wanted: Wanted,
    /// The program that made it.
    pub(crate) program: String,
}

/// What was seen.
#[derive(Debug)]
pub(crate) struct Traced {
    /// How the command ended; `None` when it took too long.
    pub(crate) ended: Option<Ended>,
    /// What was refused, each once, in order.
    pub(crate) refusals: BTreeSet<Refusal>,
}

/// Runs a program, which `enter` confines, for `limit` at most.
pub(crate) fn run(
    image: Image<'_>,
    limit: Option<Duration>,
    enter: impl FnOnce() -> io::Result<()>,
) -> Result<Traced, SpawnError> {
    // A traced process stops for a signal, and its tracer stands still until it is the program; so they come when it is.
    let mut later = SigSet::all();
    later.remove(Signal::SIGTRAP);
    let child = platform::spawn_masked(image, later, || {
        ptrace::traceme()?;
        enter()?;
        Ok(Vec::new())
    })?;
    let child = Pid::from_raw(child.as_raw_nonzero().get());
    let mut tracer = Tracer { child, seen: BTreeMap::new(), refusals: BTreeSet::new() };
    let watch = limit.map(|limit| Watch::start(child, limit));
    let ended = tracer.follow();
    let is_over = watch.is_some_and(Watch::end);
    Ok(Traced { ended: ended.filter(|_| !is_over), refusals: tracer.refusals })
}

/// Ends a process after some time: one that sleeps or computes makes no call that the tracer would wake up by.
struct Watch {
    thread: JoinHandle<bool>,
    done: Sender<()>,
}

impl Watch {
    fn start(child: Pid, limit: Duration) -> Self {
        let (done, is_done) = mpsc::channel();
        let process = rustix::process::Pid::from_raw(child.as_raw());
        let process = process.and_then(|pid| rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok());
        let thread = std::thread::spawn(move || {
            let is_over = is_done.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
            if let Some(process) = process.filter(|_| is_over) {
                let _ = rustix::process::pidfd_send_signal(process, rustix::process::Signal::KILL);
            }
            is_over
        });
        Self { thread, done }
    }

    /// Ends the watch; tells whether it had to kill.
    fn end(self) -> bool {
        drop(self.done);
        self.thread.join().unwrap_or_default()
    }
}

/// The processes that are followed, each with the call it is in.
struct Tracer {
    child: Pid,
    seen: BTreeMap<Pid, Option<(u64, Arguments)>>,
    refusals: BTreeSet<Refusal>,
}

impl Tracer {
    /// Follows until the command ends; what it leaves behind is killed.
    fn follow(&mut self) -> Option<Ended> {
        let mut ended = None;
        while ended.is_none() {
            match next().ok()? {
                WaitStatus::Exited(pid, code) if pid == self.child => {
                    ended = Some(Ended::Exited(code.to_le_bytes()[0]));
                }
                WaitStatus::Signaled(pid, signal, _) if pid == self.child => {
                    ended = Some(Ended::Signaled(signal as i32));
                }
                WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..) => drop(self.seen.remove(&pid)),
                WaitStatus::Stopped(pid, signal) => self.stopped(pid, signal),
                WaitStatus::PtraceSyscall(pid) => self.call(pid),
                WaitStatus::PtraceEvent(pid, _, event) => {
                    if event == libc::PTRACE_EVENT_EXEC {
                        self.became(pid);
                    }
                    go_on(pid, None);
                }
                _ => {}
            }
        }
        self.seen.remove(&self.child);
        for pid in self.seen.keys() {
            kill(*pid);
        }
        // One that was just made stops before it does anything.
        while let Ok(status) = next() {
            if let Some(pid) =
                status.pid().filter(|_| !matches!(status, WaitStatus::Exited(..) | WaitStatus::Signaled(..)))
            {
                kill(pid);
            }
        }
        ended
    }

    /// A thread that starts another program takes over its process's number: its own may become anybody's.
    fn became(&mut self, pid: Pid) {
        let former = ptrace::getevent(pid).ok().and_then(|former| i32::try_from(former).ok()).map(Pid::from_raw);
        if let Some(former) = former.filter(|former| *former != pid) {
            self.seen.remove(&former);
        }
    }

    /// A signal arrives, or a new process stops for the first time.
    fn stopped(&mut self, pid: Pid, signal: Signal) {
        let is_new = self.seen.insert(pid, None).is_none();
        if is_new {
            let follow = Options::PTRACE_O_TRACEFORK
                | Options::PTRACE_O_TRACEVFORK
                | Options::PTRACE_O_TRACECLONE
                | Options::PTRACE_O_TRACEEXEC
                | Options::PTRACE_O_TRACESYSGOOD
                | Options::PTRACE_O_EXITKILL;
            let _ = ptrace::setoptions(pid, follow);
            if pid == self.child {
                let _ = platform::unblock(pid);
            }
        }
        // What a new process stops by is not meant for it.
        let own = is_new && matches!(signal, Signal::SIGSTOP | Signal::SIGTRAP);
        go_on(pid, (!own).then_some(signal));
    }

    /// A call begins or ends.
    fn call(&mut self, pid: Pid) {
        match platform::call_stage(pid) {
            CallStage::Begins(number, arguments) => {
                self.seen.insert(pid, Some((number, arguments)));
            }
            CallStage::Ends(result) => {
                let began = self.seen.insert(pid, None).flatten();
                if let Some((number, arguments)) = began.filter(|_| calls::is_refusal(result)) {
                    self.refused(pid, number, &arguments);
                }
            }
            CallStage::Other => {}
        }
        go_on(pid, None);
    }

    fn refused(&mut self, pid: Pid, number: u64, arguments: &Arguments) {
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        let program = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for object in calls::objects(number, arguments) {
            let wanted = match object {
                Object::Path { folder, path, access } => {
                    let Some(path) = path_of(pid, folder, path) else { continue };
                    Wanted::Path { path, access }
                }
                Object::Opened { folder, path, how } => {
                    let flags = memory(pid, how, size_of::<u64>()).and_then(|bytes| bytes.first_chunk().copied());
                    let access = calls::opened(flags.map_or(0, u64::from_ne_bytes));
                    let Some(path) = path_of(pid, Some(folder), path) else { continue };
                    Wanted::Path { path, access }
                }
                Object::Other(wanted) => wanted,
                Object::Address { address, own } => match port(pid, address) {
                    Some(port) if own => Wanted::Listener { port },
                    Some(port) => Wanted::Connection { port },
                    None => continue,
                },
            };
            self.refusals.insert(Refusal { wanted, program: program.clone() });
        }
    }
}

/// What happens next to a process that is followed: not to what other threads have started.
fn next() -> nix::Result<WaitStatus> {
    waitpid(Pid::from_raw(-1), Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD))
}

fn kill(pid: Pid) {
    let _ = nix::sys::signal::kill(pid, Signal::SIGKILL);
}

fn go_on(pid: Pid, signal: Option<Signal>) {
    // A process that is gone by now needs nothing.
    let _ = ptrace::syscall(pid, signal);
}

/// The path that a call named, made absolute as the process would.
fn path_of(pid: Pid, folder: Option<i32>, address: u64) -> Option<PathBuf> {
    let text = memory(pid, address, LONGEST)?;
    let text = text.split(|byte| *byte == 0).next()?;
    let path = PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(text));
    let from = match folder {
        Some(folder) if folder >= 0 => format!("/proc/{pid}/fd/{folder}"),
        _ => format!("/proc/{pid}/cwd"),
    };
    if path.is_absolute() { Some(path) } else { Some(std::fs::read_link(from).ok()?.join(path)) }
}

/// The port of an IPv4 or IPv6 address: both have it in the same place (ip(7), ipv6(7)).
fn port(pid: Pid, address: u64) -> Option<u16> {
    let bytes = memory(pid, address, 4)?;
    let [a, b, c, d] = <[u8; 4]>::try_from(bytes.get(..4)?).ok()?;
    let family = i32::from(u16::from_ne_bytes([a, b]));
    matches!(family, libc::AF_INET | libc::AF_INET6).then(|| u16::from_be_bytes([c, d]))
}

/// Up to `length` bytes of its memory; fewer where it ends.
fn memory(pid: Pid, address: u64, length: usize) -> Option<Vec<u8>> {
    const PAGE: u64 = 4096;
    let file = std::fs::File::open(Path::new("/proc").join(pid.to_string()).join("mem")).ok()?;
    let mut bytes = Vec::new();
    while bytes.len() < length && !bytes.contains(&0) {
        let at = address + u64::try_from(bytes.len()).ok()?;
        // Up to the end of a page: the next one may not be there.
        let piece = usize::try_from(PAGE - at % PAGE).ok()?.min(length - bytes.len());
        let mut read = vec![0; piece];
        let count = file.read_at(&mut read, at).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(read.get(..count)?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use super::*;

    /// How a traced `true` ends that gets a signal when it is nearly started.
    fn signaled(signal: rustix::process::Signal) -> Option<Ended> {
        let arguments = [CString::new("true").unwrap()];
        let image = Image { program: c"/bin/true", arguments: &arguments, environment: b"", starts: &[] };
        run(image, None, || Ok(rustix::process::kill_process(rustix::process::getpid(), signal)?)).unwrap().ended
    }

    #[test]
    fn a_signal_that_comes_before_the_program_reaches_the_program() {
        assert_eq!(signaled(rustix::process::Signal::INT), Some(Ended::Signaled(libc::SIGINT)));
        assert_eq!(signaled(rustix::process::Signal::WINCH), Some(Ended::Exited(0)));
    }
}
