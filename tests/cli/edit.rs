//! `edit`, with scripts that do what editors do: save by rename, leave files beside, fail, come back too early.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::fixture::{Canary, declare, ends, has, script, texts, tree};
use crate::support::{Project, feed, program, shown, tools};

/// A project whose plaintext, if any, lies below its own folders: its runtime folder is in memory, as a session's is.
pub(crate) struct Desk {
    pub(crate) project: Project,
    pub(crate) runtime: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let project = Project::new();
        std::fs::create_dir(project.home().join("tmp")).unwrap();
        Self { project, runtime: tempfile::tempdir_in("/dev/shm").unwrap() }
    }

    fn filled() -> Self {
        let desk = Self::new();
        for (name, value) in [("A", "first"), ("B", "two\nlines"), ("C", "third")] {
            desk.project.set(name, value);
        }
        desk
    }

    /// Another command of the program in the same surroundings.
    pub(crate) fn secrets(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.secrets(arguments);
        command.env("XDG_RUNTIME_DIR", self.runtime.path()).env("TMPDIR", self.project.home().join("tmp"));
        command.env_remove("VISUAL").env_remove("EDITOR");
        command
    }

    /// A script that is the editor; `$1` is the file.
    fn editor(&self, text: &str) -> PathBuf {
        let path = self.project.home().join("editor");
        script(&path, &format!("#!/bin/sh\nset -eu\n{text}\n"));
        path
    }

    /// `edit` with a script as the editor, without a terminal.
    fn edit(&self, arguments: &[&str], text: &str) -> Command {
        let editor = self.editor(text);
        let mut command = self.secrets(&[&["edit"], arguments].concat());
        // A session of its own: a test that a person starts has a terminal.
        let mut alone = Command::new("setsid");
        alone.arg("--wait").arg(program()).args(command.get_args()).current_dir(self.project.root());
        for (name, value) in command.env("EDITOR", editor).env("P", program()).get_envs() {
            match value {
                Some(value) => alone.env(name, value),
                None => alone.env_remove(name),
            };
        }
        alone.stdin(Stdio::null());
        alone
    }

    fn value(&self, name: &str) -> String {
        self.project.ok(&["get", name])
    }

    /// Nothing of the canary is anywhere, nor any folder of an editor.
    #[track_caller]
    pub(crate) fn is_clean(&self, canaries: &[&Canary]) {
        for folder in [self.project.root(), self.project.home(), self.runtime.path().to_owned()] {
            for canary in canaries {
                let files = canary.files_below(&folder);
                assert!(files.is_empty(), "{files:?}");
            }
        }
        let left = self.left();
        assert!(left.is_empty(), "{left:?}");
    }

    fn left(&self) -> Vec<PathBuf> {
        let folders = [self.runtime.path().to_owned(), self.project.home().join("tmp")];
        folders.iter().flat_map(|folder| tree(folder).into_keys()).collect()
    }
}

fn file(desk: &Desk) -> String {
    desk.project.read("secrets/dev.json")
}

#[test]
fn what_is_wrong_before_the_editor_starts() {
    let desk = Desk::filled();
    let empty = desk.project.home().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let (_, stderr) = ends(with(desk.secrets(&["edit"]), "PATH", &empty), 2);
    has(&stderr, &["there is no editor", "EDITOR=nano cargo secrets edit"]);
    for (editor, code, message) in [
        ("nano 'a", 2, "`EDITOR` is no command line"),
        ("no-such-editor --wait", 2, "the command `no-such-editor` was not found"),
        ("/etc/passwd", 2, "cannot be executed"),
    ] {
        let (_, stderr) = ends(with(desk.secrets(&["edit"]), "EDITOR", editor), code);
        has(&stderr, &[message]);
    }
    let never = || with(desk.secrets(&[]), "EDITOR", "false");
    let (_, stderr) = ends(args(never(), &["edit", "A-B"]), 2);
    has(&stderr, &["A-B"]);
    let (_, stderr) = ends(args(never(), &["edit", "--file", "secrets/prod.json"]), 2);
    has(&stderr, &["not among the sources"]);
    let (_, stderr) = ends(args(never(), &["edit", "LD_PRELOAD"]), 2);
    has(&stderr, &["programs run code"]);
    let (_, stderr) = ends(args(never(), &["edit", "-e", "prod"]), 2);
    has(&stderr, &["unknown environment `prod`"]);
    desk.is_clean(&[]);
}

