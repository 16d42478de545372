//! One of each error of bringing values together and starting a program, for the file of all messages.

use std::io;
use std::path::PathBuf;

use super::cargo::{ConfigError, Place, SetError, set_runner};
use super::editor::{EditError, FindError, Mistake, parse};
use super::runner::AskError;
use super::sandbox::{SandboxError, Support};
use super::{ExecError, ResolveError};
use crate::fsx;
use crate::secret::{EnvName, SecretName};

fn denied() -> io::Error {
    io::Error::from_raw_os_error(13)
}

fn name() -> SecretName {
    SecretName::new("API_KEY").unwrap()
}

fn app(path: &str) -> PathBuf {
    PathBuf::from("/home/you/app").join(path)
}

/// What keeps values from being brought together.
pub(crate) fn resolve() -> Vec<ResolveError> {
    use ResolveError as E;
    let path = || app("secrets/dev.json");
    let dev = || EnvName::new("dev").unwrap();
    vec![
        E::NoFile { path: path() },
        E::EmptyGlob { pattern: "secrets/*.json".to_owned(), environment: dev() },
        E::Twice { path: path(), name: name() },
        E::Blanked { path: path(), name: name() },
        E::Stranger { path: path(), environment: dev(), recipient: "age1mallory".to_owned() },
        E::Required { environment: dev(), names: vec![name(), SecretName::new("TOKEN").unwrap()] },
        E::RunsCode { name: SecretName::new("LD_PRELOAD").unwrap() },
        E::Identity { name: SecretName::new("SOPS_AGE_KEY").unwrap() },
        E::Unknown { name: "API_KY".to_owned(), nearest: Some("API_KEY".to_owned()) },
        E::Unknown { name: "NOTHING".to_owned(), nearest: None },
        E::ComposedAndSet { name: name(), path: path() },
        E::ComposedLeak { name: SecretName::new("DATABASE_URL").unwrap(), part: name() },
    ]
}

/// What keeps a program from being started.
pub(crate) fn exec() -> Vec<ExecError> {
    use ExecError as E;
    let largest = vec![("CERTIFICATE".to_owned(), 120_000), ("API_KEY".to_owned(), 40)];
    vec![
        E::NotFound { program: "crago".into(), nearest: Some("cargo".to_owned()) },
        E::NotFound { program: "./missing".into(), nearest: None },
        E::Interpreter { program: app("run.sh") },
        E::NotExecutable { program: app("README.md"), source: Some(denied()) },
        E::NotExecutable { program: app("README.md"), source: None },
        E::TooLong { name: name(), length: 200_000 },
        E::NoProc { name: name() },
        E::MemoryFile { name: name(), source: io::Error::from_raw_os_error(28) },
        E::Nul { name: name() },
        E::TooBig { total: 2_200_000, limit: 2_097_152, largest },
        E::Setup { source: io::Error::from_raw_os_error(24) },
        E::Interior,
    ]
}

/// What a runner says.
pub(crate) fn ask() -> Vec<AskError> {
    let refused = |exec| AskError::NotStarted { program: "target/debug/app".into(), source: denied(), exec };
    vec![
        AskError::ByHand,
        AskError::NoParent(io::Error::from_raw_os_error(9)),
        AskError::ParentGone,
        refused(true),
        refused(false),
    ]
}

/// cargo's settings, read and changed.
pub(crate) fn settings() -> (Vec<ConfigError>, Vec<SetError>) {
    let triple = || "x86_64-unknown-linux-gnu".to_owned();
    let missing = |place| ConfigError::NoRunner { triple: triple(), program: "/usr/bin/qemu".into(), place };
    let read = vec![
        ConfigError::Read { file: app(".cargo/config.toml"), source: denied() },
        ConfigError::Broken(app(".cargo/config.toml")),
        missing(Place::Variable("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER".to_owned())),
        missing(Place::File(app(".cargo/config.toml"))),
        ConfigError::RunnerOnLine { triple: triple() },
    ];
    let set = |text: &str| set_runner(text, &triple(), "cargo-secrets").map(|_| ()).unwrap_err();
    let changed =
        vec![set("[target\n"), set("target = 1\n"), set("[target.x86_64-unknown-linux-gnu]\nrunner = \"qemu\"\n")];
    (read, changed)
}

/// What keeps a build from being confined.
pub(crate) fn sandbox() -> Vec<SandboxError> {
    use SandboxError as E;
    let entry = || "~/work/shared".to_owned();
    vec![
        E::Ruleset(landlock::RulesetError::CreateRuleset(landlock::CreateRulesetError::MissingHandledAccess)),
        E::Unsupported(Support { landlock: 0, seccomp: true }),
        E::Filter(seccompiler::BackendError::InvalidTargetArch("sparc".to_owned())),
        E::Create { path: app("target/tmp"), source: denied() },
        E::Hidden { key: "read", entry: "~/.ssh".to_owned(), hidden: "~/.ssh".to_owned() },
        E::Guarded { entry: entry(), guarded: "~/work/shared/.git/hooks".to_owned() },
        E::Devices { entry: "/dev/tty".to_owned() },
        E::Strays { key: "write", entry: entry(), real: "~/.ssh".to_owned() },
        E::Target { target: "/home/you".into(), guarded: "~/.bashrc".to_owned() },
    ]
}

/// The editor, and the text that it leaves.
pub(crate) fn editor() -> (Vec<FindError>, Vec<EditError>, Vec<Mistake>) {
    let find = vec![FindError::None, FindError::Quotes { variable: "VISUAL" }];
    let gone = || fsx::read(&app("NAMES.toml")).unwrap_err();
    let edit = vec![
        EditError::File(gone()),
        EditError::Exec(ExecError::NotFound { program: "nano".into(), nearest: None }),
        EditError::Gone(gone()),
        EditError::Wait(io::Error::from_raw_os_error(10)),
    ];
    let texts: [&[u8]; 4] = [b"A = \"open\n", b"A = \"\xff\"\n", b"A-B = \"x\"\n", b"A = [1]\n"];
    (find, edit, texts.map(|text| parse(text).map(|_| ()).unwrap_err()).into())
}
