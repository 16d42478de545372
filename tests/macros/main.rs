//! What programs that use the macros compile to, and what rustc and cargo print when they do not.
//!
//! **No file here holds a token**: keys are made by the tests, in projects that cargo builds below `target`.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its fixtures has failed")]
#![expect(clippy::indexing_slicing, reason = "so has one that does not get the answer it asked for")]

mod declared;
mod editor;
mod items;
mod project;
mod reading;
mod whole_crate;

#[test]
fn programs_compile_or_fail_as_recorded() {
    let cases = trybuild::TestCases::new();
    cases.pass("../tests/macros/pass.rs");
    cases.compile_fail("../tests/macros/ui/*.rs");
}
