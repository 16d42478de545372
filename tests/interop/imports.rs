//! `import` of what other programs encrypted.

use std::fs::File;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{Project, feed, shown, tools};

/// Imports a file of the project and expects success; gives back stderr.
#[track_caller]
fn import(project: &Project, arguments: &[&str]) -> String {
    let arguments: Vec<_> = ["import"].iter().chain(arguments).copied().collect();
    let output = project.secrets(&arguments).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn files_of_sops_in_every_flavour() {
    let Some(sops) = tools::sops() else { return };
    for (file, text) in [
        ("a.json", "{\"A\": \"x y\", \"B\": \"two\\nlines\"}"),
        ("a.yaml", "A: x y # said\nB: |-\n  two\n  lines\n"),
        ("a.env", "A=x y\nB=two\\nlines\n"),
    ] {
        let project = Project::new();
        project.write(file, text);
        let encrypted = project.sops(&sops, &["encrypt", "--age", &project.recipient(), "--in-place", file]);
        assert!(encrypted.status.success(), "{file}: {}", shown(&encrypted));
        let message = import(&project, &[file]);
        assert!(message.contains(&format!("Reading {file}: sops")), "{message}");
        assert!(!message.contains("plaintext"), "{message}");
        assert_eq!((project.ok(&["get", "A"]), project.ok(&["get", "B"])), ("x y".into(), "two\nlines".into()));
    }
}

#[test]
fn a_file_of_sops_in_its_ini_flavour_is_flattened() {
    let Some(sops) = tools::sops() else { return };
    let project = Project::new();
    project.write("a.ini", "[db]\nuser = x y\n");
    let encrypted = project.sops(&sops, &["encrypt", "--age", &project.recipient(), "--in-place", "a.ini"]);
    assert!(encrypted.status.success(), "{}", shown(&encrypted));
    let message = project.fails(3, &["import", "a.ini"]);
    assert!(message.contains("`db.user` is nested") && message.contains("help: --flatten takes"), "{message}");
    import(&project, &["a.ini", "--flatten"]);
    assert_eq!(project.ok(&["get", "DB_USER"]), "x y");
}

#[test]
fn age_files_around_dotenv_text() {
    let Some(age) = tools::age() else { return };
    for armor in [&[][..], &["--armor"]] {
        let project = Project::new();
        let mut command = project.command(&age);
        command.args(armor).args(["--recipient", &project.recipient()]);
        let output = feed(command, b"A=1\nB='x y'\n");
        assert!(output.status.success(), "{}", shown(&output));
        let mut file = File::create(project.root().join("old.age")).unwrap();
        std::io::Write::write_all(&mut file, &output.stdout).unwrap();
        import(&project, &["old.age"]);
        assert_eq!((project.ok(&["get", "A"]), project.ok(&["get", "B"])), ("1".into(), "x y".into()));
    }
}

/// Values that dotenvx takes by its command line; the last two it would change again when it runs a program.
const FOR_DOTENVX: [(&str, &str); 6] = [
    ("PLAIN", "value"),
    ("QUOTES", "it's \"so\" `it` is"),
    ("LINES", "two\nlines\\n"),
    ("UNICODE", "gr\u{fc}\u{df}e \u{1f600}"),
    ("DOLLAR", "a$b${HOME}"),
    ("HASH", "a # b"),
];

#[test]
fn an_encrypted_file_of_dotenvx() {
    let Some(script) = tools::dotenvx() else { return };
    let project = Project::new();
    let dotenvx = |arguments: &[&str]| {
        let mut command = project.command("node");
        command.arg(&script).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
    };
    for (name, value) in FOR_DOTENVX {
        dotenvx(&["set", name, value, "--file", ".env.production"]);
    }
    assert!(project.read(".env.production").contains("DOTENV_PUBLIC_KEY_PRODUCTION="));
    let keys = project.read(".env.keys");
    let message = import(&project, &[".env.production"]);
    assert!(message.contains("Reading .env.production: dotenvx"), "{message}");
    assert!(message.contains("dotenvx expands the `$` in these, which are taken as they stand: DOLLAR"), "{message}");
    for (name, value) in FOR_DOTENVX {
        assert_eq!(project.ok(&["get", name]), value, "{name}");
        assert!(!message.contains(value), "{name}: {message}");
    }

    std::fs::remove_file(project.root().join(".env.keys")).unwrap();
    let message = project.fails(2, &["import", ".env.production"]);
    assert!(message.contains("the private key `DOTENV_PRIVATE_KEY_PRODUCTION`"), "{message}");
    let key = keys.lines().find_map(|line| line.strip_prefix("DOTENV_PRIVATE_KEY_PRODUCTION=")).unwrap();
    for (key, code) in [(key.to_owned(), 0), (format!("{},{key}", "11".repeat(32)), 0), ("11".repeat(32), 1)] {
        let mut command = project.secrets(&["import", ".env.production", "--overwrite"]);
        let output = command.env("DOTENV_PRIVATE_KEY_PRODUCTION", key).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", shown(&output));
    }
}

#[test]
fn a_fnox_toml_with_values_encrypted_by_age() {
    let Some(age) = tools::age() else { return };
    let project = Project::new();
    let sealed = |value: &str| {
        let mut command = project.command(&age);
        command.args(["--recipient", &project.recipient()]);
        STANDARD.encode(feed(command, value.as_bytes()).stdout)
    };
    let text = format!(
        "default_provider = \"keys\"\n[providers]\nkeys = {{ type = \"age\", recipients = [\"{}\"] }}\n\
         vault = {{ type = \"vault\", address = \"http://127.0.0.1\" }}\n\
         [secrets]\nA = {{ value = \"{}\" }}\nB = {{ provider = \"keys\", value = \"{}\", description = \"b\" }}\n\
         C = {{ default = \"plain\" }}\nV = {{ provider = \"vault\", value = \"path\" }}\n\
         [profiles.dev.secrets]\nB = {{ value = \"{}\" }}\n[profiles.prod.secrets]\nP = {{ default = \"p\" }}\n",
        project.recipient(),
        sealed("two\nlines"),
        sealed("of all"),
        sealed("of dev"),
    );
    project.write("fnox.toml", &text);
    let output = project.secrets(&["import", "fnox.toml"]).output().unwrap();
    let message = shown(&output);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("Reading fnox.toml: fnox, with its profile `dev`"), "{message}");
    assert!(
        message.contains("not imported: fnox.toml:9: `V`: is kept by a provider that is not read here"),
        "{message}"
    );
    for (name, value) in [("A", "two\nlines"), ("B", "of dev"), ("C", "plain")] {
        assert_eq!(project.ok(&["get", name]), value);
    }
    project.fails(2, &["get", "P"]);

    let other = Project::new();
    let mut command = other.secrets(&["import"]);
    let output = command.arg(project.root().join("fnox.toml")).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    assert!(shown(&output).contains("SOPS_AGE_KEY_FILE=~/.config/fnox/age.txt"), "{}", shown(&output));
    let mut command = other.secrets(&["import"]);
    command.arg(project.root().join("fnox.toml")).env("SOPS_AGE_KEY_FILE", project.identity());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    assert_eq!(other.ok(&["get", "A"]), "two\nlines");
}

