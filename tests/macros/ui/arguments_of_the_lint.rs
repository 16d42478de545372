secrets_macros::forbid_hardcoded!(deny: ["names"]);

fn main() {}
