//! The errors of the commands and of the layers that have few of their own.

use std::io;
use std::path::PathBuf;

use crate::commands::edit::Trouble;
use crate::error::Error;
use crate::exchange::export::{self, Unfit};
use crate::process::shell::ShellError;
use crate::refusal::{FileFault, InUse, Refusal};
use crate::secret::{EnvName, SecretName};
use crate::store::sops::KeyError;
use crate::usage::Usage;
use crate::{fsx, lint, store};

fn name() -> SecretName {
    SecretName::new("API_KEY").unwrap()
}

fn environment(name: &str) -> EnvName {
    EnvName::new(name).unwrap()
}

fn file() -> String {
    "secrets/dev.json".to_owned()
}

fn denied() -> io::Error {
    io::Error::from_raw_os_error(13)
}

/// `edit`.
pub(super) fn edits() -> Vec<Trouble> {
    let conflict = store::Error::Conflict { path: "/home/you/app/secrets/dev.json".into(), names: vec![name()] };
    let format = Usage::Format { name: name(), format: "uuid".to_owned() };
    vec![
        Trouble::Editor,
        Trouble::NoTerminal { editor: "vim".to_owned() },
        Trouble::Refused { line: 3, source: Box::new(format.into()) },
        Trouble::Empty(name()),
        Trouble::Ciphertext(name()),
        Trouble::Unasked(vec![name()]),
        conflict.into(),
    ]
}

/// `export`.
pub(super) fn exports() -> Vec<export::Error> {
    use export::Error as E;
    let unfit = [
        Unfit::Lines,
        Unfit::Return,
        Unfit::Space,
        Unfit::Control,
        Unfit::Normal,
        Unfit::Long(32_768),
        Unfit::Name,
        Unfit::Nul,
    ];
    let names = unfit.into_iter().zip('A'..).map(|(why, name)| (name.to_string(), why)).collect();
    vec![
        E::Unfit { format: "docker", names },
        E::Unfit { format: "shell", names: vec![("status".to_owned(), Unfit::Name)] },
        E::Unfit { format: "docker", names: vec![("KEY".to_owned(), Unfit::Lines)] },
        E::Size { format: "k8s-secret", size: 2_000_000, most: 1_048_576 },
        E::Title("My Secret".into()),
        E::Random,
    ]
}

/// `lint`.
pub(super) fn lints() -> Vec<lint::Error> {
    use lint::Error as E;
    let path = || PathBuf::from("/home/you/app/secrets-baseline.json");
    let said = cargo_metadata::Error::CargoMetadata { stderr: "error: failed to parse manifest".to_owned() };
    vec![
        E::Path { path: "/home/you/app/srcs".into(), source: io::Error::from_raw_os_error(2) },
        E::Git(io::Error::from_raw_os_error(2)),
        E::GitRefused("not a git repository".to_owned()),
        E::Baseline { path: path(), reason: "line 3 is no entry".to_owned() },
        E::NoBaseline(path()),
        E::File(fsx::read(&path()).unwrap_err()),
        E::Metadata(Box::new(said)),
    ]
}

/// What does not fit together.
pub(super) fn usages() -> Vec<Usage> {
    use Usage as U;
    let environment = || "dev".to_owned();
    let mut usages = vec![
        U::ValueInArguments,
        U::Assignment,
        U::NotAName,
        U::NoTarget { environment: environment() },
        U::NotASource { file: "secrets/other.json".to_owned(), environment: environment() },
        U::NoRecipients { file: file(), environment: environment() },
        U::Composed { name: name() },
        U::RunsCode { name: SecretName::new("LD_PRELOAD").unwrap() },
        U::IdentityName { name: SecretName::new("SOPS_AGE_KEY").unwrap() },
        U::Format { name: name(), format: "uuid".to_owned() },
        U::NotText,
        U::NotSet { name: name(), environment: environment(), nearest: None },
        U::NotSet { name: name(), environment: environment(), nearest: Some("API_KEYS".to_owned()) },
        U::Mismatch,
        U::NoTerminal,
        U::NotEmpty("demo".to_owned()),
        U::Demo("cargo secrets run -- cargo test".to_owned()),
        U::NoGenerator { name: name() },
        U::Flattened { name: SecretName::new("DATABASE_PASSWORD").unwrap(), file: file() },
        U::Lowercase { name: SecretName::new("api_key").unwrap(), capitals: "API_KEY".to_owned() },
    ];
    usages.extend(runs());
    usages.extend([
        U::RecoveryTooLate { file: file() },
        U::UnknownSetArgument,
        U::StdinPath,
        U::StdinAndPaths,
        U::IncompleteBaseline,
        U::RulesFormat,
        U::NothingPiped,
        U::NotInFile { name: "API_KY".to_owned(), nearest: Some("API_KEY".to_owned()) },
        U::NotInFile { name: "NOTHING".to_owned(), nearest: None },
        U::NoTerminalToReveal,
        U::NoIdentity,
        U::NoCargoHome,
        U::NoRustc,
        U::NoTextPath,
        U::PrivateKey,
        U::NoPublicKey,
        U::ProtectedHook { environment: "prod".to_owned() },
        U::NoState,
        U::ShellInShell { environment: environment() },
    ]);
    usages
}

