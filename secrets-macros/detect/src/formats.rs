//! The table of token formats: one row, one format.
//!
//! **A row is added only for a format with a fixed prefix, known from its provider's documentation or tokens**; what has
//! no prefix cannot be told from any other text by its form. **No example of a row matches another one.** Where a provider
//! publishes a checksum, the row asks for it.

use std::ops::RangeInclusive;

use crate::Kind::{self, Key, Secret};
use crate::alphabet::Alphabet::{
    self, Alphanumeric, Base32, Dashed, LowerHex, LowerHexDashed, Underscored, UpperAlphanumeric, UpperBech32, UrlSafe,
    UrlSafeDotted,
};
use crate::checksum::Checksum;
use crate::shape::Shape;

/// One format of token.
#[derive(Clone, Debug)]
pub(crate) struct Format {
    /// The stable name of the rule.
    pub(crate) rule: &'static str,
    /// Who issues such tokens.
    pub(crate) provider: &'static str,
    /// What a leak would mean.
    pub(crate) kind: Kind,
    /// What every token of the format starts with.
    pub(crate) prefix: &'static str,
    /// What follows the prefix.
    pub(crate) shape: Shape,
}

impl Format {
    /// Whether the whole of `value` is a token of this format.
    pub(crate) fn matches(&self, value: &str) -> bool {
        value.strip_prefix(self.prefix).is_some_and(|body| self.shape.matches(self.prefix, body))
    }
}

