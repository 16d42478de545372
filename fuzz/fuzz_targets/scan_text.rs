//! Any text as each of the other syntaxes.

#![no_main]

mod findings;

use libfuzzer_sys::fuzz_target;
use secrets_detect::{Syntax, scan_text};

fuzz_target!(|text: &str| {
    for syntax in
        [Syntax::Toml, Syntax::Yaml, Syntax::Json, Syntax::Assignments, Syntax::Shell, Syntax::Prose]
    {
        findings::check(text, &scan_text(text, syntax));
    }
});
