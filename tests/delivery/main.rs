//! How values reach the programs that cargo starts, and that nothing else changes.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and what it writes needs no care"
)]

#[path = "../support/mod.rs"]
mod support;

mod fixture;
mod leaks;
mod parity;
mod signals;
mod ways;
