//! A program that we stay beside until it ends: an editor, a shell, one that is to be started again.
//!
//! **It is in our process group, so what the terminal sends reaches both**; what is sent to us alone is told to the
//! caller. While we stay, no signal but KILL ends us.

use std::ffi::CString;
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal, WaitOptions};

use super::deliver::{Command, USUAL_PATH, with_shell};
use super::environment::Environment;
use super::error::ExecError;
use super::platform::{self, Image, SpawnError};
use super::program;
use super::runner::{Ended, Signals, descendants, end_tree, stop};

/// How long a program may take to end when it is told to.
const GRACE: Duration = Duration::from_secs(5);

/// How often is looked whether something ended that tells nobody.
const PAUSE: Duration = Duration::from_millis(10);

/// A program that runs beside us.
pub(crate) struct Attended {
    pid: Pid,
    signals: Signals,
    ended: Option<Ended>,
}

/// What is to be said while it runs.
#[derive(Debug)]
pub(crate) enum Event {
    /// It ended.
    Ended(Ended),
    /// We were sent this signal, which ends programs; and whether it reached the program too.
    Told(Signal, Reach),
    /// What was to be waited for beside it is ready.
    Ready,
    /// The time is up.
    Late,
}

/// Whom a signal reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Us alone.
    Us,
    /// The whole group: the terminal sent it.
    Group,
}

impl Attended {
    /// Starts `command`.
    pub(crate) fn start(command: &Command, environment: &Environment) -> Result<Self, ExecError> {
        let setup = |source: io::Error| ExecError::Setup { source };
        let path = environment.get("PATH").map_or(USUAL_PATH.as_ref(), std::ffi::OsStr::from_bytes);
        let file = program::find(&command.program, path)?;
        let words = command.words()?;
        let program = CString::new(file.as_os_str().as_bytes()).map_err(|_| ExecError::Interior)?;
        let (block, starts) = environment.as_block();
        let image = Image { program: &program, arguments: &words, environment: block, starts };
        let signals = Signals::take().map_err(setup)?;
        let before = || environment.hand_on_files();
        let started = match platform::spawn(image, before) {
            Err(SpawnError::Exec(error)) if error.raw_os_error() == Some(libc::ENOEXEC) => {
                let (shell, words) = with_shell(&program, &words);
                platform::spawn(Image { program: shell, arguments: &words, ..image }, before)
            }
            started => started,
        };
        let pid = started.map_err(|error| match error {
            SpawnError::Before(source) => setup(source),
            SpawnError::Exec(error) if error.raw_os_error() == Some(libc::ENOENT) => {
                ExecError::Interpreter { program: file }
            }
            SpawnError::Exec(error) => ExecError::NotExecutable { program: file, source: Some(error) },
        })?;
        Ok(Self { pid, signals, ended: None })
    }

    /// Goes on as a copy of this process that does `work`, and ends with the exit code that it tells, if it does not become
    /// a program. It is told to end when this process does.
    pub(crate) fn fork(work: impl FnOnce() -> u8) -> io::Result<Self> {
        let signals = Signals::take()?;
        let us = rustix::process::getpid();
        if let Some(pid) = platform::fork()? {
            return Ok(Self { pid, signals, ended: None });
        }
        drop(signals);
        platform::leave(|| {
            let told = rustix::process::set_parent_process_death_signal(Some(Signal::TERM));
            if told.is_err() || rustix::process::getppid() != Some(us) {
                return super::FAILED;
            }
            work()
        })
    }

