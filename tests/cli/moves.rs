//! Names and values that move: `rename` and `copy`.

use crate::fixture::{ends, has, terminal};
use crate::support::{Project, feed};

fn set(project: &Project, environment: &str, name: &str, value: &str) {
    let output = feed(project.secrets(&["set", name, "-e", environment, "--exact"]), value.as_bytes());
    assert!(output.status.success(), "{output:?}");
}

fn project() -> Project {
    let project = Project::new();
    project.ok(&["init"]);
    project.ok(&["env", "add", "qa", "--file", "secrets/qa.yaml"]);
    for name in ["FIRST", "DB_PASS", "LAST"] {
        set(&project, "dev", name, &format!("dev {name}"));
    }
    set(&project, "qa", "DB_PASS", "qa: 'x'\nsecond line");
    project
}

#[test]
fn a_name_is_renamed_everywhere_and_keeps_its_place() {
    let project = project();
    let manifest = project.read("Cargo.toml");
    project.write("Cargo.toml", manifest.clone() + "URL = { value = \"db://${DB_PASS:url}@${FIRST}\" } # composed\n");
    let said = ends(project.secrets(&["rename", "DB_PASS", "DB_PASSWORD"]), 0).1;
    has(&said, &["in secrets/dev.json", "in secrets/qa.yaml", "in Cargo.toml", "git grep -w DB_PASS"]);
    assert_eq!(project.ok(&["get", "DB_PASSWORD"]), "dev DB_PASS");
    assert_eq!(project.ok(&["get", "DB_PASSWORD", "-e", "qa"]), "qa: 'x'\nsecond line");
    assert_eq!(project.ok(&["get", "URL"]), "db://dev%20DB_PASS@dev FIRST");
    has(&project.fails(2, &["get", "DB_PASS"]), &["no value"]);
    let renamed = project.read("Cargo.toml");
    assert_eq!(renamed.lines().count(), manifest.lines().count() + 1);
    let line = |text: &str, name: &str| text.lines().position(|line| line.starts_with(name)).unwrap();
    assert_eq!(line(&renamed, "DB_PASSWORD ="), line(&manifest, "DB_PASS ="));
    let file = project.read("secrets/dev.json");
    let at = |name: &str| file.find(&format!("\"{name}\"")).unwrap();
    assert!(at("FIRST") < at("DB_PASSWORD") && at("DB_PASSWORD") < at("LAST"));
    let unknown = project.fails(2, &["rename", "DB_PASS", "OTHER"]);
    has(&unknown, &["`DB_PASS` is neither declared nor in any file", "help"]);
    let unknown = project.fails(2, &["rename", "NOTHING_LIKE_IT", "OTHER"]);
    assert!(unknown.contains("cargo secrets list") && !unknown.contains("environment"), "{unknown}");
}

#[test]
fn what_was_cut_short_is_finished_by_the_same_command() {
    let project = project();
    let (manifest, file) = (project.read("Cargo.toml"), project.read("secrets/qa.yaml"));
    project.ok(&["rename", "DB_PASS", "PASSWORD"]);
    // As if it had been killed before the second file.
    project.write("Cargo.toml", &manifest);
    project.write("secrets/qa.yaml", file);
    project.ok(&["rename", "DB_PASS", "PASSWORD"]);
    assert_eq!(project.ok(&["get", "PASSWORD", "-e", "qa"]), "qa: 'x'\nsecond line");
    project.write("Cargo.toml", manifest);
    project.ok(&["rename", "DB_PASS", "PASSWORD"]);
    assert!(!project.read("Cargo.toml").contains("DB_PASS"));
}

#[test]
fn in_one_environment_the_old_name_stays_for_the_others() {
    let project = project();
    let said = ends(project.secrets(&["rename", "DB_PASS", "PASSWORD", "-e", "qa"]), 0).1;
    has(&said, &["Declared PASSWORD", "beside DB_PASS"]);
    assert_eq!(project.ok(&["get", "DB_PASS"]), "dev DB_PASS");
    project.ok(&["get", "PASSWORD", "-e", "qa"]);
    has(&project.fails(2, &["rename", "DB_PASS", "X", "-e", "qa"]), &["no value in environment `qa`"]);
    has(&project.fails(2, &["rename", "DB_PASS", "X", "-e", "aq"]), &["unknown environment `aq`"]);
}