/// The usual names: an editor that prints its arguments and the file.
fn usual(desk: &Desk) -> PathBuf {
    let path = desk.project.home().join("bin");
    std::fs::create_dir(&path).unwrap();
    script(&path.join("vim.tiny"), "#!/bin/sh\necho \"$@\"\nfor file; do :; done\ncat \"$file\"\n");
    script(&path.join("sensible-editor"), "#!/bin/sh\nexec vim.tiny \"$@\"\n");
    for (name, target) in [("alternative", "vim.tiny"), ("editor", "alternative"), ("vi", "alternative")] {
        std::os::unix::fs::symlink(target, path.join(name)).unwrap();
    }
    path
}

#[test]
fn what_draws_the_values_is_not_started_without_a_terminal() {
    let desk = Desk::filled();
    let path = usual(&desk);
    let alone = |editor: Option<&str>| {
        let mut command = with(desk.edit(&[], "true"), "PATH", format!("{}:/usr/bin:/bin", path.display()));
        match editor {
            Some(editor) => command.env("EDITOR", editor),
            None => command.env_remove("EDITOR"),
        };
        command
    };
    for (editor, shown) in [
        (None, "`editor`"),
        (Some("sensible-editor"), "`editor`"),
        (Some("/usr/bin/sensible-editor"), "`editor`"),
        (Some("editor"), "`editor`"),
        (Some("vi -X"), "`vi -X`"),
        (Some("nano"), "`nano`"),
    ] {
        let (stdout, stderr) = ends(alone(editor), 2);
        assert_eq!(stdout, "");
        has(&stderr, &[shown, "stdin or stdout is none", "EDITOR='code --wait' cargo secrets edit"]);
    }
    // A script, or a window, needs none.
    script(&path.join("code"), "#!/bin/sh\nsed -i \"s/^A = .*/A = 'x'/\" \"$2\"\n");
    ends(alone(Some("code --wait")), 0);
    assert_eq!(desk.value("A"), "x");
    desk.is_clean(&[]);
}

fn with(mut command: Command, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Command {
    command.env(name, value);
    command
}

fn args(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments);
    command
}

#[test]
fn only_what_changed_is_encrypted_again() {
    let desk = Desk::filled();
    let before = file(&desk);
    // As `sed -i` and helix do: a new file in the place of the old one.
    let (_, stderr) = ends(desk.edit(&[], "sed -i \"s/^C = .*/C = 'changed'/\" \"$1\""), 0);
    has(&stderr, &["Set C in secrets/dev.json (dev)"]);
    let after = file(&desk);
    let differ: Vec<_> =
        before.lines().zip(after.lines()).filter(|(old, new)| old != new).map(|(old, _)| old).collect();
    // The date stays where all this takes less than a second.
    assert!((2..=3).contains(&differ.len()), "{differ:#?}");
    assert!(differ.iter().all(|line| ["\"C\"", "\"mac\"", "\"lastmodified\""].iter().any(|key| line.contains(key))));
    assert_eq!([desk.value("A"), desk.value("B"), desk.value("C")], ["first", "two\nlines", "changed"]);
    if let Some(sops) = tools::sops() {
        let output = desk.project.sops(&sops, &["decrypt", "secrets/dev.json"]);
        assert!(output.status.success(), "{}", shown(&output));
    }
}

#[test]
fn what_is_saved_as_it_was_changes_not_a_byte() {
    let desk = Desk::filled();
    let before = tree(&desk.project.root());
    let (_, stderr) = ends(desk.edit(&[], "sleep 1.1"), 0);
    has(&stderr, &["Unchanged dev"]);
    assert!(!stderr.contains("at once"), "{stderr}");
    // Formatted anew, and still the same values.
    let other = "printf 'C = \"third\"\\nA = \"\"\"\\nfirst\"\"\"\\nB = \"two\\\\nlines\"\\n' > \"$1\"";
    has(&ends(desk.edit(&[], other), 0).1, &["Unchanged dev"]);
    has(&ends(desk.edit(&["B"], "sed -i 's/x/y/' \"$1\"; sleep 1.1"), 0).1, &["Unchanged dev"]);
    assert_eq!(tree(&desk.project.root()), before);
}

