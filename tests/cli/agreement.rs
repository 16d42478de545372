//! The macro and the command find the same, line by line: a crate is written that has every format in every context.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use secrets_detect::examples;

use crate::support::program;

#[path = "../support/contexts.rs"]
mod written;

/// What is no secret, though it looks like one at first sight.
const HARMLESS: &[&str] = &[
    "const CHECKSUM: &str = \"sha256:30216969ebcd4d22d623f42fa3df034269ede9d6966e1b681d40838fa76715da\";",
    "const ID: &str = \"2397f603-c2c4-4897-a8ca-587ace5dc8dd\";",
    "const TOKEN_URL: &str = \"https://auth.test/oauth/token?grant_type=client_credentials\";",
    "fn f() { let password = read_password(\"Password: \"); }",
    "fn f() { let token = \"LBRACE\"; }",
    "fn f() { let key = \"partition/2024/01\"; }",
    "const SECRET_NAME: &str = \"prod/db/password\";",
    "const API_KEY: &str = \"your-api-key-here\";",
    "const PUBLIC_KEY: &str = \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEoP\";",
    "const DATABASE_URL: &str = \"postgres://user:password@localhost/db\";",
    "/// Set `API_TOKEN` to the token of your account, `<token>` in the examples.",
    "// password = config.get(\"auth.password\")",
];

/// A place and a rule: file, line, column, rule.
type Found = (String, u64, u64, String);

/// The folder that the crate is written to, and that cargo builds it in.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("agreement")
}

/// Writes the crate: a module for each context, its code given to a macro that compiles none of it.
fn write_crate(root: &Path) {
    let macros = Path::new(env!("CARGO_MANIFEST_DIR")).join("../secrets-macros");
    let manifest = format!(
        "[package]\nname = \"agreement\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         secrets-macros = {{ path = '{}' }}\n\n[workspace]\n",
        macros.display()
    );
    let mut library =
        "secrets_macros::forbid_hardcoded!();\nmacro_rules! ignore { ($($token:tt)*) => {} }\n".to_owned();
    std::fs::create_dir_all(root.join("src")).unwrap();
    std::fs::write(root.join("Cargo.toml"), manifest).unwrap();
    let examples = examples(7);
    for (index, (_, write)) in written::CONTEXTS.iter().enumerate() {
        let mut module = "ignore! {\n".to_owned();
        for example in &examples {
            module.push_str(&write(example));
        }
        module.push_str("}\n");
        std::fs::write(root.join(format!("src/context_{index}.rs")), module).unwrap();
        writeln!(library, "mod context_{index};").unwrap();
    }
    let harmless = format!("ignore! {{\n{}\nfn f() {{}}\n}}\n", HARMLESS.join("\n"));
    std::fs::write(root.join("src/harmless.rs"), harmless).unwrap();
    library.push_str("mod harmless;\n");
    std::fs::write(root.join("src/lib.rs"), library).unwrap();
}

/// What the compiler messages of `command` tell of findings.
fn found(command: &mut Command) -> BTreeSet<Found> {
    let output = command.output().unwrap();
    let messages = cargo_metadata::Message::parse_stream(output.stdout.as_slice());
    let mut found = BTreeSet::new();
    for message in messages {
        let cargo_metadata::Message::CompilerMessage(message) = message.unwrap() else { continue };
        let Some(code) = message.message.code else { continue };
        let Some(rule) = code.code.strip_prefix("secrets::") else { continue };
        for span in message.message.spans.iter().filter(|span| span.is_primary) {
            let start = (span.line_start as u64, span.column_start as u64);
            found.insert((span.file_name.clone(), start.0, start.1, rule.to_owned()));
        }
    }
    found
}

#[test]
fn the_macro_and_the_command_find_the_same_on_every_line() {
    let root = folder();
    write_crate(&root);
    let by_macro = found(
        Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--offline", "--message-format=json", "--manifest-path"])
            .arg(root.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", root.join("target")),
    );
    let by_command = found(
        Command::new(program())
            .args(["secrets", "lint", "--message-format", "json", "--manifest-path"])
            .arg(root.join("Cargo.toml"))
            .current_dir(&root),
    );
    assert!(by_command.len() > 9_000, "{}", by_command.len());
    let only_macro: Vec<_> = by_macro.difference(&by_command).take(20).collect();
    let only_command: Vec<_> = by_command.difference(&by_macro).take(20).collect();
    assert!(only_macro.is_empty() && only_command.is_empty(), "macro: {only_macro:#?}\ncommand: {only_command:#?}");
    let in_harmless: Vec<_> = by_command.iter().filter(|(file, ..)| file.ends_with("harmless.rs")).collect();
    assert!(in_harmless.is_empty(), "{in_harmless:#?}");
}
