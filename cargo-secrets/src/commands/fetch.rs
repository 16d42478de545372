//! `cargo fetch` before a build is confined, as `run` and `sandbox` do it.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::process;

use crate::context::Context;
use crate::process::Command;
use crate::process::cargo::Fetch;

/// Has `starter` (cargo, or what gives cargo a token first) bring what is missing for `command`; tells whether there is
/// something new to mark. Where cargo said why nothing can be built, a break tells its exit code.
pub(super) fn first(
    context: &Context,
    fetch: &Fetch<'_>,
    command: &Command,
    mut starter: process::Command,
) -> ControlFlow<u8, bool> {
    if !fetch.is_needed() {
        return ControlFlow::Continue(false);
    }
    context.shell.verbose("`cargo fetch`, before the build is confined");
    // A cargo that cannot be started is told by what starts it next.
    let Ok(status) = fetch.run(starter.args(fetch.words())) else { return ControlFlow::Continue(false) };
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    if let Some(code) = code.filter(|code| *code != 0 && !fetch.resolves(&cargo(command))) {
        return ControlFlow::Break(code);
    }
    if !status.success() {
        context.shell.warn(
            "`cargo fetch` failed: the build goes on with what is here, and without the network; where cargo blames \
             `--offline`, that is meant",
        );
    }
    ControlFlow::Continue(status.success())
}

/// The cargo that `command` names, or the usual one.
pub(super) fn cargo(command: &Command) -> OsString {
    if command.name() == "cargo" { command.program.clone() } else { "cargo".into() }
}
