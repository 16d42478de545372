//! `run --watch`: started again when values change, and only then.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::fixture::{closes, declare, has, terminal};
use crate::support::Project;

/// How long anything may take to happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nothing has to happen to be sure that it does not.
const CALM: Duration = Duration::from_millis(700);

/// A watched program that writes what it sees, and its end, to `log` in the home.
struct Watched {
    project: Project,
    run: Child,
}

impl Watched {
    fn start(program: &str) -> Self {
        let project = Project::new();
        project.set("TOKEN", "one");
        let run = Self::command(&project, program).spawn().unwrap();
        let watched = Self { project, run };
        watched.logs(&["start one"]);
        watched
    }

    fn command(project: &Project, program: &str) -> Command {
        let mut command = project.secrets(&["run", "--watch", "--", "sh", "-c", program]);
        command.stdin(Stdio::null()).stderr(std::fs::File::create(project.home().join("stderr")).unwrap());
        command
    }

    fn log(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.project.home().join("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn stderr(&self) -> String {
        std::fs::read_to_string(self.project.home().join("stderr")).unwrap()
    }

    /// Waits until the log is this.
    #[track_caller]
    fn logs(&self, lines: &[&str]) {
        let start = Instant::now();
        while self.log() != lines {
            assert!(start.elapsed() < PATIENCE, "{:?} instead of {lines:?}: {}", self.log(), self.stderr());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    fn stays(&self, lines: &[&str]) {
        std::thread::sleep(CALM);
        assert_eq!(self.log(), lines, "{}", self.stderr());
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.run), signal).unwrap();
    }

    #[track_caller]
    fn ends(mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.run.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "{}", self.stderr());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Says what it got, then waits until it is told to end.
const SERVER: &str = "echo \"start $TOKEN\" >> \"$HOME/log\"; trap 'echo end >> \"$HOME/log\"; exit 7' TERM\n\
                      while :; do sleep 0.05; done";

#[test]
fn it_is_started_again_when_a_value_changes_and_not_when_none_does() {
    let watched = Watched::start(SERVER);
    let project = &watched.project;
    project.set("TOKEN", "one");
    let path = project.root().join("secrets/dev.json");
    // Touched, rewritten in place, replaced by the same: no value is another.
    let text = std::fs::read(&path).unwrap();
    std::fs::write(&path, &text).unwrap();
    std::fs::copy(&path, path.with_extension("new")).unwrap();
    std::fs::rename(path.with_extension("new"), &path).unwrap();
    project.write("Cargo.toml", project.read("Cargo.toml") + "\n# a comment\n");
    watched.stays(&["start one"]);
    project.set("TOKEN", "two");
    watched.logs(&["start one", "end", "start two"]);
    // In place, as `sops` and editors may write it.
    std::fs::write(&path, &text).unwrap();
    watched.logs(&["start one", "end", "start two", "end", "start one"]);
    has(&watched.stderr(), &["Restarting the values changed"]);
    watched.send(Signal::TERM);
    assert_eq!(watched.ends().code(), Some(7));
}

#[test]
fn what_cargo_toml_changes_counts_and_a_new_name_too() {
    let watched = Watched::start(&SERVER.replace("$TOKEN", "$TOKEN${URL-}${NEW-}"));
    declare(&watched.project, "[workspace.metadata.secrets.variables]\nURL = { kind = 'key', default = ' url' }\n");
    watched.logs(&["start one", "end", "start one url"]);
    watched.project.set("NEW", " new");
    watched.logs(&["start one", "end", "start one url", "end", "start one url new"]);
    watched.send(Signal::TERM);
    assert_eq!(watched.ends().code(), Some(7));
}

#[test]
fn a_file_that_is_half_merged_leaves_the_program_as_it_is() {
    let watched = Watched::start(SERVER);
    let text = watched.project.read("secrets/dev.json");
    let manifest = watched.project.read("Cargo.toml");
    watched.project.write("secrets/dev.json", format!("<<<<<<< HEAD\n{text}"));
    watched.stays(&["start one"]);
    has(&watched.stderr(), &["secrets/dev.json", "the running program is left as it is"]);
    watched.project.write("secrets/dev.json", &text);
    watched.project.write("Cargo.toml", format!("<<<<<<< HEAD\n{manifest}"));
    watched.stays(&["start one"]);
    watched.project.write("Cargo.toml", &manifest);
    std::fs::remove_dir_all(watched.project.root().join("secrets")).unwrap();
    watched.stays(&["start one"]);
    std::fs::create_dir(watched.project.root().join("secrets")).unwrap();
    watched.project.write("secrets/dev.json", &text);
    watched.stays(&["start one"]);
    watched.project.set("TOKEN", "two");
    watched.logs(&["start one", "end", "start two"]);
    watched.send(Signal::TERM);
    watched.ends();
}

#[test]
fn what_does_not_end_is_killed_and_so_is_what_was_left_behind() {
    let program = "echo \"start $TOKEN\" >> \"$HOME/log\"\n\
                   (trap '' TERM; while :; do sleep 0.05; done) & echo $! >> \"$HOME/left\"\n\
                   trap '' TERM; while :; do sleep 0.05; done";
    let watched = Watched::start(program);
    let began = Instant::now();
    watched.project.set("TOKEN", "two");
    watched.logs(&["start one", "start two"]);
    assert!(began.elapsed() > Duration::from_secs(4), "it had its time: {:?}", began.elapsed());
    let first = std::fs::read_to_string(watched.project.home().join("left")).unwrap();
    let first = first.lines().next().unwrap().to_owned();
    assert!(!std::path::Path::new(&format!("/proc/{first}")).exists());
    watched.send(Signal::TERM);
    assert_eq!(watched.ends().signal(), Some(9));
}

#[test]
fn one_that_ends_by_itself_is_started_again_by_a_change() {
    let watched = Watched::start("echo \"start $TOKEN\" >> \"$HOME/log\"; exit 3");
    watched.stays(&["start one"]);
    has(&watched.stderr(), &["the program ended (exit code 3); it is started again when its values change"]);
    watched.project.set("TOKEN", "two");
    watched.logs(&["start one", "start two"]);
    std::thread::sleep(CALM);
    watched.send(Signal::TERM);
    assert_eq!(watched.ends().signal(), Some(15));
}

#[test]
fn what_cannot_start_ends_as_without_watch() {
    let project = Project::new();
    project.set("TOKEN", "one");
    let stderr = project.fails(125, &["run", "--watch", "-e", "prod", "--", "true"]);
    has(&stderr, &["unknown environment `prod`"]);
    let watched = Watched { run: Watched::command(&project, "true").spawn().unwrap(), project };
    std::thread::sleep(CALM);
    watched.send(Signal::INT);
    assert_eq!(watched.ends().signal(), Some(2));
}

#[test]
fn the_program_ends_with_us_however_we_end() {
    let watched = Watched::start(SERVER);
    watched.send(Signal::KILL);
    watched.logs(&["start one", "end"]);
    watched.ends();
}

#[test]
fn ctrl_c_is_the_programs_and_the_terminal_stays_its_own() {
    let project = Project::new();
    project.set("TOKEN", "one");
    let program = "trap 'echo \"got INT\"; exit 5' INT; echo \"got $TOKEN\"; while :; do sleep 0.05; done";
    let mut session = terminal(&project.secrets(&["run", "--watch", "--", "sh", "-c", program]));
    session.exp_string("got one").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("got INT").unwrap();
    closes(session, 5);
    let mut session =
        terminal(&project.secrets(&["run", "--watch", "--", "sh", "-c", "read LINE; echo \"read $LINE\""]));
    session.send_line("typed").unwrap();
    session.exp_string("read typed").unwrap();
    session.exp_string("the program ended").unwrap();
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
}

#[test]
fn files_without_a_project_are_watched_too() {
    let project = Project::new();
    project.set("TOKEN", "one");
    let file = project.root().join("secrets/dev.json");
    let mut command = project.secrets(&["run", "--watch", "-f", file.to_str().unwrap(), "--", "sh", "-c", SERVER]);
    command.stdin(Stdio::null()).stderr(std::fs::File::create(project.home().join("stderr")).unwrap());
    let watched = Watched { run: command.spawn().unwrap(), project };
    watched.logs(&["start one"]);
    watched.project.set("TOKEN", "two");
    watched.logs(&["start one", "end", "start two"]);
    watched.send(Signal::HUP);
    watched.ends();
}
