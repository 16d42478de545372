//! A `v1` Secret of Kubernetes (<https://kubernetes.io/docs/concepts/configuration/secret/>): values in base64, which hides
//! nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Error, Format, Pairs, Text, each, holds_all, no_caution, yaml};

pub(super) const FORMAT: Format = Format {
    name: "k8s-secret",
    about: "A manifest of a Kubernetes Secret, for `kubectl apply -f -`; base64 is no encryption",
    unfit: holds_all,
    write,
    masks: None,
    caution: no_caution,
};

/// What all values together may have (`MaxSecretSize`).
const MOST: usize = 1024 * 1024;

fn write(pairs: &Pairs<'_>, out: &mut Text) -> Result<(), Error> {
    if !is_object_name(pairs.title) {
        return Err(Error::Title(pairs.title.into()));
    }
    let size = pairs.pairs.iter().map(|pair| pair.value.len()).sum();
    if size > MOST {
        return Err(Error::Size { format: FORMAT.name, size, most: MOST });
    }
    out.push_str("apiVersion: v1\nkind: Secret\nmetadata:\n  name: ");
    yaml::quoted(pairs.title, out);
    out.push_str("\ntype: Opaque\ndata:");
    out.push_str(if pairs.pairs.is_empty() { " {}\n" } else { "\n" });
    each(pairs, out, |pair, out| {
        let mut encoded = Zeroizing::new(String::with_capacity(pair.value.len().div_ceil(3) * 4));
        STANDARD.encode_string(pair.value, &mut encoded);
        out.push_str("  ");
        yaml::key(pair.name, out);
        for piece in [": \"", &encoded, "\"\n"] {
            out.push_str(piece);
        }
    });
    Ok(())
}

/// A DNS subdomain (RFC 1123), as names of objects have to be.
fn is_object_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(fits)
    };
    name.len() <= 253 && name.split('.').all(is_label)
}
