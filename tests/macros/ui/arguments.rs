#[secrets_macros::no_hardcoded(deny)]
const KEY: &str = "anything";

fn main() {
    let _ = KEY;
}
