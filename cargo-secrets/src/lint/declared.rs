//! What the project declares, and where a source would write it into the program: `env!` of a declared secret,
//! `include_str!` of a declared secret file.
//!
//! The macro `forbid_hardcoded!` refuses the same at compile time; here it is found in crates without it too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use secrets_detect::{ENV_BAKES_SECRET, Fingerprint, INCLUDES_SECRET_FILE, Reference, ReferenceBy};

use crate::manifest::normalize;

/// Names and files that must not be built in.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// Variables of kind `secret`.
    secrets: BTreeSet<String>,
    /// Secret files; patterns as they are declared, below the folder of their manifest.
    sources: Vec<(PathBuf, String)>,
}

/// A reference that would build something in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BuiltIn {
    /// Which rule it breaks.
    pub(super) rule: &'static str,
    /// What is wrong, in a line.
    pub(super) message: String,
    /// Names what is built in: a hash of the rule and the name, not of a value.
    pub(super) fingerprint: Fingerprint,
}

impl Declared {
    /// Of variables of kind `secret` and of sources with the folders of their manifests.
    pub(crate) fn new(secrets: BTreeSet<String>, sources: Vec<(PathBuf, String)>) -> Self {
        Self { secrets, sources }
    }

    /// What a reference in the file `path` would build in, unless a comment allows it.
    pub(super) fn built_in(&self, path: &Path, reference: &Reference) -> Option<BuiltIn> {
        if reference.allowed {
            return None;
        }
        let rule = match reference.by {
            ReferenceBy::Env | ReferenceBy::OptionEnv | ReferenceBy::Dotenv => ENV_BAKES_SECRET,
            ReferenceBy::IncludeStr | ReferenceBy::IncludeBytes => INCLUDES_SECRET_FILE,
            ReferenceBy::Include | ReferenceBy::Path => return None,
        };
        let of = reference.by.written();
        let name = &reference.argument;
        let what = if rule == ENV_BAKES_SECRET {
            self.secrets.contains(name).then(|| format!("`{name}` is declared a secret"))?
        } else {
            let file = normalize(&path.with_file_name(name));
            self.is_source(&file).then(|| "this is a declared secret file".to_owned())?
        };
        let fingerprint = Fingerprint::of(format!("{rule}\0{name}").as_bytes());
        Some(BuiltIn { rule, message: format!("{what}, and `{of}` writes it into the program"), fingerprint })
    }

    fn is_source(&self, file: &Path) -> bool {
        let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
        self.sources.iter().any(|(folder, pattern)| {
            let below = file.strip_prefix(folder).ok();
            let is_match =
                |below| glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_path_with(below, options));
            below.is_some_and(|below| below == normalize(Path::new(pattern)) || is_match(below))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_name_or_file_is_built_in_and_others_are_not() {
        let sources = ["secrets/dev.json", "./one.json", "prod/*.json"].map(|path| ("/r".into(), path.to_owned()));
        let declared = Declared::new(BTreeSet::from(["TOKEN".to_owned()]), sources.into());
        let found = |source: &str| {
            let findings = secrets_detect::scan_rust(source);
            let reference = findings.references.first().unwrap();
            declared.built_in(Path::new("/r/src/lib.rs"), reference).map(|built_in| built_in.rule)
        };
        for (source, rule) in [
            ("const X: &str = env!(\"TOKEN\");", Some(ENV_BAKES_SECRET)),
            ("const X: Option<&str> = option_env!(\"TOKEN\");", Some(ENV_BAKES_SECRET)),
            ("const X: &str = env!(\"OTHER\");", None),
            ("const X: &str = include_str!(\"../secrets/dev.json\");", Some(INCLUDES_SECRET_FILE)),
            ("const X: &str = include_str!(\"../one.json\");", Some(INCLUDES_SECRET_FILE)),
            ("const X: &[u8] = include_bytes!(\"../prod/a.json\");", Some(INCLUDES_SECRET_FILE)),
            ("const X: &[u8] = include_bytes!(\"../prod/a/b.json\");", None),
            ("const X: &str = include_str!(\"../Cargo.toml\");", None),
            ("// secrets: allow(env-bakes-secret) a name only\nconst X: &str = env!(\"TOKEN\");", None),
        ] {
            assert_eq!(found(source), rule, "{source}");
        }
    }
}
