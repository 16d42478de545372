//! `cargo secrets sandbox`: a command in the build domain, without any value.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::context::Context;
use crate::error::{Error, Usage};
use crate::manifest::{self, Manifest, UserSettings};
use crate::process::cargo::{CargoConfig, CargoLine, Work, fetch};
use crate::process::confine::{Confined, Site};
use crate::process::runner::{Domain, Exposed, Vault};
use crate::process::sandbox::Support;
use crate::process::way::{self, Child};
use crate::process::{Command, Confinement, Inherit, Known, Session, Surroundings};
use crate::secret::SecretSet;

const EXAMPLES: &str = "\
Examples:
  cargo secrets sandbox -- cargo build --release
  cargo secrets sandbox -- cargo check --workspace --message-format=json --all-targets
      (rust-analyzer: rust-analyzer.check.overrideCommand, and …cargo.buildScripts.overrideCommand)

The command, and all that it starts, can read the project, the toolchain and the registry, and write
target/ and a folder for temporary files. It sees neither your identity, keys and credentials nor
other files of yours, reaches no service of this machine, and nothing of it is left when it ends.
What else a build needs is declared in Cargo.toml: sandbox.read, sandbox.write, sandbox.network.

Tests and programs that the command runs are in the sandbox too, and get no values: for these,
`cargo secrets run -- cargo test`.

Exit codes: those of the command; 125: nothing was started; 126: the command cannot be executed;
127: it was not found.";

/// Arguments of `sandbox`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sandbox {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// What the command is confined to.
struct Bounds {
    root: PathBuf,
    table: manifest::Sandbox,
    outside: Vec<PathBuf>,
}

impl Sandbox {
    /// Runs the command; tells its exit code.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let command = Command::new(self.command).ok_or(Usage::NoCommand)?;
        if command.program.as_encoded_bytes().starts_with(b"-") {
            return Err(Usage::UnknownOption(command.program.to_string_lossy().into_owned()).into());
        }
        let surroundings = context.surroundings();
        let bounds = Bounds::find(context)?;
        let request = way::Request {
            via: None,
            ways: &std::collections::BTreeMap::new(),
            root: Some(&bounds.root),
            surroundings: &surroundings,
        };
        let child = way::decide(&command, &request)?.child;
        let config = CargoConfig::load(&surroundings, child.line())?;
        let targets = config.target_folders(&bounds.root);
        if let Some(line) = child.line() {
            fetch_first(context, line, &config, &bounds.root, &targets, &surroundings)?;
        }
        let unhide = UserSettings::load(surroundings.config.as_deref())?.unhide;
        let site = Site {
            surroundings: &surroundings,
            root: &bounds.root,
            targets: &targets,
            outside: &bounds.outside,
            table: &bounds.table,
            unhide: &unhide,
            writes_workspace: child.line().is_some_and(|line| line.work == Work::Fix),
        };
        start(context, &command, &child, site.confine(Support::detect())?)
    }
}

impl Bounds {
    /// The workspace, and what its Cargo.toml says of the sandbox. It need not declare any secret.
    fn find(context: &Context) -> Result<Self, Error> {
        let located = context.located()?;
        let root = located.root_manifest().parent().unwrap_or(&context.cwd).to_owned();
        match Manifest::load(located) {
            Ok(manifest) => Ok(Self { root, table: manifest.sandbox().clone(), outside: manifest.outside()? }),
            Err(manifest::Error::NoTable { .. }) => {
                Ok(Self { root, table: manifest::Sandbox::default(), outside: Vec::new() })
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Brings the dependencies here while the network and the registry's credentials are still in reach.
fn fetch_first(
    context: &Context,
    line: &CargoLine,
    config: &CargoConfig,
    root: &Path,
    targets: &[PathBuf],
    surroundings: &Surroundings,
) -> Result<(), Error> {
    let Some(fetch) = fetch(line, config, root, targets, surroundings) else { return Ok(()) };
    if !fetch.run()? {
        context.shell.warn("`cargo fetch` failed: the build goes on with what is here");
    }
    Ok(())
}

fn start(context: &Context, command: &Command, child: &Child, confined: Confined) -> Result<u8, Error> {
    let temporary = confined.temporary().to_owned();
    let (domains, held) = confined.split();
    let session = Session {
        command,
        inherit: Inherit::All,
        triples: Vec::new(),
        offline: child.line().is_some(),
        confinement: Some(Confinement { domains, temporary }),
    };
    // Without target folders no program is started outside, whoever asks for it.
    let known = Known {
        packages: Vec::new(),
        limit: None,
        inside: Vec::new(),
        targets: Vec::new(),
        chains: Vec::new(),
        domain: Domain::Always,
        ruleset: None,
    };
    let outcome = session.start()?.serve(known, Vault::new(SecretSet::default(), None)?, &Exposed::default())?;
    drop(held);
    if outcome.killed > 0 {
        context.shell.note(format_args!("processes that the command left behind ended with it: {}", outcome.killed));
    }
    Ok(outcome.ended.mirror())
}
