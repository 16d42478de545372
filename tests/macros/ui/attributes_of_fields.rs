#[derive(secrets_macros::Secrets)]
struct Config {
    #[secret]
    one: String,
    #[secret(NAME)]
    two: String,
    #[secret("THREE", defualt = "x")]
    three: String,
    #[secret("NOT A NAME")]
    four: String,
    #[secret(default = "x")]
    five: Option<String>,
    #[secret(default = concat!("x"))]
    six: String,
}

fn main() {
    // It is still filled: no second error about a missing function.
    let config = Config::from_env().unwrap();
    let _ = (config.one, config.two, config.three, config.four, config.five, config.six);
}
