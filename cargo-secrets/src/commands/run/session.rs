//! `run` through cargo's target runner: the domains, the supervisor, the values, and what is said of it.

use std::path::PathBuf;

use super::Run;
use super::project::Project;
use crate::context::Context;
use crate::error::{Error, Usage};
use crate::manifest::{Deliver, Manifest, Mode, Sandbox, User};
use crate::process::cargo::{CargoConfig, CargoLine, Fetch, Runs, Work, triples};
use crate::process::confine::{self, Confined, Site};
use crate::process::runner::{Domain, Exposed, Outcome, Vault};
use crate::process::sandbox::Support;
use crate::process::way::{Child, Decision};
use crate::process::{Audience, Command, Confinement, Known, Session, Surroundings};
use crate::secret::{SecretName, SecretSet};

/// Whether what is started is confined, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confinement_ {
    /// In the build domain.
    Confined,
    /// It may start anything.
    Starter,
    /// It was asked for.
    Off,
    /// The kernel cannot.
    Unsupported,
}

/// A run that is being set up.
pub(super) struct Setup<'s> {
    context: &'s Context,
    run: &'s Run,
    project: &'s Project,
    surroundings: &'s Surroundings,
    line: Option<&'s CargoLine>,
    root: PathBuf,
    table: Sandbox,
    user: User,
    support: Support,
    config: CargoConfig,
}
