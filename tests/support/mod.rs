//! What every test of the program stands on: a project of its own with its own home, and the program to run in it.
//!
//! **Nothing of the tester's own is seen or touched**: home, settings and identities lie in a temporary folder, and every
//! variable that this program reads is taken away first.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]
#![allow(clippy::disallowed_methods, reason = "what a test writes needs no care")]

pub mod canary;
pub mod terminal;
pub mod tools;
pub mod values;
pub mod watch;

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Variables that would change what the program does.
const CLEARED: [&str; 14] = [
    "CARGO_SECRETS_IDENTITY",
    "CARGO_SECRETS_IDENTITY_FILE",
    "CARGO_SECRETS_ENVIRONMENT",
    "SOPS_AGE_KEY",
    "SOPS_AGE_KEY_FILE",
    "SOPS_AGE_KEY_CMD",
    "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
    "SOPS_AGE_SSH_PRIVATE_KEY_CMD",
    "SOPS_AGE_RECIPIENTS",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "CARGO_TARGET_DIR",
    "NO_COLOR",
    "CLICOLOR_FORCE",
];

/// The program under test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cargo-secrets"))
}

/// A cargo project with a home of its own, in a temporary folder.
pub struct Project {
    folder: TempDir,
    name: String,
}

impl Project {
    /// A package without any secrets table.
    pub fn bare() -> Self {
        let project = Self::empty("app");
        std::fs::create_dir_all(project.root().join("src")).unwrap();
        project
            .write("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n");
        project.write("src/lib.rs", "");
        project
    }

    /// A folder of this name with nothing in it, beside the home.
    pub fn empty(name: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), name: name.to_owned() };
        std::fs::create_dir(project.home()).unwrap();
        std::fs::create_dir(project.root()).unwrap();
        project
    }

    /// A package after `cargo secrets init`: an identity, the environment `dev`, `secrets/dev.json`.
    pub fn new() -> Self {
        let project = Self::bare();
        project.ok(&["init", "--quiet"]);
        project
    }

    /// The project's folder.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// The home folder of its user.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The user's identity file.
    pub fn identity(&self) -> PathBuf {
        self.home().join(".config/cargo-secrets/identity.txt")
    }

    /// The user's public key.
    pub fn recipient(&self) -> String {
        let text = std::fs::read_to_string(self.identity()).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
        line.to_owned()
    }

    /// Writes a file of the project, its folders made.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Writes a file of the project that only its owner can read: an identity, say.
    pub fn write_private(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, content);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// A file of the project as text.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.root().join(name)).unwrap()
    }

    /// Any program in the project's folder, with the project's home.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root()).env("HOME", self.home()).env("USER", "alice").stdin(Stdio::null());
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let home = || std::env::home_dir().unwrap().join(folder);
            command.env(name, std::env::var_os(name).map_or_else(home, PathBuf::from));
        }
        for name in CLEARED {
            command.env_remove(name);
        }
        command
    }

    /// The program under test with `arguments`.
    pub fn secrets(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(program());
        command.args(arguments);
        command
    }

    /// Runs it and expects success; gives back stdout.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.secrets(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", shown(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it and expects this exit code; gives back stderr.
    pub fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.secrets(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", shown(&output));
        String::from_utf8(output.stderr).unwrap()
    }

    /// Sets `name` to exactly `value`, which goes through a pipe.
    pub fn set(&self, name: &str, value: &str) {
        let output = feed(self.secrets(&["set", name, "--exact", "--quiet"]), value.as_bytes());
        assert!(output.status.success(), "set {name}: {}", shown(&output));
    }

    /// Sets `name` in one of the environment's files.
    pub fn set_in(&self, name: &str, file: &str, value: &str) {
        let output = feed(self.secrets(&["set", name, "--exact", "--quiet", "--file", file]), value.as_bytes());
        assert!(output.status.success(), "set {name} in {file}: {}", shown(&output));
    }

    /// What a program started by `run` sees in the variable `name`.
    pub fn delivered(&self, name: &str) -> String {
        self.ok(&["run", "--quiet", "--", "sh", "-c", &format!("printf %s \"${name}\"")])
    }

    /// The real `sops`, with the user's identity.
    pub fn sops(&self, sops: &Path, arguments: &[&str]) -> Output {
        let mut command = self.command(sops);
        command.env("SOPS_AGE_KEY_FILE", self.identity()).env("SOPS_DISABLE_VERSION_CHECK", "1").args(arguments);
        command.output().unwrap()
    }
}

/// Runs `command` with `input` on its stdin.
pub fn feed(mut command: Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that does not read its input closes the pipe early: its exit code tells, not the pipe.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// A command for a failure's message, without its environment.
pub fn typed(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// An output for a failure's message.
pub fn shown(output: &Output) -> String {
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    format!("{}\n--- stdout\n{stdout}\n--- stderr\n{stderr}", output.status)
}

/// Whether the long versions of tests are asked for (`CARGO_SECRETS_TEST_LONG=1`).
pub fn long() -> bool {
    std::env::var_os("CARGO_SECRETS_TEST_LONG").is_some_and(|value| value == "1")
}
