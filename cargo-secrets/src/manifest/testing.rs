//! Projects in temporary folders, and cargo's own answers about them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::manifest::error::Error;
use crate::manifest::{Located, Manifest};

/// A project's folder, removed at the end of the test.
pub(super) struct Project(tempfile::TempDir);

impl Project {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One package whose Cargo.toml ends with `[package.metadata.secrets]` and `body`.
    pub(super) fn with_table(body: &str) -> Self {
        let project = Self::new();
        project.package(".", "app", "");
        project.append("Cargo.toml", &format!("[package.metadata.secrets]\n{body}"));
        project
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        if path == "." { self.0.path().to_owned() } else { self.0.path().join(path) }
    }

    #[expect(clippy::disallowed_methods, reason = "test fixtures hold no secrets")]
    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn append(&self, path: &str, text: &str) {
        let old = std::fs::read_to_string(self.path(path)).unwrap();
        self.write(path, &format!("{old}{text}"));
    }

    /// A package with a library; `more` are further lines of `[package]`. Three lines and those.
    pub(super) fn package(&self, folder: &str, name: &str, more: &str) {
        let folder = if folder == "." { String::new() } else { format!("{folder}/") };
        self.write(
            &format!("{folder}Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{more}"),
        );
        self.write(&format!("{folder}src/lib.rs"), "");
    }

    pub(super) fn find(&self, folder: &str) -> Result<Manifest, Error> {
        Manifest::load(Located::find(&self.path(folder), None, None)?)
    }

    /// The message and the hint of what is wrong with the project.
    pub(super) fn mistake(&self, folder: &str) -> (String, String) {
        let error = self.find(folder).map(|_| ()).unwrap_err();
        (error.to_string(), error.help().unwrap_or_default())
    }
}

/// What `cargo metadata --no-deps` says.
pub(super) fn cargo_metadata(cwd: &Path, manifest_path: Option<&str>) -> serde_json::Value {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(cwd).args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    command.args(manifest_path.map(|path| format!("--manifest-path={path}")));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
