//! The one way in which sources are looked through: findings, macros that name variables, files that macros include.

use std::path::{Path, PathBuf};

use secrets_detect::{Basis, Finding, Findings, Level, Position, Reference, ReferenceBy, Syntax, scan_rust, scan_text};

use crate::arguments::{Arguments, ENV_BAKES_SECRET, INCLUDES_PRIVATE_KEY, INCLUDES_SECRET_FILE};
use crate::declared::Declarations;
use crate::files::{self, Files, Language, folder_of, relative};
use crate::report::{self, Report};
use crate::tokens::Mistake;

/// A look through a crate or an item.
#[derive(Default)]
pub(crate) struct Scan {
    pub(crate) arguments: Arguments,
    /// The crate root's folder, as the compiler writes it.
    folder: PathBuf,
    files: Files,
    pub(crate) report: Report,
    /// Read when the first finding or name asks for it.
    declarations: Option<Declarations>,
    /// Whether there is a macro that names a variable which may be declared.
    pub(crate) names_variable: bool,
}

impl Scan {
    /// Looks through all files of the crate whose root is the file `root`.
    pub(crate) fn whole(&mut self, root: &Path) -> Result<(), Mistake> {
        let root = relative(root);
        self.folder = folder_of(&root);
        self.files.add(&root, Language::Rust);
        self.files.add_folder(&folder_of(&root), false);
        self.add_paths()?;
        self.follow();
        Ok(())
    }

    /// Looks through the text of `file` from `start` to `end`.
    pub(crate) fn part(&mut self, file: &str, source: &str, start: Position, end: Position) {
        self.folder = folder_of(Path::new(file));
        let mut findings = scan_rust(source);
        findings.references.retain(|reference| reference.start >= start && reference.end <= end);
        let masked = findings.masked(source);
        findings.list.retain(|finding| finding.start >= start && finding.end <= end);
        self.rust_findings(&findings, file, &masked);
        self.follow();
    }

    fn follow(&mut self) {
        while let Some((file, language)) = self.files.take() {
            match language {
                Language::Rust => self.rust(&file),
                Language::Text => self.text(&file),
            }
        }
    }

    /// Adds the files and folders that the call names, from the package's folder.
    fn add_paths(&mut self) -> Result<(), Mistake> {
        for (path, span) in &self.arguments.paths {
            let path = relative(&manifest_folder().join(path));
            let rust = path.extension().is_some_and(|extension| extension == "rs");
            if path.is_dir() {
                self.files.add_folder(&path, true);
            } else if !self.files.add(&path, if rust { Language::Rust } else { Language::Text }) {
                return Err(Mistake::new("there is no such file or folder in the package", *span));
            }
        }
        Ok(())
    }

    /// What the package declares.
    pub(crate) fn declarations(&mut self) -> &Declarations {
        self.declarations.get_or_insert_with(Declarations::current)
    }

    fn rust(&mut self, file: &str) {
        let Some(source) = files::read(file) else { return };
        let findings = scan_rust(&source);
        if self.is_outside(Path::new(file)) {
            self.files.add_modules(file, &source);
        }
        if !(findings.list.is_empty() && findings.references.is_empty()) {
            self.rust_findings(&findings, file, &findings.masked(&source));
        }
    }

    fn rust_findings(&mut self, findings: &Findings, file: &str, masked: &str) {
        for finding in &findings.list {
            self.finding(finding, file, masked);
        }
        for reference in &findings.references {
            self.reference(reference, file, masked);
        }
    }

    fn is_outside(&self, file: &Path) -> bool {
        if self.folder.as_os_str().is_empty() {
            return file.is_absolute() || file.starts_with("..");
        }
        !file.starts_with(&self.folder)
    }

    fn text(&mut self, file: &str) {
        let Some(source) = files::read(file) else { return };
        let findings = scan_text(&source, Syntax::of_path(file));
        if findings.list.is_empty() {
            return;
        }
        let masked = findings.masked(&source);
        for finding in &findings.list {
            self.finding(finding, file, &masked);
        }
    }

