//! `cargo secrets run`: a program with the values of an environment.

mod explain;
pub(super) mod notes;
pub(super) mod project;
mod session;
mod setup;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::error::Error;
use crate::manifest::{Deliver, Via};
use crate::process::cargo::Work;
use crate::process::way::{self, Child, Decision};
use crate::process::{self, Audience, Choice, Command, Environment, Inherit, Resolved, Surroundings};
use crate::usage::Usage;
use project::Project;

const EXAMPLES: &str = "\
Examples:
  cargo secrets run -- cargo test
  cargo secrets run -e prod --only API_TOKEN --via env -- ./deploy.sh
  cargo secrets run --explain -- cargo nextest run
  cargo secrets run --watch -- ./server           (again when a value changes)
  cargo-secrets run -f prod.json -- ./server      (no Cargo.toml needed)

A plain program takes the place of this one, with the values in its environment, which other
processes of the same user can read: its signals and exit code are its own. With `deliver = \"file\"`
in Cargo.toml the variable holds the path of a memory file: closed to other users, not to yours,
and gone with the program.

Where the program is cargo, cargo itself gets no value. Tests, benches, doctests, examples and
binaries that it starts get theirs through cargo's target runner; build scripts and proc macros get
none. On Linux with Landlock they run in a sandbox, which shows them neither your identity and keys
nor this program. What no sandbox can stop: code that is compiled into a program gets that program's
values. Task runners (just, make, …), editors and scripts of the project get the runner too, not the
values themselves (--via env), and no sandbox (--sandbox).

With --watch it is started again when the values it got are no longer those of the files; a file
that cannot be read leaves it running, and one that ended by itself waits for a change. An identity
behind a passphrase is asked for at each start and at each change.

Exit codes: those of the program; 125: nothing was started; 126: the program cannot be executed;
127: it was not found.";

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is given or not")]
pub(crate) struct Run {
    /// Take these secret files, later ones over earlier ones; no Cargo.toml is read
    #[arg(short, long = "file", value_name = "FILE", conflicts_with_all = ["package", "environment", "manifest_path"])]
    file: Vec<PathBuf>,
    /// Also deliver the names that only this package may have
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Deliver these names alone
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Deliver all but these names
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    except: Vec<String>,
    /// Give the program a clean environment: PATH, HOME, TERM and the like, and the secrets
    #[arg(long, conflicts_with = "keep_existing")]
    no_inherit_env: bool,
    /// Leave variables that are set already as they are
    #[arg(long)]
    keep_existing: bool,
    /// Deliver by the program's environment, or by cargo's target runner
    #[arg(long, value_enum, value_name = "WAY")]
    via: Option<Way>,
    /// Put all that a task runner, an editor or a script starts into the build sandbox too
    #[arg(long, conflicts_with = "no_sandbox")]
    sandbox: bool,
    /// Build without a sandbox, this once
    #[arg(long)]
    no_sandbox: bool,
    /// Give these names to build scripts and proc macros too; not from a protected environment
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    expose_to_build: Vec<String>,
    /// Start it again when the values in the files change; it gets TERM, after five seconds KILL
    #[arg(long)]
    watch: bool,
    /// Say how it would be done, and do nothing
    #[arg(long)]
    explain: bool,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    /// Who is told what was resolved
    #[arg(skip)]
    report: Option<watch::Report>,
}

/// `--via`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// In the program's environment
    Env,
    /// Through cargo's target runner, to the programs that cargo starts
    Runner,
}

impl From<Way> for Via {
    fn from(way: Way) -> Self {
        match way {
            Way::Env => Self::Env,
            Way::Runner => Self::Runner,
        }
    }
}

impl Run {
    /// Runs the program, or becomes it; tells its exit code.
    pub(crate) fn run(mut self, context: &Context) -> Result<u8, Error> {
        let command = super::typed("run", std::mem::take(&mut self.command))?;
        if self.watch && !self.explain {
            return watch::run(context, &mut self, &command);
        }
        self.once(context, &command)
    }

