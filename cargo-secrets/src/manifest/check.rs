//! Turns a table of the right shape into declarations, or names the first thing that makes no sense.
//!
//! **No mistake is passed over**: what is not refused here means what it says. A private key or a default secret that was
//! pasted is named by its key; its text is not repeated.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::format::{FORMATS, Format};
use crate::manifest::lint;
use crate::manifest::mistake::{Fault, Step};
use crate::manifest::model::{Declarations, DeclaredSource, Deliver, Environment, Required, Variable};
use crate::manifest::problem::{EnvironmentProblem, Noun, Problem, Release, ShapeProblem, VariableProblem};
use crate::manifest::sandbox;
use crate::manifest::schema::{RawEnvironment, RawRequired, RawSource, RawTable, RawVariable};
use crate::manifest::template::Template;
use crate::secret::{EnvName, Generator, Kind, NameError, Reserved, SecretName, reserved};

/// What a check gives.
pub(super) type Checked<T> = Result<T, Fault>;

/// Checks the table of a project.
pub(super) fn table(raw: RawTable) -> Checked<Declarations> {
    release(raw.requires.as_deref())?;
    let recipients = recipients(raw.recipients.unwrap_or_default())?;
    let environments = environments(raw.environments.unwrap_or_default(), &recipients)?;
    let default_environment = default_environment(raw.default_environment, &environments)?;
    let variables = variables(raw.variables, &environments)?;
    raw.lint.map(lint::check).transpose()?;
    let ways = sandbox::ways(raw.run.unwrap_or_default())?;
    let sandbox = raw.sandbox.map(sandbox::check).transpose()?.unwrap_or_default();
    Ok(Declarations { default_environment, recipients, environments, variables, ways, sandbox })
}

/// Checks a member's table, which holds variables and lint levels only; the variables are for that package if they do
/// not say otherwise.
pub(super) fn member(
    raw: RawTable,
    package: &str,
    environments: &BTreeMap<EnvName, Environment>,
) -> Checked<BTreeMap<SecretName, Variable>> {
    let others = [
        ("requires", raw.requires.is_some()),
        ("default-environment", raw.default_environment.is_some()),
        ("recipients", raw.recipients.is_some()),
        ("environments", raw.environments.is_some()),
        ("run", raw.run.is_some()),
        ("sandbox", raw.sandbox.is_some()),
    ];
    if let Some((key, _)) = others.into_iter().find(|(_, present)| *present) {
        return Err(Fault::key([key.into()], ShapeProblem::OnlyInWorkspace { key }));
    }
    raw.lint.map(lint::check_member).transpose()?;
    let mut variables = variables(raw.variables, environments)?;
    for variable in variables.values_mut() {
        variable.packages.get_or_insert_with(|| vec![package.to_owned()]);
    }
    Ok(variables)
}

/// Reads `requires`; to be older than it is no mistake by itself.
pub(super) fn release(requires: Option<&str>) -> Checked<Option<Release>> {
    let fault = || Fault::value(["requires".into()], ShapeProblem::NoVersion);
    requires.map(|text| Release::parse(text).ok_or_else(fault)).transpose()
}

fn recipients(raw: BTreeMap<String, String>) -> Checked<BTreeMap<String, String>> {
    for (name, key) in &raw {
        let at = || ["recipients".into(), name.as_str().into()];
        if is_private(key) {
            return Err(Fault::key(at(), EnvironmentProblem::PrivateKey(name.clone())));
        }
        let public = ["age1", "ssh-ed25519 ", "ssh-rsa "].iter().any(|prefix| key.starts_with(prefix));
        if !public || key.contains(char::is_control) {
            return Err(Fault::key(at(), EnvironmentProblem::NoPublicKey(name.clone())));
        }
    }
    Ok(raw)
}

fn is_private(key: &str) -> bool {
    key.to_ascii_uppercase().contains("AGE-SECRET-KEY-") || key.contains("PRIVATE KEY")
}

fn environments(
    raw: BTreeMap<String, RawEnvironment>,
    recipients: &BTreeMap<String, String>,
) -> Checked<BTreeMap<EnvName, Environment>> {
    let mut environments = BTreeMap::new();
    for (text, raw) in raw {
        let name = EnvName::new(&text).map_err(|error| name_fault("environments", &text, error))?;
        let checked = environment(raw, recipients).map_err(|fault| fault.below(&["environments", &text]))?;
        environments.insert(name, checked);
    }
    inheritance(&environments)?;
    Ok(environments)
}

