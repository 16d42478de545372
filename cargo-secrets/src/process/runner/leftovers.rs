//! Ending what cargo leaves behind: daemons of build scripts, servers, a fork bomb.

use std::collections::BTreeSet;
use std::io;

use nix::sys::signal::{Signal as Sent, kill};
use nix::unistd::Pid as AnyPid;
use rustix::process::{Pid, Signal, WaitOptions};

/// Rounds over the tree where the kernel cannot end it at once.
const ROUNDS: usize = 1_000;

/// Ends everything below this process, which must be a subreaper, and tells how many that were.
pub(super) fn end() -> u32 {
    if is_scoped() { end_domain() } else { end_tree() }
}

/// Whether signals of ours reach nothing outside our domain: our parent is outside.
fn is_scoped() -> bool {
    let parent = AnyPid::parent();
    kill(parent, None) == Err(nix::errno::Errno::EPERM)
}

/// The kernel walks all processes under one lock, so nothing that forks gets away (kill(2), -1; landlock(7), scopes).
fn end_domain() -> u32 {
    let mut killed = 0;
    loop {
        let _ = kill(AnyPid::from_raw(-1), Sent::SIGKILL);
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(_) => killed += 1,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return killed,
        }
    }
}

/// Without that: stop the whole tree, then kill it, again and again until there is none.
pub(in crate::process) fn end_tree() -> u32 {
    let mut killed = 0;
    for _ in 0..ROUNDS {
        let tree = descendants();
        if tree.is_empty() {
            break;
        }
        for signal in [Signal::STOP, Signal::KILL] {
            for pid in tree.iter().filter_map(|pid| Pid::from_raw(*pid)) {
                let _ = rustix::process::kill_process(pid, signal);
            }
        }
        killed += reap();
    }
    killed
}

fn reap() -> u32 {
    let mut reaped = 0;
    while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG) {
        reaped += 1;
    }
    reaped
}

/// The processes below this one.
pub(in crate::process) fn descendants() -> BTreeSet<i32> {
    let mut found = BTreeSet::new();
    let mut todo = vec![rustix::process::getpid().as_raw_nonzero().get()];
    while let Some(pid) = todo.pop() {
        let below = children(pid).unwrap_or_default();
        todo.extend(below.into_iter().filter(|child| found.insert(*child)));
    }
    found
}

/// `/proc/PID/task/TID/children` (proc(5)). A thread that ends meanwhile has none.
fn children(pid: i32) -> io::Result<Vec<i32>> {
    let mut found = Vec::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
        let text = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(text.split_ascii_whitespace().filter_map(|pid| pid.parse::<i32>().ok()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_found_below_us() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        assert!(descendants().contains(&pid));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn without_a_domain_everything_is_in_reach() {
        assert!(!is_scoped());
    }
}
