//! What the domains keep from code that runs while compiling, and from programs.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod domain;
mod kernels;
#[path = "../support/mod.rs"]
mod support;
