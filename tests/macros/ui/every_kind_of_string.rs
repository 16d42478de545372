use std::ffi::CStr;

#[secrets_macros::no_hardcoded]
mod keys {
    use super::CStr;

    pub const BYTES: &[u8] = b"pk\x5flive\x5fEXAMPLEEXAMPLEEXAMPLE";
    pub const C: &CStr = c"rk\x5flive\x5fEXAMPLEEXAMPLEEXAMPLE";
    pub const LINES: &str = "dckr\x5fpat\x5f\
        EXAMPLEEXAMPLE\
        EXAMPLEEXAMPLE";
}

fn main() {
    let _ = (keys::BYTES, keys::C, keys::LINES);
}
