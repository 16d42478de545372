//! Plain `cargo test`, without a wrapper: our runner in the user's own settings of cargo, and what is taken in its place.
//!
//! **The host's own table is where it belongs**: cargo and nextest agree on it, and it clashes with nothing. A project's
//! runner for the same target wins over it, a variable wins over all, and with a project's `cfg(…)` table the two tools
//! differ (cargo's book, "Configuration", `target.<triple>.runner`).

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_config2::Walk;
use cargo_metadata::cargo_platform::{Cfg, Platform};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, value};

use super::config::{ConfigError, runner_variable};
use super::layers::{Layer, of_files};
use crate::process::runner::{RUNNER, is_ours};
use crate::process::surroundings::Surroundings;

/// What rustc builds for by itself.
#[derive(Debug)]
pub(crate) struct Host {
    /// Its name.
    pub(crate) triple: String,
    cfgs: Vec<Cfg>,
}

/// What is taken in place of our runner, or beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Overruled {
    /// By a variable: everywhere.
    Variable(String),
    /// By the same table of a file that is nearer.
    Table {
        /// The file.
        file: PathBuf,
        /// The table.
        table: String,
    },
    /// By the same table of another file, where one is a string and the other a list: cargo stops at that.
    Clash {
        /// The file.
        file: PathBuf,
        /// The table.
        table: String,
        /// Whether ours is the list.
        is_ours_list: bool,
    },
    /// By a `cfg(…)` table: in nextest alone, and cargo does not start what it names.
    Cfg {
        /// The file.
        file: PathBuf,
        /// The table.
        table: String,
    },
    /// Ours is in a `cfg(…)` table, which every other runner replaces or clashes with.
    Misplaced {
        /// The file.
        file: PathBuf,
        /// The table.
        table: String,
    },
    /// The program that the settings name is not there any more.
    Gone {
        /// The file.
        file: PathBuf,
        /// The program.
        program: PathBuf,
    },
}

/// How our runner fares in a folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The file that sets it.
    pub(crate) file: PathBuf,
    /// What is taken in its place.
    pub(crate) overruled: Vec<Overruled>,
}

/// The settings cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetError {
    /// They are no TOML; what stands there may be a registry's token, so it is not shown.
    #[error("line {line} is no valid TOML")]
    Syntax {
        /// Counted from 1.
        line: usize,
    },
    /// A key that should be a table.
    #[error("`{0}` is no table")]
    Shape(String),
    /// There is a runner of somebody else's.
    #[error("`target.{triple}.runner` is set to something else already")]
    Taken {
        /// The target.
        triple: String,
    },
}

impl fmt::Display for Overruled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => {
                write!(f, "`{name}` is set: plain cargo and nextest start what it names, not our runner")
            }
            Self::Table { file, table } => write!(
                f,
                "`[target.{table}]` in {} has a runner, which plain cargo and nextest start in place of ours",
                file.display()
            ),
            Self::Clash { file, table, is_ours_list } => {
                let (theirs, ours) = if *is_ours_list { ("string", "list") } else { ("list", "string") };
                write!(
                    f,
                    "`[target.{table}]` in {} has a runner that is a {theirs}, and ours is a {ours}: cargo stops at that",
                    file.display()
                )
            }
            Self::Cfg { file, table } => write!(
                f,
                "`[target.'{table}']` in {} has a runner: nextest starts it in place of ours, cargo starts ours alone",
                file.display()
            ),
            Self::Misplaced { file, table } => write!(
                f,
                "our runner stands in `[target.'{table}']` of {}: any other runner replaces it or clashes with it",
                file.display()
            ),
            Self::Gone { file, program } => {
                write!(f, "`{}` is not there: {} names it as the runner", program.display(), file.display())
            }
        }
    }
}

impl Overruled {
    /// What to type next.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Variable(name) => format!("unset {name}"),
            Self::Table { .. } | Self::Cfg { .. } => {
                "cargo secrets run -- cargo test (starts that runner in front of each program)".to_owned()
            }
            Self::Clash { is_ours_list: true, .. } => "write it as a list, each word in quotes".to_owned(),
            Self::Clash { .. } => "write it as one string, its words with spaces between".to_owned(),
            Self::Misplaced { table, .. } => {
                format!("remove `[target.'{table}']` there, then: cargo secrets init --runner")
            }
            Self::Gone { .. } => "cargo secrets init --runner".to_owned(),
        }
    }

    /// Whether it is a mistake of ours, rather than somebody's wish.
    pub(crate) fn is_mistake(&self) -> bool {
        matches!(self, Self::Misplaced { .. } | Self::Gone { .. } | Self::Clash { .. })
    }
}

