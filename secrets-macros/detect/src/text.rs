//! Looks through files that are not Rust.

use crate::allow;
use crate::chunk::Chunk;
use crate::phrase;
use crate::report::Report;
use crate::{Findings, Place};

/// How a text writes names and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// TOML: `name = "value"`.
    Toml,
    /// YAML: `name: value`.
    Yaml,
    /// JSON and its relatives with comments.
    Json,
    /// `NAME=value` a line: dotenv, INI, properties.
    Assignments,
    /// Shell scripts, Dockerfiles.
    Shell,
    /// Markdown and other prose.
    Prose,
}

impl Syntax {
    /// The syntax of a file of this name or path: by its extension, else by its last part; prose where neither tells.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let extension = file.rsplit('.').next().unwrap_or("");
        match extension {
            "toml" => Self::Toml,
            "yaml" | "yml" => Self::Yaml,
            "json" | "json5" | "jsonc" => Self::Json,
            "ini" | "cfg" | "conf" | "properties" | "env" => Self::Assignments,
            "sh" | "bash" | "zsh" | "Dockerfile" => Self::Shell,
            _ if file.starts_with(".env") => Self::Assignments,
            _ if file.starts_with("Dockerfile") || file == "justfile" || file == "Makefile" => Self::Shell,
            _ => Self::Prose,
        }
    }
}

impl Syntax {
    /// What an allow stands behind.
    fn comment_marks(self) -> &'static [&'static [u8]] {
        match self {
            Self::Toml | Self::Yaml => &[b"#"],
            Self::Json => &[b"//", b"/*"],
            Self::Assignments => &[b"#", b";", b"!"],
            Self::Shell => &[b"#", b"//", b"--"],
            Self::Prose => &[b"<!--", b"//", b"/*"],
        }
    }
}

/// How long a run of token characters has to be.
const WINDOW: usize = 6;

/// Looks through `text`, a file of any other language.
#[must_use]
pub fn scan_text(text: &str, syntax: Syntax) -> Findings {
    let bytes = text.as_bytes();
    let mut report = Report::new(bytes);
    let mut at = 0;
    while let Some(span) = allow::find(bytes, at, syntax.comment_marks()) {
        if let Some(found) = bytes.get(span.clone()).and_then(allow::parse) {
            report.add_allow(&found, span.clone());
        }
        at = span.end;
    }
    let mut hits = Vec::new();
    Chunk {
        text: bytes,
        window: WINDOW,
        may_hold_at: true,
        has_scalars: matches!(syntax, Syntax::Yaml | Syntax::Assignments),
    }
    .scan(&mut hits);
    phrase::kubernetes(bytes, &mut hits);
    for hit in hits {
        let span = hit.span.clone();
        report.add_hit(hit, bytes, span, Place::Code);
    }
    report.finish()
}
