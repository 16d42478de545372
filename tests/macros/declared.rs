//! What is declared in Cargo.toml: names, secret files, and when a change there has a crate checked again.

use crate::project::{Project, aws_key, holding, target};

const TABLE: &str = "[package.metadata.secrets.environments.dev]\nsources = [\"secrets/dev.json\"]\n\
    [package.metadata.secrets.variables]\nDATABASE_URL = {}\nPUBLIC_URL = { kind = \"key\" }\n";

#[test]
fn a_declared_secret_is_not_built_in() {
    for of in ["env!", "option_env!"] {
        let root = "secrets_macros::forbid_hardcoded!();\npub mod a;\npub const B: Option<&str> = option_env!(\"PUBLIC_URL\");\n\
            pub const C: &str = env!(\"CARGO_PKG_NAME\");\n";
        let name = ["bakes-", of.trim_end_matches('!')].concat().replace('_', "-");
        let project = Project::new(&name).manifest(TABLE).file("src/lib.rs", root);
        let project = project.file("src/a.rs", &format!("pub fn a() {{ let _ = {of}(\"DATABASE_URL\"); }}\n"));
        let run = project.run(&["check"]);
        let message =
            format!("error[secrets::env-bakes-secret]: `DATABASE_URL` is declared a secret, and `{of}` writes");
        assert!(!run.success && run.stderr.contains(&message), "{}", run.stderr);
        let column = 24 + of.len();
        assert!(run.stderr.contains(&format!("  src/a.rs:1:{column} env-bakes-secret")), "{}", run.stderr);
        assert!(!run.stderr.contains("PUBLIC_URL") && !run.stderr.contains("CARGO_PKG_NAME"), "{}", run.stderr);
        let allowed = format!(
            "pub fn a() {{\n    // secrets: allow(env-bakes-secret) a public demo\n    let _ = {of}(\"DATABASE_URL\");\n}}\n"
        );
        let project = project.file("src/a.rs", &allowed);
        assert!(!project.run(&["check"]).stderr.contains("secrets::"));
    }
}

#[test]
fn a_declared_secret_file_is_not_built_in() {
    let root = "secrets_macros::forbid_hardcoded!();\npub const A: &str = include_str!(\"../secrets/dev.json\");\n\
        pub const B: &str = include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/secrets/dev.json\"));\n\
        pub const C: &str = include_str!(\"other.json\");\n";
    let project = Project::new("includes-file").manifest(TABLE).file("src/lib.rs", root);
    let project = project.file("secrets/dev.json", "{}").file("src/other.json", "{}");
    let run = project.fails(&["check"]);
    for place in ["src/lib.rs:2:35 includes-secret-file", "src/lib.rs:3:71 includes-secret-file"] {
        assert!(run.stderr.contains(place), "{place}\n{}", run.stderr);
    }
    assert!(run.stderr.contains("2 hard-coded secrets"), "{}", run.stderr);
}

#[test]
fn an_undeclared_name_is_one_error_at_the_literal_with_the_nearest_name() {
    let source = "pub fn url() -> Result<String, Box<dyn std::error::Error + Send + Sync>> {\n    \
        secrets_macros::secret!(\"DATABSE_URL\")\n}\n\
        #[derive(secrets_macros::Secrets)]\npub struct Config {\n    pub database_ulr: String,\n}\n\
        pub fn config() -> u8 {\n    Config::from_env().map_or(0, |_| 1)\n}\n";
    let run = Project::new("undeclared").manifest(TABLE).file("src/lib.rs", source).fails(&["check"]);
    let message = "error: secret `DATABSE_URL` is not declared in [package.metadata.secrets] of Cargo.toml; did you mean `DATABASE_URL`?";
    assert!(run.stderr.contains(message) && run.stderr.contains("--> src/lib.rs:2:29"), "{}", run.stderr);
    assert!(
        run.stderr.contains("secret `DATABASE_ULR` is not") && run.stderr.contains("--> src/lib.rs:6:9"),
        "{}",
        run.stderr
    );
    assert_eq!(run.errors(), 2, "{}", run.stderr);
}

#[test]
fn without_a_table_and_in_an_unpacked_package_every_name_passes() {
    let source = "pub fn url() { let _ = secrets_macros::secret!(\"ANY_NAME\"); }\n";
    let project = Project::new("no-table").file("src/lib.rs", source);
    project.passes(&["check"]);
    let project = project.manifest(TABLE);
    project.fails(&["check"]);
    let project = project.file("Cargo.toml.orig", "");
    project.append("src/lib.rs", "\n");
    project.passes(&["check"]);
}

#[test]
fn a_fingerprint_that_is_allowed_with_a_reason_does_not_fail() {
    let key = aws_key();
    let root = format!("secrets_macros::forbid_hardcoded!();\npub const KEY: &str = \"{key}\";\n");
    let fingerprint = secrets_detect::scan_rust(&root).list[0].fingerprint;
    let table = |reason: &str| {
        format!(
            "[package.metadata.secrets.lint]\nallow = [{{ fingerprint = \"{fingerprint}\", reason = \"{reason}\" }}]\n"
        )
    };
    let project = Project::new("fingerprints").manifest(&table("")).file("src/lib.rs", &root);
    project.fails(&["check"]);
    project.manifest(&table("published example")).passes(&["check"]);
}

