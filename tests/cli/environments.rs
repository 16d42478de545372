//! Environments: added, compared, drawn, removed.

use std::os::unix::fs::symlink;

use crate::fixture::{ends, has};
use crate::support::{Project, feed};

fn project() -> Project {
    let project = Project::new();
    project.ok(&["init"]);
    project.set("TOKEN", "of dev");
    project
}

fn set_in_qa(project: &Project, name: &str, value: &str) {
    let output = feed(project.secrets(&["set", name, "-e", "qa"]), value.as_bytes());
    assert!(output.status.success());
}

#[test]
fn an_environment_is_added_with_its_file_and_removed_again() {
    let project = project();
    let before = project.read("Cargo.toml");
    let said = ends(project.secrets(&["env", "add", "staging"]), 0).1;
    has(&said, &["Declared environment staging", "Created secrets/staging.json"]);
    has(&project.fails(2, &["env", "add", "staging"]), &["environments.staging", "already"]);
    has(&project.ok(&["env", "list"]), &["dev", "default", "staging", "secrets/staging.json"]);
    let said = ends(project.secrets(&["env", "remove", "staging"]), 0).1;
    has(&said, &["git rm 'secrets/staging.json'", "git's history"]);
    assert_eq!(project.read("Cargo.toml"), before);
    assert!(project.root().join("secrets/staging.json").exists());
    // The file that is there is taken as it is.
    project.ok(&["env", "add", "staging"]);
    project.ok(&["env", "remove", "staging", "--delete-files"]);
    assert!(!project.root().join("secrets/staging.json").exists());
}

#[test]
fn the_new_one_is_for_whom_it_has_to_be() {
    let project = project();
    has(&project.fails(2, &["env", "add", "qa", "--recipient", "zed"]), &["`zed` is no recipient"]);
    has(&project.fails(2, &["env", "add", "qa", "--inherits", "dve"]), &["unknown environment `dve`", "`dev`"]);
    has(&project.fails(2, &["env", "add", "Q"]), &["not an environment name"]);
    project.ok(&["env", "add", "qa", "--inherits", "dev", "--file", "secrets/qa.yaml"]);
    assert_eq!(project.ok(&["get", "TOKEN", "-e", "qa"]), "of dev");
    project.ok(&["env", "add", "prod", "--inherits", "dev", "--protected"]);
    has(&project.ok(&["env", "list"]), &["protected"]);
    has(&project.fails(2, &["get", "TOKEN", "-e", "prod"]), &["no value in environment `prod`"]);
}

#[test]
fn a_file_that_cannot_be_one_is_refused_before_cargo_toml_names_it() {
    let project = project();
    let outside = tempfile::tempdir().unwrap();
    let root = project.root();
    symlink(outside.path(), root.join("out")).unwrap();
    symlink("nowhere.json", root.join("secrets/dangling.json")).unwrap();
    symlink("dev.json", root.join("secrets/again.json")).unwrap();
    project.write("plain.json", "{\"A\": \"x\"}");
    let before = project.read("Cargo.toml");
    let absolute = outside.path().join("x.json");
    for (file, why) in [
        ("", "no path inside"),
        ("../x.json", "no path inside"),
        (absolute.to_str().unwrap(), "no path inside"),
        ("a\nb.json", "no path inside"),
        ("x.json/", "no path inside"),
        ("plain.json/x.json", "no path inside"),
        ("vault://x.json", "no path inside"),
        ("secrets/*.json", "a pattern"),
        (".git/x.json", "hidden"),
        ("x.ini", "does not end in"),
        ("x.age", "does not end in"),
        ("Cargo.toml", "does not end in"),
        ("src/main.rs", "does not end in"),
        ("secrets", "does not end in"),
        ("out/x.json", "symbolic link"),
        ("secrets/dangling.json", "symbolic link"),
        ("secrets/dev.json", "belongs to `dev`"),
        ("./secrets/dev.json", "belongs to `dev`"),
        ("secrets/again.json", "belongs to `dev`"),
        ("plain.json", "cargo secrets import"),
    ] {
        let said = project.fails(2, &["env", "add", "qa", "--file", file]);
        assert!(said.contains(why) && !said.contains("Declared"), "{file:?}: {said}");
        assert_eq!(project.read("Cargo.toml"), before, "{file:?}");
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    // What the declarations do not allow is found before they are written, too.
    project.ok(&["env", "add", "prod", "--protected"]);
    assert_eq!(project.ok(&["get", "TOKEN"]), "of dev");
    project.ok(&["env", "add", "qa", "--file", "./deep/er/qa.yml"]);
}

#[test]
fn no_link_out_of_the_project_is_written_through() {
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("profile");
    std::fs::write(&target, "mine\n").unwrap();
    let project = Project::new();
    let root = project.root();
    let _ = std::fs::remove_file(root.join(".gitignore"));
    symlink(&target, root.join(".gitignore")).unwrap();
    has(&project.fails(2, &["init"]), &[".gitignore` leads out of the project by a symbolic link"]);
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "mine\n");
    std::fs::remove_file(root.join(".gitignore")).unwrap();
    project.write("config/ignore", "");
    symlink("config/ignore", root.join(".gitignore")).unwrap();
    project.ok(&["init"]);
    assert!(project.read("config/ignore").contains(".env"), "a link inside stays");
    assert!(root.join(".gitignore").is_symlink());

    let manifest = project.read("Cargo.toml");
    let elsewhere = outside.path().join("Cargo.toml");
    std::fs::write(&elsewhere, &manifest).unwrap();
    std::fs::remove_file(root.join("Cargo.toml")).unwrap();
    symlink(&elsewhere, root.join("Cargo.toml")).unwrap();
    has(&project.fails(2, &["env", "add", "qa"]), &["Cargo.toml` leads out of the project"]);
    assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), manifest);

    let fresh = Project::bare();
    symlink(outside.path(), fresh.root().join("secrets")).unwrap();
    let before = fresh.read("Cargo.toml");
    has(&fresh.fails(2, &["init"]), &["a symbolic link leads out"]);
    assert_eq!(fresh.read("Cargo.toml"), before);
}

