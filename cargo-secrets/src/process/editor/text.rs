//! Names and values as a text that a person edits: TOML, one string for each name.
//!
//! TOML holds every value exactly, shows several lines as such, and every Rust editor colours it. **What [`render`] writes,
//! [`parse`] reads back as the same names and values**; a mistake is told by its line, never by its text.

use secrecy::ExposeSecret as _;
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use crate::secret::{SecretName, SecretValue};

/// A name and its value, with the line that it begins on.
pub(crate) struct Entry {
    /// The name.
    pub(crate) name: SecretName,
    /// The value.
    pub(crate) value: SecretValue,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// What is wrong with a text, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub(crate) struct Mistake {
    /// Counted from 1.
    pub(crate) line: usize,
    /// What.
    pub(crate) what: TextError,
}

/// What is wrong with a text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TextError {
    /// No TOML.
    #[error("{0}")]
    Toml(Box<str>),
    /// Not UTF-8.
    #[error("that is not UTF-8 text")]
    NotText,
    /// A key that is no name.
    #[error("a name consists of letters, digits and `_`, and does not start with a digit")]
    Name,
    /// A table, a list, a number: which text is meant is not clear.
    #[error("the value of `{0}` belongs in quotation marks")]
    Quotes(SecretName),
}

/// Writes `entries` below the lines of `head`, which become comments; a `remark` stands above its name.
pub(crate) fn render<'e>(
    head: &[String],
    entries: impl Iterator<Item = (&'e SecretName, &'e SecretValue, Option<String>)> + Clone,
) -> Zeroizing<String> {
    // A text that grows leaves copies behind.
    let size = |(name, value, remark): (&SecretName, &SecretValue, Option<String>)| {
        name.as_str().len() + 6 * value.len() + remark.map_or(0, |remark| remark.len()) + 20
    };
    let room: usize = entries.clone().map(size).sum::<usize>() + head.iter().map(|line| line.len() + 3).sum::<usize>();
    let mut text = Zeroizing::new(String::with_capacity(room + 1));
    for line in head {
        comment(&mut text, line);
    }
    for (name, value, remark) in entries {
        text.push('\n');
        if let Some(remark) = remark {
            comment(&mut text, &remark);
        }
        text.push_str(name.as_str());
        text.push_str(" = ");
        quote(&mut text, exposed(value));
        text.push('\n');
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "the value goes into the text that its owner asked to edit")]
fn exposed(value: &SecretValue) -> &str {
    value.expose_secret()
}

fn comment(text: &mut String, line: &str) {
    text.push_str("# ");
    text.extend(line.chars().map(|c| if c.is_control() { ' ' } else { c }));
    text.push('\n');
}

/// Appends `value` as the TOML string that is easiest to read.
fn quote(text: &mut String, value: &str) {
    let is_plain = |c: char| !c.is_control() || c == '\t';
    let has_lines = value.contains('\n');
    let is_literal = value.chars().all(|c| is_plain(c) || c == '\n');
    if has_lines && is_literal && !value.contains("'''") && !value.ends_with('\'') {
        text.push_str("'''\n");
        text.push_str(value);
        text.push_str("'''");
    } else if !has_lines && is_literal && !value.contains('\'') && value.contains(['"', '\\']) {
        text.push('\'');
        text.push_str(value);
        text.push('\'');
    } else {
        let mark = if has_lines { "\"\"\"" } else { "\"" };
        text.push_str(mark);
        if has_lines {
            text.push('\n');
        }
        for c in value.chars() {
            match c {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\r' => text.push_str("\\r"),
                '\n' => text.push('\n'),
                c if is_plain(c) => text.push(c),
                c => text.extend(format!("\\u{:04X}", u32::from(c)).chars()),
            }
        }
        text.push_str(mark);
    }
}

