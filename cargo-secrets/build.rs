//! Puts the word list into one text.
//!
//! The crate that has it holds an array of 7,776 references, each of which the loader would have to relocate at every
//! start of the program: a third of a millisecond for a list that one option of one command reads.

use std::path::Path;
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "a build script writes what cargo keeps for it")]
fn main() {
    let folder = env::var_os("OUT_DIR").unwrap_or_default();
    let words = diceware_wordlists::EFF_LONG_WORDLIST.join("\n");
    if let Err(error) = fs::write(Path::new(&folder).join("words.txt"), words) {
        println!("cargo::error=failed to write the word list: {error}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
