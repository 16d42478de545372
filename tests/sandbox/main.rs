//! What the domains keep from code that runs while compiling, and from programs.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may fail loudly, and say what it skips"
)]
#![expect(clippy::disallowed_methods, reason = "files of a test are written as any program writes them")]

mod crates;
mod domain;
mod hostile;
mod kernels;
#[path = "../support/mod.rs"]
mod support;
mod trace;
