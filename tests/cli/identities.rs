//! Where a private key is looked for, in which order, which places exclude the others, and what is said when none serves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::fixture::{declare, ends, has, identity, project_for, ssh_key, tree};
use crate::support::Project;

fn private_line(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap().to_owned()
}

fn install(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Variables and flags that name an identity.
type Typed<'t> = (&'t [(&'t str, &'t str)], &'t [&'t str]);

/// `get TOKEN` with these variables.
fn get(project: &Project, variables: &[(&str, &str)], extra: &[&str]) -> Command {
    let mut command = project.secrets(&["get", "TOKEN", "-v"]);
    command.args(extra).envs(variables.iter().copied());
    command
}

#[test]
fn every_place_serves_and_the_first_in_the_order_is_used() {
    let keys = Project::bare();
    let keygen = |name: &str, kind: &[&str]| ssh_key(&keys, name, kind, "");
    let (Some(ed25519), Some(rsa)) = (keygen("ed", &["-t", "ed25519"]), keygen("rsa", &["-t", "rsa", "-b", "2048"]))
    else {
        return;
    };
    let project = project_for(&[&ed25519.1, &rsa.1], "x");
    let own = keys.write_private("own.txt", fs::read(project.identity()).unwrap());
    fs::remove_file(project.identity()).unwrap();
    let (line, path, command) = (private_line(&own), own.to_str().unwrap(), format!("cat '{}'", own.display()));
    let home = project.home();
    let variables = [
        ("SOPS_AGE_KEY", line.as_str()),
        ("SOPS_AGE_KEY_FILE", path),
        ("SOPS_AGE_KEY_CMD", command.as_str()),
        ("SOPS_AGE_SSH_PRIVATE_KEY_FILE", ed25519.0.to_str().unwrap()),
    ];
    let places = [
        (".config/cargo-secrets/identity.txt", &own),
        (".config/sops/age/keys.txt", &own),
        (".ssh/id_ed25519", &ed25519.0),
        (".ssh/id_rsa", &rsa.0),
    ];
    // Each alone.
    for variable in variables {
        let (stdout, stderr) = ends(get(&project, &[variable], &[]), 0);
        assert_eq!(stdout, "x");
        has(&stderr, &["decrypted with the identity in ", variable.0]);
    }
    for (place, key) in places {
        install(key, &home.join(place));
        has(&ends(get(&project, &[], &[]), 0).1, &[place]);
        fs::remove_file(home.join(place)).unwrap();
    }
    // All together: the first is used; it is taken away, and the next one is.
    for (place, key) in places {
        install(key, &home.join(place));
    }
    for first in 0..variables.len() {
        let (_, stderr) = ends(get(&project, &variables[first..], &[]), 0);
        has(&stderr, &["decrypted with the identity in ", variables[first].0]);
    }
    for (place, _) in places {
        has(&ends(get(&project, &[], &[]), 0).1, &[place]);
        fs::remove_file(home.join(place)).unwrap();
    }
    has(&ends(get(&project, &[], &[]), 3).1, &["there is no identity here", "cargo secrets recipients request"]);
}

#[test]
fn what_does_not_open_the_file_is_passed_over() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let (other, _) = identity(&project, "other.txt");
    let other_line = private_line(&other);
    let variables = [("SOPS_AGE_KEY", other_line.as_str()), ("SOPS_AGE_KEY_FILE", other.to_str().unwrap())];
    assert_eq!(ends(get(&project, &variables, &[]), 0).0, "x");
    let (stdout, stderr) = ends(get(&project, &[("SOPS_AGE_KEY_FILE", "/nowhere/keys.txt")], &[]), 0);
    assert_eq!(stdout, "x");
    has(&stderr, &["warning", "/nowhere/keys.txt", "does not exist"]);
}

