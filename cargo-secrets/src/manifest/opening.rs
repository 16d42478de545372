//! The lines that open more of the sandbox, as they fit what a Cargo.toml says of it already.
//!
//! **Put where they say, in place of what they name, they break nothing**, and what was open stays open. Where the secrets
//! table has no heading of its own (`secrets.requires = …` under another), they have to be put in its way by hand.

use std::collections::BTreeSet;

use toml_edit::{Array, DocumentMut, InlineTable, Item, Value};

use crate::manifest::mistake::Table;
use crate::manifest::model::Network;

/// What is to be opened besides.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    /// For reading, as entries.
    pub(crate) read: BTreeSet<String>,
    /// For writing too.
    pub(crate) write: BTreeSet<String>,
    /// What is to be reached.
    pub(crate) network: Option<Network>,
}

/// Lines of a Cargo.toml, and their place in it.
#[derive(Debug)]
pub(crate) struct Lines {
    /// What they stand under: `[workspace.metadata.secrets]`.
    pub(crate) heading: String,
    /// Whether that is not there yet.
    pub(crate) is_new: bool,
    /// The keys there that they take the place of.
    pub(crate) replaced: Vec<String>,
    /// Without an end of line.
    pub(crate) text: String,
}

impl Opening {
    /// The lines for a Cargo.toml that says `text`; `None` where nothing is to be opened.
    pub(crate) fn lines(&self, text: &str, at: Table) -> Option<Lines> {
        // Who reads it elsewhere has said what is wrong with it.
        let document: DocumentMut = text.parse().unwrap_or_default();
        let secrets =
            [at.parent(), "metadata", "secrets"].iter().try_fold(document.as_item(), |item, key| item.get(key));
        let sandbox = secrets.and_then(|secrets| secrets.get("sandbox"));
        let new = self.entries(sandbox);
        if new.is_empty() {
            return None;
        }
        let is_new = secrets.and_then(Item::as_table).is_none_or(toml_edit::Table::is_implicit);
        let lines = |prefix: &str, entries: &[(&str, Value)]| {
            let lines: Vec<_> = entries.iter().map(|(key, value)| format!("{prefix}{key} = {value}")).collect();
            lines.join("\n")
        };
        let replaced = |prefix: &str| {
            let there = new.iter().filter(|(key, _)| sandbox.is_some_and(|table| table.get(key).is_some()));
            there.map(|(key, _)| format!("{prefix}{key}")).collect()
        };
        let whole = || sandbox.map(|_| "sandbox".to_owned()).into_iter().collect();
        let heading = at.to_string();
        Some(match sandbox {
            _ if is_inline(secrets) || is_inline(sandbox) => {
                let text = format!("sandbox = {}", merged(sandbox, new.clone()));
                Lines { heading, is_new: false, replaced: whole(), text }
            }
            Some(Item::Table(table)) if !table.is_dotted() => {
                let heading = heading.replace(']', ".sandbox]");
                Lines { heading, is_new: false, replaced: replaced(""), text: lines("", &new) }
            }
            Some(Item::Value(mode)) => {
                let mode = [("mode", plain(mode))];
                Lines { heading, is_new, replaced: whole(), text: lines("sandbox.", &[&mode[..], &new].concat()) }
            }
            _ => Lines { heading, is_new, replaced: replaced("sandbox."), text: lines("sandbox.", &new) },
        })
    }

    /// The keys that change, with all that they hold then.
    fn entries(&self, sandbox: Option<&Item>) -> Vec<(&'static str, Value)> {
        let there = |key| sandbox.and_then(|table| table.get(key)).and_then(Item::as_array);
        let list = |key, paths: &BTreeSet<String>| {
            let old = there(key).into_iter().flatten().filter_map(Value::as_str);
            let old: Vec<_> = old.collect();
            let new = paths.iter().map(String::as_str).filter(|path| !old.contains(path));
            Value::from(old.iter().copied().chain(new).collect::<Array>())
        };
        let lists = [("read", &self.read), ("write", &self.write)];
        let lists = lists.into_iter().filter(|(_, paths)| !paths.is_empty());
        let network = self.network.map(|network| ("network", Value::from(network.word())));
        lists.map(|(key, paths)| (key, list(key, paths))).chain(network).collect()
    }
}

