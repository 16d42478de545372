//! The formats of providers c to d.

use super::{Format, Keyed, OBSERVED, token};
use crate::Kind::Secret;
use crate::alphabet::Alphabet::{Alphanumeric, LowerHex, LowerHexDashed, UrlSafe};
use crate::shape::{between, exactly};

#[rustfmt::skip]
pub(super) const FORMATS: &[Format] = &[
    token("crates-io-token", "crates.io", Secret, "cio", exactly(Alphanumeric, 32),
        OBSERVED),
    token("databricks-token", "Databricks", Secret, "dapi", between(LowerHexDashed, 32, 34),
        OBSERVED),
    token("digitalocean-oauth-token", "DigitalOcean", Secret, "doo_v1_", exactly(LowerHex, 64),
        OBSERVED),
    token("digitalocean-token", "DigitalOcean", Secret, "dop_v1_", exactly(LowerHex, 64),
        OBSERVED),
    token("docker-hub-token", "Docker Hub", Secret, "dckr_pat_", between(UrlSafe, 27, 32),
        OBSERVED),
];

#[rustfmt::skip]
pub(super) const KEYED: &[Keyed] = &[
];
