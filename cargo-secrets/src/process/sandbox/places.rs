//! Where everything stands that a build needs.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::domain::resolved;
use super::dotenv;
use super::error::SandboxError;
use super::hidden::Owner;
use super::repository;
use crate::fsx::below;
use crate::manifest::{Network, Sandbox};

/// What the build domain is made of. **All of it is given**: nothing is read from our own environment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'p> {
    /// The workspace's folder: read, but for its `.env` files.
    pub(crate) root: &'p Path,
    /// The folder with `.git`, where that lies above the workspace: read.
    pub(crate) repository: Option<&'p Path>,
    /// The folders that are built in: written; made where they are missing.
    pub(crate) targets: &'p [PathBuf],
    /// Path dependencies outside the workspace: read.
    pub(crate) outside: &'p [PathBuf],
    /// A private folder for temporary files, this run's own: written.
    pub(crate) tmp: &'p Path,
    /// Whose keys are hidden; also names cargo's folder.
    pub(crate) owner: Owner<'p>,
    /// rustup's own folder.
    pub(crate) rustup_home: Option<&'p Path>,
    /// The folders of `PATH`.
    pub(crate) path: &'p [PathBuf],
    /// Our own executable, which cargo starts as the runner.
    pub(crate) program: &'p Path,
    /// The ports of the proxies that `*_proxy` variables name.
    pub(crate) proxies: &'p [u16],
    /// Cargo.toml's `sandbox` table.
    pub(crate) table: &'p Sandbox,
    /// Whether the command may change sources (`cargo fix`).
    pub(crate) writes_workspace: bool,
}

/// The machine's own files: programs, libraries, headers, settings.
const SYSTEM: [&str; 20] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/etc",
    "/nix",
    "/gnu",
    "/proc",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/sys/kernel/mm/transparent_hugepage",
    // where /etc points to outside itself
    "/etc/resolv.conf",
    "/etc/localtime",
    "/var/lib/ca-certificates",
    "/dev/random",
    "/dev/urandom",
];

/// What holds programs of the machine, as the trees above do: a project that lies directly in it leaves it open.
const SHARED: &str = "/usr/local";

/// Devices; no terminal: a build has ours on descriptors 0 to 2, and one that opens it asks for passphrases.
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/ptmx", "/dev/shm"];

/// What is read of cargo's folder: all but tokens. When each crate was last used is not written: cargo removes what that
/// says is old, wherever it says that it is.
const CARGO: [&str; 10] =
    ["bin", "lib", "registry", "git", "config.toml", "config", "env", ".crates.toml", ".crates2.json", ".global-cache"];

/// Locks. **A build can hold them**, and so keep other builds waiting while it runs.
const CARGO_LOCKS: [&str; 2] = [".package-cache", ".package-cache-mutate"];

/// What is read of rustup's folder.
const RUSTUP: [&str; 3] = ["toolchains", "settings.toml", "update-hashes"];

/// Settings of tools that stop where they cannot read them: git, nextest, rustfmt.
const SETTINGS: [&str; 2] = [".gitconfig", ".rustfmt.toml"];
/// The same below the folder of settings.
const IN_CONFIG: [&str; 5] = ["git/config", "git/ignore", "git/attributes", "nextest", "rustfmt"];

/// What cargo, rustup and clippy look for in every folder above the workspace.
const ABOVE: [&str; 9] = [
    "Cargo.toml",
    ".cargo/config.toml",
    ".cargo/config",
    "rust-toolchain.toml",
    "rust-toolchain",
    "clippy.toml",
    ".clippy.toml",
    "rustfmt.toml",
    ".rustfmt.toml",
];

/// What shells, sessions and git run by themselves, below the home folder.
const STARTED: [&str; 15] = [
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".config/fish",
    ".config/autostart",
    ".config/systemd",
    ".config/environment.d",
    ".config/git",
    ".gitconfig",
    ".local/bin",
    "bin",
];

