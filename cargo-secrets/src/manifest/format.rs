//! What a value must look like, as `format = "…"` says.
//!
//! **A format answers yes or no and never repeats the value.** A regular expression is compiled when it is used, so that
//! formats nobody asks about cost nothing.

use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

/// The names that `format` takes.
pub(super) const FORMATS: [&str; 8] = ["regex:…", "url", "uuid", "int", "bool", "json", "pem", "base64"];

/// The shape of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Contains a match of the expression.
    Regex(String),
    /// `scheme://host…` without white space.
    Url,
    /// `8-4-4-4-12` hexadecimal digits.
    Uuid,
    /// A decimal integer of up to 127 bits.
    Int,
    /// `true`, `false`, `1` or `0`.
    Bool,
    /// Any JSON value.
    Json,
    /// One or more PEM blocks (RFC 7468); the first BEGIN and the last END agree.
    Pem,
    /// Base64 of either alphabet, with or without padding.
    Base64,
}

impl Format {
    /// Reads the text of `format`; `None` when there is no such format.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(pattern) = text.strip_prefix("regex:") {
            return Some(Self::Regex(pattern.to_owned()));
        }
        Some(match text {
            "url" => Self::Url,
            "uuid" => Self::Uuid,
            "int" => Self::Int,
            "bool" => Self::Bool,
            "json" => Self::Json,
            "pem" => Self::Pem,
            "base64" => Self::Base64,
            _ => return None,
        })
    }

    /// Whether the format itself can be used: a regular expression must compile. Not for the path of `run`.
    pub(crate) fn validate(&self) -> Result<(), regex_lite::Error> {
        match self {
            Self::Regex(pattern) => regex_lite::Regex::new(pattern).map(drop),
            _ => Ok(()),
        }
    }

    /// Whether `value` has this shape. An expression that does not compile matches nothing.
    pub(crate) fn matches(&self, value: &str) -> bool {
        match self {
            Self::Regex(pattern) => regex_lite::Regex::new(pattern).is_ok_and(|regex| regex.is_match(value)),
            Self::Url => is_url(value),
            Self::Uuid => is_uuid(value),
            Self::Int => value.parse::<i128>().is_ok(),
            Self::Bool => matches!(value, "true" | "false" | "1" | "0"),
            Self::Json => serde_json::from_str::<IgnoredAny>(value).is_ok(),
            Self::Pem => is_pem(value),
            Self::Base64 => [&STANDARD, &URL_SAFE].into_iter().any(|alphabet| decodes(alphabet, value)),
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Regex(pattern) => return write!(f, "regex:{pattern}"),
            Self::Url => "url",
            Self::Uuid => "uuid",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Json => "json",
            Self::Pem => "pem",
            Self::Base64 => "base64",
        })
    }
}

fn is_url(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    scheme_ok && !host.is_empty() && !host.starts_with(':') && !value.contains(char::is_whitespace)
}

fn is_uuid(value: &str) -> bool {
    let mut groups = value.split('-');
    let all = [8, 4, 4, 4, 12].into_iter().all(|length| {
        groups.next().is_some_and(|group| group.len() == length && group.bytes().all(|b| b.is_ascii_hexdigit()))
    });
    all && groups.next().is_none()
}

fn is_pem(value: &str) -> bool {
    let value = value.trim();
    let Some((label, rest)) = value.strip_prefix("-----BEGIN ").and_then(|rest| rest.split_once("-----")) else {
        return false;
    };
    let end = rest.strip_suffix("-----").and_then(|rest| rest.rsplit_once("-----END "));
    !label.is_empty() && !label.contains('\n') && end.is_some_and(|(_, ending)| ending == label)
}

fn decodes(alphabet: &Alphabet, value: &str) -> bool {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decoded = GeneralPurpose::new(alphabet, config).decode(value).map(Zeroizing::new);
    !value.is_empty() && decoded.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_takes_what_it_should() {
        let pem = "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n";
        for (format, good) in [
            ("regex:^sk_(live|test)_", "sk_live_1"),
            ("url", "postgres://app:p@db:5432/app"),
            ("url", "https://a"),
            ("uuid", "6f1c1e6e-0b1a-4b0e-9d5a-0123456789aB"),
            ("int", "-12"),
            ("bool", "0"),
            ("json", "{\"a\": [1]}"),
            ("pem", pem),
            ("base64", "aGk="),
            ("base64", "aGk"),
            ("base64", "_-_-"),
        ] {
            assert!(Format::parse(format).unwrap().matches(good), "{format} {good}");
            assert_eq!(Format::parse(format).unwrap().to_string(), format);
        }
    }

    #[test]
    fn each_format_refuses_the_rest() {
        for (format, bad) in [
            ("regex:^sk_(live|test)_", "pk_live_1"),
            ("regex:(", "("),
            ("url", "postgres://"),
            ("url", "https://:80/"),
            ("url", "https://a b"),
            ("url", "mailto:a@b"),
            ("uuid", "6f1c1e6e-0b1a-4b0e-9d5a-0123456789a"),
            ("int", "1.5"),
            ("bool", "yes"),
            ("json", "{"),
            ("pem", "-----BEGIN A-----\nAAAA\n-----END B-----"),
            ("base64", "a b"),
            ("base64", ""),
        ] {
            assert!(!Format::parse(format).unwrap().matches(bad), "{format} {bad}");
        }
        assert_eq!(Format::parse("uri"), None);
    }

    #[test]
    fn a_wrong_expression_is_found_by_validate() {
        assert!(Format::Regex("(".to_owned()).validate().is_err());
        assert!(Format::Regex("^a$".to_owned()).validate().is_ok() && Format::Url.validate().is_ok());
    }
}
