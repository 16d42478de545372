//! What the domains keep from code that runs while compiling, and from programs.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "../support/mod.rs"]
mod support;

mod hostile;

#[test]
fn the_program_is_there() {
    assert!(support::program().canonicalize().unwrap().is_file());
}
