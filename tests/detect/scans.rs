//! Both scans on sources that nobody would write: hostile ones, and keys among what stands around keys.
//!
//! **Whatever the text: no panic, spans within it, no value in what is told or masked.** No test here has a clock; the
//! hostile texts are so long that nobody would wait for a scan that reads them more than a few times.

use proptest::prelude::*;
use proptest::sample::select;
use secrets_detect::{Basis, Findings, Syntax, scan_rust, scan_text};

use crate::generated::cases;

/// What stands around keys, opens something or looks like the beginning of something.
const AROUND: &[&str] = &[
    "\"",
    "'",
    "`",
    "r#\"",
    "\"#",
    "b\"",
    "//",
    "/*",
    "*/",
    "///",
    "\n",
    "\r\n",
    " ",
    "  ",
    "\t",
    "\\",
    "\\n",
    "\\\"",
    "\\u{41}",
    "\\x",
    "=",
    " = ",
    ":",
    ": ",
    ",",
    ", ",
    ";",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "@",
    "#",
    "$",
    "%",
    "&",
    "?",
    "!",
    "-",
    "--",
    "_",
    ".",
    "..",
    "…",
    "é",
    "\u{2028}",
    "0",
    "a",
    "A1",
    "://",
    "https://",
    "postgres://u:",
    "@host/db",
    "Bearer ",
    "Basic ",
    "-u ",
    "user:",
    "password",
    "PASSWORD=",
    "password: ",
    "api_key",
    "token",
    "secret",
    "const KEY: &str = ",
    "let a = ",
    "env!(",
    "include_str!(",
    "concat!(",
    "allow_secret!(",
    "vec![",
    "#[cfg(test)]",
    "mod tests {",
    "#[path = ",
    "#[doc = ",
    "// secrets: allow(",
    "github-pat",
    ") reason\n",
    "reason = ",
    "-----BEGIN ",
    "PRIVATE KEY",
    "-----\n",
    "-----END ",
    "[1,2,3,4,5,6,7,8]",
    "b'a',",
    "0x41,",
    "value=",
    "name=",
    "kind: Secret\n",
    "data:\n  ",
    "\u{feff}",
    "#!",
    "---\n",
    "EXAMPLE",
    "xxxx",
    "eyJ",
    "ghp_",
    "sk_live_",
    "AKIA",
];

/// The keys: made up, of three providers, and two that only a name makes one.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z2-7]{16}".prop_map(|rest| format!("AK{}{rest}", "IA")),
        "[0-9A-Za-z]{24}".prop_map(|rest| format!("sk_{}_{rest}", "live")),
        "[0-9A-Za-z]{22}_[0-9A-Za-z]{59}".prop_map(|rest| format!("github_{}_{rest}", "pat")),
        "[0-9A-Za-z]{20,40}",
        "[0-9a-f]{32}",
    ]
}

/// A key, or one that is written with an escape, in two parts, or as numbers.
fn written_key() -> impl Strategy<Value = String> {
    (key(), 0_usize..5, any::<prop::sample::Index>()).prop_map(|(key, how, index)| {
        let (first, rest) = key.split_at(index.index(key.len() - 1) + 1);
        match how {
            0 => format!("{}\\x{:02x}{rest}", &first[1..], rest.as_bytes()[0]),
            1 => format!("{first}\", \"{rest}"),
            2 => key.bytes().map(|byte| format!("{byte}, ")).collect::<Vec<_>>().concat(),
            3 => format!("{first}\\\n    {rest}"),
            _ => key,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_scanned_and_masked(text in any::<String>()) {
        scan_all(&text);
    }

    #[test]
    fn keys_among_anything_are_told_without_their_values(
        parts in prop::collection::vec(
            prop_oneof![5 => select(AROUND).prop_map(str::to_owned), 1 => key(), 1 => written_key()], 0..30,
        ),
    ) {
        scan_all(&parts.concat());
    }
}

#[test]
fn hostile_texts_are_scanned_to_their_end() {
    let key = ["AK", "IA", "Q2W3E4R5T6Y7U2I3"].concat();
    let with_key = [
        "KEY ",
        "\"KEY\",",
        "// KEY\n",
        "KEY@",
        "a://b:KEY@c ",
        "concat!(\"KEY\",",
        "\\x41KEY ",
        "/* secrets: allow(aws-access-key-id) x */ \"KEY\",",
    ];
    let with_key = with_key.map(|text| text.replace("KEY", &key));
    let others = [
        "aaaaaaaa.",
        "aaaaaaaa@",
        "aaaaaaa1:",
        "aaaaaaaa=",
        "a1b2c3d4e5f6:a1b2c3d4e5f6@",
        "password=a1b2c3d4 ",
        "password = \"hunter22xY9\"\n",
        "  password: aGVsbG8xMjM=\n",
        "concat!(\"aaaaaaaa1\",",
        ",\"a1b2c3d4\"",
        "// secrets: allow(x) y\n",
        "// secrets: allow(x)\n",
        "// -----BEGIN PRIVATE KEY-----\n",
        "#[cfg(test)] mod t {",
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJhbGciOiJIUzI1NiJ9.",
        "allow_secret!(\"a\"",
        "/* secrets: allow(aws-access-key-id) x */",
        "env!(\"A\")",
        "aB3dE6gH9",
    ];
    for unit in AROUND.iter().copied().chain(others).chain(with_key.iter().map(String::as_str)) {
        scan_all(&unit.repeat(6_000 / unit.len()));
    }
}

/// Scans `text` in every way, as the content of a literal too.
fn scan_all(text: &str) {
    check(text, &scan_rust(text));
    for source in [format!("const A: &str = {text:?};"), format!("const A: &str = r###\"{text}\"###;")] {
        check(&source, &scan_rust(&source));
    }
    for syntax in [Syntax::Toml, Syntax::Yaml, Syntax::Json, Syntax::Assignments, Syntax::Shell, Syntax::Prose] {
        check(text, &scan_text(text, syntax));
    }
}

/// Whether `findings` are places of `source`, in its order, and tell no value.
fn check(source: &str, findings: &Findings) {
    let (mut at, mut values) = (0, Vec::new());
    let masked = findings.masked(source);
    assert_eq!(masked.len(), source.len());
    assert_eq!(masked.lines().count(), source.lines().count());
    for finding in &findings.list {
        let value = &source[finding.span.clone()];
        assert!(at <= finding.span.start, "not in the order of the text");
        at = finding.span.start;
        assert!(value.is_char_boundary(finding.shown), "what is shown ends within a character");
        assert!(finding.start <= finding.end);
        let line = source[..finding.span.start].matches('\n').count() + 1;
        assert_eq!(finding.start.line, line);
        let column = source[..finding.span.start].rsplit('\n').next().unwrap().chars().count() + 1;
        assert_eq!(finding.start.column, column);
        if finding.basis == Basis::Allow {
            continue;
        }
        let hidden = &value[finding.shown..];
        assert!(masked[finding.span.clone()][finding.shown..].chars().all(|char| matches!(char, '*' | '\n' | '\r')));
        // Shorter ones may be a part of a rule's own words.
        if hidden.len() >= 10 {
            values.push(hidden);
        }
    }
    let told = format!("{:?}", findings.list);
    assert!(!values.iter().any(|value| told.contains(value)), "a value is told");
    for reference in &findings.references {
        assert!(source.get(reference.span.clone()).is_some());
    }
}
