//! Changes to a Cargo.toml's text, with comments and layout kept.
//!
//! **Text in, text out**: nothing is written here, and what comes out is accepted by [`super::schema`] and [`super::check`]
//! if what went in was. A table keeps the style it has: inline tables grow inline.

use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value, value};

use crate::manifest::mistake::Table;
use crate::manifest::problem::shown;
use crate::secret::{EnvName, Kind, SecretName};

/// Why a Cargo.toml could not be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EditError {
    /// It is no TOML.
    #[error("line {line} is no valid TOML: {}", problem.message())]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What the reader says.
        problem: Box<toml_edit::TomlError>,
    },
    /// There is no `[workspace]` or `[package]` to write into.
    #[error("it has no `[{}]`", .0.parent())]
    NoParent(Table),
    /// A key on the way is no table, or no list.
    #[error("`{0}` has another type there")]
    Shape(String),
    /// What should be added is there.
    #[error("it has `{}` already", shown(.0))]
    Exists(String),
    /// An environment that should be changed is not there.
    #[error("it has no environment `{0}`")]
    NoEnvironment(EnvName),
    /// A list of one would take everyone else out.
    #[error("environment `{0}` does not list its recipients")]
    NoList(EnvName),
}

impl EditError {
    /// What to type next.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::NoList(environment) => {
                format!("write `recipients = […]` with all who should read `{environment}`, then try again")
            }
            Self::NoParent(_) => "`cargo init` makes a package".to_owned(),
            Self::Shape(key) => format!("make `{key}` a table, or a list if it is `recipients`"),
            Self::Exists(_) => "choose another name".to_owned(),
            Self::NoEnvironment(_) => "`cargo secrets env list` shows all".to_owned(),
            Self::Syntax { .. } => "correct it there, then try again".to_owned(),
        }
    }

    fn syntax(text: &str, problem: toml_edit::TomlError) -> Self {
        let start = problem.span().map_or(0, |span| span.start);
        let line = text.get(..start).unwrap_or(text).matches('\n').count() + 1;
        Self::Syntax { line, problem: Box::new(problem) }
    }
}

pub(super) type Edited = Result<String, EditError>;

/// Declares a variable with its kind, after those that are there: on a line of its own, or under a header of its own
/// where the others have one.
pub(crate) fn declare_variable(text: &str, name: &SecretName, kind: Kind, at: Table) -> Edited {
    edit(text, at, |secrets| {
        let variables = child(secrets, "variables")?;
        if variables.contains_key(name.as_str()) {
            return Err(EditError::Exists(format!("variables.{name}")));
        }
        insert_variable(variables, name, kind)
    })
}

/// Declares those of `names` that are not declared yet, as [`declare_variable`] does.
pub(crate) fn declare_variables(text: &str, names: &[(&SecretName, Kind)], at: Table) -> Edited {
    edit(text, at, |secrets| {
        let variables = child(secrets, "variables")?;
        for (name, kind) in names {
            if !variables.contains_key(name.as_str()) {
                insert_variable(variables, name, *kind)?;
            }
        }
        Ok(())
    })
}

fn insert_variable(variables: &mut dyn TableLike, name: &SecretName, kind: Kind) -> Result<(), EditError> {
    if variables.is_empty() || variables.iter().any(|(_, item)| item.is_value()) {
        if is_inline(variables) {
            trim_last(variables);
        }
        variables.insert(name.as_str(), value(InlineTable::from_iter([("kind", kind.to_string())])));
    } else {
        child(variables, name.as_str())?.insert("kind", value(kind.to_string()));
    }
    Ok(())
}

/// Writes the table of a new project with its first environment. Recipients are names and public keys.
pub(crate) fn add_project(
    text: &str,
    environment: &EnvName,
    source: &str,
    recipients: &[(&str, &str)],
    at: Table,
) -> Edited {
    edit(text, at, |secrets| {
        if !secrets.is_empty() {
            return Err(EditError::Exists(at.to_string()));
        }
        secrets.insert("requires", value("0.1"));
        secrets.insert("default-environment", value(environment.as_str()));
        let listed = child(secrets, "recipients")?;
        for (name, key) in recipients {
            listed.insert(name, value(*key));
        }
        let names: Vec<&str> = recipients.iter().map(|(name, _)| *name).collect();
        insert_environment(secrets, NewEnvironment::new(environment, source, &names))
    })
}

