//! Starting one program on behalf of its runner.
//!
//! **What the program sees is what it would have seen without us**: arguments, working folder, standard descriptors,
//! process group and terminal are the runner's; the environment is the runner's without what we put there, without what
//! makes the loader run code, and with the values. It inherits what this process inherited, and of what we opened its own
//! files alone.

use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal};

use super::Vault;
use super::message::{Answer, DESCRIPTORS, Request};
use crate::manifest::Package;
use crate::process::enter;
use crate::process::environment::{Environment, Inherit};
use crate::process::memory_file;
use crate::process::platform::{self, Image, SpawnError};

/// Where rustdoc tells the program of several doctests how to start itself again, once for each; it tells it only where
/// no runner is set.
const DOCTEST: &str = "RUSTDOC_DOCTEST_BIN_PATH";

/// Which programs are kept from the identity and the credentials of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Domain {
    /// None.
    Never,
    /// Tests, benches and doctests, told by where they lie: for a task runner, which may start anything.
    Tests,
    /// All.
    Always,
}

/// What is known of the programs of a run, and needs no value.
pub(crate) struct Known {
    /// The workspace's packages.
    pub(crate) packages: Arc<[Package]>,
    /// The packages that were asked for: the restricted names of others are given to nobody.
    pub(crate) limit: Option<Vec<String>>,
    /// Whether the command starts programs at all; where it does not, nobody gets anything.
    pub(crate) starts: bool,
    /// Packages whose programs stay in the build domain, without values.
    pub(crate) inside: Vec<String>,
    /// Where cargo puts programs.
    pub(crate) targets: Vec<PathBuf>,
    /// What the user has set to start programs with, by target.
    pub(crate) chains: Vec<(String, Vec<OsString>)>,
    /// The workspace, where a cargo that they call would start us: they are marked as served.
    pub(crate) marked: Option<PathBuf>,
    /// Which programs enter the domain.
    pub(crate) domain: Domain,
    /// The domain.
    pub(crate) ruleset: Option<OwnedFd>,
}

/// The programs of a run.
pub(crate) struct Programs {
    /// What is known of them.
    pub(crate) known: Known,
    /// The values.
    pub(crate) vault: Vault,
    /// Variables that we changed for cargo, as they were.
    pub(crate) restored: Vec<(OsString, Option<OsString>)>,
    /// Whether what is set wins.
    pub(crate) inherit: Inherit,
}

/// Names, each with its value's file.
type Files<'f> = Vec<(&'f str, BorrowedFd<'f>)>;

/// A program that runs.
pub(super) struct Running {
    /// Its process id.
    pub(super) pid: Pid,
    /// Whether it is in the process group of its runner.
    pub(super) shared: bool,
    /// Whether it is in the program domain.
    pub(super) confined: bool,
}

impl Programs {
    /// Starts what a runner asks for; `Err` is what it is answered instead.
    pub(super) fn start(
        &self,
        request: &Request,
        with: &[OwnedFd; DESCRIPTORS],
        runner: Pid,
    ) -> Result<Running, Answer> {
        let [_, _, _, folder] = with;
        let words: Vec<&[u8]> = request.command().collect();
        let program = words.first().copied().unwrap_or_default();
        let file = located(program, folder).map_err(|error| failed(&error))?;
        let declared = self.declared(request);
        let package = declared.and_then(Package::name);
        // What stays inside does so whatever package was asked for.
        if !self.known.starts
            || !(declared.is_some() || self.is_built_here(&file))
            || package.is_some_and(|package| self.known.inside.iter().any(|inside| inside == package))
        {
            return Err(Answer::Alone);
        }
        let is_asked_for =
            |name: &&str| self.known.limit.as_ref().is_none_or(|limit| limit.iter().any(|asked| asked == name));
        let package = package.filter(is_asked_for);
        let chain = self.known.chains.iter().find(|(triple, _)| OsStr::new(triple) == request.triple());
        let chain = chain.map_or(&[] as &[OsString], |(_, chain)| chain);
        let arguments = chain.iter().map(|word| word.as_bytes()).chain(words).map(CString::new);
        let arguments: Vec<_> =
            arguments.collect::<Result<_, _>>().map_err(|_| failed(&io::ErrorKind::InvalidInput.into()))?;
        let Some(first) = arguments.first() else { return Err(failed(&io::ErrorKind::InvalidInput.into())) };
        let files = self.files(request, package);
        let mut environment = self.environment(request, package, &files);
        if is_doctest(&file) && environment.get(DOCTEST).is_none() {
            environment.push(DOCTEST.as_bytes(), program);
        }
        let (block, starts) = environment.as_block();
        let image = Image { program: first, arguments: &arguments, environment: block, starts };
        let ruleset = self.known.ruleset.as_ref().filter(|_| self.confines(&file)).map(AsFd::as_fd);
        start(image, with, &files, ruleset, runner)
    }

    /// The package that the program belongs to, as far as the runner says the truth. Its folder may be said through a link.
    fn declared(&self, request: &Request) -> Option<&Package> {
        let folder = Path::new(OsStr::from_bytes(request.variable("CARGO_MANIFEST_DIR")?));
        let is_at = |folder: &Path| self.known.packages.iter().find(|package| package.folder() == folder);
        is_at(folder).or_else(|| {
            let real = folder.canonicalize().ok()?;
            self.known
                .packages
                .iter()
                .find(|package| package.folder().canonicalize().is_ok_and(|folder| folder == real))
        })
    }

