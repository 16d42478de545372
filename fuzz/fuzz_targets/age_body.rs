//! Any text as the dotenv text in an age file; what was read is read back from single quotes.

#![no_main]
#![allow(dead_code, unused_imports, reason = "a target uses its own part of the program")]

include!("program.rs");

use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret;

fuzz_target!(|text: &str| {
    let Ok(entries) = store::body::parse(text) else { return };
    let plain: Vec<_> = entries.iter().map(|(name, value)| (name, value.expose_secret())).collect();
    if plain.iter().any(|(_, value)| value.contains('\'')) {
        return;
    }
    let lines: String = plain.iter().map(|(name, value)| format!("export {name}='{value}' # x\n")).collect();
    let again = store::body::parse(&lines).unwrap();
    assert!(plain.into_iter().eq(again.iter().map(|(name, value)| (name, value.expose_secret()))));
});
