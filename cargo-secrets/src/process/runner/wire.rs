//! The bytes between runner and parent. Both are of this version and on this machine: numbers are in its order.
//!
//! **Of `core` alone**: the small runner is made of this too.

/// The variable that tells a runner its descriptor to the parent.
pub(crate) const PARENT_VARIABLE: &str = "CARGO_SECRETS_PARENT";

/// The length of a request's head: the number of bytes that follow, and of words among them.
pub(crate) const HEAD: usize = 8;

/// The descriptors that come with a request's head: standard input, output and error, and the working folder.
pub(crate) const DESCRIPTORS: usize = 4;

/// The length of a signal: its number, and who sent it.
pub(crate) const SIGNAL: usize = 8;

/// The signals that are handed on, by their numbers on x86-64 and ARM64: HUP, INT, QUIT, USR1, USR2, ALRM, TERM, CONT, TSTP,
/// WINCH.
pub(crate) const HANDED_ON: [i32; 10] = [1, 2, 3, 10, 12, 14, 15, 18, 20, 28];

/// What stands for the kernel as a sender: no process has that id. (0 is a process outside of our container.)
pub(crate) const KERNEL: u32 = u32::MAX;

/// Whether the kernel sent a signal for a terminal, whose whole foreground group gets it: `code` is `si_code`
/// (sigaction(2)). An alarm is the kernel's too, and one process's alone.
pub(crate) fn is_from_terminal(number: i32, code: i32) -> bool {
    const SI_KERNEL: i32 = 0x80;
    const ALRM: i32 = 14;
    code == SI_KERNEL && number != ALRM
}

/// An answer's length: its kind, a byte, and two numbers.
pub(crate) const ANSWER: usize = 10;

/// The program runs; the byte is 1 where it is in the runner's process group.
pub(crate) const STARTED: u8 = 0;
/// It ended; the byte is its exit code.
pub(crate) const EXITED: u8 = 1;
/// It was ended by the signal that the first number is.
pub(crate) const SIGNALED: u8 = 2;
/// The runner is to become the program.
pub(crate) const ALONE: u8 = 3;
/// No program was started; the byte is 1 where it was refused, and the first number is `errno`.
pub(crate) const FAILED: u8 = 4;

/// Two numbers in eight bytes.
pub(crate) fn joined(first: u32, second: u32) -> [u8; 8] {
    (u64::from(first) | (u64::from(second) << 32)).to_ne_bytes()
}

/// The two numbers of [`joined`].
pub(crate) fn halves(bytes: [u8; 8]) -> (u32, u32) {
    let both = u64::from_ne_bytes(bytes);
    #[expect(clippy::cast_possible_truncation, reason = "each half is taken")]
    (both as u32, (both >> 32) as u32)
}
