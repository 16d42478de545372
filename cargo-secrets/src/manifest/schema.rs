//! The shape of Cargo.toml as serde sees it: keys and types, nothing of their meaning.
//!
//! **Only the secrets table is strict.** Everything else in Cargo.toml is ignored, and a broken secrets table does not keep
//! the rest from being read: whose table it is, and whether it matters, is known only later. [`super::diagnose`] then says
//! what is broken.
//!
//! The tables of key names below are what diagnosis offers; a test holds them to the structs.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// What this layer reads of a Cargo.toml.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CargoToml {
    pub(super) workspace: Option<WorkspaceTable>,
    pub(super) package: Option<PackageTable>,
}

/// `[workspace]`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct WorkspaceTable {
    #[serde(default)]
    pub(super) members: Vec<String>,
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    metadata: Option<Metadata>,
}

/// `[package]`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PackageTable {
    pub(super) name: Option<String>,
    pub(super) workspace: Option<String>,
    metadata: Option<Metadata>,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    secrets: Option<Slot>,
}

/// A secrets table, or the remark that there is a broken one.
#[derive(Debug)]
pub(super) enum Slot {
    /// Its keys and types are right.
    Good(Box<RawTable>),
    /// They are not.
    Broken,
}

impl<'de> Deserialize<'de> for Slot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(RawTable::deserialize(deserializer).map_or(Self::Broken, |table| Self::Good(Box::new(table))))
    }
}

impl CargoToml {
    /// Takes `[workspace.metadata.secrets]` out.
    pub(super) fn take_workspace_secrets(&mut self) -> Option<Slot> {
        self.workspace.as_mut()?.metadata.as_mut()?.secrets.take()
    }

    /// Whether there is a `[workspace.metadata.secrets]`.
    pub(super) fn has_workspace_secrets(&self) -> bool {
        self.workspace.as_ref().and_then(|table| table.metadata.as_ref()).is_some_and(|data| data.secrets.is_some())
    }

    /// Whether there is a `[package.metadata.secrets]`.
    pub(super) fn has_package_secrets(&self) -> bool {
        self.package.as_ref().and_then(|table| table.metadata.as_ref()).is_some_and(|data| data.secrets.is_some())
    }

    /// Takes `[package.metadata.secrets]` out.
    pub(super) fn take_package_secrets(&mut self) -> Option<Slot> {
        self.package.as_mut()?.metadata.as_mut()?.secrets.take()
    }
}

/// The secrets table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawTable {
    pub(super) requires: Option<String>,
    pub(super) default_environment: Option<String>,
    pub(super) recipients: Option<BTreeMap<String, String>>,
    pub(super) environments: Option<BTreeMap<String, RawEnvironment>>,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, RawVariable>,
    pub(super) lint: Option<RawLint>,
    pub(super) run: Option<BTreeMap<String, String>>,
    pub(super) sandbox: Option<RawSandbox>,
}

/// `sandbox`: its mode alone, or all of it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RawSandbox {
    /// The mode.
    Mode(String),
    /// A table.
    Table(RawSandboxTable),
}

/// `sandbox` written as a table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSandboxTable {
    pub(super) mode: Option<String>,
    #[serde(default)]
    pub(super) read: Vec<String>,
    #[serde(default)]
    pub(super) write: Vec<String>,
    pub(super) network: Option<String>,
    pub(super) program: Option<bool>,
    #[serde(default)]
    pub(super) inside: Vec<String>,
}

/// The user's own settings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUser {
    #[serde(default)]
    pub(super) sandbox: RawUserSandbox,
}

/// `sandbox` in the user's own settings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUserSandbox {
    #[serde(default)]
    pub(super) unhide: Vec<String>,
}

/// `lint`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLint {
    #[serde(default)]
    pub(super) levels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) allow: Vec<RawAllow>,
    pub(super) baseline: Option<String>,
}

/// One of `lint.allow`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAllow {
    pub(super) fingerprint: Option<String>,
    pub(super) reason: Option<String>,
}

/// One of `environments`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawEnvironment {
    pub(super) inherits: Option<String>,
    #[serde(default)]
    pub(super) sources: Vec<RawSource>,
    pub(super) recipients: Option<Vec<String>>,
    #[serde(default)]
    pub(super) protected: bool,
}

/// One of `sources`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RawSource {
    /// A path or pattern.
    Text(String),
    /// A path or pattern with its options.
    Table(RawSourceTable),
}

/// A source written as a table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSourceTable {
    pub(super) path: String,
    #[serde(default)]
    pub(super) flatten: bool,
}

/// One of `variables`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawVariable {
    pub(super) description: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) required: Option<RawRequired>,
    pub(super) default: Option<String>,
    pub(super) value: Option<String>,
    pub(super) format: Option<String>,
    pub(super) generate: Option<String>,
    pub(super) packages: Option<Vec<String>>,
    pub(super) deliver: Option<String>,
    #[serde(default)]
    pub(super) allow_unsafe_name: bool,
}

/// `required`: everywhere, or in some environments.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RawRequired {
    /// Everywhere or nowhere.
    Flag(bool),
    /// In these.
    In(Vec<String>),
}

/// The type of a key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// A string.
    Text,
    /// true or false.
    Flag,
    /// A list of strings.
    TextList,
    /// true, false or a list of strings.
    FlagOrTextList,
    /// A table of strings; in words, what each is.
    TextMap(&'static str),
    /// A list of sources.
    Sources,
    /// A table of tables with these keys.
    Tables(&'static Keys),
    /// A table with these keys.
    Table(&'static Keys),
    /// A string, or a table with these keys.
    TextOrTable(&'static Keys),
    /// A list of tables with these keys.
    TableList(&'static Keys),
}

/// What a table takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Keys {
    /// Keys that this version knows.
    pub(super) now: &'static [(&'static str, Type)],
    /// Keys whose feature is planned.
    pub(super) later: &'static [&'static str],
}

