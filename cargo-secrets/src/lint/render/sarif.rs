//! For code scanning: SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).
//!
//! One result per place, since a code host shows each result at its first location only; results of one value have its
//! fingerprint in common. What is accepted is there as a suppressed result.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use secrets_detect::{Basis, Kind, Level};
use serde_json::{Value, json};

use crate::lint::found::Found;
use crate::lint::policy::Acceptance;
use crate::lint::render::relative;
use crate::lint::report::Report;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The whole report; paths from the repository's folder `base`.
pub(crate) fn sarif(report: &Report, base: &Path) -> String {
    let mut rules = Rules::default();
    let mut results = Vec::new();
    for group in &report.groups {
        results.extend(group.places().map(|found| result(found, group.level, None, &mut rules, base)));
    }
    for (by, group) in &report.accepted {
        results.extend(group.places().map(|found| result(found, Level::Deny, Some(by), &mut rules, base)));
    }
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-secrets",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.list,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": report.unreadable.is_empty() }],
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

/// The rules that have results, in the order of the first of each.
#[derive(Default)]
struct Rules {
    list: Vec<Value>,
    index: BTreeMap<&'static str, usize>,
}

impl Rules {
    fn index(&mut self, found: &Found) -> usize {
        let next = self.list.len();
        let index = *self.index.entry(found.rule).or_insert(next);
        if index == next {
            self.list.push(rule(found));
        }
        index
    }
}

fn rule(found: &Found) -> Value {
    let of = if found.provider.is_empty() { String::new() } else { format!("{} ", found.provider) };
    let text = match found.basis {
        Basis::Allow => "a mistake in an allow".to_owned(),
        _ if found.basis() == "declaration" => "a declared secret that is built into the program".to_owned(),
        _ => format!("{of}{} in the source", found.kind),
    };
    // Where code scanning sorts by it: a secret is high, an identifier medium.
    let severity = if found.basis == Basis::Allow {
        "1.0"
    } else if found.kind == Kind::Secret {
        "8.0"
    } else {
        "4.0"
    };
    json!({
        "id": found.rule,
        "shortDescription": { "text": text },
        "help": { "text": "Who can read the source has the value: revoke it, and read its successor at run time." },
        "defaultConfiguration": { "level": "error" },
        "properties": { "tags": ["security"], "security-severity": severity },
    })
}

fn result(found: &Found, level: Level, accepted: Option<&Acceptance>, rules: &mut Rules, base: &Path) -> Value {
    let preview = if found.preview.is_empty() { String::new() } else { format!(": {}", found.preview) };
    let mut result = json!({
        "ruleId": found.rule,
        "ruleIndex": rules.index(found),
        "level": if level == Level::Warn { "warning" } else { "error" },
        "message": { "text": format!("{}{preview}", found.message) },
        "locations": [location(found, base)],
        "partialFingerprints": { "secretFingerprint/v1": found.fingerprint.to_string() },
    });
    if let (Some(by), Some(object)) = (accepted, result.as_object_mut()) {
        let justification = match by {
            Acceptance::Allowed { reason } => reason.as_str(),
            Acceptance::Baseline => "in the baseline",
        };
        let suppression = json!({ "kind": "external", "status": "accepted", "justification": justification });
        object.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

fn location(found: &Found, base: &Path) -> Value {
    let path = relative(base, &found.path);
    let artifact = if path.starts_with('/') {
        json!({ "uri": format!("file://{}", uri(&path)) })
    } else {
        json!({ "uri": uri(&path), "uriBaseId": "%SRCROOT%" })
    };
    json!({ "physicalLocation": {
        "artifactLocation": artifact,
        "region": {
            "startLine": found.start.line,
            "startColumn": found.start.column,
            "endLine": found.end.line,
            "endColumn": found.end.column,
        },
    } })
}

/// A path as part of a URI (RFC 3986): all but unreserved characters and `/` as `%XX`.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("a b/ä#1?.rs"), "a%20b/%C3%A4%231%3F.rs");
        assert_eq!(uri("src/c:d.rs"), "src/c%3Ad.rs");
    }
}
