//! What programs that use the macros compile to, and what rustc prints when they do not.
//!
//! No file here holds a token as a scanner would see it: the fixtures write one character of the prefix as an escape,
//! which the macro decodes. Every body holds the word `EXAMPLE`, so that one search shows whether a value was printed.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its fixtures has failed")]

mod project;
mod whole_crate;

use std::fs;
use std::path::PathBuf;

/// The folder of the fixtures.
fn ui() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/macros/ui")
}

/// The contents of the fixtures with this extension.
fn fixtures(extension: &str) -> Vec<(PathBuf, String)> {
    let paths = fs::read_dir(ui()).unwrap().map(|entry| entry.unwrap().path());
    let wanted = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    wanted.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn programs_compile_or_fail_as_recorded() {
    let cases = trybuild::TestCases::new();
    cases.pass("../tests/macros/pass.rs");
    cases.compile_fail("../tests/macros/ui/*.rs");
}

/// trybuild compares all that rustc printed with the recorded text, so what is not there was not printed.
#[test]
fn rustc_prints_no_value() {
    let recorded = fixtures("stderr");
    assert_eq!(recorded.len(), fixtures("rs").len());
    for (path, text) in recorded {
        assert!(!text.contains("EXAMPLE"), "{} shows a value", path.display());
    }
}
