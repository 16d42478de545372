//! Items without a hard-coded secret compile, and are what they were; what else the macros make works.
#![deny(warnings, unused_qualifications, rust_2018_idioms, missing_docs)]

use secrets_macros::{Secrets, no_hardcoded, secret};

secrets_macros::forbid_hardcoded! {
    warn = ["names"],
    allow = "url-password",
}

#[no_hardcoded]
const TIMEOUT: u64 = 30;

#[no_hardcoded]
fn url() -> String {
    format!("https://{}/v1/{}", "api.example.com", 'x')
}

/// A prefix alone and a placeholder are no tokens: `ghp_…`.
#[no_hardcoded]
mod near_misses {
    pub(crate) const PREFIX: &str = "sk_live_";
    pub(crate) const PLACEHOLDER: &str = "sk_live_<your key>";
    pub(crate) const OTHER: &std::ffi::CStr = c"plain";
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

macro_rules! read {
    ($name:literal, $type:ty) => {
        secret!($name, as $type)
    };
}

/// Nothing of what is here is set.
#[derive(Secrets)]
struct Config<'a, T: From<String>, const N: usize = 2> {
    #[secret("PASS_RS_ONE")]
    one: Option<T>,
    #[secret(default = -7)]
    pass_rs_two: i8,
    #[secret("PASS_RS_THREE", default = "x")]
    three: Option2<'a, N>,
}

struct Option2<'a, const N: usize>(&'a str, String);

impl<const N: usize> From<String> for Option2<'_, N> {
    fn from(text: String) -> Self {
        Self("", text)
    }
}

fn main() {
    assert_eq!(TIMEOUT, 30);
    assert_eq!(url(), "https://api.example.com/v1/x");
    assert_eq!(near_misses::PREFIX.len() + near_misses::PLACEHOLDER.len(), 26);
    assert!(near_misses::OTHER.count_bytes() == 5);
    assert!(Client::key().is_none());
    assert_eq!(answer!(), "forty-\"two\"");
    let error = read!("PASS_RS_NONE", std::num::NonZero<u8>).unwrap_err();
    assert!(error.to_string().starts_with("`PASS_RS_NONE` is not set: "));
    assert!(secret!("PASS_RS_NONE",).is_err());
    let config = Config::<'_, Box<str>>::from_env().unwrap();
    assert!(config.one.is_none() && config.pass_rs_two == -7);
    assert_eq!((config.three.0, &*config.three.1), ("", "x"));
    assert_eq!(format!("{config:?}"), "Config { one: [redacted], pass_rs_two: [redacted], three: [redacted] }");
}
