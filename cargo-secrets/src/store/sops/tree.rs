//! A secret file's entries in document order, whatever the flavour; borrowed from the file's text.

use std::borrow::Cow;
use std::ops::Range;

/// One entry of a map: a name and what it holds, or a comment.
pub(crate) struct Item<'a> {
    /// The name; for a comment, its text without the `#`.
    pub(crate) key: Cow<'a, str>,
    /// What stands there.
    pub(crate) node: Node<'a>,
    /// Where the value (or the comment's text) stands in the file, in bytes.
    pub(crate) span: Range<usize>,
}

/// What an entry holds.
pub(crate) enum Node<'a> {
    /// A nested map.
    Map(Vec<Item<'a>>),
    /// A list; its items have empty keys.
    List(Vec<Item<'a>>),
    /// Text, encrypted or plain, with escapes undone.
    Text(Cow<'a, str>),
    /// A JSON number as it is written.
    Number(&'a str),
    /// A JSON boolean.
    Bool(bool),
    /// A number or a time that YAML may spell in many ways.
    Typed {
        /// As it is written.
        spelled: Cow<'a, str>,
        /// As the MAC counts it.
        counted: String,
    },
    /// `null`: no value.
    Null,
    /// A comment, where the flavour has them and somebody asks.
    Comment,
}

/// The deepest nesting that is read: far beyond any real file, far below the stack's end.
pub(crate) const MAX_DEPTH: usize = 64;
