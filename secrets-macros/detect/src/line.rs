//! Where lines begin and end.
//!
//! **Of a line no more than [`LONGEST`] bytes are looked at in either direction**: what stands on it may be asked for many
//! times, and it may be the whole of a file.

/// How far the end of a line is looked for.
const LONGEST: usize = 4096;

/// Where the line that `at` stands in begins.
pub(crate) fn start(text: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(LONGEST);
    let before = text.get(floor..at).unwrap_or_default();
    before.iter().rposition(|&byte| byte == b'\n').map_or(floor, |newline| floor + newline + 1)
}

/// Where the line that `at` stands in ends.
pub(crate) fn end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..text.len().min(at + LONGEST)).unwrap_or_default();
    at + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}
