//! How values reach the programs that cargo starts, and that nothing else changes.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "../support/mod.rs"]
mod support;

#[test]
fn the_program_is_there() {
    assert!(support::program().canonicalize().unwrap().is_file());
}