/// `run`.
fn runs() -> Vec<Usage> {
    use Usage as U;
    vec![
        U::NoCommand,
        U::NoCargoProject,
        U::NoProjectToConfine,
        U::OtherWorkspace { manifest: "/home/you/other/Cargo.toml".into() },
        U::SandboxWithoutRunner,
        U::SandboxOutside,
        U::ProtectedInEnvironment,
        U::ProtectedOutside,
        U::UnknownInside { name: "xtsk".to_owned() },
        U::ProtectedWithoutSandbox,
        U::StarterWithoutSandbox,
        U::ProtectedExposed,
        U::ExposedUnknown { name: "NOTHING".to_owned() },
        U::ExposedFile { name: name() },
        U::ShellInShell { environment: "dev".to_owned() },
        U::ProtectedHook { environment: "prod".to_owned() },
        U::NoState,
        U::UnknownOption { subcommand: "run", option: "--wach".to_owned() },
    ]
}

/// What would not be what was meant.
pub(super) fn refusals() -> Vec<Refusal> {
    use Refusal as R;
    let alice = || "alice".to_owned();
    let (dev, prod) = (|| environment("dev"), || environment("prod"));
    let in_use = |why| R::InUse { environment: dev(), why };
    let env_file = |file: &str, why| R::EnvFile { file: file.to_owned(), environment: prod(), why };
    vec![
        R::RecipientName,
        R::RecipientTaken { name: alice() },
        R::RecipientKnown { known: alice() },
        R::HeirFirst { heir: prod(), environment: dev(), recipient: alice() },
        in_use(InUse::Default),
        in_use(InUse::Inherited(prod())),
        in_use(InUse::Required(name())),
        R::NoRecipient { name: alice() },
        R::HeirNeeds { environment: prod(), ancestor: dev(), missing: vec![alice()] },
        R::Taken { name: name(), file: Some(file()) },
        R::Taken { name: name(), file: None },
        R::SameName(name()),
        R::NoName { name: name(), nearest: Some("API_KEYS".to_owned()) },
        R::NoName { name: name(), nearest: None },
        R::LeadsOut { path: "/home/you/app/.gitignore".into() },
        env_file("../x.json", FileFault::Path),
        env_file("secrets/*.json", FileFault::Pattern),
        env_file(".git/x.json", FileFault::Hidden),
        env_file("Cargo.toml", FileFault::Kind),
        env_file("secrets/link.json", FileFault::Link),
        env_file("secrets/dev.json", FileFault::Source(dev())),
        R::Overwrites { to: prod(), names: vec!["API_KEY".to_owned(), "TOKEN".to_owned()] },
        R::SameEnvironment(dev()),
        R::Empty(dev()),
        R::Declined,
        R::NobodyToAsk,
    ]
}

/// What belongs nowhere else.
pub(super) fn others() -> Vec<Error> {
    let recipients = vec!["age1alice".to_owned()];
    let source = KeyError::NotRecipient { recipients, foreign: Vec::new() };
    let path = "/home/you/app/secrets/dev.json".into();
    let refused = Box::new(store::Error::Key { path, source, ours: vec!["age1you".to_owned()] }.into());
    vec![
        Error::Stranger { refused, line: "cargo secrets recipients add 'you' age1you".to_owned() },
        Error::Shell(ShellError::Settings(denied())),
        Error::Io(denied()),
        ShellError::Settings(denied()).into(),
        store::samples::unread().into(),
    ]
}