#[test]
fn a_secretspec_toml_with_the_env_beside_it() {
    let project = Project::new();
    project.write(
        "secretspec.toml",
        "[project]\nname = \"app\"\nrevision = \"1.0\"\n[profiles.default]\n\
         A = { description = \"a\", required = true }\nD = { description = \"d\", default = \"of all\" }\n\
         [profiles.dev]\nD = { default = \"of dev\" }\nM = { description = \"m\" }\n[profiles.prod]\nP = { default = \"p\" }\n",
    );
    project.write(".env", "A='x y'\nEXTRA=geheim\n");
    let output = project.secrets(&["import", "secretspec.toml"]).output().unwrap();
    let message = shown(&output);
    assert_eq!(output.status.code(), Some(1), "{message}");
    for part in [
        "Reading secretspec.toml: secretspec with its profile `dev`, values from .env",
        "secretspec.toml:9: `M`: has no value there",
        "`EXTRA`: is not declared in `secretspec.toml`",
        "`.env` still holds these values in plaintext",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("geheim"), "{message}");
    assert_eq!((project.ok(&["get", "A"]), project.ok(&["get", "D"])), ("x y".into(), "of dev".into()));
    project.write("secretspec.toml", "[profiles.default]\nA = geheim\n");
    let message = project.fails(2, &["import", "secretspec.toml"]);
    assert!(message.contains("`secretspec.toml` cannot be read at line 2") && !message.contains("geheim"), "{message}");
}
