//! What the domains keep from code that runs while compiling, and from programs.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod domain;
mod kernels;
#[path = "../support/mod.rs"]
mod support;
