//! `run --explain`: what would be done and why, without a value and without doing it.

use std::collections::BTreeMap;

use super::Run;
use super::project::Project;
use super::setup::{Setup, Verdict};
use crate::error::Error;
use crate::manifest::{Deliver, Manifest, Plan, Variable, Via};
use crate::process::cargo::Work;
use crate::process::runner::Domain;
use crate::process::sandbox::{SandboxError, Support};
use crate::process::way::Decision;
use crate::process::{Audience, Surroundings};
use crate::secret::SecretName;
use crate::store::SecretFile;
use crate::term::{self, Visible};

/// Labels, each with its line.
type Lines = Vec<(&'static str, String)>;

/// What would be started, and so who could get values.
enum Scene<'s> {
    /// Nothing, and why.
    Nothing(Error),
    /// A program in place of us.
    Program {
        /// The package that it is of.
        package: Option<&'s str>,
        /// Whether it is cargo, which hands on what it gets.
        is_cargo: bool,
    },
    /// cargo, for something else than the project's programs.
    Cargo {
        /// Whether it compiles on the way.
        builds: bool,
    },
    /// The programs of the project, by cargo.
    Programs(Box<Programs<'s>>),
}

/// The programs that cargo would start.
struct Programs<'s> {
    setup: Setup<'s>,
    verdict: Verdict,
    limit: Option<Vec<String>>,
}

/// Prints it.
pub(super) fn explain(
    run: &Run,
    project: &Project,
    decision: Decision,
    surroundings: &Surroundings,
) -> Result<u8, Error> {
    let mut lines = vec![("way", way(&decision))];
    let scene = Scene::new(run, project, decision, surroundings)?;
    lines.extend(scene.lines());
    for (label, text) in lines {
        term::print(format_args!("{label:>9}: {}\n", Visible(text)))?;
    }
    if let Project::Declared { manifest, plan } = project {
        Names { run, manifest, plan, scene: &scene }.print()?;
    }
    Ok(0)
}

fn way(decision: &Decision) -> String {
    let way = match decision.via {
        Via::Env => "env",
        Via::Runner => "runner",
    };
    format!("{way}, because {}", decision.reason)
}

impl<'s> Scene<'s> {
    fn new(
        run: &'s Run,
        project: &'s Project,
        decision: Decision,
        surroundings: &'s Surroundings,
    ) -> Result<Self, Error> {
        if let Err(error) = run.check(project, &decision) {
            return Ok(Self::Nothing(error.into()));
        }
        let line = decision.child.line();
        Ok(match run.audience(&decision) {
            Audience::Program(package) => Self::Program { package, is_cargo: line.is_some() },
            Audience::Cargo => {
                Self::Cargo { builds: line.is_some_and(|line| matches!(line.work, Work::Registry { .. })) }
            }
            Audience::Programs => {
                let setup = match Setup::new(run, project, decision, surroundings) {
                    Err(error @ Error::Usage(_)) => return Ok(Self::Nothing(error)),
                    setup => setup?,
                };
                match possible(&setup) {
                    Ok(verdict) => Self::Programs(Box::new(Programs { limit: setup.limit()?, setup, verdict })),
                    Err(error) => Self::Nothing(error),
                }
            }
        })
    }

    /// What confines it.
    fn lines(&self) -> Lines {
        let sandbox = match self {
            Self::Nothing(error) => format!("nothing would start: {error}"),
            Self::Program { .. } => {
                format!("none: the program gets its values in its environment ({})", Support::detect())
            }
            Self::Cargo { builds: true } => "none: cargo and the build scripts that it runs are outside".to_owned(),
            Self::Cargo { builds: false } => "none: cargo builds nothing here".to_owned(),
            Self::Programs(programs) => return programs.lines(),
        };
        vec![("sandbox", sandbox)]
    }
}

/// How it would be confined, where it would be started.
fn possible(setup: &Setup<'_>) -> Result<Verdict, Error> {
    setup.exposed()?;
    match setup.verdict()? {
        Verdict::Confined { .. } if !setup.support.can_confine() => {
            Err(SandboxError::Unsupported(setup.support).into())
        }
        verdict => Ok(verdict),
    }
}

