//! Makes rustc check the crate again when a manifest changes that its declared names come from.
//!
//! **The manifest's text does not get into what is compiled**: `include_bytes!` in a function that nobody calls puts the
//! file among the crate's dependencies and nothing into its metadata or objects. `tests/macros` holds it to that.

use std::sync::atomic::{AtomicBool, Ordering};

use proc_macro::TokenStream;

use crate::declared::Declarations;
use crate::invocation::Invocation;
use crate::path::is_file;
use crate::text::join;
use crate::tokens::{code, quoted};

/// One process compiles one crate, and once is enough for it.
static DONE: AtomicBool = AtomicBool::new(false);

/// An item that tracks the manifests of `declarations`: the first time that the crate asks, and where a name is declared
/// elsewhere.
pub(crate) fn track(declarations: &Declarations) -> TokenStream {
    match Invocation::current() {
        Some(invocation) if !invocation.capped => {
            let done = DONE.swap(true, Ordering::Relaxed);
            if done && !declarations.elsewhere { TokenStream::new() } else { code(&item(declarations)) }
        }
        _ => TokenStream::new(),
    }
}

fn item(declarations: &Declarations) -> String {
    let mut text = String::from("const _: () = { fn _t() {");
    for file in &declarations.files {
        // What is not there cannot be included.
        if is_file(file) {
            text.push_str(&join(&["let _: &[u8] = ::core::include_bytes!(", &quoted(file), ");"]));
        }
    }
    text.push_str("} };");
    text
}
