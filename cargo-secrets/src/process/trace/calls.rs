//! The system calls that a domain can refuse, and which of their arguments names what is refused.

use std::path::PathBuf;

use crate::process::sandbox::Access;

/// A call's arguments.
pub(super) type Arguments = [u64; 6];

/// What a call was for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wanted {
    /// A path.
    Path {
        /// Absolute.
        path: PathBuf,
        /// What for.
        access: Access,
    },
    /// Another machine, or a server of this one.
    Connection {
        /// Its TCP port.
        port: u16,
    },
    /// To be connected to.
    Listener {
        /// The TCP port; 0 is any.
        port: u16,
    },
    /// A socket for TCP or UDP.
    Internet,
    /// A socket for something else.
    Socket,
    /// A service of this machine: an agent, Docker, the session.
    Service,
    /// Another process.
    Process,
}

/// What an argument names, as far as the call tells.
pub(super) enum Object {
    /// A path in the process's memory, relative to a folder.
    Path {
        /// The folder's descriptor; `None` is the working folder.
        folder: Option<i32>,
        /// Where the text stands.
        path: u64,
        /// What for.
        access: Access,
    },
    /// A path whose flags stand in memory, too: openat2(2).
    Opened {
        /// The folder's descriptor.
        folder: i32,
        /// Where the text stands.
        path: u64,
        /// Where the flags stand.
        how: u64,
    },
    /// A socket's address.
    Address {
        /// Where it stands.
        address: u64,
        /// Whether it is the socket's own.
        own: bool,
    },
    /// Something else.
    Other(Wanted),
}

/// Whether a result is that of a refusal: `EACCES` and `EPERM`, and `EXDEV` where a rename is refused.
pub(super) fn is_refusal(result: i64) -> bool {
    [libc::EACCES, libc::EPERM, libc::EXDEV].iter().any(|error| result == -i64::from(*error))
}

/// What the call names.
pub(super) fn objects(number: u64, a: &Arguments) -> Vec<Object> {
    let [first, second, third, ..] = *a;
    let path = |folder: Option<u64>, path: u64, access: Access| {
        let folder = folder.map(int);
        Object::Path { folder, path, access }
    };
    let Ok(call) = i64::try_from(number) else { return Vec::new() };
    if let Some(objects) = older(call, a) {
        return objects;
    }
    match call {
        libc::SYS_openat => vec![path(Some(first), second, opened(third))],
        libc::SYS_openat2 => vec![Object::Opened { folder: int(first), path: second, how: third }],
        libc::SYS_execveat | libc::SYS_faccessat | libc::SYS_faccessat2 => {
            vec![path(Some(first), second, Access::Read)]
        }
        libc::SYS_execve | libc::SYS_chdir => vec![path(None, first, Access::Read)],
        libc::SYS_truncate => vec![path(None, first, Access::Write)],
        libc::SYS_mkdirat => vec![path(Some(first), second, Access::Folder)],
        libc::SYS_mknodat | libc::SYS_unlinkat => vec![path(Some(first), second, Access::Entry)],
        libc::SYS_symlinkat => vec![path(Some(second), third, Access::Entry)],
        libc::SYS_linkat | libc::SYS_renameat2 => renamed(a),
        libc::SYS_connect | libc::SYS_bind => vec![Object::Address { address: second, own: call == libc::SYS_bind }],
        libc::SYS_listen => vec![Object::Other(Wanted::Listener { port: 0 })],
        libc::SYS_socket => vec![Object::Other(socket(int(first), int(second), int(third)))],
        libc::SYS_kill | libc::SYS_tgkill | libc::SYS_ptrace | libc::SYS_process_vm_readv => {
            vec![Object::Other(Wanted::Process)]
        }
        _ => Vec::new(),
    }
}

