//! Telling that files may have changed: inotify(7) on the folders they are in, since a file is replaced by another of its
//! name.
//!
//! The kernel's own calls: crates that watch files keep a thread, and whoever goes on as two processes must have one.

use std::collections::BTreeSet;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

/// What comes within this time of each other is one change: a merge, a checkout, an editor that saves.
const QUIET: Duration = Duration::from_millis(150);

/// How long changes may go on before they are looked at.
const LONGEST: Duration = Duration::from_secs(2);

/// The folders of files that matter.
pub(crate) struct Changes {
    inotify: OwnedFd,
    /// Folders in which every file matters; in the others it is Cargo.toml alone.
    whole: BTreeSet<i32>,
}

impl Changes {
    /// Watches nothing yet.
    pub(crate) fn new() -> io::Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        Ok(Self { inotify, whole: BTreeSet::new() })
    }

    /// Watches the folders of these files, and where links among them lead to; again for one that was made anew.
    pub(crate) fn watch(&mut self, manifests: &[PathBuf], sources: &[PathBuf]) -> io::Result<()> {
        for path in manifests {
            self.folder(path)?;
        }
        for path in sources {
            let real = path.canonicalize().ok();
            for path in std::iter::once(path).chain(&real) {
                let watched = self.folder(path)?;
                self.whole.extend(watched);
            }
        }
        Ok(())
    }

    fn folder(&self, file: &Path) -> io::Result<Option<i32>> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let flags = WatchFlags::CLOSE_WRITE
            | WatchFlags::CREATE
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVED_FROM
            | WatchFlags::DELETE
            | WatchFlags::ONLYDIR;
        match inotify::add_watch(&self.inotify, folder, flags) {
            Ok(watch) => Ok(Some(watch)),
            // It may come; the folder around it tells.
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until nothing changes any more; tells whether anything that changed matters.
    pub(crate) fn settle(&self) -> io::Result<bool> {
        let until = Instant::now() + LONGEST;
        let mut matters = self.drain()?;
        while Instant::now() < until {
            let mut polled = [PollFd::from_borrowed_fd(self.inotify.as_fd(), PollFlags::IN)];
            let limit = Timespec::try_from(QUIET).map_err(io::Error::other)?;
            match rustix::event::poll(&mut polled, Some(&limit)) {
                Ok(0) => break,
                Ok(_) => matters |= self.drain()?,
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(matters)
    }

    fn drain(&self) -> io::Result<bool> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(self.inotify.as_fd(), &mut buffer);
        let mut matters = false;
        loop {
            match reader.next() {
                Ok(event) => {
                    let name = event.file_name().map(std::ffi::CStr::to_bytes).unwrap_or_default();
                    let is_ours = name.ends_with(b".lock") || name.ends_with(b".tmp");
                    matters |=
                        event.events().intersects(ReadFlags::QUEUE_OVERFLOW | ReadFlags::ISDIR | ReadFlags::IGNORED)
                            || name == b"Cargo.toml"
                            || (self.whole.contains(&event.wd()) && !is_ours);
                }
                Err(rustix::io::Errno::WOULDBLOCK) => return Ok(matters),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl AsFd for Changes {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_replaced_matters_and_our_own_lock_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("dev.json");
        let mut changes = Changes::new().unwrap();
        changes.watch(&[], std::slice::from_ref(&source)).unwrap();
        drop(crate::fsx::Lock::acquire(&source).unwrap());
        assert!(!changes.settle().unwrap());
        crate::fsx::replace(&source, b"x").unwrap();
        assert!(changes.settle().unwrap());
        assert!(!changes.settle().unwrap());
    }

    #[test]
    fn beside_a_manifest_only_manifests_matter() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("Cargo.toml");
        let mut changes = Changes::new().unwrap();
        changes.watch(std::slice::from_ref(&manifest), &[]).unwrap();
        crate::fsx::replace(&folder.path().join("notes"), b"x").unwrap();
        assert!(!changes.settle().unwrap());
        crate::fsx::replace(&manifest, b"x").unwrap();
        assert!(changes.settle().unwrap());
    }
}
