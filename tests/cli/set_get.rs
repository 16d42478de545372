//! `set`, `get` and `unset`: values byte for byte, values made here, and everything that is refused.
//!
//! **What was typed where a value may stand is never repeated.**

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::fixture::{canary, declare, ends, has, texts, tree};
use crate::support::{Project, feed, shown};

#[track_caller]
fn set(project: &Project, arguments: &[&str], input: &[u8]) -> String {
    let output = feed(project.secrets(arguments), input);
    assert!(output.status.success(), "{arguments:?}: {}", shown(&output));
    texts(&output).1
}

#[track_caller]
fn refuses(project: &Project, arguments: &[&str], input: &[u8]) -> String {
    let before = tree(&project.root());
    let output = feed(project.secrets(arguments), input);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", shown(&output));
    assert!(before == tree(&project.root()), "{arguments:?} left something behind");
    texts(&output).1
}

#[test]
fn one_final_newline_is_dropped_from_a_pipe() {
    let project = Project::new();
    for (input, kept) in
        [("a\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\n", ""), ("", ""), ("a\r\n", "a\r"), (" a ", " a ")]
    {
        set(&project, &["set", "TOKEN"], input.as_bytes());
        assert_eq!(project.ok(&["get", "TOKEN"]), kept, "{input:?}");
        set(&project, &["set", "TOKEN", "--exact"], input.as_bytes());
        assert_eq!(project.ok(&["get", "TOKEN"]), input, "{input:?} --exact");
    }
}

#[test]
fn values_come_back_as_they_went_in() {
    let project = Project::new();
    let pem = "-----BEGIN X-----\nMIIB\n-----END X-----\n";
    for value in [
        "$(id) `id` $HOME \\n \\0 \"'",
        "ü€😀\u{feff}\u{200b}",
        pem,
        "=a=b",
        "\u{1}\u{1b}[2J\t\r",
        "ENC[AES256_GCM,data:x]",
    ] {
        project.set("VALUE", value);
        assert_eq!(project.ok(&["get", "VALUE"]), value);
        assert_eq!(project.ok(&["run", "-q", "--", "printenv", "VALUE"]), format!("{value}\n"));
        let path = project.write_private("value.txt", value);
        set(&project, &["set", "FROM_FILE", "--from-file", path.to_str().unwrap()], b"not this");
        assert_eq!(project.ok(&["get", "FROM_FILE"]), value);
    }
}

#[test]
fn setting_the_same_value_again_changes_no_byte() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let before = tree(&project.root());
    assert_eq!(set(&project, &["set", "TOKEN"], b"x").trim(), "Unchanged TOKEN in secrets/dev.json (dev)");
    assert!(before == tree(&project.root()));
}

#[test]
fn ten_megabytes_are_kept_and_got() {
    let project = Project::new();
    let value = "0123456789abcdef".repeat(10 * 1024 * 1024 / 16);
    project.set("LARGE", &value);
    let got = project.ok(&["get", "LARGE"]);
    assert!(got == value, "{} bytes came back", got.len());
}

#[test]
fn made_values_have_their_shape() {
    let project = Project::new();
    let made = |spec: &str| {
        let stderr = set(&project, &["set", "MADE", "--generate", spec], b"");
        let value = project.ok(&["get", "MADE"]);
        assert!(!stderr.contains(&value), "{stderr}");
        value
    };
    let all = |value: &str, of: fn(&char) -> bool| value.chars().all(|c| of(&c));
    for (spec, length) in [("hex:32", 64), ("hex", 64), ("hex:16", 32)] {
        let value = made(spec);
        assert!(value.len() == length && all(&value, char::is_ascii_hexdigit), "{spec}");
    }
    for (spec, length) in [("base64:32", 44), ("base64:16", 24)] {
        let value = made(spec);
        assert!(value.len() == length && value.ends_with('='), "{spec}");
    }
    for (spec, length) in [("alnum:40", 40), ("alnum:22", 22)] {
        let value = made(spec);
        assert!(value.len() == length && all(&value, char::is_ascii_alphanumeric), "{spec}");
    }
    let uuid = made("uuid");
    assert!(uuid.len() == 36 && uuid.as_bytes()[14] == b'4' && b"89ab".contains(&uuid.as_bytes()[19]), "version 4");
    let words = made("words:6");
    assert!(words.split('-').filter(|word| word.len() >= 3).count() >= 6, "six words");
    assert_ne!(made("hex:32"), made("hex:32"));
}