/// What flags open a file for.
pub(super) fn opened(flags: u64) -> Access {
    let writes = [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC];
    let writes = writes.iter().any(|flag| flags & u64::from(flag.unsigned_abs()) != 0);
    if writes { Access::Write } else { Access::Read }
}

/// Calls without a folder's descriptor, which newer processors never had.
#[cfg(target_arch = "x86_64")]
fn older(call: i64, a: &Arguments) -> Option<Vec<Object>> {
    let [first, second, ..] = *a;
    let path = |path, access| Object::Path { folder: None, path, access };
    Some(match call {
        libc::SYS_open => vec![path(first, opened(second))],
        libc::SYS_access => vec![path(first, Access::Read)],
        libc::SYS_mkdir => vec![path(first, Access::Folder)],
        libc::SYS_creat => vec![path(first, Access::Write)],
        libc::SYS_rmdir | libc::SYS_unlink | libc::SYS_mknod => vec![path(first, Access::Entry)],
        libc::SYS_symlink => vec![path(second, Access::Entry)],
        libc::SYS_rename | libc::SYS_link => vec![path(first, Access::Entry), path(second, Access::Entry)],
        libc::SYS_renameat => renamed(a),
        _ => return None,
    })
}

#[cfg(target_arch = "aarch64")]
fn older(call: i64, a: &Arguments) -> Option<Vec<Object>> {
    (call == libc::SYS_renameat).then(|| renamed(a))
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn older(_: i64, _: &Arguments) -> Option<Vec<Object>> {
    None
}

/// Both paths of a rename.
fn renamed(a: &Arguments) -> Vec<Object> {
    let [folder, from, to_folder, to, ..] = *a;
    [(folder, from), (to_folder, to)]
        .map(|(folder, path)| Object::Path { folder: Some(int(folder)), path, access: Access::Entry })
        .into()
}

/// What a socket is for.
fn socket(family: i32, kind: i32, protocol: i32) -> Wanted {
    // Flags stand above the four bits of the type.
    let plain = [libc::SOCK_STREAM, libc::SOCK_DGRAM].contains(&(kind & 0xF))
        && [0, libc::IPPROTO_TCP, libc::IPPROTO_UDP].contains(&protocol);
    match family {
        libc::AF_UNIX => Wanted::Service,
        libc::AF_INET | libc::AF_INET6 if plain => Wanted::Internet,
        _ => Wanted::Socket,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "an int in a wider register")]
fn int(argument: u64) -> i32 {
    argument as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_tell_what_a_file_is_opened_for() {
        assert_eq!(opened(0), Access::Read);
        for flags in [libc::O_WRONLY, libc::O_RDWR | libc::O_CLOEXEC, libc::O_CREAT, libc::O_TRUNC] {
            assert_eq!(opened(u64::from(flags.unsigned_abs())), Access::Write);
        }
    }

    #[test]
    fn a_socket_tells_what_it_is_for() {
        let (stream, cloexec) = (libc::SOCK_STREAM, libc::SOCK_CLOEXEC);
        assert_eq!(socket(libc::AF_UNIX, stream, 0), Wanted::Service);
        for family in [libc::AF_INET, libc::AF_INET6] {
            assert_eq!(socket(family, stream | cloexec, 0), Wanted::Internet);
            assert_eq!(socket(family, libc::SOCK_DGRAM, libc::IPPROTO_UDP), Wanted::Internet);
            assert_eq!(socket(family, stream, libc::IPPROTO_MPTCP), Wanted::Socket);
            assert_eq!(socket(family, libc::SOCK_RAW, libc::IPPROTO_ICMP), Wanted::Socket);
        }
        assert_eq!(socket(libc::AF_PACKET, libc::SOCK_RAW, 0), Wanted::Socket);
    }

    #[test]
    fn refusals_are_told_from_other_errors() {
        assert!(is_refusal(-13) && is_refusal(-1) && is_refusal(-18));
        assert!(!is_refusal(-2) && !is_refusal(0) && !is_refusal(13));
    }
}
