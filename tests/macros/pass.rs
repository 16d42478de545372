//! Items without a hard-coded token compile, and are what they were.

use secrets_macros::no_hardcoded;

#[no_hardcoded]
const TIMEOUT: u64 = 30;

#[no_hardcoded]
fn url() -> String {
    format!("https://{}/v1/{}", "api.example.com", 'x')
}

/// A prefix alone and a placeholder are no tokens: `ghp_…`.
#[no_hardcoded]
mod near_misses {
    pub const PREFIX: &str = "sk_live_";
    pub const PLACEHOLDER: &str = "sk_live_<your key>";
    pub const OTHER: &std::ffi::CStr = c"plain";
}

struct Client;

#[no_hardcoded]
impl Client {
    #[no_hardcoded]
    fn key() -> Option<String> {
        std::env::var("STRIPE_SECRET_KEY").ok()
    }
}

#[no_hardcoded]
macro_rules! answer {
    () => {
        r#"forty-"two""#
    };
}

fn main() {
    assert_eq!(TIMEOUT, 30);
    assert_eq!(url(), "https://api.example.com/v1/x");
    assert_eq!(near_misses::PREFIX.len() + near_misses::PLACEHOLDER.len(), 26);
    assert!(near_misses::OTHER.count_bytes() == 5);
    assert!(Client::key().is_none());
    assert_eq!(answer!(), "forty-\"two\"");
}