#[test]
fn a_made_ed25519_key_is_one_that_others_read() {
    let project = Project::new();
    let stderr = set(&project, &["set", "KEY", "--generate", "ed25519"], b"");
    has(&stderr, &["the public key of KEY:", "-----BEGIN PUBLIC KEY-----"]);
    let pem = project.ok(&["get", "KEY"]);
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n") && pem.ends_with("-----END PRIVATE KEY-----\n"));
    let mut openssl = project.command("openssl");
    openssl.args(["pkey", "-pubout"]);
    if openssl.get_program() == "openssl" && project.command("openssl").arg("version").output().is_err() {
        eprintln!("skipped: `openssl` is not installed");
        return;
    }
    let output = feed(openssl, pem.as_bytes());
    assert!(output.status.success(), "{}", texts(&output).1);
    has(&stderr, &[texts(&output).0.trim()]);
}

#[test]
fn weak_and_unknown_generators_are_refused() {
    let project = Project::new();
    for spec in
        ["hex:15", "base64:8", "alnum:21", "words:5", "hex:0", "hex:-1", "hex:1025", "uuid:3", "rot13", "", "hex:"]
    {
        refuses(&project, &["set", "MADE", "--generate", spec], b"");
    }
    has(&refuses(&project, &["set", "MADE", "--generate", "hex:8"], b""), &["from 16 to 1024"]);
    refuses(&project, &["set", "MADE", "--generate", "hex:32", "--from-file", "Cargo.toml"], b"");
}

#[test]
fn a_value_on_the_command_line_is_refused_and_not_repeated() {
    let project = Project::new();
    let value = canary();
    let joined = |prefix: &str| format!("{prefix}{value}");
    let lines: [Vec<String>; 16] = [
        vec!["set".into(), "TOKEN".into(), value.clone()],
        vec!["set".into(), "TOKEN".into(), "two".into(), value.clone()],
        vec!["set".into(), joined("TOKEN=")],
        vec!["set".into(), joined("to-ken=")],
        vec!["set".into(), "TOKEN".into(), "--".into(), joined("-")],
        vec!["set".into(), "TOKEN".into(), joined("--")],
        vec!["set".into(), "TOKEN".into(), joined("--value=")],
        vec!["set".into(), "TOKEN".into(), "--value".into(), value.clone()],
        vec!["set".into(), "TOKEN".into(), joined("--exact=")],
        vec!["set".into(), "TOKEN".into(), joined("--kind=")],
        vec!["set".into(), "TOKEN".into(), "--generate".into(), value.clone()],
        vec!["set".into(), "TOKEN".into(), value.clone(), "--from-file".into(), "Cargo.toml".into()],
        vec!["-e".into(), "dev".into(), "set".into(), "TOKEN".into(), joined("--")],
        vec!["--manifest-path".into(), "Cargo.toml".into(), "set".into(), "TOKEN".into(), joined("--value=")],
        vec!["--quiet".into(), "secrets".into(), "set".into(), "TOKEN".into(), value.clone()],
        vec!["secrets".into(), "-e".into(), "dev".into(), "set".into(), "TOKEN".into(), joined("-")],
    ];
    for line in lines {
        let words: Vec<_> = line.iter().map(String::as_str).collect();
        let stderr = refuses(&project, &words, b"");
        assert!(!stderr.contains(&value), "{words:?}: {stderr}");
    }
    has(
        &refuses(&project, &["set", "TOKEN", "x"], b""),
        &["can be read by every user", "--insecure-argv", "| cargo secrets set"],
    );
}

