//! Makes a hard-coded API key or token a compile error.

mod allow;
mod arguments;
mod declared;
mod derive;
mod diagnostic;
mod files;
mod forbid;
mod hidden;
mod invocation;
mod json;
mod literal;
mod nearest;
mod path;
mod report;
mod scan;
mod secret;
mod structure;
mod text;
mod tokens;
mod toml;
mod track;

use proc_macro::TokenStream;

/// Looks through the whole crate.
#[proc_macro]
pub fn forbid_hardcoded(arguments: TokenStream) -> TokenStream {
    forbid::whole_crate(arguments)
}

/// Looks through an item.
#[proc_macro_attribute]
pub fn no_hardcoded(arguments: TokenStream, item: TokenStream) -> TokenStream {
    forbid::item(&arguments, item)
}

/// Reads a declared variable at run time.
#[proc_macro]
pub fn secret(tokens: TokenStream) -> TokenStream {
    secret::expand(tokens)
}

/// A literal that looks like a secret and is none.
#[proc_macro]
pub fn allow_secret(tokens: TokenStream) -> TokenStream {
    allow::expand(tokens)
}

/// Fills a struct from declared variables.
#[proc_macro_derive(Secrets, attributes(secret))]
pub fn secrets(item: TokenStream) -> TokenStream {
    derive::expand(item)
}
