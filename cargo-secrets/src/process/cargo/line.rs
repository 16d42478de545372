//! A cargo command line: what it does, for which packages and targets.
//!
//! **What is not known is taken for something that may do anything.**

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// It compiles, writes nothing but the target folder, and starts programs.
    Compile {
        /// Which.
        runs: Runs,
    },
    /// It compiles and changes sources.
    Fix,
    /// It brings something to a registry, or from one to the user's programs, and compiles on the way.
    Registry {
        /// Only to verify: `--no-verify` leaves that out.
        verifies: bool,
    },
    /// It compiles nothing.
    Plain,
    /// A subcommand of somebody else's.
    Foreign,
}

/// The programs that a command starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runs {
    /// None.
    Nothing,
    /// Tests and benches.
    Tests,
    /// A binary or an example.
    Program,
}

/// The packages that a command is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Those of the folder it is called in.
    Here,
    /// These.
    Named(Vec<String>),
    /// All, or more than can be told.
    All,
}

/// A command line of cargo's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CargoLine {
    /// What it does.
    pub(crate) work: Work,
    /// For which packages.
    pub(crate) selection: Selection,
    /// `--target`, as given.
    pub(crate) targets: Vec<String>,
    /// `--target-dir`.
    pub(crate) target_dir: Option<PathBuf>,
    /// What `cargo fetch` has to be given too: the toolchain, `--locked` and the like.
    pub(crate) repeated: Repeated,
    /// All of it but the toolchain, without aliases.
    words: Vec<OsString>,
}

/// What another cargo command has to repeat to mean the same workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repeated {
    /// `+stable`.
    pub(crate) toolchain: Option<OsString>,
    /// Options.
    pub(crate) options: Vec<OsString>,
}

/// cargo's own commands that compile nothing.
const PLAIN: [&str; 31] = [
    "add",
    "clean",
    "config",
    "fetch",
    "fmt",
    "generate-lockfile",
    "help",
    "info",
    "init",
    "locate-project",
    "login",
    "logout",
    "metadata",
    "new",
    "owner",
    "pkgid",
    "read-manifest",
    "remove",
    "report",
    "rm",
    "search",
    "tree",
    "uninstall",
    "update",
    "vendor",
    "verify-project",
    "version",
    "yank",
    "secrets",
    "audit",
    "deny",
];

/// Options that take the next word.
const TAKE_A_WORD: [&str; 7] = ["--color", "--config", "-Z", "-C", "--explain", "--manifest-path", "--target-dir"];

/// More of these that a command takes which starts a program: the first other word is the program's.
const RUN_TAKES_A_WORD: [&str; 10] = [
    "--bin",
    "--example",
    "-F",
    "--features",
    "-j",
    "--jobs",
    "--profile",
    "--message-format",
    "--color",
    "--artifact-dir",
];

/// Options of nextest's before its own command that take the next word.
const NEXTEST_TAKES_A_WORD: [&str; 7] =
    ["--color", "--config", "--config-file", "--manifest-path", "--tool-config-file", "--user-config-file", "-Z"];

/// How often an alias may lead to another.
const ALIASES: usize = 16;

impl CargoLine {
    /// Reads `words`, what follows `cargo`; `alias` tells what the user's settings put in place of a subcommand.
    pub(crate) fn parse(words: &[OsString], alias: impl Fn(&str) -> Option<Vec<String>>) -> Self {
        let mut line = Self {
            work: Work::Plain,
            selection: Selection::Here,
            targets: Vec::new(),
            target_dir: None,
            repeated: Repeated::default(),
            words: Vec::new(),
        };
        let mut words = words.to_vec();
        if words.first().is_some_and(|word| word.as_encoded_bytes().starts_with(b"+")) {
            line.repeated.toolchain = Some(words.remove(0));
        }
        for _ in 0..ALIASES {
            let Some(at) = subcommand(&words) else { return line };
            let name = words.get(at).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
            let expanded = if is_known(&name) { None } else { alias(&name) };
            let Some(expanded) = expanded else {
                line.options(words.get(..at).unwrap_or_default(), false);
                let rest = words.get(at + 1..).unwrap_or_default();
                line.work = work(&name, rest);
                line.options(rest, matches!(name.as_str(), "run" | "r"));
                line.words = words;
                return line;
            };
            words.splice(at..=at, expanded.into_iter().map(OsString::from));
        }
        line.work = Work::Foreign;
        line
    }

