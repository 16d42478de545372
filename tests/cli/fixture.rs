//! What several modules use: other ways to start the program, folders compared byte for byte, values made up at run time.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(crate) use crate::support::canary::{Canary, canary, hex};
pub(crate) use crate::support::terminal::{closes, terminal, terminal_for};
use crate::support::{Project, shown};

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
