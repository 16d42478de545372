//! What is found, in order: said on standard error, and once more by the error that fails the build.
//!
//! **The list for the error holds places and rules only**: rustc prints it whatever the tools around it do.

use std::io::Write as _;
use std::path::Path;

use secrets_detect::{Basis, Finding, Findings, Level, Position, Reference, ReferenceBy};

use crate::diagnostic::{Diagnostic, Excerpt, Place};
use crate::files::relative;
use crate::invocation::Invocation;
use crate::json;

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
        while at > 0 && self.diagnostics.get(at - 1).is_some_and(|before| is_after(before, &diagnostic)) {
            at -= 1;
        }
        self.diagnostics.insert(at, diagnostic);
    }

    /// Whether a line from `first` to `last` of `file` holds a place.
    pub(crate) fn touches(&self, file: &str, first: usize, last: usize) -> bool {
        self.diagnostics.iter().any(|diagnostic| {
            let lines = diagnostic.place.lines;
            diagnostic.place.file == file && lines.is_some_and(|(start, end)| start.line <= last && first <= end.line)
        })
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

    /// The text of the error; `None` if there is none.
    pub(crate) fn error(&self, of: &str) -> Option<String> {
        let mut list = String::new();
        let mut count = 0;
        for diagnostic in &self.diagnostics {
            if diagnostic.level != Level::Deny {
                continue;
            }
            count += 1;
            if count <= LISTED {
                list.push_str(&["\n  ", &diagnostic.at(), " ", &diagnostic.rule].concat());
            }
        }
        if count > LISTED {
            list.push_str("\n  and ");
            list.push_str(&(count - LISTED).to_string());
            list.push_str(" more");
        }
        let noun = if count == 1 { " hard-coded secret in " } else { " hard-coded secrets in " };
        (count > 0).then(|| [&count.to_string(), noun, of, ":", &list].concat())
    }
}

/// Whether `one` belongs behind `other`.
fn is_after(one: &Diagnostic, other: &Diagnostic) -> bool {
    match one.place.file.cmp(&other.place.file) {
        std::cmp::Ordering::Equal => one.place.span.0 > other.place.span.0,
        order => order == std::cmp::Ordering::Greater,
    }
}

/// What is said about a finding in `file`, whose text was `masked`.
pub(crate) fn of_finding(finding: &Finding, level: Level, file: &str, masked: &str) -> Diagnostic {
    let span = (finding.span.start, finding.span.end);
    Diagnostic {
        level,
        rule: finding.rule.to_owned(),
        message: finding.message(),
        place: Place {
            file: file.to_owned(),
            span,
            lines: Some((finding.start, finding.end)),
            excerpt: Some(Excerpt::of(masked, span.0, span.1)),
        },
        help: help(finding),
    }
}

/// What is said about a finding in the text of tokens: it stands where its `literal` does.
pub(crate) fn of_token(finding: &Finding, level: Level, literal: proc_macro::Span) -> Diagnostic {
    let position = |span: proc_macro::Span| Position { line: span.line(), column: span.column() };
    let file = literal.local_file().map(|file| relative(&file).to_string_lossy().into_owned());
    Diagnostic {
        level,
        rule: finding.rule.to_owned(),
        message: finding.message(),
        place: Place {
            file: file.unwrap_or_else(|| literal.file()),
            span: (0, 0),
            lines: Some((position(literal.start()), position(literal.end()))),
            excerpt: None,
        },
        help: help(finding),
    }
}

fn help(finding: &Finding) -> Vec<String> {
    if finding.basis == Basis::Allow {
        return vec![
            "write `// secrets: allow(rule-id) reason` on the line or the line before, or remove it".to_owned(),
        ];
    }
    let name = finding.name.as_deref().filter(|name| is_variable(name)).unwrap_or("NAME");
    vec![
        ["read it at run time, `secrets_macros::secret!(\"", name, "\")`; replace it if it was ever committed"]
            .concat(),
        ["if it is none: `// secrets: allow(", finding.rule, ") reason` on this line or the line before"].concat(),
    ]
}

/// Whether `name` looks like a variable's: upper case.
fn is_variable(name: &str) -> bool {
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with(|letter: char| letter.is_ascii_uppercase()) && name.bytes().all(upper)
}

/// What is said about a macro that names a variable or file it must not.
pub(crate) fn of_reference(
    reference: &Reference,
    rule: &str,
    level: Level,
    file: &str,
    masked: &str,
    words: (String, String),
) -> Diagnostic {
    let span = (reference.span.start, reference.span.end);
    Diagnostic {
        level,
        rule: rule.to_owned(),
        message: words.0,
        place: Place {
            file: file.to_owned(),
            span,
            lines: Some((reference.start, reference.end)),
            excerpt: Some(Excerpt::of(masked, span.0, span.1)),
        },
        help: vec![words.1],
    }
}

/// The macro that a reference is an argument of.
pub(crate) fn macro_name(by: ReferenceBy) -> &'static str {
    match by {
        ReferenceBy::Env => "env!",
        ReferenceBy::OptionEnv => "option_env!",
        ReferenceBy::Dotenv => "dotenv!",
        ReferenceBy::Include => "include!",
        ReferenceBy::IncludeStr => "include_str!",
        ReferenceBy::IncludeBytes => "include_bytes!",
        ReferenceBy::Path => "#[path]",
    }
}

/// Whether the file in which `findings` were made is a private key, rather than prose that shows one.
pub(crate) fn is_private_key(file: &str, findings: &Findings) -> bool {
    let is_key = |rule: &str| rule.contains("private-key") || rule.contains("age-secret-key");
    Path::new(file).extension().is_none_or(|extension| extension != "md")
        && findings.list.iter().any(|finding| is_key(finding.rule))
}
