//! Signals, the terminal, and who ends when another does: **a signal reaches the program once, whoever it was sent to, and
//! how the program ends is how we end.** What is expected is what happens without us, which is tried in the same test.

use std::fs;
use std::io::{BufRead as _, BufReader, PipeReader, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};

use rexpect::process::WaitStatus;
use rexpect::session::PtySession;
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};

use crate::fixture::{Fixture, succeeds};
use crate::support::terminal::{closes, terminal, terminal_for};
use crate::support::watch::{PATIENCE, ended, until, watched};
use crate::support::{long, shown};

/// `cargo run` of the program that tells of each signal.
pub(crate) const SIGNALS: [&str; 5] = ["cargo", "run", "--quiet", "--bin", "signals"];

/// `cargo run` of a program that waits for its input to end.
const WAITS: [&str; 5] = ["cargo", "run", "--quiet", "--bin", "report"];

/// The suite, built.
pub(crate) fn suite() -> Fixture {
    let fixture = Fixture::suite();
    succeeds(&mut fixture.bare(&["cargo", "build", "--quiet"]));
    fixture
}

/// Without us first, then with us.
fn both(fixture: &Fixture, line: &[&str]) -> [Command; 2] {
    [fixture.bare(line), fixture.ours(line)]
}

/// A program that was started in a process group of its own, with pipes.
pub(crate) struct Started {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What it printed and nobody waited for.
    told: Vec<String>,
}

impl Started {
    pub(crate) fn new(mut command: Command) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        command.stdin(Stdio::piped()).stdout(writer.try_clone().unwrap()).stderr(writer).process_group(0);
        let mut child = command.spawn().unwrap();
        // It holds the pipe's other end.
        drop(command);
        Self { stdin: child.stdin.take(), child, lines: lines(reader), told: Vec::new() }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits for a line that starts so; gives back the rest of it.
    #[track_caller]
    pub(crate) fn tells(&mut self, start: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("`{start}` did not come ({error}): {:?}", self.told));
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim().to_owned();
            }
            self.told.push(line);
        }
    }

    pub(crate) fn type_line(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for its end; gives back how, and all that nobody waited for.
    #[track_caller]
    pub(crate) fn ends(mut self) -> (ExitStatus, Vec<String>) {
        let status = ended(&mut self.child).unwrap_or_else(|| panic!("it did not end: {:?}", self.told));
        drop(self.stdin);
        self.told.extend(self.lines.iter());
        (status, self.told)
    }
}

fn lines(reader: PipeReader) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        // Its receiver may be gone: the test has ended.
        BufReader::new(reader).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    receiver
}

/// Sends each signal in turn by `send`, waits until the program tells of it, and expects to hear of each once.
#[track_caller]
fn hears_each_once(command: Command, what: &str, send: fn(Pid, Signal)) {
    let mut started = Started::new(command);
    started.tells("ready");
    let signals = [
        (Signal::USR1, "USR1"),
        (Signal::TERM, "TERM"),
        (Signal::HUP, "HUP"),
        (Signal::QUIT, "QUIT"),
        (Signal::USR2, "USR2"),
    ];
    for (signal, name) in signals {
        send(started.pid(), signal);
        assert_eq!(started.tells("got "), name, "{what}");
    }
    // Its echo shows that the program goes on; what came twice came before it.
    started.type_line("still there");
    started.tells("read still there");
    started.type_line("exit 7");
    let (status, rest) = started.ends();
    assert_eq!((status.code(), rest), (Some(7), Vec::new()), "{what}");
}

#[test]
fn a_signal_to_us_reaches_the_program_once() {
    for (command, what) in both(&suite(), &SIGNALS).into_iter().zip(["bare", "ours"]) {
        hears_each_once(command, what, |pid, signal| kill_process(pid, signal).unwrap());
    }
}

#[test]
fn a_signal_to_the_group_reaches_the_program_once() {
    for (command, what) in both(&suite(), &SIGNALS).into_iter().zip(["bare", "ours"]) {
        hears_each_once(command, what, |pid, signal| kill_process_group(pid, signal).unwrap());
    }
}

#[test]
fn the_end_of_the_program_by_a_signal_is_ours() {
    let fixture = suite();
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT, Signal::USR1] {
        for (command, what) in both(&fixture, &WAITS).into_iter().zip(["bare", "ours"]) {
            let mut started = Started::new(command);
            started.tells("group");
            kill_process(started.pid(), signal).unwrap();
            let (status, _) = started.ends();
            assert_eq!(status.signal(), Some(signal.as_raw()), "{what}: {signal:?} {status}");
        }
    }
    for (command, what) in both(&fixture, &SIGNALS).into_iter().zip(["bare", "ours"]) {
        let mut started = Started::new(command);
        started.tells("ready");
        started.type_line("abort");
        let (status, rest) = started.ends();
        assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()), "{what}: {status} {rest:?}");
    }
}

