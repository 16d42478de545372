//! How values reach a command: in its environment, or through cargo's target runner to the programs that cargo starts.
//!
//! **The name decides, before anything is read**: a plain program's start is not slowed by cargo's settings.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Read as _;
use std::path::Path;

use super::cargo::{CargoConfig, CargoLine, ConfigError, words_of};
use super::deliver::Command;
use super::surroundings::Surroundings;
use crate::manifest::Via;

/// What the decision depends on.
pub(crate) struct Request<'r> {
    /// `--via`.
    pub(crate) via: Option<Via>,
    /// `run` in Cargo.toml: the way by command name.
    pub(crate) ways: &'r BTreeMap<String, Via>,
    /// The workspace's folder; `None` outside of a cargo project.
    pub(crate) root: Option<&'r Path>,
    /// The user's folders.
    pub(crate) surroundings: &'r Surroundings,
}

/// What a command is.
#[derive(Debug)]
pub(crate) enum Child {
    /// cargo.
    Cargo(CargoLine),
    /// Something that may start cargo, and anything else.
    Starter,
    /// A plain program.
    Program,
}

impl Child {
    /// cargo's command line.
    pub(crate) fn line(&self) -> Option<&CargoLine> {
        match self {
            Self::Cargo(line) => Some(line),
            _ => None,
        }
    }
}

/// How values reach it, and why.
pub(crate) struct Decision {
    /// The way.
    pub(crate) via: Via,
    /// Why.
    pub(crate) reason: Reason,
    /// What the command is.
    pub(crate) child: Child,
    /// Whether it is cargo, though it may be told to build in ways that are not known here.
    pub(crate) is_cargo: bool,
    /// cargo's settings, where they were read.
    pub(crate) config: Option<CargoConfig>,
}

/// Why a way was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// `--via` says so.
    Asked,
    /// Cargo.toml says so.
    Declared(String),
    /// There is no cargo project.
    NoProject,
    /// It is cargo.
    Cargo,
    /// It may start cargo.
    Starter(Starter),
    /// It is none of these.
    Program,
}

/// Why something may start cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Starter {
    /// A task runner.
    Tasks,
    /// An editor.
    Editor,
    /// A shell whose text names one of these.
    Shell,
    /// A script of the project.
    Script,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asked => "`--via` says so",
            Self::Declared(name) => return write!(f, "`run.{name}` in Cargo.toml says so"),
            Self::NoProject => "there is no cargo project here",
            Self::Cargo => "it is cargo",
            Self::Starter(Starter::Tasks) => "it is a task runner, which may start cargo",
            Self::Starter(Starter::Editor) => "it is an editor, which may start cargo",
            Self::Starter(Starter::Shell) => "its text names cargo, or something that may start it",
            Self::Starter(Starter::Script) => "it is a script of this project, which may start cargo",
            Self::Program => "it is a plain program",
        })
    }
}

const TASKS: [&str; 27] = [
    "bacon",
    "bazel",
    "bun",
    "cross",
    "deno",
    "entr",
    "go-task",
    "gmake",
    "gradle",
    "just",
    "lefthook",
    "make",
    "mask",
    "meson",
    "mise",
    "moon",
    "ninja",
    "npm",
    "npx",
    "nx",
    "pnpm",
    "pre-commit",
    "rake",
    "task",
    "turbo",
    "watchexec",
    "yarn",
];

const EDITORS: [&str; 21] = [
    "atom",
    "clion",
    "code",
    "code-insiders",
    "codium",
    "cursor",
    "emacs",
    "emacsclient",
    "gvim",
    "helix",
    "hx",
    "idea",
    "kak",
    "kate",
    "lapce",
    "nano",
    "nvim",
    "rustrover",
    "subl",
    "vim",
    "zed",
];

const SHELLS: [&str; 8] = ["sh", "ash", "bash", "dash", "zsh", "ksh", "fish", "nu"];

/// Programs that start the one which is named after their own options.
const WRAPPERS: [&str; 14] = [
    "busybox", "chrt", "command", "env", "ionice", "nice", "nohup", "setsid", "stdbuf", "taskset", "time", "timeout",
    "unbuffer", "xvfb-run",
];

/// Programs that start one which is named somewhere in their words.
const CARRIERS: [&str; 15] = [
    "dbus-run-session",
    "doas",
    "flock",
    "hyperfine",
    "parallel",
    "perf",
    "rustup",
    "script",
    "setpriv",
    "strace",
    "sudo",
    "systemd-run",
    "valgrind",
    "watch",
    "xargs",
];

/// Programs that start what is named in their words where no runner of ours reaches: on another machine, in a container.
const ELSEWHERE: [&str; 8] = ["docker", "flyctl", "heroku", "kubectl", "nerdctl", "podman", "ssh", "vagrant"];

