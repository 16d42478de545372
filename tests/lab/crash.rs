//! A writer killed before each of its write-side system calls, or refused one of them: the old file or the new one.
//!
//! `strace` traces a clean run first, which tells the calls; then each of them is met in a fresh copy of the project.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Output;
use std::sync::Mutex;

use crate::outcome::{MARK, Outcome, message, run_environment};
use crate::support::{Project, feed, long, program, shown, tools};

/// Calls that change something, or that are on the way to a change. `openat` counts only where it could write.
const CALLS: &str = "openat,write,writev,pwrite64,fsync,fdatasync,fchmod,chmod,rename,renameat,renameat2,unlink,\
                     unlinkat,flock,fcntl,ftruncate,mkdir,mkdirat,link,linkat,symlink,copy_file_range,sendfile";

/// One change of one project, to be disturbed.
struct Scene {
    what: &'static str,
    arguments: &'static [&'static str],
    prepare: fn() -> Project,
    /// What Cargo.toml's environment delivers once the change is made.
    after: &'static [(&'static str, &'static str)],
}

const NEW_VALUE: &str = "geheim, and new: more than one block of AES";

const SCENES: [Scene; 7] = [
    Scene {
        what: "set",
        arguments: &["set", "TOKEN", "--exact"],
        prepare: filled,
        after: &[("TOKEN", NEW_VALUE), OTHER],
    },
    Scene {
        what: "set of a new name",
        arguments: &["set", "FRESH", "--exact"],
        prepare: filled,
        after: &[("FRESH", NEW_VALUE), OTHER, ("TOKEN", "geheim, old")],
    },
    Scene {
        what: "set that makes the file",
        arguments: &["set", "FRESH", "--exact"],
        prepare: without_file,
        after: &[("FRESH", NEW_VALUE)],
    },
    Scene {
        what: "import",
        arguments: &["import", "../home/values.json", "--overwrite"],
        prepare: with_plaintext,
        after: &[("FRESH", NEW_VALUE), OTHER, ("TOKEN", NEW_VALUE)],
    },
    Scene {
        what: "import that makes the file",
        arguments: &["import", "../home/values.json"],
        prepare: with_plaintext_alone,
        after: &[("FRESH", NEW_VALUE), ("TOKEN", NEW_VALUE)],
    },
    Scene {
        what: "rename",
        arguments: &["rename", "TOKEN", "FRESH"],
        prepare: filled,
        after: &[("FRESH", "geheim, old"), OTHER],
    },
    Scene { what: "unset", arguments: &["unset", "TOKEN"], prepare: filled, after: &[OTHER] },
];

const OTHER: (&str, &str) = ("OTHER", "geheim too");

pub(crate) fn filled() -> Project {
    let project = Project::new();
    project.set("TOKEN", "geheim, old");
    project.set(OTHER.0, OTHER.1);
    project
}

fn with_plaintext() -> Project {
    plaintext_beside(filled())
}

fn with_plaintext_alone() -> Project {
    plaintext_beside(without_file())
}

/// Adds a file to import; what lies in the project itself is searched for values.
fn plaintext_beside(project: Project) -> Project {
    let text = format!("{{\"TOKEN\": \"{NEW_VALUE}\", \"FRESH\": \"{NEW_VALUE}\"}}");
    std::fs::write(project.home().join("values.json"), text).unwrap();
    project
}

fn without_file() -> Project {
    let project = Project::new();
    std::fs::remove_dir_all(project.root().join("secrets")).unwrap();
    project
}

/// A project with the same files and the same home.
pub(crate) fn copy(template: &Project) -> Project {
    let project = Project::bare();
    for (from, to) in [(template.root(), project.root()), (template.home(), project.home())] {
        let status = std::process::Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap();
        assert!(status.success());
    }
    project
}

/// One call of the clean run: its name, which one of this name it is, and its line in the trace.
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) number: usize,
    pub(crate) line: String,
}

