secrets_macros::forbid_hardcoded! {
    warn = ["names", "stripe-secret-kye"],
}

fn main() {}
