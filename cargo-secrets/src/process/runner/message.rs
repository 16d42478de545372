//! What runner, parent and supervisor say to each other, in the bytes of [`wire`].
//!
//! **What a runner says is not trusted**: anything in cargo's tree can say it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::Ended;
use super::wire::{self, halves, joined};
pub(super) use super::wire::{ANSWER, DESCRIPTORS, HEAD};
use crate::process::environment::split;

/// The longest request taken: what execve(2) hands over at most, and room.
const LONGEST: usize = 16 << 20;

/// A runner's request to start a program: words and variables, each ended by a NUL.
pub(super) struct Request {
    body: Vec<u8>,
    words: usize,
}

impl Request {
    /// Puts together what the runner was started with: cargo's name for the target, the program with its arguments, and
    /// its environment.
    pub(super) fn encode<'w>(
        words: impl Iterator<Item = &'w OsStr>,
        environment: impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
    ) -> ([u8; HEAD], Vec<u8>) {
        let mut body = Vec::with_capacity(16 << 10);
        let mut count = 0_u32;
        for word in words {
            body.extend_from_slice(word.as_bytes());
            body.push(0);
            count += 1;
        }
        for (name, value) in environment {
            body.extend_from_slice(name.as_bytes());
            body.push(b'=');
            body.extend_from_slice(value.as_bytes());
            body.push(0);
        }
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        (joined(length, count), body)
    }

    /// The number of bytes that follow a head, and of words among them; `None` for what no runner of ours says.
    pub(super) fn announced(head: [u8; HEAD]) -> Option<(usize, usize)> {
        let (length, words) = halves(head);
        let (length, words) = (usize::try_from(length).ok()?, usize::try_from(words).ok()?);
        (length <= LONGEST && (2..=length).contains(&words)).then_some((length, words))
    }

    /// A request whose bytes are all there.
    pub(super) fn new(body: Vec<u8>, words: usize) -> Option<Self> {
        let is_whole = body.last() == Some(&0) && body.split(|byte| *byte == 0).nth(words).is_some();
        is_whole.then_some(Self { body, words })
    }

    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.body.split_inclusive(|byte| *byte == 0).map(|part| part.strip_suffix(&[0]).unwrap_or(part))
    }

    /// cargo's name for the target.
    pub(super) fn triple(&self) -> &OsStr {
        OsStr::from_bytes(self.parts().next().unwrap_or_default())
    }

    /// The program as cargo named it, and its arguments.
    pub(super) fn command(&self) -> impl Iterator<Item = &[u8]> {
        self.parts().take(self.words).skip(1)
    }

    /// The variables that the runner had.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.parts().skip(self.words).filter_map(split)
    }

    /// The value of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<&[u8]> {
        self.environment().find(|(known, _)| *known == name.as_bytes()).map(|(_, value)| value)
    }
}

/// What the parent answers a runner, and a supervisor its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The program runs; `shared`: in the process group of its runner.
    Started {
        /// Whether a signal to the runner's group reaches it by itself.
        shared: bool,
    },
    /// The program ended; how many of its leftovers were killed.
    Ended(Ended, u32),
    /// The runner is to become the program itself: it gets nothing from here.
    Alone,
    /// No program was started: the error of the system, and whether it was the program that was refused.
    Failed {
        /// Whether execve(2) refused it.
        exec: bool,
        /// `errno`.
        number: i32,
    },
}

impl Answer {
    /// As bytes.
    pub(super) fn encode(&self) -> [u8; ANSWER] {
        let (tag, flag, number, count) = match self {
            Self::Started { shared } => (wire::STARTED, u8::from(*shared), 0, 0),
            Self::Ended(Ended::Exited(code), killed) => (wire::EXITED, *code, 0, *killed),
            Self::Ended(Ended::Signaled(signal), killed) => (wire::SIGNALED, 0, *signal, *killed),
            Self::Alone => (wire::ALONE, 0, 0, 0),
            Self::Failed { exec, number } => (wire::FAILED, u8::from(*exec), *number, 0),
        };
        let mut bytes = [tag, flag, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes[2..].copy_from_slice(&joined(number.cast_unsigned(), count));
        bytes
    }

    /// From bytes.
    pub(super) fn decode(bytes: [u8; ANSWER]) -> Option<Self> {
        let [tag, flag, numbers @ ..] = bytes;
        let (number, count) = halves(numbers);
        let number = number.cast_signed();
        Some(match tag {
            wire::STARTED => Self::Started { shared: flag == 1 },
            wire::EXITED => Self::Ended(Ended::Exited(flag), count),
            wire::SIGNALED => Self::Ended(Ended::Signaled(number), count),
            wire::ALONE => Self::Alone,
            wire::FAILED => Self::Failed { exec: flag == 1, number },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    #[test]
    fn a_request_comes_back_as_it_was_said() {
        let words = ["x86_64-unknown-linux-gnu", "/t/app", "", "a b"].map(OsStr::new);
        let variables =
            [("A", "1=2"), ("EMPTY", "")].map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let (head, body) = Request::encode(words.into_iter(), variables.into_iter());
        let (length, count) = Request::announced(head).unwrap();
        assert_eq!(length, body.len());
        let request = Request::new(body, count).unwrap();
        assert_eq!(request.triple(), "x86_64-unknown-linux-gnu");
        assert_eq!(request.command().collect::<Vec<_>>(), [&b"/t/app"[..], b"", b"a b"]);
        assert_eq!(request.variable("A"), Some(&b"1=2"[..]));
        assert_eq!(request.variable("EMPTY"), Some(&b""[..]));
    }

    #[test]
    fn what_no_runner_says_is_not_taken() {
        assert_eq!(Request::announced(joined(10, 2)), Some((10, 2)));
        for (length, words) in [(10, 0), (10, 1), (1, 2), (u32::MAX, 2), (10, u32::MAX)] {
            assert_eq!(Request::announced(joined(length, words)), None, "{length} {words}");
        }
        assert!(Request::new(b"a\0b".to_vec(), 2).is_none());
        assert!(Request::new(b"a\0".to_vec(), 2).is_none());
    }

    #[test]
    fn answers_come_back_as_they_were_said() {
        for answer in [
            Answer::Started { shared: true },
            Answer::Started { shared: false },
            Answer::Ended(Ended::Exited(101), 3),
            Answer::Ended(Ended::Signaled(6), 0),
            Answer::Alone,
            Answer::Failed { exec: true, number: 2 },
        ] {
            assert_eq!(Answer::decode(answer.encode()), Some(answer));
        }
        assert_eq!(Answer::decode([9; ANSWER]), None);
    }
}
