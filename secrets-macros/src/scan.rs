//! The one way in which sources are looked through: findings, macros that name variables, files that macros include.

use secrets_detect::{
    Basis, ENV_BAKES_SECRET, Finding, Findings, INCLUDES_PRIVATE_KEY, INCLUDES_SECRET_FILE, Level, Position, Reference,
    ReferenceBy, Syntax, scan_rust, scan_text,
};

use crate::arguments::Arguments;
use crate::declared::Declarations;
use crate::files::{self, Files};
use crate::path::{below, folder_of, in_folder, is_file, is_folder, relative, stem_and_extension, variable};
use crate::report::{self, Report};
use crate::text::{byte, join, part};
use crate::tokens::Mistake;

/// A look through a crate or an item.
#[derive(Default)]
pub(crate) struct Scan {
    /// Levels and further files.
    pub(crate) arguments: Arguments,
    /// The crate root's folder, as the compiler writes it.
    folder: String,
    files: Files,
    /// What was found.
    pub(crate) report: Report,
    /// Read when the first finding or name asks for it.
    declarations: Option<Declarations>,
    /// Whether there is a macro that names a variable which may be declared.
    pub(crate) names_variable: bool,
}

impl Scan {
    /// Looks through all files of the crate whose root is the file `root`.
    pub(crate) fn whole(&mut self, root: &str) -> Result<(), Mistake> {
        let root = relative(root);
        folder_of(&root).clone_into(&mut self.folder);
        self.files.add(&root, true);
        self.files.add_folder(folder_of(&root), false);
        self.add_paths()?;
        self.follow();
        Ok(())
    }

    /// Looks through the text of `file` from `start` to `end`.
    pub(crate) fn part(&mut self, file: &str, source: &str, start: Position, end: Position) {
        folder_of(file).clone_into(&mut self.folder);
        let findings = scan_rust(source);
        let masked = findings.masked(source);
        for finding in &findings.list {
            if finding.start >= start && finding.end <= end {
                self.finding(finding, file, &masked);
            }
        }
        for reference in &findings.references {
            if reference.start >= start && reference.end <= end {
                self.reference(reference, file, &masked);
            }
        }
        self.follow();
    }

    fn follow(&mut self) {
        loop {
            if let Some(file) = self.files.take_rust() {
                self.rust(&file);
            } else if let Some(file) = self.files.take_text() {
                self.text(&file);
            } else {
                return;
            }
        }
    }

