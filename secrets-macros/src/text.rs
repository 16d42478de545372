//! Work on texts that costs a build little: plain loops where the standard library's generic functions would be compiled
//! anew, without optimisation, in every clean build of every user.

/// The texts one behind the other.
pub(crate) fn join(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// Where `byte` stands first in `text`, at or behind `from`.
pub(crate) fn find(text: &str, byte: u8, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        if bytes.get(at) == Some(&byte) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Where `byte` stands last in the first `end` bytes of `text`.
pub(crate) fn find_last(text: &str, byte: u8, end: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = end;
    while at > 0 {
        at -= 1;
        if bytes.get(at) == Some(&byte) {
            return Some(at);
        }
    }
    None
}

/// The text from byte `from` to byte `to`; empty where there is none.
pub(crate) fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// The byte at `at`; 0 behind the end.
pub(crate) fn byte(text: &str, at: usize) -> u8 {
    match text.as_bytes().get(at) {
        Some(&byte) => byte,
        None => 0,
    }
}

/// How many characters there are.
pub(crate) fn width(text: &str) -> usize {
    let mut width = 0;
    let mut at = 0;
    while at < text.len() {
        // A byte of the form 10xxxxxx goes on with a character.
        width += usize::from(byte(text, at) & 0xc0 != 0x80);
        at += 1;
    }
    width
}

/// Where the character number `index` starts, or the end.
pub(crate) fn byte_of(text: &str, index: usize) -> usize {
    let mut left = index;
    let mut at = 0;
    while at < text.len() {
        if byte(text, at) & 0xc0 != 0x80 {
            if left == 0 {
                return at;
            }
            left -= 1;
        }
        at += 1;
    }
    text.len()
}

/// Whether `list` has `text`.
pub(crate) fn contains(list: &[String], text: &str) -> bool {
    for item in list {
        if item == text {
            return true;
        }
    }
    false
}

/// Whether `byte` may be in an identifier.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_found() {
        let text = "aé😀b";
        assert_eq!((width(text), width("")), (4, 0));
        assert_eq!((0..6).map(|index| byte_of(text, index)).collect::<Vec<_>>(), [0, 1, 3, 7, 8, 8]);
        assert_eq!((find("a\nb\n", b'\n', 0), find("a\nb\n", b'\n', 2), find("a", b'\n', 9)), (Some(1), Some(3), None));
        assert_eq!((find_last("a\nb\n", b'\n', 3), find_last("a", b'\n', 1)), (Some(1), None));
        assert_eq!((part("aé", 1, 2), part("aé", 1, 3), byte("a", 1)), ("", "é", 0));
    }
}
