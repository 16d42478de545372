// The program's two lower layers, compiled into a target by `include!`: the program is no library.

#[path = "../../cargo-secrets/src"]
mod program {
    pub(crate) mod fsx;
    pub(crate) mod secret;
    pub(crate) mod store;
    pub(crate) mod term;
}
use program::{fsx, secret, store, term};