#[test]
fn what_is_in_use_is_not_removed() {
    let project = project();
    project.ok(&["env", "add", "base"]);
    project.ok(&["env", "add", "qa", "--inherits", "base"]);
    let manifest = project.read("Cargo.toml");
    project.write("Cargo.toml", manifest.replace("TOKEN = { kind = \"secret\" }", "TOKEN = { required = [\"qa\"] }"));
    has(&project.fails(2, &["env", "remove", "dev"]), &["default environment", "default-environment"]);
    has(&project.fails(2, &["env", "remove", "base"]), &["`qa` inherits from it", "environments.qa.inherits"]);
    has(&project.fails(2, &["env", "remove", "qa"]), &["`TOKEN` is required in it", "variables.TOKEN.required"]);
    has(&project.fails(2, &["env", "remove", "nope"]), &["unknown environment `nope`"]);
}

#[test]
fn two_environments_are_compared_and_no_value_is_shown() {
    let project = project();
    project.ok(&["env", "add", "qa"]);
    project.set("SAME", "shared value");
    set_in_qa(&project, "SAME", "shared value");
    set_in_qa(&project, "TOKEN", "of qa");
    set_in_qa(&project, "LATER", "x");
    let (shown, said) = ends(project.secrets(&["diff", "dev", "qa"]), 0);
    let line = |name: &str| shown.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(
        line("SAME").ends_with("same") && line("TOKEN").ends_with("differ") && line("LATER").ends_with("only in qa")
    );
    has(&said, &["a secret of its own: SAME"]);
    for value in ["shared value", "of dev", "of qa"] {
        assert!(!shown.contains(value) && !said.contains(value));
    }
    let names = project.ok(&["diff", "dev", "qa", "--names", "--format", "json"]);
    let names: serde_json::Value = serde_json::from_str(&names).unwrap();
    assert_eq!(names[0], serde_json::json!({ "name": "LATER", "in": ["qa"] }));
    has(&project.fails(2, &["diff", "dev", "aq"]), &["unknown environment `aq`", "`qa`"]);
    // Without a key the names can be told, the values cannot.
    let alone = tempfile::tempdir().unwrap();
    let mut stranger = project.secrets(&["diff", "dev", "qa", "--names"]);
    ends(
        {
            stranger.env("HOME", alone.path()).env("XDG_CONFIG_HOME", alone.path());
            stranger
        },
        0,
    );
    let mut stranger = project.secrets(&["diff", "dev", "qa"]);
    ends(
        {
            stranger.env("HOME", alone.path()).env("XDG_CONFIG_HOME", alone.path());
            stranger
        },
        3,
    );
}

#[test]
fn the_tree_shows_readers_files_names_and_what_is_missing() {
    let project = project();
    project.ok(&["env", "add", "qa", "--inherits", "dev"]);
    let manifest = project.read("Cargo.toml");
    project.write("Cargo.toml", manifest + "\n[package.metadata.secrets.variables.NEEDED]\nrequired = true\n");
    let tree = project.ok(&["list", "--tree"]);
    has(
        &tree,
        &[
            "dev (default)\n",
            "└── TOKEN: secret",
            "inherits values and declarations of dev",
            "required, without a value\n    └── NEEDED",
        ],
    );
    let one = project.ok(&["list", "--tree", "-e", "qa"]);
    assert!(one.starts_with("qa\n") && !one.contains("dev (default)"), "{one}");
    project.fails(2, &["list", "--tree", "--format", "json"]);
}
