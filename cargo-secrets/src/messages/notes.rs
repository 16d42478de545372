//! Every warning and note that a command prints, as its source has it: a second file to be read as a whole.

use std::fs;
use std::path::Path;

use snapbox::{assert_data_eq, file};

use super::complete::{literal_text, sources};

/// The warnings and notes of one file, in its order. What is put together elsewhere shows as the expression for it.
fn said(source: &str) -> Vec<String> {
    let calls = [(".warn(", "warning"), (".note(", "note")];
    let mut found: Vec<(usize, String)> = Vec::new();
    for (call, word) in calls {
        for (at, _) in source.match_indices(call) {
            let argument = source[at + call.len()..].trim_start();
            let inner = argument.strip_prefix("format_args!(").unwrap_or(argument).trim_start();
            let text = match inner.strip_prefix('"') {
                Some(literal) => literal_text(literal).0,
                None => format!("({})", inner.split([';', '\n']).next().unwrap_or_default().trim_end_matches(')')),
            };
            found.push((at, format!("{word}: {text}")));
        }
    }
    found.sort();
    found.into_iter().map(|(_, text)| text).collect()
}

#[test]
fn warnings_and_notes_are_read_from_the_sources() {
    let source = "shell.note(format_args!(\n \"a {b} \\\n   c\", 1));\n x.warn(caution);\n.warn(\"d\")";
    assert_eq!(said(source), ["note: a {b} c", "warning: (caution)", "warning: d"]);
}

#[test]
fn every_warning_and_note_is_as_it_was_when_somebody_read_it_last() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = sources(&root);
    paths.retain(|path| !path.starts_with(root.join("messages")) && !path.ends_with("term.rs"));
    paths.sort();
    let mut all =
        vec!["Every warning and note, as its source has it: what stands in braces is filled in.\n".to_owned()];
    for path in paths {
        let said = said(&fs::read_to_string(&path).unwrap());
        if !said.is_empty() {
            let name = path.strip_prefix(&root).unwrap().display();
            all.push(format!("=== {name} ===\n\n{}\n", said.join("\n\n")));
        }
    }
    assert!(all.len() > 15, "{} files", all.len());
    assert_data_eq!(all.join("\n"), file!["notes.txt"].raw());
}
