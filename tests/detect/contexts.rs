//! Every format, made up anew, in the places where Rust code keeps values: found there, by its own rule.

use secrets_detect::{Example, Findings, Syntax, examples, scan_rust, scan_text};

#[path = "../support/contexts.rs"]
mod written;

use written::{CONTEXTS, escaped, lower, upper};

/// Whether `findings` holds a finding of the example's own rule.
fn is_found(findings: &Findings, example: &Example) -> bool {
    findings.list.iter().any(|finding| finding.rule == example.rule)
}

/// Whether `context` shows `example` in a way that is looked at: in prose and in texts within literals only runs of so
/// many token characters are, and where nothing quotes a value, its signs must be no separators. A short value without a
/// digit is looked at nowhere.
fn is_looked_at(context: &str, example: &Example) -> bool {
    let value = &example.value;
    let is_bare = matches!(context, "comment" | "documentation" | "Prose");
    let least = if is_bare {
        16
    } else if matches!(context, "joined" | "object") {
        8
    } else {
        0
    };
    let is_word = value.len() < 20 && !value.bytes().any(|byte| byte.is_ascii_digit());
    let is_split = value.contains(['=', '&', '|']) || value.contains('\n') && !value.starts_with("-----");
    longest_run(value) >= least && !is_word && !(is_bare && is_split)
}

/// The longest run of letters, digits, `-` and `_` in `value`.
fn longest_run(value: &str) -> usize {
    let is_other = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    value.split(is_other).map(str::len).max().unwrap_or(0)
}

/// The rules that are not found everywhere, and where.
fn misses(seed: u64) -> Vec<String> {
    let mut misses = Vec::new();
    for example in examples(seed) {
        for (context, write) in CONTEXTS {
            if !is_looked_at(context, &example) {
                continue;
            }
            let findings = scan_rust(&write(&example));
            if !is_found(&findings, &example) {
                let others: Vec<&str> = findings.list.iter().map(|finding| finding.rule).collect();
                misses.push(format!("{} as {context}: {others:?}", example.rule));
            }
        }
    }
    misses
}

#[test]
fn every_format_is_found_in_every_context() {
    let misses: Vec<String> = (1..=2).flat_map(misses).collect();
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
}

#[test]
fn every_format_is_found_in_files_of_other_kinds() {
    let mut misses = Vec::new();
    for example in examples(3) {
        let value = &example.value;
        for (syntax, text) in [
            (Syntax::Toml, format!("[service]\n{} = '''{value}'''\n", lower(&example))),
            (Syntax::Yaml, format!("service:\n  {}: \"{}\"\n", lower(&example), escaped(value))),
            (Syntax::Json, format!("{{\"{}\": \"{}\"}}\n", lower(&example), escaped(value))),
            (Syntax::Assignments, format!("A=1\n{}=\"{value}\"\n", upper(&example))),
            (Syntax::Shell, format!("export {}='{value}'\n", upper(&example))),
            (Syntax::Prose, format!("Set `{}={value}` first.\n", upper(&example))),
        ] {
            if is_looked_at(&format!("{syntax:?}"), &example) && !is_found(&scan_text(&text, syntax), &example) {
                misses.push(format!("{} in {syntax:?}", example.rule));
            }
        }
    }
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
}

#[test]
fn at_least_150_providers_have_a_format() {
    let providers: std::collections::HashSet<&str> = examples(1).iter().map(|example| example.provider).collect();
    assert!(providers.len() >= 150, "{}", providers.len());
}
