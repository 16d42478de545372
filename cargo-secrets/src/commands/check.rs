//! `cargo secrets check`: everything that can be wrong with the secrets of a project, as a list for people and for CI.

use clap::Args;
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::cli;
use crate::context::Context;
use crate::error::{self, Error};
use crate::manifest::{Format, Manifest, Plan, Variable};
use crate::process::{self, ResolveError};
use crate::secret::{EnvName, Kind, Origin, SecretName, SecretSet, SecretValue, reserved};
use crate::store::recipient::{self, Recipient};
use crate::store::{self, SecretFile};
use crate::term::{self, Visible};

const EXAMPLES: &str = "\
Exit code 0: nothing found; 1: findings; environments that are not for any identity found here are
listed as not checked, unless one is asked for with -e.

A value of 8 bytes or more that two environments share is found among those that can be decrypted
here. What check cannot see: whether a value still works, and whether somebody else holds it.";

/// Values shorter than this are found in two places by chance.
const SHORTEST_SHARED: usize = 8;

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: cli::Format,
}

/// Something that is wrong. `code` is stable.
#[derive(Debug, Serialize)]
struct Finding {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<EnvName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<SecretName>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
struct Report {
    checked: Vec<EnvName>,
    not_checked: Vec<EnvName>,
    findings: Vec<Finding>,
}

/// An environment whose values are at hand.
struct Opened {
    plan: Plan,
    set: SecretSet,
}

impl Check {
    /// Checks, prints, and tells whether something was found.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        let report = check(context, &manifest)?;
        match self.format {
            cli::Format::Json => term::print_json(&report)?,
            cli::Format::Table => print(context, &report)?,
        }
        Ok(if report.findings.is_empty() { 0 } else { error::FINDINGS })
    }
}

fn check(context: &Context, manifest: &Manifest) -> Result<Report, Error> {
    let named = context.named_environment()?;
    let environments: Vec<_> = match &named {
        Some(name) => vec![name.clone()],
        None => manifest.environments().map(|(name, _)| name.clone()).collect(),
    };
    let mut report = Report::default();
    let mut opened = Vec::new();
    let mut keyring = context.keyring();
    for name in environments {
        manifest.environment(&name)?;
        let plan = match manifest.plan(&name) {
            Ok(plan) => plan,
            Err(error) => {
                report.findings.push(Finding::unreadable(name, &error.into()));
                continue;
            }
        };
        compare_recipients(manifest, &plan, &mut report);
        match process::gather(manifest, &plan, &mut keyring) {
            Ok((set, incomplete)) => {
                check_values(manifest, &plan, &set, &mut report);
                report.findings.extend(incomplete.into_iter().map(|part| finding_incomplete(&name, part)));
                report.checked.push(name);
                opened.push(Opened { plan, set });
            }
            Err(error) if error::is_not_recipient(&error) && named.is_none() => report.not_checked.push(name),
            Err(error) => report.findings.push(Finding::unreadable(name, &error)),
        }
    }
    context.report(&mut keyring);
    find_shared(manifest, &opened, &mut report);
    check_table(manifest, &mut report);
    check_packages(manifest, &mut report);
    Ok(report)
}

fn finding_incomplete(environment: &EnvName, name: SecretName) -> Finding {
    Finding {
        code: "incomplete",
        environment: Some(environment.clone()),
        message: format!("`{name}` is composed of a name that has no value"),
        name: Some(name),
        help: None,
    }
}

/// Whether each file is for the recipients that Cargo.toml declares.
fn compare_recipients(manifest: &Manifest, plan: &Plan, report: &mut Report) {
    let Some(declared) = plan.keys() else { return };
    for source in plan.own_sources() {
        let Ok(stored) = SecretFile::read(&source.path).and_then(|file| file.recipients()) else { continue };
        let (missing, extra) = recipient::difference(&declared, &stored);
        if missing.is_empty() && extra.is_empty() {
            continue;
        }
        let path = source.path.strip_prefix(manifest.root()).unwrap_or(&source.path).to_owned();
        let error = store::Error::Recipients { path, missing, extra };
        report.findings.push(Finding {
            code: "recipients-differ",
            environment: Some(plan.environment.clone()),
            name: None,
            message: error.to_string(),
            help: error.help(),
        });
    }
}