    /// `--manifest-path`.
    pub(crate) fn manifest_path(&self) -> Option<&Path> {
        let mut options = self.repeated.options.windows(2);
        options.find_map(|pair| match pair {
            [name, path] if name == "--manifest-path" => Some(Path::new(path)),
            _ => None,
        })
    }

    /// The words of a command that compiles the same and starts nothing, where there is one: llvm-cov has none.
    pub(crate) fn compiling(&self) -> Option<Vec<OsString>> {
        let at = subcommand(&self.words)?;
        let starts = matches!(self.work, Work::Compile { runs: Runs::Program });
        let own = own_words(self.words.get(at + 1..)?, starts).count();
        let mut words = self.words.get(..=at + own)?.to_vec();
        let is_run = |word: &OsString| word == "run" || word == "r";
        let runs = words.iter().skip(at + 1).any(is_run);
        match (self.work, words.get(at)?.to_str()?) {
            (_, "llvm-cov") => return None,
            (Work::Compile { runs: Runs::Tests }, "nextest") if !runs => return None,
            (Work::Compile { runs: Runs::Nothing }, _) => {}
            (Work::Compile { runs: Runs::Tests }, _) if words.iter().any(|word| word == "--no-run") => {}
            (Work::Compile { runs: Runs::Tests }, _) => words.push("--no-run".into()),
            (Work::Compile { runs: Runs::Program }, _) => *words.get_mut(at)? = "build".into(),
            _ => return None,
        }
        Some(self.repeated.toolchain.iter().cloned().chain(words).collect())
    }

    /// Notes the options that matter, up to `--`, or up to the first other word where that is a program's (`runs`).
    fn options(&mut self, words: &[OsString], runs: bool) {
        let mut words = own_words(words, runs);
        while let Some(word) = words.next() {
            let text = word.to_string_lossy();
            let (name, inline) = match text.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(OsString::from(value))),
                _ => (text.as_ref(), None),
            };
            match name {
                "--target" => {
                    self.targets.extend(value(inline, &mut words).map(|word| word.to_string_lossy().into_owned()));
                }
                "--target-dir" => self.target_dir = value(inline, &mut words).map(PathBuf::from),
                "-p" | "--package" => self.select(value(inline, &mut words)),
                "--workspace" | "--all" => self.selection = Selection::All,
                "--locked" | "--offline" | "--frozen" | "-q" | "--quiet" => self.repeated.options.push(word.clone()),
                "--config" | "--manifest-path" | "-Z" | "-C" | "--lockfile-path" => {
                    if let Some(value) = value(inline, &mut words) {
                        self.repeated.options.extend([OsString::from(name), value]);
                    }
                }
                _ => {
                    if let Some(package) = text.strip_prefix("-p").filter(|rest| !rest.is_empty()) {
                        self.select(Some(package.trim_start_matches('=').into()));
                    }
                }
            }
        }
    }

    /// A package is named by itself, with a version, or by an address that ends in it.
    fn select(&mut self, package: Option<OsString>) {
        let package = package.map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        let last = package.rsplit(['#', '/']).next().unwrap_or_default();
        let name = last.split(['@', ':']).next().unwrap_or_default();
        let is_plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        match &mut self.selection {
            Selection::All => {}
            _ if !is_plain => self.selection = Selection::All,
            Selection::Named(names) => names.push(name.to_owned()),
            Selection::Here => self.selection = Selection::Named(vec![name.to_owned()]),
        }
    }
}

fn value<'w>(inline: Option<OsString>, words: &mut impl Iterator<Item = &'w OsString>) -> Option<OsString> {
    inline.or_else(|| words.next().cloned())
}

/// Whether a command only says what it can do. **Not by a word that may be a program's**: that would run it unconfined.
fn asks_for_help(name: &str, rest: &[OsString], work: Work) -> bool {
    let is_help = |word: &OsString| word == "--help" || word == "-h";
    match (name, work) {
        ("run" | "r" | "rustc" | "rustdoc", _) => own_words(rest, true).any(is_help),
        ("llvm-cov", _) => own_words(rest, false).take(2).any(is_help),
        // A script (`-Zscript`) is a program.
        (script, Work::Foreign) if script.contains(['/', '.']) => false,
        (_, Work::Foreign) => rest.first().is_some_and(is_help),
        _ => own_words(rest, false).any(is_help),
    }
}

