//! `edit` at a terminal: real vim and nano with settings that would keep everything, and the questions.

use std::path::Path;

use rexpect::session::PtySession;

use crate::edit::Desk;
use crate::fixture::{Canary, closes, has, script, terminal};
use crate::support::{program, tools};

/// What a person who never wants to lose anything has in their settings.
const VIMRC: &str = "set nocompatible swapfile updatecount=1 backup writebackup backupdir=~/kept directory=~/kept\n\
                     silent! set undofile undodir=~/kept\n\
                     silent! set viminfo='100,<1000,s100,n~/kept/viminfo\n";

const NANORC: &str = "set backup\nset backupdir \"~/kept\"\nset historylog\nset positionlog\nset locking\n";

/// A desk with one value, and settings of that person.
fn desk(value: &str) -> Desk {
    let desk = Desk::new();
    desk.project.set("TOKEN", value);
    let home = desk.project.home();
    std::fs::create_dir(home.join("kept")).unwrap();
    std::fs::write(home.join(".vimrc"), VIMRC).unwrap();
    std::fs::write(home.join(".nanorc"), NANORC).unwrap();
    desk
}

fn open(desk: &Desk, arguments: &[&str], editor: impl AsRef<Path>) -> PtySession {
    let mut command = desk.secrets(&[&["edit"], arguments].concat());
    command.env("VISUAL", editor.as_ref()).env("TERM", "xterm").env("P", program());
    terminal(&command)
}

/// Types keys, and waits until the editor shows `text`.
fn shows(session: &mut PtySession, text: &str) {
    session.exp_string(text).unwrap();
}

fn keys(session: &mut PtySession, keys: &str) {
    session.send(keys).unwrap();
    session.flush().unwrap();
}

fn the_editors() -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = [tools::vim(), tools::vim_tiny()].into_iter().flatten().collect();
    found.dedup();
    found
}

#[test]
fn vim_edits_a_value_and_keeps_nothing() {
    for vim in the_editors() {
        let [old, new] = [(); 2].map(|()| Canary::new());
        let desk = desk(&old.value);
        let mut session = open(&desk, &["TOKEN"], &vim);
        shows(&mut session, &old.value[..20]);
        keys(&mut session, &format!("\"ayyccnot yet\u{1b}u:w\rcc{}\u{1b}", new.value));
        keys(&mut session, ":wq\r");
        has(&closes(session, 0), &["Set TOKEN in secrets/dev.json"]);
        assert_eq!(desk.project.ok(&["get", "TOKEN"]), new.value, "{}", vim.display());
        desk.is_clean(&[&old, &new]);
        assert_eq!(std::fs::read_dir(desk.project.home().join("kept")).unwrap().count(), 0, "{}", vim.display());
    }
}

/// Debian's `sensible-editor` and `editor`, however they are named, or when nothing is: with vim behind them, it has its
/// options.
#[test]
fn what_leads_to_vim_keeps_nothing_either() {
    let Some(vim) = tools::vim() else { return };
    for named in [None, Some("sensible-editor"), Some("editor"), Some("vi")] {
        let [old, new] = [(); 2].map(|()| Canary::new());
        let desk = desk(&old.value);
        let bin = desk.project.home().join("bin");
        std::fs::create_dir(&bin).unwrap();
        script(&bin.join("sensible-editor"), "#!/bin/sh\nexec editor \"$@\"\n");
        std::os::unix::fs::symlink(&vim, bin.join("alternative")).unwrap();
        for name in ["editor", "vi"] {
            std::os::unix::fs::symlink("alternative", bin.join(name)).unwrap();
        }
        let mut command = desk.secrets(&["edit", "TOKEN"]);
        command.env("PATH", format!("{}:/usr/bin:/bin", bin.display())).env("TERM", "xterm");
        if let Some(name) = named {
            command.env("EDITOR", name);
        }
        let mut session = terminal(&command);
        shows(&mut session, &old.value[..20]);
        keys(&mut session, &format!("\"ayycc{}\u{1b}:wq\r", new.value));
        has(&closes(session, 0), &["Set TOKEN in secrets/dev.json"]);
        assert_eq!(desk.project.ok(&["get", "TOKEN"]), new.value, "{named:?}");
        desk.is_clean(&[&old, &new]);
        assert_eq!(std::fs::read_dir(desk.project.home().join("kept")).unwrap().count(), 0, "{named:?}");
    }
}

