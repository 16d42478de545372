//! The patterns of `sources`: `*`, `?`, `[…]` within a folder, `**` across folders.

/// Whether the whole of `text` is as `pattern` says.
pub(super) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let Some((&first, rest)) = pattern.split_first() else { return text.is_empty() };
    if pattern.starts_with(b"**") {
        let after = pattern.get(2..).unwrap_or_default();
        let after = after.strip_prefix(b"/").unwrap_or(after);
        return any_rest(after, text, true);
    }
    match (first, text.split_first()) {
        (b'*', _) => any_rest(rest, text, false),
        (b'?', Some((&byte, text))) => byte != b'/' && matches(rest, text),
        (b'[', Some((&byte, text))) => match class(rest, byte) {
            Some((fits, rest)) => fits && matches(rest, text),
            None => byte == b'[' && matches(rest, text),
        },
        (_, Some((&byte, text))) => byte == first && matches(rest, text),
        (_, None) => false,
    }
}

/// Whether some rest of `text` matches, what is before it being one name or, if `across`, whole folders.
fn any_rest(pattern: &[u8], text: &[u8], across: bool) -> bool {
    let mut at = 0;
    loop {
        let starts_name = at == 0 || text.get(at - 1) == Some(&b'/');
        let all = across && pattern.is_empty();
        if all || ((starts_name || !across) && matches(pattern, text.get(at..).unwrap_or_default())) {
            return true;
        }
        match text.get(at) {
            None => return false,
            Some(b'/') if !across => return false,
            Some(_) => at += 1,
        }
    }
}

/// Whether `byte` is in the class that `pattern` starts with, behind its `[`, and what follows the class.
fn class(pattern: &[u8], byte: u8) -> Option<(bool, &[u8])> {
    let (negated, mut rest) = match pattern.strip_prefix(b"!") {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let mut found = false;
    let mut first = true;
    loop {
        let (&low, after) = rest.split_first()?;
        if low == b']' && !first {
            return Some((found != negated && byte != b'/', after));
        }
        first = false;
        match after {
            [b'-', high, after @ ..] if *high != b']' => {
                found |= (low..=*high).contains(&byte);
                rest = after;
            }
            _ => {
                found |= low == byte;
                rest = after;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn check(pattern: &str, text: &str) -> bool {
        matches(pattern.as_bytes(), text.as_bytes())
    }

    #[test]
    fn a_pattern_matches_as_the_glob_crate_says() {
        for (pattern, yes, no) in [
            ("secrets/dev.json", "secrets/dev.json", "secrets/dev.json.example"),
            ("secrets/*.json", "secrets/dev.json", "secrets/a/dev.json"),
            ("secrets/**/*.json", "secrets/a/b/dev.json", "other/dev.json"),
            ("secrets/**/*.json", "secrets/dev.json", "secretsdev.json"),
            ("**/key", "a/b/key", "a/b/monkey"),
            ("secrets/**", "secrets/a/b", "other/a"),
            ("s?crets", "secrets", "s/crets"),
            ("[a-c]x[!0-9]", "bxy", "bx1"),
            ("[]]x", "]x", "ax"),
            ("*", "name", "a/name"),
            ("", "", "a"),
        ] {
            assert!(check(pattern, yes), "{pattern} {yes}");
            assert!(!check(pattern, no), "{pattern} {no}");
        }
    }
}
