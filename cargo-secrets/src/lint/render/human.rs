//! For people: as rustc shows an error.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Level as Label, Origin, Renderer, Snippet};
use anstream::adapter::strip_str;
use secrets_detect::{Basis, Level};

use crate::lint::found::Found;
use crate::lint::render::relative;
use crate::lint::report::{Group, Report};

/// The most further places that are listed.
const MOST_PLACES: usize = 12;
/// What is shown of a path.
const LONGEST_PATH: usize = 400;

/// All findings, coloured.
pub(crate) fn human(report: &Report, base: &Path) -> String {
    let renderer = Renderer::styled();
    let mut text = String::new();
    for group in &report.groups {
        text.push_str(&finding(&renderer, group.first(), group.level, group.first().rule, &notes(group, base), base));
        text.push_str("\n\n");
    }
    text
}

/// One finding at one place. `code` is what stands in brackets.
pub(super) fn finding(
    renderer: &Renderer,
    found: &Found,
    level: Level,
    code: &str,
    notes: &[String],
    base: &Path,
) -> String {
    let label = if level == Level::Warn { Label::WARNING } else { Label::ERROR };
    let path = crate::secret::shown(&relative(base, &found.path), LONGEST_PATH);
    let section = label.primary_title(found.message.as_str()).id(code.to_owned());
    let snippet = Snippet::source(found.excerpt.text.as_str()).line_start(found.start.line);
    let name = found.name.as_ref().filter(|_| found.basis == Basis::Name).map(|name| name_label(name));
    let snippet = snippet.annotation(AnnotationKind::Primary.span(found.excerpt.span.clone()).label(name));
    let section = if found.excerpt.cut == 0 {
        section.element(snippet.path(path))
    } else {
        // Counted in the excerpt, the column would be another one.
        section.element(Origin::path(path).line(found.start.line).char_column(found.start.column)).element(snippet)
    };
    let notes = notes.iter().map(|text| Label::NOTE.message(text));
    without_empty_origin(&renderer.render(&[section.elements(notes)]))
}

/// A name from a source, which may be hostile.
fn name_label(name: &str) -> String {
    format!("the value of `{}`", crate::secret::shown(name, 60))
}

/// A snippet without a path gets a line for it all the same.
fn without_empty_origin(text: &str) -> String {
    let is_empty = |line: &str| line.contains(":::") && strip_str(line).to_string().trim() == ":::";
    text.split_inclusive('\n').filter(|line| !is_empty(line)).collect()
}

/// Its further places and its fingerprint.
fn notes(group: &Group, base: &Path) -> Vec<String> {
    let mut notes: Vec<String> =
        group.more().iter().take(MOST_PLACES).map(|found| format!("also at {}", place(found, base))).collect();
    if let Some(more) = group.more().len().checked_sub(MOST_PLACES).filter(|more| *more > 0) {
        notes.push(format!("and at {more} more places"));
    }
    let found = group.first();
    if found.basis != Basis::Allow {
        notes.push(format!("fingerprint {}", found.fingerprint));
    }
    notes
}

/// `FILE:LINE:COLUMN`.
pub(super) fn place(found: &Found, base: &Path) -> String {
    let path = crate::secret::shown(&relative(base, &found.path), LONGEST_PATH);
    format!("{path}:{}:{}", found.start.line, found.start.column)
}
