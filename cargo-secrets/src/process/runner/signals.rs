//! Signals as messages, with who sent them.
//!
//! A signal to a whole process group reaches each of us and the program itself; one to a single process has to be handed
//! on. **Each of us hands on what it got, with its sender, and the next one drops what it got from the same sender
//! itself**: it came to the group, so whoever is below has it already.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

pub(in crate::process) use super::wire::SIGNAL;
use super::wire::{self, KERNEL, halves, joined};

/// What is handed on.
const HANDED_ON: [Signal; 10] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGALRM,
    Signal::SIGTERM,
    Signal::SIGCONT,
    Signal::SIGTSTP,
    Signal::SIGWINCH,
];

// The small runner knows them by their numbers.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[expect(clippy::indexing_slicing, reason = "at compile time")]
const _: () = {
    let mut at = 0;
    while at < HANDED_ON.len() {
        assert!(HANDED_ON[at] as i32 == wire::HANDED_ON[at]);
        at += 1;
    }
};

/// How long a signal to the whole group may take to reach the last of us.
const SAME: Duration = Duration::from_millis(200);

/// A signal and who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::process) struct Sent {
    /// Its number.
    pub(in crate::process) number: i32,
    /// The sender's process id, or [`KERNEL`].
    pub(in crate::process) sender: u32,
}

impl Sent {
    /// Whether a terminal sent it, to its whole foreground group.
    pub(in crate::process) fn is_from_terminal(self) -> bool {
        self.sender == KERNEL
    }

    /// Whether it stops or continues.
    pub(in crate::process) fn is_job_control(self) -> bool {
        self.number == libc::SIGTSTP || self.number == libc::SIGCONT
    }

    /// As bytes.
    pub(in crate::process) fn encode(self) -> [u8; SIGNAL] {
        joined(self.number.cast_unsigned(), self.sender)
    }

    /// From bytes; `None` for a signal that nobody hands on.
    pub(in crate::process) fn decode(bytes: [u8; SIGNAL]) -> Option<Self> {
        let (number, sender) = halves(bytes);
        let number = number.cast_signed();
        HANDED_ON.iter().any(|signal| *signal as i32 == number).then_some(Self { number, sender })
    }
}

/// The signals of this process, read instead of delivered for as long as this lives.
pub(in crate::process) struct Signals {
    set: SigSet,
    descriptor: SignalFd,
    seen: Vec<(Sent, Instant)>,
    waiting: VecDeque<Sent>,
}

impl Signals {
    /// Takes over the signals that are handed on, and the end of children.
    pub(in crate::process) fn take() -> io::Result<Self> {
        let mut set = SigSet::empty();
        for signal in HANDED_ON {
            set.add(signal);
        }
        set.add(Signal::SIGCHLD);
        set.thread_block()?;
        let descriptor = SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        Ok(Self { set, descriptor, seen: Vec::new(), waiting: VecDeque::new() })
    }

    /// Readable when there is something to [`read`](Self::read).
    pub(in crate::process) fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// The next signal; `None` when there is none. The end of a child is not told: who has children asks for them.
    pub(in crate::process) fn read(&mut self) -> Option<Sent> {
        self.fetch();
        self.waiting.pop_front()
    }

    /// Whether this process got `sent` too, so that it went to the whole group. **What came meanwhile the descriptor no
    /// longer shows**: who asks has to [`read`](Self::read), and to ask for ended children, before it waits again.
    pub(in crate::process) fn got_too(&mut self, sent: Sent) -> bool {
        self.fetch();
        self.seen.iter().any(|(seen, when)| *seen == sent && when.elapsed() < SAME)
    }

    fn fetch(&mut self) {
        while let Ok(Some(info)) = self.descriptor.read_signal() {
            let number = i32::try_from(info.ssi_signo).unwrap_or_default();
            if number == libc::SIGCHLD {
                continue;
            }
            let sender = if wire::is_from_terminal(number, info.ssi_code) { KERNEL } else { info.ssi_pid };
            let sent = Sent { number, sender };
            self.seen.retain(|(_, when)| when.elapsed() < SAME);
            self.seen.push((sent, Instant::now()));
            self.waiting.push_back(sent);
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        // What came until now has been answered for; what comes later ends us as it always did.
        self.fetch();
        let _ = self.set.thread_unblock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_comes_back_as_it_was_said() {
        let sent = Sent { number: libc::SIGTERM, sender: 4711 };
        assert_eq!(Sent::decode(sent.encode()), Some(sent));
        assert_eq!(Sent::decode(Sent { number: libc::SIGKILL, sender: 1 }.encode()), None);
    }
}