#[test]
fn an_alarm_that_was_set_before_us_reaches_the_program() {
    let fixture = suite();
    for command in both(&fixture, &SIGNALS) {
        let mut alarmed = fixture.command("python3");
        let then = "import os, signal, sys; signal.alarm(8); os.execvp(sys.argv[1], sys.argv[1:])";
        alarmed.args(["-c", then]).arg(command.get_program()).args(command.get_args());
        let mut started = Started::new(alarmed);
        started.tells("ready");
        assert_eq!(started.ends().0.signal(), Some(Signal::ALARM.as_raw()), "{command:?}");
    }
}

#[test]
fn a_test_that_hangs_ends_when_we_are_told_to() {
    let fixture = suite();
    let hung = fixture.outside().join("hung");
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut command = fixture.ours(&["cargo", "test", "--quiet", "--test", "hangs"]);
        command.env("HUNG", &hung);
        let started = Started::new(command);
        until("the test has started its child", || fs::read_to_string(&hung).is_ok_and(|text| !text.is_empty()));
        let child = fs::read_to_string(&hung).unwrap();
        fs::remove_file(&hung).unwrap();
        let parent = parent_of(&child);
        kill_process(started.pid(), signal).unwrap();
        until("the test's program is gone", || !exists(&parent));
        // As without us, what the test started is not ours to end; it holds the pipe open.
        let _ = kill_process(pid(&child), Signal::KILL);
        let (status, rest) = started.ends();
        assert_eq!(status.signal(), Some(signal.as_raw()), "{status} {rest:?}");
    }
}

#[test]
fn who_ends_us_is_not_told_what_ended_then() {
    let fixture = suite();
    let hung = fixture.outside().join("hung");
    for signal in [Signal::TERM, Signal::INT] {
        for line in [&["cargo", "test", "--quiet", "--test", "hangs"][..], &["sh", "-c", "cargo test -q --test hangs"]]
        {
            let mut command = fixture.aloud(line);
            command.env("HUNG", &hung);
            let started = Started::new(command);
            until("the test has started its child", || fs::read_to_string(&hung).is_ok_and(|text| !text.is_empty()));
            let child = fs::read_to_string(&hung).unwrap();
            fs::remove_file(&hung).unwrap();
            kill_process_group(started.pid(), signal).unwrap();
            let _ = kill_process(pid(&child), Signal::KILL);
            let (_, told) = started.ends();
            let told = told.join("\n");
            assert!(!told.contains("left behind") && !told.contains("did not see"), "{signal:?} {line:?}: {told}");
        }
    }
}

#[test]
fn when_we_are_killed_the_programs_end() {
    let fixture = suite();
    let mut started = Started::new(fixture.ours(&SIGNALS));
    let program = started.tells("ready");
    // It does not end by TERM, which is what comes first of `docker stop`.
    kill_process(started.pid(), Signal::TERM).unwrap();
    started.tells("got TERM");
    let group = started.pid();
    kill_process(group, Signal::KILL).unwrap();
    let (status, rest) = started.ends();
    assert_eq!(status.signal(), Some(9), "{rest:?}");
    until("the program is gone", || !exists(&program));
    until("nothing of the process group is left", || kill_process_group(group, Signal::CONT).is_err());
}

#[test]
fn a_program_may_close_its_output() {
    for command in both(&suite(), &SIGNALS) {
        let mut started = Started::new(command);
        started.tells("ready");
        started.type_line("close");
        started.type_line("exit 3");
        let (status, rest) = started.ends();
        assert_eq!((status.code(), rest), (Some(3), Vec::new()));
    }
}

#[test]
fn whole_gigabytes_go_by_and_a_reader_may_leave() {
    let fixture = suite();
    let bytes: u64 = if long() { 10 << 30 } else { 256 << 20 };
    let text = bytes.to_string();
    let flood = |command: Command, line: &str| {
        let mut shell = fixture.command("bash");
        shell.args(["-o", "pipefail", "-c", line, "bash"]).arg(command.get_program()).args(command.get_args());
        watched(&mut shell)
    };
    let line = ["cargo", "run", "--quiet", "--bin", "flood", "--", &text];
    let output = flood(fixture.ours(&line), "\"$@\" | wc -c");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), text, "{}", shown(&output));
    // The reader leaves: the program learns it, not we.
    let [bare, ours] = both(&fixture, &line).map(|command| flood(command, "\"$@\" | head -c 10"));
    assert_eq!(ours.status.code(), bare.status.code(), "{}", shown(&ours));
    assert!(String::from_utf8_lossy(&ours.stderr).contains("Broken pipe"), "{}", shown(&ours));
}

/// Waits for the end at a terminal; gives back how, and what was still printed.
fn at_terminal(mut session: PtySession) -> (WaitStatus, String) {
    let rest = session.exp_eof().unwrap();
    let status = session.process().wait().unwrap();
    (status, rest)
}

