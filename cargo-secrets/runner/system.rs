//! What the kernel is asked for, by its own interface: syscall(2), and the first picture of the stack as execve(2) leaves it
//! (System V ABI, "Process Initialization").
//!
//! **All `unsafe` of the small runner is here**, and in what compiled code calls by name.

#![expect(
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::many_single_char_names,
    reason = "registers"
)]

use core::arch::{asm, global_asm};
use core::ffi::CStr;
use core::mem::{size_of, size_of_val};
use core::ptr::{from_mut, from_ref, null};
use core::slice;

use crate::wire::is_from_terminal;

#[cfg(target_arch = "x86_64")]
mod call {
    pub(super) const READ: usize = 0;
    pub(super) const WRITE: usize = 1;
    pub(super) const CLOSE: usize = 3;
    pub(super) const RT_SIGACTION: usize = 13;
    pub(super) const RT_SIGPROCMASK: usize = 14;
    pub(super) const GETPID: usize = 39;
    pub(super) const SENDMSG: usize = 46;
    pub(super) const SOCKETPAIR: usize = 53;
    pub(super) const EXECVE: usize = 59;
    pub(super) const KILL: usize = 62;
    pub(super) const PRCTL: usize = 157;
    pub(super) const EXIT_GROUP: usize = 231;
    pub(super) const OPENAT: usize = 257;
    pub(super) const PPOLL: usize = 271;
    pub(super) const SIGNALFD4: usize = 289;
    pub(super) const PRLIMIT64: usize = 302;
}

#[cfg(target_arch = "aarch64")]
mod call {
    pub(super) const OPENAT: usize = 56;
    pub(super) const CLOSE: usize = 57;
    pub(super) const READ: usize = 63;
    pub(super) const WRITE: usize = 64;
    pub(super) const PPOLL: usize = 73;
    pub(super) const SIGNALFD4: usize = 74;
    pub(super) const EXIT_GROUP: usize = 94;
    pub(super) const KILL: usize = 129;
    pub(super) const RT_SIGACTION: usize = 134;
    pub(super) const RT_SIGPROCMASK: usize = 135;
    pub(super) const PRCTL: usize = 167;
    pub(super) const GETPID: usize = 172;
    pub(super) const SOCKETPAIR: usize = 199;
    pub(super) const SENDMSG: usize = 211;
    pub(super) const EXECVE: usize = 221;
    pub(super) const PRLIMIT64: usize = 261;
}

const AT_FDCWD: usize = -100_isize as usize;
const O_DIRECTORY: usize = if cfg!(target_arch = "aarch64") { 0o40_000 } else { 0o200_000 };
const O_CLOEXEC: usize = 0o2_000_000;
const O_PATH: usize = 0o10_000_000;
const AF_UNIX: usize = 1;
const SOCK_STREAM: usize = 1;
const SOL_SOCKET: i32 = 1;
const SCM_RIGHTS: i32 = 1;
const MSG_NOSIGNAL: usize = 0x4000;
const POLLIN: i16 = 1;
const EINTR: isize = -4;
const PR_SET_DUMPABLE: usize = 4;
const PR_SET_NAME: usize = 15;
const RLIMIT_CORE: usize = 4;
const SIG_BLOCK: usize = 0;
const SIG_SETMASK: usize = 2;
const SIGCONT: i32 = 18;
const SIGTSTP: i32 = 20;
const SFD_NONBLOCK: usize = 0o4_000;
const SFD_CLOEXEC: usize = O_CLOEXEC;

// The stack pointer is all there is; ABIs want it aligned.
#[cfg(target_arch = "x86_64")]
global_asm!(".globl _start", "_start:", "xor ebp, ebp", "mov rdi, rsp", "and rsp, -16", "call {begin}", "ud2", begin = sym begin);
#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "mov x29, #0", "mov x30, #0", "mov x0, sp", "b {begin}", begin = sym begin);

extern "C" fn begin(stack: *const usize) -> ! {
    crate::main(Started { stack })
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(crate::FAILED)
}

