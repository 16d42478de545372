//! `run --watch`: the program started again when the values that it got are no longer those of the files.
//!
//! **This process never decrypts**: each start, and each look at changed files, is a copy of it that does, and tells a
//! fingerprint of the values. A file that cannot be read leaves the running program alone.

use std::io::Read as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;

use rustix::fs::OFlags;
use rustix::pipe::PipeFlags;
use rustix::process::Signal;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use super::Run;
use super::project::Project;
use crate::context::Context;
use crate::error::{self, Error};
use crate::manifest::Manifest;
use crate::process::attend::{Attended, Event, Reach, adopt_leftovers, aside};
use crate::process::changes::Changes;
use crate::process::runner::Ended;
use crate::process::{Command, Resolved, mirror};
use crate::secret::SecretValue;
use crate::term;

/// The values that a program gets, as a hash that is kept in memory only.
type Fingerprint = [u8; 32];

/// Where a copy tells the fingerprint of what it resolved.
#[derive(Debug)]
pub(super) struct Report(OwnedFd);

impl Report {
    /// Tells it.
    pub(super) fn tell(&self, resolved: &Resolved, manifest: Option<&Manifest>) {
        // Whoever watches has gone: nobody needs it.
        let _ = rustix::io::write(&self.0, &fingerprint(resolved, manifest));
    }
}

fn fingerprint(resolved: &Resolved, manifest: Option<&Manifest>) -> Fingerprint {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update(u64::try_from(bytes.len()).unwrap_or_default().to_ne_bytes());
        hash.update(bytes);
    };
    for name in resolved.set.names() {
        let Some(sourced) = resolved.set.get(name.as_str()) else { continue };
        add(name.as_str().as_bytes());
        add(bytes(&sourced.value));
        let declared = manifest.and_then(|manifest| manifest.variable(name));
        let declared = declared.map(|variable| (variable.deliver, &variable.packages));
        add(format!("{declared:?}").as_bytes());
    }
    hash.finalize().into()
}

#[expect(clippy::disallowed_methods, reason = "hashed; the hash stays in memory")]
fn bytes(value: &SecretValue) -> &[u8] {
    value.expose_secret().as_bytes()
}

/// A program that was started, and what it got.
struct Started {
    program: Attended,
    report: OwnedFd,
    got: Option<Fingerprint>,
}

/// What to do after something happened.
enum Next {
    /// Nothing.
    Wait,
    /// Start it again.
    Again,
    /// End with this exit code.
    End(u8),
}

/// Starts the program, and starts it again whenever its values changed, until we are told to end.
pub(super) fn run(context: &Context, run: &mut Run, command: &Command) -> Result<u8, Error> {
    adopt_leftovers()?;
    let mut changes = Changes::new()?;
    watch(context, run, &mut changes)?;
    let mut started = start(context, run, command)?;
    let mut ended = None;
    loop {
        let event = match ended {
            None => started.program.wait(Some(changes.as_fd()), None)?,
            Some(_) => started.program.wait_for(changes.as_fd())?,
        };
        let next = match event {
            Event::Ended(how) => {
                started.read();
                ended = Some(how);
                over(context, &started, how)
            }
            Event::Told(signal, reach) => Next::End(end(&mut started, ended, signal, reach)?),
            Event::Ready if changes.settle()? => look(context, run, command, &mut changes, &mut started)?,
            Event::Ready | Event::Late => Next::Wait,
        };
        match next {
            Next::Wait => {}
            Next::End(code) => return Ok(code),
            Next::Again => {
                if ended.is_none() {
                    started.program.end(Signal::TERM)?;
                }
                // Its signals are given back before another takes them.
                drop(started);
                context.shell.status("Restarting", "the values changed");
                started = start(context, run, command)?;
                ended = None;
            }
        }
    }
}