#[test]
fn an_identity_that_is_named_on_purpose_excludes_all_others() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let (other, other_public) = identity(&project, "other.txt");
    let (right, wrong) = (project.identity(), other.as_path());
    let (right_line, wrong_line) = (private_line(&right), private_line(wrong));
    let (right, wrong) = (right.to_str().unwrap(), wrong.to_str().unwrap());
    let rest = [("SOPS_AGE_KEY", right_line.as_str()), ("SOPS_AGE_KEY_FILE", right)];
    let stages: [Typed<'_>; 3] = [
        (&[("CARGO_SECRETS_IDENTITY", &right_line), ("CARGO_SECRETS_IDENTITY_FILE", right)], &["--identity", wrong]),
        (&[("CARGO_SECRETS_IDENTITY", &wrong_line), ("CARGO_SECRETS_IDENTITY_FILE", right)], &[]),
        (&[("CARGO_SECRETS_IDENTITY_FILE", wrong)], &[]),
    ];
    for (variables, flags) in stages {
        let all: Vec<_> = variables.iter().chain(&rest).copied().collect();
        let (stdout, stderr) = ends(get(&project, &all, flags), 3);
        assert_eq!(stdout, "");
        has(&stderr, &["none of the identities found here can open it", "send this line", &other_public]);
        assert!(!stderr.contains("AGE-SECRET-KEY"), "{stderr}");
    }
    let wrongs: [Typed<'_>; 3] = [
        (&[("CARGO_SECRETS_IDENTITY", &wrong_line), ("CARGO_SECRETS_IDENTITY_FILE", wrong)], &["--identity", right]),
        (&[("CARGO_SECRETS_IDENTITY", &right_line), ("CARGO_SECRETS_IDENTITY_FILE", wrong)], &[]),
        (&[("CARGO_SECRETS_IDENTITY_FILE", right)], &[]),
    ];
    fs::rename(right, project.root().join("right.txt")).unwrap();
    let moved = project.root().join("right.txt");
    for (variables, flags) in wrongs {
        let to_moved = |text: &str| if text == right { moved.to_str().unwrap().to_owned() } else { text.to_owned() };
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, to_moved(value))).collect();
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let flags: Vec<_> = flags.iter().map(|flag| to_moved(flag)).collect();
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        assert_eq!(ends(get(&project, &variables, &flags), 0).0, "x");
    }
}

#[test]
fn an_identity_that_is_named_on_purpose_must_hold_one() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let empty = project.write_private("empty.txt", "# nothing\n");
    let empty = empty.to_str().unwrap();
    has(&ends(get(&project, &[], &["--identity", empty]), 3).1, &["there is no identity in", "empty.txt"]);
    has(&ends(get(&project, &[("CARGO_SECRETS_IDENTITY", "garbage")], &[]), 3).1, &["in CARGO_SECRETS_IDENTITY"]);
    let (_, stderr) = ends(get(&project, &[("CARGO_SECRETS_IDENTITY_FILE", "/nowhere")], &[]), 3);
    has(&stderr, &["/nowhere", "CARGO_SECRETS_IDENTITY_FILE"]);
    has(&ends(get(&project, &[("SOPS_AGE_KEY_CMD", "false")], &[]), 3).1, &["the command in SOPS_AGE_KEY_CMD failed"]);
    assert_eq!(ends(get(&project, &[("CARGO_SECRETS_IDENTITY", "")], &[]), 0).0, "x", "an empty variable is none");
}

#[test]
fn the_config_folder_may_be_elsewhere() {
    let project = Project::bare();
    let config = project.root().join("config");
    let run = |arguments: &[&str]| {
        let mut command = project.secrets(arguments);
        command.env("XDG_CONFIG_HOME", &config);
        ends(command, 0).0
    };
    run(&["init", "--quiet"]);
    assert!(config.join("cargo-secrets/identity.txt").exists() && tree(&project.home()).is_empty());
    run(&["set", "TOKEN", "x", "--insecure-argv"]);
    assert_eq!(run(&["get", "TOKEN"]), "x");
}

#[test]
fn a_line_that_cannot_be_read_does_not_spoil_the_others() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let good = fs::read_to_string(project.identity()).unwrap();
    let plugin = ["AGE-PLUGIN-", "YUBIKEY-1QQQQQQQQ"].concat();
    fs::write(project.identity(), format!("{plugin}\n{good}")).unwrap();
    let (stdout, stderr) = ends(project.secrets(&["get", "TOKEN"]), 0);
    assert_eq!(stdout, "x");
    has(
        &stderr,
        &["warning: line 1 of `", "identity.txt` is no identity this version can read; its other lines are used"],
    );
    assert!(!stderr.contains(&plugin), "{stderr}");
}

