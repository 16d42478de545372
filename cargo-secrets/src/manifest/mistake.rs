//! A problem with its place: path, line, column and the line itself, underlined.
//!
//! **The line is shown without its values**: quoted texts beside the marked word become `…`, comments are cut off, and what
//! follows a marked key is not shown, so that a secret pasted into Cargo.toml is not repeated on a terminal or in a CI log.
//!
//! Places are looked up only when there is something to say: a second parse with spans, off the path of `run`.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::manifest::problem::{Problem, Release, ShapeProblem, or_newer};

/// Which of the two tables a project has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// `[workspace.metadata.secrets]`.
    Workspace,
    /// `[package.metadata.secrets]`.
    Package,
}

impl Table {
    /// The name of cargo's table that holds `metadata.secrets`.
    pub(super) fn parent(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Package => "package",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}.metadata.secrets]", self.parent())
    }
}

/// One step from a table to what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The value of a key.
    Key(String),
    /// The element of a list.
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Item(index)
    }
}

/// Which end of the last step is underlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// The key: the value may be a secret, or may be missing.
    Key,
    /// The value: a name or a path.
    Value,
}

/// A problem and the way to it from the secrets table. Small, because every check returns it.
#[derive(Debug)]
pub(super) struct Fault(Box<Unplaced>);

#[derive(Debug)]
struct Unplaced {
    steps: Vec<Step>,
    aim: Aim,
    problem: Problem,
}

impl Fault {
    fn new<const N: usize>(steps: [Step; N], aim: Aim, problem: impl Into<Problem>) -> Self {
        Self(Box::new(Unplaced { steps: steps.into(), aim, problem: problem.into() }))
    }

    /// A problem of the value at `steps`, which is shown.
    pub(super) fn value<const N: usize>(steps: [Step; N], problem: impl Into<Problem>) -> Self {
        Self::new(steps, Aim::Value, problem)
    }

    /// A problem of the key at `steps`; its value is not shown.
    pub(super) fn key<const N: usize>(steps: [Step; N], problem: impl Into<Problem>) -> Self {
        Self::new(steps, Aim::Key, problem)
    }

    /// The same fault, or the advice to upgrade where the table requires a version that may understand it.
    #[must_use]
    pub(super) fn or_newer(mut self, requires: Option<Release>) -> Self {
        self.0.problem = or_newer(self.0.problem, requires);
        self
    }

    /// The same fault, reached from one table further out.
    #[must_use]
    pub(super) fn below(mut self, steps: &[&str]) -> Self {
        self.0.steps.splice(0..0, steps.iter().map(|&step| Step::from(step)));
        self
    }

    /// Names the place in `text`, the content of `path`.
    pub(super) fn placed(self, path: &Path, text: &str, table: Table) -> Mistake {
        let Unplaced { steps, aim, problem } = *self.below(&[table.parent(), "metadata", "secrets"]).0;
        let span = find(text, &steps, aim).unwrap_or(0..0);
        Mistake::new(path, text, span, aim, problem)
    }
}

/// A problem with its place in a Cargo.toml.
#[derive(Debug)]
pub(crate) struct Mistake {
    path: PathBuf,
    line: usize,
    column: usize,
    shown: String,
    marked: Range<usize>,
    problem: Problem,
}

impl Mistake {
    /// Places a problem at a span of `text`.
    pub(super) fn new(path: &Path, text: &str, span: Range<usize>, aim: Aim, problem: Problem) -> Self {
        let start = floor(text, span.start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| start + at);
        let end = floor(text, span.end.clamp(start, line_end));
        let piece = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let prefix = piece(line_start, start);
        let (shown_prefix, marked, suffix) = if in_long_string(text.get(..line_start).unwrap_or_default()) {
            // The line is the inside of a value.
            ("…".to_owned(), String::new(), String::new())
        } else if matches!(problem, Problem::Shape(ShapeProblem::Syntax { .. })) {
            // What stands there already is a key, whatever follows it.
            let marked = if problem.is_repeated() { unquoted(piece(start, end)) } else { String::new() };
            (unquoted(prefix), marked, String::new())
        } else {
            (without_values(prefix), piece(start, end).to_owned(), suffix(piece(end, line_end), aim))
        };
        let (from, width) = (shown_prefix.chars().count(), marked.trim_end().chars().count().max(1));
        Self {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: prefix.chars().count() + 1,
            shown: format!("{shown_prefix}{marked}{suffix}").trim_end().chars().map(visible).collect(),
            marked: from..from + width,
            problem,
        }
    }

    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        self.problem.help()
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{}", self.problem)?;
        writeln!(f, "{margin}--> {}:{}:{}", self.path.display(), self.line, self.column)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", self.shown)?;
        write!(f, "{margin} | {}{}", " ".repeat(self.marked.start), "^".repeat(self.marked.len()))
    }
}

impl std::error::Error for Mistake {}

/// The value that the steps lead to from a project's table.
pub(super) fn value_span(text: &str, table: Table, steps: &[Step]) -> Option<Range<usize>> {
    let whole: Vec<Step> =
        [table.parent(), "metadata", "secrets"].into_iter().map(Step::from).chain(steps.iter().cloned()).collect();
    find(text, &whole, Aim::Value)
}

