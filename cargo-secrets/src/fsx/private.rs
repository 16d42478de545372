//! A folder for plaintext that a person's program has to see as a file: in memory where there is such a place, closed to
//! others, and wiped whole.
//!
//! **Whatever stands in it is wiped with it**, whoever put it there, and links are not followed. A folder whose maker died
//! is wiped by [`sweep`]: its lock, which only a living process holds, is free then.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::{Error, create_private};

/// What such a folder's name begins with.
const PREFIX: &str = "cargo-secrets.";

/// `statfs(2)`: file systems that lie in memory.
const IN_MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];

/// The folder; wiped when dropped.
pub(crate) struct PrivateFolder {
    path: PathBuf,
    in_memory: bool,
    lock: File,
}

impl PrivateFolder {
    /// Makes one: in memory, else where temporary files go.
    pub(crate) fn create() -> Result<Self, Error> {
        let places = places();
        let in_memory = places.iter().filter(|place| is_in_memory(place) && is_safe(place));
        for place in in_memory {
            if let Ok((path, lock)) = make(place) {
                return Ok(Self { path, in_memory: true, lock });
            }
        }
        let place = std::env::temp_dir();
        let made = if is_safe(&place) { make(&place) } else { Err(io::ErrorKind::PermissionDenied.into()) };
        let (path, lock) = made.map_err(|source| Error::new("make a private folder in", &place, source))?;
        Ok(Self { path, in_memory: false, lock })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its files reach no disk, as long as memory is not swapped out.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.in_memory
    }

    /// Leaves it to the program that takes our place, which has to remove it; a sweep does not as long as that runs.
    pub(crate) fn hand_over(self) -> io::Result<PathBuf> {
        rustix::io::fcntl_setfd(&self.lock, rustix::io::FdFlags::empty())?;
        let kept = std::mem::ManuallyDrop::new(self);
        Ok(kept.path.clone())
    }

    /// Makes a file in it.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf, Error> {
        let path = self.path.join(name);
        create_private(&path, content)?;
        Ok(path)
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        wipe(&self.path);
        let _ = self.lock.unlock();
    }
}

/// Wipes the folders that this user's dead processes left.
pub(crate) fn sweep() {
    let entries = places().into_iter().filter_map(|place| fs::read_dir(place).ok()).flatten().filter_map(Result::ok);
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for path in ours.map(|entry| entry.path()) {
        let is_ours = fs::symlink_metadata(&path)
            .is_ok_and(|found| found.is_dir() && found.uid() == rustix::process::geteuid().as_raw());
        if is_ours && let Ok(Some(_lock)) = lock(&path) {
            wipe(&path);
        }
    }
}

/// Where such folders are made, the best first.
fn places() -> Vec<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    let mut places: Vec<_> = runtime.into_iter().chain([PathBuf::from("/dev/shm"), std::env::temp_dir()]).collect();
    places.dedup();
    places
}

fn is_in_memory(place: &Path) -> bool {
    // The number is 32 bits wide in a field of many types.
    rustix::fs::statfs(place).is_ok_and(|found| IN_MEMORY.contains(&(found.f_type & 0xffff_ffff)))
}

/// Whether nobody else but root could put another folder in the place of ours.
fn is_safe(place: &Path) -> bool {
    fs::metadata(place).is_ok_and(|found| {
        let owner_is_trusted = [0, rustix::process::geteuid().as_raw()].contains(&found.uid());
        owner_is_trusted && (found.mode() & 0o022 == 0 || found.mode() & 0o1000 != 0)
    })
}

fn make(place: &Path) -> io::Result<(PathBuf, File)> {
    for _ in 0..100 {
        let path = place.join(format!("{PREFIX}{}", uuid::Uuid::new_v4().simple()));
        DirBuilder::new().mode(0o700).create(&path)?;
        // Between these two a sweep may have taken it for left behind.
        if let Ok(Some(lock)) = lock(&path) {
            return Ok((path, lock));
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// The folder's lock; `None` where somebody holds it, or the folder is another by now.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::DIRECTORY;
    let folder = options.read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    if folder.try_lock().is_err() {
        return Ok(None);
    }
    let [ours, there] = [folder.metadata()?, fs::symlink_metadata(path)?];
    Ok(((ours.dev(), ours.ino()) == (there.dev(), there.ino())).then_some(folder))
}

/// Overwrites and removes all that stands in the folder, and the folder.
fn wipe(folder: &Path) {
    for path in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()) {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => wipe(&path),
            Ok(found) if found.is_file() => {
                // What cannot be overwritten is removed all the same.
                let _ = overwrite(&path, found.len());
                let _ = fs::remove_file(&path);
            }
            _ => drop(fs::remove_file(&path)),
        }
    }
    let _ = fs::remove_dir(folder);
}

fn overwrite(path: &Path, length: u64) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)?;
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.flush()?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_wiped_with_all_that_stands_in_it_and_what_a_link_points_to_stays() {
        let outside = tempfile::NamedTempFile::new().unwrap();
        create_private(&outside.path().with_extension("x"), b"stays").unwrap();
        let kept = outside.path().with_extension("x");
        let folder = PrivateFolder::create().unwrap();
        let path = folder.path().to_owned();
        folder.write("plain", b"secret").unwrap();
        fs::create_dir_all(path.join("a/b")).unwrap();
        create_private(&path.join("a/b/.swp"), b"secret").unwrap();
        std::os::unix::fs::symlink(&kept, path.join("link")).unwrap();
        std::os::unix::fs::symlink("/etc", path.join("a/etc")).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        sweep();
        assert!(path.join("plain").exists(), "its maker lives");
        drop(folder);
        assert!(!path.exists());
        assert_eq!(fs::read(&kept).unwrap(), b"stays");
        fs::remove_file(kept).unwrap();
    }

    #[test]
    fn what_a_dead_process_left_is_swept() {
        let folder = PrivateFolder::create().unwrap();
        folder.write("plain", b"secret").unwrap();
        let path = folder.path().to_owned();
        let held = std::mem::ManuallyDrop::new(folder);
        held.lock.unlock().unwrap();
        sweep();
        assert!(!path.exists());
    }
}