/// Reads what a person made of a text.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Entry>, Mistake> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Mistake { line: line(bytes, error.valid_up_to()), what: TextError::NotText })?;
    let at = |start: usize, what| Mistake { line: line(bytes, start), what };
    let table = DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(bytes.len(), |span| span.start);
        at(start, TextError::Toml(error.message().into()))
    })?;
    let entries = table.into_inner().into_iter().map(|(key, value)| {
        let start = key.span().start;
        let name = SecretName::new(key.get_ref()).map_err(|_| at(start, TextError::Name))?;
        match value.into_inner() {
            DeValue::String(text) => {
                Ok(Entry { name, value: SecretValue::new(text.into_owned()), line: line(bytes, start) })
            }
            _ => Err(at(start, TextError::Quotes(name))),
        }
    });
    let mut entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

/// What was saved without the `\r` that an editor put before each line's end; `None` where not every line has one.
pub(crate) fn without_returns(saved: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut lines: Vec<_> = saved.split(|byte| *byte == b'\n').collect();
    // What follows the last newline may have none: it is no line yet, or not ended.
    let last = lines.pop()?;
    if lines.iter().any(|line| !line.ends_with(b"\r")) || (lines.is_empty() && !last.ends_with(b"\r")) {
        return None;
    }
    let mut text = Zeroizing::new(Vec::with_capacity(saved.len()));
    for line in lines {
        text.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        text.push(b'\n');
    }
    text.extend_from_slice(last.strip_suffix(b"\r").unwrap_or(last));
    Some(text)
}

/// The line that the byte at `at` is on.
fn line(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn back(value: &str) -> String {
        let name = SecretName::new("A").unwrap();
        let value = SecretValue::new(value.to_owned());
        let text = render(&[], [(&name, &value, None)].into_iter());
        let entries = parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {}", text.as_str()));
        assert_eq!(entries.len(), 1);
        exposed(&entries[0].value).to_owned()
    }

    proptest! {
        #[test]
        fn every_value_comes_back(value in any::<String>()) {
            prop_assert_eq!(&back(&value), &value);
        }

        #[test]
        fn every_value_of_hard_characters_comes_back(value in "['\"\\\\\n\r\t\u{0}\u{7f}\u{85}\u{feff}#= a]{0,12}") {
            prop_assert_eq!(&back(&value), &value);
        }
    }

    #[test]
    fn returns_go_where_every_line_has_one() {
        let without =
            |text: &str| without_returns(text.as_bytes()).map(|text| String::from_utf8(text.to_vec()).unwrap());
        for (saved, text) in [
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\r\nb", "a\nb"),
            ("a\r\nb\r", "a\nb"),
            ("a\r", "a"),
            ("\r\n", "\n"),
            ("a\r\r\n", "a\r\n"),
        ] {
            assert_eq!(without(saved).as_deref(), Some(text), "{saved:?}");
        }
        for saved in ["", "a", "a\n", "a\r\nb\n", "a\nb\r", "a\rb\n"] {
            assert_eq!(without(saved), None, "{saved:?}");
        }
    }

    #[test]
    fn several_lines_stand_as_such() {
        let name = SecretName::new("PEM").unwrap();
        let value = SecretValue::new("-----\na\"b\\\n-----\n".to_owned());
        let text = render(&["dev".to_owned()], [(&name, &value, Some("a key".to_owned()))].into_iter());
        assert_eq!(text.as_str(), "# dev\n\n# a key\nPEM = '''\n-----\na\"b\\\n-----\n'''\n");
    }

    #[test]
    fn a_mistake_names_its_line_and_shows_nothing_of_the_text() {
        for (text, line) in [
            ("A = \"x\"\nB = geheim\n", 2),
            ("A = \"x\"\n\nA = \"geheim\"\n", 3),
            ("geheim\n", 1),
            ("A = 'geheim\nB = 'x'\n", 1),
            ("A-B = 'geheim'\n", 1),
            ("\n[geheim]\nA = 'x'\n", 2),
            ("A = 5432\n", 1),
        ] {
            let mistake = parse(text.as_bytes()).err().unwrap();
            assert_eq!(mistake.line, line, "{text}: {mistake}");
            assert!(text.contains("[geheim]") || !mistake.to_string().contains("geheim"), "{mistake}");
        }
        assert_eq!(parse(b"A = 'x'\nB = '\xff'\n").err().unwrap().line, 2);
    }
}
