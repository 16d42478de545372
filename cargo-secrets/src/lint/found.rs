//! A finding at its place in a file.

use std::path::{Path, PathBuf};

use secrets_detect::{Basis, Confidence, Finding, Fingerprint, Kind, Place, Position, Reference};

use crate::lint::declared::BuiltIn;
use crate::lint::excerpt::Excerpt;
use crate::manifest::DECLARED_RULES;

/// A value, or a mistake in an `allow`, where it stands. **No field holds a value.**
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The file, absolute.
    pub(crate) path: PathBuf,
    /// The rule's stable name.
    pub(crate) rule: &'static str,
    /// Who issues such tokens; empty where the rule knows no provider.
    pub(crate) provider: &'static str,
    /// What a leak would mean.
    pub(crate) kind: Kind,
    /// What is wrong, in a line.
    pub(crate) message: String,
    /// How it was recognised.
    pub(crate) basis: Basis,
    /// How much speaks for it.
    pub(crate) confidence: Confidence,
    /// Where it stands: in code, in a test, in a comment, in documentation.
    pub(crate) place: Place,
    /// The bytes of the value in the file.
    pub(crate) bytes: std::ops::Range<usize>,
    /// Where it starts.
    pub(crate) start: Position,
    /// Behind its last character.
    pub(crate) end: Position,
    /// The value, redacted.
    pub(crate) preview: String,
    /// Names the value.
    pub(crate) fingerprint: Fingerprint,
    /// The name it is bound to.
    pub(crate) name: Option<String>,
    /// Its lines, masked.
    pub(crate) excerpt: Excerpt,
}

impl Found {
    /// The engine's finding in the file `path`, with its masked lines.
    pub(super) fn new(path: &Path, finding: Finding, excerpt: Excerpt) -> Self {
        Self {
            path: path.to_owned(),
            rule: finding.rule,
            provider: finding.provider,
            kind: finding.kind,
            message: finding.message(),
            basis: finding.basis,
            confidence: finding.confidence,
            place: finding.place.max(standing(path)),
            bytes: finding.span,
            start: finding.start,
            end: finding.end,
            preview: finding.preview,
            fingerprint: finding.fingerprint,
            name: finding.name,
            excerpt,
        }
    }

    /// A reference that builds something in.
    pub(super) fn built_in(path: &Path, reference: &Reference, built_in: BuiltIn, excerpt: Excerpt) -> Self {
        Self {
            path: path.to_owned(),
            rule: built_in.rule,
            provider: "",
            kind: Kind::Secret,
            message: built_in.message,
            basis: Basis::Format,
            confidence: Confidence::High,
            place: standing(path),
            bytes: reference.span.clone(),
            start: reference.start,
            end: reference.end,
            preview: String::new(),
            fingerprint: built_in.fingerprint,
            name: None,
            excerpt,
        }
    }

    /// How it was recognised, in one word.
    pub(crate) fn basis(&self) -> &'static str {
        if DECLARED_RULES.contains(&self.rule) { "declaration" } else { basis(self.basis) }
    }

    /// What sorts findings: where they stand, then how sure they are, then file and line.
    pub(super) fn rank(&self) -> impl Ord + use<'_> {
        (self.place, std::cmp::Reverse(self.confidence), &self.path, self.bytes.start, self.rule)
    }
}

/// How a rule recognises, in one word.
pub(crate) fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Format => "format",
        Basis::Url => "url",
        Basis::Name => "name",
        Basis::Allow => "allow",
    }
}

/// What a file's path says of everything in it.
fn standing(path: &Path) -> Place {
    const TESTS: [&str; 8] = ["tests", "test", "benches", "examples", "fixtures", "testdata", "test_data", "test-data"];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').next().unwrap_or_default();
    let words: Vec<_> = path.parent().into_iter().flatten().filter_map(std::ffi::OsStr::to_str).collect();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    if matches!(&*extension, "md" | "rst" | "adoc") || stem.eq_ignore_ascii_case("readme") {
        Place::Doc
    } else if words.iter().any(|word| TESTS.contains(word))
        || matches!(stem, "tests" | "test")
        || stem.ends_with("_test")
        || stem.ends_with("_tests")
    {
        Place::Test
    } else if words.contains(&"docs") {
        Place::Doc
    } else {
        Place::Code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_source_from_tests_and_documents() {
        for (path, place) in [
            ("src/lib.rs", Place::Code),
            ("build.rs", Place::Code),
            (".github/workflows/ci.yml", Place::Code),
            ("src/config/tests.rs", Place::Test),
            ("src/client_test.rs", Place::Test),
            ("tests/cli/main.rs", Place::Test),
            ("crates/api/benches/speed.rs", Place::Test),
            ("examples/upload.rs", Place::Test),
            ("src/fixtures/a.json", Place::Test),
            ("README", Place::Doc),
            ("tests/README.md", Place::Doc),
            ("docs/setup.toml", Place::Doc),
        ] {
            assert_eq!(standing(Path::new(path)), place, "{path}");
        }
    }
}