    /// Waits until there is something to say.
    pub(crate) fn wait(&mut self, beside: Option<BorrowedFd<'_>>, limit: Option<Duration>) -> io::Result<Event> {
        let until = limit.map(|limit| Instant::now() + limit);
        loop {
            while let Some(sent) = self.signals.read() {
                if sent.number == libc::SIGTSTP {
                    stop();
                    continue;
                }
                let ends = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM];
                let reach = if sent.is_from_terminal() { Reach::Group } else { Reach::Us };
                match ends.into_iter().find(|signal| signal.as_raw() == sent.number) {
                    Some(signal) => return Ok(Event::Told(signal, reach)),
                    None if reach == Reach::Us => self.forward(sent.number),
                    None => {}
                }
            }
            if let Some(ended) = self.reap() {
                return Ok(Event::Ended(ended));
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(Event::Late);
            }
            if self.poll(beside, left)? {
                return Ok(Event::Ready);
            }
        }
    }

    /// The same after its end: waits for `beside` or a signal.
    pub(crate) fn wait_for(&mut self, beside: BorrowedFd<'_>) -> io::Result<Event> {
        self.ended = None;
        self.wait(Some(beside), None)
    }

    /// Sleeps until there is a signal or `beside` is ready; tells whether that is ready.
    fn poll(&self, beside: Option<BorrowedFd<'_>>, limit: Option<Duration>) -> io::Result<bool> {
        let descriptors = std::iter::once(self.signals.descriptor()).chain(beside);
        let mut polled: Vec<_> = descriptors.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        let limit = limit.map(Timespec::try_from).transpose().map_err(io::Error::other)?;
        match rustix::event::poll(&mut polled, limit.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(polled.get(1).is_some_and(|entry| !entry.revents().is_empty()))
    }

    fn reap(&mut self) -> Option<Ended> {
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if pid == self.pid {
                self.ended = Ended::from_status(status);
            }
        }
        self.ended
    }

    fn forward(&self, number: i32) {
        if let Some(signal) = Signal::from_named_raw(number) {
            self.send(signal);
        }
    }

    /// Sends it a signal.
    pub(crate) fn send(&self, signal: Signal) {
        // One that has just ended needs none.
        let _ = rustix::process::kill_process(self.pid, signal);
    }

    /// Tells it to end by `signal`, then kills it; and what it leaves behind, where that is ours (see [`adopt_leftovers`]).
    pub(crate) fn end(&mut self, signal: Signal) -> io::Result<Ended> {
        let until = Instant::now() + GRACE;
        let ended = self.end_itself(signal, until)?;
        end_leftovers(until);
        Ok(ended)
    }

    /// Waits for its end, whatever comes meanwhile; a second signal to end is handed on.
    pub(crate) fn finish(&mut self) -> io::Result<Ended> {
        loop {
            match self.wait(None, None)? {
                Event::Ended(ended) => return Ok(ended),
                Event::Told(signal, Reach::Us) => self.send(signal),
                Event::Told(..) | Event::Ready | Event::Late => {}
            }
        }
    }

    fn end_itself(&mut self, signal: Signal, until: Instant) -> io::Result<Ended> {
        self.send(signal);
        // A stopped program does not hear it.
        self.send(Signal::CONT);
        loop {
            match self.wait(None, Some(until.saturating_duration_since(Instant::now())))? {
                Event::Ended(ended) => return Ok(ended),
                Event::Late => break,
                Event::Told(..) | Event::Ready => {}
            }
        }
        self.send(Signal::KILL);
        loop {
            if let Event::Ended(ended) = self.wait(None, None)? {
                return Ok(ended);
            }
        }
    }
}

/// Has a copy of this process do `work`. Signals to end reach the copy as they reach any program,
/// also while we attend another.
pub(crate) fn aside(work: impl FnOnce() -> u8) -> io::Result<Aside> {
    match platform::fork()? {
        Some(pid) => Ok(Aside(pid)),
        None => platform::leave(|| {
            // What the original attends is none of the copy's.
            let unblocked = nix::sys::signal::SigSet::empty().thread_set_mask();
            if unblocked.is_ok() { work() } else { super::FAILED }
        }),
    }
}

/// A copy that does something aside.
pub(crate) struct Aside(Pid);

impl Aside {
    /// Waits for its end.
    pub(crate) fn wait(self) {
        let interrupted = Some(rustix::io::Errno::INTR);
        while rustix::process::waitpid(Some(self.0), WaitOptions::empty()).err() == interrupted {}
    }
}

/// Has what a program leaves behind become our children, so that it is ended with it (prctl(2), `PR_SET_CHILD_SUBREAPER`).
pub(crate) fn adopt_leftovers() -> io::Result<()> {
    Ok(rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?)
}

/// Ends what an ended program left behind: told first, killed when the time is up.
fn end_leftovers(until: Instant) {
    for pid in descendants().into_iter().filter_map(Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, Signal::TERM);
        let _ = rustix::process::kill_process(pid, Signal::CONT);
    }
    while Instant::now() < until && !descendants().is_empty() {
        while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG) {}
        std::thread::sleep(PAUSE);
    }
    end_tree();
}