impl Programs<'_> {
    fn lines(&self) -> Lines {
        let Self { setup, verdict, .. } = self;
        let kernel = setup.support;
        let build = match verdict {
            Verdict::Confined { writes: false } => format!("cargo and all that compiles is confined ({kernel})"),
            Verdict::Confined { writes: true } => {
                format!("confined, but may change the workspace's sources ({kernel})")
            }
            Verdict::Starter => "none: it may start anything; `--sandbox` puts all of it in".to_owned(),
            Verdict::Off => "none: switched off".to_owned(),
            Verdict::Unsupported => format!("none: the kernel cannot ({kernel})"),
        };
        let mut lines = vec![("sandbox", build), ("programs", self.programs())];
        let inside = &setup.table.inside;
        if setup.starts() && !inside.is_empty() {
            lines.push(("inside", format!("programs of {} stay where cargo is, without values", inside.join(", "))));
        }
        if kernel.can_confine() {
            lines.extend(kernel.shortcomings().into_iter().map(|gap| ("open", gap.to_owned())));
        }
        lines.push(("targets", setup.triples().join(" ")));
        lines
    }

    /// What is kept from the programs.
    fn programs(&self) -> String {
        let keys = "do not see your identity, keys and credentials";
        match self.setup.domain() {
            _ if !self.setup.starts() => "none are started".to_owned(),
            Domain::Never => "see what you see".to_owned(),
            _ if !self.setup.support.can_confine() => {
                format!("see what you see: the kernel cannot hide it ({})", self.setup.support)
            }
            Domain::Tests => format!("tests, benches and doctests {keys}"),
            Domain::Always => keys.to_owned(),
        }
    }

    /// Whether the command is for programs of `package`, outside.
    fn includes(&self, package: &String) -> bool {
        self.limit.as_ref().is_none_or(|limit| limit.contains(package)) && !self.setup.table.inside.contains(package)
    }

    /// Whether cargo may fetch first, with what is for cargo itself.
    fn fetches(&self) -> bool {
        matches!(self.verdict, Verdict::Confined { .. })
    }

    /// Which programs get a variable, and why; `Err` is why none does.
    fn getting(&self, variable: Option<&Variable>) -> Result<(String, &'static str), String> {
        let inside = &self.setup.table.inside;
        if !self.setup.starts() {
            return Err("the command starts no program".to_owned());
        }
        match (variable, variable.and_then(|variable| variable.packages.as_ref())) {
            (Some(Variable { deliver: Deliver::Cargo, .. }), _) => {
                Err("`deliver = \"cargo\"`: for `cargo publish` and the like".to_owned())
            }
            (_, Some(packages)) => {
                let ours: Vec<_> = packages.iter().filter(|name| self.includes(name)).map(String::as_str).collect();
                if ours.is_empty() {
                    return Err(format!("`packages`: {}, of which this command gives nothing", packages.join(", ")));
                }
                Ok((format!("programs of {}", ours.join(", ")), "`packages`"))
            }
            (_, None) => {
                let why = if variable.is_some() { "no `packages`" } else { "it is not declared" };
                let but =
                    if inside.is_empty() { String::new() } else { format!(" but those of {}", inside.join(", ")) };
                Ok((format!("every program{but}"), why))
            }
        }
    }
}

/// The names of an environment, each with who gets it; the files are not decrypted for that.
struct Names<'e> {
    run: &'e Run,
    manifest: &'e Manifest,
    plan: &'e Plan,
    scene: &'e Scene<'e>,
}

