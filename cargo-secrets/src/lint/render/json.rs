//! For programs: one object, whose `version` changes when a field is renamed or taken away.

use std::path::Path;

use secrets_detect::{Confidence, Level, Place};
use serde::Serialize;

use crate::lint::baseline::Entry;
use crate::lint::found::Found;
use crate::lint::policy::Acceptance;
use crate::lint::project::Project;
use crate::lint::render::relative;
use crate::lint::report::{Group, Report};
use crate::lint::scan::Skip;

/// The version of the format.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    findings: Vec<Finding<'r>>,
    /// Known findings, which are not reported.
    accepted: Vec<Finding<'r>>,
    /// Entries of the baseline that nothing was found for.
    stale: &'r [Entry],
    summary: Summary,
}

#[derive(Serialize)]
struct Finding<'r> {
    rule: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    provider: &'r str,
    kind: String,
    basis: &'static str,
    confidence: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    message: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    preview: &'r str,
    fingerprint: String,
    places: Vec<Location<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
}

/// Lines and columns count from 1, columns in characters; the end is behind the last one.
#[derive(Serialize)]
struct Location<'r> {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    place: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'r str>,
    /// Known where the whole workspace is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'r str>,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    bytes: u64,
    errors: usize,
    warnings: usize,
    accepted: usize,
    /// Places whose rule has the level `allow`.
    off: usize,
    skipped: Skipped,
}

#[derive(Serialize)]
struct Skipped {
    binary: usize,
    large: usize,
    encrypted: usize,
    unreadable: usize,
}

/// The whole report.
pub(crate) fn json(report: &Report, project: &Project, base: &Path) -> String {
    let accepted = report.accepted.iter().map(|(by, group)| {
        let (by, reason) = match by {
            Acceptance::Allowed { reason } => ("allow", Some(reason.as_str())),
            Acceptance::Baseline => ("baseline", None),
        };
        Finding { level: None, accepted_by: Some(by), reason, ..finding(group, project, base) }
    });
    let document = Document {
        version: VERSION,
        findings: report.groups.iter().map(|group| finding(group, project, base)).collect(),
        accepted: accepted.collect(),
        stale: &report.stale,
        summary: summary(report),
    };
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn summary(report: &Report) -> Summary {
    Summary {
        files: report.files,
        bytes: report.bytes,
        errors: report.count(Level::Deny),
        warnings: report.count(Level::Warn),
        accepted: report.accepted.len(),
        off: report.off,
        skipped: Skipped {
            binary: report.skipped(Skip::Binary),
            large: report.skipped(Skip::Large),
            encrypted: report.skipped(Skip::Encrypted),
            unreadable: report.unreadable.len(),
        },
    }
}

fn finding<'r>(group: &'r Group, project: &'r Project, base: &Path) -> Finding<'r> {
    let first = group.first();
    Finding {
        rule: first.rule,
        provider: first.provider,
        kind: first.kind.to_string(),
        basis: first.basis(),
        confidence: match first.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        },
        level: Some(if group.level == Level::Warn { "warn" } else { "deny" }),
        message: &first.message,
        preview: &first.preview,
        fingerprint: first.fingerprint.to_string(),
        places: group.places().map(|found| location(found, project, base)).collect(),
        accepted_by: None,
        reason: None,
    }
}

fn location<'r>(found: &'r Found, project: &'r Project, base: &Path) -> Location<'r> {
    let owner = project.owner(&found.path);
    Location {
        file: relative(base, &found.path),
        line: found.start.line,
        column: found.start.column,
        end_line: found.end.line,
        end_column: found.end.column,
        place: match found.place {
            Place::Code => "code",
            Place::Test => "test",
            Place::Comment => "comment",
            Place::Doc => "doc",
        },
        name: found.name.as_deref(),
        package: owner.map(|(package, _)| package.name.as_str()),
        target: owner.map(|(_, target)| target.name.as_str()),
    }
}