#[test]
fn a_value_on_the_command_line_is_taken_when_that_is_said() {
    let project = Project::new();
    set(&project, &["set", "TOKEN", "from-argv", "--insecure-argv"], b"from the pipe");
    assert_eq!(project.ok(&["get", "TOKEN"]), "from-argv");
    refuses(&project, &["set", "TOKEN", "a", "b", "--insecure-argv"], b"");
    let mut command = project.secrets(&["set", "TOKEN", "--insecure-argv"]);
    command.arg(OsStr::from_bytes(b"caf\xe9"));
    has(&ends(command, 2).1, &["not UTF-8 text"]);
}

#[test]
fn what_no_variable_can_hold_is_refused() {
    let project = Project::new();
    let path = project.write_private("bytes", b"\xff\xfe");
    for input in [&b"caf\xe9"[..], b"a\0b", b"\xf0\x28\x8c\x28"] {
        has(&refuses(&project, &["set", "TOKEN"], input), &["not UTF-8 text without NUL", "base64"]);
    }
    has(&refuses(&project, &["set", "TOKEN", "--from-file", path.to_str().unwrap()], b""), &["not UTF-8 text"]);
    has(&refuses(&project, &["set", "TOKEN", "--from-file", "nowhere"], b""), &["failed to read `nowhere`"]);
}

#[test]
fn names_that_run_code_are_refused_until_the_table_allows_them() {
    let project = Project::new();
    for name in ["LD_PRELOAD", "PATH", "BASH_ENV", "RUSTC_WRAPPER", "GIT_SSH_COMMAND", "https_proxy", "NODE_OPTIONS"] {
        let stderr = refuses(&project, &["set", name], b"x");
        has(&stderr, &["programs run code", &format!("`allow-unsafe-name = true` under `variables.{name}`")]);
    }
    for name in ["SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "CARGO_SECRETS_IDENTITY", "SOPS_AGE_SSH_PRIVATE_KEY_FILE"] {
        has(&refuses(&project, &["set", name], b"x"), &["identity variable"]);
    }
    for name in ["1A", "A-B", "", "A B", "Ä", "A.B"] {
        has(&refuses(&project, &["set", name], b"x"), &["that is no variable name"]);
    }
    declare(&project, "[workspace.metadata.secrets.variables.EDITOR]\nallow-unsafe-name = true");
    set(&project, &["set", "EDITOR"], b"ed");
    assert_eq!(project.delivered("EDITOR"), "ed");
}

#[test]
fn a_declared_format_is_demanded() {
    let project = Project::new();
    let formats = [
        ("url", "https://a.example/x", "a.example"),
        ("uuid", "8c5f7a1e-0d3b-4c6a-9b7e-1f2a3b4c5d6e", "8c5f7a1e"),
        ("int", "-42", "4.2"),
        ("bool", "true", "yes"),
        ("json", "{\"a\":[1]}", "{a:1}"),
        ("pem", "-----BEGIN X-----\nMA==\n-----END X-----\n", "MA=="),
        ("base64", "aGk=", "a*b"),
        ("regex:^sk_(live|test)_", "sk_test_1", "pk_test_1"),
    ];
    let line = |(at, (format, _, _)): (usize, &(&str, &str, &str))| format!("F{at} = {{ format = '{format}' }}\n");
    let lines: String = formats.iter().enumerate().map(line).collect();
    declare(&project, &format!("[workspace.metadata.secrets.variables]\n{lines}"));
    for (at, (format, good, bad)) in formats.iter().enumerate() {
        let name = format!("F{at}");
        let stderr = refuses(&project, &["set", &name], bad.as_bytes());
        has(&stderr, &[&format!("does not have the declared format `{format}`")]);
        assert!(!stderr.contains(&format!("`{bad}`")), "{stderr}");
        set(&project, &["set", &name, "--exact"], good.as_bytes());
        assert_eq!(project.ok(&["get", &name]), *good);
    }
}

