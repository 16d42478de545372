//! `cargo secrets lint`: hard-coded keys and secrets in the workspace, in files, or in what is about to be committed.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use secrets_detect::Level;
use serde::Serialize;

use crate::context::Context;
use crate::error::{self, Error};
use crate::lint::{self, Baseline, Declared, Entry, Input, Policy, Project, Report, Skip, render};
use crate::manifest::{self, LintTable, LintTables};
use crate::usage::Usage;
use crate::{secret, term};

/// The baseline where Cargo.toml names none.
const BASELINE: &str = "secrets/lint-baseline.json";

const ADVICE: &str = "revoke what leaked and keep its successor with `cargo secrets set NAME`; \
                      `cargo secrets lint --help` says how a finding is accepted";

const EXAMPLES: &str = "\
Examples:
  cargo secrets lint                           the whole workspace
  cargo secrets lint src .github               files and folders
  cargo secrets lint --staged                  what is about to be committed; for a hook
  cargo secrets lint --update-baseline         accept what is there today
  cargo secrets lint --format sarif > a.sarif  for code scanning

Looked at: every file of the workspace that git does not ignore, but build output, binary files and
files over 5 MB that are not Rust; the summary counts what was passed over. Encrypted values of SOPS
and age are no findings. No value is ever shown.

Found: tokens of known formats, credentials in URLs, and random-looking values under a name that
says secret; in Rust also where a literal is split or encoded, and `env!` of a declared secret or
`include_str!` of a secret file, which build it into the program. What lint cannot see: a password made
of words under a harmless name, a value that the program computes, git's history.

