//! What is said of what the build domain refused: how the user allows it.

use crate::context::Context;
use crate::manifest::UserSettings;
use crate::process::trace::Advice;

/// How many refusals are told one by one.
const TOLD: usize = 20;

/// Says what was refused, and which lines allow it.
pub(super) fn say(context: &Context, advice: &Advice) {
    for refused in advice.refused.iter().take(TOLD) {
        context.shell.note(format_args!("the sandbox refused: {refused}"));
    }
    if advice.refused.len() > TOLD {
        context.shell.note(format_args!("and {} more", advice.refused.len() - TOLD));
    }
    if let Some(lines) = advice.for_manifest() {
        context.shell.note(format_args!("in Cargo.toml, under the secrets table, this allows it:\n{lines}"));
    }
    if let Some(line) = advice.for_user() {
        let settings = UserSettings::path(context.identities.config.as_deref());
        context.shell.note(format_args!(
            "what is hidden is opened by you alone, and to all that compiles, in {}:\n{line}",
            settings.display()
        ));
    }
}
