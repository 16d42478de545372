//! One walk over a file's entries: decrypts what the file's rule says is encrypted and computes the MAC on the way.
//!
//! The MAC is a SHA-512 over the values in document order, without names, lengths or comments (SOPS 3.11, `sops.go`).
//! **So it says nothing of empty values, of names in plain entries, nor of comments**; SECURITY.md lists what that lets
//! through.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use regex_lite::Regex;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::cipher::{Cipher, Encrypted, Opened, ValueType};
use super::metadata::{Metadata, Rule};
use super::tree::{Item, Node};
use super::{FormatError, ValueError};

/// SHA-256 of `sops`: what a MAC over encrypted values alone begins with.
const MAC_ONLY_ENCRYPTED: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b, 0x0b, 0x97, 0x5b,
    0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];

/// What a walk hands out for each value: the path of names to it, and its text (`None` for `null`).
pub(crate) type Visit<'v> = dyn FnMut(&[Part<'_>], Option<Zeroizing<String>>) -> Result<(), ValueError> + 'v;

/// One step on the path to a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part<'a> {
    /// Into a map.
    Name(Cow<'a, str>),
    /// Into a list, counted from 0.
    Index(usize),
}

impl Part<'_> {
    /// The same step, borrowing nothing.
    pub(crate) fn to_owned(&self) -> Part<'static> {
        match self {
            Self::Name(name) => Part::Name(Cow::Owned(name.to_string())),
            Self::Index(index) => Part::Index(*index),
        }
    }

    /// Whether the step's name fulfils `test`; a list's position has none.
    fn is_name(&self, test: impl Fn(&str) -> bool) -> bool {
        matches!(self, Self::Name(name) if test(name))
    }
}

/// A path as messages show it: `db.hosts.0`, control characters escaped.
pub(crate) fn shown(path: &[Part<'_>]) -> String {
    let parts: Vec<_> = path.iter().map(ToString::to_string).collect();
    parts.join(".").chars().take(200).flat_map(char::escape_debug).collect()
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Index(index) => index.fmt(f),
        }
    }
}

