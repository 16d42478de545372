//! The formats of providers h to m.

use super::{Format, Keyed, OBSERVED, token};
use crate::Kind::Secret;
use crate::alphabet::Alphabet::{Alphanumeric, UrlSafe};
use crate::checksum::Checksum;
use crate::shape::{Part, between, exactly, parts};

#[rustfmt::skip]
pub(super) const FORMATS: &[Format] = &[
    token("hugging-face-token", "Hugging Face", Secret, "hf_", exactly(Alphanumeric, 34),
        OBSERVED),
    token("json-web-token", "JSON Web Token issuer", Secret, "eyJ", parts(Part::Jwt, &[]).checked(Checksum::Jwt),
        OBSERVED),
    token("linear-api-key", "Linear", Secret, "lin_api_", exactly(Alphanumeric, 40),
        OBSERVED),
    token("vault-batch-token", "HashiCorp Vault", Secret, "hvb.", between(UrlSafe, 90, 500),
        OBSERVED),
    token("vault-service-token", "HashiCorp Vault", Secret, "hvs.", between(UrlSafe, 24, 300),
        OBSERVED),
];

#[rustfmt::skip]
pub(super) const KEYED: &[Keyed] = &[
];
