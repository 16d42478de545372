//! The formats of providers s.

use super::{Format, Keyed, OBSERVED, token};
use crate::Kind::{Key, Secret};
use crate::alphabet::Alphabet::{Alphanumeric, Dashed, LowerHex, UrlSafe};
use crate::shape::{Part, between, exactly, parts};

#[rustfmt::skip]
pub(super) const FORMATS: &[Format] = &[
    token("sendgrid-api-key", "SendGrid", Secret, "SG.", parts(Part::Run(UrlSafe, 22, 22), &[Part::Text("."), Part::Run(UrlSafe, 43, 43)]),
        OBSERVED),
    token("shopify-access-token", "Shopify", Secret, "shpat_", exactly(LowerHex, 32),
        OBSERVED),
    token("slack-bot-token", "Slack", Secret, "xoxb-", between(Dashed, 30, 120),
        OBSERVED),
    token("slack-user-token", "Slack", Secret, "xoxp-", between(Dashed, 30, 120),
        OBSERVED),
    token("stripe-publishable-key", "Stripe", Key, "pk_live_", between(Alphanumeric, 16, 247),
        OBSERVED),
    token("stripe-restricted-key", "Stripe", Secret, "rk_live_", between(Alphanumeric, 16, 247),
        OBSERVED),
    token("stripe-secret-key", "Stripe", Secret, "sk_live_", between(Alphanumeric, 16, 247),
        OBSERVED),
    token("stripe-test-publishable-key", "Stripe", Key, "pk_test_", between(Alphanumeric, 16, 247),
        OBSERVED),
    token("stripe-test-restricted-key", "Stripe", Secret, "rk_test_", between(Alphanumeric, 16, 247),
        OBSERVED),
    token("stripe-test-secret-key", "Stripe", Secret, "sk_test_", between(Alphanumeric, 16, 247),
        OBSERVED),
    token("stripe-webhook-secret", "Stripe", Secret, "whsec_", between(Alphanumeric, 32, 64),
        OBSERVED),
    token("supabase-access-token", "Supabase", Secret, "sbp_", exactly(LowerHex, 40),
        OBSERVED),
];

#[rustfmt::skip]
pub(super) const KEYED: &[Keyed] = &[
];
