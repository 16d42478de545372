//! The system calls that a build has no use for and that reach what Landlock does not guard.
//!
//! - sockets of the machine (agents, Docker, D-Bus): Landlock guards paths of sockets from version 9 on alone
//! - other kinds of sockets, and data sent with the connection: Landlock guards TCP's `connect` and nothing else
//! - other processes' memory and descriptors, keys in the kernel, typing into the terminal
//!
//! **`socketpair` stays, but for datagrams**: a stream reaches nobody who was not reached before, while a datagram can be
//! addressed.

use std::collections::BTreeMap;
use std::io;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, sock_filter,
};

use super::error::SandboxError;
use crate::manifest::Network;

/// Never allowed. Those with a path or descriptor to a foreign process would be refused by Landlock too.
const REFUSED: [i64; 19] = [
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_open_by_handle_at,
    // memory and messages of other programs of the user, named by numbers
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_mq_open,
    libc::SYS_mount,
    libc::SYS_move_mount,
];

/// Answered as if the kernel did not have them: they would pass by this filter.
const MISSING: [i64; 3] = [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register];

/// `TIOCSTI` simulates typing, `TIOCLINUX` pastes the console's selection.
const TYPING: [u64; 2] = [0x5412, 0x541C];

/// A filter to enter, made before the process that enters it.
#[derive(Debug)]
pub(crate) struct Calls {
    program: BpfProgram,
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

impl Calls {
    /// The filter of the build domain.
    pub(crate) fn new(network: Network) -> Result<Self, SandboxError> {
        let build = || -> Result<Self, BackendError> {
            let mut refused: Rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
            refused.insert(libc::SYS_socket, sockets(network)?);
            refused.insert(libc::SYS_socketpair, each(&[libc::SOCK_DGRAM, libc::SOCK_RAW], |kind| kind_is(1, *kind))?);
            refused.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![not(0, 0)?])?]);
            if network != Network::All {
                // Landlock asks about `bind` alone; `listen` without it takes any port.
                refused.insert(libc::SYS_listen, Vec::new());
            }
            refused.insert(libc::SYS_ioctl, each(&TYPING, |request| equal(1, *request))?);
            for (call, flags) in [(libc::SYS_sendto, 3), (libc::SYS_sendmsg, 2), (libc::SYS_sendmmsg, 3)] {
                refused.insert(call, vec![SeccompRule::new(vec![flag(flags, libc::MSG_FASTOPEN)?])?]);
            }
            Ok(Self { program: program(refused)? })
        };
        build().map_err(SandboxError::Filter)
    }

    /// Puts this thread, and all it starts, under the filter. Allocates nothing unless it fails.
    pub(crate) fn refuse(&self) -> io::Result<()> {
        seccompiler::apply_filter(&self.program).map_err(|error| match error {
            seccompiler::Error::Prctl(error) | seccompiler::Error::Seccomp(error) => error,
            _ => io::Error::from(io::ErrorKind::InvalidInput),
        })
    }
}

/// Which sockets are refused: all but TCP, UDP, ICMP and the kernel's routing tables, which resolving names asks.
fn sockets(network: Network) -> Result<Vec<SeccompRule>, BackendError> {
    let internet = [libc::AF_INET, libc::AF_INET6];
    let families = [internet.as_slice(), &[libc::AF_NETLINK]].concat();
    let unlike =
        |argument, values: &[i32]| values.iter().map(|value| not(argument, *value)).collect::<Result<Vec<_>, _>>();
    let mut rules = vec![SeccompRule::new(unlike(0, &families)?)?];
    rules.push(SeccompRule::new(vec![equal(0, number(libc::AF_NETLINK))?, not(2, libc::NETLINK_ROUTE)?])?);
    for family in internet {
        if network == Network::None {
            rules.push(SeccompRule::new(vec![equal(0, number(family))?])?);
            continue;
        }
        // SCTP, DCCP and the like by type, MPTCP and the like by protocol.
        for kind in [libc::SOCK_SEQPACKET, libc::SOCK_DCCP, libc::SOCK_RDM] {
            rules.push(SeccompRule::new(vec![equal(0, number(family))?, kind_is(1, kind)?])?);
        }
        let protocols = [0, libc::IPPROTO_TCP, libc::IPPROTO_UDP, libc::IPPROTO_ICMP, libc::IPPROTO_ICMPV6];
        let mut conditions = vec![equal(0, number(family))?];
        conditions.extend(unlike(2, &protocols)?);
        rules.push(SeccompRule::new(conditions)?);
    }
    Ok(rules)
}

fn each<T>(
    values: &[T],
    condition: impl Fn(&T) -> Result<SeccompCondition, BackendError>,
) -> Result<Vec<SeccompRule>, BackendError> {
    values.iter().map(|value| SeccompRule::new(vec![condition(value)?])).collect()
}

fn number(value: i32) -> u64 {
    u64::from(value.unsigned_abs())
}

fn equal(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Length::Dword, Op::Eq, value)
}

fn not(argument: u8, value: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Length::Dword, Op::Ne, number(value))
}

/// A socket's type stands in the lower four bits, flags above it.
fn kind_is(argument: u8, kind: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Length::Dword, Op::MaskedEq(0xF), number(kind))
}

fn flag(argument: u8, flag: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Length::Dword, Op::MaskedEq(number(flag)), number(flag))
}

fn program(rules: Rules) -> Result<BpfProgram, BackendError> {
    let answer = SeccompAction::Errno(libc::EACCES.unsigned_abs());
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, answer, arch)?.try_into()?;
    let mut program = missing();
    program.extend(filter);
    Ok(program)
}

/// What is answered as missing, before the rest is asked: a filter of its own would be one more for every call. x86-64 has a
/// second numbering of the same calls, all of which goes too.
fn missing() -> BpfProgram {
    const X32: u32 = 0x4000_0000;
    let statement =
        |code: u32, k: u32, jf: u8| sock_filter { code: u16::try_from(code).unwrap_or_default(), jt: 0, jf, k };
    let answered = |jump: u32, number: u32| {
        let errno = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs();
        [statement(libc::BPF_JMP | jump | libc::BPF_K, number, 1), statement(libc::BPF_RET | libc::BPF_K, errno, 0)]
    };
    let x32 = cfg!(target_arch = "x86_64").then(|| answered(libc::BPF_JGE, X32));
    let calls = MISSING.iter().filter_map(|call| Some(answered(libc::BPF_JEQ, u32::try_from(*call).ok()?)));
    let number = statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0);
    std::iter::once(number).chain(x32.into_iter().chain(calls).flatten()).collect()
}