    fn finding(&mut self, finding: &Finding, file: &str, masked: &str) {
        if let Some(level) = self.level(finding) {
            self.report.add(report::of_finding(finding, level, file, masked));
        }
    }

    /// What is done about a finding; `None` if nothing is.
    pub(crate) fn level(&mut self, finding: &Finding) -> Option<Level> {
        let level = self.arguments.level(finding.rule, finding.basis);
        (level != Level::Allow && !self.declarations().allows(finding.fingerprint)).then_some(level)
    }

    fn reference(&mut self, reference: &Reference, file: &str, masked: &str) {
        match reference.by {
            ReferenceBy::Env | ReferenceBy::OptionEnv | ReferenceBy::Dotenv => {
                self.variable(reference, file, masked);
            }
            ReferenceBy::IncludeStr | ReferenceBy::IncludeBytes => self.included(reference, file, masked),
            ReferenceBy::Include | ReferenceBy::Path => {
                if let Some(path) = target(file, &reference.argument) {
                    self.files.add(&path, Language::Rust);
                }
            }
        }
    }

    fn variable(&mut self, reference: &Reference, file: &str, masked: &str) {
        let name = &reference.argument;
        if is_cargos(name) {
            return;
        }
        self.names_variable = true;
        let level = self.arguments.level(ENV_BAKES_SECRET, Basis::Format);
        if level != Level::Allow && !reference.allowed && self.declarations().is_secret(name) {
            let of = report::macro_name(reference.by);
            let words = (
                ["`", name, "` is declared a secret, and `", of, "` writes its value into the program"].concat(),
                ["read it at run time: `secrets_macros::secret!(\"", name, "\")`"].concat(),
            );
            self.report.add(report::of_reference(reference, ENV_BAKES_SECRET, level, file, masked, words));
        }
    }

    fn included(&mut self, reference: &Reference, file: &str, masked: &str) {
        let Some(path) = target(file, &reference.argument) else { return };
        if reference.allowed {
            return;
        }
        let of = report::macro_name(reference.by);
        let add = |scan: &mut Self, rule: &str, what: &str, help: &str| {
            let level = scan.arguments.level(rule, Basis::Format);
            if level != Level::Allow {
                let words = ([what, ", and `", of, "` writes it into the program"].concat(), help.to_owned());
                scan.report.add(report::of_reference(reference, rule, level, file, masked, words));
            }
        };
        if self.declarations().is_secret_file(&path) {
            let help = "start the program with `cargo secrets run -- …`, and read the variables";
            return add(self, INCLUDES_SECRET_FILE, "this is a declared secret file", help);
        }
        let target = path.to_string_lossy();
        let Some(source) = files::read(&target) else { return };
        let findings = scan_text(&source, Syntax::of_path(&target));
        if report::is_private_key(&target, &findings) {
            let help = "have the program read the key at run time; replace it if it was ever committed";
            if !findings.list.iter().all(|finding| self.declarations().allows(finding.fingerprint)) {
                add(self, INCLUDES_PRIVATE_KEY, "this file is a private key", help);
            }
        } else {
            self.files.add(&path, Language::Text);
        }
    }
}

/// The file that an include in `file` names. What comes behind `env!("CARGO_MANIFEST_DIR")` starts with a slash too.
fn target(file: &str, argument: &str) -> Option<PathBuf> {
    let beside = relative(&folder_of(Path::new(file)).join(argument));
    if beside.is_file() {
        return Some(beside);
    }
    let in_package = relative(&manifest_folder().join(argument.strip_prefix('/')?));
    in_package.is_file().then_some(in_package)
}

fn manifest_folder() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

/// Whether cargo sets the variable, which tells nothing that it should not.
fn is_cargos(name: &str) -> bool {
    name.starts_with("CARGO") || name == "OUT_DIR"
}