/// How it ended, without the process's number.
fn end(status: WaitStatus) -> String {
    match status {
        WaitStatus::Exited(_, code) => format!("exit code {code}"),
        WaitStatus::Signaled(_, signal, _) => format!("{signal}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn ctrl_c_reaches_the_program_once() {
    for command in both(&suite(), &SIGNALS) {
        let mut session = terminal(&command);
        session.exp_string("ready").unwrap();
        for _ in 0..2 {
            session.send_control('c').unwrap();
            session.exp_string("got INT").unwrap();
        }
        session.send_line("still there").unwrap();
        let between = session.exp_string("read still there").unwrap();
        assert!(!between.contains("got"), "{between}");
        session.send_line("exit 5").unwrap();
        let rest = closes(session, 5);
        assert!(!rest.contains("got"), "{rest}");
    }
}

/// A build script that always runs again, and waits for ever where it is asked to.
const HANGING_BUILD: &str = r#"
fn main() {
    println!("cargo:rerun-if-changed=none");
    if let Some(path) = std::env::var_os("BUILD_HANGS") {
        std::io::Write::write_all(&mut std::fs::File::options().create(true).append(true).open(path).unwrap(), format!("{} ", std::process::id()).as_bytes()).unwrap();
        loop {
            std::thread::park();
        }
    }
}
"#;

#[test]
fn ctrl_c_ends_with_130_and_leaves_the_terminal_as_it_was() {
    let fixture = suite();
    fixture.project.write("build.rs", HANGING_BUILD);
    succeeds(&mut fixture.bare(&["cargo", "build", "--quiet"]));
    let hung = fixture.project.root().join("target/hung");
    let line =
        "trap : INT; before=$(stty -g); \"$@\"; echo \"code $?\"; test \"$before\" = \"$(stty -g)\" && echo restored";
    for what in ["the program", "the build"] {
        for mut command in both(&fixture, &WAITS) {
            if what == "the build" {
                command.env("BUILD_HANGS", &hung);
            }
            let mut session = terminal_for(line, &command);
            if what == "the build" {
                until("the build script runs", || fs::read_to_string(&hung).is_ok_and(|text| !text.is_empty()));
            } else {
                session.exp_string("group").unwrap();
            }
            session.send_control('c').unwrap();
            session.exp_string("code 130").unwrap();
            session.exp_string("restored").unwrap();
            at_terminal(session);
            if what == "the build" {
                let scripts = fs::read_to_string(&hung).unwrap();
                // Who is interrupted does not build again to see what was refused.
                assert_eq!(scripts.split_whitespace().count(), 1, "the build script was started again");
                until("the build script is gone", || !exists(&scripts));
                fs::remove_file(&hung).unwrap();
            }
        }
    }
}

#[test]
fn ctrl_z_stops_all_and_fg_goes_on() {
    for command in both(&suite(), &SIGNALS) {
        let line = "exec bash -c 'set -m; \"$@\"; echo \"stopped $?\"; fg; echo \"code $?\"' bash \"$@\"";
        let mut session = terminal_for(line, &command);
        session.exp_string("ready").unwrap();
        session.send_control('z').unwrap();
        session.exp_string("stopped 148").unwrap();
        session.exp_string("got CONT").unwrap();
        session.send_line("still there").unwrap();
        let between = session.exp_string("read still there").unwrap();
        assert!(!between.contains("got"), "{between}");
        session.send_control('c').unwrap();
        session.exp_string("got INT").unwrap();
        session.send_line("exit 6").unwrap();
        let between = session.exp_string("code 6").unwrap();
        assert!(!between.contains("got"), "{between}");
        at_terminal(session);
    }
}

#[test]
fn ctrl_c_at_nextest_is_what_it_is_without_us() {
    let fixture = suite();
    succeeds(&mut fixture.bare(&["cargo", "test", "--no-run", "--quiet"]));
    let hung = fixture.outside().join("hung");
    let line = ["cargo", "nextest", "run", "-j1", "--config-file", "none.toml", "-E", "binary(hangs)"];
    fixture.project.write("none.toml", "");
    let [bare, ours] = both(&fixture, &line).map(|mut command| {
        let mut session = terminal(command.env("HUNG", &hung));
        until("the test runs", || fs::read_to_string(&hung).is_ok_and(|text| !text.is_empty()));
        let child = fs::read_to_string(&hung).unwrap();
        fs::remove_file(&hung).unwrap();
        session.send_control('c').unwrap();
        let (status, text) = at_terminal(session);
        assert!(text.contains("SIGINT"), "{text}");
        until("the test's child is gone", || !exists(&child));
        end(status)
    });
    assert_eq!(ours, bare);
}

fn pid(text: &str) -> Pid {
    Pid::from_raw(text.trim().parse().unwrap()).unwrap()
}

/// Whether there is such a process that has not ended.
fn exists(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.trim()));
    test_kill_process(pid(process)).is_ok() && stat.is_ok_and(|stat| !stat.contains(") Z "))
}

fn parent_of(process: &str) -> String {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    stat.rsplit_once(')').unwrap().1.split_whitespace().nth(1).unwrap().to_owned()
}
