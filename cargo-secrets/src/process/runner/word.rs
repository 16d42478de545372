//! What cargo is told to start in place of a program.
//!
//! **The small runner as a file in memory**, which nobody can change, since to load all of us takes longer than the rest of
//! a program's start; behind it the whole runner, which it becomes where things are not as usual. Where the system says
//! that it does not run such files, or there is no small runner for it, the whole one alone.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{Access, MemfdFlags, Mode, OFlags};

use super::{RUNNER, channel};
use crate::process::memory_file;

/// The small runner; nothing where it could not be built.
static SMALL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runner"));

/// Where a process finds its own open files.
const OPEN_FILES: &str = "/proc/self/fd/";

/// What cargo is told to start, and what its tree inherits for that.
pub(crate) struct Word {
    /// The words, but for the target's.
    pub(crate) text: OsString,
    /// Open files among them.
    pub(crate) open: Vec<OwnedFd>,
}

impl Word {
    /// For this program, which is the whole runner. cargo splits the words at white space, so a path with some is given as
    /// an open file. Only where we start cargo ourselves is it sure to inherit open files: what else stands in between may
    /// close them, and only the whole runner can say so.
    pub(crate) fn new(is_cargo: bool) -> io::Result<Self> {
        let us = std::env::current_exe()?;
        let mut word = Self { text: OsString::new(), open: Vec::new() };
        if let Some(small) = is_cargo.then(small).flatten() {
            word.push_open(small);
        }
        if us.as_os_str().as_bytes().iter().any(u8::is_ascii_whitespace) {
            let file = rustix::fs::open(&us, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
            word.push_open(channel::inheritable(file)?);
        } else {
            word.text.push(us);
            word.text.push(" ");
        }
        word.text.push(RUNNER);
        Ok(word)
    }

    fn push_open(&mut self, file: OwnedFd) {
        self.text.push(open_file(&file));
        self.text.push(" ");
        self.open.push(file);
    }
}

/// Whether a runner is ours: as [`Word`] or `init --runner` has it.
pub(crate) fn is_ours(program: &Path, arguments: &[OsString]) -> bool {
    let words = || std::iter::once(program.as_os_str()).chain(arguments.iter().map(OsString::as_os_str));
    let is_open = |word: &&OsStr| word.as_bytes().starts_with(OPEN_FILES.as_bytes());
    let mut named = words().skip_while(is_open);
    let is_us = |word: &OsStr| {
        Path::new(word).file_name() == Some(OsStr::new("cargo-secrets"))
            || std::env::current_exe().is_ok_and(|us| us == word)
    };
    match named.next() {
        Some(word) if word == RUNNER => words().next().is_some_and(|first| is_open(&first)),
        Some(word) => is_us(word) && named.next().is_some_and(|word| word == RUNNER),
        None => false,
    }
}

/// The small runner, open for cargo's tree, if this system runs it.
fn small() -> Option<OwnedFd> {
    if SMALL.is_empty() {
        return None;
    }
    let file = memory_file::sealed(RUNNER, SMALL, 0o555, MemfdFlags::EXEC).ok()?;
    rustix::fs::access(open_file(&file), Access::EXEC_OK).ok()?;
    Some(file)
}

/// By what a process finds its open file.
fn open_file(file: &OwnedFd) -> String {
    format!("{OPEN_FILES}{}", file.as_raw_fd())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, ExitStatus};

    use rustix::event::{PollFd, PollFlags, Timespec};
    use rustix::process::{Pid, Signal};

    use super::super::Ended;
    use super::super::message::{Answer, HEAD, Request};
    use super::*;

    #[test]
    fn the_small_runner_is_built_for_this_machine_and_runs() {
        let small = small().unwrap();
        channel::keep_on_exec(small.as_fd()).unwrap();
        let path = open_file(&small);
        let run = |words: &[&str]| Command::new(&path).args(words).output().unwrap();
        for words in [&[][..], &["/no/such/runner"]] {
            let output = run(words);
            assert_eq!(output.status.code(), Some(125));
            assert!(output.stderr.starts_with(b"error: failed to start the runner"));
        }
        // Without a parent it becomes what the first word names.
        let became = run(&["/bin/echo", "runner", "--target=t", "program"]);
        assert_eq!(String::from_utf8(became.stdout).unwrap(), "runner --target=t program\n");
    }