#[test]
fn one_value_is_edited_as_it_is() {
    let desk = Desk::filled();
    let (_, stderr) = ends(desk.edit(&["B"], "printf 'a\\n\"b\"\\n\\n' > \"$1\""), 0);
    has(&stderr, &["Set B in secrets/dev.json (dev)"]);
    assert_eq!(desk.value("B"), "a\n\"b\"\n");
    ends(desk.edit(&["B"], "cp \"$1\" \"$HOME/seen\"; printf 'no newline' > \"$1\""), 0);
    assert_eq!(std::fs::read_to_string(desk.project.home().join("seen")).unwrap(), "a\n\"b\"\n\n");
    assert_eq!(desk.value("B"), "no newline");
    // A new name is set and declared.
    let (_, stderr) = ends(desk.edit(&["NEW"], "echo fresh > \"$1\""), 0);
    has(&stderr, &["Set NEW in", "Declared NEW as a secret"]);
    assert_eq!(desk.value("NEW"), "fresh");
    let (_, stderr) = ends(desk.edit(&["NEW"], ": > \"$1\""), 2);
    has(&stderr, &["the text is empty", "cargo secrets unset NEW"]);
    let (_, stderr) = ends(desk.edit(&["NEW"], "printf '\\377' > \"$1\""), 2);
    has(&stderr, &["not UTF-8"]);
    assert_eq!(desk.value("NEW"), "fresh");
}

#[test]
fn the_line_ends_of_an_editor_are_no_part_of_a_value() {
    let desk = Desk::filled();
    let dos = "sed -i 's/$/\\r/' \"$1\"";
    has(&ends(desk.edit(&[], dos), 0).1, &["Unchanged dev"]);
    has(&ends(desk.edit(&["B"], dos), 0).1, &["Unchanged dev"]);
    ends(desk.edit(&[], &format!("sed -i \"s/^C = .*/C = 'c'/\" \"$1\"; {dos}")), 0);
    ends(desk.edit(&["A"], &format!("printf 'a\\nb\\n' > \"$1\"; {dos}")), 0);
    assert_eq!([desk.value("A"), desk.value("B"), desk.value("C")], ["a\nb", "two\nlines", "c"]);
    // One that the person put there, and one that was there, stay.
    ends(desk.edit(&["B"], "printf 'one\\r\\ntwo\\n' > \"$1\""), 0);
    assert_eq!(desk.value("B"), "one\r\ntwo");
    ends(desk.edit(&["B"], "printf 'one\\r\\nthree\\r\\n' > \"$1\""), 0);
    assert_eq!(desk.value("B"), "one\r\nthree\r");
    has(&ends(desk.edit(&[], dos), 0).1, &["Unchanged dev"]);
    assert_eq!(desk.value("B"), "one\r\nthree\r");
}

#[test]
fn a_removal_says_which_older_value_is_back() {
    let desk = Desk::filled();
    let text = desk.project.read("Cargo.toml");
    let sources = "[\"secrets/dev.json\", \"secrets/more.json\"]";
    desk.project.write("Cargo.toml", text.replace("[\"secrets/dev.json\"]", sources));
    for name in ["A", "C"] {
        desk.project.set_in(name, "secrets/more.json", "newer");
    }
    let (_, stderr) = ends(desk.edit(&["--yes"], "sed -i '/^A = /d' \"$1\""), 0);
    let left = "A now comes from secrets/dev.json (dev); to remove that one, too: cargo secrets unset A -e dev";
    has(&stderr, &["Removed A in secrets/more.json", left]);
    assert_eq!(desk.value("A"), "first");
    let (_, stderr) = ends(desk.edit(&["--yes"], "sed -i '/^A = /d' \"$1\""), 0);
    assert!(stderr.contains("Removed A in secrets/dev.json") && !stderr.contains("now comes"), "{stderr}");
    has(
        &ends(desk.secrets(&["unset", "C"]), 0).1,
        &["Removed C from secrets/more.json", "C now comes from secrets/dev"],
    );
    let (_, stderr) = ends(desk.secrets(&["unset", "C"]), 0);
    assert!(!stderr.contains("now comes"), "{stderr}");
}

