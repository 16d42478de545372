//! What stands between the parent and cargo: starts it in its domain, hands signals on, ends what it leaves behind.
//!
//! **It never holds a value but those meant for cargo itself**: it is started before anything is decrypted. **`kill(-1)` is
//! called only where the kernel was seen to confine it.**

use std::ffi::{CString, OsStr, OsString};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, Signal, WaitOptions};

use super::message::{ANSWER, Answer};
use super::signals::{SIGNAL, Sent, Signals};
use super::{Ended, SUPERVISOR, channel, leftovers};
use crate::manifest::Network;
use crate::process::deliver::{Command, with_shell};
use crate::process::enter::{self, Domains};
use crate::process::environment::{Environment, Inherit, as_bytes};
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
    pub(crate) open: Option<&'l OwnedFd>,
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
    /// Starts the supervisor; it waits for [`go`](Self::go).
    pub(crate) fn start(door: Door, launch: &Launch<'_>) -> io::Result<Self> {
        let (socket, theirs) = channel::pair(false)?;
        let theirs = channel::inheritable(theirs)?;
        let inherited = |fd: &OwnedFd| channel::inheritable(fd);
        let outer = launch.domains.and_then(|domains| domains.outer.as_ref()).map(inherited).transpose()?;
        let build = launch.domains.map(|domains| inherited(&domains.build)).transpose()?;
        let number = |fd: Option<&OwnedFd>| fd.map_or_else(|| "-".to_owned(), |fd| fd.as_raw_fd().to_string());
        let words = ["cargo-secrets", SUPERVISOR].map(str::to_owned).into_iter();
        let network = launch.domains.map_or(Network::All, |domains| domains.network).word().to_owned();
        let kept = format!("{},{}", door.number(), number(launch.open));
        let words = words.chain([number(Some(&theirs)), number(outer.as_ref()), number(build.as_ref()), network, kept]);
        let command = [launch.file.as_os_str(), &launch.command.program].into_iter();
        let command = command.chain(launch.command.arguments.iter().map(OsString::as_os_str));
        let arguments = words.map(String::into_bytes).chain(command.map(|word| word.as_bytes().to_vec()));
        let arguments: Vec<_> = arguments.map(CString::new).collect::<Result<_, _>>()?;
        let (block, starts) = launch.environment.as_block();
        let image = Image { program: c"/proc/self/exe", arguments: &arguments, environment: block, starts };
        platform::spawn(image, || {
            let kept = [Some(&theirs), Some(&door.theirs), outer.as_ref(), build.as_ref(), launch.open];
            kept.into_iter().flatten().try_for_each(|fd| channel::keep_on_exec(fd.as_fd()))?;
            Ok(Vec::new())
        })
        .map_err(|error| match error {
            SpawnError::Before(error) | SpawnError::Exec(error) => error,
        })?;
        Ok(Self { socket: UnixStream::from(socket), door: door.ours, gone: false })
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

/// The supervisor itself; `words` are what [`Supervisor::start`] put after its name. Returns its exit code.
pub(crate) fn supervise(words: &[OsString]) -> u8 {
    let [parent, outer, build, network, kept, file, command @ ..] = words else { return super::FAILED };
    let Ok(mut parent) = connection(parent) else { return super::FAILED };
    match start(&mut parent, [outer, build, network, kept], file, command) {
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
fn start(
    parent: &mut UnixStream,
    [outer, build, network, kept]: [&OsString; 4],
    file: &OsStr,
    command: &[OsString],
) -> Result<Started, SpawnError> {
    let before = |error: io::Error| SpawnError::Before(error);
    let signals = Signals::take().map_err(before)?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).map_err(|error| before(error.into()))?;
    let [outer, build] = [outer, build].map(|number| adopt(number));
    if let Some(outer) = outer.map_err(before)? {
        enter::outer(outer).map_err(before)?;
    }
    let build = build.map_err(before)?;
    let filter = build.map(|_| calls(network)).transpose().map_err(before)?;
    if build.is_some() {
        close_others(kept).map_err(before)?;
    }
    let environment = told(parent).map_err(before)?;
    let (block, starts) = environment.as_block();
    let words: Result<Vec<_>, _> = command.iter().map(|word| CString::new(word.as_bytes())).collect();
    let words = words.map_err(|error| before(error.into()))?;
    let file = CString::new(file.as_bytes()).map_err(|error| before(error.into()))?;
    let image = Image { program: &file, arguments: &words, environment: block, starts };
    let enter = || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        if let (Some(build), Some(filter)) = (build, &filter) {
            enter::build(build, filter)?;
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

/// The parent's connection.
fn connection(number: &OsStr) -> io::Result<UnixStream> {
    let descriptor = adopt(number)?.ok_or(io::ErrorKind::NotFound)?;
    Ok(UnixStream::from(descriptor.try_clone_to_owned()?))
}

/// Keeps every descriptor from the build that is not one of `kept`: what the user's shell had open is none of its
/// business. The pipe of a `make` above is.
pub(crate) fn close_others(kept: &OsStr) -> io::Result<()> {
    let make = std::env::var("MAKEFLAGS").unwrap_or_default();
    let make = make.split_ascii_whitespace().find_map(|flag| flag.strip_prefix("--jobserver-auth="));
    let kept = format!("{},{}", kept.to_string_lossy(), make.unwrap_or_default());
    let kept: Vec<i32> = kept.split(',').filter_map(|number| number.parse().ok()).collect();
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let number = entry?.file_name().to_str().and_then(|number| number.parse().ok());
        if let Some(number) = number.filter(|number| *number > 2 && !kept.contains(number)) {
            // The one that lists them is closed by now.
            let _ = platform::inherited(number).and_then(channel::close_on_exec);
        }
    }
    Ok(())
}

fn calls(network: &OsStr) -> io::Result<Calls> {
    let network = network.to_str().and_then(Network::from_word).ok_or(io::ErrorKind::InvalidInput)?;
    Calls::new(network).map_err(io::Error::other)
}

/// An inherited descriptor, kept from what comes after us; `-` is none.
fn adopt(number: &OsStr) -> io::Result<Option<BorrowedFd<'static>>> {
    if number == "-" {
        return Ok(None);
    }
    let number = number.to_str().and_then(|number| number.parse().ok()).ok_or(io::ErrorKind::InvalidInput)?;
    let descriptor = platform::inherited(number)?;
    channel::close_on_exec(descriptor)?;
    Ok(Some(descriptor))
}

/// Our environment and what the parent adds to it when it says go.
fn told(parent: &mut UnixStream) -> io::Result<Environment> {
    let mut length = [0; 4];
    parent.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_ne_bytes(length)).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut block = zeroize::Zeroizing::new(vec![0; length]);
    parent.read_exact(&mut block)?;
    let added = block.split(|byte| *byte == 0).filter_map(|variable| {
        let at = variable.iter().position(|byte| *byte == b'=')?;
        Some((std::str::from_utf8(variable.get(..at)?).ok()?, variable.get(at + 1..)?))
    });
    let own: Vec<_> = std::env::vars_os().collect();
    Ok(Environment::assemble(&as_bytes(&own), &added.collect::<Vec<_>>(), Inherit::All))
}

/// Hands signals on until the child ends; `None` when the parent ended first.
fn watch(parent: &mut UnixStream, child: Pid, mut signals: Signals) -> Option<Ended> {
    loop {
        let mut ready = [signals.descriptor(), parent.as_fd()].map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
        let _ = rustix::event::poll(&mut ready, None);
        let [_, told] = ready.map(|entry| !entry.revents().is_empty());
        // What reached us alone was meant for nobody: the parent hands on what is.
        while signals.read().is_some() {}
        let mut ended = None;
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if pid == child {
                ended = Ended::from_status(status);
            }
        }
        if ended.is_some() {
            return ended;
        }
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
    }
}
