//! The formats of providers t to z.

use super::{Format, Keyed, OBSERVED, named, token};
use crate::Kind::Secret;
use crate::alphabet::Alphabet::{Digits, LowerAlphanumeric, UrlSafe};
use crate::shape::{Part, exactly, parts};

#[rustfmt::skip]
pub(super) const FORMATS: &[Format] = &[
    token("telegram-bot-token", "Telegram", Secret, "",
        parts(Part::Run(Digits, 8, 10), &[Part::Text(":AA"), Part::Run(UrlSafe, 33, 33)]),
        "https://core.telegram.org/bots/api#authorizing-your-bot"),
];

#[rustfmt::skip]
pub(super) const KEYED: &[Keyed] = &[
    named("twitch-client-secret", "Twitch", Secret, &["twitch"], exactly(LowerAlphanumeric, 30), OBSERVED),
];
