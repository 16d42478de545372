//! Folders and disks that do not play along: read-only, full, linked, missing, not files at all.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::outcome::{message, run_environment};
use crate::support::{Project, feed, program, shown};

/// A user without rights over other users' files.
const NOBODY: u32 = 65534;

const OLD: &str = "geheim, old";
const NEW: &[u8] = b"geheim, new";

fn filled() -> Project {
    let project = Project::new();
    project.set("TOKEN", OLD);
    project
}

/// The program as someone to whom permissions apply: ourselves, or nobody where we are root. `None`, with the reason
/// printed, where that cannot be arranged.
fn as_plain_user(project: &Project, arguments: &[&str]) -> Option<Command> {
    let folder = project.root().parent().unwrap().to_owned();
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return Some(project.secrets(arguments));
    }
    // The program itself may stand where nobody may go. `cp` writes the copy: a file that we hold open for writing while
    // another test starts a child could not be executed.
    let copy = folder.join("cargo-secrets");
    assert!(Command::new("cp").arg(program()).arg(&copy).status().unwrap().success());
    give_away(&folder);
    let mut command = project.command(&copy);
    command.args(arguments).uid(NOBODY).gid(NOBODY);
    let mut probe = project.command("true");
    match probe.uid(NOBODY).gid(NOBODY).status() {
        Ok(status) if status.success() => Some(command),
        other => {
            eprintln!("skipped: root cannot become another user here: {other:?}");
            None
        }
    }
}

fn give_away(path: &Path) {
    std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        for entry in std::fs::read_dir(path).unwrap() {
            give_away(&entry.unwrap().path());
        }
    }
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_read_only_folder_is_named_and_still_read_from() {
    let project = filled();
    let before = project.read("secrets/dev.json");
    let Some(command) = as_plain_user(&project, &["set", "TOKEN"]) else { return };
    chmod(&project.root().join("secrets"), 0o555);
    let output = feed(command, NEW);
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    assert!(message(&output).contains("secrets/dev.json"), "{}", shown(&output));
    let mut read = as_plain_user(&project, &["get", "TOKEN"]).unwrap();
    let read = read.output().unwrap();
    chmod(&project.root().join("secrets"), 0o755);
    assert_eq!(read.stdout, OLD.as_bytes(), "{}", shown(&read));
    assert_eq!(project.read("secrets/dev.json"), before);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let project = filled();
    let path = project.root().join("secrets/dev.json");
    let arguments: [(&[&str], i32); 3] =
        [(&["run", "--", "true"], 125), (&["get", "TOKEN"], 3), (&["set", "TOKEN"], 3)];
    for (arguments, code) in arguments {
        let Some(command) = as_plain_user(&project, arguments) else { return };
        chmod(&path, 0o000);
        let output = feed(command, NEW);
        assert_eq!(output.status.code(), Some(code), "{}", shown(&output));
        assert!(message(&output).contains("secrets/dev.json"), "{}", shown(&output));
    }
    chmod(&path, 0o644);
    assert_eq!(run_environment(&project).delivered()["TOKEN"], OLD);
}

