#[secrets_macros::no_hardcoded]
const STRIPE: &str = "sk\u{5f}live\u{5f}EXAMPLEEXAMPLEEXAMPLE";

fn main() {
    // The item is still there: no second error about a missing name.
    let _ = STRIPE;
}
