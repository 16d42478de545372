//! What is found, in order: said on standard error, and once more by the error that fails the build.
//!
//! **The list for the error holds places and rules only**: rustc prints it whatever the tools around it do.

use std::io::Write as _;

use secrets_detect::{Basis, Finding, Findings, Level, Reference};

use crate::diagnostic::{Diagnostic, Excerpt, Place};
use crate::invocation::Invocation;
use crate::json;
use crate::path::stem_and_extension;
use crate::text::{byte, join};
use crate::tokens::{file_of, position};

/// Diagnostics in the order of files and places.
#[derive(Default)]
pub(crate) struct Report {
    diagnostics: Vec<Diagnostic>,
}

/// How many places the error lists.
const LISTED: usize = 200;

impl Report {
    /// Puts `diagnostic` where it belongs.
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        let mut at = self.diagnostics.len();
        while at > 0 {
            match self.diagnostics.get(at - 1) {
                Some(before) if is_after(&before.place, &diagnostic.place) => at -= 1,
                _ => break,
            }
        }
        self.diagnostics.insert(at, diagnostic);
    }

    /// Whether a line from `first` to `last` of `file` holds a place.
    pub(crate) fn touches(&self, file: &str, first: usize, last: usize) -> bool {
        for diagnostic in &self.diagnostics {
            if let Some((start, end)) = diagnostic.place.lines
                && diagnostic.place.file == file
                && start.line <= last
                && first <= end.line
            {
                return true;
            }
        }
        false
    }

    /// Says all of it to whoever reads standard error, in one piece, so that nothing gets in between.
    pub(crate) fn print(&self, invocation: &Invocation) {
        let mut text = String::new();
        for diagnostic in &self.diagnostics {
            json::append(diagnostic, invocation, &mut text);
        }
        if !text.is_empty() {
            // Where nobody listens the error remains.
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        }
    }

    /// The text of the error; empty if there is none.
    pub(crate) fn error(&self, of: &str) -> String {
        let mut list = String::new();
        let mut count = 0;
        for diagnostic in &self.diagnostics {
            if diagnostic.level == Level::Deny {
                count += 1;
                if count <= LISTED {
                    list.push_str(&join(&["\n  ", &diagnostic.at(), " ", &diagnostic.rule]));
                }
            }
        }
        if count == 0 {
            return String::new();
        }
        if count > LISTED {
            list.push_str(&join(&["\n  and ", &(count - LISTED).to_string(), " more"]));
        }
        let noun = if count == 1 { " hard-coded secret in " } else { " hard-coded secrets in " };
        join(&[&count.to_string(), noun, of, ":", &list])
    }
}

/// Whether `one` belongs behind `other`.
fn is_after(one: &Place, other: &Place) -> bool {
    if one.file == other.file { one.span.0 > other.span.0 } else { one.file > other.file }
}

/// What is said about a finding in `file`, whose text was `masked`.
pub(crate) fn of_finding(finding: &Finding, level: Level, file: &str, masked: &str) -> Diagnostic {
    let span = (finding.span.start, finding.span.end);
    let lines = Some((finding.start, finding.end));
    let excerpt = Some(Excerpt::of(masked, span.0, span.1));
    diagnostic(finding, level, Place { file: file.to_owned(), span, lines, excerpt })
}

/// What is said about a finding in the text of tokens: it stands where its `literal` does.
pub(crate) fn of_token(finding: &Finding, level: Level, literal: proc_macro::Span) -> Diagnostic {
    let lines = Some((position(literal.start()), position(literal.end())));
    diagnostic(finding, level, Place { file: file_of(literal), span: (0, 0), lines, excerpt: None })
}

fn diagnostic(finding: &Finding, level: Level, place: Place) -> Diagnostic {
    Diagnostic { level, rule: finding.rule.to_owned(), message: finding.message(), place, help: help(finding) }
}

fn help(finding: &Finding) -> Vec<String> {
    let mut help = Vec::new();
    if finding.basis == Basis::Allow {
        help.push("`// secrets: allow(rule-id) reason` is for its own line and the next one".to_owned());
        return help;
    }
    let name = match &finding.name {
        Some(name) if is_variable(name) => name,
        _ => "NAME",
    };
    let read = ["read it at run time, `secrets_macros::secret!(\"", name, "\")`; replace it if it was ever committed"];
    let allow = ["if it is none: `// secrets: allow(", finding.rule, ") reason` on this line or the line before"];
    help.push(join(&read));
    help.push(join(&allow));
    help
}

/// Whether `name` looks like a variable's: upper case.
fn is_variable(name: &str) -> bool {
    let mut at = 0;
    while byte(name, at).is_ascii_uppercase() || (at > 0 && matches!(byte(name, at), b'0'..=b'9' | b'_')) {
        at += 1;
    }
    at > 0 && at == name.len()
}

/// What is said about a macro that names a variable or file it must not: `message`, and what to do.
pub(crate) fn of_reference(
    reference: &Reference,
    file: &str,
    masked: &str,
    message: String,
    help: String,
) -> Diagnostic {
    let span = (reference.span.start, reference.span.end);
    let lines = Some((reference.start, reference.end));
    let excerpt = Some(Excerpt::of(masked, span.0, span.1));
    let place = Place { file: file.to_owned(), span, lines, excerpt };
    Diagnostic { level: Level::Deny, rule: String::new(), message, place, help: vec![help] }
}

/// Rules of files that hold nothing but a key.
const KEY_FILES: &[&str] = &["pem-private-key", "age-secret-key", "putty-private-key", "wireguard-private-key"];

/// Whether the file in which `findings` were made is a private key, rather than prose that shows one.
pub(crate) fn is_private_key(file: &str, findings: &Findings) -> bool {
    for finding in &findings.list {
        for rule in KEY_FILES {
            if finding.rule == *rule {
                return stem_and_extension(file).1 != "md";
            }
        }
    }
    false
}
