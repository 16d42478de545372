//! SOPS files with age recipients, JSON, dotenv, YAML and INI: reading, checking, changing.
//!
//! **Nothing is handed out before the MAC was verified. A change touches the bytes it must and no others**: the value,
//! `mac` and `lastmodified`; foreign master keys stay as they are. Follows SOPS 3.11 to 3.13, tested against the program.

mod admit;
mod change;
mod cipher;
mod data_key;
mod dotenv;
mod error;
mod ini;
mod json;
mod metadata;
mod rename;
#[cfg(test)]
pub(super) mod samples;
mod shamir;
mod tree;
mod walk;
mod yaml;

use std::ops::Range;

use zeroize::Zeroizing;

pub(crate) use admit::admit;
pub(crate) use change::{Change, apply, create};
pub(crate) use cipher::DataKey;
pub(crate) use data_key::{Opener, unwrap};
pub(crate) use error::{EditError, FormatError, KeyError, ValueError};
pub(crate) use metadata::{KeyGroup, Stanza};
pub(crate) use walk::{Part, shown};

use cipher::{Cipher, Encrypted};
use metadata::Metadata;
use tree::{Item, Node};
use walk::Visit;

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// A JSON object; the default.
    Json,
    /// `NAME=value` lines.
    Dotenv,
    /// A YAML mapping.
    Yaml,
    /// Sections of `name = value` lines; only read.
    Ini,
}

/// A parsed file, borrowing from its text.
pub(crate) struct Document<'a> {
    flavour: Flavour,
    text: &'a str,
    items: Vec<Item<'a>>,
    metadata: Metadata,
    /// Where the metadata stands, for a flavour that keeps it in one place.
    metadata_at: Option<Range<usize>>,
}

/// A piece of text to put in the place of another.
pub(crate) struct Edit {
    span: Range<usize>,
    text: String,
}

impl<'a> Document<'a> {
    /// Parses `text`; decrypts nothing.
    pub(crate) fn parse(text: &'a str, flavour: Flavour) -> Result<Self, FormatError> {
        match flavour {
            Flavour::Json => json::parse(text),
            Flavour::Dotenv => dotenv::parse(text),
            Flavour::Yaml => yaml::parse(text),
            Flavour::Ini => ini::parse(text),
        }
    }

    /// The groups of master keys.
    pub(crate) fn groups(&self) -> &[KeyGroup] {
        &self.metadata.groups
    }

    /// The names at the top level, in order, comments left out; and whether something is nested below.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        let items = self.items.iter().flat_map(|item| match &item.node {
            Node::Map(items) if self.is_default_section(&item.key) => items.iter(),
            _ => std::slice::from_ref(item).iter(),
        });
        items.filter(|item| !matches!(item.node, Node::Comment | Node::Null)).map(|item| {
            let nested = matches!(item.node, Node::Map(_) | Node::List(_));
            (item.key.as_ref(), nested)
        })
    }

    /// The path to every value, in order; decrypts nothing.
    pub(crate) fn paths(&self) -> Vec<Vec<Part<'a>>> {
        let mut paths = Vec::new();
        collect_paths(&self.items, false, &mut Vec::new(), &mut paths);
        for path in &mut paths {
            if matches!(path.first(), Some(Part::Name(name)) if self.is_default_section(name)) {
                path.remove(0);
            }
        }
        paths
    }

    /// Decrypts every value and verifies the MAC. What `visit` was given counts only once this returned `Ok`.
    pub(crate) fn read(&self, key: &DataKey, visit: &mut Visit<'_>) -> Result<(), ValueError> {
        let cipher = Cipher::new(key);
        let mut visit_delivered = |path: &[Part<'_>], text| match path {
            [Part::Name(name), inner @ ..] if self.is_default_section(name) => visit(inner, text),
            _ => visit(path, text),
        };
        let computed = walk::walk(&self.items, &self.metadata, &cipher, &mut visit_delivered)?;
        if *computed == *self.stored_mac(&cipher)? { Ok(()) } else { Err(ValueError::Mac) }
    }

    /// Whether `name` stands for what has no section in an INI file: its entries are delivered like those of a flat file.
    fn is_default_section(&self, name: &str) -> bool {
        self.flavour == Flavour::Ini && name == ini::DEFAULT
    }

    fn stored_mac(&self, cipher: &Cipher) -> Result<Zeroizing<String>, ValueError> {
        let opened = Encrypted::parse(&self.metadata.mac)
            .and_then(|mac| cipher.open(&mac, &self.metadata.last_modified))
            .map_err(|_| ValueError::Mac)?;
        Ok(opened.text)
    }
}

/// Adds the paths of the values below `items`; they nest no deeper than the parser allows.
fn collect_paths<'a>(items: &[Item<'a>], in_list: bool, here: &mut Vec<Part<'a>>, paths: &mut Vec<Vec<Part<'a>>>) {
    let is_comment = |node: &Node<'_>| matches!(node, Node::Comment) || walk::is_sealed_comment(node);
    let entries = items.iter().filter(|item| !is_comment(&item.node));
    for (index, item) in entries.enumerate() {
        here.push(if in_list { Part::Index(index) } else { Part::Name(item.key.clone()) });
        match &item.node {
            Node::Map(items) => collect_paths(items, false, here, paths),
            Node::List(items) => collect_paths(items, true, here, paths),
            Node::Text(_) | Node::Number(_) | Node::Typed { .. } | Node::Bool(_) => paths.push(here.clone()),
            Node::Null | Node::Comment => {}
        }
        here.pop();
    }
}
