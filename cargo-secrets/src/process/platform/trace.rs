//! Where a traced process stands in a system call.

#![expect(unsafe_code, reason = "not every C library's binding has this request")]

use std::mem::{MaybeUninit, size_of};

/// `PTRACE_GET_SYSCALL_INFO` (ptrace(2), linux/ptrace.h).
const GET_SYSCALL_INFO: libc::c_uint = 0x420e;

/// Where a call is.
pub(crate) enum CallStage {
    /// It begins: its number and arguments.
    Begins(u64, [u64; 6]),
    /// It ends with this.
    Ends(i64),
    /// Neither.
    Other,
}

/// `struct ptrace_syscall_info`, up to the arguments of a call that begins.
#[repr(C)]
#[derive(Clone, Copy)]
struct Info {
    stage: u8,
    reserved: u8,
    flags: u16,
    arch: u32,
    instruction: u64,
    stack: u64,
    data: [u64; 7],
}

/// Has a process that stopped and is ours to trace block no signals.
pub(crate) fn unblock(pid: nix::unistd::Pid) -> nix::Result<()> {
    // `sigset_t` as the kernel has it.
    let none = 0_u64;
    // SAFETY: the kernel reads a mask of the given size; it refuses a process that is not traced by us.
    let set = unsafe { libc::ptrace(libc::PTRACE_SETSIGMASK, pid.as_raw(), size_of_val(&none), &raw const none) };
    nix::errno::Errno::result(set).map(drop)
}

/// Asks the kernel about a process that stopped and is ours to trace.
pub(crate) fn call_stage(pid: nix::unistd::Pid) -> CallStage {
    let mut info = MaybeUninit::<Info>::zeroed();
    // SAFETY: the kernel writes at most the given size to where `info` is; it refuses a process that is not traced by us.
    let written = unsafe { libc::ptrace(GET_SYSCALL_INFO as _, pid.as_raw(), size_of::<Info>(), info.as_mut_ptr()) };
    if written <= 0 {
        return CallStage::Other;
    }
    // SAFETY: zeros and whatever the kernel wrote are numbers.
    let info = unsafe { info.assume_init() };
    let [first, arguments @ ..] = info.data;
    match info.stage {
        1 => CallStage::Begins(first, arguments),
        2 => CallStage::Ends(first.cast_signed()),
        _ => CallStage::Other,
    }
}
