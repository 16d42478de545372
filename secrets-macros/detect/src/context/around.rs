//! The macro or attribute that takes a literal.

use super::walk::Walk;

/// The macro whose first argument starts at `start`, or the attribute whose value it is: `env` of `env!("…")`, `path` of
/// `#[path = "…"]`.
pub(crate) fn callee(source: &[u8], start: usize) -> Option<&[u8]> {
    let mut walk = Walk::new(source, start, 64);
    walk.skip_blanks();
    match walk.before(1) {
        b'(' | b'[' | b'{' => {
            walk.at -= 1;
            walk.skip_blanks();
            if walk.before(1) != b'!' {
                return None;
            }
            walk.at -= 1;
        }
        b'=' => {
            walk.at -= 1;
            walk.skip_blanks();
            let end = walk.at;
            let word = walk.take_word();
            walk.skip_blanks();
            let is_path = source.get(word.start..end)? == b"path" && matches!(walk.before(1), b'[' | b',' | b'(');
            return if is_path { source.get(word) } else { None };
        }
        _ => return None,
    }
    let word = walk.take_word();
    source.get(word)
}

/// The macro around `concat!(env!("…` whose literal starts at `start`: `include_str` of
/// `include_str!(concat!(env!("CARGO_MANIFEST_DIR"), …))`.
pub(crate) fn macro_around_concat(source: &[u8], start: usize) -> Option<&[u8]> {
    let mut walk = Walk::new(source, start, 96);
    for name in [&b"env"[..], b"concat", b""] {
        walk.skip_blanks();
        if walk.before(1) != b'(' || walk.before(2) != b'!' {
            return None;
        }
        walk.at -= 2;
        let word = walk.take_word();
        let word = source.get(word)?;
        if name.is_empty() {
            return Some(word);
        }
        if word != name {
            return None;
        }
    }
    None
}
