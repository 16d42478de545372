//! The program as its user types it: every command, its messages, its exit codes, and what it leaves behind.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]
#![expect(clippy::disallowed_methods, reason = "files of a test are written as any program writes them")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "../support/mod.rs"]
mod support;

mod fixture;

mod agreement;
mod cargo_lines;
mod declarations;
mod demo;
mod edit;
mod edit_terminal;
mod environments;
mod export;
mod files;
mod first_steps;
mod help;
mod hostile;
mod identities;
mod import;
mod layers;
mod leaks;
mod lint;
mod lint_files;
mod lint_policy;
mod lint_staged;
mod mistakes;
mod moves;
mod passphrases;
mod plain;
mod programs;
mod recipients;
mod reports;
mod run_semantics;
mod set_get;
mod shells;
mod watch;
