//! Bringing dependencies here before a build is confined: the network, the registry's credentials and Cargo.lock are
//! outside of the build domain.
//!
//! **Whether there is anything to bring is told by a hash** over everything that decides it, left in the target folder
//! after the last time. A build can forge that file: then cargo lacks what it did not fetch.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use sha2::{Digest as _, Sha256};

use super::line::{CargoLine, Repeated, Work};
use crate::fsx;
use crate::manifest::Package;
use crate::process::surroundings::Surroundings;

/// Where the hash stands, in the target folder.
const MARK: &str = ".cargo-secrets-fetched";

/// What decides which dependencies there are.
pub(crate) struct Fetch<'f> {
    /// The command that is going to build, where it is cargo.
    pub(crate) line: Option<&'f CargoLine>,
    /// The workspace's folder.
    pub(crate) root: &'f Path,
    /// The workspace's packages.
    pub(crate) packages: &'f [Package],
    /// The folders of path dependencies outside.
    pub(crate) outside: &'f [PathBuf],
    /// Where cargo builds.
    pub(crate) target: &'f Path,
    /// The user's folders.
    pub(crate) surroundings: &'f Surroundings,
}

impl Fetch<'_> {
    /// Whether something may be missing.
    pub(crate) fn is_needed(&self) -> bool {
        let known = std::fs::read(self.target.join(MARK)).ok();
        !self.root.join("Cargo.lock").exists() || known.is_none_or(|known| known != self.state())
    }

    /// The words after `cargo`.
    pub(crate) fn words(&self) -> Vec<OsString> {
        let repeated = self.line.map(|line| line.repeated.clone()).unwrap_or_default();
        repeated.toolchain.into_iter().chain(["fetch".into()]).chain(repeated.options).collect()
    }

    /// Has `command`, which ends in [`words`](Self::words), fetch; tells how it ended.
    pub(crate) fn run(&self, command: &mut Command) -> io::Result<ExitStatus> {
        command.current_dir(&self.surroundings.cwd).stdin(Stdio::null()).status()
    }

    /// Whether cargo knows without the network which versions to build, some of which may be here. Where it does not, the
    /// build would say so once more.
    pub(crate) fn resolves(&self, cargo: &OsStr) -> bool {
        let Some(line) = self.line.filter(|line| matches!(line.work, Work::Compile { .. } | Work::Fix)) else {
            return true;
        };
        let Repeated { toolchain, options } = &line.repeated;
        // `--dry-run` and the variable do the rest of what `--frozen` says.
        let options = options.iter().filter(|option| *option != "--offline").map(|option| match option.to_str() {
            Some("--frozen") => OsStr::new("--locked"),
            _ => option,
        });
        let mut command = Command::new(cargo);
        command.args(toolchain).args(["update", "--workspace", "--dry-run"]).args(options);
        command.env("CARGO_NET_OFFLINE", "true").stdout(Stdio::null()).stderr(Stdio::null());
        self.run(&mut command).map_or(true, |status| status.success())
    }

    /// Notes that everything is here. Where that cannot be written, the next run fetches again.
    pub(crate) fn mark(&self) {
        let _ = fsx::replace(&self.target.join(MARK), &self.state());
    }

    /// The hash over Cargo.lock, all manifests, cargo's settings, and which registry there is.
    fn state(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        let mut add = |path: &Path| {
            hash.update(path.as_os_str().as_encoded_bytes());
            hash.update(std::fs::read(path).map(Sha256::digest).unwrap_or_default());
        };
        add(&self.root.join("Cargo.lock"));
        add(&self.root.join("Cargo.toml"));
        self.outside.iter().for_each(|package| add(&package.join("Cargo.toml")));
        let home = self.surroundings.cargo_home.iter();
        for folder in self.surroundings.cwd.ancestors().map(|folder| folder.join(".cargo")).chain(home.clone().cloned())
        {
            add(&folder.join("config.toml"));
            add(&folder.join("config"));
        }
        for package in self.packages {
            hash.update(package.folder().as_os_str().as_encoded_bytes());
            hash.update([0]);
            hash.update(package.text());
            hash.update([0]);
        }
        self.words().iter().for_each(|word| hash.update(word.as_encoded_bytes()));
        let kept = ["registry/cache", "registry/src", "git/db", "git/checkouts"];
        for folder in home.flat_map(|home| kept.map(|name| home.join(name))) {
            use std::os::unix::fs::MetadataExt as _;
            hash.update(folder.metadata().map_or(0, |metadata| metadata.ino()).to_ne_bytes());
        }
        hash.finalize().to_vec()
    }
}
