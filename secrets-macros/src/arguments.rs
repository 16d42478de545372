//! The arguments of `forbid_hardcoded!`: levels of rules, and further files.
//!
//! **A name that is no rule is an error**: a rule that was renamed must not be forbidden, or allowed, in silence.

use proc_macro::{Delimiter, Span, TokenStream};
use secrets_detect::{Basis, Level};

use crate::nearest::nearest;
use crate::tokens::{Cursor, Mistake};

/// A declared secret would be written into the program.
pub(crate) const ENV_BAKES_SECRET: &str = "env-bakes-secret";
/// A declared secret file would be written into the program.
pub(crate) const INCLUDES_SECRET_FILE: &str = "includes-secret-file";
/// A private key would be written into the program.
pub(crate) const INCLUDES_PRIVATE_KEY: &str = "includes-private-key";

/// Words that stand for many rules.
const GROUPS: [(&str, Basis); 3] = [("formats", Basis::Format), ("urls", Basis::Url), ("names", Basis::Name)];

/// What the arguments say.
#[derive(Default)]
pub(crate) struct Arguments {
    levels: Vec<(String, Level)>,
    /// Files and folders to look through beside the crate's own, with their literals.
    pub(crate) paths: Vec<(String, Span)>,
}

impl Arguments {
    /// Reads `deny = ["rule", …], warn = […], allow = […], paths = […]`.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self, Mistake> {
        let mut arguments = Self::default();
        let mut cursor = Cursor::new(tokens, Span::call_site());
        while !cursor.is_empty() {
            let span = cursor.span();
            let key = cursor.take_ident().map(|ident| ident.to_string()).unwrap_or_default();
            let level = match key.as_str() {
                "deny" => Some(Level::Deny),
                "warn" => Some(Level::Warn),
                "allow" => Some(Level::Allow),
                "paths" => None,
                _ => return Err(Mistake::new("expected `deny`, `warn`, `allow` or `paths`", span)),
            };
            if !cursor.take_punct('=') {
                return Err(Mistake::new("expected `= [\"…\"]`", cursor.span()));
            }
            for (text, span) in strings(&mut cursor)? {
                match level {
                    Some(level) => {
                        check_rule(&text, span)?;
                        arguments.levels.push((text, level));
                    }
                    None => arguments.paths.push((text, span)),
                }
            }
            if !cursor.is_empty() && !cursor.take_punct(',') {
                return Err(Mistake::new("expected `,`", cursor.span()));
            }
        }
        Ok(arguments)
    }

    /// What is done about a finding of `rule`: the last word on the rule itself, else on its group, else the usual.
    pub(crate) fn level(&self, rule: &str, basis: Basis) -> Level {
        let group = GROUPS.iter().find(|(_, member)| *member == basis).map_or("", |(group, _)| group);
        let mut level = basis.level();
        for name in [group, rule] {
            for (named, wanted) in &self.levels {
                if named == name {
                    level = *wanted;
                }
            }
        }
        level
    }
}

/// Reads one string literal or a list of them.
fn strings(cursor: &mut Cursor) -> Result<Vec<(String, Span)>, Mistake> {
    let mut strings = Vec::new();
    if let Some((text, literal)) = cursor.take_string() {
        strings.push((text, literal.span()));
        return Ok(strings);
    }
    let Some(list) = cursor.take_group(Delimiter::Bracket) else {
        return Err(Mistake::new("expected a list of string literals, `[\"…\"]`", cursor.span()));
    };
    let mut inner = Cursor::new(list.stream(), list.span_close());
    while !inner.is_empty() {
        let Some((text, literal)) = inner.take_string() else {
            return Err(Mistake::new("expected a string literal", inner.span()));
        };
        strings.push((text, literal.span()));
        if !inner.is_empty() && !inner.take_punct(',') {
            return Err(Mistake::new("expected `,`", inner.span()));
        }
    }
    Ok(strings)
}

/// Refuses what is neither a rule nor a group.
fn check_rule(name: &str, span: Span) -> Result<(), Mistake> {
    let mut known = vec![ENV_BAKES_SECRET, INCLUDES_SECRET_FILE, INCLUDES_PRIVATE_KEY];
    for (group, _) in GROUPS {
        known.push(group);
    }
    for rule in secrets_detect::rules() {
        known.push(rule.id);
    }
    if known.contains(&name) {
        return Ok(());
    }
    let mut message = ["there is no rule `", &crate::diagnostic::shown(name), "`"].concat();
    match nearest(name, &known) {
        Some(near) => message.push_str(&["; did you mean `", near, "`?"].concat()),
        None => message.push_str(": `cargo secrets lint --help` tells how to list them"),
    }
    Err(Mistake { message, span })
}