    /// One start of the program.
    fn once(&self, context: &Context, command: &Command) -> Result<u8, Error> {
        let project = Project::open(context, self)?;
        let surroundings = context.surroundings();
        let decision = self.decide(&project, command, &surroundings)?;
        if self.explain {
            return explain::explain(self, &project, decision, &surroundings);
        }
        self.check(&project, &decision)?;
        match self.audience(&decision) {
            Audience::Program(_) => self.become_program(context, &project, command, decision.is_cargo),
            Audience::Cargo => self.become_cargo(context, &project, command, &decision),
            Audience::Programs => session::run(context, self, &project, command, decision, &surroundings),
        }
    }

    /// As far as to the values, for the report alone.
    fn resolve_only(&self, context: &Context, command: &Command) -> Result<(), Error> {
        let project = Project::open(context, self)?;
        let decision = self.decide(&project, command, &context.surroundings())?;
        self.resolve(context, &project, self.audience(&decision)).map(drop)
    }

    fn decide(&self, project: &Project, command: &Command, surroundings: &Surroundings) -> Result<Decision, Error> {
        let (via, ways, root) = (self.via.map(Via::from), project.ways(), project.workspace());
        Ok(way::decide(command, &way::Request { via, ways, root, surroundings })?)
    }

    /// Who gets the values.
    fn audience(&self, decision: &Decision) -> Audience<'_> {
        match &decision.child {
            _ if decision.via == Via::Env => Audience::Program(self.package.as_deref()),
            Child::Cargo(line) if matches!(line.work, Work::Plain | Work::Registry { .. }) => Audience::Cargo,
            _ => Audience::Programs,
        }
    }

    /// Refuses what the sandbox is not made for, and what a protected environment is not given to.
    fn check(&self, project: &Project, decision: &Decision) -> Result<(), Usage> {
        let work = decision.child.line().map(|line| line.work);
        match self.audience(decision) {
            Audience::Program(_) if self.sandbox => Err(Usage::SandboxWithoutRunner),
            Audience::Program(_) if project.is_protected() && decision.is_cargo && work != Some(Work::Plain) => {
                Err(Usage::ProtectedInEnvironment)
            }
            Audience::Cargo if work == Some(Work::Plain) => Ok(()),
            Audience::Cargo if self.sandbox => Err(Usage::SandboxOutside),
            Audience::Cargo if project.is_protected() => Err(Usage::ProtectedOutside),
            _ => Ok(()),
        }
    }

    fn resolve(&self, context: &Context, project: &Project, audience: Audience<'_>) -> Result<Resolved, Error> {
        let resolved = if audience == Audience::Cargo && !project.delivers(Deliver::Cargo) {
            Resolved::default()
        } else {
            project.resolve(context, audience, &self.choice())?
        };
        if let Some(report) = &self.report {
            report.tell(&resolved, project.manifest());
        }
        Ok(resolved)
    }

    fn inherit(&self) -> Inherit {
        match (self.no_inherit_env, self.keep_existing) {
            (true, _) => Inherit::Clean,
            (_, true) => Inherit::AllKeepExisting,
            _ => Inherit::All,
        }
    }

    fn choice(&self) -> Choice {
        Choice { only: self.only.clone(), except: self.except.clone() }
    }

    /// A plain program: the values stand in its environment.
    fn become_program(
        &self,
        context: &Context,
        project: &Project,
        command: &Command,
        is_cargo: bool,
    ) -> Result<u8, Error> {
        let resolved = self.resolve(context, project, Audience::Program(self.package.as_deref()))?;
        project.remark(context, &resolved);
        if (command.is_cargo() || is_cargo) && !resolved.set.names().is_empty() {
            context.shell.note("build scripts and proc macros that cargo starts see these variables too");
        }
        let environment = Environment::build(std::env::vars_os(), &resolved.set, &resolved.files, self.inherit())?;
        let environment = project.mark(context, environment);
        notes::say_on_disk(context, environment.folder());
        Err(process::exec(command, &environment).into())
    }

    /// cargo for something else than building the workspace: it gets the names that are for cargo itself.
    fn become_cargo(
        &self,
        context: &Context,
        project: &Project,
        command: &Command,
        decision: &Decision,
    ) -> Result<u8, Error> {
        let set = self.resolve(context, project, Audience::Cargo)?.set;
        if let Some(Work::Registry { verifies }) = decision.child.line().map(|line| line.work) {
            notes::say_for_cargo(context, command, verifies, &set);
        }
        let environment = Environment::build(std::env::vars_os(), &set, &[], self.inherit())?;
        Err(process::exec(command, &environment).into())
    }
}
