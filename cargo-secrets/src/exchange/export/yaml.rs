//! A YAML mapping of texts (YAML 1.2.2, and read alike by readers of YAML 1.1).

use std::fmt::Write as _;

use super::{Format, Text, each, holds_all, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "yaml",
    about: "One YAML mapping, every value a quoted text",
    unfit: holds_all,
    write: |pairs, out| {
        if pairs.pairs.is_empty() {
            out.push_str("{}\n");
        }
        each(pairs, out, |pair, out| {
            key(pair.name, out);
            out.push_str(": ");
            quoted(pair.value, out);
            out.push('\n');
        });
        Ok(())
    },
    masks: None,
    caution: no_caution,
};

/// What a reader of YAML 1.1 takes for something else than a text.
const NO_TEXTS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// Writes a name so that it stays one.
pub(super) fn key(name: &str, out: &mut Text) {
    if NO_TEXTS.iter().any(|word| name.eq_ignore_ascii_case(word)) {
        quoted(name, out);
    } else {
        out.push_str(name);
    }
}

/// Writes a double-quoted scalar (YAML 1.2.2, 7.3.1); line breaks of every kind are escaped, since raw ones fold.
pub(super) fn quoted(value: &str, out: &mut Text) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // c-printable (5.1), less what YAML 1.1 takes for a line break and what an editor takes for a byte order mark.
            '\u{2028}' | '\u{2029}' | '\u{feff}' => escape(c, out),
            ' '..='~' | '\u{a0}'..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => escape(c, out),
        }
    }
    out.push('"');
}

fn escape(c: char, out: &mut Text) {
    let mut escaped = zeroize::Zeroizing::new(String::with_capacity(8));
    // Writing to a `String` cannot fail.
    let _ = write!(escaped, "\\u{:04x}", u32::from(c));
    out.push_str(&escaped);
}