#[test]
fn names_come_and_go_and_several_changes_are_one_write() {
    let desk = Desk::filled();
    let change = "sed -i -e '/^A = /d' -e \"s/^C = .*/C = 'c'/\" \"$1\"; printf 'NEW = \"n\"\\n' >> \"$1\"";
    let (_, stderr) = ends(desk.edit(&[], change), 2);
    has(&stderr, &["would be removed, and there is no terminal to ask at: A", "--yes"]);
    assert_eq!(desk.value("A"), "first");
    let (_, stderr) = ends(desk.edit(&["--yes"], change), 0);
    has(
        &stderr,
        &["Removed A from", "Set C in", "Set NEW in", "Declared NEW"]
            .map(|text| text.replace(" from", " in"))
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    has(&desk.project.fails(2, &["get", "A"]), &["`A`"]);
    assert_eq!([desk.value("B"), desk.value("C"), desk.value("NEW")], ["two\nlines", "c", "n"]);
}

#[test]
fn a_name_that_cannot_be_declared_is_told_with_what_to_write() {
    let desk = Desk::filled();
    let manifest = desk.project.root().join("Cargo.toml");
    let breaks = format!("echo fresh > \"$1\"; echo '[broken' >> '{}'", manifest.display());
    let (_, stderr) = ends(desk.edit(&["NEW"], &breaks), 0);
    has(&stderr, &["Set NEW in", "set, but not declared: ", "declare it there: variables.NEW = { kind = \"secret\" }"]);
}

#[test]
fn a_refused_text_changes_nothing_and_names_its_line_not_its_value() {
    let desk = Desk::filled();
    let lines = "[workspace.metadata.secrets.variables]\n\
                 C.format = 'url'\n\
                 URL = { value = 'x://${A}' }\n";
    declare(&desk.project, lines);
    let before = tree(&desk.project.root());
    for (added, messages) in [
        ("C2 = geheim", &["the text cannot be read", "line 11: "][..]),
        ("A = 'geheim'", &["line 11: "]),
        ("X-Y = 'geheim'", &["line 11: a name consists of"]),
        ("X = 5432", &["line 11: the value of `X` belongs in quotation marks"]),
        ("LD_PRELOAD = 'geheim'", &["line 11: ", "programs run code"]),
        ("SOPS_AGE_KEY = 'geheim'", &["line 11: ", "identity variable"]),
        ("URL = 'geheim'", &["line 11: `URL` is composed"]),
        ("X = 'ENC[AES256_GCM,data:geheim]'", &["line 11: the value of `X` is SOPS ciphertext"]),
        ("X = \"geheim\\u0000\"", &["line 11: ", "NUL"]),
    ] {
        let (stdout, stderr) = ends(desk.edit(&[], &format!("cat >> \"$1\" <<'END'\n{added}\nEND\n")), 2);
        has(&stderr, messages);
        assert!(!format!("{stdout}{stderr}").contains("geheim"), "{stderr}");
    }
    let (_, stderr) = ends(desk.edit(&[], "sed -i \"s/^C = .*/C = 'geheim'/\" \"$1\""), 2);
    has(&stderr, &["line 10: the value for `C` does not have the declared format `url`"]);
    has(&ends(desk.edit(&[], "rm \"$1\""), 2).1, &["the editor left no file"]);
    has(
        &ends(desk.edit(&[], "echo \"X = 'y'\" >> \"$1\"; exit 3"), 2).1,
        &["the editor failed, so nothing was changed"],
    );
    assert_eq!(tree(&desk.project.root()), before);
    desk.is_clean(&[]);
}

#[test]
fn what_others_change_meanwhile_is_kept_and_a_true_conflict_is_refused() {
    let desk = Desk::filled();
    let other = "printf theirs | \"$P\" set A --quiet; ";
    ends(desk.edit(&[], &format!("{other} sed -i \"s/^C = .*/C = 'mine'/\" \"$1\"")), 0);
    assert_eq!([desk.value("A"), desk.value("C")], ["theirs", "mine"]);
    let mine = "sed -i -e \"s/^A = .*/A = 'mine'/\" -e \"s/^C = .*/C = 'again'/\" \"$1\"";
    let (_, stderr) = ends(desk.edit(&[], &format!("printf new | \"$P\" set A --quiet; {mine}")), 2);
    has(&stderr, &["was changed meanwhile, by somebody else: A", "cargo secrets get NAME"]);
    assert_eq!([desk.value("A"), desk.value("C")], ["new", "mine"]);
    // Both said the same.
    ends(desk.edit(&[], &format!("printf mine | \"$P\" set A --quiet; {mine}")), 0);
    assert_eq!([desk.value("A"), desk.value("C")], ["mine", "again"]);
    // Gone, and changed by us.
    let (_, stderr) = ends(desk.edit(&[], "\"$P\" unset C --quiet; sed -i \"s/^C = .*/C = 'x'/\" \"$1\""), 2);
    has(&stderr, &["by somebody else: C"]);
}

#[test]
fn several_files_keep_their_names_and_nested_entries_are_told() {
    let desk = Desk::filled();
    let Some(sops) = tools::sops() else { return };
    let text = desk.project.read("Cargo.toml");
    let sources = "sources = [\"secrets/dev.json\", { path = \"secrets/db.json\", flatten = true }]";
    desk.project.write("Cargo.toml", text.replace("sources = [\"secrets/dev.json\"]", sources));
    desk.project.set_in("DB", "secrets/db.json", "other file");
    let output = desk.project.sops(&sops, &["set", "secrets/db.json", "[\"db\"]", "{\"password\": \"nested\"}"]);
    assert!(output.status.success(), "{}", shown(&output));
    let first = file(&desk);
    let change = "cp \"$1\" \"$HOME/seen\"; sed -i \"s/^DB = .*/DB = 'changed'/\" \"$1\"";
    has(&ends(desk.edit(&[], change), 0).1, &["Set DB in secrets/db.json"]);
    assert_eq!(file(&desk), first, "the other file is as it was");
    let seen = std::fs::read_to_string(desk.project.home().join("seen")).unwrap();
    has(&seen, &["# Not shown: 1 nested or oddly named in secrets/db.json (sops edit secrets/db.json)"]);
    assert!(!seen.contains("nested\""), "{seen}");
    assert_eq!(desk.value("DB"), "changed");
    has(&ends(desk.edit(&["--file", "secrets/db.json"], "cp \"$1\" \"$HOME/seen\""), 0).1, &["Unchanged"]);
    assert!(!std::fs::read_to_string(desk.project.home().join("seen")).unwrap().contains("A = "));
}

#[test]
fn what_is_not_changed_in_place_is_not_shown_and_that_is_said() {
    let Some(age) = tools::age() else { return };
    let desk = Desk::filled();
    let mut encrypt = desk.project.command(age);
    encrypt.args(["-r", &desk.project.recipient(), "-o", "secrets/whole.age"]);
    assert!(feed(encrypt, b"WHOLE=x\n").status.success());
    let text = desk.project.read("Cargo.toml");
    let sources = "sources = [\"secrets/whole.age\", \"secrets/dev.json\"]";
    desk.project.write("Cargo.toml", text.replace("sources = [\"secrets/dev.json\"]", sources));
    ends(desk.edit(&[], "cp \"$1\" \"$HOME/seen\"; sed -i \"s/^A = .*/A = 'x'/\" \"$1\""), 0);
    let seen = std::fs::read_to_string(desk.project.home().join("seen")).unwrap();
    has(&seen, &["# Not shown: secrets/whole.age, which is not changed in place"]);
    assert!(!seen.contains("WHOLE"), "{seen}");
    assert_eq!(desk.value("A"), "x");
    has(&ends(desk.edit(&["--file", "secrets/whole.age"], "true"), 2).1, &["secrets/whole.age"]);
}

#[test]
fn the_file_is_private_in_memory_and_gone_with_all_that_stood_beside_it() {
    let [old, new] = [(); 2].map(|()| Canary::new());
    let desk = Desk::new();
    desk.project.set("A", &old.value);
    let change = format!(
        "d=$(dirname \"$1\"); stat -c '%a %F' \"$1\" \"$d\" >&2; stat -fc %T \"$1\" >&2\n\
         cp \"$1\" \"$1~\"; cp \"$1\" \"$d/.dev.toml.swp\"; mkdir \"$d/undo\"; cp \"$1\" \"$d/undo/x\"; ln -s \"$HOME\" \"$d/link\"\n\
         echo \"A = '{}'\" > \"$d/new\"; mv \"$d/new\" \"$1\"",
        new.value
    );
    let (_, stderr) = ends(desk.edit(&[], &change), 0);
    has(&stderr, &["600 regular file\n700 directory\ntmpfs\n"]);
    assert_eq!(desk.value("A"), new.value);
    std::fs::remove_file(desk.project.home().join("editor")).unwrap();
    desk.is_clean(&[&old, &new]);
}

#[test]
fn where_there_is_no_memory_for_files_that_is_said() {
    let desk = Desk::filled();
    let tmp = desk.project.home().join("tmp");
    // A mount of its own over /dev/shm, where that is permitted.
    let line = format!("mount --bind '{0}' /dev/shm && unset XDG_RUNTIME_DIR && exec \"$P\" edit", tmp.display());
    let mut apart = desk.project.command("unshare");
    apart.args(["--mount", "sh", "-c", &line]).env("P", program()).env("TMPDIR", &tmp);
    apart.env("EDITOR", desk.editor("sed -i \"s/^A = .*/A = 'x'/\" \"$1\""));
    let output = apart.stdin(Stdio::null()).output().unwrap();
    if String::from_utf8_lossy(&output.stderr).contains("unshare")
        || String::from_utf8_lossy(&output.stderr).contains("mount:")
    {
        eprintln!("skipped: {}", shown(&output));
        return;
    }
    has(&texts(&output).1, &["no private place in memory here", "Set A in"]);
    desk.is_clean(&[]);
}

/// Waits until the editor has told its process id in the file `pid` of the home.
fn pid(desk: &Desk) -> i32 {
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(desk.project.home().join("pid")).unwrap_or_default();
        if let Ok(pid) = text.trim().parse() {
            return pid;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "the editor did not start");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_signal_ends_the_editor_wipes_its_file_and_then_us() {
    for (name, number) in [("HUP", 1), ("INT", 2), ("TERM", 15)] {
        let canary = Canary::new();
        let desk = Desk::new();
        desk.project.set("A", &canary.value);
        let before = file(&desk);
        let editor = desk
            .editor("sed -i 's/A = /B = /' \"$1\"; trap '' TERM; echo $$ > \"$HOME/pid\"; sleep 60 & wait; sleep 60");
        let mut child = with(desk.secrets(&["edit"]), "EDITOR", &editor).stdin(Stdio::null()).spawn().unwrap();
        let editor = pid(&desk);
        assert!(!desk.left().is_empty());
        let us = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(us, rustix::process::Signal::from_named_raw(number).unwrap()).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(number), "{name}: {status}");
        assert!(!Path::new(&format!("/proc/{editor}")).exists(), "{name}: the editor lives");
        assert_eq!(file(&desk), before, "{name}");
        desk.is_clean(&[&canary]);
    }
}

#[test]
fn what_a_killed_edit_left_the_next_command_wipes() {
    let canary = Canary::new();
    let desk = Desk::new();
    desk.project.set("A", &canary.value);
    let editor = desk.editor("echo $$ > \"$HOME/pid\"; exec sleep 60");
    let mut child = with(desk.secrets(&["edit"]), "EDITOR", &editor).stdin(Stdio::null()).spawn().unwrap();
    let editor = pid(&desk);
    // Another command leaves alone what is in use.
    ends(desk.secrets(&["list"]), 0);
    assert!(!canary.files_below(desk.runtime.path()).is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!canary.files_below(desk.runtime.path()).is_empty());
    ends(desk.secrets(&["list"]), 0);
    desk.is_clean(&[&canary]);
    rustix::process::kill_process(rustix::process::Pid::from_raw(editor).unwrap(), rustix::process::Signal::KILL)
        .unwrap();
}

#[test]
fn a_folder_of_that_name_that_is_a_link_or_anothers_is_left_alone() {
    let desk = Desk::filled();
    let target = desk.project.home().join("precious");
    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("file"), "stays").unwrap();
    std::os::unix::fs::symlink(&target, desk.runtime.path().join("cargo-secrets.link")).unwrap();
    let theirs = desk.runtime.path().join("cargo-secrets.theirs");
    std::fs::create_dir(&theirs).unwrap();
    std::os::unix::fs::chown(&theirs, Some(65534), Some(65534)).unwrap();
    ends(desk.edit(&[], "sed -i \"s/^A = .*/A = 'x'/\" \"$1\""), 0);
    assert_eq!(std::fs::read_to_string(target.join("file")).unwrap(), "stays");
    assert!(theirs.exists());
}

#[test]
fn a_thousand_names_and_a_megabyte() {
    let desk = Desk::new();
    let values: Vec<_> = (0..1000).map(|number| format!("N{number} = 'value {number}'")).collect();
    let text = format!("{}\nBIG = '{}'\n", values.join("\n"), "x".repeat(1 << 20));
    let path = desk.project.home().join("text");
    std::fs::write(&path, text).unwrap();
    let start = Instant::now();
    let output = feed(desk.edit(&["--quiet"], "cp \"$HOME/text\" \"$1\""), b"");
    assert!(output.status.success(), "{}", shown(&output));
    eprintln!("1,001 names in one edit: {:?}", start.elapsed());
    assert_eq!(desk.value("N999"), "value 999");
    assert_eq!(desk.value("BIG").len(), 1 << 20);
}
