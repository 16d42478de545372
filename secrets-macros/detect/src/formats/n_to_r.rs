//! The formats of providers n to r.

use super::{Format, Keyed, OBSERVED, token};
use crate::Kind::Secret;
use crate::alphabet::Alphabet::{Alphanumeric, LowerHex, LowerHexDashed, UpperAlphanumeric, UrlSafe};
use crate::checksum::Checksum;
use crate::shape::{Part, between, exactly, parts};

#[rustfmt::skip]
pub(super) const FORMATS: &[Format] = &[
    token("new-relic-user-key", "New Relic", Secret, "NRAK-", exactly(UpperAlphanumeric, 27),
        OBSERVED),
    token("npm-token", "npm", Secret, "npm_", exactly(Alphanumeric, 36).checked(Checksum::Crc32Base62),
        OBSERVED),
    token("openai-project-key", "OpenAI", Secret, "sk-proj-", between(UrlSafe, 40, 200),
        OBSERVED),
    token("openai-service-account-key", "OpenAI", Secret, "sk-svcacct-", between(UrlSafe, 40, 200),
        OBSERVED),
    token("pem-private-key", "PEM", Secret, "-----BEGIN ", parts(Part::Pem, &[]).checked(Checksum::Pem),
        OBSERVED),
    token("postman-api-key", "Postman", Secret, "PMAK-", exactly(LowerHexDashed, 59),
        OBSERVED),
    token("pypi-token", "PyPI", Secret, "pypi-AgE", between(UrlSafe, 60, 1000),
        OBSERVED),
    token("rubygems-token", "RubyGems", Secret, "rubygems_", exactly(LowerHex, 48),
        OBSERVED),
];

#[rustfmt::skip]
pub(super) const KEYED: &[Keyed] = &[
];