#[test]
fn an_identity_file_that_others_can_read_is_refused() {
    let project = Project::new();
    project.set("TOKEN", "x");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(project.identity(), fs::Permissions::from_mode(mode)).unwrap();
        let (_, stderr) = ends(project.secrets(&["get", "TOKEN"]), 3);
        let chmod = format!("chmod 600 '{}'", project.identity().display());
        has(&stderr, &["can be read by others", &format!("(mode {mode:04o})"), &chmod]);
        let mended = project.command("sh").args(["-c", &chmod]).status().unwrap();
        assert!(mended.success());
        assert_eq!(project.ok(&["get", "TOKEN"]), "x");
    }
    fs::set_permissions(project.identity(), fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(project.ok(&["get", "TOKEN"]), "x");
}

#[test]
fn a_new_identity_never_replaces_one() {
    let project = Project::bare();
    let public = project.ok(&["identity", "new"]);
    assert_eq!(public.trim(), project.recipient());
    let before = tree(&project.home());
    let stderr = project.fails(3, &["identity", "new"]);
    has(&stderr, &["exists already", "cargo secrets identity show"]);
    assert!(before == tree(&project.home()));
    let (path, other) = identity(&project, "deep/folder/spare.txt");
    assert_ne!(other, public.trim());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    project.fails(3, &["identity", "new", "--output", "deep/folder/spare.txt"]);
}

#[test]
fn identity_show_prints_public_halves_alone() {
    let project = Project::bare();
    has(&project.fails(2, &["identity", "show"]), &["there is no identity here", "cargo secrets identity new"]);
    project.ok(&["identity", "new", "-q"]);
    let key = ssh_key(&project, "id", &["-t", "ed25519"], "passphrase of the key");
    if let Some((path, _)) = &key {
        install(path, &project.home().join(".ssh/id_ed25519"));
    }
    let shown = project.ok(&["identity", "show"]);
    has(&shown, &["PUBLIC KEY", &project.recipient(), "cargo-secrets/identity.txt"]);
    if let Some((_, public)) = key {
        has(&shown, &[&public, ".ssh/id_ed25519"]);
    }
    assert!(!shown.contains("AGE-SECRET-KEY") && !shown.contains("PRIVATE"), "{shown}");
}

#[test]
fn who_is_no_recipient_learns_what_to_send_and_to_whom_it_is_encrypted() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let author = project.recipient();
    fs::remove_file(project.identity()).unwrap();
    let ours = project.ok(&["identity", "new", "-q"]);
    for command in [&["get", "TOKEN"][..], &["set", "TOKEN"], &["unset", "TOKEN"]] {
        let stderr = project.fails(3, command);
        has(&stderr, &["none of the identities found here can open it", "send this line to someone who can read it"]);
        has(&stderr, &["\n    cargo secrets recipients add ", &format!(" {} -e dev\n", ours.trim())]);
        has(&stderr, &[&format!("it is encrypted for: {author}")]);
    }
}

#[test]
fn recipients_that_differ_are_named_and_nothing_is_written() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let (_, bob) = identity(&project, "bob.txt");
    let text = project.read("Cargo.toml").replace("recipients = [\"alice\"]", "recipients = [\"alice\", \"bob\"]");
    project.write("Cargo.toml", text);
    declare(&project, "");
    let text = project.read("Cargo.toml").replace("alice = ", &format!("bob = \"{bob}\"\nalice = "));
    project.write("Cargo.toml", text);
    let before = tree(&project.root());
    for command in [&["set", "TOKEN"][..], &["set", "NEW"], &["unset", "TOKEN"]] {
        has(&project.fails(3, command), &["are not those of Cargo.toml", &format!("only in Cargo.toml: {bob}")]);
    }
    assert!(before == tree(&project.root()));
    assert_eq!(project.delivered("TOKEN"), "x");
}