#[test]
fn vim_that_is_killed_or_gives_up_changes_nothing_and_leaves_nothing() {
    let Some(vim) = tools::vim() else { return };
    // `:cq` is how vim fails.
    for end in [":cq\r", ":!kill -KILL $PPID\r"] {
        let [old, new] = [(); 2].map(|()| Canary::new());
        let desk = desk(&old.value);
        let mut session = open(&desk, &["TOKEN"], &vim);
        shows(&mut session, &old.value[..20]);
        keys(&mut session, &format!("cc{}\u{1b}:w\r{end}", new.value));
        shows(&mut session, "the editor failed, so nothing was changed");
        shows(&mut session, "Open it again? [Y/n]");
        desk.is_clean(&[&old, &new]);
        session.send_line("n").unwrap();
        has(&closes(session, 2), &["what was edited is gone"]);
        assert_eq!(desk.project.ok(&["get", "TOKEN"]), old.value);
    }
}

#[test]
fn ctrl_c_is_the_editors() {
    let Some(vim) = tools::vim() else { return };
    let desk = desk("old");
    let mut session = open(&desk, &["TOKEN"], &vim);
    shows(&mut session, "old");
    keys(&mut session, "\u{3}");
    shows(&mut session, "and press <Enter> to exit Vim");
    keys(&mut session, "ccnew\u{1b}:wq\r");
    has(&closes(session, 0), &["Set TOKEN"]);
    assert_eq!(desk.project.ok(&["get", "TOKEN"]), "new");
}

#[test]
fn a_terminal_that_is_closed_ends_the_editor_and_leaves_nothing() {
    let Some(vim) = tools::vim() else { return };
    let [old, new] = [(); 2].map(|()| Canary::new());
    let desk = desk(&old.value);
    let mut session = open(&desk, &["TOKEN"], &vim);
    shows(&mut session, &old.value[..20]);
    keys(&mut session, &format!("cc{}\u{1b}:w\r", new.value));
    shows(&mut session, "written");
    // What goes with it is told to end, and waited for.
    drop(session);
    desk.is_clean(&[&old, &new]);
    assert_eq!(desk.project.ok(&["get", "TOKEN"]), old.value);
}

