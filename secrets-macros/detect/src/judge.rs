//! Puts a name and a value together: what the formats do not know is a finding if the name says secret and the value
//! looks like one.

use crate::formats;
use crate::name::{Sense, Words, sense};
use crate::value::{Look, could_be_token, look};
use crate::{Basis, Confidence, Kind};

/// What a value was found to be: texts of tables only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    pub(crate) rule: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) kind: Kind,
    pub(crate) basis: Basis,
    pub(crate) confidence: Confidence,
    /// How many first bytes of the value may be shown.
    pub(crate) shown: usize,
}

impl Verdict {
    /// Of a token that stands in a text.
    pub(crate) fn of(hit: &formats::Hit) -> Self {
        let format = hit.format;
        Self {
            rule: format.rule,
            provider: format.provider,
            kind: format.kind,
            basis: Basis::Format,
            confidence: hit.confidence,
            shown: format.prefix.len(),
        }
    }
}

/// A verdict of a rule that knows no provider.
pub(crate) const fn generic(rule: &'static str, basis: Basis) -> Verdict {
    Verdict { rule, provider: "", kind: Kind::Secret, basis, confidence: Confidence::Medium, shown: 0 }
}

/// A password by its name.
pub(crate) const PASSWORD: Verdict = generic("password", Basis::Name);
/// A secret, token or key by its name.
pub(crate) const SECRET: Verdict = generic("secret", Basis::Name);
/// Bytes of a cryptographic key by their name.
pub(crate) const KEY_BYTES: Verdict = generic("key-bytes", Basis::Name);

/// The rules that know no provider.
pub(crate) static GENERIC: [Verdict; 6] = [
    PASSWORD,
    SECRET,
    KEY_BYTES,
    crate::url::URL_PASSWORD,
    crate::phrase::BASIC_AUTH,
    crate::phrase::KUBERNETES_SECRET,
];

/// What `value`, bound to `names` (the nearest first), is by its names; `None` where it is no secret.
///
/// The names come first: most have nothing to do with secrets, and to see that costs less than to look at the value.
pub(crate) fn by_names(names: &[&[u8]], value: &[u8]) -> Option<Verdict> {
    by_names_of(names, value, false)
}

/// As [`by_names`]; `is_hex` says that the value is decoded from hexadecimal on the spot.
pub(crate) fn by_names_of(names: &[&[u8]], value: &[u8], is_hex: bool) -> Option<Verdict> {
    let mut best = Sense::Harmless;
    let mut may_be_keyed = false;
    for (index, name) in names.iter().enumerate() {
        let words = Words::of(name);
        if words.is_neutral() {
            if index == 0 {
                return None;
            }
            continue;
        }
        if is_hex && !words.is_plain_credential() {
            continue;
        }
        let sense = sense(&words);
        may_be_keyed |= sense > Sense::Harmless || words.is_identifier();
        best = best.max(sense);
    }
    if !may_be_keyed {
        return None;
    }
    if could_be_token(value)
        && let Some(verdict) = keyed(names, value)
    {
        return Some(verdict);
    }
    let seen = look(value);
    match (best, seen) {
        (_, Look::Harmless) => None,
        (Sense::Password, _) => Some(PASSWORD),
        (Sense::Strong, Look::Uuid | Look::Random | Look::PlainlyRandom) | (Sense::Weak, Look::PlainlyRandom) => {
            Some(SECRET)
        }
        _ => None,
    }
}

/// The format of `value` that one of `names` makes certain.
fn keyed(names: &[&[u8]], value: &[u8]) -> Option<Verdict> {
    let mut names = names.iter().filter_map(|name| std::str::from_utf8(name).ok());
    let found = names.find_map(|name| formats::keyed(name, value))?;
    Some(Verdict {
        rule: found.rule,
        provider: found.provider,
        kind: found.kind,
        basis: Basis::Format,
        confidence: Confidence::Medium,
        shown: 0,
    })
}

/// Whether `bytes`, bound to `names`, are a cryptographic key.
pub(crate) fn key_bytes(names: &[&[u8]], bytes: &[u8]) -> Option<Verdict> {
    let fits = matches!(bytes.len(), 16 | 20 | 24 | 32 | 48 | 64 | 96 | 128);
    if !fits || crate::value::distinct(bytes) * 2 < bytes.len().min(24) || crate::value::longest_sequence(bytes) > 4 {
        return None;
    }
    let words = Words::of(names.first()?);
    (!words.is_neutral() && sense(&words) >= Sense::Strong).then_some(KEY_BYTES)
}