/// Walks `items`; returns the MAC as SOPS spells it, 128 upper-case hexadecimal digits.
pub(crate) fn walk(
    items: &[Item<'_>],
    metadata: &Metadata,
    cipher: &Cipher,
    visit: &mut Visit<'_>,
) -> Result<Zeroizing<String>, ValueError> {
    let mut walker = Walker {
        cipher,
        rule: CompiledRule::new(&metadata.rule)?,
        mac_only_encrypted: metadata.mac_only_encrypted,
        mac: Sha512::new(),
        path: Vec::new(),
        place: String::new(),
        comments: Vec::new(),
        visit,
    };
    if metadata.mac_only_encrypted {
        walker.mac.update(MAC_ONLY_ENCRYPTED);
    }
    walker.items(items, false)?;
    let mut mac = Zeroizing::new(String::with_capacity(128));
    for byte in walker.mac.finalize() {
        // Writing to a `String` cannot fail.
        let _ = write!(mac, "{byte:02X}");
    }
    Ok(mac)
}

/// Whether a value at the top level, under `name`, would be encrypted.
pub(crate) fn encrypts(metadata: &Metadata, items: &[Item<'_>], name: &str) -> Result<bool, FormatError> {
    let rule = CompiledRule::new(&metadata.rule)?;
    let index = items.iter().position(|item| item.key == name && !matches!(item.node, Node::Comment));
    let above = items.get(..index.unwrap_or(items.len())).unwrap_or_default();
    let mut comments: Vec<String> = Vec::new();
    for item in above.iter().rev() {
        let Node::Comment = item.node else { break };
        comments.push(item.key.clone().into_owned());
    }
    Ok(rule.encrypts(&[Part::Name(Cow::Borrowed(name))], &[comments]))
}

struct Walker<'w, 'v, 'a> {
    cipher: &'w Cipher,
    rule: CompiledRule<'w>,
    mac_only_encrypted: bool,
    mac: Sha512,
    path: Vec<Part<'a>>,
    /// The path with `:` behind each part: the additional data of the value that stands there.
    place: String,
    comments: Vec<Vec<String>>,
    visit: &'w mut Visit<'v>,
}

impl<'a> Walker<'_, '_, 'a> {
    fn items(&mut self, items: &[Item<'a>], in_list: bool) -> Result<(), ValueError> {
        let watches_comments = self.rule.watches_comments();
        if watches_comments {
            self.comments.push(Vec::new());
        }
        let mut position = 0;
        for item in items {
            if matches!(item.node, Node::Comment) {
                self.comment(&item.key);
                continue;
            }
            let outer = self.place.len();
            if in_list {
                // SOPS does not bind a value to its position in a list.
                self.path.push(Part::Index(position));
            } else {
                self.place.push_str(&item.key);
                self.place.push(':');
                self.path.push(Part::Name(item.key.clone()));
            }
            self.node(&item.node)?;
            position += usize::from(!is_sealed_comment(&item.node));
            self.path.pop();
            self.place.truncate(outer);
            if watches_comments && let Some(active) = self.comments.last_mut() {
                active.clear();
            }
        }
        if watches_comments {
            self.comments.pop();
        }
        Ok(())
    }

    /// Notes a comment for the rules that look at comments: as it stands, like SOPS.
    fn comment(&mut self, text: &str) {
        if self.rule.watches_comments()
            && let Some(active) = self.comments.last_mut()
        {
            active.push(text.to_owned());
        }
    }

    fn node(&mut self, node: &Node<'a>) -> Result<(), ValueError> {
        match node {
            Node::Map(items) => self.items(items, false),
            Node::List(items) => self.items(items, true),
            Node::Null => (self.visit)(&self.path, None),
            Node::Comment => Ok(()),
            Node::Text(_) | Node::Number(_) | Node::Typed { .. } | Node::Bool(_) => self.leaf(node),
        }
    }

    fn leaf(&mut self, node: &Node<'a>) -> Result<(), ValueError> {
        let encrypted = self.rule.encrypts(&self.path, &self.comments);
        let (text, mac_text) = match (encrypted, node) {
            (true, Node::Text(text)) if text.is_empty() => (Zeroizing::new(String::new()), None),
            (true, Node::Text(text)) => match self.open(text)? {
                Some(Opened { text, value_type }) => spell(text, value_type).ok_or_else(|| self.fails_type())?,
                None => return Ok(()),
            },
            (true, _) => return Err(ValueError::Plain { name: self.name() }),
            (false, node) => plain(node).ok_or_else(|| self.fails_type())?,
        };
        if encrypted || !self.mac_only_encrypted {
            self.mac.update(mac_text.as_ref().unwrap_or(&text).as_bytes());
        }
        (self.visit)(&self.path, Some(text))
    }

    /// Opens an encrypted value; `None` for an encrypted comment, which is no value.
    fn open(&self, text: &str) -> Result<Option<Opened>, ValueError> {
        if !Encrypted::looks_like(text) {
            return Err(ValueError::Plain { name: self.name() });
        }
        let opened = Encrypted::parse(text).and_then(|value| self.cipher.open(&value, &self.place));
        match opened {
            Ok(opened) if opened.value_type == ValueType::Comment => Ok(None),
            Ok(opened) => Ok(Some(opened)),
            Err(source) => Err(ValueError::Cipher { name: self.name(), source }),
        }
    }

    fn fails_type(&self) -> ValueError {
        ValueError::Type { name: self.name() }
    }

    fn name(&self) -> String {
        shown(&self.path)
    }
}

/// Whether `node` is a comment that SOPS encrypted within a list, where it becomes an element.
pub(crate) fn is_sealed_comment(node: &Node<'_>) -> bool {
    matches!(node, Node::Text(text) if Encrypted::looks_like(text) && text.ends_with(",type:comment]"))
}

/// A value as it is delivered, and as the MAC counts it where that is another spelling.
type Spelled = (Zeroizing<String>, Option<Zeroizing<String>>);

/// Spells a decrypted value. `None` where the text is not of the type its tag claims.
fn spell(text: Zeroizing<String>, value_type: ValueType) -> Option<Spelled> {
    match value_type {
        ValueType::Str | ValueType::Time | ValueType::Comment => Some((text, None)),
        ValueType::Int => {
            let canonical = Zeroizing::new(text.parse::<i64>().ok()?.to_string());
            (canonical == text).then_some((text, None))
        }
        ValueType::Float => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
            let canonical = Zeroizing::new(number.to_string());
            Some((text, Some(canonical)))
        }
        ValueType::Bool => {
            let value = match text.as_str() {
                "True" | "true" => true,
                "False" | "false" => false,
                _ => return None,
            };
            Some(spell_bool(value))
        }
    }
}

fn spell_bool(value: bool) -> Spelled {
    let (delivered, counted) = if value { ("true", "True") } else { ("false", "False") };
    (Zeroizing::new(delivered.to_owned()), Some(Zeroizing::new(counted.to_owned())))
}

/// Spells a value that stands in the file unencrypted.
fn plain(node: &Node<'_>) -> Option<Spelled> {
    match node {
        Node::Text(text) => Some((Zeroizing::new(text.clone().into_owned()), None)),
        Node::Bool(value) => Some(spell_bool(*value)),
        Node::Typed { spelled, counted } => {
            Some((Zeroizing::new(spelled.clone().into_owned()), Some(Zeroizing::new(counted.clone()))))
        }
        Node::Number(raw) => {
            // SOPS before 3.12 reads every number as a float, later ones whole numbers as integers: both count the same
            // but beyond 2^53, where the MAC decides.
            let counted = match raw.parse::<i64>() {
                Ok(number) if *raw != "-0" => number.to_string(),
                _ => raw.parse::<f64>().ok().filter(|number| number.is_finite())?.to_string(),
            };
            Some((Zeroizing::new((*raw).to_owned()), Some(Zeroizing::new(counted))))
        }
        Node::Map(_) | Node::List(_) | Node::Null | Node::Comment => None,
    }
}

/// A rule with its pattern compiled: only files that have one pay for it.
enum CompiledRule<'m> {
    Suffix { suffix: &'m str, encrypts: bool },
    Name { pattern: Regex, encrypts: bool },
    Comment { pattern: Regex, encrypts: bool },
}

impl<'m> CompiledRule<'m> {
    fn new(rule: &'m Rule) -> Result<Self, FormatError> {
        let compile = |text: &str| Regex::new(text).map_err(|_| FormatError::Pattern);
        Ok(match rule {
            Rule::UnencryptedSuffix(suffix) => Self::Suffix { suffix, encrypts: false },
            Rule::EncryptedSuffix(suffix) => Self::Suffix { suffix, encrypts: true },
            Rule::UnencryptedRegex(text) => Self::Name { pattern: compile(text)?, encrypts: false },
            Rule::EncryptedRegex(text) => Self::Name { pattern: compile(text)?, encrypts: true },
            Rule::UnencryptedCommentRegex(text) => Self::Comment { pattern: compile(text)?, encrypts: false },
            Rule::EncryptedCommentRegex(text) => Self::Comment { pattern: compile(text)?, encrypts: true },
        })
    }

    fn watches_comments(&self) -> bool {
        matches!(self, Self::Comment { .. })
    }

    fn encrypts(&self, path: &[Part<'_>], comments: &[Vec<String>]) -> bool {
        let (matched, encrypts) = match self {
            Self::Suffix { suffix, encrypts } => {
                (path.iter().any(|part| part.is_name(|name| name.ends_with(suffix))), *encrypts)
            }
            Self::Name { pattern, encrypts } => {
                (path.iter().any(|part| part.is_name(|name| pattern.is_match(name))), *encrypts)
            }
            Self::Comment { pattern, encrypts } => {
                (comments.iter().flatten().any(|comment| pattern.is_match(comment)), *encrypts)
            }
        };
        matched == encrypts
    }
}