impl Call {
    /// Whether it writes to the terminal, not to a file.
    fn is_message(&self) -> bool {
        self.line.contains("write(2,")
    }
}

/// Runs the program under strace with `injection`; the trace comes with the output.
pub(crate) fn run(strace: &Path, project: &Project, arguments: &[&str], injection: Option<&str>) -> (Output, String) {
    let log = project.home().join("trace");
    let mut command = project.command(strace);
    command.args(["-f", "-qq", "-o"]).arg(&log);
    command.args(["-e", &format!("trace={CALLS}")]);
    if let Some(injection) = injection {
        command.args(["-e", &format!("inject={injection}")]);
    }
    command.arg(program()).args(arguments);
    let output = feed(command, NEW_VALUE.as_bytes());
    (output, std::fs::read_to_string(log).unwrap_or_default())
}

/// The calls of a clean run that could write, and Cargo.toml after it.
pub(crate) fn calls(strace: &Path, template: &Project, arguments: &[&str]) -> (Vec<Call>, String) {
    let project = copy(template);
    let (output, trace) = run(strace, &project, arguments, None);
    assert!(
        output.status.success(),
        "strace could not run the program (is ptrace permitted here?): {}\n{trace}",
        shown(&output)
    );
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((head, _)) = line.split_once('(') else { continue };
        let name = head.split_whitespace().last().unwrap_or_default().to_owned();
        let number = counts.entry(name.clone()).or_default();
        *number += 1;
        let is_read = name == "openat" && !["O_CREAT", "O_WRONLY", "O_RDWR"].iter().any(|flag| line.contains(flag));
        // Of a status line that is written in many pieces, the first piece stands for all.
        let is_same_line = |call: &Call| call.is_message() && line.contains("write(2,");
        if !is_read && !calls.last().is_some_and(is_same_line) {
            calls.push(Call { name, number: *number, line: line.to_owned() });
        }
    }
    assert!(calls.iter().any(|call| call.name.starts_with("rename")), "no rename in the trace:\n{trace}");
    (calls, project.read("Cargo.toml"))
}

impl Scene {
    fn run(&self, strace: &Path, project: &Project, injection: Option<&str>) -> (Output, String) {
        run(strace, project, self.arguments, injection)
    }

    fn calls(&self, strace: &Path, template: &Project) -> (Vec<Call>, String) {
        calls(strace, template, self.arguments)
    }

