//! What several modules use: other ways to start the program, folders compared byte for byte, values made up at run time.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::{Project, shown};

/// What may end a pty test that waits for something that never comes, in milliseconds.
const PATIENCE: u64 = 60_000;

/// Every entry below `folder` with its permissions and content; a link's content is where it points.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut entries = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_symlink() {
                fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
            } else if metadata.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            entries.insert(path.strip_prefix(folder).unwrap().to_owned(), (metadata.permissions().mode(), content));
        }
    }
    entries
}

/// A value that is nowhere else: 64 random hexadecimal digits.
pub(crate) fn canary() -> String {
    let mut bytes = [0; 32];
    fs::File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
    hex(&bytes)
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Runs a command; expects this exit code; gives back stdout and stderr.
#[track_caller]
pub(crate) fn ends(mut command: Command, code: i32) -> (String, String) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{command:?}: {}", shown(&output));
    texts(&output)
}

/// stdout and stderr as text.
pub(crate) fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// Expects each of `parts` in `text`.
#[track_caller]
pub(crate) fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

/// A script. Another process writes it: a descriptor of ours could be held by a child that another test is just
/// starting, and a file that is open for writing cannot be executed.
pub(crate) fn script(path: &Path, text: &str) {
    let mut command = Command::new("sh");
    command.args(["-c", "cat > \"$1\" && chmod 700 \"$1\"", "sh"]).arg(path).stdin(Stdio::piped());
    let output = crate::support::feed(command, text.as_bytes());
    assert!(output.status.success(), "{}", shown(&output));
}

/// Adds tables and keys to the project's Cargo.toml, into tables that are there already.
pub(crate) fn declare(project: &Project, lines: &str) {
    change_manifest(project, |manifest| {
        let added: toml_edit::DocumentMut = lines.parse().unwrap();
        merge(manifest, added.as_table());
    });
}

/// Takes the declaration of a variable away.
pub(crate) fn undeclare(project: &Project, name: &str) {
    change_manifest(project, |manifest| {
        let parent = if manifest.contains_key("workspace") { "workspace" } else { "package" };
        let secrets = &mut manifest[parent]["metadata"]["secrets"];
        assert!(secrets["variables"].as_table_like_mut().unwrap().remove(name).is_some(), "{name} is not declared");
    });
}

fn change_manifest(project: &Project, change: impl FnOnce(&mut toml_edit::Table)) {
    let mut document: toml_edit::DocumentMut = project.read("Cargo.toml").parse().unwrap();
    change(document.as_table_mut());
    project.write("Cargo.toml", document.to_string());
}

fn merge(into: &mut dyn toml_edit::TableLike, from: &dyn toml_edit::TableLike) {
    for (key, item) in from.iter() {
        match (into.get_mut(key).and_then(toml_edit::Item::as_table_like_mut), item.as_table_like()) {
            (Some(into), Some(from)) => merge(into, from),
            _ => drop(into.insert(key, item.clone())),
        }
    }
}

/// A new identity file in the project's folder and its public key.
pub(crate) fn identity(project: &Project, name: &str) -> (PathBuf, String) {
    let public = project.ok(&["identity", "new", "--quiet", "--output", name]);
    (project.root().join(name), public.trim().to_owned())
}

/// A new SSH key; `None` without `ssh-keygen`.
pub(crate) fn ssh_key(project: &Project, name: &str, kind: &[&str], passphrase: &str) -> Option<(PathBuf, String)> {
    let path = project.root().join(name);
    let mut command = project.command("ssh-keygen");
    command.args(kind).args(["-q", "-C", "", "-N", passphrase, "-f"]).arg(&path);
    let Ok(output) = command.output() else {
        eprintln!("skipped: `ssh-keygen` is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", shown(&output));
    let public = fs::read_to_string(path.with_extension("pub")).unwrap();
    Some((path, public.trim().to_owned()))
}

/// A project whose `dev` is for `recipients` instead of the user, and holds TOKEN.
pub(crate) fn project_for(recipients: &[&str], token: &str) -> Project {
    let project = Project::new();
    let own = project.recipient();
    let keys: Vec<_> = recipients.iter().enumerate().map(|(at, key)| format!("r{at} = \"{key}\"")).collect();
    let names: Vec<_> = (0..recipients.len()).map(|at| format!("\"r{at}\"")).collect();
    let text = project.read("Cargo.toml");
    let text = text.replace(&format!("alice = \"{own}\""), &format!("alice = \"{own}\"\n{}", keys.join("\n")));
    // The file is made for the user too, so that the value can be set; then only for the others.
    let both = text.replace("recipients = [\"alice\"]", &format!("recipients = [\"alice\", {}]", names.join(", ")));
    assert_ne!(both, text);
    fs::remove_file(project.root().join("secrets/dev.json")).unwrap();
    project.write("Cargo.toml", both);
    project.set("TOKEN", token);
    project
}

/// A terminal with `program` and its arguments in it. rexpect switches the echo off; a person's terminal has it on.
pub(crate) fn terminal(command: &Command) -> rexpect::session::PtySession {
    terminal_for("exec \"$@\"", command)
}

/// A terminal in which a shell does `line`, `"$@"` being the command.
pub(crate) fn terminal_for(line: &str, command: &Command) -> rexpect::session::PtySession {
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
pub(crate) fn closes(mut session: rexpect::session::PtySession, code: i32) -> String {
    let rest = session.exp_eof().unwrap();
    let status = session.process().wait().unwrap();
    assert!(matches!(status, rexpect::process::WaitStatus::Exited(_, found) if found == code), "{status:?}: {rest}");
    rest
}
