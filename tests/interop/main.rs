//! What others wrote and what this program wrote are one thing: each reads the other's files, exactly.
//!
//! The real `sops`, `age`, `age-keygen`, `rage` and `ssh-keygen` are the judges; none of their behaviour is rebuilt here.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail loudly, and says what it skips"
)]

#[path = "../support/mod.rs"]
mod support;

mod age;
mod day;
mod edits;
mod exports;
mod groups;
mod imports;
mod ini;
mod lines;
mod newer;
mod pair;
mod plugins;
mod recipients;
mod rules;
mod ssh;
mod types;
mod values;
mod whole;
mod yaml;
