//! What is typed at a terminal: passphrases and hidden values. **A prompt goes to the terminal, never to stdout, and what
//! is typed is not echoed.**

use std::fs;
use std::process::Command;

use rexpect::session::PtySession;
use rustix::termios::{LocalModes, tcgetattr};

use crate::fixture::{closes, ends, has, project_for, script, ssh_key, terminal, terminal_for};
use crate::support::{Project, tools};

/// Waits for a prompt, then until the terminal hides what is typed, then types.
#[track_caller]
fn answer(session: &mut PtySession, prompt: &str, typed: &str) -> String {
    let before = session.exp_string(prompt).unwrap();
    let terminal = session.process().get_file_handle().unwrap();
    while tcgetattr(&terminal).unwrap().local_modes.contains(LocalModes::ECHO) {
        assert!(
            session.process().status().is_none_or(|status| matches!(status, rexpect::process::WaitStatus::StillAlive))
        );
        std::thread::yield_now();
    }
    session.send_line(typed).unwrap();
    before
}

/// A project for an SSH key behind a passphrase, which is the only identity that is found; the one that made it is `own.txt`.
fn locked_ssh(passphrase: &str) -> Option<Project> {
    let keys = Project::bare();
    let (path, public) = ssh_key(&keys, "id", &["-t", "ed25519", "-a", "1"], passphrase)?;
    let project = project_for(&[&public], "the value");
    fs::rename(project.identity(), project.root().join("own.txt")).unwrap();
    fs::create_dir_all(project.home().join(".ssh")).unwrap();
    // `copy` keeps the permissions, 0600.
    fs::copy(path, project.home().join(".ssh/id_ed25519")).unwrap();
    Some(project)
}

#[test]
fn the_passphrase_of_an_ssh_key_is_asked_for_at_the_terminal_alone() {
    let Some(project) = locked_ssh("open sesame") else { return };
    let out = project.root().join("out");
    let line = format!("exec \"$@\" > '{}'", out.display());
    let mut session = terminal_for(&line, &project.secrets(&["get", "TOKEN"]));
    let before = answer(&mut session, "Passphrase for `", "open sesame");
    let rest = closes(session, 0);
    has(&rest, &[".ssh/id_ed25519`: "]);
    assert!(!format!("{before}{rest}").contains("sesame"), "{rest}");
    assert_eq!(fs::read_to_string(out).unwrap(), "the value");
}

#[test]
fn the_prompt_reaches_the_terminal_when_every_stream_is_redirected() {
    let Some(project) = locked_ssh("open sesame") else { return };
    let out = project.root().join("out");
    let line = format!("exec \"$@\" < /dev/null > '{}' 2>&1", out.display());
    let mut session = terminal_for(&line, &project.secrets(&["run", "--", "printenv", "TOKEN"]));
    answer(&mut session, "Passphrase for", "open sesame");
    closes(session, 0);
    assert_eq!(fs::read_to_string(out).unwrap(), "the value\n");
}

#[test]
fn a_wrong_passphrase_may_be_given_three_times() {
    let Some(project) = locked_ssh("open sesame") else { return };
    let mut session = terminal(&project.secrets(&["run", "--", "touch", "started"]));
    for wrong in ["one", "two", ""] {
        answer(&mut session, "Passphrase for", wrong);
    }
    let rest = closes(session, 125);
    has(&rest, &["wrong passphrase for `"]);
    assert!(!rest.contains("Passphrase for"), "{rest}");
    assert!(!project.root().join("started").exists());
    let mut session = terminal(&project.secrets(&["run", "--", "printenv", "TOKEN"]));
    answer(&mut session, "Passphrase for", "wrong");
    answer(&mut session, "Passphrase for", "open sesame");
    has(&closes(session, 0), &["the value"]);
}

#[test]
fn one_passphrase_opens_several_files() {
    let Some(project) = locked_ssh("open sesame") else { return };
    let text = project.read("Cargo.toml");
    project.write("Cargo.toml", text.replace("secrets/dev.json\"]", "secrets/dev.json\", \"secrets/more.json\"]"));
    let own = project.root().join("own.txt");
    project.ok(&["set", "MORE", "more", "--insecure-argv", "--identity", own.to_str().unwrap()]);
    assert!(project.read("secrets/more.json").contains("MORE"));
    let line = "echo \"$TOKEN/$MORE\"";
    let mut session = terminal(&project.secrets(&["run", "--", "sh", "-c", line]));
    answer(&mut session, "Passphrase for", "open sesame");
    let rest = closes(session, 0);
    has(&rest, &["the value/more"]);
    assert!(!rest.contains("Passphrase"), "{rest}");
}

/// The command without a controlling terminal.
fn without_terminal(command: &Command) -> Command {
    let mut detached = Command::new("setsid");
    detached.arg("--wait").arg(command.get_program()).args(command.get_args());
    detached.current_dir(command.get_current_dir().unwrap()).stdin(std::process::Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => detached.env(name, value),
            None => detached.env_remove(name),
        };
    }
    detached
}