/// Asks the kernel.
///
/// # Safety
///
/// The call must do no more than its caller vouches for.
unsafe fn syscall(number: usize, [a, b, c, d, e]: [usize; 5]) -> isize {
    let result: isize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the kernel's calling convention: two registers are lost, memory as the call says.
    unsafe {
        asm!("syscall", inlateout("rax") number.cast_signed() => result, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
             in("r8") e, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: the kernel's calling convention: memory as the call says.
    unsafe {
        asm!("svc 0", in("x8") number, inlateout("x0") a.cast_signed() => result, in("x1") b, in("x2") c, in("x3") d,
             in("x4") e, options(nostack));
    }
    result
}

/// What is not negative, which an error is.
fn good(result: isize) -> Option<usize> {
    usize::try_from(result).ok()
}

// Exposed: the kernel goes through the number as through the pointer.

fn address<T>(value: &T) -> usize {
    from_ref(value).expose_provenance()
}

fn address_mut<T>(value: &mut T) -> usize {
    from_mut(value).expose_provenance()
}

/// What this process was started with: the words and the environment, as they lie on the stack.
#[derive(Clone, Copy)]
pub(crate) struct Started {
    stack: *const usize,
}

impl Started {
    /// How many words.
    pub(crate) fn count(self) -> usize {
        // SAFETY: the kernel puts the number of words where the stack begins.
        unsafe { *self.stack }
    }

    /// Where the pointers to the words begin; a null pointer ends them, and the environment's begin behind it.
    fn words(self) -> *const *const u8 {
        // SAFETY: they follow the number.
        unsafe { self.stack.add(1).cast() }
    }

    fn environment(self) -> *const *const u8 {
        // SAFETY: behind as many words, and the null pointer.
        unsafe { self.words().add(self.count() + 1) }
    }

    /// The variables, each as `NAME=value`.
    fn variables(self) -> impl Iterator<Item = &'static [u8]> {
        let first = self.environment();
        // SAFETY: the pointers are those of the kernel, up to the null pointer; each leads to a text that ends in NUL, and
        // nobody changes them.
        (0..).map_while(move |at| unsafe { text(*first.add(at)) })
    }

    /// The value of a variable.
    pub(crate) fn variable(self, name: &[u8]) -> Option<&'static [u8]> {
        self.variables().find_map(|variable| variable.strip_prefix(name)?.strip_prefix(b"="))
    }

    /// All that stands from word `at` on, that word without `prefix`: the words and the variables, each ended by a NUL.
    /// They lie one behind the other.
    pub(crate) fn text_from(self, at: usize, prefix: &[u8]) -> Option<&'static [u8]> {
        // There must be a program behind it.
        if at + 1 >= self.count() {
            return None;
        }
        // SAFETY: within the words.
        let first = unsafe { *self.words().add(at) };
        // SAFETY: one of the kernel's texts.
        unsafe { text(first) }?.strip_prefix(prefix)?;
        // SAFETY: the last word, which is there.
        let word = unsafe { text(*self.words().add(self.count() - 1)) };
        let last = self.variables().last().or(word)?;
        let length = (last.as_ptr().addr() + last.len() + 1).checked_sub(first.addr() + prefix.len())?;
        // SAFETY: execve(2) lays out the words and behind them the variables without a gap; the last one's NUL included.
        Some(unsafe { slice::from_raw_parts(first.add(prefix.len()), length) })
    }

    /// Becomes the program that the second word names, with the words from there on. Returns where there is none, or it
    /// cannot be started.
    pub(crate) fn become_whole(self) {
        if self.count() < 2 {
            return;
        }
        // SAFETY: the pointers are the kernel's own, ended by null pointers; a call that succeeds does not return.
        unsafe {
            let words = self.words().add(1);
            syscall(
                call::EXECVE,
                [(*words).expose_provenance(), words.expose_provenance(), self.environment().expose_provenance(), 0, 0],
            );
        }
    }
}

/// The bytes before the NUL; `None` for the null pointer.
///
/// # Safety
///
/// Otherwise the pointer must lead to such a text, which stays as it is.
unsafe fn text(pointer: *const u8) -> Option<&'static [u8]> {
    // SAFETY: as above.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer.cast()) }.to_bytes())
}

/// Ends this process.
pub(crate) fn exit(code: i32) -> ! {
    loop {
        // SAFETY: takes a number.
        unsafe { syscall(call::EXIT_GROUP, [code as usize, 0, 0, 0, 0]) };
    }
}