/// Decides.
pub(crate) fn decide(command: &Command, request: &Request<'_>) -> Result<Decision, ConfigError> {
    let name = command.name().to_string_lossy().into_owned();
    let (mut child, usual, mut config) = (Child::Program, kind(command, request.root), None);
    let words = request.root.and_then(|_| Inner::of(command).cargo());
    let is_cargo = words.is_some();
    if usual == Reason::Cargo
        && let Some(words) = words
    {
        let mut settings = CargoConfig::load(request.surroundings)?;
        let line = CargoLine::parse(words, |name| settings.alias(name));
        settings.add(&line)?;
        child = Child::Cargo(line);
        config = Some(settings);
    } else if matches!(usual, Reason::Starter(_)) {
        child = Child::Starter;
    }
    let by_kind = if matches!(usual, Reason::Cargo | Reason::Starter(_)) { Via::Runner } else { Via::Env };
    let (via, reason) = match (request.via, request.ways.get(&name)) {
        (Some(via), _) => (via, Reason::Asked),
        (None, Some(via)) => (*via, Reason::Declared(name)),
        (None, None) => (by_kind, usual),
    };
    if via == Via::Runner && matches!(child, Child::Program) {
        child = Child::Starter;
    }
    Ok(Decision { via, reason, child, is_cargo, config })
}

/// What kind of command it is.
fn kind(command: &Command, root: Option<&Path>) -> Reason {
    let Some(root) = root else { return Reason::NoProject };
    let inner = Inner::of(command);
    let name = inner.name().to_string_lossy();
    let is_wrapper = |name: &str| WRAPPERS.contains(&name) || CARRIERS.contains(&name);
    let sets_cargo =
        |word: &OsString| word.to_str().is_some_and(|word| word.starts_with("CARGO_") && word.contains('='));
    if inner.cargo().is_some() {
        // `env CARGO_TARGET_DIR=…` means other settings than those that are read here.
        let before = command.arguments.len() - inner.rest.len();
        if command.arguments.iter().take(before).any(sets_cargo) {
            Reason::Starter(Starter::Shell)
        } else {
            Reason::Cargo
        }
    } else if TASKS.contains(&name.as_ref()) {
        Reason::Starter(Starter::Tasks)
    } else if EDITORS.contains(&name.as_ref()) {
        Reason::Starter(Starter::Editor)
    } else if SHELLS.contains(&name.as_ref()) {
        shell(inner.rest, root)
    } else if is_script(Path::new(inner.program), root) {
        Reason::Starter(Starter::Script)
    } else if [command.name(), inner.name()].iter().any(|name| name.to_str().is_some_and(is_wrapper)) {
        // What its options mean is not known, so any word may be the program.
        let names = command.arguments.iter().any(|word| names_a_starter(&word.to_string_lossy()));
        if names { Reason::Starter(Starter::Shell) } else { Reason::Program }
    } else if inner.rest.iter().any(is_named_cargo) && !ELSEWHERE.contains(&name.as_ref()) {
        Reason::Starter(Starter::Shell)
    } else {
        Reason::Program
    }
}

/// Whether a word is cargo: of whatever it is given to, it may be what is started.
fn is_named_cargo(word: &OsString) -> bool {
    Path::new(word).file_name().is_some_and(|name| name == "cargo")
}

/// The program that a command really is, behind `env`, `timeout` and the like, and what follows it.
struct Inner<'c> {
    program: &'c OsStr,
    rest: &'c [OsString],
}

impl<'c> Inner<'c> {
    fn of(command: &'c Command) -> Self {
        let mut inner = Self { program: &command.program, rest: &command.arguments };
        while inner.name().to_str().is_some_and(|name| WRAPPERS.contains(&name)) {
            let Some(at) = inner.rest.iter().position(|word| !is_of_wrapper(word)) else { break };
            let Some([program, rest @ ..]) = inner.rest.get(at..) else { break };
            inner = Self { program, rest };
        }
        inner
    }

    fn name(&self) -> &'c OsStr {
        Path::new(self.program).file_name().unwrap_or(self.program)
    }

    /// The words after cargo, if it is that.
    fn cargo(&self) -> Option<&'c [OsString]> {
        words_of(self.name(), self.rest)
    }
}

/// Options, variables, durations and numbers: what stands before the program in a wrapper's words.
fn is_of_wrapper(word: &OsStr) -> bool {
    let text = word.to_string_lossy();
    let is_number = || text.trim_end_matches(['s', 'm', 'h', 'd']).parse::<f64>().is_ok();
    text.starts_with('-') || text.contains('=') || is_number()
}

