//! What `run` says of a run, a line each: where nothing is confined, who gets more than is seen, what may puzzle.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::project::Project;
use super::setup::{Setup, Verdict};
use crate::context::Context;
use crate::error::Error;
use crate::manifest::{Deliver, UserSettings};
use crate::process::Command;
use crate::process::cargo::Selection;
use crate::process::runner::{Exposed, Outcome, Vault};
use crate::process::sandbox::{ProgramDomain, Support};
use crate::process::trace::unhiding;
use crate::secret::{SecretName, SecretSet};
use crate::usage::Usage;

/// The usual name of a package of tasks, which calls cargo again (github.com/matklad/cargo-xtask).
const TASK: &str = "xtask";

/// Says in a line each who does not get what, or gets more than is seen.
pub(super) fn say_handed_on(context: &Context, setup: &Setup<'_>, verdict: Verdict) {
    let Some(line) = setup.line() else {
        if setup.project.delivers(Deliver::Cargo) {
            context.shell.note("what is for cargo itself is not given to what may start it");
        }
        return;
    };
    let is_task = matches!(&line.selection, Selection::Named(names) if names.iter().any(|name| name == TASK));
    let stays = setup.table.inside.iter().any(|name| name == TASK);
    if is_task && !stays && matches!(verdict, Verdict::Confined { .. }) && setup.starts() {
        context.shell.note(format_args!(
            "`{TASK}` runs outside the sandbox, and all that it starts sees its values, also a cargo's build scripts \
             (`sandbox.inside = [\"{TASK}\"]` in Cargo.toml keeps it inside, without values)"
        ));
    }
}

/// Says in one line where builds are not confined, and why.
pub(super) fn say_verdict(context: &Context, command: &Command, verdict: Verdict, support: Support) {
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
pub(super) fn say_exposed(
    context: &Context,
    project: &Project,
    vault: &Vault,
    exposed: &Exposed<'_>,
) -> Result<(), Error> {
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
pub(super) fn say_outcome(context: &Context, setup: &Setup<'_>, outcome: &Outcome, domain: Option<&ProgramDomain>) {
    if outcome.interrupted {
        return;
    }
    if outcome.killed > 0 {
        context.shell.note(format_args!("{} that the build left behind ended with it", processes(outcome.killed)));
    }
    if let Some(domain) = domain.filter(|_| outcome.failed_confined > 0) {
        say_hidden(context, setup, domain);
    }
}

/// Says what a program may have failed by. To show it where identities stand is not proposed.
fn say_hidden(context: &Context, setup: &Setup<'_>, domain: &ProgramDomain) {
    let hidden = domain.hidden();
    if let Some(one) = domain.proposed(&setup.surroundings.identities) {
        let line = unhiding(&setup.user.unhide, [one]);
        context.shell.note(format_args!(
            "programs did not see {}; to show them one: `{line}` in {}",
            listed(&hidden),
            UserSettings::path(setup.surroundings.config.as_deref()).display()
        ));
    } else if !hidden.is_empty() {
        context.shell.note(format_args!("programs did not see {}", listed(&hidden)));
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

/// How many processes, in words.
pub(in crate::commands) fn processes(count: u32) -> String {
    if count == 1 { "a process".to_owned() } else { format!("{count} processes") }
}
