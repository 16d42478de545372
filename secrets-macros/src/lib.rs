//! Makes a hard-coded API key or token a compile error, and reads declared secrets at run time.
//!
//! ```
//! secrets_macros::forbid_hardcoded!(); // once, in lib.rs or main.rs
//!
//! #[derive(secrets_macros::Secrets)]
//! struct Config {
//!     database_url: String, // DATABASE_URL
//!     #[secret("SMTP_PORT", default = "25")]
//!     port: u16,
//! }
//!
//! # fn main() {
//! let key = secrets_macros::secret!("STRIPE_API_KEY"); // not in the program: read when this runs
//! # assert!(key.is_err() && Config::from_env().is_err());
//! # }
//! ```
//!
//! | macro | what it does |
//! |---|---|
//! | [`forbid_hardcoded!`] | looks through all source files of the crate |
//! | [`#[no_hardcoded]`](macro@no_hardcoded) | looks through one item |
//! | [`secret!`] | reads a declared variable; a name that is not declared does not compile |
//! | [`#[derive(Secrets)]`](macro@Secrets) | fills a struct from declared variables |
//! | [`allow_secret!`] | says that a literal is no secret, and why |
//!
//! What counts as a secret is decided by `secrets-detect`, which `cargo secrets lint` uses too. Nothing is sent anywhere.
//!
//! # What is declared
//!
//! Names, kinds and secret files come from `[package.metadata.secrets]` of the package's Cargo.toml and
//! `[workspace.metadata.secrets]` of its workspace's, as `cargo secrets set` writes them. Where neither has such a table,
//! and in a package unpacked from a `.crate` file, every name passes. A table that this crate cannot read refuses nothing:
//! `cargo secrets check` says what is wrong with it.
//!
//! A crate that names a variable that may be declared (`secret!`, the derive, `env!` of a name that is not cargo's) is
//! checked again when one of these manifests changes in any way. No other crate is. The manifest's text does not get into
//! what is compiled.
//!
//! # What is printed
//!
//! **No value is printed by this crate.** The line of a finding is shown with every found value hidden. Where a finding
//! stands on the line of the macro itself, the error points to a file of this crate, because rustc prints the line that an
//! error points to.
//!
//! **rustc may print what it likes**: its own warning about the line of a key (an unused constant, say), or an error of your
//! code there, shows that line with the value. No macro can keep it from doing so.
//!
//! cargo takes each finding for a message of rustc: it is shown in colour or as one line, counted, passed on by
//! `--message-format=json` to editors, and a warning is shown again by the next build. A tool that reads rustc's output in
//! another way may drop these messages. The crate fails all the same, with one error of rustc's own that lists every place.

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

/// Looks through all source files of the crate: a hard-coded secret in any of them is an error at its own place.
///
/// ```text
/// secrets_macros::forbid_hardcoded!();
///
/// secrets_macros::forbid_hardcoded! {
///     deny = ["names"],                          // what is a warning otherwise
///     warn = ["jwt"],
///     allow = ["aws-access-key-id"],
///     paths = ["config", "deploy/app.env"],      // looked through too; from the package's folder
/// }
/// ```
///
/// Call it once, in `lib.rs` or `main.rs`; a library and a program of one package are two crates. It works in tests,
/// examples and build scripts, and in `check`, `build`, `test`, `doc`, `clippy` and `fix` alike.
///
/// # Levels
///
/// Token formats, private keys, credentials in URLs and mistakes in allows are errors. What is suspected for its name
/// (`password`, `api_key`, … bound to a value that looks random) is a warning. The arguments change that by rule, or by
/// `"formats"`, `"urls"` and `"names"` for all rules of a sort; a rule's own level comes first, and of two the stricter. A
/// name that is no rule is an error.
///
/// One value is allowed by a comment on its line or on the line before, `// secrets: allow(rule-id) reason`; by
/// [`allow_secret!`]; or by its fingerprint in Cargo.toml, `lint.allow = [{ fingerprint = "…", reason = "…" }]`, which
/// counts when the crate is checked the next time. An allow without a reason, or one that covers nothing, is an error.
///
/// # What it reads
///
/// - Every `*.rs` file below the folder of the crate root, whatever its `cfg`; not `target`, hidden folders, and folders with
///   a Cargo.toml of their own. Files of other targets that lie there are read too.
/// - Files named by `#[path]`, `include!`, `include_str!` and `include_bytes!`, also behind `env!("CARGO_MANIFEST_DIR")`.
/// - In Rust: literals of every kind (escapes decoded, `concat!` put together, byte arrays), in macro calls, attributes and
///   documentation too, and comments. Other texts by their extension.
///
/// Two more things do not compile, because they write a declared secret into the program: `env!`, `option_env!` and
/// `dotenv!` of a variable of kind `secret` (`env-bakes-secret`), and `include_str!` or `include_bytes!` of a declared secret
/// file (`includes-secret-file`) or of a private key (`includes-private-key`).
///
/// # What it does not see
///
/// - What a program puts together as it runs: `String::from("sk_") + …` beyond literals side by side.
/// - What build scripts and macros write (`include!(concat!(env!("OUT_DIR"), …))`); its own other crates: call it in each.
/// - Changes that cargo sees no reason to compile for: a file for another system is looked at with the crate's next check.
///
/// # Where it says nothing
///
/// Where the crate is somebody's dependency (`--cap-lints` is given), so that it never breaks its users' builds; in
/// rust-analyzer's macro server, which has no crate root (its check on save shows the findings in the editor); and when
/// rustdoc runs the documentation's examples, for the crate was compiled before.
#[proc_macro]
pub fn forbid_hardcoded(arguments: TokenStream) -> TokenStream {
    forbid::whole_crate(arguments)
}

