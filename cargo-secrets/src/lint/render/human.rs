//! For people: as rustc shows an error.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Group as Section, Level as Label, Message, Origin, Renderer, Snippet};
use anstream::adapter::strip_str;
use secrets_detect::{Basis, Level};

use crate::lint::excerpt::Excerpt;
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
    notes: &[(Note, String)],
    base: &Path,
) -> String {
    let label = if level == Level::Warn { Label::WARNING } else { Label::ERROR };
    let path = crate::secret::shown(&relative(base, &found.path), LONGEST_PATH);
    let section = label.primary_title(found.message()).id(code.to_owned());
    let section = match &found.excerpt {
        Some(excerpt) => with_excerpt(section.elements(None::<Message<'_>>), excerpt, found, path),
        None => section.element(Origin::path(path).line(found.start.line).char_column(found.start.column)),
    };
    let notes = notes.iter().map(|(kind, text)| match kind {
        Note::Note => Label::NOTE.message(text),
        Note::Help => Label::HELP.message(text),
    });
    without_empty_origin(&renderer.render(&[section.elements(notes)]))
}

/// A snippet without a path gets a line for it all the same.
fn without_empty_origin(text: &str) -> String {
    let is_empty = |line: &str| line.contains(":::") && strip_str(line).to_string().trim() == ":::";
    text.split_inclusive('\n').filter(|line| !is_empty(line)).collect()
}

/// What stands below a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// A fact.
    Note,
    /// What to do.
    Help,
}

fn with_excerpt<'a>(section: Section<'a>, excerpt: &'a Excerpt, found: &Found, path: String) -> Section<'a> {
    let snippet = Snippet::source(excerpt.text.as_str()).line_start(found.start.line);
    let snippet = snippet.annotation(AnnotationKind::Primary.span(excerpt.span.clone()));
    if excerpt.cut == 0 {
        return section.element(snippet.path(path));
    }
    // Counted in the excerpt, the column would be another one.
    let origin = Origin::path(path).line(found.start.line).char_column(found.start.column);
    section.element(origin).element(snippet)
}

/// Its further places, its fingerprint, and how to accept it.
fn notes(group: &Group, base: &Path) -> Vec<(Note, String)> {
    let mut notes: Vec<(Note, String)> = group
        .more()
        .iter()
        .take(MOST_PLACES)
        .map(|found| (Note::Note, format!("also at {}", place(found, base))))
        .collect();
    if let Some(more) = group.more().len().checked_sub(MOST_PLACES).filter(|more| *more > 0) {
        notes.push((Note::Note, format!("and at {more} more places")));
    }
    let found = group.first();
    if found.basis == Basis::Allow {
        notes.push((Note::Help, "remove it, or write the reason behind it".to_owned()));
    } else {
        notes.push((Note::Note, format!("fingerprint {}", found.fingerprint)));
    }
    notes
}

/// `FILE:LINE:COLUMN`.
pub(super) fn place(found: &Found, base: &Path) -> String {
    let path = crate::secret::shown(&relative(base, &found.path), LONGEST_PATH);
    format!("{path}:{}:{}", found.start.line, found.start.column)
}
