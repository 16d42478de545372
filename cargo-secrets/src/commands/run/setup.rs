//! What is known of a run through cargo's target runner before any value is decrypted: what confines cargo, which programs
//! there are, and what they may have.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::Run;
use super::project::Project;
use crate::commands::fetch;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{Deliver, Located, Manifest, Mode, Package, Sandbox, UserSettings};
use crate::process::cargo::{CargoConfig, CargoLine, Fetch, Runs, Selection, Work};
use crate::process::confine::{self, Confined, Site};
use crate::process::runner::{Domain, Exposed, Known};
use crate::process::sandbox::{ProgramDomain, Support};
use crate::process::way::{Child, Decision};
use crate::process::{Command, Surroundings};
use crate::usage::Usage;

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
    /// What the values are taken from.
    pub(super) project: &'s Project,
    /// The user's folders.
    pub(super) surroundings: &'s Surroundings,
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

    pub(super) fn line(&self) -> Option<&CargoLine> {
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
    pub(super) fn confine(&self, verdict: Verdict) -> Result<Option<Confined>, Error> {
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
                let is_here = |folder: &Path| {
                    folder == here || (named.is_some() && folder.canonicalize().is_ok_and(|folder| folder == here))
                };
                // In the root's folder it may be the default members.
                let member =
                    self.project.packages()?.iter().find(|package| !is_here(&self.root) && is_here(package.folder()));
                Ok(member.and_then(Package::name).map(|name| vec![name.to_owned()]))
            }
            _ => Ok(None),
        }
    }

    /// What is known of the programs, and what they cannot see.
    pub(super) fn known(
        &self,
        triples: &[String],
        temporary: Option<&Path>,
    ) -> Result<(Known, Option<ProgramDomain>), Error> {
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
            marked: self.config.starts_us(triples).then(|| self.root.clone()),
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
    pub(super) fn fetch(
        &self,
        context: &Context,
        command: &Command,
    ) -> Result<ControlFlow<u8, Option<Fetch<'_>>>, Error> {
        let Some(target) = self.targets.first() else { return Ok(ControlFlow::Continue(None)) };
        let fetch = Fetch {
            line: self.line(),
            root: &self.root,
            packages: self.project.packages()?,
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

    /// What cargo itself gets.
    pub(super) fn exposed(&self) -> Result<Exposed<'_>, Error> {
        if !self.project.is_protected() {
            return Ok(Exposed { deliver: &[Deliver::Build], names: &self.run.expose_to_build });
        }
        if self.run.expose_to_build.is_empty() { Ok(Exposed::default()) } else { Err(Usage::ProtectedExposed.into()) }
    }
}

/// The first of these that is no package of the workspace.
fn unknown<'n>(names: &'n [String], project: &Project) -> Result<Option<&'n str>, Error> {
    if names.is_empty() {
        return Ok(None);
    }
    let packages = project.packages()?;
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
