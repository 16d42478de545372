//! What cargo is told to start in place of a program.
//!
//! **The small runner as a file in memory**, which nobody can change, since to load all of us takes longer than the rest of
//! a program's start; behind it the whole runner, which it becomes where things are not as usual. Where the system does not
//! run such files, or there is no small runner for it, the whole one alone.

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
    use super::*;

    #[test]
    fn the_small_runner_is_built_for_this_machine_and_runs() {
        let small = small().unwrap();
        channel::keep_on_exec(std::os::fd::AsFd::as_fd(&small)).unwrap();
        let path = open_file(&small);
        let run = |words: &[&str]| std::process::Command::new(&path).args(words).output().unwrap();
        assert_eq!(run(&[]).status.code(), Some(125));
        assert_eq!(run(&["/no/such/runner"]).status.code(), Some(125));
        // Without a parent it becomes what the first word names.
        let became = run(&["/bin/echo", "runner", "--target=t", "program"]);
        assert_eq!(String::from_utf8(became.stdout).unwrap(), "runner --target=t program\n");
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