fn environment(raw: RawEnvironment, known: &BTreeMap<String, String>) -> Checked<Environment> {
    let inherits =
        raw.inherits.map(|text| EnvName::new(&text).map_err(|error| Fault::value(["inherits".into()], error)));
    for (index, name) in raw.recipients.iter().flatten().enumerate() {
        if is_private(name) {
            return Err(Fault::key(["recipients".into()], EnvironmentProblem::PrivateKey("…".to_owned())));
        }
        if !known.contains_key(name) {
            let problem = unknown(Noun::Recipient, name, known.keys().map(String::as_str));
            return Err(Fault::value(["recipients".into(), index.into()], problem));
        }
    }
    duplicate("recipients", Noun::Recipient, raw.recipients.iter().flatten().map(String::as_str))?;
    let mut sources = Vec::with_capacity(raw.sources.len());
    for (index, raw) in raw.sources.into_iter().enumerate() {
        let source = match raw {
            RawSource::Text(path) => DeclaredSource { path, flatten: false },
            RawSource::Table(table) => DeclaredSource { path: table.path, flatten: table.flatten },
        };
        if let Some(problem) = source_problem(&source.path) {
            return Err(Fault::value(["sources".into(), index.into()], problem));
        }
        sources.push(source);
    }
    duplicate("sources", Noun::Source, sources.iter().map(|source| source.path.as_str()))?;
    Ok(Environment { inherits: inherits.transpose()?, sources, recipients: raw.recipients, protected: raw.protected })
}

fn source_problem(path: &str) -> Option<Problem> {
    if let Some((scheme, _)) = path.split_once("://") {
        return Some(ShapeProblem::NotYet { what: format!("{scheme}://") }.into());
    }
    if is_outside(path) {
        return Some(EnvironmentProblem::SourceOutside(path.to_owned()).into());
    }
    let broken = path.contains(['*', '?', '[']) && glob::Pattern::new(path).is_err();
    broken.then(|| EnvironmentProblem::SourcePattern(path.to_owned()).into())
}

/// Whether a path could lead out of the project, or is none.
pub(super) fn is_outside(path: &str) -> bool {
    let leads_out = path.is_empty() || path.starts_with('/') || path.split('/').any(|step| step == "..");
    leads_out || path.contains(char::is_control)
}

/// Every inherited environment exists, and no chain comes back to its start. Each environment is visited once.
fn inheritance(environments: &BTreeMap<EnvName, Environment>) -> Checked<()> {
    let mut done: BTreeSet<&EnvName> = BTreeSet::new();
    for start in environments.keys() {
        let mut chain: Vec<&EnvName> = Vec::new();
        let mut on_chain: BTreeSet<&EnvName> = BTreeSet::new();
        let mut current = start;
        while !done.contains(current) {
            if !on_chain.insert(current) {
                return Err(inheritance_cycle(&chain, current));
            }
            chain.push(current);
            let Some(parent) = environments.get(current).and_then(|environment| environment.inherits.as_ref()) else {
                break;
            };
            let Some((parent, _)) = environments.get_key_value(parent) else {
                let problem = unknown(Noun::Environment, parent.as_str(), environments.keys().map(EnvName::as_str));
                return Err(Fault::value(["environments".into(), current.as_str().into(), "inherits".into()], problem));
            };
            current = parent;
        }
        done.extend(chain);
    }
    Ok(())
}

fn inheritance_cycle(chain: &[&EnvName], back: &EnvName) -> Fault {
    let circle = chain.iter().skip_while(|name| **name != back).map(ToString::to_string);
    let names: Vec<String> = circle.chain([back.to_string()]).collect();
    let at = ["environments".into(), back.as_str().into(), "inherits".into()];
    Fault::value(at, Problem::Cycle { noun: Noun::Environment, names })
}

fn default_environment(raw: Option<String>, environments: &BTreeMap<EnvName, Environment>) -> Checked<Option<EnvName>> {
    let Some(text) = raw else { return Ok(None) };
    let at = || ["default-environment".into()];
    let Some((name, environment)) = environments.get_key_value(text.as_str()) else {
        return Err(Fault::value(at(), unknown(Noun::Environment, &text, environments.keys().map(EnvName::as_str))));
    };
    if environment.protected {
        return Err(Fault::value(at(), EnvironmentProblem::ProtectedDefault(text)));
    }
    Ok(Some(name.clone()))
}

fn variables(
    raw: BTreeMap<String, RawVariable>,
    environments: &BTreeMap<EnvName, Environment>,
) -> Checked<BTreeMap<SecretName, Variable>> {
    let mut variables = BTreeMap::new();
    for (text, raw) in raw {
        let name = SecretName::new(&text).map_err(|error| name_fault("variables", &text, error))?;
        check_reserved(&name, raw.allow_unsafe_name)?;
        let checked = variable(raw, environments).map_err(|fault| fault.below(&["variables", &text]))?;
        variables.insert(name, checked);
    }
    Ok(variables)
}