/// What stands in a text.
pub(crate) struct Hit { pub(crate) format: &'static Format, pub(crate) end: usize, pub(crate) confidence: crate::Confidence }
pub(crate) static FIRST: [bool; 256] = [true; 256];
pub(crate) struct Keyed { pub(crate) rule: &'static str, pub(crate) provider: &'static str, pub(crate) kind: Kind }
pub(crate) fn keyed(_: &str, _: &[u8]) -> Option<&'static Keyed> { None }
pub(crate) fn starting_at(text: &[u8], start: usize) -> Option<Hit> {
    for format in FORMATS {
        if !text[start..].starts_with(format.prefix.as_bytes()) { continue; }
        let mut end = start;
        while end < text.len() && (text[end].is_ascii_alphanumeric() || b"-_.".contains(&text[end])) { end += 1; }
        if format.matches(std::str::from_utf8(&text[start..end]).unwrap_or("")) { return Some(Hit { format, end, confidence: crate::Confidence::Medium }); }
    }
    None
}

/// A row of the table.
const fn row(rule: &'static str, provider: &'static str, kind: Kind, prefix: &'static str, shape: Shape) -> Format {
    Format { rule, provider, kind, prefix, shape }
}

/// So many characters of an alphabet, no checksum.
const fn run(alphabet: Alphabet, length: RangeInclusive<usize>) -> Shape {
    Shape::Run { alphabet, length, checksum: Checksum::None }
}

/// 30 base62 characters and six digits of CRC-32.
const GITHUB: Shape = Shape::Run { alphabet: Alphanumeric, length: 36..=36, checksum: Checksum::Crc32Base62 };

/// 52 bech32 characters and six of checksum.
const AGE: Shape = Shape::Run { alphabet: UpperBech32, length: 58..=58, checksum: Checksum::Bech32 };

/// All formats, by provider.
#[rustfmt::skip]
pub(crate) static FORMATS: &[Format] = &[
    row("age-secret-key", "age", Secret, "AGE-SECRET-KEY-1", AGE),
    row("anthropic-api-key", "Anthropic", Secret, "sk-ant-", run(UrlSafe, 80..=140)),
    row("aws-access-key-id", "Amazon Web Services", Key, "AKIA", run(Base32, 16..=16)),
    row("aws-temporary-access-key-id", "Amazon Web Services", Key, "ASIA", run(Base32, 16..=16)),
    row("crates-io-token", "crates.io", Secret, "cio", run(Alphanumeric, 32..=32)),
    row("databricks-token", "Databricks", Secret, "dapi", run(LowerHexDashed, 32..=34)),
    row("digitalocean-oauth-token", "DigitalOcean", Secret, "doo_v1_", run(LowerHex, 64..=64)),
    row("digitalocean-token", "DigitalOcean", Secret, "dop_v1_", run(LowerHex, 64..=64)),
    row("docker-hub-token", "Docker Hub", Secret, "dckr_pat_", run(UrlSafe, 27..=32)),
    row("github-app-installation-token", "GitHub", Secret, "ghs_", GITHUB),
    row("github-app-user-token", "GitHub", Secret, "ghu_", GITHUB),
    row("github-fine-grained-token", "GitHub", Secret, "github_pat_", run(Underscored, 82..=82)),
    row("github-oauth-token", "GitHub", Secret, "gho_", GITHUB),
    row("github-personal-token", "GitHub", Secret, "ghp_", GITHUB),
    row("github-refresh-token", "GitHub", Secret, "ghr_", GITHUB),
    row("gitlab-personal-token", "GitLab", Secret, "glpat-", run(UrlSafeDotted, 20..=300)),
    row("google-api-key", "Google", Key, "AIza", run(UrlSafe, 35..=35)),
    row("google-oauth-client-secret", "Google", Secret, "GOCSPX-", run(UrlSafe, 28..=28)),
    row("grafana-service-account-token", "Grafana", Secret, "glsa_", run(Underscored, 41..=41)),
    row("hugging-face-token", "Hugging Face", Secret, "hf_", run(Alphanumeric, 34..=34)),
    row("json-web-token", "JSON Web Token issuer", Secret, "eyJ", Shape::Jwt),
    row("linear-api-key", "Linear", Secret, "lin_api_", run(Alphanumeric, 40..=40)),
    row("new-relic-user-key", "New Relic", Secret, "NRAK-", run(UpperAlphanumeric, 27..=27)),
    row("npm-token", "npm", Secret, "npm_", GITHUB),
    row("openai-project-key", "OpenAI", Secret, "sk-proj-", run(UrlSafe, 40..=200)),
    row("openai-service-account-key", "OpenAI", Secret, "sk-svcacct-", run(UrlSafe, 40..=200)),
    row("pem-private-key", "PEM", Secret, "-----BEGIN ", Shape::PemPrivateKey),
    row("postman-api-key", "Postman", Secret, "PMAK-", run(LowerHexDashed, 59..=59)),
    row("pypi-token", "PyPI", Secret, "pypi-AgE", run(UrlSafe, 60..=1000)),
    row("rubygems-token", "RubyGems", Secret, "rubygems_", run(LowerHex, 48..=48)),
    row("sendgrid-api-key", "SendGrid", Secret, "SG.", Shape::Segments(&[22, 43])),
    row("shopify-access-token", "Shopify", Secret, "shpat_", run(LowerHex, 32..=32)),
    row("slack-bot-token", "Slack", Secret, "xoxb-", run(Dashed, 30..=120)),
    row("slack-user-token", "Slack", Secret, "xoxp-", run(Dashed, 30..=120)),
    row("stripe-publishable-key", "Stripe", Key, "pk_live_", run(Alphanumeric, 16..=247)),
    row("stripe-restricted-key", "Stripe", Secret, "rk_live_", run(Alphanumeric, 16..=247)),
    row("stripe-secret-key", "Stripe", Secret, "sk_live_", run(Alphanumeric, 16..=247)),
    row("stripe-test-publishable-key", "Stripe", Key, "pk_test_", run(Alphanumeric, 16..=247)),
    row("stripe-test-restricted-key", "Stripe", Secret, "rk_test_", run(Alphanumeric, 16..=247)),
    row("stripe-test-secret-key", "Stripe", Secret, "sk_test_", run(Alphanumeric, 16..=247)),
    row("stripe-webhook-secret", "Stripe", Secret, "whsec_", run(Alphanumeric, 32..=64)),
    row("supabase-access-token", "Supabase", Secret, "sbp_", run(LowerHex, 40..=40)),
    row("vault-batch-token", "HashiCorp Vault", Secret, "hvb.", run(UrlSafe, 90..=500)),
    row("vault-service-token", "HashiCorp Vault", Secret, "hvs.", run(UrlSafe, 24..=300)),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::checksum::{base62, bech32_digits, crc32};
    use crate::{Match, classify};

    /// `length` characters of `alphabet`, all of them in turn.
    fn characters(alphabet: Alphabet, length: usize) -> String {
        (0..=127_u8).filter(|&byte| alphabet.contains(byte)).map(char::from).cycle().take(length).collect()
    }

    /// A body of exactly `length` characters that satisfies the checksum.
    fn body(prefix: &str, alphabet: Alphabet, length: usize, checksum: Checksum) -> String {
        let head = || characters(alphabet, length - 6);
        match checksum {
            Checksum::None => characters(alphabet, length),
            Checksum::Crc32Base62 => head() + std::str::from_utf8(&base62(crc32(head().as_bytes()))).unwrap(),
            Checksum::Bech32 => head() + &bech32_digits(prefix.strip_suffix('1').unwrap(), &head()),
        }
    }

    /// What a row should take: its shortest and its longest body.
    fn examples(format: &Format) -> Vec<String> {
        let bodies = match &format.shape {
            Shape::Run { alphabet, length, checksum } => {
                [length.start(), length.end()].map(|&length| body(format.prefix, *alphabet, length, *checksum)).to_vec()
            }
            Shape::Segments(lengths) => {
                vec![lengths.iter().map(|&length| characters(UrlSafe, length)).collect::<Vec<_>>().join(".")]
            }
            Shape::Jwt => vec![["hbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", &characters(UrlSafe, 43)].join(".")],
            Shape::PemPrivateKey => ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "].map(pem).to_vec(),
        };
        bodies.into_iter().map(|body| format!("{}{body}", format.prefix)).collect()
    }

    fn pem(label: &str) -> String {
        format!("{label}PRIVATE KEY-----\n{}\n-----END {label}PRIVATE KEY-----\n", characters(Alphanumeric, 64))
    }

    #[test]
    fn every_row_takes_its_examples_and_no_other_row_does() {
        for format in FORMATS {
            for example in examples(format) {
                let takers: Vec<_> = FORMATS.iter().filter(|row| row.matches(&example)).map(|row| row.rule).collect();
                assert_eq!(takers, [format.rule]);
                assert_eq!(classify(&example).unwrap().rule, format.rule);
            }
        }
    }

    #[test]
    fn a_character_too_few_or_too_many_is_refused() {
        for format in FORMATS {
            let Shape::Run { alphabet, length, checksum } = &format.shape else { continue };
            for length in [length.start() - 1, length.end() + 1] {
                let near = body(format.prefix, *alphabet, length, *checksum);
                assert_eq!(classify(&format!("{}{near}", format.prefix)), None, "{} {length}", format.rule);
            }
        }
    }

    #[test]
    fn a_foreign_character_or_a_blank_around_is_refused() {
        for format in FORMATS {
            for example in examples(format) {
                let mut foreign = example.clone();
                foreign.replace_range(foreign.len() / 2..=foreign.len() / 2, "é");
                if !matches!(format.shape, Shape::PemPrivateKey) {
                    assert_eq!(classify(&foreign), None, "{}", format.rule);
                    assert_eq!(classify(&format!("{example}\n")), None, "{}", format.rule);
                }
                assert_eq!(classify(&format!(" {example}")), None, "{}", format.rule);
            }
        }
    }

    #[test]
    fn a_wrong_checksum_is_refused() {
        for format in FORMATS {
            let Shape::Run { alphabet, length, checksum } = &format.shape else { continue };
            if *checksum != Checksum::None {
                let plain = characters(*alphabet, *length.end());
                assert_eq!(classify(&format!("{}{plain}", format.prefix)), None, "{}", format.rule);
            }
        }
    }

    #[test]
    fn near_misses_of_structures_are_refused() {
        let segment = |length| characters(UrlSafe, length);
        for near in [
            format!("SG.{}.{}", segment(43), segment(22)),
            format!("SG.{}", segment(66)),
            format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{}", segment(4)),
            format!("eyJhbGciOiJIUzI1NiJ9.{0}.{0}", segment(43)),
            format!("-----BEGIN {}", pem("RSA ").replace("PRIVATE", "PUBLIC")),
            format!("-----BEGIN {}", pem("RSA ").replace("END RSA", "END EC")),
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", segment(64)),
            "-----BEGIN PRIVATE KEY-----".to_owned(),
        ] {
            assert_eq!(classify(&near), None);
        }
    }

    #[test]
    fn ordinary_texts_are_no_tokens() {
        for text in ["", "cio", "hf_", "postgres://localhost/app", "sk_live_", "sk_live_your_key_here_please", "eyJ.."]
        {
            assert_eq!(classify(text), None, "{text}");
        }
    }

    #[test]
    fn rules_are_unique_sorted_and_in_kebab_case() {
        assert!(FORMATS.is_sorted_by_key(|format| format.rule));
        assert_eq!(FORMATS.iter().map(|format| format.rule).collect::<HashSet<_>>().len(), FORMATS.len());
        for format in FORMATS {
            let kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(format.rule.bytes().all(kebab), "{}", format.rule);
        }
    }

    #[test]
    fn a_match_shows_nothing_of_the_value_but_its_prefix() {
        for format in FORMATS {
            for example in examples(format) {
                let found: Match = classify(&example).unwrap();
                let shown = format!("{found} {found:?}");
                assert!(!shown.contains(&example[format.prefix.len()..][..12]), "{}", format.rule);
            }
        }
    }
}
