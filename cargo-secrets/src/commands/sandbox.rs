//! `cargo secrets sandbox`: a command in the build domain, without any value.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use clap::Args;

use super::run::notes::processes;
use super::{fetch, refused};
use crate::context::Context;
use crate::error::{self, Error};
use crate::manifest::{self, Manifest, Package, UserSettings};
use crate::process::cargo::{CargoConfig, Fetch, Work};
use crate::process::confine::{Confined, Site};
use crate::process::runner::{Domain, Ended, Exposed, Known, Vault};
use crate::process::sandbox::Support;
use crate::process::trace::{self, Advice};
use crate::process::way;
use crate::process::{Command, Confinement, Inherit, Session};
use crate::secret::SecretSet;
use crate::usage::Usage;

const EXAMPLES: &str = "\
Examples:
  cargo secrets sandbox -- cargo build --release
  cargo secrets sandbox --trace -- cargo build
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
    /// Watch every system call, and list what is refused with the line that allows it; slow
    #[arg(long)]
    trace: bool,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// What the command is confined to.
struct Bounds {
    root: PathBuf,
    table: manifest::Sandbox,
    packages: Arc<[Package]>,
    outside: Vec<PathBuf>,
}

impl Sandbox {
    /// Runs the command; tells its exit code.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let command = super::typed("sandbox", self.command)?;
        let surroundings = context.surroundings();
        let bounds = Bounds::find(context)?;
        let request = way::Request {
            via: None,
            ways: &std::collections::BTreeMap::new(),
            root: Some(&bounds.root),
            surroundings: &surroundings,
        };
        let decision = way::decide(&command, &request)?;
        let child = decision.child;
        let config = decision.config.map_or_else(|| CargoConfig::load(&surroundings), Ok)?;
        let targets = config.target_folders(child.line(), &surroundings.cwd, &bounds.root);
        let target = targets.first().cloned().unwrap_or_default();
        let fetch = Fetch {
            line: child.line(),
            root: &bounds.root,
            packages: &bounds.packages,
            outside: &bounds.outside,
            target: &target,
            surroundings: &surroundings,
        };
        let cargo = std::process::Command::new(fetch::cargo(&command));
        let fetched = match fetch::first(context, &fetch, &command, cargo) {
            ControlFlow::Continue(fetched) => fetched,
            ControlFlow::Break(code) => return Ok(code),
        };
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
        let confined = site.confine(Support::detect())?;
        super::warn_of_tokens(context, &confined);
        if fetched {
            fetch.mark();
        }
        let cache = config.cache();
        super::note_cache(context, cache.as_deref());
        start(context, &command, confined, cache, &targets, self.trace)
    }
}

impl Bounds {
    /// The workspace, and what its Cargo.toml says of the sandbox. It need not declare any secret.
    fn find(context: &Context) -> Result<Self, Error> {
        let located = context.located().map_err(|error| match error {
            Error::Manifest(manifest::Error::NoManifest(_)) => Usage::NoProjectToConfine.into(),
            error => error,
        })?;
        let root = located.root_manifest().parent().unwrap_or(&context.cwd).to_owned();
        match Manifest::load(located) {
            Ok(manifest) => Ok(Self {
                root,
                table: manifest.sandbox().clone(),
                packages: Arc::clone(manifest.packages()?),
                outside: manifest.outside()?.to_vec(),
            }),
            Err(manifest::Error::NoTable { .. }) => {
                Ok(Self { root, table: manifest::Sandbox::default(), packages: Arc::default(), outside: Vec::new() })
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn start(
    context: &Context,
    command: &Command,
    confined: Confined,
    cache: Option<String>,
    targets: &[PathBuf],
    watched: bool,
) -> Result<u8, Error> {
    let temporary = confined.temporary().to_owned();
    let (domains, (policy, held)) = confined.split();
    let session = Session {
        command,
        inherit: Inherit::All,
        triples: Vec::new(),
        cache,
        confinement: Some(Confinement { domains, temporary }),
    };
    if watched {
        let traced = session.trace(None, false)?;
        drop(held);
        let advice = Advice::new(&policy, &traced.refusals);
        if advice.refused.is_empty() {
            context.shell.note("the sandbox refused nothing");
        }
        refused::say(context, &advice);
        return Ok(traced.ended.map_or(error::RUN_FAILED, Ended::mirror));
    }
    let known = Known {
        packages: Arc::default(),
        limit: None,
        // Whatever asks for a program runs it itself, inside.
        starts: false,
        inside: Vec::new(),
        targets: Vec::new(),
        chains: Vec::new(),
        marked: None,
        domain: Domain::Always,
        ruleset: None,
    };
    let began = SystemTime::now();
    let outcome = session.start()?.serve(known, Vault::new(&SecretSet::default(), None)?, &Exposed::default())?;
    drop(held);
    if outcome.killed > 0 && !outcome.interrupted {
        context.shell.note(format_args!("{} that the command left behind ended with it", processes(outcome.killed)));
    }
    if !outcome.interrupted && !outcome.ended.is_success() && trace::may_be_refused(targets, began) {
        refused::say_how(context, command);
    }
    Ok(outcome.ended.mirror())
}