    /// Adds the files and folders that the call names, from the package's folder.
    fn add_paths(&mut self) -> Result<(), Mistake> {
        let mut index = 0;
        while let Some(path) = self.arguments.paths.get(index) {
            let path = relative(&in_folder(&manifest_folder(), path));
            if is_folder(&path) {
                self.files.add_folder(&path, true);
            } else if !self.files.add(&path, stem_and_extension(&path).1 == "rs") {
                let message = join(&["there is no file or folder `", &crate::diagnostic::shown(&path), "`"]);
                return Err(Mistake { message, span: self.arguments.span_of_path(index) });
            }
            index += 1;
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
        if below(&self.folder, file).is_none() {
            self.files.add_modules(file, &source);
        }
        self.all(&findings, file, &source);
    }

    fn text(&mut self, file: &str) {
        let Some(source) = files::read(file) else { return };
        if !files::is_binary(&source) {
            self.all(&scan_text(&source, Syntax::of_path(file)), file, &source);
        }
    }

    fn all(&mut self, findings: &Findings, file: &str, source: &str) {
        if findings.list.is_empty() && findings.references.is_empty() {
            return;
        }
        let masked = findings.masked(source);
        for finding in &findings.list {
            self.finding(finding, file, &masked);
        }
        for reference in &findings.references {
            self.reference(reference, file, &masked);
        }
    }

    fn finding(&mut self, finding: &Finding, file: &str, masked: &str) {
        let level = self.level(finding);
        if level != Level::Allow {
            self.report.add(report::of_finding(finding, level, file, masked));
        }
    }

    /// What is done about a finding.
    pub(crate) fn level(&mut self, finding: &Finding) -> Level {
        let level = self.arguments.level(finding.rule, finding.basis);
        if level != Level::Allow && self.declarations().allows(finding.fingerprint) { Level::Allow } else { level }
    }

    fn reference(&mut self, reference: &Reference, file: &str, masked: &str) {
        match reference.by {
            ReferenceBy::Env | ReferenceBy::OptionEnv | ReferenceBy::Dotenv => self.variable(reference, file, masked),
            ReferenceBy::IncludeStr | ReferenceBy::IncludeBytes => self.included(reference, file, masked),
            ReferenceBy::Include | ReferenceBy::Path => {
                self.files.add(&target(file, &reference.argument), true);
            }
        }
    }

    fn variable(&mut self, reference: &Reference, file: &str, masked: &str) {
        let name = &reference.argument;
        if is_cargos(name) {
            return;
        }
        self.names_variable = true;
        if !reference.allowed && self.declarations().is_secret(name) {
            let of = reference.by.written();
            let message =
                join(&["`", name, "` is declared a secret, and `", of, "` writes its value into the program"]);
            let help = join(&["read it at run time: `secrets_macros::secret!(\"", name, "\")`"]);
            self.add(ENV_BAKES_SECRET, report::of_reference(reference, file, masked, message, help));
        }
    }

    /// Adds what is said about a reference.
    fn add(&mut self, rule: &str, mut diagnostic: crate::diagnostic::Diagnostic) {
        diagnostic.level = self.arguments.level(rule, Basis::Allow);
        rule.clone_into(&mut diagnostic.rule);
        if diagnostic.level != Level::Allow {
            self.report.add(diagnostic);
        }
    }

    fn included(&mut self, reference: &Reference, file: &str, masked: &str) {
        let path = target(file, &reference.argument);
        if reference.allowed || !is_file(&path) {
            return;
        }
        let (rule, what, help) = if self.declarations().is_secret_file(&path) {
            let help = "start the program with `cargo secrets run -- …`, and read the variables";
            (INCLUDES_SECRET_FILE, "this is a declared secret file, and `", help)
        } else if self.is_private_key(&path) {
            let help = "have the program read the key at run time; replace it if it was ever committed";
            (INCLUDES_PRIVATE_KEY, "this file is a private key, and `", help)
        } else {
            self.files.add(&path, false);
            return;
        };
        let message = join(&[what, reference.by.written(), "` writes it into the program"]);
        self.add(rule, report::of_reference(reference, file, masked, message, help.to_owned()));
    }

    /// Whether the file is a private key, and not one that is allowed.
    fn is_private_key(&mut self, path: &str) -> bool {
        let Some(source) = files::read(path) else { return false };
        if files::is_binary(&source) {
            return false;
        }
        let findings = scan_text(&source, Syntax::of_path(path));
        let mut allowed = true;
        for finding in &findings.list {
            allowed &= self.declarations().allows(finding.fingerprint);
        }
        !allowed && report::is_private_key(path, &findings)
    }
}

/// The file that an include in `file` names. What comes behind `env!("CARGO_MANIFEST_DIR")` starts with a slash too.
fn target(file: &str, argument: &str) -> String {
    let beside = relative(&in_folder(folder_of(file), argument));
    if byte(argument, 0) != b'/' || is_file(&beside) {
        return beside;
    }
    relative(&in_folder(&manifest_folder(), part(argument, 1, argument.len())))
}

fn manifest_folder() -> String {
    variable("CARGO_MANIFEST_DIR").unwrap_or_default()
}

/// Whether cargo sets the variable, which tells nothing that it should not.
fn is_cargos(name: &str) -> bool {
    name.starts_with("CARGO") || name == "OUT_DIR"
}