fn check_values(manifest: &Manifest, plan: &Plan, set: &SecretSet, report: &mut Report) {
    let finding = |code, name: &SecretName, message, help| Finding {
        code,
        environment: Some(plan.environment.clone()),
        name: Some(name.clone()),
        message,
        help,
    };
    for (name, variable) in manifest.variables() {
        let value = set.get(name.as_str()).map(|sourced| &sourced.value);
        if variable.is_required_in(plan) && value.is_none_or(SecretValue::is_empty) {
            let help = Some(format!("cargo secrets set {name} -e {}", plan.environment));
            report.findings.push(finding("missing", name, format!("`{name}` is required and has no value"), help));
        }
        if let Some(message) = value.and_then(|value| wrong_format(name, variable, value)) {
            report.findings.push(finding("format", name, message, None));
        }
    }
    for name in set.names() {
        let declared = manifest.variable(name);
        if declared.is_none() {
            let help = Some(format!(
                "declare it in Cargo.toml, under {}: variables.{name} = {{ kind = \"secret\" }}",
                manifest.table()
            ));
            report.findings.push(finding("undeclared", name, format!("`{name}` is not declared"), help));
        }
        let allowed = declared.is_some_and(|variable| variable.allow_unsafe_name);
        if !allowed && reserved(name.as_str()).is_some() {
            let message = format!("`{name}` is a name that `run` refuses: programs run code or trust files it names");
            report.findings.push(finding("reserved-name", name, message, None));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the value is compared with its declared format")]
fn wrong_format(name: &SecretName, variable: &Variable, value: &SecretValue) -> Option<String> {
    let format = variable.format.as_ref()?;
    format.validate().ok()?;
    (!format.matches(value.expose_secret())).then(|| format!("`{name}` does not have the declared format `{format}`"))
}

/// Values of kind `secret` that stand in two environments, each in a file of its own.
#[expect(clippy::disallowed_methods, reason = "values are compared with each other; only their names leave")]
fn find_shared(manifest: &Manifest, opened: &[Opened], report: &mut Report) {
    use std::collections::HashMap;

    let is_key = |name: &SecretName| manifest.variable(name).is_some_and(|v| v.kind == Kind::Key);
    let mut seen: HashMap<&str, (&EnvName, &SecretName, Option<&std::path::PathBuf>)> = HashMap::new();
    for Opened { plan, set } in opened {
        for name in set.names() {
            let Some(sourced) = set.get(name.as_str()) else { continue };
            let text = sourced.value.expose_secret();
            if !matches!(sourced.origin, Origin::File(_)) || text.len() < SHORTEST_SHARED || is_key(name) {
                continue;
            }
            let file = set.file(&sourced.origin);
            let (environment, other, other_file) = *seen.entry(text).or_insert((&plan.environment, name, file));
            if *environment == plan.environment || other_file == file {
                continue;
            }
            report.findings.push(Finding {
                code: "shared-value",
                environment: Some(plan.environment.clone()),
                name: Some(name.clone()),
                message: format!("`{name}` has the value of `{other}` in environment `{environment}`"),
                help: Some(format!(
                    "give each environment a value of its own: cargo secrets set {name} -e {}",
                    plan.environment
                )),
            });
        }
    }
}

/// What in the table only a closer look shows: regular expressions and public keys that cannot be used.
fn check_table(manifest: &Manifest, report: &mut Report) {
    let finding = |code, name, message| Finding { code, environment: None, name, message, help: None };
    for (name, variable) in manifest.variables() {
        if let Some(Err(error)) = variable.format.as_ref().map(Format::validate) {
            let message = format!("the format of `{name}` cannot be used: {error}");
            report.findings.push(finding("format", Some(name.clone()), message));
        }
    }
    for (name, key) in manifest.recipients() {
        if Recipient::parse(key).is_err() {
            let message = format!("the recipient `{name}` is no age or SSH public key");
            report.findings.push(finding("recipient", None, message));
        }
    }
}

/// Whether every package that a variable is restricted to exists, as cargo sees it.
fn check_packages(manifest: &Manifest, report: &mut Report) {
    let restricted = || manifest.variables().iter().filter(|(_, variable)| variable.packages.is_some());
    if restricted().next().is_none() {
        return;
    }
    let known = match manifest.names_by_cargo() {
        Ok(known) => known,
        Err(error) => {
            let message = error.to_string();
            report.findings.push(Finding { code: "cargo", environment: None, name: None, message, help: error.help() });
            return;
        }
    };
    for (name, variable) in restricted() {
        for package in variable.packages.iter().flatten().filter(|package| !known.contains(package)) {
            report.findings.push(Finding {
                code: "unknown-package",
                environment: None,
                name: Some(name.clone()),
                message: format!("`{name}` is for a package `{package}`, which this workspace does not have"),
                help: None,
            });
        }
    }
}

impl Finding {
    fn unreadable(environment: EnvName, error: &ResolveError) -> Self {
        let code = match error {
            _ if error::is_not_recipient(error) => "not-a-recipient",
            ResolveError::Store(store::Error::Missing { .. }) | ResolveError::EmptyGlob { .. } => "missing-file",
            _ => "unreadable",
        };
        Self { code, environment: Some(environment), name: None, message: error.to_string(), help: error.help() }
    }
}

fn print(context: &Context, report: &Report) -> Result<(), Error> {
    for finding in &report.findings {
        let place = finding.environment.as_ref().map_or_else(|| "project".to_owned(), ToString::to_string);
        term::print(format_args!("{}: {} [{}]\n", place, Visible(&finding.message), finding.code))?;
        if let Some(help) = &finding.help {
            term::print(format_args!("    {}\n", Visible(help.replace('\n', "\n    "))))?;
        }
    }
    let join = |names: &[EnvName]| names.iter().map(EnvName::as_str).collect::<Vec<_>>().join(", ");
    if !report.not_checked.is_empty() {
        let names = join(&report.not_checked);
        context.shell.note(format_args!("not checked, since no identity found here can read them: {names}"));
    }
    let count = report.findings.len();
    let checked = if report.checked.is_empty() { "nothing".to_owned() } else { join(&report.checked) };
    context.shell.status("Checked", format_args!("{checked}: {count} finding(s)"));
    Ok(())
}
