//! Sockets that carry descriptors: unix(7), `SCM_RIGHTS` and `SCM_CREDENTIALS`.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::FdFlags;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, UCred,
};

/// The most descriptors in one message.
const MOST: usize = 4;

/// What arrived in one message.
pub(super) struct Received {
    /// How many bytes; 0 is the end.
    pub(super) length: usize,
    /// Descriptors, closed on exec.
    pub(super) descriptors: Vec<OwnedFd>,
    /// Who sent it, where the socket was told to ask.
    pub(super) sender: Option<UCred>,
}

/// A connected pair, closed on exec; with `packets`, each message arrives as it was sent.
pub(super) fn pair(packets: bool) -> io::Result<(OwnedFd, OwnedFd)> {
    let kind = if packets { SocketType::SEQPACKET } else { SocketType::STREAM };
    Ok(rustix::net::socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)?)
}

/// A copy of `descriptor` with a high number, for others to inherit; closed on exec until [`keep_on_exec`].
pub(crate) fn inheritable(descriptor: impl AsFd) -> io::Result<OwnedFd> {
    match rustix::io::fcntl_dupfd_cloexec(&descriptor, super::INHERITED_FROM) {
        // `ulimit -n` is lower than that.
        Err(rustix::io::Errno::INVAL) => Ok(rustix::io::fcntl_dupfd_cloexec(&descriptor, 10)?),
        copied => Ok(copied?),
    }
}

/// Lets the next program inherit it.
pub(super) fn keep_on_exec(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    Ok(rustix::io::fcntl_setfd(descriptor, FdFlags::empty())?)
}

/// Keeps it from the next program.
pub(super) fn close_on_exec(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    Ok(rustix::io::fcntl_setfd(descriptor, FdFlags::CLOEXEC)?)
}

/// Sends `bytes` with `descriptors`, four at most.
pub(super) fn send(socket: impl AsFd, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let sent = rustix::net::sendmsg(socket, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL)?;
    if sent == bytes.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Reads what is there, without waiting.
pub(super) fn read(socket: impl AsFd, bytes: &mut [u8]) -> io::Result<usize> {
    let (count, _) = rustix::net::recv(socket, bytes, RecvFlags::DONTWAIT)?;
    Ok(count)
}

/// Writes `bytes` if there is room, without waiting.
pub(super) fn write(socket: impl AsFd, bytes: &[u8]) -> io::Result<()> {
    let sent = rustix::net::send(socket, bytes, SendFlags::NOSIGNAL | SendFlags::DONTWAIT)?;
    if sent == bytes.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// Receives what is there, up to `bytes.len()` bytes, and does not wait for it: **that a socket does not block is a
/// property that whoever has its other end's copy can change**.
pub(super) fn receive(socket: impl AsFd, bytes: &mut [u8]) -> io::Result<Received> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST), ScmCredentials(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    let message = rustix::net::recvmsg(socket, &mut [IoSliceMut::new(bytes)], &mut control, flags)?;
    let mut received = Received { length: message.bytes, descriptors: Vec::new(), sender: None };
    for part in control.drain() {
        match part {
            RecvAncillaryMessage::ScmRights(descriptors) => received.descriptors.extend(descriptors),
            RecvAncillaryMessage::ScmCredentials(sender) => received.sender = Some(sender),
            _ => {}
        }
    }
    Ok(received)
}