fn check_reserved(name: &SecretName, allowed: bool) -> Checked<()> {
    let problem = match reserved(name.as_str()) {
        Some(Reserved::Identity) => VariableProblem::Identity(name.to_string()),
        Some(Reserved::RunsCode) if !allowed => VariableProblem::Reserved(name.to_string()),
        _ => return Ok(()),
    };
    Err(Fault::key(["variables".into(), name.as_str().into()], problem))
}

fn variable(raw: RawVariable, environments: &BTreeMap<EnvName, Environment>) -> Checked<Variable> {
    let kind = kind(raw.kind.as_deref())?;
    let deliver = deliver(raw.deliver.as_deref())?;
    if raw.default.is_some() && raw.value.is_some() {
        return Err(Fault::key(["default".into()], VariableProblem::ValueAndDefault));
    }
    if raw.default.is_some() && kind == Kind::Secret {
        return Err(Fault::key(["default".into()], VariableProblem::DefaultSecret));
    }
    if let Some(Err(error)) = raw.generate.as_ref().map(|text| text.parse::<Generator>()) {
        return Err(Fault::value(["generate".into()], VariableProblem::Generator(error)));
    }
    duplicate("packages", Noun::Package, raw.packages.iter().flatten().map(String::as_str))?;
    Ok(Variable {
        deliver,
        description: raw.description,
        kind,
        required: required(raw.required, environments)?,
        default: raw.default,
        value: raw.value.map(|text| composed(&text, kind)).transpose()?,
        format: raw.format.map(|text| format(&text)).transpose()?,
        generate: raw.generate,
        packages: raw.packages,
        allow_unsafe_name: raw.allow_unsafe_name,
        document: 0,
    })
}

fn kind(raw: Option<&str>) -> Checked<Kind> {
    match raw {
        None | Some("secret") => Ok(Kind::Secret),
        Some("key") => Ok(Kind::Key),
        Some(other) => Err(Fault::value(["kind".into()], unknown(Noun::Kind, other, ["secret", "key"].into_iter()))),
    }
}

fn deliver(raw: Option<&str>) -> Checked<Deliver> {
    Ok(match raw {
        None | Some("env") => Deliver::Env,
        Some("build") => Deliver::Build,
        Some("cargo") => Deliver::Cargo,
        Some("file") => Deliver::File,
        Some(other) => {
            let problem = unknown(Noun::Delivery, other, ["env", "file", "build", "cargo"].into_iter());
            return Err(Fault::value(["deliver".into()], problem));
        }
    })
}

fn required(raw: Option<RawRequired>, environments: &BTreeMap<EnvName, Environment>) -> Checked<Required> {
    let names = match raw {
        None | Some(RawRequired::Flag(false)) => return Ok(Required::Never),
        Some(RawRequired::Flag(true)) => return Ok(Required::Always),
        Some(RawRequired::In(names)) => names,
    };
    duplicate("required", Noun::Environment, names.iter().map(String::as_str))?;
    let look_up = |(index, name): (usize, &String)| {
        environments.get_key_value(name.as_str()).map(|(name, _)| name.clone()).ok_or_else(|| {
            let problem = unknown(Noun::Environment, name, environments.keys().map(EnvName::as_str));
            Fault::value(["required".into(), index.into()], problem)
        })
    };
    names.iter().enumerate().map(look_up).collect::<Checked<_>>().map(Required::In)
}

fn composed(text: &str, kind: Kind) -> Checked<Template> {
    let fault = |problem: VariableProblem| Fault::key(["value".into()], problem);
    let template = Template::parse(text).map_err(|error| fault(error.into()))?;
    if kind == Kind::Secret && template.references().next().is_none() {
        return Err(fault(VariableProblem::ConstantSecret));
    }
    Ok(template)
}

fn format(text: &str) -> Checked<Format> {
    let fault = || Fault::value(["format".into()], unknown(Noun::Format, text, FORMATS.into_iter()));
    Format::parse(text).ok_or_else(fault)
}

/// Refuses a list under `key` that says the same twice.
pub(super) fn duplicate<'a>(key: &str, noun: Noun, names: impl Iterator<Item = &'a str>) -> Checked<()> {
    let mut seen = BTreeSet::new();
    for (index, name) in names.enumerate() {
        if !seen.insert(name) {
            let problem = Problem::Duplicate { noun, name: name.to_owned() };
            return Err(Fault::value([key.into(), index.into()], problem));
        }
    }
    Ok(())
}

/// The problem of a word that names nothing of `known`.
pub(super) fn unknown<'a>(noun: Noun, name: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    Problem::Unknown { noun, name: name.to_owned(), known: known.map(str::to_owned).collect() }
}

fn name_fault(table: &str, name: &str, error: NameError) -> Fault {
    Fault::key([table.into(), Step::from(name)], error)
}
