//! Programs that must not hang a test: **what has not ended after a minute is ended, with all it started, and the test
//! fails and shows what was printed until then.**

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `command` to its end in a process group of its own, its output in files: what it leaves behind may hold them open.
/// Its stdin stays as it was set.
#[track_caller]
pub fn watched(command: &mut Command) -> Output {
    let [mut stdout, mut stderr] = [(); 2].map(|()| tempfile::tempfile().unwrap());
    let copies = [&stdout, &stderr].map(|file| Stdio::from(file.try_clone().unwrap()));
    let [to_stdout, to_stderr] = copies;
    let mut child = command.process_group(0).stdout(to_stdout).stderr(to_stderr).spawn().unwrap();
    let status = ended(&mut child);
    let output = Output {
        status: status.unwrap_or(std::process::ExitStatus::from_raw(9)),
        stdout: content(&mut stdout),
        stderr: content(&mut stderr),
    };
    assert!(status.is_some(), "ended after {PATIENCE:?}: {}: {}", super::typed(command), super::shown(&output));
    output
}

/// Waits for a child that leads a process group; `None` when it had to be ended.
pub fn ended(child: &mut Child) -> Option<std::process::ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if start.elapsed() > PATIENCE {
            let group = rustix::process::Pid::from_child(child);
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until `done`, and fails with `what` when that takes too long.
#[track_caller]
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} for this: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn content(file: &mut File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}