/// An environment to be added.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewEnvironment<'n> {
    /// Its name.
    pub(crate) name: &'n EnvName,
    /// Its one file, relative to the project's root.
    pub(crate) source: &'n str,
    /// Its recipients, by the names they have in the table.
    pub(crate) recipients: &'n [&'n str],
    /// What it inherits from.
    pub(crate) inherits: Option<&'n EnvName>,
    /// Declared names only, sandbox required.
    pub(crate) protected: bool,
}

impl<'n> NewEnvironment<'n> {
    /// A plain one.
    pub(crate) fn new(name: &'n EnvName, source: &'n str, recipients: &'n [&'n str]) -> Self {
        Self { name, source, recipients, inherits: None, protected: false }
    }
}

/// Adds an environment whose recipients are named in the table.
pub(crate) fn add_environment(text: &str, new: NewEnvironment<'_>, at: Table) -> Edited {
    edit(text, at, |secrets| insert_environment(secrets, new))
}

/// Takes an environment out, with the comments that belong to it.
pub(crate) fn remove_environment(text: &str, name: &EnvName, at: Table) -> Edited {
    edit(text, at, |secrets| {
        let gone = child(secrets, "environments")?.remove(name.as_str());
        gone.map(drop).ok_or_else(|| EditError::NoEnvironment(name.clone()))
    })
}

/// Adds a recipient and lists it in environments. One that is there with the same key is only listed.
pub(crate) fn add_recipient(text: &str, name: &str, key: &str, environments: &[&EnvName], at: Table) -> Edited {
    edit(text, at, |secrets| {
        let recipients = child(secrets, "recipients")?;
        match recipients.get(name).map(Item::as_str) {
            None => {
                recipients.insert(name, value(key));
            }
            Some(Some(same)) if same == key => {}
            Some(_) => return Err(EditError::Exists(format!("recipients.{name}"))),
        }
        for environment in environments {
            list_recipient(secrets, environment, name)?;
        }
        Ok(())
    })
}

/// Changes the secrets table of a text.
pub(super) fn edit(text: &str, at: Table, change: impl FnOnce(&mut dyn TableLike) -> Result<(), EditError>) -> Edited {
    let mut document: DocumentMut = text.parse().map_err(|problem| EditError::syntax(text, problem))?;
    let root: &mut dyn TableLike = document.as_table_mut();
    if !root.contains_key(at.parent()) {
        return Err(EditError::NoParent(at));
    }
    change(child(child(child(root, at.parent())?, "metadata")?, "secrets")?)?;
    Ok(document.to_string())
}