impl SetError {
    /// What to type next.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::Syntax { .. } | Self::Shape(_) => "`cargo metadata --no-deps` says what is wrong there",
            Self::Taken { .. } => {
                "`cargo secrets run` starts it in front of each program; remove it to have our runner without `run`"
            }
        }
    }
}

/// One runner that a file sets for the host.
struct Setting {
    file: PathBuf,
    table: String,
    program: PathBuf,
    is_ours: bool,
    is_list: bool,
}

impl Setting {
    fn is_cfg(&self) -> bool {
        self.table.starts_with("cfg(")
    }
}

impl Host {
    /// Asks rustc, in `folder`: a toolchain may be set for it.
    pub(crate) fn ask(folder: &Path) -> Option<Self> {
        let version = rustc(&["-vV"], Some(folder))?;
        let triple = version.lines().find_map(|line| line.strip_prefix("host: "))?.to_owned();
        Some(Self { triple, cfgs: parsed(&rustc(&["--print", "cfg"], Some(folder))?) })
    }

    /// What holds for the host.
    pub(super) fn cfgs(&self) -> &[Cfg] {
        &self.cfgs
    }

    /// What holds for another target, if rustc knows it.
    pub(super) fn cfgs_of(triple: &str) -> Option<Vec<Cfg>> {
        Some(parsed(&rustc(&["--print", "cfg", "--target", triple], None)?))
    }

    fn is_meant_by(&self, table: &str) -> bool {
        table.parse::<Platform>().is_ok_and(|platform| platform.matches(&self.triple, &self.cfgs))
    }
}

/// What rustc says, if it is content.
fn rustc(words: &[&str], folder: Option<&Path>) -> Option<String> {
    let mut rustc = Command::new("rustc");
    rustc.args(words).current_dir(folder.unwrap_or(Path::new(".")));
    let output = rustc.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}

