//! A `.tfvars` file of Terraform and `OpenTofu`: quoted templates of HCL
//! (<https://developer.hashicorp.com/terraform/language/expressions/strings>).
//!
//! **Terraform brings every text into Unicode's normal form C**, so it cannot hold one that is in another.

use std::fmt::Write as _;

use unicode_normalization::is_nfc;
use zeroize::Zeroizing;

use super::{Format, Pair, Text, Unfit, each, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "terraform",
    about: "A .tfvars file for Terraform or OpenTofu, whose state keeps what it uses in plaintext",
    unfit,
    write: |pairs, out| {
        each(pairs, out, |pair, out| {
            out.push_str(pair.name);
            out.push_str(" = \"");
            template(pair.value, out);
            out.push_str("\"\n");
        });
        Ok(())
    },
    masks: None,
    caution: no_caution,
};

/// Names that no variable of a module may have.
const TAKEN: [&str; 8] = ["count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"];

fn unfit(pair: &Pair<'_>) -> Option<Unfit> {
    if TAKEN.contains(&pair.name) {
        return Some(Unfit::Name);
    }
    (!is_nfc(pair.value)).then_some(Unfit::Normal)
}

/// Writes the inner of a quoted template: `${` and `%{` would begin an expression.
fn template(value: &str, out: &mut Text) {
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if c.is_control() => {
                let mut escaped = Zeroizing::new(String::with_capacity(8));
                // Writing to a `String` cannot fail.
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
                out.push_str(&escaped);
            }
            c => out.push(c),
        }
    }
}