/// The table below `key`, made in the style of its parent if it is missing. A header appears where there is something to say.
pub(super) fn child<'a>(parent: &'a mut dyn TableLike, key: &str) -> Result<&'a mut dyn TableLike, EditError> {
    let inline = is_inline(parent);
    if inline && !parent.contains_key(key) {
        trim_last(parent);
    }
    let item = parent.entry(key).or_insert_with(|| {
        if inline {
            return value(InlineTable::new());
        }
        let mut table = toml_edit::Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    item.as_table_like_mut().ok_or_else(|| EditError::Shape(shown(key)))
}

/// `{ … }`, as opposed to a header. `toml_edit` does not say it of a `TableLike`; a first key tells by how it is stored.
fn is_inline(table: &mut dyn TableLike) -> bool {
    let probe = "cargo-secrets-probe";
    table.insert(probe, Item::Table(toml_edit::Table::new()));
    table.remove(probe).is_some_and(|item| item.is_value())
}

/// The blank before `}` would stand before the comma.
fn trim_last(table: &mut dyn TableLike) {
    let last = table.iter_mut().last().and_then(|(_, item)| item.as_value_mut());
    let decor = last.map(Value::decor_mut);
    let blank = |decor: &&mut toml_edit::Decor| {
        decor.suffix().and_then(|suffix| suffix.as_str()).is_some_and(|s| s.trim_matches(' ').is_empty())
    };
    if let Some(decor) = decor.filter(blank) {
        decor.set_suffix("");
    }
}

fn insert_environment(secrets: &mut dyn TableLike, new: NewEnvironment<'_>) -> Result<(), EditError> {
    let NewEnvironment { name, source, recipients, inherits, protected } = new;
    let environments = child(secrets, "environments")?;
    if environments.contains_key(name.as_str()) {
        return Err(EditError::Exists(format!("environments.{name}")));
    }
    let environment = child(environments, name.as_str())?;
    if let Some(ancestor) = inherits {
        environment.insert("inherits", value(ancestor.as_str()));
    }
    environment.insert("sources", value(Array::from_iter([source])));
    environment.insert("recipients", value(recipients.iter().copied().collect::<Array>()));
    if protected {
        environment.insert("protected", value(true));
    }
    Ok(())
}

fn list_recipient(secrets: &mut dyn TableLike, environment: &EnvName, name: &str) -> Result<(), EditError> {
    let environments = child(secrets, "environments")?;
    let Some(item) = environments.get_mut(environment.as_str()) else {
        return Err(EditError::NoEnvironment(environment.clone()));
    };
    let table = item.as_table_like_mut().ok_or_else(|| EditError::Shape(environment.to_string()))?;
    let list = table.get_mut("recipients").ok_or_else(|| EditError::NoList(environment.clone()))?;
    let list = list.as_array_mut().ok_or_else(|| EditError::Shape("recipients".to_owned()))?;
    if list.iter().any(|listed| listed.as_str() == Some(name)) {
        return Ok(());
    }
    push(list, name);
    Ok(())
}

/// Adds to a list in its layout: a line of its own where the last element has one.
fn push(list: &mut Array, name: &str) {
    let before = list.iter().last().and_then(|element| element.decor().prefix()?.as_str().map(str::to_owned));
    let own_line = before.as_deref().and_then(|prefix| prefix.rsplit_once('\n')).map(|(_, indent)| indent);
    let prefix = match own_line {
        Some(indent) => format!("\n{indent}"),
        None if list.is_empty() => String::new(),
        None => " ".to_owned(),
    };
    let mut added = Value::from(name);
    added.decor_mut().set_prefix(prefix);
    list.push_formatted(added);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::check;
    use crate::manifest::schema::{CargoToml, Slot};

    const BARE: &str =
        "# top\n[package] # the package\nname = \"x\" # its name\n\n[dependencies]\nserde = \"1\" # keep\n";

    fn name(text: &str) -> SecretName {
        SecretName::new(text).unwrap()
    }

    fn dev() -> EnvName {
        EnvName::new("dev").unwrap()
    }

    /// The result is accepted, and every line of the old text is still there in its order.
    fn accepted(old: &str, new: &str, at: Table) {
        let mut toml: CargoToml = toml::from_str(new).unwrap_or_else(|error| panic!("{error}\n{new}"));
        let slot = if at == Table::Package { toml.take_package_secrets() } else { toml.take_workspace_secrets() };
        let Some(Slot::Good(raw)) = slot else { panic!("not accepted:\n{new}") };
        check::table(*raw).unwrap_or_else(|fault| panic!("{fault:?}\n{new}"));
        let mut lines = new.lines();
        for line in old.lines() {
            assert!(lines.any(|new| new == line), "lost `{line}`:\n{new}");
        }
    }

    fn project() -> String {
        add_project(BARE, &dev(), "secrets/dev.json", &[("alice", "age1a"), ("bob", "ssh-rsa B")], Table::Package)
            .unwrap()
    }

    #[test]
    fn a_new_project_is_written_below_what_is_there() {
        let text = project();
        accepted(BARE, &text, Table::Package);
        let added = "\n[package.metadata.secrets]\nrequires = \"0.1\"\ndefault-environment = \"dev\"\n\
            \n[package.metadata.secrets.recipients]\nalice = \"age1a\"\nbob = \"ssh-rsa B\"\n\
            \n[package.metadata.secrets.environments.dev]\nsources = [\"secrets/dev.json\"]\nrecipients = [\"alice\", \"bob\"]\n";
        assert!(text.contains(added), "{text}");
        let again = add_project(&text, &dev(), "a", &[], Table::Package).unwrap_err();
        assert_eq!(again.to_string(), "it has `[package.metadata.secrets]` already");
        let none = add_project(BARE, &dev(), "a", &[], Table::Workspace).unwrap_err();
        assert_eq!(none.to_string(), "it has no `[workspace]`");
    }

    #[test]
    fn variables_are_declared_one_after_the_other() {
        let one = declare_variable(&project(), &name("A"), Kind::Secret, Table::Package).unwrap();
        let two = declare_variable(&one, &name("B"), Kind::Key, Table::Package).unwrap();
        accepted(&one, &two, Table::Package);
        let added = "\n[package.metadata.secrets.variables]\nA = { kind = \"secret\" }\nB = { kind = \"key\" }\n\n[dependencies]";
        assert!(two.contains(added), "{two}");
        assert!(matches!(declare_variable(&two, &name("A"), Kind::Key, Table::Package), Err(EditError::Exists(_))));
    }

    #[test]
    fn many_variables_are_declared_in_one_change() {
        let one = declare_variable(&project(), &name("A"), Kind::Secret, Table::Package).unwrap();
        let names = [name("A"), name("B"), name("C")];
        let kinds: Vec<_> = names.iter().map(|name| (name, Kind::Key)).collect();
        let all = declare_variables(&one, &kinds, Table::Package).unwrap();
        accepted(&one, &all, Table::Package);
        assert!(all.contains("A = { kind = \"secret\" }\nB = { kind = \"key\" }\nC = { kind = \"key\" }\n"), "{all}");
        assert_eq!(declare_variables(&all, &kinds, Table::Package).unwrap(), all);
    }

    #[test]
    fn a_variable_is_declared_in_the_middle_of_a_file_and_in_any_style() {
        for style in [
            "[workspace.metadata.secrets.variables.A]\nkind = \"key\" # k\n\n# next\n[workspace.dependencies]\nx = \"1\"\n",
            "[workspace.metadata.secrets]\nvariables = { A = { kind = \"key\" } } # inline\n[profile.dev]\n",
            "[workspace.metadata.secrets]\nvariables.A = { kind = \"key\" }\nrequires = \"0.1\"\n[profile.dev]\n",
            "[workspace.metadata.secrets.variables]\nA = { kind = \"key\" } # a\n\n[profile.dev]\n",
            "[workspace.metadata.secrets]\nvariables.A.kind = \"key\"\n",
            "[workspace.metadata]\nsecrets = { requires = \"0.1\" }\n",
            "metadata.secrets.requires = \"0.1\"\n",
            "[workspace.metadata.other]\nx = 1\n",
        ] {
            let old = format!("[workspace]\nmembers = [] # none\n{style}");
            let new = declare_variable(&old, &name("B"), Kind::Secret, Table::Workspace).unwrap();
            let kept = if style.contains("inline") || style.contains("secrets = {") {
                "[workspace]\nmembers = [] # none\n"
            } else {
                &old
            };
            accepted(kept, &new, Table::Workspace);
            assert!(new.contains("secret\"") && !new.contains(" ,"), "{new}");
        }
    }

    #[test]
    fn a_recipient_is_added_in_the_layout_of_the_list() {
        let old = project().replace("[\"alice\", \"bob\"]", "[\n    \"alice\", # A\n    \"bob\",\n]");
        let new = add_recipient(&old, "carol", "age1c", &[&dev()], Table::Package).unwrap();
        accepted(&old, &new, Table::Package);
        assert!(new.contains("    \"bob\",\n    \"carol\",\n]") && new.contains("carol = \"age1c\"\n"), "{new}");
        assert_eq!(add_recipient(&new, "carol", "age1c", &[&dev()], Table::Package).unwrap(), new);
        let flat = add_recipient(&project(), "carol", "age1c", &[&dev()], Table::Package).unwrap();
        assert!(flat.contains("[\"alice\", \"bob\", \"carol\"]"), "{flat}");
        assert!(matches!(add_recipient(&new, "carol", "age1d", &[], Table::Package), Err(EditError::Exists(_))));
        let none = EnvName::new("none").unwrap();
        assert!(matches!(
            add_recipient(&new, "d", "age1d", &[&none], Table::Package),
            Err(EditError::NoEnvironment(_))
        ));
        let silent = new.replace("recipients = [", "x = [");
        let error = add_recipient(&silent, "d", "age1d", &[&dev()], Table::Package).unwrap_err();
        assert!(error.help().contains("recipients = […]"));
    }

    #[test]
    fn an_environment_is_added_after_the_others() {
        let old = declare_variable(&project(), &name("A"), Kind::Secret, Table::Package).unwrap();
        let prod = EnvName::new("prod").unwrap();
        let environment = NewEnvironment::new(&prod, "secrets/prod.json", &["alice"]);
        let new = add_environment(&old, environment, Table::Package).unwrap();
        accepted(&old, &new, Table::Package);
        assert!(
            new.contains("[package.metadata.secrets.environments.prod]\nsources = [\"secrets/prod.json\"]\n"),
            "{new}"
        );
        assert!(matches!(
            add_environment(&new, NewEnvironment::new(&prod, "x", &[]), Table::Package),
            Err(EditError::Exists(_))
        ));
    }
}
