//! For editors: the lines that `cargo check --message-format=json` prints, so that rust-analyzer's
//! `check.overrideCommand` shows findings where they stand.
//!
//! One message per place. Paths are those of cargo: from the workspace's folder.
//!
//! <https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>,
//! <https://doc.rust-lang.org/rustc/json.html>

use annotate_snippets::Renderer;
use secrets_detect::Level;
use serde_json::{Value, json};

use crate::lint::found::Found;
use crate::lint::project::Project;
use crate::lint::render::human;
use crate::lint::render::relative;
use crate::lint::report::Report;

/// All messages, and the line that ends a build.
pub(crate) fn cargo(report: &Report, project: &Project) -> String {
    let mut text = String::new();
    for group in &report.groups {
        for found in group.places() {
            if let Some(line) = line(found, group.level, project) {
                text.push_str(&line.to_string());
                text.push('\n');
            }
        }
    }
    let finished = json!({ "reason": "build-finished", "success": report.count(Level::Deny) == 0 });
    format!("{text}{finished}\n")
}

fn line(found: &Found, level: Level, project: &Project) -> Option<Value> {
    let (package, target) = project.owner_or_first(&found.path)?;
    Some(json!({
        "reason": "compiler-message",
        "package_id": package.id,
        "manifest_path": package.manifest_path,
        "target": target,
        "message": message(found, level, project),
    }))
}

fn message(found: &Found, level: Level, project: &Project) -> Value {
    let code = format!("secrets::{}", found.rule);
    let note = format!("fingerprint {}", found.fingerprint);
    let notes = [note.clone()];
    let rendered = human::finding(&Renderer::plain(), found, level, &code, &notes, &project.root);
    json!({
        "$message_type": "diagnostic",
        "message": found.message,
        "code": { "code": code, "explanation": null },
        "level": if level == Level::Warn { "warning" } else { "error" },
        "spans": [span(found, project)],
        "children": [{
            "message": note, "code": null, "level": "note", "spans": [], "children": [], "rendered": null,
        }],
        "rendered": rendered + "\n\n",
    })
}

fn span(found: &Found, project: &Project) -> Value {
    json!({
        "file_name": relative(&project.root, &found.path),
        "byte_start": found.bytes.start,
        "byte_end": found.bytes.end,
        "line_start": found.start.line,
        "line_end": found.end.line,
        "column_start": found.start.column,
        "column_end": found.end.column,
        "is_primary": true,
        "text": lines(found),
        "label": null,
        "suggested_replacement": null,
        "suggestion_applicability": null,
        "expansion": null,
    })
}

/// The masked lines, each with its marked columns.
fn lines(found: &Found) -> Vec<Value> {
    let excerpt = &found.excerpt;
    let mut start = 0;
    let mut lines = Vec::new();
    for line in excerpt.text.split_inclusive('\n') {
        let text = line.trim_end_matches(['\r', '\n']);
        let column = |at: usize| {
            let within = at.saturating_sub(start).min(text.len());
            text.get(..within).map_or(1, |before| before.chars().count() + 1)
        };
        let (from, to) = (column(excerpt.span.start), column(excerpt.span.end));
        lines.push(json!({ "text": text, "highlight_start": from, "highlight_end": to }));
        start += line.len();
    }
    lines
}
