//! Files written so that a crash at any point leaves the old content or the new one, and two writers lose nothing.
//!
//! **Nothing here is readable by others while it is being written**: a temporary file is 0600 until its content is
//! complete, and stands in the folder of the file it becomes.

mod private;

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

pub(crate) use private::{PrivateFolder, sweep};

/// How long a writer waits for another one.
const LOCK_PATIENCE: Duration = Duration::from_secs(60);
/// How often it looks.
const LOCK_PAUSE: Duration = Duration::from_millis(3);

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("failed to {action} `{}`", path.display())]
pub(crate) struct Error {
    /// What was being done, in the infinitive.
    action: &'static str,
    /// To which file.
    path: PathBuf,
    /// Why not.
    #[source]
    pub(crate) source: io::Error,
}

impl Error {
    fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self { action, path: path.to_owned(), source }
    }
}

/// Reads a whole file. A device is refused, since it may never end, and a named pipe, since nobody may ever write to it;
/// a pipe that was handed over (the shell's `<(…)`, `/dev/stdin`) is read.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let is_handed_over = || ["/dev/", "/proc/"].iter().any(|folder| path.starts_with(folder));
    let read = || {
        let kind = fs::metadata(path)?.file_type();
        if kind.is_file() || kind.is_dir() || (kind.is_fifo() && is_handed_over()) {
            return fs::read(path);
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"))
    };
    read().map_err(|source| Error::new("read", path, source))
}

/// Reads a whole text file that comes with a project: no device or pipe, whatever link leads to it, and at most `most` bytes.
pub(crate) fn read_small_text(path: &Path, most: u64) -> Result<String, Error> {
    let read = || {
        // Whoever opens a pipe to read waits for a writer.
        let flags = (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() && !metadata.is_dir() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        // One byte more, so that the end is found in the second read.
        let length = metadata.len().min(most) + 1;
        let mut text = String::with_capacity(usize::try_from(length).unwrap_or_default());
        if file.take(most + 1).read_to_string(&mut text)? as u64 > most {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is longer than {most} bytes")));
        }
        Ok(text)
    };
    read().map_err(|source| Error::new("read", path, source))
}

/// Reads a whole text file.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::new("read", path, source))
}

/// Where `path` truly is, if a link inside of the folder `root` leads out of it. Outside of `root`, links are the user's own.
pub(crate) fn led_out(root: &Path, path: &Path) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    let mut real = PathBuf::new();
    for component in std::path::absolute(path).ok()?.components() {
        if component == Component::ParentDir {
            real.pop();
            continue;
        }
        let next = real.join(component).canonicalize().ok()?;
        if real.starts_with(&root) && !next.starts_with(&root) {
            return Some(path.canonicalize().unwrap_or(next));
        }
        real = next;
    }
    None
}

/// What of `path` lies below `folder`; nothing where it is `folder` itself. Both without links, `.` and `..`: that is told by
/// bytes, for hundreds of paths at every start.
pub(crate) fn below<'p>(path: &'p Path, folder: &Path) -> Option<&'p Path> {
    let rest = path.as_os_str().as_bytes().strip_prefix(folder.as_os_str().as_bytes())?;
    let rest = match rest {
        [] => rest,
        [b'/', rest @ ..] => rest,
        _ if folder.as_os_str().as_bytes().ends_with(b"/") || folder.as_os_str().is_empty() => rest,
        _ => return None,
    };
    Some(Path::new(OsStr::from_bytes(rest)))
}

/// Makes a folder and those above it; only its owner may enter a new one.
pub(crate) fn create_private_dir(path: &Path) -> Result<(), Error> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| Error::new("create the folder", path, source))
}

/// Makes a folder and those above it.
pub(crate) fn create_dir(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| Error::new("create the folder", path, source))
}

/// Writes a new file of mode 0600; one that exists already is an error.
pub(crate) fn create_private(path: &Path, content: &[u8]) -> Result<(), Error> {
    let create = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    create().map_err(|source| Error::new("create", path, source))?;
    sync_folder_of(path)
}

/// Gives `path` the content `content` at once: readers see the old file or the new one, never a part.
///
/// A file that exists keeps its permissions; a new one gets 0644, since all that is written this way is public
/// (ciphertext, manifests).
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let mode = fs::metadata(path).map_or(0o644, |metadata| metadata.permissions().mode() & 0o777);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let write = || {
        let prefix = format!(".{name}.");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".tmp").permissions(fs::Permissions::from_mode(0o600));
        let mut file = builder.tempfile_in(folder_of(path))?;
        file.write_all(content)?;
        file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|source| Error::new("write", path, source))?;
    sync_folder_of(path)
}

