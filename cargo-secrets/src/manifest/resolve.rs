//! Which sources an environment has, and whose values they may be.
//!
//! **Values are inherited only from an environment whose recipients are all recipients of the inheriting one**, so that
//! whoever may write `dev` cannot set a name that `prod` forgot. A protected environment inherits no values at all.
//! Declarations are always inherited.
//!
//! Files are looked at only where a source is a pattern; whether a plain path exists is for the caller to find.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::manifest::Manifest;
use crate::manifest::error::Error;
use crate::manifest::members;
use crate::manifest::mistake::Fault;
use crate::manifest::model::{DeclaredSource, Environment};
use crate::manifest::problem::{EnvironmentProblem, Noun};
use crate::secret::EnvName;

/// What an environment amounts to.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Which environment.
    pub(crate) environment: EnvName,
    /// Declared names only, signed files only.
    pub(crate) protected: bool,
    /// Where values come from; later ones win.
    pub(crate) sources: Vec<Source>,
    /// The environment, then what it inherits from, nearest first.
    pub(crate) lineage: Vec<EnvName>,
    /// Who should be able to read, by name and public key; `None` where the table makes no claim.
    pub(crate) recipients: Option<Vec<(String, String)>>,
    /// Patterns that match no file, as declared: an error for `run`.
    pub(crate) empty_globs: Vec<String>,
    write_target: Option<String>,
}

/// One file of an environment. It may not exist, if it was declared by its plain path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Where it is: absolute if the project's root is.
    pub(crate) path: PathBuf,
    /// Relative to the project's root: as written, or what a pattern matched.
    pub(crate) declared: String,
    /// Whether nested objects become `OUTER_INNER` names.
    pub(crate) flatten: bool,
    /// Which environment declares it.
    pub(crate) environment: EnvName,
}

impl Plan {
    /// A plan without sources.
    pub(super) fn empty(environment: EnvName) -> Self {
        Self {
            environment,
            protected: false,
            sources: Vec::new(),
            lineage: Vec::new(),
            recipients: None,
            empty_globs: Vec::new(),
            write_target: None,
        }
    }

    /// The public keys of its recipients; `None` where the table makes no claim.
    pub(crate) fn keys(&self) -> Option<Vec<String>> {
        Some(self.recipients.as_ref()?.iter().map(|(_, key)| key.clone()).collect())
    }

    /// The files that the environment itself declares, in order.
    pub(crate) fn own_sources(&self) -> impl DoubleEndedIterator<Item = &Source> {
        self.sources.iter().filter(|source| source.environment == self.environment)
    }

    /// The file that `set` writes: the last of the environment's own plain sources, whether it exists or not.
    pub(crate) fn write_target(&self) -> Option<&str> {
        self.write_target.as_deref()
    }
}

impl Manifest {
    /// The environment of that name.
    pub(crate) fn environment(&self, name: &EnvName) -> Result<&Environment, Error> {
        self.declarations.environments.get(name).ok_or_else(|| Error::Unknown {
            noun: Noun::Environment,
            name: name.to_string(),
            known: self.declarations.environments.keys().map(EnvName::to_string).collect(),
        })
    }

    /// `default-environment`, where it is declared.
    pub(crate) fn declared_default(&self) -> Option<&EnvName> {
        self.declarations.default_environment.as_ref()
    }

    /// The environment to use where none is named: the declared default, or the only one that is not protected.
    pub(crate) fn default_environment(&self) -> Result<&EnvName, Error> {
        if let Some(name) = &self.declarations.default_environment {
            return Ok(name);
        }
        let mut environments = self.declarations.environments.iter();
        match (environments.next(), environments.next()) {
            (Some((name, only)), None) if !only.protected => Ok(name),
            _ => {
                let known = self.declarations.environments.keys().map(EnvName::to_string).collect();
                Err(Error::NoDefault { known })
            }
        }
    }

