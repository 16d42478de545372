//! A variable under another name, at its place in a Cargo.toml, and in what is composed of it.

use toml_edit::{Item, Key, TableLike, Value};

use crate::manifest::edit::{EditError, Edited, child, edit};
use crate::manifest::mistake::Table;
use crate::secret::SecretName;

/// Renames the variable where it is declared, and in the `value`s of others. A table that knows neither stays as it is.
pub(crate) fn rename_variable(text: &str, from: &SecretName, to: &SecretName, at: Table) -> Edited {
    edit(text, at, |secrets| {
        if !secrets.contains_key("variables") {
            return Ok(());
        }
        let variables = child(secrets, "variables")?;
        if variables.contains_key(to.as_str()) {
            return Err(EditError::Exists(format!("variables.{to}")));
        }
        rename_key(variables, from.as_str(), to.as_str());
        for (_, variable) in variables.iter_mut() {
            let composed = variable.as_table_like_mut().and_then(|table| table.get_mut("value"));
            if let Some(value) = composed.and_then(Item::as_value_mut) {
                rename_references(value, from.as_str(), to.as_str());
            }
        }
        Ok(())
    })
}

/// All entries are taken out and put back in their order: a table knows no other way.
fn rename_key(table: &mut dyn TableLike, from: &str, to: &str) {
    if !table.contains_key(from) {
        return;
    }
    let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    let take = |name: &String| Some((table.key(name)?.clone(), table.remove(name)?));
    let entries: Vec<(Key, Item)> = names.iter().filter_map(take).collect();
    for (key, item) in entries {
        let key = if key.get() == from { renamed(&key, to) } else { key };
        table.entry_format(&key).or_insert(item);
    }
}

fn renamed(key: &Key, to: &str) -> Key {
    let key = key.clone();
    Key::new(to).with_leaf_decor(key.leaf_decor().clone()).with_dotted_decor(key.dotted_decor().clone())
}

/// `${FROM}` and `${FROM:url}` in a composed value. `$$` is a dollar sign.
fn rename_references(value: &mut Value, from: &str, to: &str) {
    let Some(text) = value.as_str().filter(|text| text.contains(from)) else { return };
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        result.extend([before, "$"]);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            result.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{').and_then(|inner| inner.strip_prefix(from))
            && after.starts_with(['}', ':'])
        {
            result.extend(["{", to]);
            rest = after;
        }
    }
    result.push_str(rest);
    if result != text {
        let mut new = Value::from(result);
        *new.decor_mut() = value.decor().clone();
        *value = new;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rename(text: &str) -> String {
        let [from, to] = ["OLD", "NEW"].map(|name| SecretName::new(name).unwrap());
        rename_variable(text, &from, &to, Table::Package).unwrap()
    }

    #[test]
    fn a_variable_keeps_its_place_its_comments_and_its_style() {
        let head = "[package]\nname = \"x\"\n";
        let cases = [
            "[package.metadata.secrets.variables]\nA = {} # a\n# above\nOLD = { kind = \"key\" } # beside\nB = {}\n",
            "[package.metadata.secrets.variables.A]\nkind = \"key\"\n\n# above\n[package.metadata.secrets.variables.OLD]\nkind = \"key\"\n\n[package.metadata.secrets.variables.B]\n",
            "[package.metadata.secrets]\nvariables = { A = {}, OLD = { kind = \"key\" }, B = {} }\n",
            "[package.metadata.secrets]\nvariables.A.kind = \"key\"\nvariables.OLD.kind = \"key\" # x\nvariables.B = {}\n",
        ];
        for case in cases {
            assert_eq!(rename(&format!("{head}{case}")), format!("{head}{}", case.replace("OLD", "NEW")), "{case}");
        }
    }

    #[test]
    fn what_is_composed_of_it_follows() {
        let table = "[package]\n[package.metadata.secrets.variables]\n";
        let old = format!("{table}URL = {{ value = \"a${{OLD}}b$${{OLD}}${{OLD:url}}${{OLDER}}$OLD\" }} # c\n");
        let new = format!("{table}URL = {{ value = \"a${{NEW}}b$${{OLD}}${{NEW:url}}${{OLDER}}$OLD\" }} # c\n");
        assert_eq!(rename(&old), new);
        assert_eq!(rename("[package]\n"), "[package]\n");
    }
}
