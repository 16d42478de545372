//! The macros in rust-analyzer's macro server, the one of the toolchain. It speaks JSON lines, tokens as tables of numbers
//! (the protocol of 2025, version 6); where there is no such server, or a newer one, nothing is tested.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::project::{Project, Run, aws_key};

/// Asks the server, and hands out its last answer; `None` where there is no server for this.
fn ask(request: &Value) -> Option<Value> {
    let root = Run::of(Command::new("rustc").args(["--print", "sysroot"]).output().unwrap()).stdout;
    let server = PathBuf::from(root.trim()).join("libexec/rust-analyzer-proc-macro-srv");
    if !server.exists() {
        return None;
    }
    let mut command = Command::new(server);
    command.env("RUST_ANALYZER_INTERNALS_DO_NOT_USE", "this is unstable");
    let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = format!("{}\n{request}\n", json!({ "ApiVersionCheck": {} }));
    server.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let run = Run::of(server.wait_with_output().unwrap());
    let mut answers = run.stdout.lines();
    let version: Value = serde_json::from_str(answers.next()?).unwrap();
    (version == json!({ "ApiVersionCheck": 6 })).then(|| serde_json::from_str(answers.next().unwrap()).unwrap())
}

/// What `tokens` of the macro `name` expand to, `attribute` being those in an attribute's parentheses.
fn expand(project: &Project, name: &str, tokens: &Value, attribute: Option<&Value>) -> Option<Value> {
    let globals = json!({ "serialize": true, "def_site": 0, "call_site": 0, "mixed_site": 0 });
    let folder = project.folder().to_str().unwrap();
    let answer = ask(&json!({ "ExpandMacro": {
        "lib": project.library(), "env": [["CARGO_MANIFEST_DIR", folder]], "current_dir": folder, "macro_name": name,
        "macro_body": tokens, "attributes": attribute, "has_global_spans": globals, "span_data_table": [],
    } }))?;
    Some(answer["ExpandMacro"]["Ok"].clone())
}

fn nothing() -> Value {
    json!({ "subtree": [0, 0, 0, 0, 0], "literal": [], "punct": [], "ident": [], "token_tree": [], "text": [] })
}

/// A string literal, span 7, alone or as the value of a constant.
fn string(text: &str) -> Value {
    json!({ "subtree": [0, 0, 0, 0, 1], "literal": [7, 0, 5, u32::MAX], "punct": [], "ident": [], "token_tree": [1],
        "text": [text] })
}

fn constant(text: &str) -> Value {
    json!({ "subtree": [0, 0, 0, 0, 8], "literal": [7, 0, 5, u32::MAX],
        "punct": [0, 58, 0, 0, 38, 0, 0, 61, 0, 0, 59, 0], "ident": [0, 1, 0, 0, 2, 0, 0, 3, 0],
        "token_tree": [3, 7, 2, 6, 11, 10, 1, 14], "text": [text, "const", "KEY", "str"] })
}

/// Whether the expansion has an error that says `text` and stands where the literal does.
fn has_error(expansion: &Value, text: &str) -> bool {
    let words: Vec<&str> = expansion["text"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let literals: Vec<u64> =
        expansion["literal"].as_array().unwrap().iter().map(|part| part.as_u64().unwrap()).collect();
    let said = |literal: &[u64]| literal[0] == 7 && words[usize::try_from(literal[1]).unwrap()].contains(text);
    words.contains(&"compile_error") && literals.chunks(4).any(said)
}

#[test]
fn rust_analyzer_sees_errors_at_literals_and_runs_no_scan_of_the_crate() {
    let key = aws_key();
    let table = "[package.metadata.secrets.variables]\nDATABASE_URL = {}\n";
    let source = format!("secrets_macros::forbid_hardcoded!();\npub const KEY: &str = \"{key}\";\n");
    let project = Project::new("editor").manifest(table).file("src/lib.rs", &source);
    let Some(silent) = expand(&project, "forbid_hardcoded", &nothing(), None) else { return };
    assert_eq!(silent, nothing());

    let marked = expand(&project, "no_hardcoded", &constant(&key), Some(&nothing())).unwrap();
    assert!(has_error(&marked, "hard-coded Amazon Web Services key [aws-access-key-id]"), "{marked}");
    let clean = expand(&project, "no_hardcoded", &constant("text"), Some(&nothing())).unwrap();
    assert!(!has_error(&clean, ""), "{clean}");

    let undeclared = expand(&project, "secret", &string("DATABSE_URL"), None).unwrap();
    assert!(has_error(&undeclared, "did you mean `DATABASE_URL`?"), "{undeclared}");
    let declared = expand(&project, "secret", &string("DATABASE_URL"), None).unwrap();
    assert!(!has_error(&declared, "") && !declared.to_string().contains("include_bytes"), "{declared}");
}