fn parsed(cfgs: &str) -> Vec<Cfg> {
    cfgs.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Whether any of cargo's settings names us.
pub(crate) fn is_named(surroundings: &Surroundings) -> bool {
    let mut files = Walk::with_cargo_home(&surroundings.cwd, surroundings.cargo_home.clone());
    files.any(|file| std::fs::read_to_string(file).is_ok_and(|text| text.contains(env!("CARGO_PKG_NAME"))))
}

/// Whether the user's own settings name us, as `init --runner` has them do.
pub(crate) fn is_users(cargo_home: &Path) -> bool {
    std::fs::read_to_string(user_settings(cargo_home)).is_ok_and(|text| text.contains(env!("CARGO_PKG_NAME")))
}

/// How our runner fares in the working folder; `None` where it is not set.
pub(crate) fn standing(surroundings: &Surroundings, host: &Host) -> Result<Option<Standing>, ConfigError> {
    let settings = settings(surroundings, host)?;
    let Some(ours) = settings.iter().position(|setting| setting.is_ours) else { return Ok(None) };
    let (nearer, rest) = settings.split_at(ours);
    let Some(ours) = rest.first() else { return Ok(None) };
    let variable = runner_variable(&host.triple);
    let by_variable = std::env::var(&variable).is_ok_and(|set| !is_ours_in_words(&set));
    let named = |setting: &Setting| (setting.file.clone(), setting.table.clone());
    let mut overruled: Vec<Overruled> = by_variable.then_some(Overruled::Variable(variable)).into_iter().collect();
    if which::which(&ours.program).is_err() {
        overruled.push(Overruled::Gone { file: ours.file.clone(), program: ours.program.clone() });
    }
    if ours.is_cfg() {
        let (file, table) = named(ours);
        overruled.push(Overruled::Misplaced { file, table });
    }
    overruled.extend(nearer.iter().filter(|setting| !setting.is_cfg()).map(|setting| {
        let (file, table) = named(setting);
        if setting.is_list != ours.is_list && setting.table == ours.table {
            return Overruled::Clash { file, table, is_ours_list: ours.is_list };
        }
        Overruled::Table { file, table }
    }));
    let others = settings.iter().filter(|setting| setting.is_cfg() && !setting.is_ours && !ours.is_cfg());
    overruled.extend(others.map(|setting| {
        let (file, table) = named(setting);
        Overruled::Cfg { file, table }
    }));
    Ok(Some(Standing { file: ours.file.clone(), overruled }))
}

/// Every runner that a file sets for the host, nearest file first.
fn settings(surroundings: &Surroundings, host: &Host) -> Result<Vec<Setting>, ConfigError> {
    let mut settings = Vec::new();
    for Layer { file, config, .. } in of_files(surroundings)? {
        for (table, target) in config.target {
            let Some(runner) = target.runner.filter(|_| host.is_meant_by(&table)) else { continue };
            let is_list = serde_json::to_value(&runner).is_ok_and(|set| set.is_array());
            let program = PathBuf::from(runner.path.raw_value());
            let words: Vec<_> = runner.args.into_iter().map(|word| OsString::from(word.val)).collect();
            let is_ours = is_ours(&program, &words);
            settings.push(Setting { file: file.clone(), table, program, is_ours, is_list });
        }
    }
    Ok(settings)
}

fn is_ours_in_words(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let program = words.next().unwrap_or_default();
    is_ours(Path::new(program), &words.map(OsString::from).collect::<Vec<_>>())
}

/// The user's settings: the file without an ending is read where there are two.
pub(crate) fn user_settings(cargo_home: &Path) -> PathBuf {
    let old = cargo_home.join("config");
    if old.is_file() { old } else { cargo_home.join("config.toml") }
}

/// `text` with us as the runner for `triple`; `None` where we are that already.
pub(crate) fn set_runner(text: &str, triple: &str, us: &str) -> Result<Option<String>, SetError> {
    let mut document: DocumentMut = text.parse().map_err(|error| syntax(text, &error))?;
    let table = below(below(document.as_table_mut(), "target")?, triple)?;
    // cargo takes no string in one file with a list in another, and projects have strings.
    let is_one_word = !us.contains(char::is_whitespace);
    let runner = if is_one_word { value(format!("{us} {RUNNER}")) } else { value(Array::from_iter([us, RUNNER])) };
    match table.get("runner") {
        Some(set) if words_of(set).is_some_and(|set| set == [us, RUNNER]) => return Ok(None),
        Some(set) => {
            let set = words_of(set).unwrap_or_default();
            let (program, rest) = set.split_first().map_or(("", &[][..]), |(program, rest)| (program.as_str(), rest));
            if !is_ours(Path::new(program), &rest.iter().map(OsString::from).collect::<Vec<_>>()) {
                return Err(SetError::Taken { triple: triple.to_owned() });
            }
        }
        None => {}
    }
    table.insert("runner", runner);
    Ok(Some(document.to_string()))
}

fn syntax(text: &str, error: &toml_edit::TomlError) -> SetError {
    let start = error.span().map_or(0, |span| span.start);
    SetError::Syntax { line: text.get(..start).unwrap_or(text).matches('\n').count() + 1 }
}

/// The words of a runner, as a string or as a list.
fn words_of(set: &Item) -> Option<Vec<String>> {
    if let Some(text) = set.as_str() {
        return Some(text.split_ascii_whitespace().map(str::to_owned).collect());
    }
    set.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect()
}

fn below<'t>(table: &'t mut dyn TableLike, key: &str) -> Result<&'t mut dyn TableLike, SetError> {
    let item = table.entry(key).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    item.as_table_like_mut().ok_or_else(|| SetError::Shape(key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsx;

    const HOST: &str = "x86_64-unknown-linux-gnu";

    fn host() -> Host {
        let cfgs = ["unix", "target_os=\"linux\"", "target_arch=\"x86_64\""];
        Host { triple: HOST.to_owned(), cfgs: cfgs.iter().map(|cfg| cfg.parse().unwrap()).collect() }
    }

    /// Settings in a project and at the user's, as they fare together.
    fn fares(project: &str, user: &str) -> Option<Standing> {
        let folder = tempfile::tempdir().unwrap();
        let (home, cwd) = (folder.path().join("home"), folder.path().join("project"));
        for (folder, text) in [(cwd.join(".cargo"), project), (home.clone(), user)] {
            fsx::create_dir(&folder).unwrap();
            fsx::replace(&folder.join("config.toml"), text.as_bytes()).unwrap();
        }
        let surroundings = Surroundings { cwd, cargo_home: Some(home), ..Surroundings::default() };
        standing(&surroundings, &host()).unwrap()
    }

    fn ours(table: &str) -> String {
        let us = std::env::current_exe().unwrap();
        format!("[target.'{table}']\nrunner = ['{}', 'runner']\n", us.display())
    }

    fn troubles(project: &str, table: &str) -> Vec<Overruled> {
        fares(project, &ours(table)).unwrap().overruled
    }

    #[test]
    fn what_is_taken_in_place_of_our_runner_is_found() {
        assert_eq!(fares("", ""), None);
        assert_eq!(fares("[target.'cfg(unix)']\nrunner = 'sudo'\n", ""), None);
        assert!(troubles("", HOST).is_empty());
        assert!(troubles("[target.thumbv7em-none-eabi]\nrunner = 'probe-rs run'\n", HOST).is_empty());
        assert!(troubles("[target.'cfg(target_os = \"none\")']\nrunner = 'probe-rs run'\n", HOST).is_empty());
        let table = troubles(&format!("[target.{HOST}]\nrunner = ['sudo', '-E']\n"), HOST);
        assert!(matches!(&table[..], [Overruled::Table { table, .. }] if table == HOST), "{table:?}");
        let clash = troubles(&format!("[target.{HOST}]\nrunner = 'sudo -E'\n"), HOST);
        assert!(matches!(&clash[..], [Overruled::Clash { is_ours_list: true, .. }]), "{clash:?}");
        let cfg = troubles("[target.'cfg(unix)']\nrunner = 'sudo -E'\n", HOST);
        assert!(matches!(&cfg[..], [Overruled::Cfg { table, .. }] if table == "cfg(unix)"), "{cfg:?}");
        let misplaced = troubles("", "cfg(all())");
        assert!(matches!(&misplaced[..], [Overruled::Misplaced { .. }]), "{misplaced:?}");
        let gone = fares("", &format!("[target.{HOST}]\nrunner = ['/none/cargo-secrets', 'runner']\n")).unwrap();
        assert!(matches!(&gone.overruled[..], [Overruled::Gone { .. }]), "{gone:?}");
    }

    #[test]
    fn we_become_the_runner_and_the_rest_stays() {
        let us = "/home/a b/cargo-secrets";
        let before = "# mine\n[net]\nretry = 3 # times\n\n[target.x86_64-unknown-linux-gnu]\nlinker = \"clang\"\n";
        let after = set_runner(before, HOST, us).unwrap().unwrap();
        assert_eq!(after, format!("{before}runner = [\"{us}\", \"runner\"]\n"));
        assert_eq!(set_runner(&after, HOST, us).unwrap(), None);
        let moved = set_runner(&after, HOST, "/new/cargo-secrets").unwrap().unwrap();
        assert_eq!(moved, format!("{before}runner = \"/new/cargo-secrets runner\"\n"));
        assert_eq!(set_runner(&moved, HOST, "/new/cargo-secrets").unwrap(), None);
        let new = set_runner("", HOST, us).unwrap().unwrap();
        assert_eq!(new, format!("[target.{HOST}]\nrunner = [\"{us}\", \"runner\"]\n"));
    }

    #[test]
    fn a_runner_of_somebody_elses_stays() {
        for set in ["'qemu-x86_64 -L /usr'", "['sudo', '-E']", "1"] {
            let error = set_runner(&format!("target.{HOST}.runner = {set}\n"), HOST, "/cargo-secrets").unwrap_err();
            assert!(matches!(error, SetError::Taken { .. }), "{error}");
        }
        assert!(matches!(set_runner("target = 1\n", HOST, "/x").unwrap_err(), SetError::Shape(_)));
        let broken = "[registry]\ntoken = \"pasted\n";
        assert!(matches!(set_runner(broken, HOST, "/x").unwrap_err(), SetError::Syntax { line: 2 }));
    }
}
