//! The whole runner: what cargo starts instead of a program, or what the small runner becomes. It asks the parent to start
//! the program, and is its shadow: signals go to the program, its status comes back.

use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{Mode, OFlags};

use super::message::{ANSWER, Answer, Request};
use super::signals::Signals;
use super::{Ended, PARENT_VARIABLE, channel};
use crate::process::platform;

/// How asking ended.
pub(crate) enum Asked {
    /// The program ended like this.
    Ended(Ended),
    /// The runner is to become the program, with nothing added.
    Alone,
}

/// Why the runner could not have its program started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// Started by hand.
    #[error("this runner is started by a cargo that `cargo secrets run` started, and there is none")]
    ByHand,
    /// cargo was started by `run`, but something in between closed the descriptor.
    #[error("the descriptor to `cargo secrets run` is closed")]
    NoParent(#[source] io::Error),
    /// It ended meanwhile.
    #[error("`cargo secrets run` has ended")]
    ParentGone,
    /// The parent could not start it.
    #[error("failed to start `{}`", program.display())]
    NotStarted {
        /// As cargo named it.
        program: OsString,
        /// Why.
        source: io::Error,
        /// Whether it was the program that was refused.
        exec: bool,
    },
}

impl AskError {
    /// 126 and 127 for the program, 125 for us, as `env` has it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NotStarted { exec: true, source, .. } if source.kind() == io::ErrorKind::NotFound => 127,
            Self::NotStarted { exec: true, .. } => 126,
            _ => 125,
        }
    }

    /// What to type next.
    pub(crate) fn help(&self) -> Option<&'static str> {
        match self {
            Self::NoParent(_) => Some(
                "whatever starts cargo must leave its descriptors open (Python: `close_fds=False`), or be started by \
                 `cargo secrets run` with `--via env`",
            ),
            Self::ByHand => Some("cargo secrets run -- cargo test"),
            Self::ParentGone => Some("start it again: what is left of the build gets no values"),
            Self::NotStarted { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => Some(
                "where its folder is new: one that is made beside hidden ones while the command runs is closed to programs; \
                 start it again",
            ),
            Self::NotStarted { .. } => None,
        }
    }
}

/// Has the parent start `words`: cargo's name for the target, the program, its arguments.
pub(crate) fn ask(words: &[OsString]) -> Result<Asked, AskError> {
    let parent = parent()?;
    let mut signals = Signals::take().map_err(AskError::NoParent)?;
    let mut connection = call(parent, words).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => AskError::ParentGone,
        _ => AskError::NoParent(error),
    })?;
    let mut shared = true;
    loop {
        let signals_fd = signals.descriptor();
        let mut ready = [
            PollFd::from_borrowed_fd(signals_fd, PollFlags::IN),
            PollFd::from_borrowed_fd(connection.as_fd(), PollFlags::IN),
        ];
        match rustix::event::poll(&mut ready, None) {
            Err(rustix::io::Errno::INTR) | Ok(_) => {}
            Err(_) => return Err(AskError::ParentGone),
        }
        let [_, answered] = ready.map(|entry| !entry.revents().is_empty());
        while let Some(sent) = signals.read() {
            let has_it = shared && (sent.is_from_terminal() || sent.is_job_control());
            if !has_it {
                let _ = connection.write_all(&sent.encode());
            }
        }
        if !answered {
            continue;
        }
        let mut bytes = [0; ANSWER];
        connection.read_exact(&mut bytes).map_err(|_| AskError::ParentGone)?;
        match Answer::decode(bytes) {
            Some(Answer::Started { shared: with_us }) => shared = with_us,
            Some(Answer::Ended(ended, _)) => return Ok(Asked::Ended(ended)),
            Some(Answer::Alone) => return Ok(Asked::Alone),
            Some(Answer::Failed { exec, number }) => {
                let program = words.get(1).cloned().unwrap_or_default();
                return Err(AskError::NotStarted { program, source: io::Error::from_raw_os_error(number), exec });
            }
            None => return Err(AskError::ParentGone),
        }
    }
}

/// The inherited descriptor.
fn parent() -> Result<BorrowedFd<'static>, AskError> {
    let number = std::env::var_os(PARENT_VARIABLE).ok_or(AskError::ByHand)?;
    let number = number.to_str().and_then(|number| number.parse().ok());
    let invalid = || AskError::NoParent(io::ErrorKind::InvalidInput.into());
    platform::inherited(number.ok_or_else(invalid)?).map_err(AskError::NoParent)
}

/// Says what is to be started; the connection carries the answers.
fn call(parent: BorrowedFd<'_>, words: &[OsString]) -> io::Result<UnixStream> {
    let (ours, theirs) = channel::pair(false)?;
    channel::send(parent, &[0], &[theirs.as_fd()])?;
    drop(theirs);
    let folder = rustix::fs::open(".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let (head, body) = Request::encode(words.iter().map(OsString::as_os_str), std::env::vars_os());
    let standard = [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr(), folder.as_fd()];
    channel::send(&ours, &head, &standard)?;
    let mut connection = UnixStream::from(ours);
    connection.write_all(&body)?;
    Ok(connection)
}
