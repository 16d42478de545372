//! What stands between the parent and cargo: starts it in its domain, hands signals on, ends what it leaves behind.
//!
//! **It never holds a value but those meant for cargo itself**: it is a copy of the parent from before anything is decrypted.
//! **`kill(-1)` is called only where the kernel was seen to confine it.**

use std::ffi::CString;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, Signal, WaitOptions};

use super::message::{ANSWER, Answer};
use super::signals::{SIGNAL, Sent, Signals};
use super::{Ended, channel, leftovers};
use crate::process::deliver::{Command, with_shell};
use crate::process::enter::{self, Domains};
use crate::process::environment::{Environment, Inherit, split};
use crate::process::platform::{self, Image, SpawnError};
use crate::process::sandbox::Calls;

/// What to start.
pub(crate) struct Launch<'l> {
    /// The file.
    pub(crate) file: &'l Path,
    /// The command as it was typed.
    pub(crate) command: &'l Command,
    /// Its environment, [`Door::number`] in it.
    pub(crate) environment: &'l Environment,
    /// Where it is confined.
    pub(crate) domains: Option<&'l Domains>,
    /// What else its tree inherits.
    pub(crate) open: &'l [OwnedFd],
}

/// Where runners knock: one end is inherited by all that cargo starts.
pub(crate) struct Door {
    ours: OwnedFd,
    theirs: OwnedFd,
}

impl Door {
    /// Makes the door.
    pub(crate) fn new() -> io::Result<Self> {
        let (ours, theirs) = channel::pair(true)?;
        rustix::net::sockopt::set_socket_passcred(&ours, true)?;
        Ok(Self { ours, theirs: channel::inheritable(theirs)? })
    }

    /// The descriptor's number in cargo's tree, for [`PARENT_VARIABLE`](super::PARENT_VARIABLE).
    pub(crate) fn number(&self) -> i32 {
        self.theirs.as_raw_fd()
    }
}

/// The supervisor, seen from the parent.
pub(crate) struct Supervisor {
    socket: UnixStream,
    door: OwnedFd,
    gone: bool,
}

/// What the supervisor tells at the end.
pub(super) struct Report {
    /// How cargo ended.
    pub(super) ended: Ended,
    /// How many processes were killed after it.
    pub(super) killed: u32,
}

impl Supervisor {
    /// Starts the supervisor, as a copy of this process; it waits for [`go`](Self::go).
    pub(crate) fn start(door: Door, launch: &Launch<'_>) -> io::Result<Self> {
        let (socket, theirs) = channel::pair(false)?;
        let Door { ours, theirs: knocker } = door;
        if platform::fork()?.is_some() {
            return Ok(Self { socket: UnixStream::from(socket), door: ours, gone: false });
        }
        // That the parent ended is seen only while nobody else holds its ends.
        drop((socket, ours));
        platform::leave(|| supervise(UnixStream::from(theirs), &knocker, launch))
    }

    /// Has it start the command, with `variables` added to its environment.
    pub(super) fn go(&mut self, variables: &[(&str, &[u8])]) -> io::Result<()> {
        let environment = Environment::assemble(&[], variables, Inherit::All);
        let (block, _) = environment.as_block();
        let length = u32::try_from(block.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.socket.write_all(&length.to_ne_bytes())?;
        self.socket.write_all(block)
    }

    /// Where it reports.
    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Where runners call.
    pub(super) fn door(&self) -> BorrowedFd<'_> {
        self.door.as_fd()
    }

    /// Whether it ended without a report.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Hands on a signal that this process got.
    pub(super) fn hand_on(&mut self, sent: Sent) {
        // When it is gone, there is nobody to hand it to.
        let _ = self.socket.write_all(&sent.encode());
    }

    /// What it reports; an error is that of starting the command.
    pub(super) fn report(&mut self) -> io::Result<Option<Report>> {
        let mut bytes = [0; ANSWER];
        if self.socket.read_exact(&mut bytes).is_err() {
            self.gone = true;
            return Ok(None);
        }
        match Answer::decode(bytes) {
            Some(Answer::Ended(ended, killed)) => Ok(Some(Report { ended, killed })),
            Some(Answer::Failed { number, .. }) => Err(io::Error::from_raw_os_error(number)),
            _ => Ok(None),
        }
    }
}

/// The supervisor itself. Returns its exit code.
fn supervise(mut parent: UnixStream, knocker: &OwnedFd, launch: &Launch<'_>) -> u8 {
    match start(&mut parent, knocker, launch) {
        Ok(Started { child, signals, confined }) => {
            let ended = watch(&mut parent, child, signals);
            let killed = if confined || ended.is_none() { leftovers::end() } else { 0 };
            if let Some(ended) = ended {
                let _ = parent.write_all(&Answer::Ended(ended, killed).encode());
            }
            0
        }
        Err(error) => {
            let (exec, error) = match error {
                SpawnError::Before(error) => (false, error),
                SpawnError::Exec(error) => (true, error),
            };
            let number = error.raw_os_error().unwrap_or(libc::EIO);
            let _ = parent.write_all(&Answer::Failed { exec, number }.encode());
            super::FAILED
        }
    }
}

