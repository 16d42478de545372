#[secrets_macros::no_hardcoded]
mod other;

fn main() {}