A finding is accepted by `secrets: allow(RULE) REASON` in a comment on its line or the line before,
or by its fingerprint in Cargo.toml:

  [workspace.metadata.secrets.lint]          # or [package.metadata.secrets.lint]
  allow = [{ fingerprint = \"…\", reason = \"…\" }]
  levels = { RULE = \"warn\", all = \"deny\" }    # deny, warn, allow; deny where nothing is said
  baseline = \"secrets/lint-baseline.json\"

With --staged, of a changed file only what its last committed version does not hold is reported.

In an editor with rust-analyzer, as check.overrideCommand:
  [\"sh\", \"-c\", \"cargo check --workspace --all-targets --message-format=json; cargo secrets lint --message-format json\"]

Exit code 0: no findings, or warnings only; 1: findings; 2: wrong usage, or a file could not be read.";

/// Arguments of `lint`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Lint {
    /// Files and folders to look at; `-` is stdin; without any, the whole workspace
    #[arg(value_name = "PATH", conflicts_with = "staged")]
    paths: Vec<PathBuf>,
    /// Look at what is staged in git, reporting what the last commit's version of a file does not hold
    #[arg(long)]
    staged: bool,
    /// What the text from stdin is called; its extension tells the language
    #[arg(long, value_name = "NAME", requires = "paths")]
    stdin_path: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Print what `cargo check --message-format=json` prints, for editors
    #[arg(long, value_name = "FORMAT", conflicts_with = "format")]
    message_format: Option<MessageForm>,
    /// The file of accepted findings
    #[arg(long, value_name = "PATH")]
    baseline: Option<PathBuf>,
    /// Accept today's findings of the whole workspace, and forget what is gone
    #[arg(long, conflicts_with_all = ["paths", "staged", "rules", "format", "message_format"])]
    update_baseline: bool,
    /// List the rules
    #[arg(long, conflicts_with_all = ["paths", "staged", "baseline", "message_format"])]
    rules: bool,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Human,
    /// For programs: one object, versioned
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: annotations
    Github,
}

/// Cargo's message formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MessageForm {
    /// JSON lines
    Json,
}

impl Lint {
    /// Looks, prints, and tells whether something was found.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        if self.rules {
            return list_rules(self.format);
        }
        let surroundings = self.surroundings(context)?;
        let Surroundings { project, policy, declared } = &surroundings;
        let input = self.input()?;
        let progress = term::Progress::new(context.shell);
        let report = lint::lint(&input, &context.cwd, project, policy, declared, &progress)?;
        drop(progress);
        for error in &report.unreadable {
            context.shell.warn(format_args!("{error}: {}", error.source));
        }
        if self.update_baseline {
            return update_baseline(context, &surroundings, &report);
        }
        self.print(context, project, &report)?;
        summarize(context, &report);
        if self.is_for_people() && !report.groups.is_empty() {
            context.shell.note(ADVICE);
        }
        Ok(exit_code(&report))
    }

    fn is_for_people(&self) -> bool {
        self.message_format.is_none() && self.format == Form::Human
    }

    fn input(&self) -> Result<Input, Error> {
        if self.staged {
            return Ok(Input::Staged);
        }
        if self.paths.is_empty() {
            return Ok(Input::Everything);
        }
        let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
        if !self.paths.iter().any(is_stdin) {
            return match &self.stdin_path {
                Some(_) => Err(Usage::StdinPath.into()),
                None => Ok(Input::Paths(self.paths.clone())),
            };
        }
        if self.paths.len() > 1 {
            return Err(Usage::StdinAndPaths.into());
        }
        let mut content = Vec::new();
        std::io::stdin().lock().read_to_end(&mut content)?;
        let name = self.stdin_path.clone().unwrap_or_else(|| PathBuf::from("stdin"));
        Ok(Input::Stdin { name, content })
    }

    /// The project as far as it matters: cargo is started only where packages do.
    fn surroundings(&self, context: &Context) -> Result<Surroundings, Error> {
        let located = match context.located() {
            // An editor's findings belong to packages.
            Err(Error::Manifest(manifest::Error::NoManifest(_))) if self.message_format.is_none() => None,
            located => Some(located?),
        };
        let manifest = located.as_ref().map(|located| located.root_manifest().to_owned());
        let tables = located.map(manifest::lint_tables).transpose()?.unwrap_or_default();
        let LintTables { tables, secrets, sources } = tables;
        let root = manifest.as_deref().and_then(Path::parent).unwrap_or(&context.cwd).to_owned();
        let everything = self.paths.is_empty() && !self.staged;
        let project = match manifest {
            Some(manifest) if self.message_format.is_some() => Project::by_cargo(&manifest)?,
            Some(manifest) if everything => Project::by_cargo(&manifest).or_else(|error| {
                context.shell.warn(format_args!("{error}: looking at `{}` alone", root.display()));
                Ok::<_, Error>(Project::bare(root.clone()))
            })?,
            _ => Project::bare(root.clone()),
        };
        let baseline = self.baseline(context, &root, &tables)?;
        Ok(Surroundings { project, policy: Policy::new(tables, baseline), declared: Declared::new(secrets, sources) })
    }

    fn baseline(&self, context: &Context, root: &Path, tables: &[LintTable]) -> Result<Baseline, Error> {
        let declared = || tables.iter().find_map(|table| table.baseline.clone());
        let (path, named) = match &self.baseline {
            Some(path) => (manifest::normalize(&context.cwd.join(path)), true),
            None => (declared().unwrap_or_else(|| root.join(BASELINE)), false),
        };
        // What is to be accepted anew is judged without what was accepted before.
        Ok(if self.update_baseline { Baseline::empty(path) } else { Baseline::read(path, named)? })
    }

    fn print(&self, context: &Context, project: &Project, report: &Report) -> Result<(), Error> {
        let repository = || render::repository(&context.cwd);
        let text = match (self.message_format, self.format) {
            (Some(MessageForm::Json), _) => render::cargo(report, project),
            (None, Form::Human) => render::human(report, &context.cwd),
            (None, Form::Json) => render::json(report, project, &context.cwd),
            (None, Form::Sarif) => render::sarif(report, &repository()),
            (None, Form::Github) => render::github(report, &repository()),
        };
        let printed = if self.is_for_people() { term::print(text) } else { term::print_bytes(text.as_bytes()) };
        Ok(printed?)
    }
}

/// The project and what it says of findings.
struct Surroundings {
    project: Project,
    policy: Policy,
    declared: Declared,
}

impl lint::Progress for term::Progress {
    fn advanced(&self, done: usize, all: usize) {
        self.show(done, all);
    }
}

fn exit_code(report: &Report) -> u8 {
    if report.count(Level::Deny) > 0 {
        error::FINDINGS
    } else if report.unreadable.is_empty() {
        0
    } else {
        // What was not looked at is not clean.
        error::USAGE
    }
}