    /// Whether it lies where cargo puts this workspace's programs; one of a package of it may lie elsewhere, by `make`. A guard
    /// against accidents, no more: whoever can start the runner can write there.
    fn is_built_here(&self, file: &Path) -> bool {
        self.known.targets.iter().any(|target| file.starts_with(target)) || is_doctest(file)
    }

    fn confines(&self, file: &Path) -> bool {
        match self.known.domain {
            Domain::Never => false,
            Domain::Always => true,
            Domain::Tests => {
                is_doctest(file) || file.parent().and_then(Path::file_name).is_some_and(|name| name == "deps")
            }
        }
    }

    /// The values that it gets as files.
    fn files(&self, request: &Request, package: Option<&str>) -> Files<'_> {
        let mut files = self.vault.files_for_program(package);
        if self.inherit == Inherit::AllKeepExisting {
            files.retain(|(name, _)| request.variable(name).is_none());
        }
        files
    }

    /// All of its environment but the paths of `files`.
    fn environment(&self, request: &Request, package: Option<&str>, files: &Files<'_>) -> Environment {
        let changed = |name: &[u8]| {
            name == super::PARENT_VARIABLE.as_bytes()
                || files.iter().any(|(file, _)| file.as_bytes() == name)
                || is_loader(name)
                || self.restored.iter().any(|(ours, _)| ours.as_bytes() == name)
        };
        let restored =
            self.restored.iter().filter_map(|(name, value)| Some((name.as_bytes(), value.as_ref()?.as_bytes())));
        let own: Vec<_> = request.environment().filter(|(name, _)| !changed(name)).chain(restored).collect();
        let environment = Environment::assemble(&own, &self.vault.for_program(package), self.inherit);
        environment.delivered(self.known.marked.as_deref())
    }
}

/// Whether the loader runs code, or trusts files, that the variable names. `LD_LIBRARY_PATH` stays: cargo sets it, and
/// programs with dynamic libraries of Rust need it.
pub(crate) fn is_loader(name: &[u8]) -> bool {
    (name.starts_with(b"LD_") && name != b"LD_LIBRARY_PATH") || name == b"GCONV_PATH" || name == b"GLIBC_TUNABLES"
}

fn is_doctest(file: &Path) -> bool {
    let folders = file.components().rev().skip(1);
    folders.take(3).any(|folder| folder.as_os_str().as_bytes().starts_with(b"rustdoctest"))
}

/// Where the file really is.
fn located(program: &[u8], folder: &OwnedFd) -> io::Result<PathBuf> {
    let file = rustix::fs::openat(folder, program, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let link = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
    std::fs::read_link(link)
}

fn start(
    image: Image<'_>,
    with: &[OwnedFd; DESCRIPTORS],
    files: &Files<'_>,
    ruleset: Option<BorrowedFd<'_>>,
    runner: Pid,
) -> Result<Running, Answer> {
    let group = group_of(runner).unwrap_or(runner.as_raw_nonzero().get());
    let leads = group == runner.as_raw_nonzero().get();
    let us = rustix::process::getpid();
    let started = platform::spawn(image, || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        if rustix::process::getppid() != Some(us) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        // Where the runner's group cannot be joined (it has another session), the program leads one too. One that has no
        // number here is ours: it is from outside of our container.
        let joined = |group| !leads && rustix::process::setpgid(None, Some(group)).is_ok();
        if !Pid::from_raw(group).is_none_or(joined) {
            let _ = rustix::process::setpgid(None, None);
        }
        let [input, output, error, folder] = with;
        rustix::process::fchdir(folder)?;
        rustix::stdio::dup2_stdin(input)?;
        rustix::stdio::dup2_stdout(output)?;
        rustix::stdio::dup2_stderr(error)?;
        ruleset.map_or(Ok(()), enter::program)?;
        files.iter().map(|(name, file)| memory_file::hand_on(name, *file)).collect()
    });
    match started {
        Ok(pid) => Ok(Running { pid, shared: !leads && group_of(pid) == Some(group), confined: ruleset.is_some() }),
        Err(SpawnError::Before(error)) => Err(failed(&error)),
        Err(SpawnError::Exec(error)) => {
            Err(Answer::Failed { exec: true, number: error.raw_os_error().unwrap_or(libc::EIO) })
        }
    }
}

/// The number of a process's group; 0 for one from outside of our process namespace (`pid_namespaces(7)`).
fn group_of(pid: Pid) -> Option<i32> {
    let pid = nix::unistd::Pid::from_raw(pid.as_raw_nonzero().get());
    nix::unistd::getpgid(Some(pid)).ok().map(nix::unistd::Pid::as_raw)
}

fn failed(error: &io::Error) -> Answer {
    // What the system does not know by number is told as an input/output error.
    Answer::Failed { exec: error.kind() == io::ErrorKind::NotFound, number: error.raw_os_error().unwrap_or(libc::EIO) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doctest_is_known_by_its_folder() {
        assert!(is_doctest(Path::new("/tmp/x/rustdoctestAbC/rust_out")));
        assert!(is_doctest(Path::new("/tmp/rustdoctestAbC/merged_doctest_2024/rust_out")));
        assert!(!is_doctest(Path::new("/tmp/x/rustdoctest")));
        assert!(!is_doctest(Path::new("/w/target/debug/app")));
    }

    #[test]
    fn the_loader_is_told_where_libraries_are_and_nothing_else() {
        assert!(!is_loader(b"LD_LIBRARY_PATH") && !is_loader(b"PATH"));
        assert!(is_loader(b"LD_PRELOAD") && is_loader(b"LD_AUDIT") && is_loader(b"GCONV_PATH"));
    }
}