fn is_inline(item: Option<&Item>) -> bool {
    item.and_then(Item::as_inline_table).is_some()
}

/// `{ … }` with these entries, and those that are there besides.
fn merged(sandbox: Option<&Item>, new: Vec<(&str, Value)>) -> Value {
    let mut table = InlineTable::new();
    if let Some(mode) = sandbox.and_then(Item::as_str) {
        table.insert("mode", mode.into());
    }
    for (key, value) in sandbox.and_then(Item::as_inline_table).into_iter().flatten() {
        table.insert(key, plain(value));
    }
    for (key, value) in new {
        table.insert(key, value);
    }
    table.into()
}

/// Without the spaces and comments around it.
fn plain(value: &Value) -> Value {
    let mut value = value.clone();
    value.decor_mut().clear();
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines for a table that says this, put where they say.
    fn lines(text: &str) -> (Lines, String) {
        let set = |entries: &[&str]| entries.iter().map(ToString::to_string).collect();
        let network = Some(Network::All);
        let opening = Opening { read: set(&["~/notes", "a \"b\""]), write: set(&["src/gen"]), network };
        let lines = opening.lines(text, Table::Package).unwrap();
        let kept = text.lines().filter(|line| {
            let key = line.split('=').next().unwrap_or_default().trim();
            !lines.replaced.iter().any(|replaced| replaced == key)
        });
        let kept = kept.collect::<Vec<_>>().join("\n");
        let placed = format!("{}\n{}", lines.heading, lines.text);
        let pasted = if lines.is_new { format!("{kept}\n{placed}") } else { kept.replace(&lines.heading, &placed) };
        (lines, pasted)
    }

    #[test]
    fn the_lines_fit_what_is_there() {
        let head = "[package.metadata.secrets]";
        for (text, replaced, expected) in [
            (String::new(), vec![], "sandbox.write = [\"src/gen\"]"),
            ("[package.metadata.secrets.variables]\n".to_owned(), vec![], "sandbox.network = \"all\""),
            (format!("{head}\nrequires = '0.1'\n"), vec![], "sandbox.write = [\"src/gen\"]"),
            (
                format!("{head}\nsandbox = 'require' # x\n"),
                vec!["sandbox"],
                "sandbox.mode = 'require'\nsandbox.read = [",
            ),
            (
                format!("{head}\nsandbox.read = ['old', '~/notes']\nsandbox.mode = 'off'\n"),
                vec!["sandbox.read"],
                "sandbox.read = [\"old\", \"~/notes\", ",
            ),
            (
                format!("{head}\nsandbox = {{ program = true, network = 'none' }}\n"),
                vec!["sandbox"],
                "sandbox = { program = true, network = \"all\", read = [",
            ),
            (
                "[package.metadata.secrets.sandbox]\nwrite = ['b']\n".to_owned(),
                vec!["write"],
                "write = [\"b\", \"src/gen\"]",
            ),
        ] {
            let (lines, pasted) = lines(&text);
            assert_eq!(lines.replaced, replaced, "{text}");
            assert!(lines.text.contains(expected), "{text}: {}", lines.text);
            let parsed: DocumentMut = pasted.parse().unwrap_or_else(|error| panic!("{pasted}: {error}"));
            let sandbox = &parsed["package"]["metadata"]["secrets"]["sandbox"];
            assert_eq!(sandbox["network"].as_str(), Some("all"), "{pasted}");
            assert!(
                sandbox["read"].as_array().unwrap().iter().any(|path| path.as_str() == Some("a \"b\"")),
                "{pasted}"
            );
        }
    }
}
