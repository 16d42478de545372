//! `run` through cargo's target runner: what confines cargo, what its programs may have, and what is said of it.

use std::ffi::{OsStr, OsString};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Run;
use super::project::Project;
use crate::commands::{fetch, note_cache, refused, warn_of_tokens};
use crate::context::Context;
use crate::error::{Error, Usage};
use crate::manifest::{Deliver, Located, Manifest, Mode, Package, Sandbox, UserSettings};
use crate::process::cargo::{CargoConfig, CargoLine, Fetch, Runs, Selection, Work};
use crate::process::confine::{self, Confined, Site};
use crate::process::runner::{Domain, Ended, Exposed, Known, Outcome, Vault};
use crate::process::sandbox::{Policy, ProgramDomain, Support};
use crate::process::trace::{self, Advice};
use crate::process::way::{Child, Decision};
use crate::process::{Audience, Command, Confinement, Session, Surroundings};
use crate::secret::{SecretName, SecretSet};

/// How long the search for what was refused may take.
const SEARCH: Duration = Duration::from_secs(60);

/// The usual name of a package of tasks, which calls cargo again (github.com/matklad/cargo-xtask).
const TASK: &str = "xtask";

/// cargo's exit code where something does not compile.
const COMPILE_FAILED: u8 = 101;

/// Whether what is started is confined, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is; whether it changes sources.
    Confined {
        /// As `cargo fix` does.
        writes: bool,
    },
    /// It may start anything, so nothing is known of what it needs.
    Starter,
    /// It is switched off.
    Off,
    /// The kernel cannot.
    Unsupported,
}

/// A run through the runner, as it is going to be.
pub(super) struct Setup<'s> {
    run: &'s Run,
    project: &'s Project,
    surroundings: &'s Surroundings,
    child: Child,
    /// The workspace's folder.
    pub(super) root: PathBuf,
    /// Cargo.toml's table, after the command line.
    pub(super) table: Sandbox,
    /// The user's own settings.
    pub(super) user: UserSettings,
    /// What the kernel can.
    pub(super) support: Support,
    /// cargo's settings.
    pub(super) config: CargoConfig,
    /// Where cargo builds.
    pub(super) targets: Vec<PathBuf>,
}

impl<'s> Setup<'s> {
    /// Reads all that does not need a value.
    pub(super) fn new(
        run: &'s Run,
        project: &'s Project,
        decision: Decision,
        surroundings: &'s Surroundings,
    ) -> Result<Self, Error> {
        let root = project.workspace().ok_or(Usage::NoCargoProject)?.to_owned();
        let child = decision.child;
        same_workspace(child.line(), surroundings, &root)?;
        let mut table = project.sandbox();
        if project.is_protected() {
            if run.no_sandbox {
                return Err(Usage::ProtectedWithoutSandbox.into());
            }
            table.mode = Mode::Require;
        }
        if run.no_sandbox {
            table.mode = Mode::Off;
        } else if run.sandbox && table.mode == Mode::Off {
            table.mode = Mode::Auto;
        }
        if let Some(name) = unknown(&table.inside, project)? {
            return Err(Usage::UnknownInside { name: name.to_owned() }.into());
        }
        let config = decision.config.map_or_else(|| CargoConfig::load(surroundings), Ok)?;
        let targets = config.target_folders(child.line(), &surroundings.cwd, &root);
        let user = UserSettings::load(surroundings.config.as_deref())?;
        let support = Support::detect();
        Ok(Self { run, project, surroundings, child, root, table, user, support, config, targets })
    }

    fn line(&self) -> Option<&CargoLine> {
        self.child.line()
    }

    /// Whether it is confined.
    pub(super) fn verdict(&self) -> Result<Verdict, Error> {
        let writes = self.line().is_some_and(|line| line.work == Work::Fix);
        let compiles = self.line().is_some_and(|line| matches!(line.work, Work::Compile { .. } | Work::Fix));
        Ok(match self.table.mode {
            Mode::Off => Verdict::Off,
            _ if !compiles && !self.run.sandbox && self.table.mode == Mode::Require => {
                return Err(Usage::StarterWithoutSandbox.into());
            }
            _ if !compiles && !self.run.sandbox => Verdict::Starter,
            Mode::Auto if !self.support.can_confine() => Verdict::Unsupported,
            _ => Verdict::Confined { writes },
        })
    }