#[test]
fn a_crate_that_uses_no_declared_name_is_not_checked_again_for_a_declaration() {
    let root = "secrets_macros::forbid_hardcoded!();\npub mod a;\npub const NAME: &str = env!(\"CARGO_PKG_NAME\");\n";
    let project =
        Project::new("untracked").manifest(TABLE).file("src/lib.rs", root).file("src/a.rs", "").file("README.md", "");
    project.passes(&["check"]);
    for (file, text) in [
        ("README.md", "more\n"),
        ("Cargo.toml", "[package.metadata.secrets.recipients]\nalice = \"age1a\"\n"),
        ("Cargo.toml", "[package.metadata.secrets.variables.NEW]\n"),
    ] {
        project.append(file, text);
        assert!(project.is_fresh(), "{text}");
    }
    project.append("src/a.rs", "// changed\n");
    assert!(!project.is_fresh());
}

#[test]
fn a_crate_that_uses_a_declared_name_is_checked_again_for_any_change_of_its_manifest() {
    let uses = [
        ("secret", "pub fn a() { let _ = secrets_macros::secret!(\"DATABASE_URL\"); }\n"),
        ("derive", "#[derive(secrets_macros::Secrets)]\npub struct C { pub database_url: String }\n"),
        ("env", "secrets_macros::forbid_hardcoded!();\npub const A: Option<&str> = option_env!(\"PUBLIC_URL\");\n"),
        ("item", "#[secrets_macros::no_hardcoded]\npub const A: Option<&str> = option_env!(\"PUBLIC_URL\");\n"),
    ];
    for (name, source) in uses {
        let project = Project::new(&["tracked-", name].concat()).manifest(TABLE).file("src/lib.rs", source);
        project.passes(&["check"]);
        assert!(project.is_fresh());
        for text in ["# a comment\n", "[package.metadata.secrets.variables.NEW]\n"] {
            project.append("Cargo.toml", text);
            assert!(!project.is_fresh(), "{name} {text}");
            assert!(project.is_fresh(), "{name} {text}");
        }
        project.append("README.md", "text\n");
        assert!(project.is_fresh(), "{name}");
    }
}

#[test]
fn the_workspaces_manifest_is_tracked_too_and_its_names_are_known() {
    let project = Project::new("in-workspace");
    let member = "[package]\nname = \"in-workspace\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
        [dependencies]\nsecrets-macros = { path = \"SECRETS_MACROS\" }\n";
    let root = TABLE.replace("package.metadata", "workspace.metadata");
    let project = project
        .file("Cargo.toml", &["[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n", &root].concat())
        .file("crates/m/Cargo.toml", member)
        .file("crates/m/src/lib.rs", "pub fn a() { let _ = secrets_macros::secret!(\"DATABASE_URL\"); }\n");
    project.passes(&["check"]);
    assert!(project.is_fresh());
    project.append("Cargo.toml", "OTHER = {}\n");
    assert!(!project.is_fresh());
    let project = project.file("crates/m/src/lib.rs", "pub fn a() { let _ = secrets_macros::secret!(\"ODHER\"); }\n");
    let run = project.fails(&["check"]);
    assert!(run.stderr.contains("`ODHER` is not declared in [workspace.metadata.secrets]"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `OTHER`?"), "{}", run.stderr);
}

#[test]
fn no_artefact_holds_a_copy_of_the_manifest() {
    let marker = ["marker", &aws_key()].concat();
    let source = "#[derive(secrets_macros::Secrets)]\npub struct C { pub database_url: String }\n\
        pub fn a() -> bool { secrets_macros::secret!(\"DATABASE_URL\").is_ok() && C::from_env().is_ok() }\n";
    let project = Project::new("no-copy").manifest(&[TABLE, "\n# ", &marker, "\n"].concat());
    let project =
        project.file("src/lib.rs", source).file("src/main.rs", "fn main() { println!(\"{}\", no_copy::a()); }\n");
    project.passes(&["build"]);
    project.passes(&["build", "--release"]);
    assert_eq!(holding(&target(), &marker), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_package_is_verified_without_its_workspace() {
    let root = TABLE.replace("package.metadata", "workspace.metadata");
    let member = "[package]\nname = \"packaged\"\nversion = \"0.1.0\"\nedition = \"2021\"\ndescription = \"d\"\nlicense = \"MIT\"\n\
        [dependencies]\nsecrets-macros = \"0.1\"\n";
    let patch = "[patch.crates-io]\nsecrets-macros = { path = \"SECRETS_MACROS\" }\nsecrets-detect = { path = \"SECRETS_MACROS/detect\" }\n";
    let source = "secrets_macros::forbid_hardcoded!();\npub fn a() -> bool { secrets_macros::secret!(\"DATABASE_URL\").is_ok() }\n";
    let project = Project::new("packaged")
        .file("Cargo.toml", &["[workspace]\nmembers = [\"crates/*\"]\nresolver = \"2\"\n", &root].concat())
        .file(".cargo/config.toml", patch)
        .file("crates/m/Cargo.toml", member)
        .file("crates/m/src/lib.rs", source);
    project.passes(&["check"]);
    let run = project.passes(&["package", "--allow-dirty", "-p", "packaged"]);
    assert!(run.stderr.contains("Verifying packaged"), "{}", run.stderr);
}