/// Makes the rename itself survive a power loss.
fn sync_folder_of(path: &Path) -> Result<(), Error> {
    let folder = folder_of(path);
    let sync = File::open(folder).and_then(|folder| folder.sync_all());
    sync.map_err(|source| Error::new("sync the folder", folder, source))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Keeps other writers away from one file for as long as it lives.
///
/// A lock file beside the file, held by `flock`: the kernel lets go of it when its holder dies. It is removed while
/// still held, and whoever gets a lock on a file that is gone by then starts anew.
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Waits for the lock on `path`, up to a minute.
    pub(crate) fn acquire(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let lock = folder_of(path).join(format!(".{name}.lock"));
        let patience = Instant::now() + LOCK_PATIENCE;
        loop {
            match Self::attempt(&lock) {
                Ok(Some(file)) => return Ok(Self { path: lock, _file: file }),
                Ok(None) if Instant::now() < patience => std::thread::sleep(LOCK_PAUSE),
                Ok(None) => {
                    let held = io::Error::new(io::ErrorKind::WouldBlock, "another process has held it for a minute");
                    return Err(Error::new("lock", path, held));
                }
                Err(source) => return Err(Error::new("lock", path, source)),
            }
        }
    }

    /// One try; `None` when it is held, or was removed under our hands.
    fn attempt(lock: &Path) -> io::Result<Option<File>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(lock)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(source)) => return Err(source),
        }
        let ours = file.metadata()?;
        match fs::metadata(lock) {
            Ok(there) if (there.dev(), there.ino()) == (ours.dev(), ours.ino()) => Ok(Some(file)),
            Ok(_) => Ok(None),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(source),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A lock file that stays is no harm: nobody holds it.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_a_folder() {
        let below =
            |path, folder| below(Path::new(path), Path::new(folder)).map(|rest| rest.to_str().unwrap().to_owned());
        assert_eq!(below("/a/b/c", "/a"), Some("b/c".to_owned()));
        assert_eq!(below("/a", "/"), Some("a".to_owned()));
        assert_eq!(below("/a", "/a"), Some(String::new()));
        assert_eq!(below("/ab", "/a"), None);
        assert_eq!(below("/a", "/a/b"), None);
        assert_eq!(below("b/c", ""), Some("b/c".to_owned()));
    }

    #[test]
    fn a_link_inside_of_a_folder_leads_out_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let at = |name: &str| real.join(name);
        for name in ["in/sub", "out"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        create_private(&at("in/plain"), b"").unwrap();
        create_private(&at("out/file"), b"").unwrap();
        let links = [
            ("../out/file", "in/file"),
            ("../out", "in/folder"),
            ("plain", "in/near"),
            ("file", "in/twice"),
            ("in", "entry"),
            ("nowhere", "in/broken"),
        ];
        for (target, link) in links {
            std::os::unix::fs::symlink(target, at(link)).unwrap();
        }
        for (path, is_out) in [
            ("in/plain", false),
            ("in/near", false),
            ("in/sub/../plain", false),
            ("in/../out/file", false),
            ("entry/plain", false),
            ("in/broken", false),
            ("in/absent", false),
            ("out/file", false),
            ("in/file", true),
            ("in/twice", true),
            ("entry/file", true),
            ("in/folder/file", true),
            ("in/sub/../file", true),
        ] {
            assert_eq!(led_out(&at("in"), &at(path)), is_out.then(|| at("out/file")), "{path}");
        }
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create_private(&path, b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_never_ends_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let refused = || read_small_text(&path, 3).unwrap_err().source.to_string();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert_eq!(refused(), "it is no regular file");
        fs::remove_file(&path).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert_eq!(refused(), "it is no regular file");
        fs::remove_file(&path).unwrap();
        create_private(&path, b"four").unwrap();
        assert_eq!(refused(), "it is longer than 3 bytes");
        assert_eq!(read_small_text(&path, 4).unwrap(), "four");
        assert_eq!(read_small_text(folder.path(), 4).unwrap_err().source.kind(), io::ErrorKind::IsADirectory);
    }

    #[test]
    fn a_lock_file_left_by_a_dead_process_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create_private(&folder.path().join(".file.lock"), b"").unwrap();
        drop(Lock::acquire(&path).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn two_holders_never_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create_private(&path, b"0").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _lock = Lock::acquire(&path).unwrap();
                        let count: u32 = String::from_utf8(read(&path).unwrap()).unwrap().parse().unwrap();
                        replace(&path, (count + 1).to_string().as_bytes()).unwrap();
                    }
                });
            }
        });
        assert_eq!(read(&path).unwrap(), b"200");
    }
}
