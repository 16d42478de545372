//! One of each mistake that a Cargo.toml can hold, for the file of all messages.

use std::path::PathBuf;

use super::error::Error;
use super::locate::{Loaded, Located};
use super::mistake::{Fault, Table};
use super::problem::{Noun, Problem, ShapeProblem, VariableProblem};
use super::{Manifest, diagnose, edit};
use crate::secret::{EnvName, Kind, SecretName};

/// What stands wrong in a table whose environments are `dev` and `prod`, as a person could have written it.
const BODIES: [&str; 47] = [
    // Keys and types.
    "recipient = {}",
    "environments.dev.whatever = 1",
    "sandbox.unhide = ['~/.ssh']",
    "audit = true",
    "environments.dev.sources = ['vault://kv/app']",
    "requires = '9.0'\nwhatever = 1",
    "requires = 'soon'",
    "environments = 1",
    "variables.A.default = \"pasted",
    // Environments.
    "default-environment = 'de'",
    "default-environment = 'prod'",
    "recipients.alice = 'AGE-SECRET-KEY-1PASTED'",
    "recipients.alice = 'pgp'",
    "environments.dev.sources = ['/etc/a.json']",
    "environments.dev.sources = ['a/[.json']",
    "environments.dev.sources = ['a.json', 'a.json']",
    "environments.dev.inherits = 'Prod'",
    "environments.a.inherits = 'b'\nenvironments.b.inherits = 'a'",
    "environments.dev = { inherits = 'base', recipients = ['bob'] }\nenvironments.base = { recipients = ['alice', 'bob'], sources = ['base.json'] }\n\
     recipients = { alice = 'age1a', bob = 'age1b' }",
    "environments.dev = { inherits = 'base', recipients = ['bob'] }\nenvironments.base.sources = ['base.json']\nrecipients.bob = 'age1b'",
    "environments.dev.recipients = ['alcie']\nrecipients.alice = 'age1a'",
    "run.just = 'runer'",
    "sandbox = 'of'",
    "sandbox.network = 'non'",
    "sandbox.read = ['']",
    // Variables.
    "variables.A.default = 'pasted'",
    "variables.A.value = 'pasted'",
    "variables.A = { value = '${B}', default = 'x' }",
    "variables.PATH = {}",
    "variables.SOPS_AGE_KEY = {}",
    "variables.A.generate = 'hexx'",
    "variables.A.generate = 'hex:1'",
    "variables.A.value = '${B'",
    "variables.A.value = '${B-C}'",
    "variables.A.value = '${A:ulr}'",
    "variables.A.value = '${B}'",
    "variables = { A.value = '${B}', B.value = '${A}' }",
    "variables.A.kind = 'sekret'",
    "variables.A.format = 'jsno'",
    "variables.A.deliver = 'fil'",
    "variables.A-B = {}",
    // The lint.
    "lint.levels.nothing-such = 'deny'",
    "lint.levels.all = 'forbid'",
    "lint.allow = [{ fingerprint = 'pasted', reason = 'a test key' }]",
    "lint.allow = [{ fingerprint = '0123456789abcdef' }]",
    "lint.allow = [{ fingerprint = '0123456789abcdef', reason = 'a' }, { fingerprint = '0123456789abcdef', reason = 'b' }]",
    "lint.baseline = '../lint.json'",
];

/// What is wrong in a table.
pub(crate) fn mistakes() -> Vec<Error> {
    BODIES.iter().map(|body| in_table(body)).chain(of_members()).collect()
}

/// The other errors of this layer.
pub(crate) fn errors() -> Vec<Error> {
    of_files().into_iter().chain(of_changes()).collect()
}

fn root() -> PathBuf {
    PathBuf::from("/home/you/app")
}

fn of_files() -> Vec<Error> {
    let denied = || std::io::Error::from_raw_os_error(13);
    let known = || vec!["dev".to_owned(), "prod".to_owned()];
    let settings = PathBuf::from("/home/you/.config/cargo-secrets/config.toml");
    let unknown = |noun, name: &str| Error::Unknown { noun, name: name.to_owned(), known: known() };
    let user = "[sandbox]\nunhid = []\n";
    vec![
        Error::NoManifest(root()),
        Error::ManifestPath { path: root(), folder: true },
        Error::ManifestPath { path: root().join("app.toml"), folder: false },
        Error::NoTable { path: root().join("Cargo.toml"), table: Table::Workspace },
        Error::Read { path: root().join("Cargo.toml"), source: denied() },
        Error::Outside(root().join("secrets/dev.json")),
        Error::Strangers(settings.clone()),
        Error::Unhide { path: settings.clone(), entry: "keys".into() },
        Box::new(diagnose::diagnose_user(&settings, user)).into(),
        Box::new(diagnose::diagnose_user(&settings, "sandbox = [")).into(),
        unknown(Noun::Environment, "prd"),
        unknown(Noun::Environment, "staging"),
        Error::NoDefault { known: known() },
        Error::NoDefault { known: Vec::new() },
        Box::new(cargo_metadata::Error::CargoMetadata { stderr: "error: failed to parse manifest".to_owned() }).into(),
    ]
}

fn in_table(body: &str) -> Error {
    let environments =
        if body.contains("environments") { "" } else { "environments = { dev = {}, prod.protected = true }\n" };
    let text = format!("[package]\nname = \"app\"\n\n[package.metadata.secrets]\n{environments}{body}\n");
    let loaded = Loaded::parse(root().join("Cargo.toml"), text);
    let manifest = loaded.and_then(|root| Manifest::load(Located { root, package: None }));
    let planned = manifest.and_then(|manifest| manifest.plan(&EnvName::new("dev").unwrap()).map(|_| ()));
    planned.expect_err(body)
}

/// What only a workspace can have.
fn of_members() -> [Error; 2] {
    let member = |body: &str, steps: [&str; 2], problem: Problem| {
        let text = format!("[package]\nname = \"api\"\n\n[package.metadata.secrets]\n{body}\n");
        let fault = Fault::key(steps.map(Into::into), problem);
        Box::new(fault.placed(&root().join("api/Cargo.toml"), &text, Table::Package)).into()
    };
    [
        member("requires = '0.1'", ["requires", ""], ShapeProblem::OnlyInWorkspace { key: "requires" }.into()),
        member(
            "variables.A.format = 'url'",
            ["variables", "A"],
            VariableProblem::TwoPlaces { name: "A".to_owned(), other: "/home/you/app/web/Cargo.toml".to_owned() }
                .into(),
        ),
    ]
}

fn changed(source: edit::EditError) -> Error {
    Error::Edit { path: root().join("Cargo.toml"), source }
}

/// What keeps a Cargo.toml from being changed.
fn of_changes() -> Vec<Error> {
    let declare = |text: &str| {
        let name = SecretName::new("TOKEN").unwrap();
        changed(edit::declare_variable(text, &name, Kind::Secret, Table::Package).unwrap_err())
    };
    let dev = || EnvName::new("dev").unwrap();
    vec![
        declare("[package]\nname = \"app\n"),
        declare("[workspace]\n"),
        declare("[package]\nmetadata = 1\n"),
        declare("[package.metadata.secrets.variables]\nTOKEN = {}\n"),
        changed(edit::EditError::NoEnvironment(dev())),
        changed(edit::EditError::NoList(dev())),
    ]
}
