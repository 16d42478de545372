//! Small projects that cargo really builds, and keys that stand nowhere in this repository.
//!
//! They lie below `target/tests/macros`, share one target folder, so that the macros are built once, and never ask the
//! network for anything.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};

/// What ends the beginning of a project's Cargo.toml.
const DEPENDENCY: &str = "[dependencies]\nsecrets-macros = { path = \"SECRETS_MACROS\" }\n";

/// A package in a folder of its own.
pub(crate) struct Project {
    name: String,
    folder: PathBuf,
}

/// What a command printed.
pub(crate) struct Run {
    /// Whether it succeeded.
    pub(crate) success: bool,
    /// What it printed to standard output.
    pub(crate) stdout: String,
    /// What it printed to standard error.
    pub(crate) stderr: String,
}

/// The folder of `secrets-macros`.
pub(crate) fn macros() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Where the projects lie.
fn home() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let target = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists()).unwrap();
    target.join("tests/macros")
}

/// Random letters of `alphabet`.
fn random(alphabet: &[u8], length: usize) -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let letter = |_| {
        let number = RandomState::new().hash_one(CALLS.fetch_add(1, Ordering::Relaxed));
        char::from(*alphabet.iter().cycle().nth(usize::try_from(number % 997).unwrap()).unwrap())
    };
    (0..length).map(letter).collect()
}

/// A value in the form of an AWS access key's id, made here and now.
pub(crate) fn aws_key() -> String {
    ["AKIA", &random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1), "7", &random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 14)].concat()
}

/// A PEM private key's form around random letters.
pub(crate) fn pem() -> String {
    let line = || random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 64);
    let label = ["PRIVATE", "KEY"].join(" ");
    format!("-----BEGIN {label}-----\nMIIEvQIBADANBgkq{}\n{}\n{}\n-----END {label}-----\n", line(), line(), line())
}

impl Project {
    /// An empty library package called `name`, which no other test may use.
    pub(crate) fn new(name: &str) -> Self {
        let folder = home().join("projects").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let project = Self { name: name.to_owned(), folder };
        project.manifest("")
    }

    /// Writes the package's Cargo.toml, `more` at its end.
    pub(crate) fn manifest(self, more: &str) -> Self {
        let head =
            format!("[package]\nname = \"{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n", self.name);
        let dependency = DEPENDENCY.replace("SECRETS_MACROS", macros().to_str().unwrap());
        self.file("Cargo.toml", &[&head, &dependency, "\n", more].concat())
    }

    /// Writes a file.
    #[expect(clippy::disallowed_methods, reason = "a test's own files")]
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace("SECRETS_MACROS", macros().to_str().unwrap())).unwrap();
        self
    }

    /// Where the package is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Adds `text` to the end of a file, and waits for the clock of the file system to move on.
    #[expect(clippy::disallowed_methods, reason = "a test's own files")]
    pub(crate) fn append(&self, path: &str, text: &str) {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let path = self.folder.join(path);
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, before + text).unwrap();
    }

    /// A cargo command in the package's folder, nothing of our own build in its environment.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(&self.folder).env("CARGO_TARGET_DIR", target());
        command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TERM_COLOR", "never");
        for (name, _) in std::env::vars() {
            let ours = name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_BIN_");
            if ours || name.starts_with("RUSTC_") || name.starts_with("RUSTDOC") || name.starts_with("RUSTFLAGS") {
                command.env_remove(name);
            }
        }
        for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs cargo.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.cargo(arguments).output().unwrap())
    }

    /// Runs cargo, which must succeed.
    pub(crate) fn passes(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert!(run.success, "cargo {arguments:?} failed:\n{}", run.stderr);
        run
    }

    /// Runs cargo, which must fail.
    pub(crate) fn fails(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert!(!run.success, "cargo {arguments:?} succeeded:\n{}", run.stderr);
        run
    }

    /// The library that holds the macros, which the package depends on.
    pub(crate) fn library(&self) -> String {
        let run = self.run(&["check", "--message-format=json"]);
        let messages = cargo_metadata::Message::parse_stream(run.stdout.as_bytes());
        let libraries = messages.filter_map(|message| match message.unwrap() {
            cargo_metadata::Message::CompilerArtifact(artifact) if artifact.target.name == "secrets_macros" => {
                artifact.filenames.first().map(ToString::to_string)
            }
            _ => None,
        });
        libraries.last().unwrap()
    }

    /// Whether `cargo check` finds nothing to do.
    pub(crate) fn is_fresh(&self) -> bool {
        let run = self.passes(&["check", "-v"]);
        let fresh = run.stderr.contains(&format!("Fresh {} v", self.name));
        assert!(
            fresh != run.stderr.contains(&format!("--crate-name {} ", self.name.replace('-', "_"))),
            "{}",
            run.stderr
        );
        fresh
    }
}

impl Run {
    /// What a finished command printed.
    pub(crate) fn of(output: Output) -> Self {
        Self {
            success: output.status.success(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// All that was printed.
    pub(crate) fn text(&self) -> String {
        [&*self.stdout, &*self.stderr].concat()
    }

    /// The messages of the compiler, of a run with `--message-format=json`.
    pub(crate) fn messages(&self) -> Vec<cargo_metadata::diagnostic::Diagnostic> {
        let messages = cargo_metadata::Message::parse_stream(self.stdout.as_bytes());
        let of_compiler = messages.filter_map(|message| match message.unwrap() {
            cargo_metadata::Message::CompilerMessage(message) => Some(message.message),
            _ => None,
        });
        of_compiler.collect()
    }

    /// How many errors rustc and we reported, cargo's own summary not counted.
    pub(crate) fn errors(&self) -> usize {
        self.stderr.lines().filter(|line| line.starts_with("error") && !line.contains("could not compile")).count()
    }
}

/// The target folder that all projects share.
pub(crate) fn target() -> PathBuf {
    home().join("target")
}

/// The files below `folder` that hold `text`.
pub(crate) fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if fs::read(&path).is_ok_and(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes())) {
            found.push(path);
        }
    }
    found
}