    /// What `name` amounts to: its sources after those it may inherit.
    pub(crate) fn plan(&self, name: &EnvName) -> Result<Plan, Error> {
        let environment = self.environment(name)?;
        let ancestors = self.ancestors(environment);
        let inherits_values =
            !environment.protected && ancestors.iter().any(|(_, ancestor)| !ancestor.sources.is_empty());
        if inherits_values {
            self.check_shared(name, environment, &ancestors)?;
        }
        let mut plan = Plan {
            protected: environment.protected,
            recipients: environment.recipients.as_ref().map(|names| self.with_keys(names)),
            write_target: write_target(environment),
            ..Plan::empty(name.clone())
        };
        plan.lineage.push(name.clone());
        plan.lineage.extend(ancestors.iter().map(|(ancestor, _)| (*ancestor).clone()));
        if inherits_values {
            for (ancestor, declared) in ancestors.iter().rev() {
                self.add_sources(&mut plan, ancestor, declared)?;
            }
        }
        self.add_sources(&mut plan, name, environment)?;
        self.refuse_outside(&plan)?;
        Ok(plan)
    }

    /// What an environment inherits from, nearest first. Circles were refused when the table was read.
    fn ancestors<'a>(&'a self, environment: &'a Environment) -> Vec<(&'a EnvName, &'a Environment)> {
        let parent = |environment: &Environment| {
            environment.inherits.as_ref().and_then(|name| self.declarations.environments.get_key_value(name))
        };
        std::iter::successors(parent(environment), |(_, environment)| parent(environment)).collect()
    }

    fn check_shared(
        &self,
        name: &EnvName,
        environment: &Environment,
        ancestors: &[(&EnvName, &Environment)],
    ) -> Result<(), Error> {
        let fault = |problem| {
            let fault = Fault::value(["environments".into(), name.as_str().into(), "inherits".into()], problem);
            self.mistake(0, fault)
        };
        let not_listed = |ancestor: &EnvName, silent: &EnvName| {
            let (environment, ancestor, silent) = (name.to_string(), ancestor.to_string(), silent.to_string());
            fault(EnvironmentProblem::NotListed { environment, ancestor, silent })
        };
        let own: Option<BTreeSet<&str>> = environment.recipients.as_ref().map(|names| self.keys(names).collect());
        for (ancestor, declared) in ancestors.iter().filter(|(_, ancestor)| !ancestor.sources.is_empty()) {
            let Some(own) = &own else { return Err(not_listed(ancestor, name)) };
            let Some(theirs) = &declared.recipients else { return Err(not_listed(ancestor, ancestor)) };
            let keys = theirs.iter().zip(self.keys(theirs));
            let outsiders: Vec<String> =
                keys.filter(|(_, key)| !own.contains(key)).map(|(name, _)| name.clone()).collect();
            if !outsiders.is_empty() {
                let (environment, ancestor) = (name.to_string(), ancestor.to_string());
                return Err(fault(EnvironmentProblem::NotShared { environment, ancestor, outsiders }));
            }
        }
        Ok(())
    }

    /// The keys of recipients, without the comment that an SSH key may end with. Every name is known.
    fn keys<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = &'a str> {
        names.iter().map(|name| self.declarations.recipients.get(name).map_or("", |key| without_comment(key)))
    }

    fn with_keys(&self, names: &[String]) -> Vec<(String, String)> {
        let key = |name: &String| self.declarations.recipients.get(name).cloned().unwrap_or_default();
        names.iter().map(|name| (name.clone(), key(name))).collect()
    }

    /// A link in a cloned repository must not reach another project's files.
    fn refuse_outside(&self, plan: &Plan) -> Result<(), Error> {
        let Ok(root) = self.root().canonicalize() else { return Ok(()) };
        for source in &plan.sources {
            let folder = || source.path.parent().map_or(Ok(root.clone()), Path::canonicalize);
            let real = source.path.canonicalize().or_else(|_| folder());
            if real.is_ok_and(|real| !real.starts_with(&root)) {
                return Err(Error::Outside(source.path.clone()));
            }
        }
        Ok(())
    }

    fn add_sources(&self, plan: &mut Plan, name: &EnvName, environment: &Environment) -> Result<(), Error> {
        for source in &environment.sources {
            if !is_pattern(&source.path) {
                plan.sources.push(self.source(name, source, source.path.clone()));
                continue;
            }
            let matched = expand(self.root(), &source.path)?;
            if matched.is_empty() {
                plan.empty_globs.push(source.path.clone());
            }
            plan.sources.extend(matched.into_iter().map(|path| self.source(name, source, path)));
        }
        Ok(())
    }

    fn source(&self, environment: &EnvName, source: &DeclaredSource, declared: String) -> Source {
        let path = self.root().join(&declared);
        Source { path, declared, flatten: source.flatten, environment: environment.clone() }
    }
}

