// The program's two lower layers, compiled into a target by `include!`: the program is no library.

#[path = "../../cargo-secrets/src/fsx.rs"]
pub(crate) mod fsx;
#[path = "../../cargo-secrets/src/secret/mod.rs"]
pub(crate) mod secret;
#[path = "../../cargo-secrets/src/store/mod.rs"]
pub(crate) mod store;
#[path = "../../cargo-secrets/src/term.rs"]
pub(crate) mod term;