/// Looks through one item as [`forbid_hardcoded!`] does through the crate.
///
/// ```
/// #[secrets_macros::no_hardcoded]
/// mod payment {
///     pub fn key() -> Result<String, std::env::VarError> {
///         std::env::var("STRIPE_SECRET_KEY")
///     }
/// }
/// # let _ = payment::key();
/// ```
///
/// The attribute goes on any item: a constant, a function, an `impl`, an inline `mod`. It takes no arguments, and it reads
/// the item's text in its file, comments included. The item is passed on unchanged, so a finding adds one error and hides no
/// other. `mod name;` has its body in another file: that is for `forbid_hardcoded!` (and rustc refuses every attribute of
/// this sort there, E0658), as are statements and expressions.
///
/// Where a macro wrote the item, its tokens are read instead, without comments, and the error does not say where they stand:
/// rustc would show the macro's call, and the value with it.
///
/// In rust-analyzer's macro server it marks the literal, except for what is a warning. There it sees no comments, so it marks
/// what a comment allows, too; use [`allow_secret!`] within such an item.
#[proc_macro_attribute]
pub fn no_hardcoded(arguments: TokenStream, item: TokenStream) -> TokenStream {
    forbid::item(&arguments, item)
}

/// Reads a declared variable at run time.
///
/// ```
/// # use std::error::Error;
/// # fn main() {
/// let url: Result<String, Box<dyn Error + Send + Sync>> = secrets_macros::secret!("DATABASE_URL");
/// let port: Result<u16, Box<dyn Error + Send + Sync>> = secrets_macros::secret!("PORT", as u16);
/// assert!(url.unwrap_err().to_string().starts_with("`DATABASE_URL` is not set: start the program with `cargo secrets run"));
/// # let _ = port;
/// # }
/// ```
///
/// A name that is not declared in Cargo.toml is an error at the literal, with the nearest name that is. The value is not in
/// the program. An error says which variable is missing, not Unicode or not valid, the same in `Display` and `Debug` (which is
/// what `main` shows); it holds neither the value nor what `FromStr` said of it.
#[proc_macro]
pub fn secret(tokens: TokenStream) -> TokenStream {
    secret::expand(tokens)
}

/// Expands to its literal, which looks like a secret and is none, and says why.
///
/// ```
/// const SHOWN_IN_THE_MANUAL: &str =
///     secrets_macros::allow_secret!("an example", reason = "the provider's documentation shows it");
/// # assert_eq!(SHOWN_IN_THE_MANUAL.len(), 10);
/// ```
///
/// The reason has words in it. Without one it does not compile, and the error does not show the line. Where the literal is
/// nothing that would be found, `forbid_hardcoded!` says that the allow covers nothing.
#[proc_macro]
pub fn allow_secret(tokens: TokenStream) -> TokenStream {
    allow::expand(tokens)
}

/// Fills a struct with named fields from declared variables.
///
/// ```
/// #[derive(secrets_macros::Secrets)]
/// pub struct Config {
///     pub database_url: String,                  // DATABASE_URL
///     #[secret("STRIPE_API_KEY")]
///     pub stripe: Option<Box<str>>,              // `None` where it is not set
///     #[secret("PORT", default = "8080")]        // or `#[secret(default = 8080)]`, for the field's own name
///     pub port: u16,
/// }
///
/// let error = Config::from_env().unwrap_err();
/// assert!(error.to_string().starts_with("not set: `DATABASE_URL`"));
/// ```
///
/// It adds, with the struct's own visibility, `fn from_env() -> Result<Self, Box<dyn Error + Send + Sync>>`. The error names
/// everything that is missing or not valid at once, the same in `Display` and `Debug`, and no value. It also implements
/// `Debug`, which shows the fields' names alone.
///
/// A field may be of any type with `FromStr` or, where there is none, `From<String>`, such as `secrecy::SecretString`; and an
/// `Option` of these. A name that is not declared in Cargo.toml is an error at the field or at its name.
#[proc_macro_derive(Secrets, attributes(secret))]
pub fn secrets(item: TokenStream) -> TokenStream {
    derive::expand(item)
}
