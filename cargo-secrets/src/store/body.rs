//! The dotenv text within an age file: `NAME=value` lines as shells and dotenv readers write them.
//!
//! **What readers disagree on is refused with its line**: `$`, backslashes and quotes where some of them expand, unescape
//! or strip, and others do not. In single quotes everything stands for itself, for all of them.

use std::collections::HashSet;
use std::fmt;

use zeroize::Zeroizing;

use crate::secret::{SecretName, SecretValue};

/// A line that is not read.
#[derive(Debug, thiserror::Error)]
#[error("line {number} of its dotenv text {what}")]
pub(crate) struct BodyError {
    /// Counted from 1.
    pub(crate) number: usize,
    /// What is wrong with it.
    pub(crate) what: BodyFault,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    /// No `NAME=`.
    Name,
    /// A name that was there before.
    Twice,
    /// A quote that is not closed, or text behind the closing one.
    Quote,
    /// Characters that some readers expand.
    Special,
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "does not begin with a variable's name and `=`",
            Self::Twice => "names a variable for the second time",
            Self::Quote => "has a quote that is not closed, or something behind it",
            Self::Special => "has a `$`, a quote or a backslash that not every reader takes alike",
        })
    }
}

/// The entries of `text`, in order.
pub(crate) fn parse(text: &str) -> Result<Vec<(SecretName, SecretValue)>, BodyError> {
    let mut entries = Vec::new();
    let mut seen = HashSet::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut number = 1;
    while !rest.is_empty() {
        let fail = |what| BodyError { number, what };
        let line = rest.split('\n').next().unwrap_or_default();
        let content = line.trim_start();
        if content.trim_end().is_empty() || content.starts_with('#') {
            rest = rest.get(line.len() + 1..).unwrap_or_default();
            number += 1;
            continue;
        }
        let (name, _) = line.split_once('=').ok_or(fail(BodyFault::Name))?;
        let after = rest.get(name.len() + 1..).unwrap_or_default();
        let name = name.trim_start();
        let is_word = |tail: &&str| tail.starts_with([' ', '\t']);
        let name = name.strip_prefix("export").filter(is_word).unwrap_or(name).trim();
        let name = SecretName::new(name).map_err(|_| fail(BodyFault::Name))?;
        if !seen.insert(name.clone()) {
            return Err(fail(BodyFault::Twice));
        }
        let (mut value, length) = value(after).map_err(fail)?;
        number += after.get(..length).unwrap_or_default().matches('\n').count() + 1;
        rest = after.get(length + 1..).unwrap_or_default();
        entries.push((name, SecretValue::new(std::mem::take(&mut *value))));
    }
    Ok(entries)
}

/// The value that `text` begins with, and how many bytes come before the end of its last line.
fn value(text: &str) -> Result<(Zeroizing<String>, usize), BodyFault> {
    let start = text.len() - text.trim_start_matches([' ', '\t']).len();
    let inner = text.get(start..).unwrap_or_default();
    let (value, end) = match inner.as_bytes().first() {
        Some(b'\'') => {
            let end = inner.get(1..).and_then(|tail| tail.find('\'')).ok_or(BodyFault::Quote)?;
            (Zeroizing::new(inner.get(1..=end).unwrap_or_default().to_owned()), start + end + 2)
        }
        Some(b'"') => {
            let (value, end) = escaped(inner)?;
            (value, start + end)
        }
        _ => return unquoted(text),
    };
    let behind = text.get(end..).unwrap_or_default().split('\n').next().unwrap_or_default();
    let is_comment = behind.starts_with([' ', '\t']) && behind.trim_start().starts_with('#');
    if behind.trim().is_empty() || is_comment { Ok((value, end + behind.len())) } else { Err(BodyFault::Quote) }
}

/// A value in double quotes, and where it ends.
fn escaped(text: &str) -> Result<(Zeroizing<String>, usize), BodyFault> {
    // As long as the text at most, so it never moves and leaves no copy behind.
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Ok((value, at + 1)),
            '$' | '`' => return Err(BodyFault::Special),
            '\\' => value.push(match characters.next() {
                Some((_, 'n')) => '\n',
                Some((_, 'r')) => '\r',
                Some((_, 't')) => '\t',
                Some((_, c @ ('"' | '\\' | '$' | '`'))) => c,
                _ => return Err(BodyFault::Special),
            }),
            c => value.push(c),
        }
    }
    Err(BodyFault::Quote)
}

fn unquoted(text: &str) -> Result<(Zeroizing<String>, usize), BodyFault> {
    let line = text.split('\n').next().unwrap_or_default();
    let comment = line.char_indices().find(|(at, c)| {
        let before = line.get(..*at).unwrap_or_default();
        *c == '#' && (before.is_empty() || before.ends_with([' ', '\t']))
    });
    let value = line.get(..comment.map_or(line.len(), |(at, _)| at)).unwrap_or_default().trim();
    if value.contains(['$', '\\', '\'', '"', '`']) {
        return Err(BodyFault::Special);
    }
    Ok((Zeroizing::new(value.to_owned()), line.len()))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the values are made up")]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let entries = parse(text).unwrap();
        entries.into_iter().map(|(name, value)| (name.to_string(), value.expose_secret().to_owned())).collect()
    }

    #[test]
    fn lines_are_read_as_everybody_reads_them() {
        let text = "# c\n\nexport A=1\nB = two words # c\r\nC='l$it\\n#\n two'  # c\nD=\"x\\n\\\"\\$\\\\\ny\"\nE=\nF=a#b=c\n\
                    exported=1\n  G='' \nH=\"\"";
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "l$it\\n#\n two"),
            ("D", "x\n\"$\\\ny"),
            ("E", ""),
            ("F", "a#b=c"),
            ("exported", "1"),
            ("G", ""),
            ("H", ""),
        ];
        assert_eq!(read(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_readers_disagree_on_is_refused_with_its_line() {
        let cases = [
            ("A=1\nword\n", BodyFault::Name, 2),
            ("1A=1", BodyFault::Name, 1),
            ("export =1", BodyFault::Name, 1),
            ("A='x\ny'\nA=2\n", BodyFault::Twice, 3),
            ("A='x", BodyFault::Quote, 1),
            ("A='x'y", BodyFault::Quote, 1),
            ("A='x'#y", BodyFault::Quote, 1),
            ("A=\"x\ny", BodyFault::Quote, 1),
            ("A=$B", BodyFault::Special, 1),
            ("A=x\\ny", BodyFault::Special, 1),
            ("A=it's", BodyFault::Special, 1),
            ("A=\"$B\"", BodyFault::Special, 1),
            ("A=\"\\x41\"", BodyFault::Special, 1),
        ];
        for (text, what, number) in cases {
            let error = parse(text).err().unwrap();
            assert_eq!((error.what, error.number), (what, number), "{text}");
        }
    }
}
