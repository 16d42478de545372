//! What is said of what the build domain refused: how the user allows it.

use std::ffi::OsString;

use crate::context::Context;
use crate::manifest::{Opening, UserSettings};
use crate::process::Command;
use crate::process::trace::Advice;
use crate::secret::quoted;

/// How many refusals are told one by one.
const TOLD: usize = 20;

/// A longer command is not repeated.
const LONGEST: usize = 200;

/// Says what was refused, and which lines allow it.
pub(super) fn say(context: &Context, advice: &Advice) {
    for refused in advice.refused.iter().take(TOLD) {
        context.shell.note(format_args!("the sandbox refused: {refused}"));
    }
    if advice.refused.len() > TOLD {
        context.shell.note(format_args!("and {} more", advice.refused.len() - TOLD));
    }
    say_lines(context, &advice.opening);
    let config = context.identities.config.as_deref();
    let there = UserSettings::load(config).unwrap_or_default().unhide;
    if let Some(line) = advice.for_user(&there) {
        let replaced = if there.is_empty() { "" } else { ", in place of the entry there" };
        context.shell.note(format_args!(
            "what is hidden is opened by you alone, and to all that compiles, in {}{replaced}:\n{line}",
            UserSettings::path(config).display()
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

/// Says how to find out what was refused, where a build failed that is not repeated here.
pub(super) fn say_how(context: &Context, command: &Command) {
    let words: Vec<_> = std::iter::once(&command.program).chain(&command.arguments).map(word).collect();
    let words = Some(words.join(" ")).filter(|words| words.len() <= LONGEST).unwrap_or_else(|| "…".to_owned());
    context.shell.note(format_args!(
        "if it failed by something that the sandbox refused, `cargo secrets sandbox --trace -- {words}` tells what"
    ));
}

/// As it is pasted into a shell.
fn word(word: &OsString) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%".contains(c);
    match word.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(is_plain) => text.to_owned(),
        _ => quoted(word),
    }
}
