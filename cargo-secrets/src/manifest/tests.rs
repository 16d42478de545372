//! Every mistake that a table can hold, and what members add.

use super::testing::Project;
use super::*;

const ENVIRONMENTS: &str = "environments = { dev = {}, prod = { protected = true } }\n";

/// Cargo.toml's three lines of `[package]`, line 4 the header, line 5 the environments, `body` from line 6.
fn mistake(body: &str) -> (String, String) {
    Project::with_table(&format!("{ENVIRONMENTS}{body}")).mistake(".")
}

#[test]
fn a_mistake_in_a_variable_is_named_with_its_line_and_a_hint() {
    for (body, message, help) in [
        ("variables.A.default = 'hunter2'\n", "a `default` of a secret would be plaintext", "`kind = \"key\"`"),
        ("variables.A.value = 'hunter2'\n", "a `value` without a `${NAME}`", "cargo secrets set"),
        ("variables.A = { default = 'hunter2', value = '${B}' }\n", "exclude each other", "remove one"),
        ("variables.A.kind = 'sekret'\n", "unknown kind `sekret`", "did you mean `secret`?"),
        ("variables.A.kind = 'public'\n", "unknown kind `public`", "known: `secret`, `key`"),
        ("variables.A.format = 'jsno'\n", "unknown format `jsno`", "did you mean `json`?"),
        ("variables.A.required = ['dev', 'prd']\n", "unknown environment `prd`", "did you mean `prod`?"),
        ("variables.A.required = ['dev', 'dev']\n", "environment `dev` is listed twice", "remove one"),
        ("variables.A.packages = ['a', 'a']\n", "package `a` is listed twice", "remove one"),
        ("variables.A.deliver = 'biuld'\n", "unknown delivery `biuld`", "`build`"),
        ("variables.A-B.kind = 'key'\n", "`A-B` is not a variable name", ""),
        ("variables.LD_PRELOAD.kind = 'key'\n", "`LD_PRELOAD` is a reserved name", "allow-unsafe-name = true"),
        (
            "variables.SOPS_AGE_KEY.allow-unsafe-name = true\n",
            "`SOPS_AGE_KEY` holds an identity",
            "remove the declaration",
        ),
        ("variables.A.value = '${B}'\n", "unknown variable `B`", "did you mean `A`?"),
        ("variables.A.value = '${A:ulr}'\n", "unknown escape `ulr`", "did you mean `url`?"),
        ("variables.A.value = '${A'\n", "is not closed", "`$$`"),
        ("variables = { A.value = '${B}', B.value = '${A}' }\n", "circle: A -> B -> A", "remove one"),
    ] {
        let (text, hint) = mistake(body);
        assert!(text.contains(message) && text.contains("Cargo.toml:6:"), "{body}{text}");
        assert!(hint.contains(help), "{body}{hint}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_mistake_in_the_table_is_named_with_its_line_and_a_hint() {
    for (body, message, help) in [
        ("requires = 'soon'\n", "`requires` is not a version", "requires = \"0.1"),
        ("default-environment = 'de'\n", "unknown environment `de`", "did you mean `dev`?"),
        ("default-environment = 'prod'\n", "`prod` is protected and cannot be the default", "-e NAME"),
        ("recipients.a = 'age1'\nrecipients.b = 'pgp'\n", "recipient `b` has no public key", "`ssh-ed25519 …`"),
        ("recipient = {}\n", "unknown key `recipient`", "did you mean `recipients`?"),
    ] {
        let (text, hint) = mistake(body);
        let line = if body.contains("pgp") { "Cargo.toml:7:" } else { "Cargo.toml:6:" };
        assert!(text.contains(message) && text.contains(line), "{body}{text}");
        assert!(hint.contains(help), "{body}{hint}");
    }
}

#[test]
fn a_mistake_in_an_environment_is_named_with_its_line_and_a_hint() {
    for (body, message, help) in [
        ("inherits = 'dve'", "unknown environment `dve`", "did you mean `dev`?"),
        ("inherits = 'dev'", "circle: dev -> dev", "remove one of these `inherits`"),
        ("inherits = 'Dev'", "`Dev` is not an environment name", ""),
        ("recipients = ['alice', 'alcie']", "unknown recipient `alcie`", "did you mean `alice`?"),
        ("recipients = ['alice', 'alice']", "recipient `alice` is listed twice", "remove one"),
        ("sources = ['a', 'a']", "source `a` is listed twice", "remove one"),
        ("sources = ['/etc/a']", "source `/etc/a` is outside the project", "sources stay inside the project"),
        ("sources = ['a/../../b']", "source `a/../../b` is outside the project", "relative path without `..`"),
        ("sources = [{ path = '../b' }]", "source `../b` is outside", "sources stay inside the project"),
        ("sources = ['vault://kv/app']", "`vault://` is not supported by cargo-secrets", "remove the source"),
        ("sources = ['a/[.json']", "source `a/[.json` is not a valid pattern", "`*`"),
        ("recipients = ['AGE-SECRET-KEY-1QQQ']", "a PRIVATE key was pasted", "new identity"),
    ] {
        let table = format!("recipients.alice = 'age1a'\n[package.metadata.secrets.environments.dev]\n{body}\n");
        let (text, hint) = Project::with_table(&table).mistake(".");
        assert!(text.contains(message) && text.contains("Cargo.toml:7:"), "{body}\n{text}");
        assert!(hint.contains(help), "{body}\n{hint}");
        assert!(!text.contains("1QQQ"), "{text}");
    }
    let (text, _) = Project::with_table("environments.Dev = {}\n").mistake(".");
    assert!(text.contains("`Dev` is not an environment name") && text.contains("Cargo.toml:5:"), "{text}");
}

#[test]
fn a_circle_of_inheritance_is_shown() {
    let body = "environments = { a.inherits = 'b', b.inherits = 'c', c.inherits = 'b' }\n";
    let (text, _) = Project::with_table(body).mistake(".");
    assert!(text.contains("environments refer to each other in a circle: b -> c -> b"), "{text}");
    let link = |n: u32| format!("environments.e{n}.inherits = 'e{}'\n", (n + 1) % 10_000);
    let deep: String = (0..10_000).map(link).collect();
    assert!(Project::with_table(&deep).mistake(".").0.contains(" -> … -> "));
}

#[test]
fn a_private_key_is_called_leaked_and_not_repeated() {
    for key in
        ["AGE-SECRET-KEY-1QQQHUNTER2", "age-secret-key-1qqqhunter2", "-----BEGIN OPENSSH PRIVATE KEY-----HUNTER2"]
    {
        let (text, hint) = mistake(&format!("recipients.alice = '{key}' # AGE-SECRET-KEY-1HUNTER2\n"));
        assert!(text.contains("a PRIVATE key was pasted as the recipient `alice`: treat it as leaked"), "{text}");
        assert!(hint.contains("replace every value") && !text.to_lowercase().contains("hunter2"), "{text}");
    }
}

#[test]
fn a_mistake_is_underlined() {
    let (text, _) = mistake("default-environment = 'de'\n");
    let tail = "Cargo.toml:6:23\n  |\n6 | default-environment = 'de'\n  |                       ^^^^";
    assert!(text.ends_with(tail), "{text}");
}

#[test]
fn a_newer_table_works_until_it_is_not_understood() {
    assert!(Project::with_table("requires = '9.0'\n").find(".").is_ok());
    for body in ["requires = '9.0'\nwhatever = 1\n", "requires = '9.0'\nvariables.A.format = 'iban'\n"] {
        let (text, hint) = Project::with_table(body).mistake(".");
        assert!(text.contains("this project requires cargo-secrets 9.0, this is 0.1.0: upgrade"), "{text}");
        assert_eq!(hint, "cargo install cargo-secrets");
    }
}

#[test]
fn a_table_says_what_it_declares() {
    let body = "requires = '0.1'\ndefault-environment = 'dev'\nrecipients.alice = 'age1a'\n\
        [package.metadata.secrets.environments]\ndev = { sources = ['a', { path = 'b', flatten = true }], recipients = ['alice'] }\n\
        [package.metadata.secrets.variables]\n\
        A = { description = 'an A', required = ['dev'], format = 'uuid', generate = 'hex:32', deliver = 'env' }\n\
        K = { kind = 'key', default = 'k', packages = ['app'] }\n\
        PATH = { allow-unsafe-name = true }\nURL = { value = 'https://${A:url}' }\n";
    let manifest = Project::with_table(body).find(".").unwrap();
    assert_eq!((manifest.table(), manifest.current_package()), (Table::Package, Some("app")));
    assert_eq!(manifest.table().to_string(), "[package.metadata.secrets]");
    assert_eq!(manifest.default_environment().unwrap().as_str(), "dev");
    let a = manifest.variable(&SecretName::new("A").unwrap()).unwrap();
    assert_eq!(
        (a.description.as_deref(), a.generate.as_deref(), &a.format),
        (Some("an A"), Some("hex:32"), &Some(Format::Uuid))
    );
    let plan = manifest.plan(manifest.default_environment().unwrap()).unwrap();
    assert!(a.is_required_in(&plan) && plan.sources[1].flatten && plan.recipients.is_some());
    assert_eq!(manifest.variables()["K"].default.as_deref(), Some("k"));
    assert_eq!(manifest.composition_order(), [SecretName::new("URL").unwrap()]);
    assert_eq!(manifest.environments().count() + manifest.recipients().len(), 2);
}

#[test]
fn other_metadata_is_ignored_and_a_missing_table_is_said() {
    let project = Project::new();
    project.package(".", "app", "metadata.other = { secrets = 1, environments = 'x' }\n");
    let (text, hint) = project.mistake(".");
    assert!(text.starts_with("no `[package.metadata.secrets]` in"), "{text}");
    assert_eq!(hint, "cargo secrets init");
}

fn workspace(table: &str) -> Project {
    let project = Project::new();
    let text = format!("[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n{table}");
    project.write("Cargo.toml", &text);
    project.package("crates/api", "api", "");
    project.package("crates/web", "web", "");
    project
}

const ROOT: &str = "[workspace.metadata.secrets]\nenvironments.dev = {}\nvariables.SHARED = {}\n";

#[test]
fn a_members_variable_is_for_that_member_wherever_one_stands() {
    let project = workspace(ROOT);
    project
        .append("crates/api/Cargo.toml", "[package.metadata.secrets.variables]\nA = {}\nB.packages = ['web', 'api']\n");
    for folder in [".", "crates/api", "crates/web/src"] {
        let manifest = project.find(folder).unwrap();
        assert_eq!(manifest.root(), project.path("."));
        let variable = |name: &str| manifest.variables()[name].clone();
        assert!(variable("A").allowed_for(Some("api")));
        assert!(!variable("A").allowed_for(Some("web")) && !variable("A").allowed_for(None));
        assert!(variable("B").allowed_for(Some("web")) && variable("SHARED").allowed_for(None));
    }
    let manifest = project.find("crates/web").unwrap();
    assert_eq!((manifest.current_package(), manifest.table()), (Some("web"), Table::Workspace));
    assert_eq!(manifest.path(), project.path("Cargo.toml"));
    assert_eq!(manifest.package("api").unwrap().folder(), project.path("crates/api"));
    assert_eq!(
        manifest.package("wbe").unwrap_err().help().unwrap(),
        "did you mean `api`? known: `api`, `web`".replace("`api`?", "`web`?")
    );
    let mut names: Vec<_> = manifest.packages().unwrap().iter().filter_map(|package| package.name()).collect();
    names.sort_unstable();
    assert_eq!(manifest.names_by_cargo().unwrap(), names);
}

#[test]
fn a_members_table_holds_variables_only() {
    for (key, line) in [
        ("environments.dev = {}", 5),
        ("requires = '0.1'", 5),
        ("default-environment = 'dev'", 5),
        ("recipients = {}", 5),
    ] {
        let project = workspace(ROOT);
        project.append("crates/api/Cargo.toml", &format!("[package.metadata.secrets]\n{key}\n"));
        let (text, hint) = project.mistake("crates/web");
        assert!(
            text.contains("belongs in `[workspace.metadata.secrets]`")
                && text.contains(&format!("api/Cargo.toml:{line}:")),
            "{text}"
        );
        assert_eq!(hint, "move it to the workspace's `Cargo.toml`");
    }
    let project = workspace(ROOT);
    project.append("crates/api/Cargo.toml", "[package.metadata.secrets]\nvariable.A = {}\n");
    assert!(project.mistake(".").0.contains("unknown key `variable`"));
}

#[test]
fn a_name_in_two_tables_must_agree() {
    let project = workspace(ROOT);
    project.append("crates/api/Cargo.toml", "[package.metadata.secrets.variables]\nA.format = 'url'\n");
    project.append(
        "crates/web/Cargo.toml",
        "[package.metadata.secrets.variables]\nA = { format = 'url', required = true }\n",
    );
    let manifest = project.find(".").unwrap();
    let a = &manifest.variables()["A"];
    assert_eq!(
        (a.packages.clone().unwrap(), &a.required),
        (vec!["api".to_owned(), "web".to_owned()], &Required::Always)
    );
    project.package("crates/third", "third", "[package.metadata.secrets.variables]\nA.format = 'uuid'\n");
    let (text, _) = project.mistake(".");
    assert!(
        text.contains("`A` is also declared in")
            && text.contains("api/Cargo.toml`")
            && text.contains("third/Cargo.toml:5:"),
        "{text}"
    );
    project.package("crates/third", "third", "[package.metadata.secrets.variables]\nSHARED = {}\n");
    let (text, hint) = project.mistake(".");
    assert!(text.contains("`SHARED` is also declared in") && text.contains("third/Cargo.toml:5:"), "{text}");
    assert!(hint.contains("packages"), "{hint}");
}

#[test]
fn the_roots_own_package_is_a_member() {
    let project = Project::new();
    project.package(".", "rooted", "");
    project.append("Cargo.toml", &format!("[workspace]\n{ROOT}[package.metadata.secrets.variables]\nA = {{}}\n"));
    let manifest = project.find(".").unwrap();
    assert_eq!(manifest.variables()["A"].packages, Some(vec!["rooted".to_owned()]));
    assert_eq!(manifest.package("rooted").unwrap().folder(), project.path("."));
}

#[test]
fn a_member_with_a_table_in_a_workspace_without_one_is_a_project() {
    let project = workspace("");
    project.append(
        "crates/api/Cargo.toml",
        "[package.metadata.secrets]\nenvironments.dev.sources = ['dev.json']\nvariables.A = {}\n",
    );
    let manifest = project.find("crates/api/src").unwrap();
    assert_eq!((manifest.root(), manifest.table()), (project.path("crates/api").as_path(), Table::Package));
    assert!(manifest.variables()["A"].allowed_for(None));
    assert_eq!(
        manifest.plan(manifest.default_environment().unwrap()).unwrap().sources[0].path,
        project.path("crates/api/dev.json")
    );
    assert_eq!(manifest.package("web").unwrap().folder(), project.path("crates/web"));
    let (text, _) = project.mistake("crates/web");
    assert!(text.starts_with("no `[workspace.metadata.secrets]` in"), "{text}");
}

#[test]
fn a_mistake_of_composition_in_a_member_is_named_there() {
    let project = workspace(ROOT);
    project.append("crates/api/Cargo.toml", "[package.metadata.secrets.variables]\nA.value = '${SHARD}'\n");
    let (text, hint) = project.mistake(".");
    assert!(text.contains("unknown variable `SHARD`") && text.contains("api/Cargo.toml:5:"), "{text}");
    assert!(hint.contains("did you mean `SHARED`?"), "{hint}");
}

#[test]
fn toml_that_does_not_parse_is_an_error_with_its_line_and_without_its_values() {
    let project = Project::with_table("variables.A.default = \"hunter2\n");
    let (text, _) = project.mistake(".");
    assert!(text.contains("Cargo.toml:5:") && !text.contains("hunter2"), "{text}");
}
