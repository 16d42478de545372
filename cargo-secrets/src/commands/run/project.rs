//! What `run` takes its values from: a Cargo.toml and an environment of it, or files that were named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Run;
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{Deliver, Manifest, Package, Plan, Sandbox, Via};
use crate::process::{self, Audience, Choice, Environment, Request, Resolved, cargo};
use crate::secret::SecretName;

/// Where the values come from.
pub(in crate::commands) enum Project {
    /// An environment that Cargo.toml declares.
    Declared {
        /// What it declares.
        manifest: Box<Manifest>,
        /// The environment.
        plan: Plan,
    },
    /// Files alone.
    Files {
        /// Which.
        files: Vec<PathBuf>,
        /// The cargo project one stands in, if any.
        workspace: Option<PathBuf>,
    },
}

impl Project {
    /// Finds it.
    pub(super) fn open(context: &Context, run: &Run) -> Result<Self, Error> {
        if !run.file.is_empty() {
            let located = context.located().ok();
            let workspace = located.and_then(|located| located.root_manifest().parent().map(Path::to_owned));
            return Ok(Self::Files { files: run.file.clone(), workspace });
        }
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        if let Some(package) = &run.package {
            manifest.package(package)?;
        }
        Ok(Self::Declared { manifest: Box::new(manifest), plan })
    }

    /// What Cargo.toml declares.
    pub(super) fn manifest(&self) -> Option<&Manifest> {
        match self {
            Self::Declared { manifest, .. } => Some(manifest),
            Self::Files { .. } => None,
        }
    }

    /// Whether its values are for the sandbox and declared programs only.
    pub(super) fn is_protected(&self) -> bool {
        matches!(self, Self::Declared { plan, .. } if plan.protected)
    }

    /// The workspace's folder.
    pub(in crate::commands) fn workspace(&self) -> Option<&Path> {
        match self {
            Self::Declared { manifest, .. } => Some(manifest.workspace()),
            Self::Files { workspace, .. } => workspace.as_deref(),
        }
    }

    /// The workspace's packages, as far as Cargo.toml is read.
    pub(super) fn packages(&self) -> Result<&[Package], Error> {
        Ok(self.manifest().map(Manifest::packages).transpose()?.map_or(&[], |packages| packages))
    }

    /// `run` in Cargo.toml.
    pub(super) fn ways(&self) -> &BTreeMap<String, Via> {
        static NONE: BTreeMap<String, Via> = BTreeMap::new();
        self.manifest().map_or(&NONE, Manifest::ways)
    }

    /// `sandbox` in Cargo.toml.
    pub(super) fn sandbox(&self) -> Sandbox {
        self.manifest().map(|manifest| manifest.sandbox().clone()).unwrap_or_default()
    }

    /// Whether any variable is declared to be delivered so.
    pub(super) fn delivers(&self, deliver: Deliver) -> bool {
        self.manifest()
            .is_some_and(|manifest| manifest.variables().values().any(|variable| variable.deliver == deliver))
    }

    /// Brings the values together.
    pub(super) fn resolve(
        &self,
        context: &Context,
        audience: Audience<'_>,
        choice: &Choice,
    ) -> Result<Resolved, Error> {
        let mut keyring = context.keyring();
        let resolved = match self {
            Self::Declared { manifest, plan } => {
                process::resolve(&Request { manifest, plan, audience, choice }, &mut keyring)
            }
            Self::Files { files, .. } => process::files(files, choice, &mut keyring),
        };
        context.report(&mut keyring);
        Ok(resolved?)
    }

    /// Marks what a program is given, where plain cargo below it would start us, to give it more.
    pub(in crate::commands) fn mark(&self, context: &Context, environment: Environment) -> Environment {
        let has_runner = context.cargo_home().is_some_and(|home| cargo::is_users(&home));
        environment.delivered(self.workspace().filter(|_| has_runner))
    }

    /// Says in a line each what was kept back, and what a protected environment does not demand yet.
    pub(in crate::commands) fn remark(&self, context: &Context, resolved: &Resolved) {
        let Self::Declared { manifest, plan } = self else { return };
        let shell = context.shell;
        if plan.protected {
            shell.note(format_args!(
                "`{}` is protected: declared names only, no inherited values; it will also demand a signature, which \
                 this version does not check",
                plan.environment
            ));
        }
        if !resolved.undeclared.is_empty() {
            shell.warn(format_args!("not declared in Cargo.toml, so not delivered: {}", join(&resolved.undeclared)));
        }
        if !resolved.restricted.is_empty() {
            let package = manifest.current_package().unwrap_or("NAME");
            let names = join(&resolved.restricted);
            shell.note(format_args!("for single packages only (`-p {package}`), not delivered: {names}"));
        }
        if !resolved.incomplete.is_empty() {
            shell.warn(format_args!("a part has no value, so not composed: {}", join(&resolved.incomplete)));
        }
        for source in &plan.sources {
            shell.verbose(format_args!("source {} ({})", source.path.display(), source.environment));
        }
        shell.verbose(format_args!("{} names from environment `{}`", resolved.set.iter().count(), plan.environment));
    }
}

fn join(names: &[SecretName]) -> String {
    names.iter().map(SecretName::as_str).collect::<Vec<_>>().join(", ")
}