    fn wanted(&self) -> Outcome {
        Outcome::Delivered(self.after.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

/// What a call is refused with.
const ERRORS: [&str; 3] = ["ENOSPC", "EIO", "EACCES"];

/// What was counted over all disturbed runs.
#[derive(Default)]
struct Counts {
    points: usize,
    old: usize,
    new: usize,
    left: BTreeMap<String, usize>,
}

/// A project's two files as they were, the values they deliver, and what is to become of Cargo.toml.
struct Before {
    manifest: String,
    secrets: Option<String>,
    delivered: Outcome,
    /// Cargo.toml after the undisturbed change.
    manifest_after: String,
}

impl Before {
    fn of(project: &Project) -> Self {
        let manifest = project.read("Cargo.toml");
        let (secrets, delivered) = (secrets(project), run_environment(project));
        Self { manifest_after: manifest.clone(), manifest, secrets, delivered }
    }
}

fn secrets(project: &Project) -> Option<String> {
    std::fs::read_to_string(project.root().join("secrets/dev.json")).ok()
}

/// Looks at what a disturbed run left: the old state or the new one, nothing readable beside it, nothing in the way.
/// Tells whether the secret file is new.
fn examine(scene: &Scene, project: &Project, before: &Before, what: &str, counts: &Mutex<Counts>) -> bool {
    let is_new = secrets(project) != before.secrets;
    let delivered = run_environment(project);
    if is_new {
        assert_eq!(delivered, scene.wanted(), "{what}: the new file holds other values");
    } else {
        match &before.delivered {
            Outcome::Refused(_) => assert!(delivered.refused().contains("does not exist"), "{what}: a part of a file"),
            values @ Outcome::Delivered(_) => {
                assert_eq!(delivered, *values, "{what}: the old file does not open as before");
            }
        }
    }
    let manifest = project.read("Cargo.toml");
    if manifest != before.manifest {
        assert!(is_new, "{what}: a name is declared whose value is not there");
        assert_eq!(manifest, before.manifest_after, "{what}");
    }
    let left = left_behind(project, what);
    // Done again, the command does the whole of its work: no lock in its way, and a name without a declaration gets one.
    let again = feed(project.secrets(scene.arguments), NEW_VALUE.as_bytes());
    let is_done = match scene.what {
        "unset" => is_new,
        "rename" => manifest != before.manifest,
        _ => false,
    };
    assert_eq!(again.status.success(), !is_done, "{what}: done again: {}", shown(&again));
    assert_eq!(run_environment(project), scene.wanted(), "{what}: done again");
    project.ok(&["check"]);
    let mut counts = counts.lock().unwrap();
    counts.points += 1;
    *if is_new { &mut counts.new } else { &mut counts.old } += 1;
    for kind in left {
        *counts.left.entry(kind).or_default() += 1;
    }
    is_new
}

/// The kinds of files that a disturbed run left: each hidden, for its owner alone, and without a value in it.
fn left_behind(project: &Project, what: &str) -> Vec<String> {
    let folders = [project.root(), project.root().join("secrets")];
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let mut kinds = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let content = std::fs::read(&path).unwrap();
        assert!(!String::from_utf8_lossy(&content).contains(MARK), "{what}: plaintext in {}", path.display());
        let Some(kind) = path.extension().filter(|kind| *kind == "tmp" || *kind == "lock") else { continue };
        if path.file_name().unwrap() == "Cargo.lock" {
            continue;
        }
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        // A finished temporary file has the permissions of the file that it is about to become.
        let finished = kind == "tmp" && content.ends_with(b"\n");
        assert!(mode == 0o600 || finished, "{what}: {} can be read by others", path.display());
        kinds.push(kind.to_string_lossy().into_owned());
    }
    kinds
}

/// Does `work` for each of `items` in two threads.
pub(crate) fn in_two_threads<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let take = || items.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(item) = take() {
                    work(item);
                }
            });
        }
    });
}

#[test]
fn a_writer_killed_before_any_of_its_calls_leaves_the_old_file_or_the_new_one() {
    let Some(strace) = tools::strace() else { return };
    let counts = Mutex::new(Counts::default());
    for scene in &SCENES {
        let template = (scene.prepare)();
        let (calls, manifest_after) = scene.calls(&strace, &template);
        let before = Before { manifest_after, ..Before::of(&template) };
        in_two_threads(&calls, |call| {
            let what = format!("{}, killed at {} number {}: {}", scene.what, call.name, call.number, call.line);
            let project = copy(&template);
            let injection = format!("{}:signal=SIGKILL:when={}", call.name, call.number);
            let (output, trace) = scene.run(&strace, &project, Some(&injection));
            assert_eq!(output.status.signal(), Some(9), "{what}: not killed: {}\n{trace}", shown(&output));
            examine(scene, &project, &before, &what, &counts);
        });
        let renamed = calls.iter().position(|call| call.name.starts_with("rename")).unwrap();
        assert!(renamed > 0, "{}", scene.what);
    }
    let counts = counts.into_inner().unwrap();
    let Counts { points, old, new, left } = &counts;
    eprintln!("lab crash: {points} kill points, {old} old, {new} new, left behind: {left:?}");
    assert!(*old > 20 && *new > 20, "both sides of the rename are met");
}

