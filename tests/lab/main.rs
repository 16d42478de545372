//! The laboratory: files that were cut, flipped and forged; writers that are killed, starved and raced.
//!
//! **Never a panic, never a partial write, never a value in a message, and no child started on a doubt.** Each module
//! prints its counts in one line (`--nocapture` shows them); `CARGO_SECRETS_TEST_LONG=1` asks for all of the cases.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and prints what it counted"
)]
#![expect(unreachable_pub, reason = "what the modules share stands in modules of the test binary")]

#[path = "../support/mod.rs"]
mod support;

mod crash;
mod crash_team;
mod edit;
mod flips;
mod forge;
mod leaks;
mod outcome;
mod outside;
mod properties;
mod rivals;
mod storage;
mod tamper;
mod tamper_shape;