/// Where the subcommand stands.
fn subcommand(words: &[OsString]) -> Option<usize> {
    first_other(words, |word| TAKE_A_WORD.iter().any(|option| word == *option))
}

/// The words of a command itself: up to `--`, or up to a program's own (`runs`).
fn own_words(words: &[OsString], runs: bool) -> impl Iterator<Item = &OsString> {
    let takes = |word: &OsStr| {
        let known =
            TAKE_A_WORD.iter().chain(&RUN_TAKES_A_WORD).chain(&["--target", "-p", "--package", "--lockfile-path"]);
        known.into_iter().any(|option| word == *option)
    };
    let end = if runs { first_other(words, takes) } else { None };
    words.get(..end.unwrap_or(words.len())).unwrap_or_default().iter().take_while(|word| *word != "--")
}

/// The first word that is neither an option nor, where that `takes` one, an option's value.
fn first_other(words: &[OsString], takes: impl Fn(&OsStr) -> bool) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if takes(word) {
            at += 1;
        } else if !word.as_encoded_bytes().starts_with(b"-") {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Whether it is a command of cargo's own, which no alias replaces.
fn is_known(name: &str) -> bool {
    PLAIN.contains(&name) || !matches!(work(name, &[]), Work::Foreign)
}

fn work(name: &str, rest: &[OsString]) -> Work {
    let work = usual_work(name, rest);
    if asks_for_help(name, rest, work) { Work::Plain } else { work }
}

/// What a command does that is not asked for help.
fn usual_work(name: &str, rest: &[OsString]) -> Work {
    let compile = |runs| Work::Compile { runs };
    let has = |option: &str| own_words(rest, matches!(name, "run" | "r")).any(|word| word == option);
    let second = |options: &[&str]| {
        let at = first_other(rest, |word| options.iter().any(|option| word == *option))?;
        rest.get(at)?.to_str()
    };
    match name {
        "clippy" if has("--fix") => Work::Fix,
        "build" | "b" | "check" | "c" | "clippy" | "doc" | "d" | "rustc" | "rustdoc" => compile(Runs::Nothing),
        "test" | "t" | "bench" => compile(Runs::Tests),
        "run" | "r" => compile(Runs::Program),
        "nextest" => match second(&NEXTEST_TAKES_A_WORD) {
            None | Some("help" | "self") => Work::Plain,
            Some("show-config") if has("version") => Work::Plain,
            _ => compile(Runs::Tests),
        },
        "llvm-cov" => match second(&TAKE_A_WORD) {
            Some("run") => compile(Runs::Program),
            Some("report" | "clean" | "show-env") => Work::Plain,
            _ => compile(Runs::Tests),
        },
        "fix" => Work::Fix,
        "install" if has("--list") => Work::Plain,
        "install" => Work::Registry { verifies: false },
        "publish" | "package" if has("--no-verify") || has("--list") => Work::Plain,
        "publish" | "package" => Work::Registry { verifies: true },
        name if PLAIN.contains(&name) => Work::Plain,
        _ => Work::Foreign,
    }
}

/// The words after `cargo` in a command whose program is cargo or a subcommand's own (`cargo-nextest nextest run`).
pub(crate) fn words_of<'w>(program: &OsStr, arguments: &'w [OsString]) -> Option<&'w [OsString]> {
    let name = program.to_str()?;
    let is_cargo = name == "cargo" || (name.starts_with("cargo-") && name != "cargo-secrets");
    is_cargo.then_some(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> CargoLine {
        let words: Vec<_> = text.split(' ').map(OsString::from).collect();
        CargoLine::parse(&words, |name| match name {
            "xtask" => Some(vec!["run".into(), "-p".into(), "xtask".into(), "--".into()]),
            "again" => Some(vec!["again".into()]),
            "ci" => Some(vec!["--config".into(), "x=1".into(), "xt".into()]),
            "xt" => Some(vec!["test".into(), "--workspace".into()]),
            "build" => Some(vec!["publish".into()]),
            _ => None,
        })
    }

    #[test]
    fn what_a_command_does() {
        let compile = |runs| Work::Compile { runs };
        for (text, work) in [
            ("test", compile(Runs::Tests)),
            ("+stable t -- --nocapture", compile(Runs::Tests)),
            ("-q --color never run -- publish", compile(Runs::Program)),
            ("--config net.offline=true -Z unstable build", compile(Runs::Nothing)),
            ("clippy --fix", Work::Fix),
            ("clippy -- --fix", compile(Runs::Nothing)),
            ("nextest run", compile(Runs::Tests)),
            ("nextest --color never run", compile(Runs::Tests)),
            ("nextest --manifest-path X bench", compile(Runs::Tests)),
            ("nextest show-config version", Work::Plain),
            ("nextest run --help", Work::Plain),
            ("run -p api serve -h db.example", compile(Runs::Program)),
            ("run --bin api serve --help", compile(Runs::Program)),
            ("run --help", Work::Plain),
            ("run -p api -h", Work::Plain),
            ("llvm-cov run --help", Work::Plain),
            ("llvm-cov -- -h", compile(Runs::Tests)),
            ("rustc --help", Work::Plain),
            ("rustc x --help", compile(Runs::Nothing)),
            ("-Zscript ./s.rs -h", Work::Foreign),
            ("nextest show-config test-groups", compile(Runs::Tests)),
            ("install --list", Work::Plain),
            ("llvm-cov run serve -h", compile(Runs::Program)),
            ("watch --help", Work::Plain),
            ("watch -x test -h", Work::Foreign),
            ("fetch -h", Work::Plain),
            ("xtask -h", compile(Runs::Program)),
            ("llvm-cov --no-report", compile(Runs::Tests)),
            ("llvm-cov report", Work::Plain),
            ("xtask dist", compile(Runs::Program)),
            ("ci", compile(Runs::Tests)),
            ("again", Work::Foreign),
            ("watch -x test", Work::Foreign),
            ("miri test", Work::Foreign),
            ("publish --dry-run", Work::Registry { verifies: true }),
            ("publish --no-verify", Work::Plain),
            ("install ripgrep", Work::Registry { verifies: false }),
            ("add serde", Work::Plain),
            ("test --help", Work::Plain),
            ("--version", Work::Plain),
        ] {
            assert_eq!(parse(text).work, work, "{text}");
        }
    }

    #[test]
    fn the_same_can_be_compiled_without_starting_anything() {
        let compiling = |text: &str| parse(text).compiling().map(|words| words.join(OsString::from(" ").as_os_str()));
        assert_eq!(compiling("+stable t -p a -- --nocapture").unwrap(), "+stable t -p a --no-run");
        assert_eq!(compiling("-q run --release -- x").unwrap(), "-q build --release");
        assert_eq!(compiling("run --bin web -p a serve -h").unwrap(), "build --bin web -p a");
        assert_eq!(compiling("build").unwrap(), "build");
        assert_eq!(compiling("publish"), None);
        assert_eq!(compiling("xtask dist").unwrap(), "build -p xtask");
        assert_eq!(compiling("ci -p a").unwrap(), "--config x=1 test --workspace -p a --no-run");
        assert_eq!(compiling("nextest run").unwrap(), "nextest run --no-run");
        assert_eq!(compiling("test --no-run").unwrap(), "test --no-run");
        for text in ["nextest list", "llvm-cov --no-report", "llvm-cov run", "fix", "again", "watch"] {
            assert_eq!(compiling(text), None, "{text}");
        }
    }

    #[test]
    fn what_it_is_for() {
        let line = parse(
            "+nightly test --target a-b-c --target=d.json -p api -pweb --package=url#core@1.0 --locked --target-dir x",
        );
        assert_eq!(line.targets, ["a-b-c", "d.json"]);
        assert_eq!(line.selection, Selection::Named(vec!["api".into(), "web".into(), "core".into()]));
        assert_eq!(line.target_dir, Some(PathBuf::from("x")));
        assert_eq!(line.repeated.toolchain, Some("+nightly".into()));
        assert_eq!(line.repeated.options, ["--locked"]);
        assert_eq!(parse("test --workspace -p a").selection, Selection::All);
        assert_eq!(parse("test -p a*").selection, Selection::All);
        assert_eq!(parse("run --bin x serve -p 8080 --target y").selection, Selection::Here);
        assert_eq!(parse("run --bin x -p a serve").selection, Selection::Named(vec!["a".into()]));
        assert_eq!(parse("llvm-cov run -p a").selection, Selection::Named(vec!["a".into()]));
        assert_eq!(parse("test -- -p a").selection, Selection::Here);
        assert_eq!(parse("--config a=1 test --manifest-path b/Cargo.toml").repeated.options.len(), 4);
        let line = parse("--config a=1 test --manifest-path b/Cargo.toml");
        assert_eq!(line.manifest_path(), Some(Path::new("b/Cargo.toml")));
    }
}
