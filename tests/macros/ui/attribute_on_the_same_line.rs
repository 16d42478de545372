#[secrets_macros::no_hardcoded] const KEY: &str = { "sk\x5flive\x5fEXAMPLEEXAMPLEEXAMPLE"
};

fn main() {
    let _ = KEY;
}