    /// Makes the build domain, where there is to be one.
    fn confine(&self, verdict: Verdict) -> Result<Option<Confined>, Error> {
        let Verdict::Confined { writes } = verdict else { return Ok(None) };
        let site = Site {
            surroundings: self.surroundings,
            root: &self.root,
            targets: &self.targets,
            outside: self.outside()?,
            table: &self.table,
            unhide: &self.user.unhide,
            writes_workspace: writes,
        };
        site.confine(self.support).map(Some).map_err(|error| {
            if error.is_of_the_kernel() && !self.project.is_protected() {
                Error::Unconfined(error)
            } else {
                error.into()
            }
        })
    }

    /// Which programs are kept from the user's keys.
    pub(super) fn domain(&self) -> Domain {
        match (self.table.program, self.table.mode, self.line().map(|line| line.work)) {
            (Some(true), ..) => Domain::Always,
            (Some(false), ..) | (_, Mode::Off, _) | (_, _, Some(Work::Compile { runs: Runs::Program })) => {
                Domain::Never
            }
            (_, _, Some(Work::Compile { .. } | Work::Fix)) => Domain::Always,
            _ => Domain::Tests,
        }
    }

    /// The packages that were asked for; `None` where that may be all.
    pub(super) fn limit(&self) -> Result<Option<Vec<String>>, Error> {
        if let Some(package) = &self.run.package {
            return Ok(Some(vec![package.clone()]));
        }
        match self.line().map(|line| &line.selection) {
            // What is kept inside may call cargo again, for any of them.
            Some(Selection::Named(names)) if names.iter().any(|name| self.table.inside.contains(name)) => Ok(None),
            Some(Selection::Named(names)) => Ok(Some(names.clone())),
            Some(Selection::Here) => {
                let Some(manifest) = self.project.manifest() else { return Ok(None) };
                let named = self.line().and_then(CargoLine::manifest_path).and_then(Path::parent);
                let named = named.and_then(|folder| self.surroundings.cwd.join(folder).canonicalize().ok());
                let here = named.as_deref().unwrap_or(manifest.current_folder());
                // In the root's folder it may be the default members.
                let member = self.packages()?.iter().find(|package| here != self.root && package.folder() == here);
                Ok(member.and_then(Package::name).map(|name| vec![name.to_owned()]))
            }
            _ => Ok(None),
        }
    }

    fn packages(&self) -> Result<&[Package], Error> {
        Ok(self.project.manifest().map(Manifest::packages).transpose()?.map_or(&[], |packages| packages))
    }

    /// What is known of the programs, and what they cannot see.
    fn known(&self, triples: &[String], temporary: Option<&Path>) -> Result<(Known, Option<ProgramDomain>), Error> {
        let domain = self.domain();
        let starts = self.starts();
        // Some of them have just been made.
        let real = |target: &PathBuf| target.canonicalize().unwrap_or_else(|_| target.clone());
        let targets: Vec<_> = self.targets.iter().map(real).collect();
        let built: Vec<_> = targets.iter().cloned().chain(temporary.map(Path::to_owned)).collect();
        let programs = match domain {
            Domain::Never => None,
            _ if !starts => None,
            _ => confine::programs(self.surroundings, &self.user.unhide, &built, self.support)?,
        };
        let (ruleset, program_domain) = programs.unzip();
        let known = Known {
            packages: self.project.manifest().map(Manifest::packages).transpose()?.cloned().unwrap_or_default(),
            limit: self.limit()?,
            starts,
            inside: self.table.inside.clone(),
            targets,
            chains: self.config.runners(self.line(), triples)?,
            is_marked: self.config.starts_us(triples),
            domain,
            ruleset,
        };
        Ok((known, program_domain))
    }

    /// Whether the command starts programs at all.
    pub(super) fn starts(&self) -> bool {
        let nothing = [Work::Compile { runs: Runs::Nothing }, Work::Fix];
        self.line().is_none_or(|line| !nothing.contains(&line.work))
    }

