//! The way of the README: from a bare project to a program that runs with its value, and `init` in every place it may
//! find itself in.

use std::os::unix::fs::PermissionsExt as _;

use crate::fixture::{ends, has, identity, tree};
use crate::support::{Project, feed, shown};

#[test]
fn a_newcomer_reaches_a_running_program() {
    let project = Project::bare();
    let (stdout, stderr) = ends(project.secrets(&["init"]), 0);
    assert_eq!(stdout, "", "what a person is told goes to stderr");
    let expected = snapbox::str![[r"
     Created your identity [..]/home/.config/cargo-secrets/identity.txt (keep a copy of it safe)
    Declared environment dev in [..]/app/Cargo.toml
     Created secrets/dev.json, encrypted for 1 recipient(s)
     Updated .gitignore: plaintext dotenv files stay out of the repository
note: a lost identity locks you out. Make a second one [..]
       Ready now: printf 's3cret' | cargo secrets set TOKEN

"]];
    snapbox::assert_data_eq!(stderr, expected);

    let output = feed(project.secrets(&["set", "TOKEN"]), b"s3cret");
    assert!(output.status.success(), "{}", shown(&output));
    let expected = snapbox::str![[r"
         Set TOKEN in secrets/dev.json (dev)
    Declared TOKEN as a secret in Cargo.toml

"]];
    snapbox::assert_data_eq!(String::from_utf8(output.stderr).unwrap(), expected);

    project.ok(&["run", "--", "sh", "-c", "test \"$TOKEN\" = s3cret"]);
    let expected = snapbox::str![[r"
NAME   KIND    FROM              REQUIRED  SET  PACKAGES
TOKEN  secret  secrets/dev.json  no        yes

"]];
    snapbox::assert_data_eq!(project.ok(&["list"]), expected);
    let (stdout, stderr) = ends(project.secrets(&["check"]), 0);
    assert_eq!((stdout.as_str(), stderr.trim()), ("", "Checked dev: 0 finding(s)"));
    assert_eq!(project.ok(&["get", "TOKEN"]), "s3cret");

    assert!(project.command("git").arg("init").arg("--quiet").status().unwrap().success());
    let doctor = project.ok(&["doctor"]);
    has(&doctor, &[&project.recipient(), "environment dev: 1 name(s), decrypted", "git ignores `.env`"]);
}

#[test]
fn what_init_makes_is_private_or_can_be_committed() {
    let project = Project::new();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&project.identity()), 0o600);
    assert_eq!(mode(project.identity().parent().unwrap()), 0o700);
    assert!(!project.read("secrets/dev.json").contains("AGE-SECRET-KEY"));
    assert!(project.read("Cargo.toml").contains(&project.recipient()));
    let locks = tree(&project.root()).into_keys().filter(|path| path.extension().is_some_and(|end| end == "lock"));
    assert_eq!(locks.count(), 0, "no lock file stays");
}

#[test]
fn a_second_init_changes_no_byte() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let before = (tree(&project.root()), tree(&project.home()));
    project.ok(&["init"]);
    project.ok(&["init", "-e", "dev"]);
    assert!(before == (tree(&project.root()), tree(&project.home())));
}

#[test]
fn init_adds_another_environment_and_keeps_comments() {
    let project = Project::new();
    let text = project.read("Cargo.toml").replace("default-environment", "# chosen with care\ndefault-environment");
    project.write("Cargo.toml", text);
    let (_, stderr) = ends(project.secrets(&["init", "-e", "staging"]), 0);
    has(&stderr, &["Declared environment staging", "Created secrets/staging.json"]);
    has(&project.read("Cargo.toml"), &["# chosen with care\ndefault-environment = \"dev\"", "environments.staging]"]);
    let output = feed(project.secrets(&["set", "TOKEN", "-e", "staging"]), b"other");
    assert!(output.status.success(), "{}", shown(&output));
    assert_eq!(project.ok(&["get", "TOKEN", "-e", "staging"]), "other");
    let error = project.fails(2, &["get", "TOKEN"]);
    has(&error, &["`TOKEN` has no value in environment `dev`", "cargo secrets set TOKEN -e dev"]);
}

#[test]
fn the_first_environment_may_have_another_name() {
    let project = Project::bare();
    project.ok(&["init", "--quiet", "-e", "staging"]);
    has(&project.read("Cargo.toml"), &["default-environment = \"staging\"", "secrets/staging.json"]);
    project.set("TOKEN", "x");
    assert_eq!(project.delivered("TOKEN"), "x");
}

#[test]
fn a_recovery_key_opens_what_init_made() {
    let project = Project::bare();
    let (spare, public) = identity(&project, "recovery.txt");
    let (_, stderr) = ends(project.secrets(&["init", "--recovery", &public]), 0);
    has(&stderr, &["encrypted for 2 recipient(s)"]);
    assert!(!stderr.contains("a lost identity"), "{stderr}");
    project.set("TOKEN", "x");
    std::fs::remove_file(project.identity()).unwrap();
    assert_eq!(project.ok(&["get", "TOKEN", "--identity", spare.to_str().unwrap()]), "x");
}

#[test]
fn a_recovery_key_is_never_passed_over() {
    let project = Project::new();
    let (_, public) = identity(&project, "recovery.txt");
    let output = project.secrets(&["init", "-e", "staging", "--recovery", &public]).output().unwrap();
    assert!(!output.status.success() || project.read("Cargo.toml").contains(&public), "{}", shown(&output));
    let before = project.read("Cargo.toml");
    let output = project.secrets(&["init", "--recovery", &public]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).contains("recovery");
    assert!(said || project.read("Cargo.toml") != before, "{}", shown(&output));
}

#[test]
fn a_recovery_key_that_is_none_is_refused_before_anything_is_made() {
    let project = Project::bare();
    let before = (tree(&project.root()), tree(&project.home()));
    for wrong in ["age1nothing", "AGE-PLUGIN-X-1", "", "ssh-ed25519"] {
        let error = project.fails(2, &["init", "--recovery", wrong]);
        has(&error, &["is no age or SSH public key"]);
    }
    assert!(before == (tree(&project.root()), tree(&project.home())));
}

#[test]
fn a_private_key_given_for_recovery_is_not_repeated() {
    let project = Project::bare();
    let (path, _) = identity(&project, "recovery.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let private = text.lines().find(|line| line.starts_with("AGE-")).unwrap();
    let error = project.fails(2, &["init", "--recovery", private]);
    assert!(!error.contains(&private[20..40]), "{error}");
}

#[test]
fn init_in_a_member_writes_the_workspace_table() {
    let project = Project::bare();
    project.write("Cargo.toml", "[workspace]\nmembers = [\"api\"]\nresolver = \"3\"\n");
    project.write("api/Cargo.toml", "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    project.write("api/src/lib.rs", "");
    let member = project.read("api/Cargo.toml");
    let mut init = project.secrets(&["init", "--quiet"]);
    init.current_dir(project.root().join("api"));
    ends(init, 0);
    assert_eq!(project.read("api/Cargo.toml"), member);
    has(&project.read("Cargo.toml"), &["[workspace.metadata.secrets]\n", "members = [\"api\"]\nresolver = \"3\"\n"]);
    assert!(project.root().join("secrets/dev.json").exists() && !project.root().join("api/secrets").exists());
    project.set("TOKEN", "x");
    let mut run = project.secrets(&["run", "--", "sh", "-c", "echo $TOKEN $(basename $PWD)"]);
    run.current_dir(project.root().join("api"));
    assert_eq!(ends(run, 0).0, "x api\n", "the working folder stays");
}

#[test]
fn a_table_with_recipients_gets_its_environment() {
    let project = Project::bare();
    let (_, bob) = identity(&project, "bob.txt");
    let head = project.read("Cargo.toml");
    let table = format!("{head}[workspace.metadata.secrets.recipients]\nbob = \"{bob}\" # joined in May\n");
    project.write("Cargo.toml", table);
    project.ok(&["init", "--quiet"]);
    let text = project.read("Cargo.toml");
    has(&text, &["# joined in May", "alice = \"age1", "recipients = [\"alice\"]"]);
    project.set("TOKEN", "x");
    assert_eq!(project.delivered("TOKEN"), "x");
}

#[test]
fn a_namesake_among_the_recipients_is_not_taken_for_us() {
    let project = Project::bare();
    let (_, other) = identity(&project, "other.txt");
    let head = project.read("Cargo.toml");
    project.write("Cargo.toml", format!("{head}[workspace.metadata.secrets.recipients]\nalice = \"{other}\"\n"));
    let output = project.secrets(&["init", "--quiet"]).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    has(&project.read("Cargo.toml"), &[&format!("alice = \"{other}\""), &project.recipient()]);
    project.set("TOKEN", "x");
    assert_eq!(project.delivered("TOKEN"), "x");
}

#[test]
fn the_gitignore_keeps_its_content_and_gets_each_line_once() {
    let project = Project::bare();
    project.write(".gitignore", "/target\n.env\n# mine");
    project.ok(&["init", "--quiet"]);
    let text = project.read(".gitignore");
    assert!(text.starts_with("/target\n.env\n# mine\n"), "{text}");
    for line in [".env", ".env.*", "!.env.example"] {
        assert_eq!(text.lines().filter(|known| *known == line).count(), 1, "{line}: {text}");
    }
    project.ok(&["init", "--quiet"]);
    assert_eq!(project.read(".gitignore"), text);
}

#[test]
fn outside_of_a_project_the_way_in_is_named() {
    let project = Project::bare();
    for arguments in [&["init"][..], &["list"], &["set", "TOKEN"], &["check"]] {
        let mut command = project.secrets(arguments);
        command.current_dir(project.home());
        let (_, stderr) = ends(command, 2);
        has(&stderr, &["there is no `Cargo.toml` in", "cargo new"]);
    }
    has(&project.fails(2, &["list"]), &["no `[workspace.metadata.secrets]`", "cargo secrets init"]);
}

#[test]
fn init_lays_the_new_file_out_as_asked() {
    for (flavour, file) in [("yaml", "secrets/dev.yaml"), ("dotenv", "secrets/dev.env"), ("json", "secrets/dev.json")] {
        let project = Project::bare();
        project.ok(&["init", "--quiet", "--flavour", flavour]);
        assert!(project.read("Cargo.toml").contains(&format!("sources = [\"{file}\"]")));
        project.set("TOKEN", "two\nlines");
        assert!(project.read(file).contains("TOKEN"));
        assert_eq!(project.delivered("TOKEN"), "two\nlines");
        project.ok(&["init", "--quiet", "-e", "prod"]);
        assert!(project.read("Cargo.toml").contains("secrets/prod.json"));
    }
    let project = Project::bare();
    assert!(project.fails(2, &["init", "--flavour", "ini"]).contains("possible values: json, yaml, dotenv"));
    assert!(project.fails(2, &["init", "--flavour", "yaml", "--runner"]).contains("cannot be used with"));
}
