//! A file for `EnvironmentFile=` of systemd (systemd.exec(5)): values in double quotes.
//!
//! systemd drops an assignment with a control character other than tab and newline, or with a code point that is no
//! character (`env_assignment_is_valid`).

use super::{Format, Pair, Unfit, each, escaped, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "systemd",
    about: "A file for `EnvironmentFile=` of systemd; no control characters",
    unfit: |pair: &Pair<'_>| pair.value.contains(is_dropped).then_some(Unfit::Control),
    write: |pairs, out| {
        each(pairs, out, |pair, out| {
            out.push_str(pair.name);
            out.push_str("=\"");
            escaped(pair.value, &['\\', '"', '`', '$'], '\\', out);
            out.push_str("\"\n");
        });
        Ok(())
    },
    masks: None,
    caution: no_caution,
};

fn is_dropped(c: char) -> bool {
    let is_control = c.is_ascii_control() && c != '\t' && c != '\n';
    let code = u32::from(c);
    is_control || (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}