fn write_target(environment: &Environment) -> Option<String> {
    environment.sources.iter().rev().map(|source| &source.path).find(|path| !is_pattern(path)).cloned()
}

fn without_comment(key: &str) -> &str {
    let end = key.match_indices(char::is_whitespace).nth(1).map_or(key.len(), |(at, _)| at);
    key.get(..end).unwrap_or(key)
}

fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The files that a pattern matches, sorted, relative to `root`. Hidden names, and seals beside secret files, are none;
/// a link to nothing is one, so that it is missed.
fn expand(root: &Path, pattern: &str) -> Result<Vec<String>, Error> {
    let relative = |path: &PathBuf| path.strip_prefix(root).ok()?.to_str().map(str::to_owned);
    let found = members::matches(root, pattern)?;
    let files = found.iter().filter(|path| !path.is_dir()).filter_map(relative).filter(|path| is_source(path));
    let mut files: Vec<String> = files.collect();
    files.sort_unstable();
    Ok(files)
}

fn is_source(path: &str) -> bool {
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    !hidden && ![".seal", ".seal.sig"].iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::testing::Project;

    const RECIPIENTS: &str = "recipients = { alice = 'age1a', bob = 'ssh-ed25519 AAAA bob@desk', bobby = 'ssh-ed25519 AAAA', ci = 'age1c' }\n";

    fn plan(body: &str, name: &str) -> Result<Plan, Error> {
        Project::with_table(&format!("{RECIPIENTS}{body}")).find(".").unwrap().plan(&EnvName::new(name).unwrap())
    }

    fn declared(plan: &Plan) -> Vec<&str> {
        plan.sources.iter().map(|source| source.declared.as_str()).collect()
    }

    #[test]
    fn values_come_from_the_farthest_ancestor_first() {
        let body = "[package.metadata.secrets.environments]\n\
            base = { sources = ['base.json'], recipients = ['alice'] }\n\
            common = { inherits = 'base', sources = ['common.json'], recipients = ['bob'] }\n\
            dev = { inherits = 'common', sources = ['a.json', 'b.json'], recipients = ['alice', 'bobby'] }\n";
        let plan = plan(body, "dev").unwrap();
        assert_eq!(declared(&plan), ["base.json", "common.json", "a.json", "b.json"]);
        assert_eq!(plan.lineage.iter().map(EnvName::as_str).collect::<Vec<_>>(), ["dev", "common", "base"]);
        assert_eq!(plan.sources.first().unwrap().environment.as_str(), "base");
        assert!(plan.sources.iter().all(|source| source.path.is_absolute()));
        assert_eq!(plan.write_target(), Some("b.json"));
        assert_eq!(plan.recipients.unwrap()[0], ("alice".to_owned(), "age1a".to_owned()));
    }

    #[test]
    fn values_do_not_come_from_people_who_cannot_read_the_environment() {
        let body = "[package.metadata.secrets.environments]\n\
            dev = { sources = ['dev.json'], recipients = ['alice', 'bob', 'ci'] }\n\
            prod = { inherits = 'dev', sources = ['prod.json'], recipients = ['alice'] }\n";
        let error = plan(body, "prod").unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("`prod` cannot inherit values from `dev`: `bob`, `ci` are no recipients of `prod`"),
            "{text}"
        );
        assert!(text.contains("Cargo.toml:8:"), "{text}");
        assert!(error.help().unwrap().contains("`environments.prod.recipients` too, or remove `inherits`"));
    }

    #[test]
    fn an_environment_without_a_list_neither_gives_nor_takes_values() {
        let silent = |dev: &str, prod: &str| {
            let body = format!(
                "[package.metadata.secrets.environments]\ndev = {{ sources = ['dev.json']{dev} }}\nprod = {{ inherits = 'dev'{prod} }}\n"
            );
            plan(&body, "prod").unwrap_err().to_string()
        };
        assert!(silent("", ", recipients = ['alice']").contains("`dev` does not list its `recipients`"));
        assert!(silent(", recipients = ['alice']", "").contains("`prod` does not list its `recipients`"));
    }

    #[test]
    fn a_protected_environment_inherits_declarations_only() {
        let body = "[package.metadata.secrets.environments]\n\
            dev = { sources = ['dev.json'] }\n\
            prod = { inherits = 'dev', sources = ['prod.json'], protected = true }\n";
        let plan = plan(body, "prod").unwrap();
        assert_eq!(declared(&plan), ["prod.json"]);
        assert!(plan.protected && plan.lineage.len() == 2);
    }

    #[test]
    fn an_ancestor_without_sources_gives_nothing_to_check() {
        let body =
            "[package.metadata.secrets.environments]\ndev = {}\nprod = { inherits = 'dev', sources = ['p.json'] }\n";
        let plan = plan(body, "prod").unwrap();
        assert_eq!(declared(&plan), ["p.json"]);
        assert!(plan.recipients.is_none());
    }

    #[test]
    fn patterns_are_expanded_sorted_without_hidden_files_and_seals() {
        let project = Project::with_table(
            "environments.dev.sources = ['first.json', 's/*', 'none/*.json', { path = 't/**/*.json', flatten = true }]\n",
        );
        for file in ["s/b.json", "s/a.json", "s/.c.json", "s/a.json.seal", "s/a.json.seal.sig", "s/dir/x", "t/u/v.json"]
        {
            project.write(file, "");
        }
        let plan = project.find(".").unwrap().plan(&EnvName::new("dev").unwrap()).unwrap();
        assert_eq!(declared(&plan), ["first.json", "s/a.json", "s/b.json", "t/u/v.json"]);
        assert_eq!(plan.empty_globs, ["none/*.json"]);
        assert_eq!(plan.write_target(), Some("first.json"));
        assert!(plan.sources.last().unwrap().flatten);
    }

    #[test]
    fn the_default_environment_is_declared_or_the_only_one() {
        let default = |body: &str| {
            let manifest = Project::with_table(body).find(".").unwrap();
            manifest.default_environment().map(EnvName::to_string).map_err(|error| error.help().unwrap_or_default())
        };
        assert_eq!(default("environments.dev = {}\n").as_deref(), Ok("dev"));
        assert_eq!(default("default-environment = 'b'\nenvironments = { a = {}, b = {} }\n").as_deref(), Ok("b"));
        assert_eq!(default("environments = { a = {}, b = {} }\n").unwrap_err(), "-e NAME, one of `a`, `b`");
        assert_eq!(default("environments.a.protected = true\n").unwrap_err(), "-e NAME, one of `a`");
        assert!(default("requires = '0.1'\n").is_err());
    }

    #[test]
    fn an_unknown_environment_is_answered_with_the_nearest() {
        let error = plan("environments = { production = {}, dev = {} }\n", "prodution").unwrap_err();
        assert_eq!(error.to_string(), "unknown environment `prodution`");
        assert_eq!(error.help().unwrap(), "did you mean `production`? known: `dev`, `production`");
    }

    #[test]
    fn inheritance_of_10_000_environments_does_not_overflow() {
        let link = |n: u32| format!("e{n} = {{ inherits = 'e{}', recipients = ['alice'] }}\n", n - 1);
        let first = "[package.metadata.secrets.environments]\ne0 = { sources = ['0'], recipients = ['alice'] }\n";
        let body: String = std::iter::once(first.to_owned()).chain((1..10_000).map(link)).collect();
        let plan = plan(&body, "e9999").unwrap();
        assert_eq!((plan.lineage.len(), declared(&plan)), (10_000, vec!["0"]));
    }
}
