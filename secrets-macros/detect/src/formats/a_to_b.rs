//! The formats of providers a to b.

use super::{Format, Keyed, OBSERVED, token};
use crate::Kind::{Key, Secret};
use crate::alphabet::Alphabet::{Base32, UpperBech32, UrlSafe};
use crate::checksum::Checksum;
use crate::shape::{between, exactly};

#[rustfmt::skip]
pub(super) const FORMATS: &[Format] = &[
    token("age-secret-key", "age", Secret, "AGE-SECRET-KEY-1", exactly(UpperBech32, 58).checked(Checksum::Bech32),
        OBSERVED),
    token("anthropic-api-key", "Anthropic", Secret, "sk-ant-", between(UrlSafe, 80, 140),
        OBSERVED),
    token("aws-access-key-id", "Amazon Web Services", Key, "AKIA", exactly(Base32, 16),
        OBSERVED),
    token("aws-temporary-access-key-id", "Amazon Web Services", Key, "ASIA", exactly(Base32, 16),
        OBSERVED),
];

#[rustfmt::skip]
pub(super) const KEYED: &[Keyed] = &[
];
