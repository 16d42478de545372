//! The arguments of `forbid_hardcoded!`: levels of rules, and further files.
//!
//! **A name that is no rule is an error**: a rule that was renamed must not be forbidden, or allowed, in silence.

use proc_macro::{Delimiter, Span, TokenStream};
use secrets_detect::{Basis, ENV_BAKES_SECRET, INCLUDES_PRIVATE_KEY, INCLUDES_SECRET_FILE, Level};

use crate::diagnostic::shown;
use crate::nearest::Nearest;
use crate::text::{contains, join};
use crate::tokens::{Cursor, Mistake};

/// Our own rules, and words that stand for all rules of a basis.
const WORDS: &[&str] = &[ENV_BAKES_SECRET, INCLUDES_SECRET_FILE, INCLUDES_PRIVATE_KEY, "formats", "urls", "names"];

/// What the arguments say.
#[derive(Default)]
pub(crate) struct Arguments {
    deny: Vec<String>,
    warn: Vec<String>,
    allow: Vec<String>,
    /// Files and folders to look through beside the crate's own.
    pub(crate) paths: Vec<String>,
    spans: Vec<Span>,
}

impl Arguments {
    /// Reads `deny = ["rule", …], warn = […], allow = […], paths = […]`.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self, Mistake> {
        let mut arguments = Self::default();
        let mut cursor = Cursor::new(tokens, Span::call_site());
        while !cursor.is_empty() {
            let span = cursor.span();
            let Some(key) = cursor.take_word() else { return Err(Mistake::new(EXPECTED, span)) };
            let list = match key.as_str() {
                "deny" => &mut arguments.deny,
                "warn" => &mut arguments.warn,
                "allow" => &mut arguments.allow,
                "paths" => &mut arguments.paths,
                _ => return Err(Mistake::new(EXPECTED, span)),
            };
            if !cursor.take_punct('=') {
                return Err(Mistake::new("expected `= [\"…\"]`", cursor.span()));
            }
            let spans = if key == "paths" { Some(&mut arguments.spans) } else { None };
            strings(&mut cursor, list, spans)?;
            cursor.comma()?;
        }
        Ok(arguments)
    }

    /// What is done about a finding of `rule`: what is said of the rule itself, else of its basis, else the usual. The
    /// stricter word counts.
    pub(crate) fn level(&self, rule: &str, basis: Basis) -> Level {
        let word = match basis {
            Basis::Format => "formats",
            Basis::Url => "urls",
            Basis::Name => "names",
            Basis::Allow => "",
        };
        match self.named(rule).or(self.named(word)) {
            Some(level) => level,
            None => basis.level(),
        }
    }

    fn named(&self, name: &str) -> Option<Level> {
        if contains(&self.deny, name) {
            return Some(Level::Deny);
        }
        if contains(&self.warn, name) {
            return Some(Level::Warn);
        }
        if contains(&self.allow, name) { Some(Level::Allow) } else { None }
    }

    /// Where a path was named.
    pub(crate) fn span_of_path(&self, index: usize) -> Span {
        match self.spans.get(index) {
            Some(&span) => span,
            None => Span::call_site(),
        }
    }
}

const EXPECTED: &str = "expected `deny`, `warn`, `allow` or `paths`";

/// Reads one string literal or a list of them: paths if there is a list for their `spans`, else rules.
fn strings(cursor: &mut Cursor, list: &mut Vec<String>, mut spans: Option<&mut Vec<Span>>) -> Result<(), Mistake> {
    let mut inner = match cursor.take_group(Delimiter::Bracket) {
        Some(group) => Cursor::new(group.stream(), group.span_close()),
        None => cursor.only_next(),
    };
    while !inner.is_empty() {
        let span = inner.span();
        let Some(text) = inner.take_string() else {
            return Err(Mistake::new("expected a string literal", span));
        };
        match &mut spans {
            Some(spans) => spans.push(span),
            None => check_rule(&text, span)?,
        }
        list.push(text);
        inner.comma()?;
    }
    Ok(())
}

/// Refuses what is neither a rule nor a word for many.
fn check_rule(name: &str, span: Span) -> Result<(), Mistake> {
    let mut nearest = Nearest::to(name);
    let mut known = false;
    for word in WORDS {
        known |= *word == name;
        nearest.offer(word);
    }
    if !known {
        for rule in secrets_detect::rules() {
            known |= rule.id == name;
            nearest.offer(rule.id);
        }
    }
    if known {
        return Ok(());
    }
    let mut message = join(&["there is no rule `", &shown(name), "`"]);
    if !nearest.found().is_empty() {
        message = join(&[&message, "; did you mean `", nearest.found(), "`?"]);
    }
    Err(Mistake { message, span })
}
