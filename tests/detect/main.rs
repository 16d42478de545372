//! The detection engine as a whole: its lexer beside rustc's, on real crates, made-up tokens and any bytes at all.
//!
//! **No test here contains a key**: what looks like one is put together while the test runs.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod agreement;
mod contexts;
mod crates;
mod generated;
mod rustc;
mod scans;
