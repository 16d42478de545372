//! A JSON object of texts.

use serde::ser::{SerializeMap as _, Serializer as _};

use super::{Format, Pairs, Text, holds_all, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "json",
    about: "One JSON object",
    unfit: holds_all,
    write: |pairs, out| {
        write(pairs, out);
        Ok(())
    },
    masks: None,
    caution: no_caution,
};

fn write(pairs: &Pairs<'_>, out: &mut Text) {
    let mut serializer = serde_json::Serializer::pretty(&mut *out);
    // What is written to takes every text.
    let _ = serializer.serialize_map(Some(pairs.pairs.len())).and_then(|mut map| {
        for pair in &pairs.pairs {
            map.serialize_entry(pair.name, pair.value)?;
        }
        map.end()
    });
    out.push('\n');
}
