//! For GitHub Actions: workflow commands, which become annotations of the changed lines.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::fmt::Write as _;
use std::path::Path;

use secrets_detect::Level;

use crate::lint::found::Found;
use crate::lint::render::relative;
use crate::lint::report::Report;

/// One line per place; paths from the repository's folder `base`.
pub(crate) fn github(report: &Report, base: &Path) -> String {
    let mut text = String::new();
    for group in &report.groups {
        let command = if group.level == Level::Warn { "warning" } else { "error" };
        for found in group.places() {
            // Writing to a string does not fail.
            let _ = writeln!(text, "::{command} {}::{}", properties(found, base), data(&message(found)));
        }
    }
    text
}

fn message(found: &Found) -> String {
    if found.preview.is_empty() { found.message.clone() } else { format!("{}: {}", found.message, found.preview) }
}

fn properties(found: &Found, base: &Path) -> String {
    let file = property(&relative(base, &found.path));
    let (start, end) = (found.start, found.end);
    let title = property(found.rule);
    // GitHub ignores columns of an annotation of several lines.
    format!(
        "file={file},line={},endLine={},col={},endColumn={},title={title}",
        start.line, end.line, start.column, end.column
    )
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands behind a `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_or_a_property_is_escaped() {
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
        assert_eq!(data("100%: a, b\r\n::error::x"), "100%25: a, b%0D%0A::error::x");
    }
}
