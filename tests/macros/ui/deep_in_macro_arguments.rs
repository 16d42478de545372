use secrets_macros::no_hardcoded;

#[no_hardcoded]
mod client {
    pub fn headers() -> Vec<String> {
        vec![format!("{}", ["Bearer", "hf\x5fEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPL"].join(" "))]
    }
}

fn main() {
    let _ = client::headers();
}
