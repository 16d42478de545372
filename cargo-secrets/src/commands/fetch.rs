//! `cargo fetch` before a build is confined, as `run` and `sandbox` do it.

use std::ffi::OsString;
use std::process;

use crate::context::Context;
use crate::process::Command;
use crate::process::cargo::Fetch;

/// Has `starter` (cargo, or what gives cargo a token first) bring what is missing; tells whether there is something new to
/// mark.
pub(super) fn first(context: &Context, fetch: &Fetch<'_>, mut starter: process::Command) -> bool {
    if !fetch.is_needed() {
        return false;
    }
    context.shell.verbose("`cargo fetch`, before the build is confined");
    // A cargo that cannot be started is told by what starts it next.
    let fetched = fetch.run(starter.args(fetch.words())).unwrap_or(false);
    if !fetched {
        context.shell.warn(
            "`cargo fetch` failed: the build goes on with what is here, and without the network; where cargo blames \
             `--offline`, that is meant",
        );
    }
    fetched
}

/// The cargo that `command` names, or the usual one.
pub(super) fn cargo(command: &Command) -> OsString {
    if command.name() == "cargo" { command.program.clone() } else { "cargo".into() }
}