impl Places<'_> {
    /// The machine's own files.
    pub(super) fn system() -> impl Iterator<Item = &'static Path> {
        SYSTEM.iter().map(Path::new)
    }

    /// What is not the machine's, wherever it lies: the home folder, and the one with the workspace and what is beside it.
    pub(super) fn private(&self) -> Vec<PathBuf> {
        let root = resolved(self.root);
        let is_shared = |folder: &Path| Self::system().chain([Path::new(SHARED)]).any(|shared| shared == folder);
        let around = root.parent().filter(|around| !is_shared(around)).map(Path::to_owned);
        self.owner.home.map(resolved).into_iter().chain(around).collect()
    }

    /// What else a build reads and executes.
    pub(super) fn read(&self) -> Vec<PathBuf> {
        let mut read = Vec::new();
        let mut add = |folder: Option<&Path>, names: &[&str]| {
            read.extend(names.iter().filter_map(|name| Some(folder?.join(name))));
        };
        add(self.owner.cargo_home, &CARGO);
        add(self.rustup_home, &RUSTUP);
        add(self.owner.home, &SETTINGS);
        add(self.owner.config, &IN_CONFIG);
        for above in self.root.ancestors().skip(1) {
            add(Some(above), &ABOVE);
        }
        read.extend(self.linked_toolchains());
        read.extend(self.path.iter().filter(|folder| self.strays(folder).is_none()).flat_map(|f| self.programs(f)));
        read.push(self.program.to_owned());
        read.push(self.root.to_owned());
        read.extend(self.repository().map(Path::to_owned));
        read.extend(self.git_folder());
        read.extend(self.outside.iter().cloned());
        read
    }

    /// What a build writes.
    pub(super) fn written(&self) -> Vec<PathBuf> {
        let mut written: Vec<PathBuf> = DEVICES.iter().map(PathBuf::from).collect();
        written.extend(CARGO_LOCKS.iter().filter_map(|name| Some(self.owner.cargo_home?.join(name))));
        written.push(self.tmp.to_owned());
        written.extend(self.targets.iter().cloned());
        written
    }

    /// Where `path` leads to, if it leads out of a folder that builds write: a link on the way may be an earlier build's.
    pub(super) fn strays(&self, path: &Path) -> Option<PathBuf> {
        let path = self.root.join(path);
        let real = resolved(&path);
        if real == path {
            return None;
        }
        let written = self.table.write.iter().map(|entry| self.owner.at_home(Path::new(entry)));
        let written = written.chain(self.targets.iter().cloned()).chain([PathBuf::from("target")]);
        let written: Vec<_> = written.map(|folder| resolved(&self.root.join(folder))).collect();
        let entered =
            |folder: &&PathBuf| path.ancestors().skip(1).any(|above| below(&resolved(above), folder).is_some());
        let leaves = written.iter().filter(entered).any(|folder| below(&real, folder).is_none());
        leaves.then_some(real)
    }

    /// What a build reaches. `cargo fix` and the compilers it starts talk to each other by TCP, on any port.
    pub(super) fn network(&self) -> Network {
        match self.table.network {
            Network::Https if self.writes_workspace => Network::All,
            network => network,
        }
    }

    /// What no entry of Cargo.toml opens for writing: programs outside run it, or do what it says.
    pub(super) fn guarded(&self) -> Vec<PathBuf> {
        let mut guarded: Vec<PathBuf> = ["/etc", "/usr", "/dev", "/proc", "/sys"].map(PathBuf::from).to_vec();
        let mut add = |folder: Option<&Path>, names: &[&str]| {
            let folder = folder.map(resolved);
            guarded.extend(names.iter().filter_map(|name| Some(folder.as_ref()?.join(name))));
        };
        add(self.owner.home, &STARTED);
        add(self.owner.cargo_home, &["bin", "config.toml", "config", "env"]);
        add(self.rustup_home, &RUSTUP);
        add(Some(self.root), &[".git", ".cargo"]);
        add(self.repository(), &[".git"]);
        guarded.extend(self.path.iter().map(|folder| resolved(folder)));
        guarded
    }

    /// The repository above the workspace. Who keeps the settings in the home folder under git does not mean all of it.
    fn repository(&self) -> Option<&Path> {
        let is_home = |folder: &Path| self.owner.home.is_some_and(|home| home.starts_with(folder));
        self.repository.filter(|folder| !self.root.join(".git").exists() && !is_home(folder))
    }

    /// git's own folder, where a `.git` file says that it is elsewhere.
    fn git_folder(&self) -> Option<PathBuf> {
        repository::elsewhere(self.root).or_else(|| repository::elsewhere(self.repository()?))
    }

    /// Settings that have to be readable and may hold a token.
    pub(super) fn settings(&self) -> Vec<PathBuf> {
        let cargo = ["config.toml", "config"].iter().filter_map(|name| Some(self.owner.cargo_home?.join(name)));
        let git = std::iter::once(self.root).chain(self.repository()).map(|folder| folder.join(".git"));
        let git = git.chain(self.git_folder()).map(|folder| folder.join("config"));
        cargo
            .chain(git)
            .chain(self.owner.home.map(|home| home.join(".gitconfig")))
            .map(|file| resolved(&file))
            .collect()
    }

    /// A folder of `PATH` with the libraries beside it; not the home folder or one above it.
    fn programs(&self, folder: &Path) -> Vec<PathBuf> {
        if !folder.is_absolute() || self.owner.home.is_some_and(|home| home.starts_with(folder)) {
            return Vec::new();
        }
        let parent = |name| folder.parent().filter(|_| folder.ends_with(name));
        let libraries = ["lib", "lib64", "libexec"].iter().filter_map(|name| Some(parent("bin")?.join(name)));
        // Version managers (pyenv, rbenv, asdf) look up beside their stand-ins which program is meant.
        let versions = parent("shims").map(Path::to_owned);
        std::iter::once(folder.to_owned()).chain(libraries).chain(versions).collect()
    }

    /// Toolchains that `rustup toolchain link` has made.
    fn linked_toolchains(&self) -> Vec<PathBuf> {
        let Some(entries) = self.rustup_home.and_then(|home| std::fs::read_dir(home.join("toolchains")).ok()) else {
            return Vec::new();
        };
        let links = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
        links.map(|entry| entry.path()).collect()
    }

    /// The project's `.env` files, but for those that its Cargo.toml opens.
    pub(super) fn environment_files(&self) -> Vec<PathBuf> {
        let opened: Vec<PathBuf> = self.table.read.iter().map(|entry| resolved(&self.root.join(entry))).collect();
        let outside = self.outside.iter().map(PathBuf::as_path);
        let mut found = dotenv::find(std::iter::once(self.root).chain(self.repository()).chain(outside));
        found.retain(|file| !opened.contains(file));
        found
    }

    /// Makes the folders that cargo cannot make inside.
    pub(super) fn make(&self) -> Result<(), SandboxError> {
        for target in self.targets.iter().filter(|target| !target.exists()) {
            make_target(target).map_err(|source| SandboxError::Create { path: target.clone(), source })?;
        }
        for lock in CARGO_LOCKS.iter().filter_map(|name| Some(self.owner.cargo_home?.join(name))) {
            // A cargo folder that cannot be written is as read-only inside as it is outside.
            let _ = OpenOptions::new().create(true).append(true).open(lock);
        }
        Ok(())
    }
}

/// Keys of the machine, which only root can read.
const MACHINE: [&str; 8] = [
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/ssh",
    "/etc/ssl/private",
    "/etc/letsencrypt",
    "/etc/kubernetes",
    "/etc/krb5.keytab",
    "/etc/NetworkManager/system-connections",
];

/// Those, where we could read them: an ordinary user is kept from them anyway, without a rule for every file beside them.
pub(super) fn machine_keys() -> impl Iterator<Item = PathBuf> {
    let all = rustix::fs::access("/etc/shadow", rustix::fs::Access::READ_OK).is_ok();
    MACHINE.iter().filter(move |_| all).map(PathBuf::from)
}

/// A target folder as cargo makes it, with the mark by which backups pass it over.
fn make_target(target: &Path) -> io::Result<()> {
    std::fs::create_dir_all(target)?;
    let mark = "Signature: 8a477f597d28d172789f06886806bc55\n# This file is a cache directory tag created by cargo.\n\
        # For information about cache directory tags see https://bford.info/cachedir/\n";
    OpenOptions::new().create_new(true).write(true).open(target.join("CACHEDIR.TAG"))?.write_all(mark.as_bytes())
}
