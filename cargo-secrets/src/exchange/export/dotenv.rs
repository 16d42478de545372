//! A `.env` file as the `dotenvy` crate reads it.
//!
//! **Of the spellings that dotenvy reads as the value, the one is taken that most other readers read alike**: bare, then in
//! single quotes, then in double quotes. No spelling of some values is read alike by all.

use super::{Format, Pair, Pairs, Text, each, escaped, holds_all};

pub(super) const FORMAT: Format = Format {
    name: "dotenv",
    about: "A .env file, as the dotenvy crate reads it",
    unfit: holds_all,
    write: |pairs, out| {
        each(pairs, out, write);
        Ok(())
    },
    masks: None,
    caution,
};

/// How a value is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Bare,
    /// Nothing in it means anything.
    Single,
    /// `\`, `"` and `$` are escaped.
    Double,
}

fn spelling(value: &str) -> Spelling {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.,:/@%+=".contains(&b);
    if value.bytes().all(is_plain) {
        return Spelling::Bare;
    }
    // dotenvy finds the end of an entry as if `\'` did not close the quotes, and reads it as if it did.
    if value.contains('\'') || value.contains('\\') { Spelling::Double } else { Spelling::Single }
}

fn write(pair: &Pair<'_>, out: &mut Text) {
    out.push_str(pair.name);
    out.push('=');
    match spelling(pair.value) {
        Spelling::Bare => out.push_str(pair.value),
        Spelling::Single => {
            out.push('\'');
            out.push_str(pair.value);
            out.push('\'');
        }
        Spelling::Double => {
            out.push('"');
            escaped(pair.value, &['\\', '"', '$'], '\\', out);
            out.push('"');
        }
    }
    out.push('\n');
}

/// Whether bash, node's dotenv and python-dotenv read it as dotenvy does.
fn is_read_alike(value: &str) -> bool {
    match spelling(value) {
        Spelling::Bare => true,
        // python-dotenv expands `${…}` whatever the quotes; node's dotenv makes line breaks equal.
        Spelling::Single => !value.contains("${") && !value.contains('\r'),
        Spelling::Double => !value.contains(['\\', '"', '$', '`', '\r']),
    }
}

fn caution(pairs: &Pairs<'_>) -> Option<String> {
    let names: Vec<_> = pairs.pairs.iter().filter(|pair| !is_read_alike(pair.value)).map(|pair| pair.name).collect();
    (!names.is_empty()).then(|| {
        format!(
            "written as dotenvy reads it; other readers of .env files may read these otherwise: {}",
            names.join(", ")
        )
    })
}