#[test]
fn without_a_terminal_the_error_names_the_variable_to_set() {
    let Some(project) = locked_ssh("open sesame") else { return };
    for (code, arguments) in [(125, &["run", "--", "touch", "started"][..]), (3, &["get", "TOKEN"])] {
        let (_, stderr) = ends(without_terminal(&project.secrets(arguments)), code);
        has(&stderr, &["id_ed25519` needs a passphrase", "CARGO_SECRETS_IDENTITY_FILE", "CARGO_SECRETS_IDENTITY "]);
    }
    assert!(!project.root().join("started").exists());
}

#[test]
fn a_key_that_no_stanza_is_for_is_not_asked_for() {
    let Some(project) = locked_ssh("open sesame") else { return };
    let Some((other, _)) = ssh_key(&project, "other", &["-t", "ed25519", "-a", "1"], "another") else { return };
    fs::copy(other, project.home().join(".ssh/id_ed25519")).unwrap();
    let (_, stderr) = ends(without_terminal(&project.secrets(&["get", "TOKEN"])), 3);
    has(&stderr, &["none of the identities found here can open it", "send this line", "ssh-ed25519 "]);
    assert!(!stderr.contains("passphrase"), "{stderr}");
}

#[test]
fn an_identity_file_of_age_behind_a_passphrase_serves() {
    let Some(age) = tools::age() else { return };
    let project = Project::new();
    project.set("TOKEN", "the value");
    let locked = project.root().join("locked.age");
    let mut encrypt = project.command(age);
    encrypt.args(["-p", "-a", "-o"]).arg(&locked).arg(project.identity());
    let mut session = terminal(&encrypt);
    answer(&mut session, "Enter passphrase", "open sesame");
    answer(&mut session, "Confirm passphrase", "open sesame");
    closes(session, 0);
    fs::remove_file(project.identity()).unwrap();
    script(&project.root().join("chmod"), &format!("#!/bin/sh\nchmod 600 '{}'\n", locked.display()));
    assert!(project.command("./chmod").status().unwrap().success());

    let mut command = project.secrets(&["run", "--", "printenv", "TOKEN"]);
    command.env("CARGO_SECRETS_IDENTITY_FILE", &locked);
    let (_, stderr) = ends(without_terminal(&command), 125);
    has(&stderr, &["locked.age", "needs a passphrase", "CARGO_SECRETS_IDENTITY_FILE"]);
    let mut session = terminal(&command);
    answer(&mut session, "Passphrase for", "wrong");
    answer(&mut session, "Passphrase for", "open sesame");
    has(&closes(session, 0), &["the value"]);
}

#[test]
fn a_typed_value_is_hidden_and_asked_for_twice() {
    let project = Project::new();
    let mut session = terminal(&project.secrets(&["set", "TOKEN"]));
    let first = answer(&mut session, "Value for TOKEN (not shown): ", "typed by hand");
    let second = answer(&mut session, "Once more: ", "typed by hand");
    let rest = closes(session, 0);
    has(&rest, &["Set TOKEN in secrets/dev.json"]);
    assert!(!format!("{first}{second}{rest}").contains("typed"), "{first}{second}{rest}");
    assert_eq!(project.ok(&["get", "TOKEN"]), "typed by hand");

    let mut session = terminal(&project.secrets(&["set", "TOKEN"]));
    answer(&mut session, "Value for TOKEN", "new");
    answer(&mut session, "Once more: ", "mew");
    has(&closes(session, 2), &["the two entries differ"]);
    assert_eq!(project.ok(&["get", "TOKEN"]), "typed by hand");
}

#[test]
fn keys_that_are_no_letters_are_no_part_of_a_typed_value() {
    let project = Project::new();
    let mut session = terminal(&project.secrets(&["set", "TOKEN"]));
    answer(&mut session, "Value for TOKEN (not shown): ", "ab\u{1a}c\u{1b}[Dd");
    answer(&mut session, "Once more: ", "ab\u{1c}cd");
    closes(session, 0);
    assert_eq!(project.ok(&["get", "TOKEN"]), "abcd");
}

#[test]
fn a_value_on_a_terminal_is_masked_until_it_is_to_be_shown() {
    let project = Project::new();
    project.set("TOKEN", "the value");
    let masked = closes(terminal(&project.secrets(&["get", "TOKEN"])), 0);
    has(&masked, &["********", "--reveal"]);
    assert!(!masked.contains("the value"), "{masked}");
    assert_eq!(closes(terminal(&project.secrets(&["get", "TOKEN", "--reveal"])), 0), "the value\r\n");
    let out = project.root().join("out");
    closes(terminal_for(&format!("exec \"$@\" > '{}'", out.display()), &project.secrets(&["get", "TOKEN"])), 0);
    assert_eq!(fs::read_to_string(out).unwrap(), "the value");
}

#[test]
fn ctrl_c_at_a_prompt_ends_by_the_signal_and_gives_the_terminal_back() {
    let project = Project::new();
    let line = "\"$@\"; echo \"ended $?\"; case \"$(stty -a)\" in *' -echo '*) echo hidden;; *) echo shown;; esac";
    let mut session = terminal_for(line, &project.secrets(&["set", "TOKEN"]));
    answer(&mut session, "not shown): ", "half a value\u{3}");
    session.exp_string("ended 130").unwrap();
    session.exp_string("shown").unwrap();
    closes(session, 0);
}