impl Names<'_> {
    fn print(&self) -> Result<(), Error> {
        let mut rows: BTreeMap<String, (String, String)> = BTreeMap::new();
        for source in &self.plan.sources {
            for name in SecretFile::read(&source.path)?.delivered_names(source.flatten)? {
                let goes = self.goes(&SecretName::new(&name)?);
                rows.insert(name, goes);
            }
        }
        for (name, variable) in self.manifest.variables() {
            if variable.default.is_some() || variable.value.is_some() {
                rows.insert(name.to_string(), self.goes(name));
            }
        }
        let rows = rows.into_iter().map(|(name, (to, why))| vec![name, to, why]);
        crate::commands::print_table(&["NAME", "GOES TO", "BECAUSE"], rows)
    }

    /// Who gets a name, and why.
    fn goes(&self, name: &SecretName) -> (String, String) {
        match self.getting(name) {
            Err(why) => ("nobody".to_owned(), why),
            Ok((to, why)) if self.deliver(name) == Deliver::File => (to + ", as a file", why + ", declared so"),
            Ok(found) => found,
        }
    }

    fn deliver(&self, name: &SecretName) -> Deliver {
        self.manifest.variable(name).map(|variable| variable.deliver).unwrap_or_default()
    }

    fn getting(&self, name: &SecretName) -> Result<(String, String), String> {
        let text = |to: &str, why: &str| Ok((to.to_owned(), why.to_owned()));
        let variable = self.manifest.variable(name);
        let for_cargo = self.deliver(name) == Deliver::Cargo;
        match self.scene {
            Scene::Nothing(_) => Err("nothing would start".to_owned()),
            // `--only` is not for what is fetched.
            Scene::Programs(programs) if for_cargo && programs.fetches() && !self.is_asked_for(name) => {
                text("`cargo fetch`, where something is missing", "`deliver = \"cargo\"`")
            }
            _ if !self.run.choice().includes(name.as_str()) => Err("--only or --except leaves it out".to_owned()),
            _ if variable.is_none() && self.plan.protected => {
                Err("the environment is protected, and it is not declared".to_owned())
            }
            Scene::Program { package, is_cargo } => program(variable, *package, *is_cargo),
            Scene::Cargo { .. } if !for_cargo => {
                Err("cargo itself gets what says `deliver = \"cargo\"`, and starts no program here".to_owned())
            }
            Scene::Cargo { builds: true } => text("cargo and the build scripts it runs", "`deliver = \"cargo\"`"),
            Scene::Cargo { builds: false } => text("cargo itself", "`deliver = \"cargo\"`"),
            Scene::Programs(programs) => self.built(programs.getting(variable), name),
        }
    }

    /// Adds those who compile, where a name is exposed to them.
    fn built(
        &self,
        programs: Result<(String, &'static str), String>,
        name: &SecretName,
    ) -> Result<(String, String), String> {
        let is_declared = self.deliver(name) == Deliver::Build && !self.plan.protected;
        let exposed = "`deliver = \"build\"` or --expose-to-build";
        match programs {
            Ok((to, why)) if !is_declared && !self.is_asked_for(name) => Ok((to, why.to_owned())),
            Err(why) if !is_declared && !self.is_asked_for(name) => Err(why),
            Ok((to, why)) => Ok((format!("build scripts, macros, {to}"), format!("{exposed}, {why}"))),
            Err(_) => Ok(("build scripts, macros".to_owned(), exposed.to_owned())),
        }
    }

    /// Whether `--expose-to-build` has it.
    fn is_asked_for(&self, name: &SecretName) -> bool {
        self.run.expose_to_build.iter().any(|exposed| exposed == name.as_str())
    }
}

/// A program that we become.
fn program(variable: Option<&Variable>, package: Option<&str>, is_cargo: bool) -> Result<(String, String), String> {
    let packages = variable.and_then(|variable| variable.packages.as_ref());
    if let Some(packages) = packages
        && !variable.is_some_and(|variable| variable.allowed_for(package))
    {
        return Err(format!("`packages`: for programs of {} (`-p`)", packages.join(", ")));
    }
    let to = if is_cargo { "cargo and all that it starts" } else { "the program" };
    let why = match (variable, packages) {
        (None, _) => "it is not declared",
        (_, Some(_)) => "`packages` and `-p`",
        (_, None) => "no `packages`",
    };
    Ok((to.to_owned(), why.to_owned()))
}