/// The keys of the secrets table.
pub(super) static TABLE: Keys = Keys {
    now: &[
        ("requires", Type::Text),
        ("default-environment", Type::Text),
        ("recipients", Type::TextMap("a public key in quotes")),
        ("environments", Type::Tables(&ENVIRONMENT)),
        ("variables", Type::Tables(&VARIABLE)),
        ("lint", Type::Table(&LINT)),
        ("run", Type::TextMap("\"env\" or \"runner\"")),
        ("sandbox", Type::TextOrTable(&SANDBOX)),
    ],
    later: &["groups", "audit", "trust"],
};

/// The keys of the sandbox's table.
pub(super) static SANDBOX: Keys = Keys {
    now: &[
        ("mode", Type::Text),
        ("read", Type::TextList),
        ("write", Type::TextList),
        ("network", Type::Text),
        ("program", Type::Flag),
        ("inside", Type::TextList),
    ],
    later: &[],
};

/// The keys of the user's own settings.
pub(super) static USER: Keys = Keys { now: &[("sandbox", Type::Table(&USER_SANDBOX))], later: &[] };

/// The keys of `sandbox` there.
pub(super) static USER_SANDBOX: Keys = Keys { now: &[("unhide", Type::TextList)], later: &[] };

/// The keys of an environment.
pub(super) static ENVIRONMENT: Keys = Keys {
    now: &[
        ("inherits", Type::Text),
        ("sources", Type::Sources),
        ("recipients", Type::TextList),
        ("protected", Type::Flag),
    ],
    later: &["writers", "rotate-every", "cache", "offline", "policy", "require-reason", "require-signed", "audit"],
};

/// The keys of a source that is a table.
pub(super) static SOURCE: Keys = Keys { now: &[("path", Type::Text), ("flatten", Type::Flag)], later: &[] };

/// The keys of the lint's table.
pub(super) static LINT: Keys = Keys {
    now: &[
        ("levels", Type::TextMap("\"deny\", \"warn\" or \"allow\"")),
        ("allow", Type::TableList(&ALLOW)),
        ("baseline", Type::Text),
    ],
    later: &[],
};

/// The keys of an entry that allows a finding.
pub(super) static ALLOW: Keys = Keys { now: &[("fingerprint", Type::Text), ("reason", Type::Text)], later: &[] };

/// The keys of a variable.
pub(super) static VARIABLE: Keys = Keys {
    now: &[
        ("description", Type::Text),
        ("kind", Type::Text),
        ("required", Type::FlagOrTextList),
        ("default", Type::Text),
        ("value", Type::Text),
        ("format", Type::Text),
        ("generate", Type::Text),
        ("packages", Type::TextList),
        ("deliver", Type::Text),
        ("allow-unsafe-name", Type::Flag),
    ],
    later: &["assign", "also-readable-by", "rotate-every", "rotator", "overlap", "auth"],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(keys: &Keys) -> String {
        let value = |kind| match kind {
            Type::Text | Type::TextOrTable(_) => "\"x\"",
            Type::Flag | Type::FlagOrTextList => "true",
            Type::TextList | Type::Sources | Type::TableList(_) => "[]",
            Type::TextMap(_) | Type::Tables(_) | Type::Table(_) => "{}",
        };
        let lines: Vec<String> = keys.now.iter().map(|&(key, kind)| format!("{key} = {}", value(kind))).collect();
        lines.join("\n")
    }

    #[test]
    fn the_lists_of_keys_are_those_of_the_structs() {
        toml::from_str::<RawTable>(&sample(&TABLE)).unwrap();
        toml::from_str::<RawEnvironment>(&sample(&ENVIRONMENT)).unwrap();
        toml::from_str::<RawSourceTable>(&sample(&SOURCE)).unwrap();
        toml::from_str::<RawVariable>(&sample(&VARIABLE)).unwrap();
        toml::from_str::<RawLint>(&sample(&LINT)).unwrap();
        toml::from_str::<RawAllow>(&sample(&ALLOW)).unwrap();
        toml::from_str::<RawSandboxTable>(&sample(&SANDBOX)).unwrap();
        toml::from_str::<RawUser>(&sample(&USER)).unwrap();
        toml::from_str::<RawUserSandbox>(&sample(&USER_SANDBOX)).unwrap();
        for (keys, error) in [
            (&TABLE, toml::from_str::<RawTable>("nothing = 1").unwrap_err()),
            (&ENVIRONMENT, toml::from_str::<RawEnvironment>("nothing = 1").unwrap_err()),
            (&VARIABLE, toml::from_str::<RawVariable>("nothing = 1").unwrap_err()),
            (&LINT, toml::from_str::<RawLint>("nothing = 1").unwrap_err()),
            (&ALLOW, toml::from_str::<RawAllow>("nothing = 1").unwrap_err()),
            (&SANDBOX, toml::from_str::<RawSandboxTable>("nothing = 1").unwrap_err()),
        ] {
            let known = error.message().matches('`').count() / 2 - 1;
            assert_eq!(known, keys.now.len(), "{}", error.message());
        }
    }

    #[test]
    fn a_broken_secrets_table_does_not_hide_the_rest() {
        let text = "[workspace]\nmembers = [\"a\"]\n[workspace.metadata.secrets]\nx = 1\n";
        let mut toml: CargoToml = toml::from_str(text).unwrap();
        assert!(matches!(toml.take_workspace_secrets(), Some(Slot::Broken)));
        assert_eq!(toml.workspace.unwrap().members, ["a"]);
    }
}
