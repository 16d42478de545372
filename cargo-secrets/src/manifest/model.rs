//! What a project declares, after its meaning was checked.
//!
//! **Every name in here exists**: inherited environments, listed recipients and referenced variables were looked up.

use std::collections::BTreeMap;

use crate::manifest::format::Format;
use crate::manifest::resolve::Plan;
use crate::manifest::template::Template;
use crate::secret::{EnvName, Kind, SecretName};

/// The content of a secrets table.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    pub(super) default_environment: Option<EnvName>,
    pub(super) recipients: BTreeMap<String, String>,
    pub(super) environments: BTreeMap<EnvName, Environment>,
    pub(super) variables: BTreeMap<SecretName, Variable>,
    pub(super) ways: BTreeMap<String, Via>,
    pub(super) sandbox: Sandbox,
}

/// One of `environments`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// The environment whose declarations, and perhaps values, come first.
    pub(crate) inherits: Option<EnvName>,
    /// Files and patterns as written; later ones win.
    pub(crate) sources: Vec<DeclaredSource>,
    /// Who should be able to read; `None` makes no claim.
    pub(crate) recipients: Option<Vec<String>>,
    /// Declared names only, no inherited values, never the default.
    pub(crate) protected: bool,
}

/// One of `sources`, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeclaredSource {
    /// A path or pattern below the project's root.
    pub(crate) path: String,
    /// Whether nested objects of the file become `OUTER_INNER` names.
    pub(crate) flatten: bool,
}

/// Where a variable must have a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Required {
    /// Nowhere.
    #[default]
    Never,
    /// In every environment.
    Always,
    /// In these, and in those that inherit from them.
    In(Vec<EnvName>),
}

/// Where a value goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Deliver {
    /// Into the program's environment.
    #[default]
    Env,
    /// Into a private file; its path into the program's environment.
    File,
    /// Into cargo's too, where build scripts and macros read it.
    Build,
    /// To cargo itself.
    Cargo,
}

/// One of `variables`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variable {
    /// What it is for.
    pub(crate) description: Option<String>,
    /// What a leak would mean.
    pub(crate) kind: Kind,
    /// Where it must have a value.
    pub(crate) required: Required,
    /// The value where no source has one; only of kind `key`.
    pub(crate) default: Option<String>,
    /// The value composed of others.
    pub(crate) value: Option<Template>,
    /// What a value looks like.
    pub(crate) format: Option<Format>,
    /// How a new value is made, as written.
    pub(crate) generate: Option<String>,
    /// The packages whose programs get it; `None` is all of them.
    pub(crate) packages: Option<Vec<String>>,
    /// Where it goes.
    pub(crate) deliver: Deliver,
    /// Its name is reserved, and it is delivered all the same.
    pub(crate) allow_unsafe_name: bool,
    /// Which Cargo.toml declares it: an index into the manifest's documents.
    pub(super) document: usize,
}

impl Variable {
    /// Whether an environment must have a value for it: an ancestor's demand is inherited.
    pub(crate) fn is_required_in(&self, plan: &Plan) -> bool {
        match &self.required {
            Required::Never => false,
            Required::Always => true,
            Required::In(environments) => plan.lineage.iter().any(|environment| environments.contains(environment)),
        }
    }

    /// Whether the programs of `package` get it; without a package only what is not restricted.
    pub(crate) fn allowed_for(&self, package: Option<&str>) -> bool {
        let Some(packages) = &self.packages else { return true };
        package.is_some_and(|package| packages.iter().any(|allowed| allowed == package))
    }

    /// Whether two declarations mean the same thing but for who gets it and where it is required.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.format == other.format
            && self.default == other.default
            && self.value == other.value
            && self.deliver == other.deliver
    }

    /// Takes over the packages and demands of a second declaration that agrees.
    pub(super) fn unite(&mut self, other: Self) {
        self.packages = match (self.packages.take(), other.packages) {
            (Some(mut ours), Some(theirs)) => {
                ours.extend(theirs);
                ours.sort_unstable();
                ours.dedup();
                Some(ours)
            }
            _ => None,
        };
        self.required = match (std::mem::take(&mut self.required), other.required) {
            (Required::Always, _) | (_, Required::Always) => Required::Always,
            (Required::Never, required) | (required, Required::Never) => required,
            (Required::In(mut ours), Required::In(theirs)) => {
                ours.extend(theirs);
                Required::In(ours)
            }
        };
        self.description = self.description.take().or(other.description);
        self.generate = self.generate.take().or(other.generate);
        self.allow_unsafe_name |= other.allow_unsafe_name;
    }
}

/// The `sandbox` key: how code that runs while compiling is confined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sandbox {
    /// Whether.
    pub(crate) mode: Mode,
    /// What is read besides.
    pub(crate) read: Vec<String>,
    /// What is written besides.
    pub(crate) write: Vec<String>,
    /// What is reached.
    pub(crate) network: Network,
    /// Whether programs have a domain too; `None` is: tests and benches have, `cargo run` has not.
    pub(crate) program: Option<bool>,
    /// Packages whose programs run inside, without values.
    pub(crate) inside: Vec<String>,
}

/// Whether builds are confined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Where the kernel can.
    #[default]
    Auto,
    /// Or nothing starts.
    Require,
    /// Never.
    Off,
}

/// How values reach the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// In its environment.
    Env,
    /// Through cargo's target runner.
    Runner,
}

/// What builds reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Network {
    /// `https` and the proxies.
    #[default]
    Https,
    /// Everything.
    All,
    /// Nothing.
    None,
}

impl Network {
    /// As Cargo.toml has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::All => "all",
            Self::None => "none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(lineage: &[&str]) -> Plan {
        let mut plan = Plan::empty(EnvName::new("prod").unwrap());
        plan.lineage = lineage.iter().map(|name| EnvName::new(name).unwrap()).collect();
        plan
    }

    #[test]
    fn a_demand_of_an_ancestor_is_inherited() {
        let common = EnvName::new("common").unwrap();
        let variable = Variable { required: Required::In(vec![common]), ..Variable::default() };
        assert!(variable.is_required_in(&plan(&["prod", "common"])));
        assert!(!variable.is_required_in(&plan(&["prod"])));
        let always = Variable { required: Required::Always, ..Variable::default() };
        assert!(always.is_required_in(&plan(&["prod"])) && !Variable::default().is_required_in(&plan(&["prod"])));
    }

    #[test]
    fn a_restricted_variable_is_for_its_packages_only() {
        let variable = Variable { packages: Some(vec!["api".to_owned()]), ..Variable::default() };
        assert!(variable.allowed_for(Some("api")));
        assert!(!variable.allowed_for(Some("web")) && !variable.allowed_for(None));
        assert!(Variable::default().allowed_for(None) && Variable::default().allowed_for(Some("web")));
    }
}
