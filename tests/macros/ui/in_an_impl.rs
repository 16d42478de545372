struct Client;

impl Client {
    #[secrets_macros::no_hardcoded]
    fn key(&self) -> &'static str {
        "AKI\x41EXAMPLE7EXAMPLE7"
    }
}

fn main() {
    let _ = Client.key();
}
