//! Makes a hard-coded API key or token a compile error.
//!
//! ```
//! use secrets_macros::no_hardcoded;
//!
//! #[no_hardcoded]
//! mod payment {
//!     pub fn key() -> Result<String, std::env::VarError> {
//!         std::env::var("STRIPE_SECRET_KEY")
//!     }
//! }
//! # let _ = payment::key();
//! ```
//!
//! What counts as a token is decided by [`secrets_detect::classify`]: about 45 published formats, with their checksums.
//! Nothing is sent anywhere, and no file is read.
//!
//! **A value that was found is never printed by this crate**: its message names the provider, the rule and the format's
//! fixed prefix, and its span points away from the literal, because rustc prints the line that a span points to.

mod hardcoded;
mod literal;

use proc_macro::TokenStream;

/// Refuses to compile the item while one of its string literals is an API key or a token.
///
/// ```compile_fail
/// #[secrets_macros::no_hardcoded]
/// const KEY: &str = "sk\u{5f}live\u{5f}EXAMPLEEXAMPLEEXAMPLE"; // escapes are decoded
/// ```
///
/// The attribute goes on any item: a constant, a function, an `impl`, an inline `mod`. It takes no arguments. The item
/// is passed on unchanged, so a finding adds one error and hides no other.
///
/// # What it reads
///
/// Every string literal among the item's tokens, however deep: plain, raw, byte and C strings, escapes decoded, also
/// within the arguments of macros and attributes. A literal is a finding if the *whole* of it is one token.
///
/// # What it does not see
///
/// - Other items and other files: `mod name;` with a body elsewhere is not followed, nor is `include!`.
/// - Values put together: `concat!("sk_", "live_…")`, byte arrays.
/// - A token within a longer text, such as a URL, a header or a doc comment.
/// - Secrets without a published format: passwords, names such as `api_key` bound to random text.
/// - What other macros make of the item later.
///
/// # What rustc may still print
///
/// The error points at the attribute. Put it on a line of its own: where attribute and literal share a line, the error
/// moves to another line of the item, and if there is none, rustc shows the line, value and all. Other warnings and
/// errors of rustc about a line with a literal show that line too; no macro can keep them from it.
#[proc_macro_attribute]
pub fn no_hardcoded(arguments: TokenStream, item: TokenStream) -> TokenStream {
    hardcoded::check(&arguments, item)
}