/// Where the steps lead in `text`, as far as they lead anywhere.
fn find(text: &str, steps: &[Step], aim: Aim) -> Option<Range<usize>> {
    let root = DeTable::parse(text).ok()?;
    let mut value: Option<&Spanned<DeValue<'_>>> = None;
    let mut span = None;
    let mut table = Some(root.get_ref());
    for (position, step) in steps.iter().enumerate() {
        let last = position + 1 == steps.len();
        let found = match step {
            Step::Key(key) => table
                .and_then(|table| table.get_key_value(key.as_str()))
                .map(|(key, value)| (value, if last && aim == Aim::Value { value.span() } else { key.span() })),
            Step::Item(index) => {
                let items = value.and_then(|value| value.get_ref().as_array());
                items.and_then(|items| items.get(*index)).map(|item| (item, item.span()))
            }
        };
        let Some((next, at)) = found else { break };
        value = Some(next);
        table = next.get_ref().as_table();
        span = Some(at);
    }
    span
}

/// The start of the character at `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// What follows the marked word: nothing of a marked key's value.
fn suffix(rest: &str, aim: Aim) -> String {
    if aim == Aim::Key && rest.trim_start().starts_with('=') { " = …".to_owned() } else { without_values(rest) }
}

/// Whether `before` ends within a string of several lines.
fn in_long_string(before: &str) -> bool {
    ["\"\"\"", "'''"].iter().any(|quotes| before.matches(quotes).count() % 2 == 1)
}

/// `text` with what stands in quotes replaced by `…`, up to a comment.
fn without_values(text: &str) -> String {
    let mut shown = String::new();
    let mut chars = text.chars();
    while let Some(next) = chars.next() {
        match next {
            '#' => break,
            '"' | '\'' => {
                shown.push_str(if next == '"' { "\"…\"" } else { "'…'" });
                skip_quoted(&mut chars, next);
            }
            _ => shown.push(next),
        }
    }
    shown
}

fn skip_quoted(chars: &mut std::str::Chars<'_>, quote: char) {
    while let Some(next) = chars.next() {
        if next == quote {
            return;
        }
        if next == '\\' && quote == '"' {
            chars.next();
        }
    }
}

/// Of a line that is no TOML only what stands before its `=`, if it is a key at all.
fn unquoted(prefix: &str) -> String {
    let key = prefix.split('=').next().unwrap_or_default();
    let is_key = key.chars().all(|c| c.is_ascii_alphanumeric() || " \t-_.[]".contains(c));
    if !is_key {
        return String::new();
    }
    if key.len() == prefix.len() { key.to_owned() } else { format!("{key}= ") }
}

/// Control characters could move a terminal's cursor.
fn visible(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::problem::VariableProblem;

    const TEXT: &str = "[package]\nname = \"x\"\n\n[package.metadata.secrets.variables]\nTOKEN = { kind = \"secret\", default = \"hunter2\" } # note\n";

    #[test]
    fn the_marked_word_is_underlined_and_values_are_not_shown() {
        let steps = ["variables".into(), "TOKEN".into(), "default".into()];
        let fault = Fault::key(steps, VariableProblem::DefaultSecret);
        let shown = fault.placed(Path::new("Cargo.toml"), TEXT, Table::Package).to_string();
        let expected = "\
a `default` of a secret would be plaintext in `Cargo.toml`
 --> Cargo.toml:5:28
  |
5 | TOKEN = { kind = \"…\", default = …
  |                       ^^^^^^^";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_place_that_does_not_exist_falls_back_to_the_nearest_one_above() {
        let fault = Fault::key(["variables".into(), "NONE".into()], VariableProblem::DefaultSecret);
        let shown = fault.placed(Path::new("Cargo.toml"), TEXT, Table::Package).to_string();
        assert!(shown.contains("Cargo.toml:4:27") && shown.contains("^^^^^^^^^"), "{shown}");
    }

    #[test]
    fn a_key_that_stands_there_twice_is_underlined() {
        for (twice, line) in [
            ("sandbox = 'auto'\nsandbox.read = ['hunter2']\n", "3 | sandbox\n  | ^^^^^^^"),
            ("sandbox.read = ['a']\nsandbox.read = ['hunter2']\n", "3 | sandbox.read\n  |         ^^^^"),
            ("run.a = 'env'\n[package.metadata.secrets.run]\nb = 'hunter2'\n", "3 | [package.metadata.secrets.run\n"),
            ("[package.metadata.secrets]\nrequires = 'hunter2'\n", "2 | [package.metadata.secrets\n"),
            ("x = 'a'\n\"x\" = 'hunter2'\n", "3 | \n"),
        ] {
            let text = format!("[package.metadata.secrets]\n{twice}");
            let error = toml::from_str::<toml::Table>(&text).unwrap_err();
            let shown = crate::manifest::diagnose::syntax(Path::new("Cargo.toml"), &text, error);
            let (shown, help) = (shown.to_string(), shown.help().unwrap_or_default());
            assert!(help.contains("once") && !shown.contains("hunter2"), "{shown}");
            assert!(shown.contains(line), "{shown}");
        }
    }

    #[test]
    fn a_line_that_is_no_toml_is_shown_without_its_value() {
        assert_eq!(unquoted("default = \"hunter2"), "default = ");
        assert_eq!(unquoted("hunter2/x = \"hunter2"), "");
        assert_eq!(unquoted("[package"), "[package");
    }
}