    /// The next message, which is waited for, but not for ever.
    fn received(socket: &OwnedFd, bytes: &mut [u8]) -> channel::Received {
        let limit = Timespec { tv_sec: 60, tv_nsec: 0 };
        assert_eq!(rustix::event::poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&limit)), Ok(1));
        channel::receive(socket, bytes).unwrap()
    }

    /// Has the small runner ask us for a program; `answer` is given the connection when the request is there.
    fn asked(answer: impl FnOnce(&mut UnixStream, Pid)) -> ExitStatus {
        let small = small().unwrap();
        let (ours, theirs) = channel::pair(true).unwrap();
        let theirs = channel::inheritable(theirs).unwrap();
        for inherited in [&small, &theirs] {
            channel::keep_on_exec(inherited.as_fd()).unwrap();
        }
        let mut command = Command::new(open_file(&small));
        command.args(["/bin/false", RUNNER, "--target=t", "program"]);
        command.env_clear().env("A", "1").env(super::super::PARENT_VARIABLE, theirs.as_raw_fd().to_string());
        let mut child = command.spawn().unwrap();
        let connection = received(&ours, &mut [0; 8]).descriptors.pop().unwrap();
        let mut head = [0; HEAD];
        assert_eq!(received(&connection, &mut head).descriptors.len(), 4);
        let mut connection = UnixStream::from(connection);
        let (length, words) = Request::announced(head).unwrap();
        let mut body = vec![0; length];
        connection.read_exact(&mut body).unwrap();
        let request = Request::new(body, words).unwrap();
        assert_eq!(request.triple(), "t");
        assert_eq!(request.command().collect::<Vec<_>>(), [b"program"]);
        assert_eq!(request.variable("A"), Some(&b"1"[..]));
        answer(&mut connection, Pid::from_child(&child));
        drop(connection);
        child.wait().unwrap()
    }

    #[test]
    fn the_small_runner_ends_as_the_program_did() {
        let ended = |ended| asked(|connection, _| connection.write_all(&Answer::Ended(ended, 0).encode()).unwrap());
        assert_eq!(ended(Ended::Exited(7)).code(), Some(7));
        assert_eq!(ended(Ended::Signaled(libc::SIGABRT)).signal(), Some(libc::SIGABRT));
        // What it does not know is left to the whole runner, which `false` stands for.
        assert_eq!(asked(|connection, _| connection.write_all(&Answer::Alone.encode()).unwrap()).code(), Some(1));
        assert_eq!(asked(|_, _| {}).code(), Some(1));
    }

    #[test]
    fn a_signal_at_the_programs_end_does_not_take_its_status_away() {
        let status = asked(|connection, runner| {
            let stopped = || {
                let status = std::fs::read_to_string(format!("/proc/{}/stat", runner.as_raw_nonzero())).unwrap();
                status.rsplit_once(") ").unwrap().1.starts_with('T')
            };
            rustix::process::kill_process(runner, Signal::STOP).unwrap();
            while !stopped() {
                std::thread::yield_now();
            }
            rustix::process::kill_process(runner, Signal::TERM).unwrap();
            connection.write_all(&Answer::Ended(Ended::Exited(7), 0).encode()).unwrap();
            connection.shutdown(std::net::Shutdown::Both).unwrap();
            rustix::process::kill_process(runner, Signal::CONT).unwrap();
        });
        assert_eq!(status.code(), Some(7), "{status}");
    }

    #[test]
    fn our_runners_are_known_by_their_words() {
        let is_ours = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            is_ours(Path::new(&words[0]), &words[1..])
        };
        let us = std::env::current_exe().unwrap();
        let us = us.to_str().unwrap();
        for ours in [
            &[us, RUNNER][..],
            &["/bin/cargo-secrets", RUNNER, "--target=t"],
            &["/proc/self/fd/200", us, RUNNER],
            &["/proc/self/fd/200", "/proc/self/fd/201", RUNNER],
            &["/proc/self/fd/200", RUNNER],
        ] {
            assert!(is_ours(ours), "{ours:?}");
        }
        for other in [&[us][..], &[us, "run"], &["/bin/qemu", RUNNER], &[RUNNER], &["/proc/self/fd/200"]] {
            assert!(!is_ours(other), "{other:?}");
        }
    }
}