#[test]
fn a_name_that_is_taken_or_forbidden_is_refused_before_anything_changes() {
    let project = project();
    let files = ["Cargo.toml", "secrets/dev.json", "secrets/qa.yaml"];
    let before = files.map(|file| project.read(file));
    has(&project.fails(2, &["rename", "DB_PASS", "LAST"]), &["`LAST` is there already"]);
    has(&project.fails(2, &["rename", "DB_PASS", "DB_PASS"]), &["is the same name twice"]);
    let manifest = project.read("Cargo.toml");
    project.write("Cargo.toml", manifest + "ONLY_DECLARED = {}\n");
    let refused = project.fails(2, &["rename", "DB_PASS", "ONLY_DECLARED"]);
    assert!(refused.contains("take `ONLY_DECLARED` out of `variables`") && !refused.contains("unset"), "{refused}");
    project.write("Cargo.toml", &before[0]);
    has(&project.fails(2, &["rename", "DB_PASSS", "OTHER"]), &["did you mean `DB_PASS`?"]);
    has(&project.fails(2, &["rename", "DB_PASS", "PATH"]), &["PATH"]);
    has(&project.fails(2, &["rename", "DB_PASS", "a b"]), &["a b"]);
    has(&project.fails(2, &["rename", "DB_PASS", "sops"]), &["its own metadata"]);
    // A stranger's environment: nothing changes in the readable one either.
    let alone = tempfile::tempdir().unwrap();
    let mut stranger = project.secrets(&["rename", "DB_PASS", "X"]);
    stranger.env("HOME", alone.path()).env("XDG_CONFIG_HOME", alone.path());
    ends(stranger, 3);
    assert_eq!(files.map(|file| project.read(file)), before);
}

#[test]
fn values_are_copied_after_asking() {
    let project = project();
    let before = project.read("secrets/qa.yaml");
    let copy = ["copy", "--from", "dev", "--to", "qa", "FIRST", "LAST"];
    has(&project.fails(2, &copy), &["no terminal", "--yes"]);
    let mut asked = terminal(&project.secrets(&copy));
    asked.exp_string("the same secrets as dev: FIRST, LAST?").unwrap();
    asked.send_line("").unwrap();
    asked.exp_string("nothing was done").unwrap();
    assert_eq!(project.read("secrets/qa.yaml"), before);
    let mut asked = terminal(&project.secrets(&copy));
    asked.exp_string("[y/N]").unwrap();
    asked.send_line("yes").unwrap();
    asked.exp_string("Copied").unwrap();
    asked.exp_eof().unwrap();
    assert_eq!(project.ok(&["get", "LAST", "-e", "qa"]), "dev LAST");
    has(
        &project.fails(2, &["copy", "--from", "dev", "--to", "qa", "--yes"]),
        &["has values already", "DB_PASS", "--overwrite"],
    );
    project.ok(&["copy", "--from", "dev", "--to", "qa", "--yes", "--overwrite"]);
    assert_eq!(project.ok(&["get", "DB_PASS", "-e", "qa"]), "dev DB_PASS");
}

#[test]
fn what_cannot_be_copied_is_refused() {
    let project = project();
    let manifest = project.read("Cargo.toml");
    project
        .write("Cargo.toml", manifest + "URL = { value = \"${FIRST}\" }\nOPEN = { kind = \"key\", default = \"x\" }\n");
    let copy = |code, arguments: &[&str]| project.fails(code, &[&["copy", "--yes"], arguments].concat());
    has(&copy(2, &["--from", "dev", "--to", "dev"]), &["same environment twice"]);
    has(&copy(2, &["--from", "dev", "--to", "aq"]), &["unknown environment `aq`"]);
    has(&copy(2, &["--from", "dev", "--to", "qa", "URL"]), &["composed"]);
    has(&copy(2, &["--from", "dev", "--to", "qa", "OPEN"]), &["`OPEN` has no value"]);
    has(&copy(2, &["--from", "dev", "--to", "qa", "FRIST"]), &["did you mean `FIRST`"]);
    // Keys are no secrets: nobody is asked.
    set(&project, "dev", "OPEN", "public");
    project.ok(&["copy", "--from", "dev", "--to", "qa", "OPEN"]);
    assert_eq!(project.ok(&["get", "OPEN", "-e", "qa"]), "public");
}
