//! What is declared, by the manifests of small projects.

use super::*;

struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    #[expect(clippy::disallowed_methods, reason = "a test's own files")]
    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn of(&self, folder: &str) -> Declarations {
        Declarations::of(&normalized(&self.path(folder)), "/nowhere")
    }

    fn path(&self, path: &str) -> String {
        self.0.path().join(path).to_str().unwrap().to_owned()
    }
}

const WORKSPACE_TOML: &str = "\
[workspace]
members = ['api']
[workspace.metadata.secrets.environments]
dev = { sources = ['secrets/dev.json', { path = 'secrets/team/*.json' }, 'vault://kv/app'] }
[workspace.metadata.secrets.variables]
SHARED = {}
PORT = { kind = 'key' }
ODD = { kind = 'sekret' }
FLAT = 1
";

#[test]
fn a_member_has_the_names_of_its_workspace_and_its_own() {
    let own = "[package]\nname = 'api'\nmetadata.secrets.variables.OWN.required = true\n";
    let project = Project::new(&[("Cargo.toml", WORKSPACE_TOML), ("api/Cargo.toml", own)]);
    let mut declarations = project.of("api");
    for name in ["SHARED", "PORT", "OWN", "ODD", "FLAT"] {
        assert!(declarations.declares(name), "{name}");
    }
    assert!(!declarations.declares("OTHER"));
    let secret = |name: &str| declarations.is_secret(name);
    assert!(secret("SHARED") && secret("OWN"));
    assert!(!secret("PORT") && !secret("ODD") && !secret("FLAT") && !secret("OTHER"));
    let files = [project.path("api/Cargo.toml"), project.path("Cargo.toml")];
    assert_eq!(declarations.files, files);
    assert_eq!(declarations.table(), "[workspace.metadata.secrets]");
}

#[test]
fn without_a_table_every_name_passes() {
    let package = "[package]\nname = 'a'\nmetadata.other.secrets = 1\n";
    let project = Project::new(&[("Cargo.toml", package), ("m/Cargo.toml", package)]);
    assert!(project.of(".").declares("ANY") && !project.of(".").is_secret("ANY"));
    project.write("Cargo.toml", "[workspace]\nmembers = ['m']\n");
    assert!(project.of("m").declares("ANY"));
    project.write("Cargo.toml", "[workspace]\nmetadata.secrets.variables = {}\n");
    assert!(!project.of("m").declares("ANY"));
    project.write("Cargo.toml", "[workspace]\nexclude = ['m']\nmetadata.secrets = {}\n");
    assert!(project.of("m").declares("ANY"));
}

#[test]
fn a_package_alone_has_its_own_table_and_so_has_a_member_of_a_workspace_without_one() {
    let package = "[package]\nname = 'a'\n[package.metadata.secrets.variables.A]\n\
        [package.metadata.secrets.environments.dev]\nsources = ['dev.json']\n";
    let project = Project::new(&[("m/Cargo.toml", package), ("m/dev.json", "{}")]);
    for root in [None, Some("[workspace]\nmembers = ['m']\n")] {
        if let Some(text) = root {
            project.write("Cargo.toml", text);
        }
        let mut declarations = project.of("m");
        assert!(declarations.declares("A") && !declarations.declares("B"));
        assert_eq!(declarations.table(), "[package.metadata.secrets]");
        assert!(declarations.is_secret_file(&project.path("m/dev.json")));
    }
}

#[test]
fn an_unpacked_package_does_not_know_its_workspace_and_lets_every_name_pass() {
    for beside in [".cargo_vcs_info.json", "Cargo.toml.orig"] {
        let package = "[package]\nname = 'a'\nmetadata.secrets.variables.A = {}\n";
        let project = Project::new(&[("Cargo.toml", WORKSPACE_TOML), ("api/Cargo.toml", package)]);
        assert!(!project.of("api").declares("B"));
        project.write(&format!("api/{beside}"), "{}");
        let mut declarations = project.of("api");
        assert!(declarations.declares("B") && declarations.is_secret("A") && !declarations.is_secret("SHARED"));
    }
}

