//! The fixtures' projects, each in a folder of its own with values made up for it, and the commands that run in them.
//!
//! **A command is given the same environment with and without us**, and cargo a home of its own: no lock is shared, and
//! nothing of the tester's configuration is seen.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::canary::Canary;
use crate::support::watch::watched;
use crate::support::{Project, program, shown, tools, typed};

/// The target that `rustc` builds for by itself.
pub(crate) fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// A copy of `tests/fixtures/NAME` with an identity and three values: `TOKEN` for all, `API_TOKEN` and `WEB_TOKEN` for a
/// package each, where there are such.
pub(crate) struct Fixture {
    pub(crate) project: Project,
    pub(crate) token: Canary,
    pub(crate) api: Canary,
    pub(crate) web: Canary,
    program: PathBuf,
}

impl Fixture {
    /// The tests that end in every way.
    pub(crate) fn suite() -> Self {
        let fixture = Self::of("suite", "suite");
        fixture.set("TOKEN", &fixture.token);
        fixture
    }

    /// The workspace with the nosy dependency.
    pub(crate) fn workspace() -> Self {
        Self::workspace_in("workspace")
    }

    /// The same in a folder of this name.
    pub(crate) fn workspace_in(folder: &str) -> Self {
        let fixture = Self::of("workspace", folder);
        for (name, value) in [("TOKEN", &fixture.token), ("API_TOKEN", &fixture.api), ("WEB_TOKEN", &fixture.web)] {
            fixture.set(name, value);
        }
        let text = fixture.project.read("Cargo.toml");
        let restricted = |text: String, name: &str, package: &str| {
            let line = format!("{name}_TOKEN = {{ kind = \"secret\" }}");
            assert!(text.contains(&line), "{text}");
            text.replace(&line, &format!("{name}_TOKEN = {{ kind = \"secret\", packages = [\"{package}\"] }}"))
        };
        fixture.project.write("Cargo.toml", restricted(restricted(text, "API", "api"), "WEB", "web"));
        fixture
    }

    fn of(name: &str, folder: &str) -> Self {
        let project = Project::empty(folder);
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("tests/fixtures").join(name);
        copy(&from, &project.root());
        for folder in ["seen", "outside", "tmp", ".cargo"] {
            fs::create_dir(project.home().join(folder)).unwrap();
        }
        let [token, api, web] = [(); 3].map(|()| Canary::new());
        let fixture = Self { project, token, api, web, program: program().to_owned() };
        fixture.project.ok(&["init", "--quiet"]);
        fixture
    }

    fn set(&self, name: &str, value: &Canary) {
        self.project.set(name, &value.value);
    }

    /// Uses a copy of the program in this folder of the home.
    pub(crate) fn install(&mut self, folder: &str) {
        let folder = self.project.home().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("cargo-secrets");
        // Another process copies it: see `script` in tests/cli/fixture.rs.
        let status = Command::new("cp").arg(program()).arg(&path).status().unwrap();
        assert!(status.success());
        self.program = path;
    }

    /// Any program in the project's folder.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.project.command(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO") || text.starts_with("RUST_") || text == "LD_LIBRARY_PATH" {
                command.env_remove(&name);
            }
        }
        command.env("CARGO_HOME", self.project.home().join(".cargo")).env("CARGO_TERM_COLOR", "never");
        // The home lies in the usual folder for temporary files, and a folder in which something is hidden takes no new files.
        command.env("TMPDIR", self.project.home().join("tmp"));
        command.env("PATH", path()).env("SEEN", self.seen()).env("RUST_BACKTRACE", "0");
        command
    }

    /// The command line, the first word the program.
    pub(crate) fn bare(&self, line: &[&str]) -> Command {
        let mut command = self.command(line[0]);
        command.args(&line[1..]);
        command
    }

    /// The same through `cargo-secrets run` with these options.
    pub(crate) fn ours_with(&self, options: &[&str], line: &[&str]) -> Command {
        let mut command = self.command(&self.program);
        command.args(["run", "--quiet"]).args(options).arg("--").args(line);
        command
    }

    /// The same with all that we say.
    pub(crate) fn aloud(&self, line: &[&str]) -> Command {
        let mut command = self.command(&self.program);
        command.args(["run", "--"]).args(line);
        command
    }

    /// The same through `cargo-secrets run`.
    pub(crate) fn ours(&self, line: &[&str]) -> Command {
        self.ours_with(&[], line)
    }

    /// Runs the command line through us, and expects success.
    #[track_caller]
    pub(crate) fn runs(&self, line: &[&str]) -> Output {
        succeeds(&mut self.ours(line))
    }

    /// A folder where programs may write: not in the home itself, whose keys are hidden from tests.
    pub(crate) fn outside(&self) -> PathBuf {
        self.project.home().join("outside")
    }

    fn seen(&self) -> PathBuf {
        self.project.home().join("seen")
    }

    /// What each program saw since the last call: `TOKEN`, `API_TOKEN`, `WEB_TOKEN` with a space between, once for each
    /// start.
    pub(crate) fn take_seen(&self) -> BTreeMap<String, Vec<String>> {
        let files = fs::read_dir(self.seen()).unwrap().map(|entry| entry.unwrap().path());
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).unwrap();
            fs::remove_file(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, text.lines().map(str::to_owned).collect())
        };
        files.map(read).collect()
    }

    /// Expects that just these programs ran, and that each saw what its package may see.
    #[track_caller]
    pub(crate) fn each_saw_its_own(&self, programs: &[&str]) {
        let seen = self.take_seen();
        let names: Vec<_> = seen.keys().map(String::as_str).collect();
        let mut expected = programs.to_vec();
        expected.sort_unstable();
        assert_eq!(names, expected, "other programs ran than expected");
        let Self { token, api, web, .. } = self;
        for (name, lines) in seen {
            let own = match name.split('-').next().unwrap() {
                "api" => format!("{} {} ", token.value, api.value),
                "web" => format!("{}  {}", token.value, web.value),
                _ => format!("{}  ", token.value),
            };
            assert!(lines.iter().all(|line| *line == own), "{name} saw {lines:?}, not {own:?}");
        }
    }

    /// Expects no value below the target folder, in any form.
    #[track_caller]
    pub(crate) fn nothing_is_cached(&self) {
        for (name, value) in [("TOKEN", &self.token), ("API_TOKEN", &self.api), ("WEB_TOKEN", &self.web)] {
            let files = value.files_below(&self.project.root().join("target"));
            assert!(files.is_empty(), "{name} is in {files:#?}");
        }
    }

    /// Has the nosy package compiled again.
    pub(crate) fn stale(&self) {
        let path = self.project.root().join("nosy/build.rs");
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(std::time::SystemTime::now()).unwrap();
    }
}

/// Runs a command that has to succeed.
#[track_caller]
pub(crate) fn succeeds(command: &mut Command) -> Output {
    let output = watched(command);
    assert!(output.status.success(), "{}: {}", typed(command), shown(&output));
    output
}

/// Where programs are found: as ever, and the tools after that.
fn path() -> std::ffi::OsString {
    let tools = [tools::nextest(), tools::llvm_cov(), tools::just()].into_iter().flatten();
    let folders = tools.map(|path| path.parent().unwrap().to_owned());
    let path = std::env::var_os("PATH").unwrap();
    let mut all: Vec<_> = std::env::split_paths(&path).collect();
    for folder in folders {
        if !all.contains(&folder) {
            all.push(folder);
        }
    }
    std::env::join_paths(all).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            // What somebody built in the fixture by hand.
            if entry.file_name() != "target" {
                copy(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
