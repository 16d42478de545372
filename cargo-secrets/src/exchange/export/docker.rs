//! A file for `docker run --env-file`: everything behind the first `=` of a line, quotes and all.
//!
//! As docker's client reads it: white space in front of a name is dropped, a carriage return at the end of a line too, and
//! a line has less than 64 KiB (`pkg/kvfile`, which stands on Go's `bufio.Scanner`).

use super::{Format, Pair, Unfit, each, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "docker",
    about: "A file for `docker run --env-file`; one line a value",
    unfit,
    write: |pairs, out| {
        each(pairs, out, |pair, out| {
            out.push_str(pair.name);
            out.push('=');
            out.push_str(pair.value);
            out.push('\n');
        });
        Ok(())
    },
    masks: None,
    caution: no_caution,
};

const LONGEST_LINE: usize = 64 * 1024 - 2;

fn unfit(pair: &Pair<'_>) -> Option<Unfit> {
    if pair.value.contains('\n') {
        return Some(Unfit::Lines);
    }
    if pair.value.ends_with('\r') {
        return Some(Unfit::Return);
    }
    let longest = LONGEST_LINE.saturating_sub(pair.name.len() + 1);
    (pair.value.len() > longest).then_some(Unfit::Long(longest))
}
