//! Composed values: `postgres://app:${DB_PASSWORD:url}@db/app`.
//!
//! **What was parsed refers to names only**; values come in when [`Escape::apply`] is called, whose result the caller wipes.
//! `$$` is a literal `$`, so `$${X}` is the text `${X}`; a `$` before anything else stands for itself.

use std::fmt;

use crate::manifest::problem::{nearest, shown};
use crate::secret::SecretName;

/// Why a text is no composed value. Holds names and escapes, never the literal text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// A `${` without its `}`.
    #[error("a `${{` in `value` is not closed")]
    Open,
    /// Not a variable's name.
    #[error("`${{{}}}` in `value` is not a reference to a variable", shown(.0))]
    Name(String),
    /// An escape that does not exist.
    #[error("unknown escape `{}` in `value`", shown(.0))]
    Escape(String),
}

const ESCAPES: [&str; 3] = ["url", "json", "shell"];

impl TemplateError {
    /// What to write instead.
    pub(super) fn help(&self) -> String {
        match self {
            Self::Open => "write `${NAME}`, or `$$` for a literal `$`".to_owned(),
            Self::Name(_) => "write `${NAME}` or `${NAME:url}`".to_owned(),
            Self::Escape(word) => match nearest(word, ESCAPES.into_iter()) {
                Some(near) => format!("did you mean `{near}`? known: `url`, `json`, `shell`"),
                None => "known: `url`, `json`, `shell`".to_owned(),
            },
        }
    }
}

/// How a value is written into its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    /// As it is.
    None,
    /// Percent-encoded but for the unreserved characters of RFC 3986, section 2.3.
    Url,
    /// The inside of a JSON string (RFC 8259, section 7), without the quotes.
    Json,
    /// One single-quoted word of a POSIX shell.
    Shell,
}

impl Escape {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "url" => Self::Url,
            "json" => Self::Json,
            "shell" => Self::Shell,
            _ => return None,
        })
    }

    /// `value`, escaped. The text is allocated once, so that wiping the result wipes all of it.
    pub(crate) fn apply(self, value: &str) -> String {
        match self {
            Self::None => value.to_owned(),
            Self::Url => escape_url(value),
            Self::Json => escape_json(value),
            Self::Shell => escape_shell(value),
        }
    }
}

fn escape_url(value: &str) -> String {
    let mut out = String::with_capacity(value.len() * 3);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            push_hex(&mut out, byte, true);
        }
    }
    out
}

fn escape_json(value: &str) -> String {
    let mut out = String::with_capacity(value.len() * 6);
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..'\u{20}' => {
                out.push_str("\\u00");
                push_hex(&mut out, c as u8, false);
            }
            _ => out.push(c),
        }
    }
    out
}

fn escape_shell(value: &str) -> String {
    let mut out = String::with_capacity(value.len() * 4 + 2);
    out.push('\'');
    for c in value.chars() {
        if c == '\'' { out.push_str("'\\''") } else { out.push(c) }
    }
    out.push('\'');
    out
}

fn push_hex(out: &mut String, byte: u8, upper: bool) {
    for nibble in [byte >> 4, byte & 15] {
        let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        out.push(if upper { digit.to_ascii_uppercase() } else { digit });
    }
}

/// A piece of a composed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text as it is.
    Literal(String),
    /// The value of a variable.
    Reference {
        /// Which variable.
        name: SecretName,
        /// How it is written.
        escape: Escape,
    },
}

/// A composed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

impl Template {
    /// Reads the text of `value`.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            literal.push_str(before);
            if let Some(after) = after.strip_prefix('$') {
                literal.push('$');
                rest = after;
            } else if let Some(after) = after.strip_prefix('{') {
                let (inside, after) = after.split_once('}').ok_or(TemplateError::Open)?;
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(reference(inside)?);
                rest = after;
            } else {
                literal.push('$');
                rest = after;
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self(parts))
    }

    /// The pieces in order.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The variables it needs, in order, with repetitions.
    pub(crate) fn references(&self) -> impl Iterator<Item = &SecretName> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Reference { name, .. } => Some(name),
        })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Literal(text) => f.write_str(&text.replace('$', "$$"))?,
                Part::Reference { name, escape: Escape::None } => write!(f, "${{{name}}}")?,
                Part::Reference { name, escape: Escape::Url } => write!(f, "${{{name}:url}}")?,
                Part::Reference { name, escape: Escape::Json } => write!(f, "${{{name}:json}}")?,
                Part::Reference { name, escape: Escape::Shell } => write!(f, "${{{name}:shell}}")?,
            }
        }
        Ok(())
    }
}

fn reference(inside: &str) -> Result<Part, TemplateError> {
    let (name, escape) = inside.split_once(':').map_or((inside, None), |(name, escape)| (name, Some(escape)));
    let name = SecretName::new(name).map_err(|_| TemplateError::Name(inside.to_owned()))?;
    let escape = match escape {
        None => Escape::None,
        Some(word) => Escape::parse(word).ok_or_else(|| TemplateError::Escape(word.to_owned()))?,
    };
    Ok(Part::Reference { name, escape })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_composed_value_is_literals_and_references() {
        let template = Template::parse("postgres://app:${DB_PASSWORD:url}@${HOST}/app").unwrap();
        let names: Vec<_> = template.references().map(SecretName::as_str).collect();
        assert_eq!(names, ["DB_PASSWORD", "HOST"]);
        assert_eq!(template.parts().len(), 5);
    }

    #[test]
    fn a_composed_value_survives_being_written_and_read() {
        for text in ["", "a", "${A}${B:url}", "$${A}", "a$$b", "${A:json}x${B:shell}", "$$$${X}", "ü${A}€"] {
            assert_eq!(Template::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Template::parse("$${A} $1 5$").unwrap().parts(), [Part::Literal("${A} $1 5$".to_owned())]);
    }

    #[test]
    fn what_is_malformed_is_refused_with_a_hint() {
        let error = |text: &str| Template::parse(text).unwrap_err();
        assert_eq!(error("a${B"), TemplateError::Open);
        assert!(error("${}").to_string().contains("`${}`"));
        assert!(matches!(error("${A-B}"), TemplateError::Name(_)));
        assert!(matches!(error("${A:}"), TemplateError::Escape(_)));
        assert!(error("${A:ulr}").help().contains("did you mean `url`"));
    }

    #[test]
    fn escapes_are_exact_and_allocate_once() {
        assert_eq!(Escape::Url.apply("a-b._~/@ü"), "a-b._~%2F%40%C3%BC");
        assert_eq!(Escape::Shell.apply("it's $x"), "'it'\\''s $x'");
        assert_eq!(Escape::None.apply("a'b"), "a'b");
        for text in ["a\"\\\n\t\r\u{1}\u{1f}ü€", "", "\u{7f}"] {
            let json = format!("\"{}\"", Escape::Json.apply(text));
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