#[test]
fn nano_edits_an_environment_and_keeps_nothing() {
    let Some(nano) = tools::nano() else { return };
    let [old, new] = [(); 2].map(|()| Canary::new());
    let desk = desk(&old.value);
    let mut session = open(&desk, &[], &nano);
    shows(&mut session, &old.value[..20]);
    // To the end of the file: ^W^V, or Alt-/.
    keys(&mut session, &format!("\u{1b}/FRESH = '{}'\r", new.value));
    keys(&mut session, "\u{18}y\r");
    has(&closes(session, 0), &["Set FRESH in secrets/dev.json", "Declared FRESH"]);
    assert_eq!(desk.project.ok(&["get", "FRESH"]), new.value);
    assert_eq!(desk.project.ok(&["get", "TOKEN"]), old.value);
    desk.is_clean(&[&old, &new]);
    let left: Vec<_> = std::fs::read_dir(desk.project.home().join("kept")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_mistake_is_opened_again_at_its_line_with_nothing_lost() {
    let Some(vim) = tools::vim() else { return };
    let [old, new] = [(); 2].map(|()| Canary::new());
    let desk = desk(&old.value);
    let mut session = open(&desk, &[], &vim);
    shows(&mut session, &old.value[..20]);
    keys(&mut session, &format!("GoFRESH = {}\u{1b}:wq\r", new.value));
    shows(&mut session, "the text cannot be read, so nothing was changed");
    shows(&mut session, "line 5: ");
    shows(&mut session, "Open it again? [Y/n]");
    desk.is_clean(&[&old, &new]);
    session.send_line("").unwrap();
    shows(&mut session, &new.value[..20]);
    // On that line: the value gets its quotation marks.
    keys(&mut session, "0wwi'\u{1b}A'\u{1b}:wq\r");
    has(&closes(session, 0), &["Set FRESH"]);
    assert_eq!(desk.project.ok(&["get", "FRESH"]), new.value);
    desk.is_clean(&[&old, &new]);
}

#[test]
fn a_removal_is_asked_for_and_a_no_keeps_the_value() {
    let desk = desk("old");
    let editor = desk.project.home().join("editor");
    script(&editor, "#!/bin/sh\nsed -i '/^TOKEN/d' \"$1\"\n");
    let mut session = open(&desk, &[], &editor);
    shows(&mut session, "Remove TOKEN from dev? [y/N]");
    session.send_line("").unwrap();
    has(&closes(session, 0), &["what was removed in the editor is kept", "Unchanged"]);
    assert_eq!(desk.project.ok(&["get", "TOKEN"]), "old");
    let mut session = open(&desk, &[], &editor);
    shows(&mut session, "Remove TOKEN from dev? [y/N]");
    session.send_line("y").unwrap();
    has(&closes(session, 0), &["Removed TOKEN in secrets/dev.json"]);
}

#[test]
fn a_conflict_opened_again_is_decided_by_who_saves() {
    let desk = desk("old");
    let editor = desk.project.home().join("editor");
    let text = "#!/bin/sh\n[ -e \"$HOME/once\" ] && exit 0\ntouch \"$HOME/once\"\n\
                printf theirs | \"$P\" set TOKEN --quiet\nsed -i \"s/^TOKEN.*/TOKEN = 'mine'/\" \"$1\"\n";
    script(&editor, text);
    let mut session = open(&desk, &[], &editor);
    shows(&mut session, "meanwhile, by somebody else: TOKEN");
    shows(&mut session, "Open it again? [Y/n]");
    session.send_line("y").unwrap();
    // The second time it is saved as it is.
    shows(&mut session, "came back at once. Press Enter");
    session.send_line("").unwrap();
    has(&closes(session, 0), &["Set TOKEN"]);
    assert_eq!(desk.project.ok(&["get", "TOKEN"]), "mine");
}

/// VS Code without `--wait`: the command is back at once, the window is open.
#[test]
fn an_editor_that_comes_back_too_early_is_waited_for() {
    let [old, new] = [(); 2].map(|()| Canary::new());
    let desk = desk(&old.value);
    let editor = desk.project.home().join("code");
    let save = "sed -i \"s/^TOKEN.*/TOKEN = '$(cat \"$HOME/../new\")'/\" \"$1\"; touch \"$HOME/saved\"";
    script(&editor, &format!("#!/bin/sh\n(sleep 1; {save}) > /dev/null 2>&1 < /dev/null &\n"));
    let given = desk.project.root().parent().unwrap().join("new");
    std::fs::write(&given, &new.value).unwrap();
    let mut session = open(&desk, &[], &editor);
    shows(&mut session, "came back at once. Press Enter when the file is saved and closed: ");
    while !desk.project.home().join("saved").exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    session.send_line("").unwrap();
    has(&closes(session, 0), &["Set TOKEN in"]);
    assert_eq!(desk.project.ok(&["get", "TOKEN"]), new.value);
    desk.is_clean(&[&old, &new]);
    // Ctrl-C instead of Enter: nothing changed, nothing left.
    let mut session = open(&desk, &[], "true");
    shows(&mut session, "came back at once. Press Enter");
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
    let status = session.process().wait().unwrap();
    assert!(matches!(status, rexpect::process::WaitStatus::Signaled(_, signal, _) if signal as i32 == 2), "{status:?}");
    desk.is_clean(&[&old, &new]);
}
