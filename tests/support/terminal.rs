//! A terminal for the program to run in, and to type at.

use std::process::Command;

/// What may end a test that waits at a terminal for something that never comes, in milliseconds.
const PATIENCE: u64 = 60_000;

/// A terminal with `program` and its arguments in it. rexpect switches the echo off; a person's terminal has it on.
pub fn terminal(command: &Command) -> rexpect::session::PtySession {
    terminal_for("exec \"$@\"", command)
}

/// A terminal in which a shell does `line`, `"$@"` being the command.
pub fn terminal_for(line: &str, command: &Command) -> rexpect::session::PtySession {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("stty echo; {line}"), "sh"]).arg(command.get_program()).args(command.get_args());
    shell.current_dir(command.get_current_dir().unwrap()).env("NO_COLOR", "1");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None if name != "NO_COLOR" => shell.env_remove(name),
            None => &mut shell,
        };
    }
    rexpect::session::spawn_command(shell, Some(PATIENCE)).unwrap()
}

/// Waits for the program in a terminal to end with this exit code; gives back what it still printed.
#[track_caller]
pub fn closes(mut session: rexpect::session::PtySession, code: i32) -> String {
    let rest = session.exp_eof().unwrap();
    let status = session.process().wait().unwrap();
    assert!(matches!(status, rexpect::process::WaitStatus::Exited(_, found) if found == code), "{status:?}: {rest}");
    rest
}
