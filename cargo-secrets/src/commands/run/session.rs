//! `run` through cargo's target runner, from its setup to its end.

use std::ops::ControlFlow;
use std::time::{Duration, SystemTime};

use super::project::Project;
use super::setup::{Setup, Verdict};
use super::{Run, notes};
use crate::commands::{note_cache, refused, warn_of_tokens};
use crate::context::Context;
use crate::error::Error;
use crate::process::cargo::CargoLine;
use crate::process::confine::Confined;
use crate::process::runner::{Ended, Vault};
use crate::process::sandbox::Policy;
use crate::process::trace::{self, Advice};
use crate::process::way::Decision;
use crate::process::{Audience, Command, Confinement, Session, Surroundings};

/// How long the search for what was refused may take.
const SEARCH: Duration = Duration::from_secs(60);

/// cargo's exit code where something does not compile.
const COMPILE_FAILED: u8 = 101;

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
    notes::say_verdict(context, command, verdict, setup.support);
    notes::say_handed_on(context, &setup, verdict);
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
    notes::say_exposed(context, project, &vault, &exposed)?;
    notes::say_on_disk(context, vault.files().find_map(|(_, folder)| folder));
    if !vault.is_locked() {
        context.shell.verbose("the values could not be locked into memory (`ulimit -l`): they can reach swap");
    }
    let outcome = started.serve(known, vault, &exposed)?;
    notes::say_outcome(context, &setup, &outcome, program_domain.as_ref());
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
