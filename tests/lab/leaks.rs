//! Canary values through every command, loud and in a panic: they are in no message, in no file, and in no command line
//! while it runs.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::canary::Canary;
use crate::support::{Project, feed, shown};

/// A project in which every folder that a program could use lies below the home.
struct House {
    project: Project,
    runtime: tempfile::TempDir,
    canary: Canary,
    editor: PathBuf,
}

/// How a command is to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// Well, and printing the value is what it is for.
    Printing,
    /// Well, and silent about values.
    Silent,
}

impl House {
    fn new() -> Self {
        let project = Project::new();
        let canary = Canary::new();
        for folder in ["tmp", ".cache", ".local/state", ".local/share"] {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(project.home().join(folder)).unwrap();
        }
        // The editor adds a line; the value goes to it by a file that is not in the house.
        let outside = project.home().parent().unwrap().to_owned();
        let editor = outside.join("editor");
        fs::write(outside.join("line"), format!("EDITED = \"{}\"\n", canary.value)).unwrap();
        let script = format!("#!/bin/sh\ncat {} >> \"$1\"\n", outside.join("line").display());
        let write = "printf %s \"$1\" > \"$0\" && chmod 700 \"$0\"";
        assert!(Command::new("sh").args(["-c", write]).arg(&editor).arg(script).status().unwrap().success());
        fs::write(outside.join("plain.env"), format!("IMPORTED={}\nOTHER=o\n", canary.value)).unwrap();
        project.ok(&["env", "add", "qa", "--quiet"]);
        Self { project, runtime: tempfile::tempdir_in("/dev/shm").unwrap(), canary, editor }
    }

    fn outside(&self, name: &str) -> String {
        self.project.home().parent().unwrap().join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, arguments: &[&str], panic: bool) -> Command {
        let home = self.project.home();
        let at = arguments.iter().position(|word| *word == "--").unwrap_or(arguments.len());
        let words = [&arguments[..at], &["-vv"], &arguments[at..]].concat();
        let mut command = self.project.secrets(&words);
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
        command.env("TMPDIR", home.join("tmp")).env("XDG_RUNTIME_DIR", self.runtime.path());
        command.env("XDG_CACHE_HOME", home.join(".cache")).env("XDG_STATE_HOME", home.join(".local/state"));
        command.env("XDG_DATA_HOME", home.join(".local/share")).env("XDG_CONFIG_HOME", home.join(".config"));
        command.env_remove("VISUAL").env("EDITOR", &self.editor);
        if panic {
            command.env("CARGO_SECRETS_LABORATORY_PANIC", "1");
        }
        command
    }

    /// Does the command, with the value as its input, in a panic and then as it should be.
    fn does(&self, arguments: &[&str], ends: Ends) {
        let panicked = self.fed(self.command(arguments, true));
        self.check(&format!("{arguments:?} in a panic"), &panicked, Ends::Silent);
        let output = self.fed(self.command(arguments, false));
        assert!(output.status.success(), "{arguments:?}: {}", shown(&output));
        self.check(&format!("{arguments:?}"), &output, ends);
        // What reads no value does not come to the panic.
        let reads = !matches!(arguments[0], "list" | "env" | "recipients" | "doctor") && !arguments.contains(&"cargo");
        assert!(panicked.status.code() == Some(101) || !reads, "{arguments:?}: {}", shown(&panicked));
    }

    fn fed(&self, command: Command) -> Output {
        feed(command, self.canary.value.as_bytes())
    }

    fn check(&self, what: &str, output: &Output, ends: Ends) {
        assert!(!self.canary.is_in(&output.stderr), "{what}: in stderr: {}", shown(output));
        let prints = ends == Ends::Printing;
        assert_eq!(self.canary.is_in(&output.stdout), prints, "{what}: in stdout: {}", shown(output));
        for folder in [self.project.root(), self.project.home(), self.runtime.path().to_owned(), "/dev/shm".into()] {
            let found = self.canary.files_below(&folder);
            assert!(found.is_empty(), "{what}: in {found:?}");
        }
    }
}

/// Looks at the command lines of all processes until it is told to stop; the first one that holds the value.
fn watch_command_lines(canary: &Canary, stop: &AtomicBool) -> Option<String> {
    let mut rounds = 0;
    while !stop.load(Ordering::Relaxed) || rounds == 0 {
        rounds += 1;
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(line) = fs::read(entry.path().join("cmdline")) else { continue };
            if canary.is_in(&line) {
                return Some(String::from_utf8_lossy(&line).replace('\0', " "));
            }
        }
    }
    None
}

#[test]
fn no_command_leaves_a_value_anywhere() {
    let house = House::new();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch_command_lines(&house.canary, &stop));
        let gone = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| go_through_all(&house)));
        stop.store(true, Ordering::Relaxed);
        assert_eq!(watcher.join().unwrap(), None, "a value in a command line");
        if let Err(panic) = gone {
            std::panic::resume_unwind(panic);
        }
    });
}

fn go_through_all(house: &House) {
    use Ends::{Printing, Silent};
    let key = house.outside("second.txt");
    let second = house.project.ok(&["identity", "new", "--output", &key]);
    let plain = house.outside("plain.env");
    house.does(&["set", "TOKEN"], Silent);
    house.does(&["get", "TOKEN"], Printing);
    house.does(&["edit"], Silent);
    house.does(&["import", &plain], Silent);
    house.does(&["rename", "IMPORTED", "RENAMED"], Silent);
    house.does(&["copy", "--from", "dev", "--to", "qa", "--yes"], Silent);
    house.does(&["diff", "dev", "qa"], Silent);
    for format in ["dotenv", "json", "yaml", "shell", "fish", "docker", "gitlab", "k8s-secret", "systemd", "terraform"]
    {
        house.does(&["export", "--format", format], Printing);
    }
    house.does(&["recipients", "add", "bob", second.trim()], Silent);
    house.does(&["recipients", "sync", "--yes"], Silent);
    for quiet in [&["list"][..], &["list", "--tree"], &["env", "list"], &["recipients", "list"], &["doctor"]] {
        house.does(quiet, Silent);
    }
    house.does(&["run", "--", "true"], Silent);
    house.does(&["run", "--", "printenv", "TOKEN"], Printing);
    house.does(&["run", "--", "cargo", "--version"], Silent);
    // It panics when it has done its work, and does it once.
    let unset = house.fed(house.command(&["unset", "RENAMED"], true));
    assert_eq!(unset.status.code(), Some(101), "{}", shown(&unset));
    house.check("unset", &unset, Silent);
    assert_eq!(house.project.ok(&["get", "EDITED"]), house.canary.value);
}

#[test]
fn the_search_would_find_it() {
    let house = House::new();
    let path: &Path = &house.project.home().join(".cache/left");
    fs::write(path, format!("x{}", house.canary.value)).unwrap();
    assert_eq!(house.canary.files_below(&house.project.home()), [path.to_str().unwrap()]);
    let stop = AtomicBool::new(true);
    let mut child = Command::new("sh").args(["-c", "sleep 5; :", &house.canary.value]).spawn().unwrap();
    // A command line is empty for a moment, while the program is being loaded.
    assert!((0..100).any(|_| watch_command_lines(&house.canary, &stop).is_some()));
    child.kill().unwrap();
    child.wait().unwrap();
}
