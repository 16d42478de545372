//! Says what is broken in a secrets table that serde refused.
//!
//! **Off the path of `run`**: the file is parsed again, with spans, and walked with the lists of keys of [`super::schema`].
//! The first mistake in the file is named. A mistake that a newer version would understand, in a table that `requires` a
//! newer version, becomes the advice to upgrade.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::manifest::mistake::{Aim, Mistake, Table};
use crate::manifest::problem::{Release, ShapeProblem, or_newer};
use crate::manifest::schema::{Keys, SOURCE, TABLE, Type, USER};

type Found = Vec<(Range<usize>, ShapeProblem)>;

/// The first mistake in the keys and types of `text`'s secrets table.
pub(super) fn diagnose(path: &Path, text: &str, table: Table) -> Mistake {
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => return syntax(path, text, error),
    };
    let mut found = Found::new();
    let mut requires = None;
    if let Some((key, value)) = secrets(root.get_ref(), table) {
        match value.as_table() {
            Some(secrets) => {
                walk(secrets, &TABLE, &mut found);
                requires = secrets.get("requires").and_then(|text| Release::parse(text.get_ref().as_str()?));
            }
            None => found.push((key, wrong("secrets", "a table"))),
        }
    }
    let first = found.into_iter().min_by_key(|(span, _)| span.start);
    let (span, problem) = first.unwrap_or((0..0, wrong("secrets", "a table that cargo-secrets understands")));
    Mistake::new(path, text, span, Aim::Key, or_newer(problem.into(), requires))
}

/// The first mistake in the user's own settings.
pub(super) fn diagnose_user(path: &Path, text: &str) -> Mistake {
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => return broken(path, text, "TOML", error),
    };
    let mut found = Found::new();
    walk(root.get_ref(), &USER, &mut found);
    let first = found.into_iter().min_by_key(|(span, _)| span.start);
    let (span, problem) = first.unwrap_or((0..0, wrong("sandbox", "a table that cargo-secrets understands")));
    Mistake::new(path, text, span, Aim::Key, problem.into())
}

/// A file that is no TOML, or no manifest.
pub(super) fn syntax(path: &Path, text: &str, error: toml::de::Error) -> Mistake {
    broken(path, text, "`Cargo.toml`", error)
}

fn broken(path: &Path, text: &str, file: &'static str, error: toml::de::Error) -> Mistake {
    let span = error.span().unwrap_or(0..0);
    Mistake::new(path, text, span, Aim::Key, ShapeProblem::Syntax { file, source: Box::new(error) }.into())
}

fn secrets<'a, 'i>(root: &'a DeTable<'i>, table: Table) -> Option<(Range<usize>, &'a DeValue<'i>)> {
    let metadata = root.get(table.parent())?.get_ref().as_table()?.get("metadata")?.get_ref().as_table()?;
    metadata.get_key_value("secrets").map(|(key, value)| (key.span(), value.get_ref()))
}

fn walk(table: &DeTable<'_>, keys: &'static Keys, found: &mut Found) {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let problem = match keys.now.iter().find(|(known, _)| *known == name) {
            Some(&(_, kind)) => check_type(name, value, kind, found),
            None if keys.later.contains(&name) => Some(ShapeProblem::NotYet { what: name.to_owned() }),
            None => Some(ShapeProblem::UnknownKey {
                key: name.to_owned(),
                known: keys.now.iter().map(|(known, _)| *known).collect(),
            }),
        };
        found.extend(problem.map(|problem| (key.span(), problem)));
    }
}

/// What is wrong with the value as a whole; what is wrong inside goes to `found`.
fn check_type(key: &str, value: &Spanned<DeValue<'_>>, kind: Type, found: &mut Found) -> Option<ShapeProblem> {
    let value = value.get_ref();
    let texts =
        |value: &DeValue<'_>| value.as_array().is_some_and(|items| items.iter().all(|item| item.get_ref().is_str()));
    match kind {
        Type::Text => (!value.is_str()).then(|| wrong(key, "a string")),
        Type::Flag => (!value.is_bool()).then(|| wrong(key, "true or false")),
        Type::TextList => (!texts(value)).then(|| wrong(key, "a list of strings")),
        Type::FlagOrTextList => {
            (!value.is_bool() && !texts(value)).then(|| wrong(key, "true, false or a list of environments"))
        }
        Type::Sources => match value.as_array() {
            Some(items) => items.iter().find_map(|item| check_source(key, item.get_ref(), found)),
            None => Some(wrong(key, "a list of files")),
        },
        Type::TextMap(each) => match value.as_table() {
            Some(table) => {
                let others = table.iter().filter(|(_, value)| !value.get_ref().is_str());
                found.extend(others.map(|(key, _)| (key.span(), wrong(key.get_ref(), each))));
                None
            }
            None => Some(wrong(key, "a table")),
        },
        Type::Tables(keys) => match value.as_table() {
            Some(table) => {
                for (name, value) in table {
                    match value.get_ref().as_table() {
                        Some(inner) => walk(inner, keys, found),
                        None => found.push((name.span(), wrong(name.get_ref(), "a table"))),
                    }
                }
                None
            }
            None => Some(wrong(key, "a table of tables")),
        },
        Type::Table(keys) => match value.as_table() {
            Some(table) => {
                walk(table, keys, found);
                None
            }
            None => Some(wrong(key, "a table")),
        },
        Type::TextOrTable(keys) => {
            if let Some(table) = value.as_table() {
                walk(table, keys, found);
                return None;
            }
            (!value.is_str()).then(|| wrong(key, "a string or a table"))
        }
        Type::TableList(keys) => {
            let items = value.as_array().into_iter().flatten();
            let tables: Option<Vec<_>> = items.map(|item| item.get_ref().as_table()).collect();
            let tables = tables.filter(|_| value.is_array());
            tables.iter().flatten().for_each(|table| walk(table, keys, found));
            tables.is_none().then(|| wrong(key, "a list of `{ fingerprint, reason }` tables"))
        }
    }
}

