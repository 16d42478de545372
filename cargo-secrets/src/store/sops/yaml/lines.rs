//! The short way through the lines that SOPS itself writes: `NAME: ENC[…]`, one after the other, at the file's start.
//!
//! They are most of a large file, and the parser takes five times as long for them. **A line is taken only where no YAML
//! reader could see anything else in it**, and the parser goes on at a line that begins an entry: tests and fuzzing
//! compare the two ways.

use std::borrow::Cow;

use super::scalar;
use crate::store::sops::tree::{Item, Node};

/// The longest name that YAML takes without a `?`.
const LONGEST_NAME: usize = 1024;

/// What was read from the file's start.
pub(super) struct Head<'a> {
    /// The entries there.
    pub(super) items: Vec<Item<'a>>,
    /// The byte at which the parser goes on.
    pub(super) rest: usize,
    /// How many lines come before it.
    pub(super) lines: usize,
}

impl<'a> Head<'a> {
    /// Nothing: the parser has it all.
    pub(super) fn none() -> Self {
        Self { items: Vec::new(), rest: 0, lines: 0 }
    }

    /// Reads as many lines of `text` as are beyond doubt.
    pub(super) fn of(text: &'a str) -> Self {
        let mut head = Self::none();
        let (mut last, mut last_line) = (0, 0);
        while let Some(line) = text.get(head.rest..).and_then(|tail| tail.get(..tail.find('\n')?)) {
            if let Some((name, value)) = entry(line) {
                (last, last_line) = (head.rest, head.lines);
                let start = head.rest + line.len() - value.len();
                let node = Node::Text(Cow::Borrowed(value));
                head.items.push(Item { key: Cow::Borrowed(name), node, span: start..start + value.len() });
            } else if !is_comment(line) {
                break;
            }
            head.rest += line.len() + 1;
            head.lines += 1;
        }
        // An indented line would go on with the value above it, and `---` would end the document.
        let next = text.as_bytes().get(head.rest);
        if !next.is_some_and(|byte| byte.is_ascii_alphabetic() || b"_\"'".contains(byte)) {
            head.items.pop();
            (head.rest, head.lines) = (last, last_line);
        }
        head
    }
}

/// A name and its encrypted value, nothing else on the line.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(": ")?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_value = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=,:_[]".contains(&byte);
    let starts = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    let fits = starts && name.len() <= LONGEST_NAME && name.bytes().all(is_name);
    // Only a short word stands for something else.
    let is_text = || name.len() > 5 || scalar::is_text(name);
    let sealed = value.starts_with("ENC[") && value.ends_with(']') && value.bytes().all(is_value);
    (fits && sealed && is_text()).then_some((name, value))
}

/// An empty line, or a comment of plain ASCII: nothing in it can end the line for another reader.
fn is_comment(line: &str) -> bool {
    line.is_empty() || (line.starts_with('#') && line.bytes().all(|byte| matches!(byte, b' '..=b'~')))
}