#[test]
fn what_cannot_be_read_declares_everything() {
    let project = Project::new(&[("Cargo.toml", WORKSPACE_TOML)]);
    assert!(project.of("api").declares("X"), "there is no manifest");
    for broken in ["[package\n", "[package]\nmetadata.secrets = 1\n", "[package]\nmetadata.secrets.variables = []\n"] {
        project.write("api/Cargo.toml", broken);
        assert!(project.of("api").declares("X"), "{broken}");
    }
    project.write("api/Cargo.toml", "[package]\nname = 'api'\n");
    assert!(!project.of("api").declares("X"));
    for broken in ["[workspace", "[workspace]\nmetadata.secrets = 'x'\n"] {
        project.write("Cargo.toml", broken);
        assert!(project.of("api").declares("X"), "{broken}");
    }
    project.write("api/Cargo.toml", "[package]\nworkspace = '../none'\nmetadata.secrets = {}\n");
    assert!(project.of("api").declares("X"), "the workspace that it names is not there");
}

#[test]
fn a_workspace_is_found_where_the_package_points() {
    let member = "[package]\nname = 'm'\nworkspace = '../root'\n";
    let project = Project::new(&[("root/Cargo.toml", WORKSPACE_TOML), ("m/Cargo.toml", member)]);
    assert!(project.of("m").is_secret("SHARED") && !project.of("m").declares("X"));
    project.write("m/inner/Cargo.toml", "[package]\nname = 'i'\n");
    assert!(project.of("m/inner").is_secret("SHARED"));
    project.write("m/registry/x/Cargo.toml", "[package]\nname = 'x'\n");
    assert!(!project.of("m/registry/x").declares("X"));
    let mut at_home = Declarations::of(&project.path("m/registry/x"), &project.path("m/registry"));
    assert!(at_home.declares("X"));
}

#[test]
fn secret_files_are_the_sources_of_every_environment_below_the_root() {
    let files = ["secrets/dev.json", "secrets/team/a.json", "secrets/team/deep/a.json", "secrets/readme.md"];
    let project = Project::new(&[("Cargo.toml", WORKSPACE_TOML), ("api/Cargo.toml", "[package]\nname = 'a'\n")]);
    let expected = [true, true, false, false];
    for (file, expected) in files.into_iter().zip(expected) {
        project.write(file, "{}");
        let path = project.path(&format!("api/../{file}"));
        assert_eq!(project.of("api").is_secret_file(&path), expected, "{file}");
    }
}

#[test]
fn an_allowed_fingerprint_needs_a_reason() {
    let table = "[package]\nname = 'a'\n[package.metadata.secrets.lint]\nallow = [\n\
        { fingerprint = '00000000000000aa', reason = 'published example' },\n\
        { fingerprint = '00000000000000bb', reason = ' ' },\n\
        { fingerprint = '00000000000000cc' },\n { fingerprint = 'xyz', reason = 'r' }, 1,\n]\n";
    let declarations = Project::new(&[("Cargo.toml", table)]).of(".");
    let allows = |text: &str| declarations.allows(Fingerprint::parse(text).unwrap());
    assert!(allows("00000000000000aa") && !allows("00000000000000bb") && !allows("00000000000000cc"));
}

#[test]
fn a_name_that_another_package_declares_for_this_one_passes_and_its_manifest_is_tracked() {
    let other = "[package]\nname = 'other'\n[package.metadata.secrets.variables]\n\
        OURS = { packages = ['other', 'api'] }\nTHEIRS = {}\n";
    let own = "[package]\nname = 'api'\n";
    let files = [("Cargo.toml", WORKSPACE_TOML), ("api/Cargo.toml", own), ("deep/other/Cargo.toml", other)];
    let project = Project::new(&files);
    let mut declarations = project.of("api");
    assert!(!declarations.declares("THEIRS") && declarations.files.len() == 2);
    assert!(declarations.declares("OURS"));
    assert_eq!(declarations.files.last(), Some(&project.path("deep/other/Cargo.toml")));
}