/// `ulimit -f` stands for a full disk wherever nothing can be mounted: a write fails in its middle.
#[test]
fn a_file_that_cannot_grow_stays_what_it_was() {
    let project = filled();
    project.set("LONG", &"geheim".repeat(2000));
    let before = project.read("secrets/dev.json");
    let mut command = project.command("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" set TOKEN"]).arg(program());
    let output = feed(command, NEW);
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(message(&output).contains("failed to write"), "{}", shown(&output));
    assert_eq!(project.read("secrets/dev.json"), before);
    assert_eq!(std::fs::read_dir(project.root().join("secrets")).unwrap().count(), 1, "something was left behind");
}

/// A small tmpfs in a mount namespace of our own, filled to the last byte.
const FULL_DISK: &str = r#"
mount -t tmpfs -o size=512k tmpfs "$2" || exit 77
cp -a secrets Cargo.toml src "$2" && cd "$2" || exit 78
cp secrets/dev.json "$3/old.json"; cp Cargo.toml "$3/old.toml"
dd if=/dev/zero of=filler bs=4096 2>/dev/null
printf 'geheim, new' | "$1" set TOKEN; echo "set $?"
printf 'geheim, new' | "$1" set FRESH; echo "fresh $?"
cmp secrets/dev.json "$3/old.json" && cmp Cargo.toml "$3/old.toml" && echo unchanged
ls -A secrets
"$1" run --quiet -- sh -c 'test "$TOKEN" = "geheim, old"' && echo readable
rm filler
printf 'geheim, new' | "$1" set --quiet TOKEN && "$1" run --quiet -- sh -c 'test "$TOKEN" = "geheim, new"' && echo writable
"#;

#[test]
fn a_full_disk_leaves_the_old_file_and_nothing_else() {
    let project = filled();
    let mount = project.home().join("mount");
    std::fs::create_dir(&mount).unwrap();
    let mut command = project.command("unshare");
    command.args(["-rm", "sh", "-c", FULL_DISK, "sh"]).arg(program()).arg(&mount).arg(project.home());
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => return eprintln!("skipped: `unshare` cannot be run: {error}"),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(77) || (text.is_empty() && !output.status.success()) {
        return eprintln!("skipped: nothing can be mounted here: {}", shown(&output));
    }
    assert_eq!(text, "set 2\nfresh 2\nunchanged\ndev.json\nreadable\nwritable\n", "{}", shown(&output));
    assert!(message(&output).contains("No space left on device"), "{}", shown(&output));
    eprintln!("lab storage: a full disk (512 KiB of tmpfs): refused, unchanged, readable, and writable again");
}

#[test]
fn a_linked_secret_file_stays_a_link_and_a_dangling_one_is_refused() {
    let project = filled();
    let (link, real) = (project.root().join("secrets/dev.json"), project.root().join("real.json"));
    std::fs::rename(&link, &real).unwrap();
    symlink("../real.json", &link).unwrap();
    project.set("TOKEN", "geheim, new");
    assert!(link.is_symlink() && !real.is_symlink());
    assert_eq!(project.delivered("TOKEN"), "geheim, new");

    std::fs::remove_file(&real).unwrap();
    let output = feed(project.secrets(&["set", "TOKEN"]), NEW);
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(message(&output).contains("secrets/dev.json"), "{}", shown(&output));
    assert!(link.is_symlink() && !real.exists(), "the file was made where the link points");
    assert!(run_environment(&project).refused().contains("secrets/dev.json"));
}

/// Cargo.toml too may be a link: into a shared configuration, say.
#[test]
fn a_linked_cargo_toml_stays_a_link() {
    let project = filled();
    let (link, real) = (project.root().join("Cargo.toml"), project.root().join("real.toml"));
    std::fs::rename(&link, &real).unwrap();
    symlink("real.toml", &link).unwrap();
    project.set("FRESH", "geheim, new");
    assert!(link.is_symlink(), "the link was replaced by a file");
    assert!(project.read("real.toml").contains("FRESH"));
}

#[test]
fn a_folder_that_is_not_there_is_made_by_set_and_named_by_run() {
    let project = filled();
    std::fs::remove_dir_all(project.root().join("secrets")).unwrap();
    let refused = run_environment(&project).refused();
    assert!(refused.contains("secrets/dev.json` does not exist"), "{refused}");
    assert!(!project.root().join("secrets").exists(), "`run` made a folder");
    project.set("TOKEN", "geheim, new");
    assert_eq!(project.delivered("TOKEN"), "geheim, new");
}

#[test]
fn a_folder_or_a_device_in_the_place_of_the_file_is_refused() {
    let project = filled();
    let path = project.root().join("secrets/dev.json");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    refused_by_all(&project);
    assert!(path.is_dir());
    std::fs::remove_dir(&path).unwrap();
    symlink("/dev/null", &path).unwrap();
    let refused = run_environment(&project).refused();
    assert!(refused.contains("secrets/dev.json"), "{refused}");
    std::fs::remove_file(&path).unwrap();
    std::fs::remove_dir(project.root().join("secrets")).unwrap();
    project.write("secrets", "a file where the folder should be");
    refused_by_all(&project);
}

/// A FIFO that nobody writes to would hold a reader up for ever.
#[test]
fn a_fifo_in_the_place_of_the_file_holds_nobody_up() {
    let project = filled();
    let path = project.root().join("secrets/dev.json");
    std::fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    refused_by_all(&project);
}

/// A link in a cloned repository can point to what never ends: memory must not be filled from it.
#[test]
fn a_link_to_an_endless_device_is_refused() {
    let project = filled();
    let path = project.root().join("secrets/dev.json");
    std::fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    let mut command = project.command("sh");
    command.args(["-c", "ulimit -v 1000000; exec \"$0\" get TOKEN"]).arg(program());
    let output = command.output().unwrap();
    assert!([Some(2), Some(3)].contains(&output.status.code()), "{}", shown(&output));
    let message = message(&output);
    assert!(message.contains("secrets/dev.json") && !message.contains("memory"), "{message}");
}

/// `run`, `get`, `set`, `unset` and `check` all end by themselves, with a message that names the file.
fn refused_by_all(project: &Project) {
    let commands: [&[&str]; 4] = [&["run", "--", "true"], &["get", "TOKEN"], &["set", "TOKEN"], &["unset", "TOKEN"]];
    for arguments in commands {
        let mut command = project.secrets(arguments);
        let input = project.write("input", NEW);
        command.stdin(std::fs::File::open(input).unwrap()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = ended(command.spawn().unwrap(), arguments);
        let code = output.status.code().unwrap();
        assert!(if arguments[0] == "run" { code == 125 } else { code == 2 || code == 3 }, "{}", shown(&output));
        assert!(message(&output).contains("secrets"), "{arguments:?}: {}", shown(&output));
    }
}

/// The output of a child that ends within 20 seconds; one that does not is killed, and the test fails.
fn ended(mut child: Child, what: &[&str]) -> Output {
    let patience = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > patience {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{what:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}
