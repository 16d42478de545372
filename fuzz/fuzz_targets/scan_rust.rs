//! Any text as Rust.

#![no_main]

mod findings;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| findings::check(source, &secrets_detect::scan_rust(source)));
