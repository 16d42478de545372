//! Any text in front of a YAML file's metadata: refused or read, and read alike by the short way through SOPS' own lines
//! and by the parser alone, which a rule over comments forces.

#![no_main]
#![allow(dead_code, unused_imports, reason = "a target uses its own part of the program")]

include!("program.rs");

use libfuzzer_sys::fuzz_target;
use store::sops::{Document, Flavour};

const METADATA: &str = "sops:\n  age:\n  - {recipient: age1x, enc: x}\n  lastmodified: \"\"\n  mac: \"\"\n";

fuzz_target!(|text: &str| {
    let _ = Document::parse(text, Flavour::Yaml);
    let short = format!("{text}{METADATA}  unencrypted_suffix: _x\n");
    let whole = format!("{text}{METADATA}  encrypted_comment_regex: x\n");
    let (short, whole) = (Document::parse(&short, Flavour::Yaml), Document::parse(&whole, Flavour::Yaml));
    if let (Ok(short), Ok(whole)) = (&short, &whole) {
        assert_eq!(short.paths(), whole.paths());
        assert!(short.names().eq(whole.names()));
    }
    // Comments that could belong to more than one entry are refused by the second alone.
    if !text.contains('#') {
        assert_eq!(short.is_ok(), whole.is_ok(), "{:?}, {:?}", short.err(), whole.err());
    }
});
