//! What is said of what the build domain refused: how the user allows it.

use crate::context::Context;
use crate::manifest::{Opening, UserSettings};
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
    say_lines(context, &advice.opening);
    if let Some(line) = advice.for_user() {
        let settings = UserSettings::path(context.identities.config.as_deref());
        context.shell.note(format_args!(
            "what is hidden is opened by you alone, and to all that compiles, in {}:\n{line}",
            settings.display()
        ));
    }
}

/// Says what to write into Cargo.toml, and what goes in its place.
fn say_lines(context: &Context, opening: &Opening) {
    let Ok(located) = context.located() else { return };
    let (text, table) = located.declaration();
    let Some(lines) = opening.lines(text, table) else { return };
    let place = if lines.is_new { "a new heading".to_owned() } else { format!("`{}`", lines.heading) };
    let heading = if lines.is_new { format!("{}\n", lines.heading) } else { String::new() };
    let replaced: Vec<_> = lines.replaced.iter().map(|key| format!("`{key}`")).collect();
    let replaced = Some(replaced.join(" and ")).filter(|keys| !keys.is_empty());
    let replaced = replaced.map(|keys| format!(" in place of {keys} there")).unwrap_or_default();
    context
        .shell
        .note(format_args!("in Cargo.toml, under {place}, this allows it{replaced}:\n{heading}{}", lines.text));
}
