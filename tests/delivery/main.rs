//! How values reach the programs that cargo starts, and that nothing else changes.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail loudly, and says what it skips"
)]

#[path = "../support/mod.rs"]
mod support;

mod by_hand;
mod explain;
mod files;
mod fixture;
mod leaks;
mod notes;
mod parity;
mod races;
mod signals;
mod watch;
mod ways;
