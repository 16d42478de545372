//! One run through the runner: cargo's environment, the supervisor, and what the parent knows of the programs.
//!
//! **cargo's environment holds no value and no identity**, but for the names that are declared to go there.

use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use super::cargo::runner_variable;
use super::deliver::{Command, USUAL_PATH};
use super::enter::{self, Domains};
use super::environment::{Environment, Inherit, as_bytes, is_inherited};
use super::error::ExecError;
use super::platform::{Image, SpawnError};
use super::program;
use super::runner::{self, Door, Exposed, Known, Launch, Outcome, Parent, Programs, Supervisor, Vault, Word};
use super::sandbox::Calls;
use super::trace::{self, Traced};

/// What cargo is started with.
pub(crate) struct Session<'s> {
    /// The command.
    pub(crate) command: &'s Command,
    /// What of our environment cargo gets.
    pub(crate) inherit: Inherit,
    /// The targets to set a runner for.
    pub(crate) triples: Vec<String>,
    /// The build domain, with a folder for temporary files.
    pub(crate) confinement: Option<Confinement>,
    /// A compiler cache whose server is out of reach in the build domain: cargo does without.
    pub(crate) cache: Option<String>,
}

/// Where cargo is confined.
pub(crate) struct Confinement {
    /// What is entered.
    pub(crate) domains: Domains,
    /// The one folder for temporary files.
    pub(crate) temporary: PathBuf,
}

/// A session whose supervisor waits for the values.
pub(crate) struct Started {
    supervisor: Supervisor,
    restored: Vec<(OsString, Option<OsString>)>,
    inherit: Inherit,
    file: PathBuf,
}

impl Session<'_> {
    /// Starts the supervisor. Comes before anything is decrypted: what is started later would be a copy of us.
    pub(crate) fn start(&self) -> Result<Started, ExecError> {
        let failed = |source: io::Error| ExecError::Setup { source };
        let door = Door::new().map_err(failed)?;
        let word = Word::new(self.command.name() == "cargo").map_err(failed)?;
        let changed = self.changed(&door, &word);
        let (file, environment) = self.found(&changed)?;
        let domains = self.confinement.as_ref().map(|confinement| &confinement.domains);
        let launch =
            Launch { file: &file, command: self.command, environment: &environment, domains, open: &word.open };
        let supervisor = Supervisor::start(door, &launch).map_err(failed)?;
        let restored = changed.into_iter().map(|(name, _)| {
            let value = std::env::var_os(&name);
            (name, value)
        });
        let loader = std::env::vars_os().filter(|(name, _)| runner::is_loader(name.as_encoded_bytes()));
        let restored = restored.chain(loader.map(|(name, value)| (name, Some(value)))).collect();
        Ok(Started { supervisor, restored, inherit: self.inherit, file })
    }

    /// Runs the command once more in the same domain, without values and with every system call watched, to tell what is
    /// refused; `limit` ends it, and `quiet` throws away what it prints.
    pub(crate) fn trace(&self, limit: Option<Duration>, quiet: bool) -> Result<Traced, ExecError> {
        let failed = |source: io::Error| ExecError::Setup { source };
        let Some(confinement) = &self.confinement else { return Err(failed(io::ErrorKind::Unsupported.into())) };
        let (file, environment) = self.found(&self.confined_variables())?;
        let calls = Calls::new(confinement.domains.network).map_err(|error| failed(io::Error::other(error)))?;
        let words = self.command.words()?;
        let program = CString::new(file.as_os_str().as_bytes()).map_err(|_| ExecError::Interior)?;
        let (block, starts) = environment.as_block();
        let image = Image { program: &program, arguments: &words, environment: block, starts };
        let nowhere = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty());
        let nowhere = nowhere.map_err(|error| failed(error.into()))?;
        let traced = trace::run(image, limit, || {
            if quiet {
                rustix::stdio::dup2_stdin(&nowhere)?;
                rustix::stdio::dup2_stdout(&nowhere)?;
                rustix::stdio::dup2_stderr(&nowhere)?;
            }
            runner::close_others()?;
            enter::build(confinement.domains.build.as_fd(), &calls)
        });
        traced.map_err(|error| match error {
            SpawnError::Before(source) => failed(source),
            SpawnError::Exec(source) => ExecError::NotExecutable { program: file, source: Some(source) },
        })
    }

    /// The program's file, and our environment with `changed` in it.
    fn found(&self, changed: &[(OsString, OsString)]) -> Result<(PathBuf, Environment), ExecError> {
        let own: Vec<_> =
            std::env::vars_os().filter(|(name, _)| is_inherited(name.as_encoded_bytes(), self.inherit)).collect();
        let path = own.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone());
        let file = program::find(&self.command.program, &path.unwrap_or_else(|| USUAL_PATH.into()))?;
        let is_changed = |name: &OsString| changed.iter().any(|(ours, _)| ours == name);
        let own = own.iter().filter(|(name, _)| !is_changed(name)).chain(changed);
        Ok((file, Environment::assemble(&as_bytes(own), &[], Inherit::All)))
    }

    /// What is changed for a command in the build domain.
    fn confined_variables(&self) -> Vec<(OsString, OsString)> {
        let Some(confinement) = &self.confinement else { return Vec::new() };
        // Everything was fetched before.
        let mut changed =
            vec![("TMPDIR".into(), confinement.temporary.clone().into()), ("CARGO_NET_OFFLINE".into(), "true".into())];
        if self.cache.is_some() {
            // Empty, it also overrules cargo's settings.
            changed.push(("RUSTC_WRAPPER".into(), OsString::new()));
        }
        changed
    }

    /// The variables that cargo gets in place of ours.
    fn changed(&self, door: &Door, word: &Word) -> Vec<(OsString, OsString)> {
        let mut changed = vec![(runner::PARENT_VARIABLE.into(), door.number().to_string().into())];
        for triple in &self.triples {
            let mut value = word.text.clone();
            value.push(format!(" --target={triple}"));
            changed.push((runner_variable(triple).into(), value));
        }
        changed.extend(self.confined_variables());
        changed
    }
}

impl Started {
    /// Hands the values over and serves the runners until all is over. `exposed` is what cargo itself gets.
    pub(crate) fn serve(self, known: Known, vault: Vault, exposed: &Exposed<'_>) -> Result<Outcome, ExecError> {
        let programs = Programs { known, vault, restored: self.restored, inherit: self.inherit };
        let parent = Parent::new(programs, self.supervisor).map_err(|source| ExecError::Setup { source })?;
        parent.run(exposed).map_err(|source| match source.kind() {
            // The file was found before: what is missing is what its first line, or its loader, names.
            io::ErrorKind::NotFound => ExecError::Interpreter { program: self.file },
            _ => ExecError::NotExecutable { program: self.file, source: Some(source) },
        })
    }
}
