//! Errors that point into a file of this crate, for where every line of the user's that one could point to holds a value.
//!
//! **rustc prints the line that an error points to.** An included file has lines of its own, and its errors point there.

use proc_macro::TokenStream;

use crate::text::join;
use crate::tokens::{code, quoted};

/// The macro shares a line with a finding.
pub(crate) const SAME_LINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/hidden/same_line.rs");
/// The arguments of `allow_secret!` are not a literal and a reason.
pub(crate) const ALLOW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/hidden/allow.rs");

/// The error of one of this crate's files.
pub(crate) fn error(file: &str) -> TokenStream {
    code(&join(&["::core::include!{", &quoted(file), "}"]))
}