    /// The targets to set a runner for.
    pub(super) fn triples(&self) -> Vec<String> {
        self.config.triples(self.line(), self.surroundings)
    }

    fn outside(&self) -> Result<&[PathBuf], Error> {
        Ok(self.project.manifest().map(Manifest::outside).transpose()?.unwrap_or_default())
    }

    /// Brings the dependencies here, outside the build domain; to be marked when the target folder is there. A break is
    /// the exit code where nothing can be built.
    fn fetch(&self, context: &Context, command: &Command) -> Result<ControlFlow<u8, Option<Fetch<'_>>>, Error> {
        let Some(target) = self.targets.first() else { return Ok(ControlFlow::Continue(None)) };
        let fetch = Fetch {
            line: self.line(),
            root: &self.root,
            packages: self.packages()?,
            outside: self.outside()?,
            target,
            surroundings: self.surroundings,
        };
        let cargo = fetch::cargo(command);
        let starter = match self.project {
            // cargo may need a registry's token, which this process has not decrypted yet.
            Project::Declared { plan, .. } if self.project.delivers(Deliver::Cargo) => {
                let mut ourselves = std::process::Command::new(std::env::current_exe()?);
                ourselves.args(["run", "--quiet", "--environment", plan.environment.as_str()]).args(context.repeated());
                ourselves.arg("--").arg(cargo);
                for (name, value) in &context.identities.variables {
                    ourselves.env(name, OsStr::from_bytes(value));
                }
                ourselves
            }
            _ => std::process::Command::new(cargo),
        };
        Ok(fetch::first(context, &fetch, command, starter).map_continue(|is_new| is_new.then_some(fetch)))
    }

    /// Says in a line each who does not get what, or gets more than is seen.
    fn say_handed_on(&self, context: &Context, verdict: Verdict) {
        let Some(line) = self.line() else {
            if self.project.delivers(Deliver::Cargo) {
                context.shell.note("what is for cargo itself is not given to what may start it");
            }
            return;
        };
        let is_task = matches!(&line.selection, Selection::Named(names) if names.iter().any(|name| name == TASK));
        let stays = self.table.inside.iter().any(|name| name == TASK);
        if is_task && !stays && matches!(verdict, Verdict::Confined { .. }) && self.starts() {
            context.shell.note(format_args!(
                "`{TASK}` runs outside the sandbox, and all that it starts sees its values, also a cargo's build scripts \
                 (`sandbox.inside = [\"{TASK}\"]` in Cargo.toml keeps it inside, without values)"
            ));
        }
    }

    /// What cargo itself gets.
    pub(super) fn exposed(&self) -> Result<Exposed<'_>, Error> {
        if !self.project.is_protected() {
            return Ok(Exposed { deliver: &[Deliver::Build], names: &self.run.expose_to_build });
        }
        if self.run.expose_to_build.is_empty() { Ok(Exposed::default()) } else { Err(Usage::ProtectedExposed.into()) }
    }
}

