//! Values that formats trip over, and the names they go by.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

/// Names with values; each value is in Unicode's normal form C and free of NUL.
pub fn hard() -> Vec<(String, String)> {
    let mut values: Vec<String> = TEXTS.iter().map(|&text| text.to_owned()).collect();
    values.push("x".repeat(70_000));
    values.push("long line ".repeat(900));
    values.push((1..=126).map(|code| char::from(u8::try_from(code).unwrap())).collect());
    values.push((0x80..=0xff).filter_map(char::from_u32).collect());
    values.push(pem());
    values.into_iter().enumerate().map(|(index, value)| (format!("V{index:02}"), value)).collect()
}

/// Values that nobody chose, of the pieces that formats trip over; names begin with `W`, behind the others.
pub fn random(count: usize) -> Vec<(String, String)> {
    let mut state = RandomState::new().build_hasher().finish() | 1;
    eprintln!("random values from {state}");
    let mut next = |below: usize| {
        // xorshift64: any sequence will do.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let value =
        |next: &mut dyn FnMut(usize) -> usize| (0..next(12)).map(|_| PIECES[next(PIECES.len())]).collect::<String>();
    (0..count).map(|index| (format!("W{index:03}"), value(&mut next))).collect()
}

const PIECES: [&str; 34] = [
    "a",
    "Z9",
    " ",
    "  ",
    "'",
    "\"",
    "`",
    "\\",
    "\\\\",
    "$",
    "${",
    "}",
    "$(",
    ")",
    "{",
    "%{",
    "%",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "#",
    " #",
    "=",
    "~",
    "!",
    ":",
    ": ",
    "- ",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{1f600}",
];

/// A made-up private key, in parts: the lint reads this file too.
pub fn pem() -> String {
    let line = "MIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8AgEAAkEAq7BFUpkGp3+LQmlQ";
    format!("-----BEGIN {0} KEY-----\n{line}\n{line}\nYm9ndXM=\n-----END {0} KEY-----\n", "PRIVATE")
}

const TEXTS: [&str; 68] = [
    "",
    "plain",
    " ",
    "  leading and trailing  ",
    "two words",
    "it's",
    "'single'",
    "\"double\"",
    "'\"both\"'",
    "`backticks`",
    "`'\"all three\"'`",
    "a\"b",
    "'",
    "\"",
    "$",
    "$$",
    "$HOME",
    "${HOME}",
    "${HOME:-x}",
    "$(id)",
    "`id`",
    "$1$salt$hash",
    "$${x}",
    "$$${x}$",
    "%{ if true }x%{ endif }",
    "%%{x}%",
    "100%",
    "%n%s%d",
    "\\",
    "\\\\",
    "a\\b",
    "ends in \\",
    "\\n is two characters",
    "\\\\n\\t\\x41\\u0041",
    "\\'\\\"\\$\\`",
    "C:\\new\\table",
    "one\ntwo",
    "\nleading newline",
    "trailing newline\n",
    "\n\n\n",
    "dos\r\nlines\r\n",
    "a\rb",
    "ends in return\r",
    "tab\there\t",
    "#",
    "# a comment?",
    "value # a comment?",
    "value#none",
    "=",
    "a=b=c",
    "~/home",
    "~",
    "!history!!",
    "*?[a-z]{a,b}",
    ";&|<>()",
    "- item",
    "key: value",
    "null",
    "yes",
    "0o17",
    "1e3",
    "2026-11-29",
    "{\"type\": \"service_account\", \"private_key\": \"-----\\nabc\\n-----\\n\", \"n\": [1, 2.0, null]}",
    "<tag attr='x'>&amp;</tag>",
    "gr\u{fc}\u{df}e \u{20ac} \u{4f60}\u{597d} \u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{1f600}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\u{feff}mark\u{2028}\u{2029}\u{85}\u{a0}\u{200b}\u{202e}",
    "ENC[AES256_GCM,data:x]",
];
