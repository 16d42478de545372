//! The formats of providers e to g.

use super::{Format, Keyed, OBSERVED, token};
use crate::Kind::{Key, Secret};
use crate::alphabet::Alphabet::{Alphanumeric, Underscored, UrlSafe, UrlSafeDotted};
use crate::checksum::Checksum;
use crate::shape::{between, exactly};

#[rustfmt::skip]
pub(super) const FORMATS: &[Format] = &[
    token("github-app-installation-token", "GitHub", Secret, "ghs_", exactly(Alphanumeric, 36).checked(Checksum::Crc32Base62),
        OBSERVED),
    token("github-app-user-token", "GitHub", Secret, "ghu_", exactly(Alphanumeric, 36).checked(Checksum::Crc32Base62),
        OBSERVED),
    token("github-fine-grained-token", "GitHub", Secret, "github_pat_", exactly(Underscored, 82),
        OBSERVED),
    token("github-oauth-token", "GitHub", Secret, "gho_", exactly(Alphanumeric, 36).checked(Checksum::Crc32Base62),
        OBSERVED),
    token("github-personal-token", "GitHub", Secret, "ghp_", exactly(Alphanumeric, 36).checked(Checksum::Crc32Base62),
        OBSERVED),
    token("github-refresh-token", "GitHub", Secret, "ghr_", exactly(Alphanumeric, 36).checked(Checksum::Crc32Base62),
        OBSERVED),
    token("gitlab-personal-token", "GitLab", Secret, "glpat-", between(UrlSafeDotted, 20, 300),
        OBSERVED),
    token("google-api-key", "Google", Key, "AIza", exactly(UrlSafe, 35),
        OBSERVED),
    token("google-oauth-client-secret", "Google", Secret, "GOCSPX-", exactly(UrlSafe, 28),
        OBSERVED),
    token("grafana-service-account-token", "Grafana", Secret, "glsa_", exactly(Underscored, 41),
        OBSERVED),
];

#[rustfmt::skip]
pub(super) const KEYED: &[Keyed] = &[
];