/// Starts a copy of us that runs the program as `run` does without `--watch`.
fn start(context: &Context, run: &mut Run, command: &Command) -> Result<Started, Error> {
    let (report, teller) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(std::io::Error::from)?;
    let flags = rustix::fs::fcntl_getfl(&report).map_err(std::io::Error::from)?;
    rustix::fs::fcntl_setfl(&report, flags | OFlags::NONBLOCK).map_err(std::io::Error::from)?;
    run.report = Some(Report(teller));
    let once = || run.once(context, command);
    let program = Attended::fork(|| code(once()))?;
    run.report = None;
    Ok(Started { program, report, got: None })
}

/// The exit code of a copy, its error said.
fn code(result: Result<u8, Error>) -> u8 {
    result.unwrap_or_else(|error| {
        term::error(&error, error.help().as_deref());
        match error {
            Error::Exec(error) => error.exit_code(),
            _ => error::RUN_FAILED,
        }
    })
}

impl Started {
    /// What the program got, if that is known by now.
    fn read(&mut self) -> Option<Fingerprint> {
        let mut told = [0; 32];
        if let Ok(32) = rustix::io::read(&self.report, &mut told) {
            self.got = Some(told);
        }
        self.got
    }
}

/// The program ended by itself: it is started again when the values change. What never started is not waited for.
fn over(context: &Context, started: &Started, how: Ended) -> Next {
    if started.got.is_none() {
        return Next::End(how.mirror());
    }
    let how = match how {
        Ended::Exited(code) => format!("exit code {code}"),
        Ended::Signaled(signal) => format!("signal {signal}"),
    };
    context.shell.note(format_args!("the program ended ({how}); it is started again when its values change"));
    Next::Wait
}

/// We are told to end, and so is the program, as the terminal did already where it was the terminal.
fn end(started: &mut Started, ended: Option<Ended>, signal: Signal, reach: Reach) -> Result<u8, Error> {
    if ended.is_some() {
        return Ok(mirror(signal));
    }
    let how = match reach {
        Reach::Us => started.program.end(signal)?,
        Reach::Group => started.program.finish()?,
    };
    Ok(how.mirror())
}

/// Files changed: whether the values did.
fn look(
    context: &Context,
    run: &mut Run,
    command: &Command,
    changes: &mut Changes,
    started: &mut Started,
) -> Result<Next, Error> {
    let seen = probe(context, run, command)?;
    if seen.is_some() {
        // Sources and their folders may be others now.
        watch(context, run, changes)?;
    }
    Ok(match seen {
        None => {
            context.shell.note("the running program is left as it is");
            Next::Wait
        }
        Some(seen) if started.read() == Some(seen) => {
            context.shell.verbose("files changed, the values did not");
            Next::Wait
        }
        Some(_) => Next::Again,
    })
}

/// What the program would get now, by a copy of us; `None` where that cannot be told, which the copy has said.
fn probe(context: &Context, run: &mut Run, command: &Command) -> Result<Option<Fingerprint>, Error> {
    let (reader, teller) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(std::io::Error::from)?;
    run.report = Some(Report(teller));
    let resolve = || run.resolve_only(context, command).map(|()| 0);
    let copy = aside(|| code(resolve()));
    run.report = None;
    let copy = copy?;
    let mut told = Vec::new();
    std::fs::File::from(reader).read_to_end(&mut told)?;
    copy.wait();
    Ok(told.try_into().ok())
}

/// Watches the files that the values come from. What cannot be found is told when the program starts.
fn watch(context: &Context, run: &Run, changes: &mut Changes) -> Result<(), Error> {
    let Ok(project) = Project::open(context, run) else { return Ok(()) };
    let (manifests, sources): (Vec<PathBuf>, Vec<PathBuf>) = match &project {
        Project::Files { files, .. } => (Vec::new(), files.clone()),
        Project::Declared { manifest, plan } => {
            let root = manifest.workspace().join("Cargo.toml");
            let declaring = manifest.tables().map(|(path, _)| path.to_owned());
            (declaring.chain([root]).collect(), plan.sources.iter().map(|source| source.path.clone()).collect())
        }
    };
    Ok(changes.watch(&manifests, &sources)?)
}
