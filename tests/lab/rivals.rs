//! Many writers and readers of one file at once: no update is lost, no reader fails, a dead holder's lock is no lock.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::outcome::run_environment;
use crate::support::{Project, feed, program, shown};

/// A writer of its own process: sets `names` names one after the other, and fails at the first set that fails.
fn writer(project: &Project, number: usize, names: usize) -> Command {
    let mut command = project.command("sh");
    let script = "i=0; while [ $i -lt $2 ]; do \
                  printf 'geheim %s %s' $1 $i | \"$0\" set --quiet N_$1_$i || exit 1; i=$((i + 1)); done";
    command.args(["-c", script]).arg(program()).args([number.to_string(), names.to_string()]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn expect_all(project: &Project, writers: usize, names: usize) {
    let found = run_environment(project).delivered();
    assert_eq!(found.len(), writers * names);
    for (writer, name) in (0..writers).flat_map(|writer| (0..names).map(move |name| (writer, name))) {
        assert_eq!(found[&format!("N_{writer}_{name}")], format!("geheim {writer} {name}"));
    }
}

/// How many files of a writer's own (locks, temporary files) stand in the project.
fn litter(project: &Project) -> usize {
    let folders = [project.root(), project.root().join("secrets")];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_litter = |path: &std::path::PathBuf| {
        let is_hidden = path.file_name().unwrap().to_string_lossy().starts_with('.');
        is_hidden && path.extension().is_some_and(|extension| extension == "tmp" || extension == "lock")
    };
    paths.filter(is_litter).count()
}

#[test]
fn eight_writers_of_a_hundred_names_each_lose_none_and_disturb_no_reader() {
    let project = Project::new();
    project.set("FIRST", "geheim");
    let (is_done, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                let output = project.secrets(&["run", "--", "sh", "-c", "test \"$FIRST\" = geheim"]).output().unwrap();
                assert!(output.status.success(), "a reader failed: {}", shown(&output));
                reads.fetch_add(1, Ordering::Relaxed);
            }
        });
        let writers: Vec<_> = (0..8).map(|number| writer(&project, number, 100).spawn().unwrap()).collect();
        let outputs: Vec<_> = writers.into_iter().map(|writer| writer.wait_with_output().unwrap()).collect();
        is_done.store(true, Ordering::Relaxed);
        for output in outputs {
            assert!(output.status.success(), "a writer failed: {}", shown(&output));
        }
    });
    project.ok(&["unset", "FIRST"]);
    expect_all(&project, 8, 100);
    let declared = project.read("Cargo.toml").matches("N_").count();
    assert_eq!(declared, 800, "each name is declared once");
    project.ok(&["check"]);
    assert_eq!(litter(&project), 0);
    let reads = reads.into_inner();
    assert!(reads > 0);
    eprintln!("lab rivals: 8 writers, 800 sets, 800 names, 800 declared, {reads} reads meanwhile, none failed");
}

#[test]
fn sixteen_single_sets_at_once_are_all_there() {
    let project = Project::new();
    let writers: Vec<_> = (0..16).map(|number| writer(&project, number, 1).spawn().unwrap()).collect();
    for writer in writers {
        let output = writer.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
    }
    expect_all(&project, 16, 1);
    eprintln!("lab rivals: 16 single sets at once, 16 names");
}

/// Sixteen first sets race to make the file itself.
#[test]
fn the_first_sets_of_a_file_that_is_not_there_make_one_file() {
    let project = Project::new();
    std::fs::remove_dir_all(project.root().join("secrets")).unwrap();
    let writers: Vec<_> = (0..16).map(|number| writer(&project, number, 1).spawn().unwrap()).collect();
    for writer in writers {
        let output = writer.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
    }
    expect_all(&project, 16, 1);
}

#[test]
fn a_set_waits_for_a_living_holder_of_the_lock_and_goes_on_when_it_ends() {
    let project = Project::new();
    project.set("TOKEN", "geheim, old");
    let before = project.read("secrets/dev.json");
    let lock = File::create(project.root().join("secrets/.dev.json.lock")).unwrap();
    lock.lock().unwrap();
    let mut command = project.secrets(&["set", "TOKEN", "--quiet", "--insecure-argv", "geheim, new"]);
    let mut waiting = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A reader needs no lock, and by the end of many of them an unhindered writer would be through.
    for _ in 0..20 {
        assert_eq!(project.delivered("TOKEN"), "geheim, old");
    }
    assert!(waiting.try_wait().unwrap().is_none(), "it did not wait");
    assert_eq!(project.read("secrets/dev.json"), before);
    lock.unlock().unwrap();
    let output = waiting.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    assert_eq!(project.delivered("TOKEN"), "geheim, new");
    drop(lock);
    assert_eq!(litter(&project), 0);
}

#[test]
fn a_lock_left_by_a_dead_process_holds_nobody_up() {
    let project = Project::new();
    project.set("TOKEN", "geheim, old");
    let lock = project.root().join("secrets/.dev.json.lock");
    let mut command = project.command("sh");
    command.args(["-c", "exec 9> \"$0\"; flock 9 || exit 1; kill -9 $$"]).arg(&lock);
    let killed = command.output().unwrap();
    assert_eq!(killed.status.signal(), Some(9), "{}", shown(&killed));
    assert!(lock.exists());
    project.set("TOKEN", "geheim, new");
    assert_eq!(project.delivered("TOKEN"), "geheim, new");
    assert_eq!(litter(&project), 0);
}

/// A lock file is opened in a folder that others may write to: a link in its place would be followed to any file.
#[test]
fn a_lock_that_is_a_link_is_refused_and_not_followed() {
    let project = Project::new();
    project.set("TOKEN", "geheim, old");
    let elsewhere = project.root().join("elsewhere");
    std::os::unix::fs::symlink(&elsewhere, project.root().join("secrets/.dev.json.lock")).unwrap();
    let output = feed(project.secrets(&["set", "TOKEN"]), b"geheim, new");
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(!elsewhere.exists());
    assert_eq!(project.delivered("TOKEN"), "geheim, old");
}

#[test]
fn imports_at_once_beside_single_sets_lose_nothing() {
    let project = Project::new();
    let imports: Vec<_> = (0..4)
        .map(|number| {
            let lines: Vec<_> = (0..100).map(|name| format!("N_{number}_{name}=geheim {number} {name}\n")).collect();
            let path = project.home().join(format!("{number}.env"));
            std::fs::write(&path, lines.concat()).unwrap();
            let mut command = project.secrets(&["import", "--format", "env", "--quiet"]);
            command.arg(path).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let writers = (4..8).map(|number| writer(&project, number, 25).spawn().unwrap());
    for child in imports.into_iter().chain(writers.collect::<Vec<_>>()) {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
    }
    let found = run_environment(&project).delivered();
    assert_eq!(found.len(), 500);
    for (name, value) in found {
        assert_eq!(value, name.replacen('N', "geheim", 1).replace('_', " "));
    }
    assert_eq!(project.read("Cargo.toml").matches("N_").count(), 500, "each name is declared once");
    assert_eq!(litter(&project), 0);
}
