//! What comes at the same moment: **an end is seen, whatever is looked at meanwhile**. `strace` holds a process of ours up
//! where it reads, so that the moment is long enough.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, geteuid, kill_process};

use crate::signals::{SIGNALS, Started, suite};
use crate::support::tools;
use crate::support::watch::until;

/// How long a read takes, in microseconds; the program is told to end within it.
const HELD_UP: u32 = 1_000_000;

/// Has `strace` hold up each read of a process from a socket.
fn hold_up(strace: &Path, process: Pid) -> Child {
    let process = process.as_raw_nonzero().to_string();
    let mut command = Command::new(strace);
    command.args(["-qq", "-o", "/dev/null", "-e", "trace=recvfrom", "-p", &process]);
    command.arg(format!("--inject=recvfrom:delay_exit={HELD_UP}"));
    let child = command.process_group(0).stdin(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{process}/status");
    until("it is traced", || !fs::read_to_string(&status).unwrap().contains("TracerPid:\t0\n"));
    child
}

fn children(process: Pid) -> Vec<Pid> {
    let process = process.as_raw_nonzero();
    let text = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap();
    text.split_whitespace().map(|child| Pid::from_raw(child.parse().unwrap()).unwrap()).collect()
}

/// The program ends while the parent, or the supervisor, takes a signal in that somebody handed on.
fn ends_while_held_up(chosen: fn(parent: Pid, supervisor: Pid, runner: Pid) -> [Pid; 2]) {
    let Some(strace) = tools::strace() else { return };
    if !geteuid().is_root() {
        eprintln!("skipped: only root may trace a process that is not dumpable");
        return;
    }
    let fixture = suite();
    let mut started = Started::new(fixture.ours(&SIGNALS));
    let program = started.tells("ready ");
    let parent = started.pid();
    let supervisor = children(parent).into_iter().find(|child| child.as_raw_nonzero().to_string() != program).unwrap();
    let [runner] = children(supervisor)[..] else { panic!("the supervisor has one child") };
    let [held_up, signaled] = chosen(parent, supervisor, runner);
    let mut tracer = hold_up(&strace, held_up);
    kill_process(signaled, Signal::USR2).unwrap();
    std::thread::sleep(Duration::from_micros(u64::from(HELD_UP) / 4));
    started.type_line("exit 5");
    let (status, _) = started.ends();
    assert_eq!(status.code(), Some(5));
    tracer.kill().unwrap();
    tracer.wait().unwrap();
}

#[test]
fn a_program_that_ends_while_the_parent_takes_a_signal_in() {
    ends_while_held_up(|parent, _, runner| [parent, runner]);
}

#[test]
fn a_program_that_ends_while_the_supervisor_takes_a_signal_in() {
    ends_while_held_up(|parent, supervisor, _| [supervisor, parent]);
}
