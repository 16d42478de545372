//! Any text as an INI file, and in front of one's metadata.

#![no_main]
#![allow(dead_code, unused_imports, reason = "a target uses its own part of the program")]

include!("program.rs");

use libfuzzer_sys::fuzz_target;
use store::sops::{Document, Flavour};

const METADATA: &str = "\n[sops]\nage__list_0__map_recipient = age1x\nage__list_0__map_enc = x\nlastmodified = x\nmac = x\n";

fuzz_target!(|text: &str| {
    for text in [text.to_owned(), format!("{text}{METADATA}")] {
        if let Ok(document) = Document::parse(&text, Flavour::Ini) {
            let _ = (document.names().count(), document.paths());
        }
    }
});