/// Ends this process by a signal, without a core; or with what a shell would have shown, where that does not end it: as the
/// first process of a container.
pub(crate) fn die_by(signal: i32) -> ! {
    let number = signal as usize;
    let (none, default) = ([0_u64; 2], [0_usize; 4]);
    // SAFETY: two zeros are a limit (`struct rlimit64`), four words of zeros the default action (`struct sigaction`); the
    // rest are numbers.
    unsafe {
        syscall(call::PRLIMIT64, [0, RLIMIT_CORE, address(&none), 0, 0]);
        // Where a program takes the cores, it is not held to the limit (core(5)).
        syscall(call::PRCTL, [PR_SET_DUMPABLE, 0, 0, 0, 0]);
        syscall(call::RT_SIGACTION, [number, address(&default), 0, size_of::<u64>(), 0]);
        set_mask(0);
        let ourselves = syscall(call::GETPID, [0; 5]);
        syscall(call::KILL, [ourselves.cast_unsigned(), number, 0, 0, 0]);
    }
    exit(128 + signal)
}

/// Names this process.
pub(crate) fn set_name(name: &CStr) {
    // SAFETY: reads up to the NUL.
    unsafe { syscall(call::PRCTL, [PR_SET_NAME, name.as_ptr().expose_provenance(), 0, 0, 0]) };
}

fn set(signals: [i32; 10]) -> u64 {
    signals.iter().fold(0, |set, signal| set | 1 << (signal - 1))
}

/// Blocks the signals too; tells the mask before.
pub(crate) fn block(signals: [i32; 10]) -> u64 {
    let (more, mut before) = (set(signals), 0_u64);
    // SAFETY: reads and writes a mask each.
    unsafe {
        syscall(call::RT_SIGPROCMASK, [SIG_BLOCK, address(&more), address_mut(&mut before), size_of::<u64>(), 0]);
    }
    before
}

/// Blocks the signals of a mask, and no others.
pub(crate) fn set_mask(mask: u64) {
    // SAFETY: reads a mask.
    unsafe { syscall(call::RT_SIGPROCMASK, [SIG_SETMASK, address(&mask), 0, size_of::<u64>(), 0]) };
}

/// Where the signals are read.
pub(crate) fn signal_descriptor(signals: [i32; 10]) -> Option<i32> {
    let (none, set) = (usize::MAX, set(signals));
    // SAFETY: reads a mask.
    let made =
        unsafe { syscall(call::SIGNALFD4, [none, address(&set), size_of::<u64>(), SFD_NONBLOCK | SFD_CLOEXEC, 0]) };
    good(made).map(|made| made as i32)
}

/// A signal that came.
pub(crate) struct Sent {
    pub(crate) number: i32,
    pub(crate) sender: u32,
    pub(crate) is_from_terminal: bool,
}

/// The next one; `None` when there is none.
pub(crate) fn next_signal(signals: i32) -> Option<Sent> {
    // `struct signalfd_siginfo`: number, error, code, sender.
    let mut info = [0_u32; 32];
    // SAFETY: writes one such structure, of 128 bytes.
    let got = unsafe { syscall(call::READ, [signals as usize, address_mut(&mut info), size_of_val(&info), 0, 0]) };
    let [number, _, code, sender, ..] = info;
    let (number, code) = (number.cast_signed(), code.cast_signed());
    (got > 0).then_some(Sent { number, sender, is_from_terminal: is_from_terminal(number, code) })
}

/// Whether it stops or continues.
pub(crate) fn is_job_control(signal: i32) -> bool {
    signal == SIGTSTP || signal == SIGCONT
}

/// A connected pair of sockets.
pub(crate) fn socket_pair() -> Option<[i32; 2]> {
    let mut pair = [0_i32; 2];
    // SAFETY: writes two numbers.
    let made = unsafe { syscall(call::SOCKETPAIR, [AF_UNIX, SOCK_STREAM | O_CLOEXEC, 0, address_mut(&mut pair), 0]) };
    good(made).map(|_| pair)
}

/// The folder we are in.
pub(crate) fn open_folder() -> Option<i32> {
    // SAFETY: reads a text.
    let opened = unsafe {
        syscall(call::OPENAT, [AT_FDCWD, c".".as_ptr().expose_provenance(), O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0])
    };
    good(opened).map(|opened| opened as i32)
}