fn check_source(key: &str, source: &DeValue<'_>, found: &mut Found) -> Option<ShapeProblem> {
    if let Some(table) = source.as_table() {
        walk(table, &SOURCE, found);
        return (!table.contains_key("path")).then(|| wrong(key, "a list of files; a table there needs `path`"));
    }
    (!source.is_str()).then(|| wrong(key, "a list of strings and `{ path, flatten }` tables"))
}

fn wrong(key: &str, expected: &'static str) -> ShapeProblem {
    ShapeProblem::WrongType { key: key.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(body: &str) -> (String, Option<String>) {
        let text = format!("[package]\nname = \"x\"\n[package.metadata.secrets]\n{body}");
        let mistake = diagnose(Path::new("Cargo.toml"), &text, Table::Package);
        (mistake.to_string(), mistake.help())
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        for (body, message, place, help) in [
            ("enviroments = {}\n", "unknown key `enviroments`", "Cargo.toml:4:1", "`environments`"),
            ("[package.metadata.secrets.environments.dev]\nsource = []\n", "`source`", "Cargo.toml:5:1", "`sources`"),
            ("[package.metadata.secrets.variables.A]\nKind = \"key\"\n", "`Kind`", "Cargo.toml:5:1", "`kind`"),
            ("[package.metadata.secrets.variables]\nA = { formt = 'url' }\n", "`formt`", "Cargo.toml:5:7", "`format`"),
            ("sandbox = { mod = 'off' }\n", "`mod`", "Cargo.toml:4:13", "`mode`"),
            (
                "environments.dev.sources = [{ path = 'a', flaten = true }]\n",
                "`flaten`",
                "Cargo.toml:4:43",
                "`flatten`",
            ),
            ("zzzzzzzzz = 1\n", "`zzzzzzzzz`", "Cargo.toml:4:1", "the keys here are `requires`"),
        ] {
            let (text, hint) = say(body);
            assert!(text.contains(message) && text.contains(place), "{text}");
            assert!(hint.as_ref().is_some_and(|hint| hint.contains(help)), "{hint:?}");
        }
    }

    #[test]
    fn a_planned_key_is_an_error_of_its_own() {
        let tables = [
            ("", &TABLE),
            ("environments.dev.", &crate::manifest::schema::ENVIRONMENT),
            ("variables.A.", &crate::manifest::schema::VARIABLE),
        ];
        for (prefix, keys) in tables {
            for key in keys.later {
                let (text, hint) = say(&format!("{prefix}{key} = 1\n"));
                let expected = format!("`{key}` is not supported by cargo-secrets {} yet", env!("CARGO_PKG_VERSION"));
                assert!(text.contains(&expected) && text.contains("Cargo.toml:4:"), "{text}");
                assert_eq!(hint.as_deref(), Some("remove the key"));
            }
        }
    }

    #[test]
    fn a_wrong_type_says_what_is_right_and_does_not_show_the_value() {
        for (body, message) in [
            ("requires = 1\n", "`requires` must be a string"),
            ("sandbox = 1\n", "`sandbox` must be a string or a table"),
            ("sandbox.read = \"hunter2\"\n", "`read` must be a list of strings"),
            ("run.just = [\"hunter2\"]\n", "`just` must be \"env\" or \"runner\""),
            ("recipients = 1\n", "`recipients` must be a table"),
            ("recipients.a = [\"hunter2\"]\n", "`a` must be a public key in quotes"),
            ("environments = []\n", "`environments` must be a table of tables"),
            ("environments.dev = \"hunter2\"\n", "`dev` must be a table"),
            ("environments.dev.sources = \"a\"\n", "`sources` must be a list of files"),
            ("environments.dev.sources = [1]\n", "`sources` must be a list of strings and"),
            ("environments.dev.sources = [{ flatten = true }]\n", "needs `path`"),
            ("environments.dev.protected = \"yes\"\n", "`protected` must be true or false"),
            ("environments.dev.recipients = \"a\"\n", "`recipients` must be a list of strings"),
            ("variables.A = \"hunter2\"\n", "`A` must be a table"),
            ("variables.A.required = \"dev\"\n", "`required` must be true, false or a list of environments"),
            ("variables.A.default = [\"hunter2\"]\n", "`default` must be a string"),
        ] {
            let (text, _) = say(body);
            assert!(text.contains(message) && text.contains("Cargo.toml:4:"), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_table_that_requires_a_newer_version_asks_for_an_upgrade() {
        for body in ["requires = \"0.9\"\nnew-thing = 1\n", "requires = \"0.9\"\ntrust = 1\n"] {
            let (text, hint) = say(body);
            let version = env!("CARGO_PKG_VERSION");
            assert!(
                text.contains(&format!("this project requires cargo-secrets 0.9, this is {version}: upgrade")),
                "{text}"
            );
            assert_eq!(hint.as_deref(), Some("cargo install cargo-secrets"));
        }
        assert!(say("requires = \"0.1\"\nnew-thing = 1\n").0.contains("unknown key"));
        assert!(say("requires = \"0.9\"\nvariables.A.required = 1\n").0.contains("must be"));
    }

    #[test]
    fn the_first_mistake_in_the_file_is_named() {
        assert!(say("zeta = 1\nalpha = 1\n").0.contains("`zeta`"));
    }
}