/// A shell with a text, or with a script of the project.
fn shell(arguments: &[OsString], root: &Path) -> Reason {
    let by_text = |text: &str| {
        if names_a_starter(text) {
            Reason::Starter(Starter::Shell)
        } else if text
            .split(|c: char| c.is_whitespace() || ";&|()".contains(c))
            .any(|word| is_script(Path::new(word), root))
        {
            Reason::Starter(Starter::Script)
        } else {
            Reason::Program
        }
    };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        if let Some((_, text)) = text.split_once('=').filter(|(name, _)| name.starts_with("--command")) {
            return by_text(text);
        }
        let is_short = text.starts_with('-') && !text.starts_with("--");
        if (is_short && text.contains('c')) || text.starts_with("--command") {
            // More options may stand before the text: `bash -c -e 'text'`.
            let texts: Vec<_> = words.map(|text| text.to_string_lossy()).collect();
            return by_text(&texts.join(" "));
        }
        let takes_a_word = (is_short || text.starts_with('+')) && text.ends_with(['o', 'O']);
        if takes_a_word || ["--rcfile", "--init-file"].contains(&text.as_ref()) {
            words.next();
        } else if !text.starts_with(['-', '+']) {
            return if is_inside(Path::new(word), root) { Reason::Starter(Starter::Script) } else { Reason::Program };
        }
    }
    Reason::Program
}

fn is_inside(path: &Path, root: &Path) -> bool {
    let root = root.canonicalize();
    path.canonicalize().is_ok_and(|path| root.is_ok_and(|root| path.starts_with(root)))
}

fn names_a_starter(text: &str) -> bool {
    let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '+')));
    let mut names = words.map(|word| word.rsplit('/').next().unwrap_or(word));
    names.any(|name| name == "cargo" || name.starts_with("cargo-") || TASKS.contains(&name) || EDITORS.contains(&name))
}

/// A text file of the project that names its interpreter. What was built there is a program.
fn is_script(program: &Path, root: &Path) -> bool {
    let named = program.as_os_str().as_encoded_bytes().contains(&b'/');
    let mut start = [0; 2];
    named
        && is_inside(program, root)
        && program.is_file()
        && std::fs::File::open(program).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && start == *b"#!"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(line: &str) -> Reason {
        let command = Command::new(line.split(' ').map(OsString::from).collect()).unwrap();
        kind(&command, Some(Path::new("/nowhere")))
    }

    #[test]
    fn the_name_decides() {
        for line in
            ["cargo test", "/a/cargo test", "cargo-nextest nextest run", "env A=1 cargo t", "timeout 60s cargo t"]
        {
            assert_eq!(kind_of(line), Reason::Cargo, "{line}");
        }
        for line in ["nice -n 10 cargo t", "env A=1 nice cargo t", "nohup cargo build"] {
            assert_eq!(kind_of(line), Reason::Cargo, "{line}");
        }
        assert_eq!(kind_of("just test"), Reason::Starter(Starter::Tasks));
        assert_eq!(kind_of("/usr/bin/nvim"), Reason::Starter(Starter::Editor));
        for line in [
            "env A=1 sh -c cargo",
            "timeout 9 bash -euo pipefail -c cargo",
            "env -u A cargo t",
            "env CARGO_TARGET_DIR=x cargo t",
            "timeout -s KILL 9 cargo t",
            "rustup run stable cargo t",
            "sudo -E make",
            "busybox sh -c cargo",
            "fish --command=cargo",
        ] {
            assert_eq!(kind_of(line), Reason::Starter(Starter::Shell), "{line}");
        }
        for line in ["mold -run cargo test", "nix develop -c /bin/cargo t", "rr record cargo t"] {
            assert_eq!(kind_of(line), Reason::Starter(Starter::Shell), "{line}");
        }
        for line in [
            "true",
            "docker run -e TOKEN image cargo test",
            "grep -r cargo.toml target/cargo-timings",
            "./server cargo-tracking",
            "echo cargo-secrets",
            "./server",
            "sudo ls",
            "watch -n 1 date",
            "bash -euo pipefail -c ls",
            "cargo-secrets list",
            "env",
            "timeout 5 sleep 1",
            "sh",
        ] {
            assert_eq!(kind_of(line), Reason::Program, "{line}");
        }
    }

    #[test]
    fn a_shells_text_is_looked_through() {
        let kind = |text: &str| shell(&["-c".into(), text.into()], Path::new("/nowhere"));
        for text in ["cargo test", "cd x && cargo +stable t", "exec /opt/bin/cargo t", "make -j2", "(just ci)"] {
            assert_eq!(kind(text), Reason::Starter(Starter::Shell), "{text}");
        }
        for text in ["echo $TOKEN", "./discargo", "printenv"] {
            assert_eq!(kind(text), Reason::Program, "{text}");
        }
    }

    #[test]
    fn a_script_of_the_project_is_known_in_a_shells_text() {
        let project = tempfile::tempdir().unwrap();
        let script = project.path().join("ci.sh");
        crate::fsx::replace(&script, b"#!/bin/sh\n").unwrap();
        let text = format!("true; {} all", script.display());
        assert_eq!(shell(&["-c".into(), text.into()], project.path()), Reason::Starter(Starter::Script));
    }

    #[test]
    fn outside_of_a_project_there_is_no_runner() {
        let command = Command::new(vec!["cargo".into(), "test".into()]).unwrap();
        assert_eq!(kind(&command, None), Reason::NoProject);
    }
}
