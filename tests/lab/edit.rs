//! `edit` killed before each of its write-side calls, or refused one: the old values or the new ones, and after the next
//! command no plaintext anywhere.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::canary::Canary;
use crate::support::{Project, feed, program, shown, tools};

/// Calls that change something, or wait for the editor.
const CALLS: &str = "openat,write,pwrite64,fsync,fdatasync,fchmod,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,\
                     flock,ftruncate,poll,wait4,clone,vfork,fork,clone3,pipe2,signalfd4";

struct Desk {
    project: Project,
    runtime: tempfile::TempDir,
    old: Canary,
    new: Canary,
}

impl Desk {
    /// A project whose editor changes one value, declares another name, and leaves a backup.
    fn new() -> Self {
        let [old, new] = [(); 2].map(|()| Canary::new());
        let project = Project::new();
        project.set("TOKEN", &old.value);
        project.set("OTHER", "geheim too");
        let editor = format!(
            "#!/bin/sh\ncp \"$1\" \"$1~\"\nsed -i \"s/^TOKEN.*/TOKEN = '{}'/\" \"$1\"\necho \"FRESH = '{}'\" >> \"$1\"\n",
            new.value, new.value
        );
        let write = "printf %s \"$1\" > \"$0\" && chmod 700 \"$0\"";
        let path = project.home().parent().unwrap().join("editor");
        assert!(Command::new("sh").args(["-c", write]).arg(path).arg(editor).status().unwrap().success());
        std::fs::create_dir(project.home().join("tmp")).unwrap();
        Self { project, runtime: tempfile::tempdir_in("/dev/shm").unwrap(), old, new }
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.project.command(program);
        command.env("XDG_RUNTIME_DIR", self.runtime.path()).env("TMPDIR", self.project.home().join("tmp"));
        command.env_remove("VISUAL").env("EDITOR", self.project.home().parent().unwrap().join("editor"));
        command
    }

    fn edit(&self, strace: &Path, injection: Option<&str>) -> (Output, String) {
        let log = self.project.home().parent().unwrap().join("trace");
        let mut command = self.command("setsid");
        // Not the editor: what it does is not ours to guard.
        command.arg("--wait").arg(strace).args(["-qq", "-o"]).arg(&log).args(["-e", &format!("trace={CALLS}")]);
        if let Some(injection) = injection {
            command.args(["-e", &format!("inject={injection}")]);
        }
        let output = feed(command_with(command, &["edit"]), b"");
        (output, std::fs::read_to_string(log).unwrap_or_default())
    }

    /// What the next command leaves, and what it gets.
    fn examine(&self, what: &str) -> bool {
        // An editor whose master was killed has milliseconds of work left.
        std::thread::sleep(std::time::Duration::from_millis(60));
        let output = feed(command_with(self.command(program()), &["get", "TOKEN"]), b"");
        let value = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(value == self.old.value || value == self.new.value, "{what}: {}", shown(&output));
        for folder in [self.project.root(), self.project.home(), self.runtime.path().to_owned()] {
            for canary in [&self.old, &self.new] {
                let files = canary.files_below(&folder);
                assert!(files.is_empty(), "{what}: plaintext in {files:?}");
            }
        }
        value == self.new.value
    }
}

fn command_with(mut command: Command, arguments: &[&str]) -> Command {
    if command.get_program() != program() {
        command.arg(program());
    }
    command.args(arguments);
    command
}

/// Each traced call: its name, which one of that name it is, and its line.
fn calls(trace: &str) -> Vec<(String, usize, String)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((name, rest)) = line.split_once('(') else { continue };
        let number = counts.entry(name.to_owned()).or_default();
        *number += 1;
        let is_read = name == "openat" && !["O_CREAT", "O_WRONLY", "O_RDWR"].iter().any(|flag| rest.contains(flag));
        if !is_read && !rest.starts_with("2,") {
            calls.push((name.to_owned(), *number, line.to_owned()));
        }
    }
    calls
}

#[test]
fn an_edit_that_is_killed_or_refused_a_call_leaves_old_or_new_values_and_no_plaintext() {
    let Some(strace) = tools::strace() else { return };
    let desk = Desk::new();
    let (output, trace) = desk.edit(&strace, None);
    assert!(output.status.success(), "{}\n{trace}", shown(&output));
    assert!(desk.examine("undisturbed"));
    let calls = calls(&trace);
    assert!(
        calls.iter().any(|(name, ..)| name == "mkdir") && calls.iter().any(|(name, ..)| name == "rmdir"),
        "{trace}"
    );
    let [mut killed, mut refused, mut new] = [0; 3];
    for (name, number, line) in &calls {
        let what = format!("killed at {name} number {number}: {line}");
        let desk = Desk::new();
        let (output, trace) = desk.edit(&strace, Some(&format!("{name}:signal=SIGKILL:when={number}")));
        assert!(
            output.status.signal() == Some(9) || output.status.code() == Some(137),
            "{what}: {}\n{trace}",
            shown(&output)
        );
        new += usize::from(desk.examine(&what));
        killed += 1;
    }
    for (name, number, line) in calls.iter().filter(|(name, ..)| !["poll", "wait4"].contains(&name.as_str())) {
        let what = format!("EIO at {name} number {number}: {line}");
        let desk = Desk::new();
        let (output, _) = desk.edit(&strace, Some(&format!("{name}:error=EIO:when={number}")));
        let is_new = desk.examine(&what);
        assert!(is_new || !output.status.success(), "{what}: success was reported: {}", shown(&output));
        new += usize::from(is_new);
        refused += 1;
    }
    eprintln!("lab edit: {killed} kill points, {refused} refused calls, {new} times the new values");
    assert!(new > 5 && new < killed + refused - 20);
}
