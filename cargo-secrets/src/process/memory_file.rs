//! `deliver = "file"`: a value as a file without a name, which a program inherits and finds by the path in its variable.
//!
//! **Nothing has to be removed**: the kernel frees the file when the last process that has it open ends, however that
//! comes. The path, `/proc/<pid>/fd/<number>`, is closed to other users by the kernel and gone with the program.

use std::ffi::CString;
use std::fs::{File, Permissions};
use std::io::{self, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{MemfdFlags, Mode, OFlags, SealFlags};

use super::error::ExecError;
use super::runner::inheritable;
use crate::secret::SecretName;

/// A value that a program will inherit; closed on exec until [`hand_on`].
pub(crate) struct MemoryFile {
    descriptor: OwnedFd,
    /// Where it lies, if not in memory.
    folder: Option<PathBuf>,
}

impl MemoryFile {
    /// Makes the file for `name`: unnamed, for its owner to read, never to be changed again.
    pub(crate) fn new(name: &SecretName, value: &[u8]) -> Result<Self, ExecError> {
        if !Path::new("/proc/self/fd").is_dir() {
            return Err(ExecError::NoProc { name: name.clone() });
        }
        in_memory(value)
            .or_else(|_| in_folder(value))
            .map_err(|source| ExecError::MemoryFile { name: name.clone(), source })
    }

    /// Makes the file of a text that is no secret.
    pub(crate) fn of_text(text: &str) -> io::Result<Self> {
        in_memory(text.as_bytes()).or_else(|_| in_folder(text.as_bytes()))
    }

    /// Lets the next program inherit it; gives back the path by which that finds it, when it has taken our place.
    pub(crate) fn hand_on_path(&self) -> io::Result<std::ffi::OsString> {
        rustix::io::fcntl_setfd(&self.descriptor, rustix::io::FdFlags::empty())?;
        Ok(path(self.as_fd()).into())
    }

    /// The folder on whose disk it lies, where there are no memory files; without a name there, too.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }
}

impl AsFd for MemoryFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// Lets the next program inherit the file; gives back the variable `name` with the path by which this process, as that
/// program, and what it starts can open it.
pub(super) fn hand_on(name: &str, file: BorrowedFd<'_>) -> io::Result<CString> {
    rustix::io::fcntl_setfd(file, rustix::io::FdFlags::empty())?;
    Ok(CString::new(format!("{name}={}", path(file)))?)
}

fn path(file: BorrowedFd<'_>) -> String {
    format!("/proc/{}/fd/{}", rustix::process::getpid().as_raw_nonzero(), file.as_raw_fd())
}

/// `memfd_create(2)`, sealed.
fn in_memory(value: &[u8]) -> io::Result<MemoryFile> {
    Ok(MemoryFile { descriptor: sealed("secret", value, 0o400, MemfdFlags::NOEXEC_SEAL)?, folder: None })
}

/// A file in memory of this content and mode, closed on exec, which nobody can change; `executed` says whether it may be.
pub(super) fn sealed(name: &str, content: &[u8], mode: u32, executed: MemfdFlags) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let create = |flags| rustix::fs::memfd_create(name, flags);
    // Before Linux 6.3 there is no such flag; since then a setting can demand one or the other.
    let mut memory = File::from(create(flags | executed).or_else(|_| create(flags))?);
    memory.write_all(content)?;
    memory.set_permissions(Permissions::from_mode(mode))?;
    rustix::fs::fcntl_add_seals(&memory, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    from_the_start(&memory)
}

/// A file that has no name from its first moment, or from its second.
fn in_folder(value: &[u8]) -> io::Result<MemoryFile> {
    let folders = [PathBuf::from("/dev/shm"), std::env::temp_dir()];
    let made = folders.into_iter().map(|folder| (tempfile::tempfile_in(&folder), folder));
    let mut failed = io::ErrorKind::NotFound.into();
    for (file, folder) in made {
        let written = file.and_then(|mut file| {
            file.set_permissions(Permissions::from_mode(0o400))?;
            file.write_all(value)?;
            Ok(MemoryFile { descriptor: from_the_start(&file)?, folder: Some(folder) })
        });
        match written {
            Ok(file) => return Ok(file),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// The file opened once more, to be read from its start. What is open for writing is not executed either.
fn from_the_start(file: &File) -> io::Result<OwnedFd> {
    let link = format!("/proc/self/fd/{}", file.as_raw_fd());
    inheritable(rustix::fs::open(link, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(file: &MemoryFile, value: &[u8]) {
        let path = path(file.as_fd());
        assert_eq!(std::fs::read(&path).unwrap(), value);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400);
    }

    #[test]
    fn both_kinds_hold_the_exact_bytes_for_their_owner_alone() {
        let value: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
        holds(&in_memory(&value).unwrap(), &value);
        let on_disk = in_folder(&value).unwrap();
        holds(&on_disk, &value);
        assert!(on_disk.folder().is_some());
        holds(&in_memory(b"").unwrap(), b"");
    }

    #[test]
    fn a_memory_file_cannot_be_changed() {
        let file = in_memory(b"value").unwrap();
        let opened = File::options().write(true).open(path(file.as_fd()));
        assert!(opened.and_then(|mut file| file.write_all(b"other")).is_err());
        holds(&file, b"value");
    }
}
