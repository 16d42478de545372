//! What is exported is imported as it was, or refused; and each dialect is read as its own program reads it.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use secrecy::ExposeSecret as _;

use super::export;
use super::import::{self, Source};
use crate::secret::{SecretName, SecretValue};
use crate::store::Keyring;
use crate::store::identity::Settings;

type Values = BTreeMap<String, String>;

/// Each format that is written, and the one that reads it.
const PAIRS: [(&str, &str); 5] =
    [("json", "json"), ("yaml", "yaml"), ("dotenv", "dotenv"), ("docker", "docker"), ("shell", "bash")];

fn keyring() -> Keyring {
    Keyring::new(&Settings { flag: None, variables: Vec::new(), config: None, home: None })
}

fn export_all(format: &str, values: &Values) -> Result<String, export::Error> {
    let held: Vec<_> =
        values.iter().map(|(name, value)| (SecretName::new(name).unwrap(), SecretValue::new(value.clone()))).collect();
    let borrowed: Vec<_> = held.iter().map(|(name, value)| (name, value)).collect();
    let exported = export::Format::named(format).unwrap().export(&borrowed, "title")?;
    Ok(exported.text.as_str().to_owned())
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what it made up")]
fn import_all(format: &str, text: &str) -> Result<Values, import::Error> {
    let source = Source { path: None, project: None, text, environment: "dev", flatten: false };
    let found = import::Format::named(format).unwrap().read(&source, &mut keyring())?;
    assert!(found.left_out.is_empty());
    Ok(found.entries.into_iter().map(|entry| (entry.name, entry.value.expose_secret().to_owned())).collect())
}

fn name() -> impl Strategy<Value = String> {
    "[A-Z_][A-Z0-9_]{0,5}"
}

/// Any text without NUL, and the pieces that formats trip over.
fn value() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "'", "\"", "\\", "$", "${A}", "`", "\n", "\r\n", "\r", " ", "\t", "#", " #", "=", "\\n", "\\\"", "\u{feff}",
        "\u{85}", "\u{2028}", "\u{1}", "%{", "~", "!", "a", "word", "ü", "😀",
    ]);
    prop_oneof![
        3 => proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat()),
        1 => any::<String>().prop_map(|text| text.replace('\0', "")),
    ]
}

fn values() -> impl Strategy<Value = Values> {
    proptest::collection::btree_map(name(), value(), 0..6)
}

fn cases(cases: u32) -> TestRunner {
    let factor = if std::env::var_os("CARGO_SECRETS_TEST_LONG").is_some_and(|value| value == "1") { 20 } else { 1 };
    TestRunner::new(Config { cases: cases * factor, failure_persistence: None, ..Config::default() })
}

#[test]
fn what_is_exported_comes_back_or_is_refused() {
    for (to, from) in PAIRS {
        let held = std::cell::Cell::new(0);
        let run = cases(400).run(&values(), |values| {
            let Ok(text) = export_all(to, &values) else { return Ok(()) };
            held.set(held.get() + 1);
            prop_assert_eq!(import_all(from, &text).unwrap(), values);
            Ok(())
        });
        run.unwrap_or_else(|error| panic!("{to} to {from}: {error}"));
        assert!(held.get() > 60, "{to}: {} were held", held.get());
    }
}

/// Text that looks like a `.env` file more often than not.
fn dotenv_text() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "A",
        "B_C",
        "=",
        " ",
        "\t",
        "'",
        "'",
        "\"",
        "\"",
        "\\",
        "$",
        "${A}",
        "$A",
        "#",
        " # c",
        "export ",
        "\n",
        "\r\n",
        "x",
        "word",
        "two words",
        "a'b",
        "\\n",
        "\\'",
        "\\\"",
        "ü",
        ".",
        ";",
        "&",
        "~",
        "'q r'",
        "\"q r\"",
    ]);
    let value = proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    let start = proptest::sample::select(vec!["A=", "B=", "export C=", "B_C = ", ""]);
    let line = (start, value).prop_map(|(start, value)| format!("{start}{value}\n"));
    proptest::collection::vec(line, 0..4).prop_map(|lines| lines.concat())
}

#[test]
fn a_file_is_read_as_the_crate_dotenvy_reads_it_or_refused() {
    let read = std::cell::Cell::new(0);
    let run = cases(20_000).run(&dotenv_text(), |text| {
        let Ok(ours) = import_all("dotenv", &text) else { return Ok(()) };
        read.set(read.get() + usize::from(!ours.is_empty()));
        // The crate stumbles over a blank at the very end.
        let theirs: Result<Values, _> = ::dotenvy::from_read_iter(format!("{text}\n").as_bytes()).collect();
        prop_assert_eq!(Some(ours), theirs.ok());
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(read.get() > 1000, "{} were read", read.get());
}

#[test]
fn assignments_are_read_as_bash_reads_them_or_refused() {
    let read = std::cell::Cell::new(0);
    let text = prop_oneof![
        dotenv_text(),
        (name(), proptest::collection::vec(dotenv_text(), 1..3))
            .prop_map(|(name, pieces)| { format!("export {name}={}\n", pieces.concat().replace('\n', "")) }),
    ];
    let run = cases(800).run(&text, |text| {
        let Ok(ours) = import_all("bash", &text) else { return Ok(()) };
        if ours.is_empty() || ours.contains_key("_") {
            return Ok(());
        }
        read.set(read.get() + 1);
        prop_assert_eq!(ours, by_bash(&text));
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(read.get() > 50, "{} were read", read.get());
}

#[test]
fn no_text_makes_any_reader_panic() {
    let text = prop_oneof![dotenv_text(), any::<String>(), structured_text()];
    let run = cases(1500).run(&text, |text| {
        for format in import::FORMATS {
            for flatten in [false, true] {
                let source = Source { path: None, project: None, text: &text, environment: "dev", flatten };
                let _ = format.read(&source, &mut keyring());
                let _ = import::Format::guess(&source).read(&source, &mut keyring());
            }
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

/// Pieces of JSON, YAML and TOML.
fn structured_text() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        ",",
        "\"",
        "\"a\"",
        "\"b\": 1",
        "a: b\n",
        "- ",
        "  ",
        "\n",
        "- x\n",
        "|\n",
        "? ",
        "&a ",
        "*a",
        "!!str ",
        "null",
        "---\n",
        "#",
        "[secrets]\n",
        "A = {",
        "value = \"eA==\"",
        "}\n",
        "a.b = 1\n",
        "'",
        "\u{85}",
    ]);
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// What bash has in its environment after it sourced the text.
fn by_bash(text: &str) -> Values {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    let mut command = Command::new("bash");
    command.args(["--norc", "-c", "set -a; . \"$0\"; /usr/bin/env -0"]).arg(file.path());
    command.env_clear().stdin(Stdio::null()).stderr(Stdio::null());
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let pairs = output.split_terminator('\0').filter_map(|pair| pair.split_once('='));
    let pairs = pairs.filter(|(name, _)| !["_", "PWD", "SHLVL", "OLDPWD"].contains(name));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