#[test]
fn a_new_name_is_declared_with_the_kind_of_its_value() {
    let project = Project::new();
    let head = project.read("Cargo.toml").replace("[workspace.metadata", "# kept\n[workspace.metadata");
    project.write("Cargo.toml", head);
    // secrets: allow(aws-access-key-id) made up for this test
    let key_id = ["AKIA", "Z7QW5N2VLK3XHBTD"].concat();
    has(&set(&project, &["set", "AWS_ACCESS_KEY_ID"], key_id.as_bytes()), &["AWS_ACCESS_KEY_ID as a key"]);
    has(&set(&project, &["set", "PASSWORD"], b"hunter2"), &["PASSWORD as a secret"]);
    has(&set(&project, &["set", "PUBLISHABLE", "--kind", "key"], b"x"), &["PUBLISHABLE as a key"]);
    has(&set(&project, &["set", "STILL", "--kind", "secret"], key_id.as_bytes()), &["STILL as a secret"]);
    let text = project.read("Cargo.toml");
    has(&text, &["# kept\n", "AWS_ACCESS_KEY_ID = { kind = \"key\" }"]);
    assert!(!text.contains(&key_id));
    assert!(!set(&project, &["set", "PASSWORD"], b"hunter3").contains("Declared"));
}

#[test]
fn a_composed_name_cannot_be_set() {
    let project = Project::new();
    declare(&project, "[workspace.metadata.secrets.variables]\nPART = {}\nWHOLE = { value = \"a-${PART}\" }");
    has(&refuses(&project, &["set", "WHOLE"], b"x"), &["`WHOLE` is composed", "set the names it is composed of"]);
    set(&project, &["set", "PART"], b"b");
    assert_eq!(project.ok(&["get", "WHOLE"]), "a-b");
}

#[test]
fn unset_removes_the_value_and_keeps_the_declaration() {
    let project = Project::new();
    project.set("TOKEN", "x");
    project.set("OTHER", "y");
    has(&refuses(&project, &["unset", "TOKNE"], b""), &["`TOKNE` has no value", "did you mean `TOKEN`?"]);
    has(&refuses(&project, &["get", "TOKNE"], b""), &["did you mean `TOKEN`?"]);
    has(&refuses(&project, &["get", "SOMETHING_ELSE"], b""), &["cargo secrets set SOMETHING_ELSE -e dev"]);
    has(&ends(project.secrets(&["unset", "TOKEN"]), 0).1, &["Removed TOKEN", "stays declared", "git's history"]);
    has(&project.fails(2, &["get", "TOKEN"]), &["has no value"]);
    has(&project.read("Cargo.toml"), &["TOKEN = { kind = \"secret\" }"]);
    assert!(!project.read("secrets/dev.json").contains("TOKEN"));
    assert_eq!(project.delivered("OTHER"), "y");
    refuses(&project, &["rm", "TOKEN"], b"");
}

#[test]
fn a_value_goes_to_the_file_that_is_named_or_holds_it() {
    let project = Project::new();
    let text = project.read("Cargo.toml");
    project.write("Cargo.toml", text.replace("[\"secrets/dev.json\"]", "[\"secrets/dev.json\", \"secrets/more.env\"]"));
    set(&project, &["set", "NEW"], b"1");
    set(&project, &["set", "OLD", "--file", "secrets/dev.json"], b"1");
    set(&project, &["set", "OLD"], b"2");
    assert!(project.read("secrets/more.env").contains("NEW=ENC[") && project.read("secrets/dev.json").contains("OLD"));
    assert!(!project.read("secrets/more.env").contains("OLD="));
    has(
        &refuses(&project, &["set", "X", "--file", "secrets/no.json"], b"x"),
        &["is not among the sources", "`sources`"],
    );
    assert_eq!(project.delivered("OLD"), "2");
}