fn update_baseline(context: &Context, surroundings: &Surroundings, report: &Report) -> Result<u8, Error> {
    if !report.unreadable.is_empty() {
        return Err(Usage::IncompleteBaseline.into());
    }
    let baseline = surroundings.policy.baseline();
    let count = baseline.write(report, &surroundings.project.root)?;
    let path = render::relative(&context.cwd, baseline.path());
    context.shell.status("Accepted", format_args!("{} in {}", number(count, "finding"), shown(&path)));
    Ok(0)
}

/// What was looked at, what was passed over and why, and what to do.
fn summarize(context: &Context, report: &Report) {
    let shell = context.shell;
    for (path, why) in &report.skipped {
        let path = render::relative(&context.cwd, path);
        shell.verbose(format_args!("not looked at: {}, {}", shown(&path), skip(*why)));
    }
    for entry in &report.stale {
        let Entry { fingerprint, rule, file } = entry;
        shell.verbose(format_args!("in the baseline and gone: {fingerprint} ({}, {})", shown(rule), shown(file)));
    }
    if !report.stale.is_empty() {
        let count = match report.stale.len() {
            1 => "1 entry of the baseline is".to_owned(),
            count => format!("{count} entries of the baseline are"),
        };
        shell.note(format_args!("{count} no longer found: cargo secrets lint --update-baseline"));
    }
    let (errors, warnings) = (report.count(Level::Deny), report.count(Level::Warn));
    let mut parts = match (errors, warnings) {
        (0, 0) => vec!["no findings".to_owned()],
        (errors, 0) => vec![number(errors, "error")],
        (0, warnings) => vec![number(warnings, "warning")],
        (errors, warnings) => vec![number(errors, "error"), number(warnings, "warning")],
    };
    let plain = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let files = |count: usize, what: &str| (count > 0).then(|| number(count, what));
    parts.extend(plain(report.accepted.len(), "accepted"));
    parts.extend(plain(report.off, "of a rule that is off"));
    parts.extend(files(report.skipped(Skip::Binary), "binary file").map(|text| text + " skipped"));
    parts.extend(files(report.skipped(Skip::Large), "large file").map(|text| text + " skipped"));
    parts.extend(files(report.skipped(Skip::Encrypted), "encrypted file").map(|text| text + " skipped"));
    parts.extend(files(report.unreadable.len(), "file").map(|text| text + " not readable"));
    shell.status("Linted", format_args!("{}: {}", number(report.files, "file"), parts.join(", ")));
}

fn skip(why: Skip) -> &'static str {
    match why {
        Skip::Binary => "it is binary",
        Skip::Large => "it is large and not Rust",
        Skip::Encrypted => "all of it is encrypted",
    }
}

fn shown(text: &str) -> String {
    secret::shown(text, 200)
}

/// A number with its noun.
fn number(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A rule as a listing shows it.
#[derive(Serialize)]
struct Row {
    rule: &'static str,
    provider: &'static str,
    kind: String,
    basis: &'static str,
}

fn list_rules(format: Form) -> Result<u8, Error> {
    let mut rules: Vec<_> = secrets_detect::rules()
        .map(|rule| Row {
            rule: rule.id,
            provider: rule.provider,
            kind: rule.kind.to_string(),
            basis: lint::basis(rule.basis),
        })
        .collect();
    let declared = manifest::DECLARED_RULES.map(|rule| Row {
        rule,
        provider: "",
        kind: "secret".to_owned(),
        basis: "declaration",
    });
    rules.extend(declared);
    rules.sort_unstable_by_key(|rule| rule.rule);
    match format {
        Form::Json => term::print_json(&rules)?,
        Form::Human => {
            let rows = rules
                .into_iter()
                .map(|rule| vec![rule.rule.to_owned(), rule.provider.to_owned(), rule.kind, rule.basis.to_owned()]);
            super::print_table(&["RULE", "PROVIDER", "KIND", "FOUND BY"], rows)?;
        }
        Form::Sarif | Form::Github => return Err(Usage::RulesFormat.into()),
    }
    Ok(0)
}