/// Runs the command and everything that cargo starts; tells its exit code.
pub(super) fn run(
    context: &Context,
    run: &Run,
    project: &Project,
    command: &Command,
    decision: Decision,
    surroundings: &Surroundings,
) -> Result<u8, Error> {
    let setup = Setup::new(run, project, decision, surroundings)?;
    let verdict = setup.verdict()?;
    say_verdict(context, command, verdict, setup.support);
    setup.say_handed_on(context, verdict);
    let fetched = match verdict {
        Verdict::Confined { .. } => match setup.fetch(context, command)? {
            ControlFlow::Continue(fetched) => fetched,
            ControlFlow::Break(code) => return Ok(code),
        },
        _ => None,
    };
    let confined = setup.confine(verdict)?;
    if let Some(confined) = &confined {
        warn_of_tokens(context, confined);
    }
    if let Some(fetch) = fetched {
        fetch.mark();
    }
    let temporary = confined.as_ref().map(|confined| confined.temporary().to_owned());
    let triples = setup.triples();
    let (known, program_domain) = setup.known(&triples, temporary.as_deref())?;
    let (confinement, held) = confined.map(Confined::split).unzip();
    let session = Session {
        command,
        inherit: run.inherit(),
        triples,
        cache: setup.config.cache(),
        confinement: confinement.zip(temporary).map(|(domains, temporary)| Confinement { domains, temporary }),
    };
    if session.confinement.is_some() {
        note_cache(context, session.cache.as_deref());
    }
    let began = SystemTime::now();
    let started = session.start()?;
    let resolved = run.resolve(context, project, Audience::Programs)?;
    project.remark(context, &resolved);
    let vault = Vault::new(&resolved.set, project.manifest())?;
    drop(resolved);
    let exposed = setup.exposed()?;
    say_exposed(context, project, &vault, &exposed)?;
    say_on_disk(context, vault.files().find_map(|(_, folder)| folder));
    if !vault.is_locked() {
        context.shell.verbose("the values could not be locked into memory (`ulimit -l`): they can reach swap");
    }
    let outcome = started.serve(known, vault, &exposed)?;
    say_outcome(context, &setup, &outcome, program_domain.as_ref());
    if let Some((policy, _)) = &held
        && outcome.failed == 0
        && !outcome.interrupted
        && !outcome.ended.is_success()
        && trace::may_be_refused(&setup.targets, began)
    {
        say_refused(context, &setup, session, policy);
    }
    drop(held);
    Ok(outcome.ended.mirror())
}

/// Compiles once more, watched, to tell what of the sandbox the build failed by; what cannot be repeated is said.
fn say_refused(context: &Context, setup: &Setup<'_>, session: Session<'_>, policy: &Policy) {
    let command = session.command;
    let words = setup.line().filter(|_| command.name() == "cargo").and_then(CargoLine::compiling);
    let Some(arguments) = words else { return refused::say_how(context, command) };
    context.shell.note("compiling once more, watched, to see whether that was the sandbox's doing (a minute at most)");
    let again = Command { program: command.program.clone(), arguments };
    // What cannot be told is not worth a second failure.
    let Ok(traced) = (Session { command: &again, ..session }).trace(Some(SEARCH), true) else { return };
    let advice = Advice::new(policy, &traced.refusals);
    let is_seen = matches!(traced.ended, Some(Ended::Exited(0 | COMPILE_FAILED)));
    if advice.refused.is_empty() && !is_seen {
        return refused::say_how(context, command);
    }
    refused::say(context, &advice);
}

/// Says in one line where builds are not confined, and why.
fn say_verdict(context: &Context, command: &Command, verdict: Verdict, support: Support) {
    let name = named(command);
    match verdict {
        Verdict::Confined { .. } => {}
        Verdict::Starter => context.shell.note(format_args!(
            "`{name}` may start cargo: values go to the programs that cargo starts, not into its own environment (that is \
             `--via env`), and what it builds is not in the sandbox (that is `--sandbox`)"
        )),
        Verdict::Off => context.shell.note("no sandbox: build scripts and proc macros can read your keys and identity"),
        Verdict::Unsupported => context.shell.warn(format_args!(
            "no sandbox on this kernel ({support}): build scripts and proc macros can read your keys and identity"
        )),
    }
}

/// A command in a message: one of cargo's by what follows it too.
fn named(command: &Command) -> String {
    let words = std::iter::once(command.name()).chain(command.arguments.first().map(OsString::as_os_str));
    let is_cargo = command.name() == "cargo";
    words.take(1 + usize::from(is_cargo)).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Says in one line which names everything that compiles can read.
fn say_exposed(context: &Context, project: &Project, vault: &Vault, exposed: &Exposed<'_>) -> Result<(), Error> {
    if project.is_protected() && project.delivers(Deliver::Build) {
        context.shell.note("the environment is protected: build scripts and macros get none of its values");
    }
    let is_exposed = |name: &&SecretName| exposed.names.iter().any(|exposed| exposed == name.as_str());
    if let Some(name) = vault.files().map(|(name, _)| name).find(is_exposed) {
        return Err(Usage::ExposedFile { name: name.clone() }.into());
    }
    let names: Vec<_> = vault.for_cargo(exposed).into_iter().map(|(name, _)| name).collect();
    if let Some(missing) = exposed.names.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(Usage::ExposedUnknown { name: missing.clone() }.into());
    }
    if !names.is_empty() {
        context.shell.note(format_args!("build scripts and proc macros get {}", names.join(", ")));
    }
    Ok(())
}