#[test]
fn a_writer_that_is_refused_a_call_says_so_and_leaves_the_old_file_or_the_new_one() {
    let Some(strace) = tools::strace() else { return };
    let counts = Mutex::new(Counts::default());
    let failed = Mutex::new(0);
    for scene in &SCENES {
        let template = (scene.prepare)();
        let (calls, manifest_after) = scene.calls(&strace, &template);
        let before = Before { manifest_after, ..Before::of(&template) };
        let cases = calls.iter().enumerate().flat_map(|(index, call)| {
            let errors = if long() { 0..3 } else { index % 3..index % 3 + 1 };
            errors.map(move |error| (call, ERRORS[error]))
        });
        let cases: Vec<_> = cases.collect();
        in_two_threads(&cases, |(call, error)| {
            let what = format!("{}, {error} at {} number {}: {}", scene.what, call.name, call.number, call.line);
            let project = copy(&template);
            let injection = format!("{}:error={error}:when={}", call.name, call.number);
            let (output, trace) = scene.run(&strace, &project, Some(&injection));
            assert!(trace.contains("(INJECTED)"), "{what}: nothing was injected\n{trace}");
            let left = left_behind(&project, &what);
            // A lock that was not got is another's, perhaps: it is not removed.
            let may_stay = call.name.starts_with("unlink") || (call.name == "flock" && left == ["lock"]);
            assert!(may_stay || left.is_empty(), "{what}: left behind: {left:?}");
            if !output.status.success() {
                *failed.lock().unwrap() += 1;
                // A message that could not be written cannot be looked at.
                if !call.is_message() {
                    message(&output);
                }
                assert_eq!(output.status.code().map(|code| code == 2 || code == 3), Some(true), "{what}");
            }
            let is_new = examine(scene, &project, &before, &what, &counts);
            assert!(is_new || !output.status.success(), "{what}: success was reported, and nothing changed");
        });
    }
    let Counts { points, old, new, left } = counts.into_inner().unwrap();
    let failed = failed.into_inner().unwrap();
    eprintln!(
        "lab crash: {points} refused calls, {failed} commands failed, {old} old, {new} new, left behind: {left:?}"
    );
    assert!(old > 10 && new > 10, "both sides of the rename are met");
}

/// A rename that reaches the disk before the bytes do would leave an empty file after a power loss.
#[test]
fn the_bytes_reach_the_disk_before_the_name_does_and_the_name_before_success_is_said() {
    let Some(strace) = tools::strace() else { return };
    for scene in &SCENES {
        let (calls, _) = scene.calls(&strace, &(scene.prepare)());
        let renames: Vec<_> = (0..calls.len()).filter(|at| calls[*at].name.starts_with("rename")).collect();
        for at in renames {
            let what = format!("{}: {}", scene.what, calls[at].line);
            let opened = calls[..at].iter().rposition(|call| call.name == "openat").expect(&what);
            assert!(calls[opened].line.contains("O_EXCL") && calls[opened].line.contains("0600"), "{what}");
            let between: Vec<_> = calls[opened..at].iter().map(|call| call.name.as_str()).collect();
            let synced = between.iter().rposition(|name| name.ends_with("sync")).expect(&what);
            let written = between.iter().rposition(|name| name.contains("write")).expect(&what);
            assert!(written < synced, "{what}: written to after the sync");
            let folder_synced = calls[at..].iter().position(|call| call.name.ends_with("sync")).expect(&what);
            let next = calls[at + 1..].iter().position(|call| call.is_message() || call.name.starts_with("unlink"));
            assert!(next.is_none_or(|next| folder_synced <= next + 1), "{what}: goes on before the folder is synced");
        }
    }
}

#[test]
fn strace_runs_from_its_unpacked_package() {
    let Some(strace) = tools::unpacked_strace() else { return };
    let project = filled();
    let (output, trace) = SCENES[0].run(&strace, &project, None);
    assert!(output.status.success() && trace.contains("rename"), "{}\n{trace}", shown(&output));
    assert_eq!(run_environment(&project), SCENES[0].wanted());
}