/// cargo, as the supervisor sees it.
struct Started {
    child: Pid,
    signals: Signals,
    confined: bool,
}

/// Enters the outer domain, waits for the word to start, and starts the command in its own.
fn start(parent: &mut UnixStream, knocker: &OwnedFd, launch: &Launch<'_>) -> Result<Started, SpawnError> {
    let before = |error: io::Error| SpawnError::Before(error);
    let signals = Signals::take().map_err(before)?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).map_err(|error| before(error.into()))?;
    if let Some(outer) = launch.domains.and_then(|domains| domains.outer.as_ref()) {
        enter::outer(outer.as_fd()).map_err(before)?;
    }
    let calls = |domains: &Domains| Calls::new(domains.network).map_err(io::Error::other);
    let filter = launch.domains.map(calls).transpose().map_err(before)?;
    let build = launch.domains.zip(filter.as_ref());
    if build.is_some() {
        close_others().map_err(before)?;
    }
    for inherited in std::iter::once(knocker).chain(launch.open) {
        channel::keep_on_exec(inherited.as_fd()).map_err(before)?;
    }
    let environment = told(parent, launch.environment).map_err(before)?;
    let (block, starts) = environment.as_block();
    let words = launch.command.words().map_err(|_| before(io::ErrorKind::InvalidInput.into()))?;
    let file = CString::new(launch.file.as_os_str().as_bytes()).map_err(|error| before(error.into()))?;
    let image = Image { program: &file, arguments: &words, environment: block, starts };
    let enter = || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        if let Some((domains, filter)) = build {
            enter::build(domains.build.as_fd(), filter)?;
        }
        Ok(Vec::new())
    };
    let child = match platform::spawn(image, enter) {
        Err(SpawnError::Exec(error)) if error.raw_os_error() == Some(libc::ENOEXEC) => {
            let (shell, words) = with_shell(&file, &words);
            platform::spawn(Image { program: shell, arguments: &words, ..image }, enter)
        }
        started => started,
    }?;
    Ok(Started { child, signals, confined: build.is_some() })
}

/// Keeps every descriptor from the build that is not one of `kept`: what the user's shell had open is none of its
/// business. The pipe of a `make` above is.
pub(crate) fn close_others() -> io::Result<()> {
    let make = std::env::var("MAKEFLAGS").unwrap_or_default();
    let make = make.split_ascii_whitespace().find_map(|flag| flag.strip_prefix("--jobserver-auth="));
    let kept: Vec<i32> = make.unwrap_or_default().split(',').filter_map(|number| number.parse().ok()).collect();
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let number = entry?.file_name().to_str().and_then(|number| number.parse().ok());
        if let Some(number) = number.filter(|number| *number > 2 && !kept.contains(number)) {
            // The one that lists them is closed by now.
            let _ = platform::inherited(number).and_then(channel::close_on_exec);
        }
    }
    Ok(())
}

/// The command's environment and what the parent adds to it when it says go.
fn told(parent: &mut UnixStream, environment: &Environment) -> io::Result<Environment> {
    let mut length = [0; 4];
    parent.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_ne_bytes(length)).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut block = zeroize::Zeroizing::new(vec![0; length]);
    parent.read_exact(&mut block)?;
    let added: Vec<_> =
        variables(&block).filter_map(|(name, value)| Some((str::from_utf8(name).ok()?, value))).collect();
    let own: Vec<_> = variables(environment.as_block().0).collect();
    Ok(Environment::assemble(&own, &added, Inherit::All))
}

/// The names and values of a block.
fn variables(block: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    block.split(|byte| *byte == 0).filter_map(split)
}

/// Hands signals on until the child ends; `None` when the parent ended first.
fn watch(parent: &mut UnixStream, child: Pid, mut signals: Signals) -> Option<Ended> {
    loop {
        let mut ready = [signals.descriptor(), parent.as_fd()].map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
        let _ = rustix::event::poll(&mut ready, None);
        let [_, told] = ready.map(|entry| !entry.revents().is_empty());
        // What reached us alone was meant for nobody: the parent hands on what is.
        while signals.read().is_some() {}
        if told {
            let mut bytes = [0; SIGNAL];
            parent.read_exact(&mut bytes).ok()?;
            if let Some(sent) = Sent::decode(bytes)
                && let Some(signal) = Signal::from_named_raw(sent.number)
                && !signals.got_too(sent)
            {
                let _ = rustix::process::kill_process(child, signal);
            }
        }
        // Last: all of the above takes the news of an ended child away.
        let mut ended = None;
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if pid == child {
                ended = Ended::from_status(status);
            }
        }
        if ended.is_some() {
            return ended;
        }
    }
}