/// Says in one line where a file is not in memory.
pub(in crate::commands) fn say_on_disk(context: &Context, folder: Option<&Path>) {
    if let Some(folder) = folder {
        context.shell.warn(format_args!(
            "there are no memory files here: what is delivered as a file lies in `{}`, without a name, until the program ends",
            folder.display()
        ));
    }
}

/// Says in one line what cargo itself gets, where it may hand it to what it builds.
pub(super) fn say_for_cargo(context: &Context, command: &Command, verifies: bool, set: &SecretSet) {
    let names: Vec<_> = set.names().into_iter().map(SecretName::as_str).collect();
    let none = if verifies { " (`--no-verify` runs none)" } else { "" };
    let what = if names.is_empty() {
        format!("`{}` builds outside the sandbox", named(command))
    } else {
        format!("cargo gets {}, and so do the build scripts that it runs, outside the sandbox", names.join(", "))
    };
    context.shell.note(format_args!("{what}: they can read your keys and identity{none}"));
}

/// Says in a line each what went on that would puzzle. Who interrupts is not puzzled by what ended then.
fn say_outcome(context: &Context, setup: &Setup<'_>, outcome: &Outcome, domain: Option<&ProgramDomain>) {
    if outcome.interrupted {
        return;
    }
    if outcome.killed > 0 {
        context.shell.note(format_args!("{} that the build left behind ended with it", processes(outcome.killed)));
    }
    if let Some(domain) = domain.filter(|_| outcome.failed_confined > 0) {
        say_hidden(context, setup, &domain.hidden());
    }
}

/// Says what a program may have failed by. To show it where identities stand is not proposed.
fn say_hidden(context: &Context, setup: &Setup<'_>, hidden: &[String]) {
    let is_identity =
        |path: &&String| ["/.ssh", "/cargo-secrets", "/sops", "/age"].iter().any(|end| path.ends_with(end));
    if let Some(one) = hidden.iter().find(|path| !is_identity(path)) {
        context.shell.note(format_args!(
            "programs did not see {}; to show them one: `sandbox.unhide = [\"{one}\"]` in {}",
            listed(hidden),
            UserSettings::path(setup.surroundings.config.as_deref()).display()
        ));
    } else if !hidden.is_empty() {
        context.shell.note(format_args!("programs did not see {}", listed(hidden)));
    }
    context.shell.note(
        "programs could make no new entries in your home folder and others that hold keys: `sandbox.program = false` in \
         Cargo.toml lifts that, and hides nothing from them",
    );
}

/// The first of them, and how many more there are.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = names.len() - shown.len();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// The first of these that is no package of the workspace.
fn unknown<'n>(names: &'n [String], project: &Project) -> Result<Option<&'n str>, Error> {
    if names.is_empty() {
        return Ok(None);
    }
    let packages = project.manifest().map(Manifest::packages).transpose()?.map_or(&[][..], |packages| packages);
    let is_known = |name: &&String| packages.iter().any(|package| package.name() == Some(name));
    Ok(names.iter().find(|name| !is_known(name)).map(String::as_str))
}

/// `--manifest-path` of cargo's names the workspace that values and sandbox are for.
fn same_workspace(line: Option<&CargoLine>, surroundings: &Surroundings, root: &Path) -> Result<(), Error> {
    let Some(path) = line.and_then(CargoLine::manifest_path) else { return Ok(()) };
    let Ok(located) = Located::find(&surroundings.cwd, Some(path), surroundings.cargo_home.as_deref()) else {
        // cargo says best what is wrong with it.
        return Ok(());
    };
    let real = |folder: &Path| folder.canonicalize().ok();
    if located.root_manifest().parent().and_then(real) == real(root) {
        return Ok(());
    }
    Err(Usage::OtherWorkspace { manifest: path.to_owned() }.into())
}

/// How many processes, in words.
pub(in crate::commands) fn processes(count: u32) -> String {
    if count == 1 { "a process".to_owned() } else { format!("{count} processes") }
}