/// Closes a descriptor.
pub(crate) fn close(descriptor: i32) {
    // SAFETY: nothing else here uses it.
    unsafe { syscall(call::CLOSE, [descriptor as usize, 0, 0, 0, 0]) };
}

/// `struct iovec`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Piece {
    start: *const u8,
    length: usize,
}

/// `struct msghdr`, as the kernel has it.
#[repr(C)]
struct Message {
    name: *const u8,
    name_length: usize,
    pieces: *const Piece,
    count: usize,
    control: *const Rights,
    control_length: usize,
    flags: usize,
}

/// `struct cmsghdr` with as many descriptors as fit.
#[repr(C)]
struct Rights {
    length: usize,
    level: i32,
    kind: i32,
    descriptors: [i32; 4],
}

/// Sends two pieces with descriptors, four at most; tells how much was sent.
pub(crate) fn send(socket: i32, pieces: [&[u8]; 2], descriptors: &[i32]) -> Option<usize> {
    good(send_once(socket, pieces, descriptors))
}

/// Sends all of it, as far as somebody reads.
pub(crate) fn send_all(socket: i32, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let sent = send_once(socket, [bytes, &[]], &[]);
        match good(sent).and_then(|sent| bytes.get(sent..)) {
            Some(rest) => bytes = rest,
            None if sent == EINTR => {}
            None => return,
        }
    }
}

/// **Never by write(2)**: where nobody reads any more, that ends this process, before it has mirrored anything.
fn send_once(socket: i32, pieces: [&[u8]; 2], descriptors: &[i32]) -> isize {
    let count = descriptors.len().min(4);
    let length = 16 + count * size_of::<i32>();
    let mut rights = Rights { length, level: SOL_SOCKET, kind: SCM_RIGHTS, descriptors: [0; 4] };
    for (to, from) in rights.descriptors.iter_mut().zip(descriptors) {
        *to = *from;
    }
    let pieces = pieces.map(|piece| Piece { start: piece.as_ptr(), length: piece.len() });
    let message = Message {
        name: null(),
        name_length: 0,
        pieces: pieces.as_ptr(),
        count: pieces.len(),
        control: &raw const rights,
        control_length: if count == 0 { 0 } else { length.next_multiple_of(size_of::<usize>()) },
        flags: 0,
    };
    // SAFETY: reads the message and what it leads to, all of which lives until then.
    unsafe { syscall(call::SENDMSG, [socket as usize, address(&message), MSG_NOSIGNAL, 0, 0]) }
}

/// Says a line on standard error.
pub(crate) fn say(line: &str) {
    // SAFETY: reads the text.
    unsafe { syscall(call::WRITE, [2, line.as_ptr().expose_provenance(), line.len(), 0, 0]) };
}

/// Reads so many bytes; `None` where there are fewer.
pub(crate) fn read<const N: usize>(descriptor: i32) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let mut left = &mut bytes[..];
    while !left.is_empty() {
        let (start, length) = (left.as_mut_ptr().expose_provenance(), left.len());
        // SAFETY: writes at most that many bytes.
        match unsafe { syscall(call::READ, [descriptor as usize, start, length, 0, 0]) } {
            EINTR => {}
            count => left = left.get_mut(good(count).filter(|count| *count > 0)?..)?,
        }
    }
    Some(bytes)
}

/// `struct pollfd`.
#[repr(C)]
struct Polled {
    descriptor: i32,
    wanted: i16,
    got: i16,
}

/// Waits until one of two descriptors has something to say; tells which.
pub(crate) fn wait(descriptors: [i32; 2]) -> Option<[bool; 2]> {
    let mut polled = descriptors.map(|descriptor| Polled { descriptor, wanted: POLLIN, got: 0 });
    // SAFETY: reads and writes the two structures; no time limit, no mask.
    let ready = unsafe { syscall(call::PPOLL, [address_mut(&mut polled), polled.len(), 0, 0, 0]) };
    if ready < 0 && ready != EINTR {
        return None;
    }
    Some(polled.map(|polled| ready > 0 && polled.got != 0))
}
