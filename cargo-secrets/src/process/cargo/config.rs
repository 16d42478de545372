//! cargo's settings: aliases, targets, where it builds, and the runners that the user has set.
//!
//! **Nothing is started** unless a `cfg(…)` table sets a runner: only rustc knows which cfgs a target has. What a file says
//! is not repeated in messages: it may hold a registry's token.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use cargo_config2::de::{self, PathAndArgs, StringOrArray};

use super::layers::{Layer, of_files, of_words};
use super::line::CargoLine;
use super::plain::Host;
use crate::process::runner;
use crate::process::surroundings::Surroundings;

/// What cargo may call the host, whichever C library its toolchain is for.
const HOSTS: [&str; 2] = ["unknown-linux-gnu", "unknown-linux-musl"];

/// What `--target` and `build.target` call the host.
const HOST_TUPLE: &str = "host-tuple";

/// Compiler caches that start a server, or ask one, at a port of this machine.
const CACHES: [&str; 2] = ["sccache", "cachepot"];

/// cargo's settings cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file of theirs cannot be read.
    #[error("failed to read cargo's settings in `{}`", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of theirs is not understood.
    #[error("cargo's settings in `{}` cannot be understood", .0.display())]
    Broken(PathBuf),
    /// A runner that is not there.
    #[error("the runner `{}` that {place} sets for `{triple}` does not exist", program.display())]
    NoRunner {
        /// The target.
        triple: String,
        /// As it is set.
        program: PathBuf,
        /// Where.
        place: Place,
    },
    /// A runner in cargo's own arguments, which nothing overrules.
    #[error("`--config` sets a runner for `{triple}`, which takes the place of the one that delivers")]
    RunnerOnLine {
        /// The target.
        triple: String,
    },
}

/// Where a runner is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a variable.
    Variable(String),
    /// In a file.
    File(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "`{name}`"),
            Self::File(path) => write!(f, "`{}`", path.display()),
        }
    }
}

impl ConfigError {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match self {
            Self::Read { .. } => return None,
            Self::Broken(_) => "`cargo metadata --no-deps` says what is wrong there".to_owned(),
            Self::NoRunner { place: Place::Variable(name), .. } => format!("unset {name}, or install the runner"),
            Self::NoRunner { .. } => "correct it there, or install the runner".to_owned(),
            Self::RunnerOnLine { triple } => {
                format!("set it in {} or in `.cargo/config.toml`: it is started then", runner_variable(triple))
            }
        })
    }
}

/// cargo's settings as they hold in the working folder.
#[derive(Debug, Default)]
pub(crate) struct CargoConfig {
    /// Those of `--config`, the last first.
    words: Vec<Layer>,
    /// Those of files, the nearest first.
    files: Vec<Layer>,
    cwd: PathBuf,
    path: OsString,
}

/// A runner as it is set.
struct Set {
    place: Place,
    words: Vec<String>,
    base: PathBuf,
}

impl Set {
    fn new(layer: &Layer, runner: &PathAndArgs) -> Self {
        let words = std::iter::once(runner.path.raw_value().to_owned());
        let words = words.chain(runner.args.iter().map(|word| word.val.clone())).collect();
        Self { place: Place::File(layer.file.clone()), words, base: layer.base.clone() }
    }

    /// The program, and its arguments.
    fn split(&self) -> (&Path, Vec<OsString>) {
        let program = Path::new(self.words.first().map_or("", String::as_str));
        (program, self.words.iter().skip(1).map(OsString::from).collect())
    }

    fn is_ours(&self) -> bool {
        let (program, words) = self.split();
        runner::is_ours(program, &words)
    }
}

impl CargoConfig {
    /// Reads the files.
    pub(crate) fn load(surroundings: &Surroundings) -> Result<Self, ConfigError> {
        let path = std::env::join_paths(&surroundings.path).unwrap_or_default();
        Ok(Self { words: Vec::new(), files: of_files(surroundings)?, cwd: surroundings.cwd.clone(), path })
    }

    /// Puts what `--config` says on the command line over them.
    pub(crate) fn add(&mut self, line: &CargoLine) -> Result<(), ConfigError> {
        self.words = of_words(&line.repeated.options, &self.cwd)?;
        Ok(())
    }

    /// What stands for a subcommand.
    pub(crate) fn alias(&self, name: &str) -> Option<Vec<String>> {
        let variable = format!("CARGO_ALIAS_{}", name.to_uppercase().replace(['-', '.'], "_"));
        if let Ok(words) = std::env::var(variable) {
            return Some(words.split_ascii_whitespace().map(str::to_owned).collect());
        }
        let words = self.files.iter().find_map(|layer| layer.config.alias.get(name))?;
        Some(words.list.iter().map(|word| word.val.clone()).collect())
    }

    /// Where cargo writes what it builds.
    pub(crate) fn target_folders(&self, line: Option<&CargoLine>, cwd: &Path, root: &Path) -> Vec<PathBuf> {
        let given = line.and_then(|line| line.target_dir.as_ref()).map(|folder| cwd.join(folder));
        let set = || {
            let variable = |name: &str| std::env::var_os(name).filter(|set| !set.is_empty()).map(|set| cwd.join(set));
            let target = |build: &de::BuildConfig| build.target_dir.as_ref().map(|folder| folder.val.clone());
            variable("CARGO_TARGET_DIR").or_else(|| self.folder("CARGO_BUILD_TARGET_DIR", target))
        };
        let target = given.or_else(set).unwrap_or_else(|| root.join("target"));
        let build = |build: &de::BuildConfig| build.build_dir.as_ref().map(|folder| folder.val.clone());
        let build = self.folder("CARGO_BUILD_BUILD_DIR", build).map(|folder| in_workspace(&folder, root));
        std::iter::once(target).chain(build).collect()
    }

    /// A folder of `build`, with its variable between the command line and the files.
    fn folder(&self, variable: &str, get: impl Fn(&de::BuildConfig) -> Option<String>) -> Option<PathBuf> {
        let in_layer = |layer: &Layer| {
            let folder = get(&layer.config.build)?;
            Some(if folder.starts_with('{') { folder.into() } else { layer.base.join(folder) })
        };
        let variable = || std::env::var_os(variable).filter(|set| !set.is_empty()).map(|set| self.cwd.join(set));
        self.words.iter().find_map(in_layer).or_else(variable).or_else(|| self.files.iter().find_map(in_layer))
    }

    /// The compiler cache in front of rustc, where it is one that asks a server: no build domain reaches that.
    pub(crate) fn cache(&self) -> Option<String> {
        let variable = ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"].iter().find_map(|name| std::env::var(name).ok());
        let in_layer = |layer: &Layer| layer.config.build.rustc_wrapper.as_ref().map(|wrapper| wrapper.val.clone());
        let set = || self.words.iter().chain(&self.files).find_map(in_layer);
        let wrapper = variable.or_else(set)?;
        let name = Path::new(&wrapper).file_name()?.to_str()?;
        CACHES.contains(&name).then(|| name.to_owned())
    }

    /// The targets to set a runner for: those of the command or of the settings, the host's, and every one that is
    /// installed, as a task runner may build for any of them.
    pub(crate) fn triples(&self, line: Option<&CargoLine>, surroundings: &Surroundings) -> Vec<String> {
        let mut triples = self.built_for(line);
        triples.extend(installed(surroundings.rustup_home.as_deref()));
        triples.sort_unstable();
        triples.dedup();
        triples
    }

    /// The targets that the command builds for.
    fn built_for(&self, line: Option<&CargoLine>) -> Vec<String> {
        self.named(line).into_iter().chain(hosts()).collect()
    }

    /// The targets that the command or the settings name.
    fn named(&self, line: Option<&CargoLine>) -> Vec<String> {
        let given = line.map(|line| line.targets.clone()).unwrap_or_default();
        let targets = if given.is_empty() { self.build_targets() } else { given };
        targets.iter().map(|target| name(target)).filter(|triple| triple != HOST_TUPLE).collect()
    }

    fn build_targets(&self) -> Vec<String> {
        let in_layer = |layer: &Layer| {
            Some(match layer.config.build.target.as_ref()? {
                StringOrArray::String(target) => vec![target.val.clone()],
                StringOrArray::Array(targets) => targets.iter().map(|target| target.val.clone()).collect(),
            })
        };
        let variable = || Some(vec![std::env::var("CARGO_BUILD_TARGET").ok().filter(|target| !target.is_empty())?]);
        let set = self.words.iter().find_map(in_layer).or_else(variable);
        set.or_else(|| self.files.iter().find_map(in_layer)).unwrap_or_default()
    }

    /// The runners that the user has set for any of `triples`; ours is not counted.
    pub(crate) fn runners(
        &self,
        line: Option<&CargoLine>,
        triples: &[String],
    ) -> Result<Vec<(String, Vec<OsString>)>, ConfigError> {
        let (named, asked) = (self.named(line), OnceCell::new());
        let host = || asked.get_or_init(|| Host::ask(&self.cwd)).as_ref();
        // Which of the host's names is its own costs a start of rustc, so it is asked last.
        let is_built = |triple: &String| {
            named.contains(triple)
                || (hosts().any(|name| name == *triple) && host().is_none_or(|host| host.triple == *triple))
        };
        let by_cfg = self.files.iter().any(Layer::sets_runner_by_cfg);
        let mut runners = Vec::new();
        for triple in triples.iter().cloned() {
            if self.words.iter().any(|layer| layer.runner(&triple).is_some()) && is_built(&triple) {
                return Err(ConfigError::RunnerOnLine { triple });
            }
            let set = by_variable(&triple, &self.cwd).or_else(|| self.by_table(&triple));
            let set = set.or_else(|| self.by_cfg(&triple, by_cfg.then(host)?.filter(|_| is_built(&triple))?));
            let Some(set) = set else { continue };
            if set.is_ours() {
                continue;
            }
            let (program, words) = set.split();
            let file = self.program(program, &set.base);
            if which::which_in(&file, Some(&self.path), &self.cwd).is_err() && is_built(&triple) {
                return Err(ConfigError::NoRunner { triple, program: program.to_owned(), place: set.place });
            }
            runners.push((triple, std::iter::once(file.into()).chain(words).collect()));
        }
        Ok(runners)
    }

    /// Whether plain cargo would start us for any of `triples`: what we start may call it.
    pub(crate) fn starts_us(&self, triples: &[String]) -> bool {
        let set = |triple: &String| by_variable(triple, &self.cwd).or_else(|| self.by_table(triple));
        triples.iter().filter_map(set).any(|set| set.is_ours())
    }

    fn by_table(&self, triple: &str) -> Option<Set> {
        self.files.iter().find_map(|layer| Some(Set::new(layer, layer.runner(triple)?)))
    }

    /// A `cfg(…)` table's, where the target is the host, or rustc can say what it is.
    fn by_cfg(&self, triple: &str, host: &Host) -> Option<Set> {
        let cfgs = if host.triple == triple { host.cfgs().to_vec() } else { Host::cfgs_of(triple)? };
        self.files.iter().find_map(|layer| Some(Set::new(layer, layer.runner_by_cfg(triple, &cfgs)?)))
    }

    /// The file of a runner, if it is to be found.
    fn program(&self, program: &Path, base: &Path) -> PathBuf {
        let is_path = program.as_os_str().as_encoded_bytes().contains(&b'/');
        let file = if is_path { base.join(program) } else { program.to_owned() };
        which::which_in(&file, Some(&self.path), &self.cwd).unwrap_or(file)
    }
}

/// A variable's, which cargo splits at white space.
fn by_variable(triple: &str, cwd: &Path) -> Option<Set> {
    let name = runner_variable(triple);
    let words: Vec<_> = std::env::var(&name).ok()?.split_ascii_whitespace().map(str::to_owned).collect();
    (!words.is_empty()).then(|| Set { place: Place::Variable(name), words, base: cwd.to_owned() })
}

/// The host's targets by their names.
fn hosts() -> impl Iterator<Item = String> {
    HOSTS.iter().map(|rest| format!("{}-{rest}", std::env::consts::ARCH))
}

/// The variable that sets the runner for a target: `CARGO_TARGET_<TRIPLE>_RUNNER` (cargo, environment variables).
pub(crate) fn runner_variable(triple: &str) -> String {
    format!("CARGO_TARGET_{}_RUNNER", triple.to_uppercase().replace(['-', '.'], "_"))
}

/// The name of a target that may be given as the path of its description.
fn name(target: &str) -> String {
    let path = Path::new(target);
    match path.extension() {
        Some(extension) if extension == "json" => {
            path.file_stem().map_or_else(|| target.to_owned(), |stem| stem.to_string_lossy().into_owned())
        }
        _ => target.to_owned(),
    }
}

/// `build.build-dir` may name the workspace's folder (cargo, `build.build-dir`).
fn in_workspace(folder: &Path, root: &Path) -> PathBuf {
    let Some(text) = folder.to_str() else { return folder.to_owned() };
    match text.split_once("{workspace-root}") {
        Some((_, below)) => root.join(below.trim_start_matches('/')),
        // What else it may name is a hash of the workspace's path, below a folder that can be told.
        None => text.split_once('{').map_or_else(|| folder.to_owned(), |(above, _)| PathBuf::from(above)),
    }
}

/// The targets of every toolchain that rustup has installed.
fn installed(rustup_home: Option<&Path>) -> Vec<String> {
    let below = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let Some(toolchains) = rustup_home.map(|home| home.join("toolchains")) else { return Vec::new() };
    let targets = below(&toolchains).flat_map(|toolchain| below(&toolchain.path().join("lib/rustlib")));
    let has_std = targets.filter(|target| target.path().join("lib").is_dir());
    has_std.filter_map(|target| target.file_name().into_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsx;

    #[test]
    fn a_target_is_named_as_cargo_names_it_in_variables() {
        assert_eq!(runner_variable("thumbv7em-none-eabi"), "CARGO_TARGET_THUMBV7EM_NONE_EABI_RUNNER");
        assert_eq!(runner_variable("thumbv8m.main-none-eabi"), "CARGO_TARGET_THUMBV8M_MAIN_NONE_EABI_RUNNER");
        assert_eq!(name("specs/my-board.json"), "my-board");
        assert_eq!(name("x86_64-unknown-linux-gnu"), "x86_64-unknown-linux-gnu");
    }

    #[test]
    fn a_build_folder_may_name_the_workspace() {
        assert_eq!(in_workspace(Path::new("{workspace-root}/b"), Path::new("/w")), PathBuf::from("/w/b"));
        assert_eq!(in_workspace(Path::new("/c/{workspace-path-hash}/b"), Path::new("/w")), PathBuf::from("/c/"));
        assert_eq!(in_workspace(Path::new("/b"), Path::new("/w")), PathBuf::from("/b"));
    }

    /// A project with these settings, a runner in `tools`, and an included file.
    fn project(settings: &str) -> (tempfile::TempDir, Surroundings) {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let cwd = folder.path().join("p/src");
        for (path, text) in [
            ("p/.cargo/config.toml", settings),
            ("p/.cargo/more.toml", "[alias]\nmore = 'test --lib'\n[target.a-b-included]\nrunner = 'sh -x'\n"),
            ("p/tools/run", "#!/bin/sh\n"),
            ("p/src/lib.rs", ""),
        ] {
            let path = folder.path().join(path);
            fsx::create_dir(path.parent().unwrap()).unwrap();
            fsx::replace(&path, text.as_bytes()).unwrap();
        }
        std::fs::set_permissions(folder.path().join("p/tools/run"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect();
        (folder, Surroundings { cwd, path, ..Surroundings::default() })
    }

    /// The runner of `triple` for `cargo LINE`, its program by its last name.
    fn runner(settings: &str, line: &str, triple: &str) -> Result<Option<Vec<String>>, ConfigError> {
        let (_folder, surroundings) = project(settings);
        let mut config = CargoConfig::load(&surroundings).unwrap();
        let words: Vec<_> = line.split(' ').map(OsString::from).collect();
        let line = CargoLine::parse(&words, |name| config.alias(name));
        config.add(&line).unwrap();
        let runners = config.runners(Some(&line), &config.triples(Some(&line), &surroundings))?;
        let words = runners.into_iter().find(|(set, _)| set == triple).map(|(_, words)| words);
        let last = |word: OsString| word.to_string_lossy().rsplit('/').next().unwrap().to_owned();
        Ok(words.map(|words| words.into_iter().map(last).collect()))
    }

    fn host() -> String {
        Host::ask(Path::new("/")).unwrap().triple
    }

    #[test]
    fn a_runner_is_found_however_it_is_set() {
        let host = host();
        for (settings, words) in [
            (format!("[target.{host}]\nrunner = 'tools/run  a b'"), Some(&["run", "a", "b"][..])),
            (format!("[target.{host}]\nrunner = ['sh', 'a b', '']"), Some(&["sh", "a b", ""])),
            ("[target.'cfg(unix)']\nrunner = ['tools/run', 'x']".to_owned(), Some(&["run", "x"])),
            ("[target.'cfg(windows)']\nrunner = 'none'".to_owned(), None),
            (format!("[target.'cfg(unix)']\nrunner = 'none'\n[target.{host}]\nrunner = 'sh'"), Some(&["sh"])),
            (format!("[target.{host}]\nrunner = ['/x/cargo-secrets', 'runner']"), None),
            ("[target.thumbv6m-none-eabi]\nrunner = 'none'".to_owned(), None),
            (String::new(), None),
        ] {
            let found = runner(&settings, "test", &host).unwrap();
            assert_eq!(
                found.as_deref().map(|found| found.iter().map(String::as_str).collect()),
                words.map(<[_]>::to_vec),
                "{settings}"
            );
        }
        let included = runner("include = ['more.toml']", "test --target a-b-included", "a-b-included").unwrap();
        assert_eq!(included.unwrap(), ["sh", "-x"]);
        let target = "build.target = ['a-b-c', 'host-tuple']\n[target.a-b-c]\nrunner = 'sh'";
        assert_eq!(runner(target, "test", "a-b-c").unwrap().unwrap(), ["sh"]);
    }

    #[test]
    fn a_runner_that_cannot_be_started_is_named_with_its_place() {
        let host = host();
        for program in ["no-such-runner", "tools/none", "/none/run"] {
            let error =
                runner(&format!("[target.{host}]\nrunner = '{program} -x'"), "t", &host).unwrap_err().to_string();
            assert!(error.contains(program) && error.contains("p/.cargo/config.toml`"), "{error}");
        }
        let other = runner("[target.a-b-c]\nrunner = 'none'", "t", "a-b-c").unwrap();
        assert_eq!(other, None);
        let words = format!("--config target.{host}.runner='sh' test");
        assert!(
            matches!(runner("", &words, &host).unwrap_err(), ConfigError::RunnerOnLine { triple } if triple == host)
        );
    }

    #[test]
    fn aliases_and_folders_come_from_the_nearest_settings() {
        let (folder, surroundings) =
            project("include = ['more.toml']\nbuild.target-dir = 'out'\nalias.two = ['a', 'b c']\n");
        let mut config = CargoConfig::load(&surroundings).unwrap();
        assert_eq!(config.alias("more").unwrap(), ["test", "--lib"]);
        assert_eq!((config.alias("two").unwrap(), config.alias("none")), (vec!["a".into(), "b c".into()], None));
        let folders = |config: &CargoConfig, line: Option<&CargoLine>| {
            config.target_folders(line, &surroundings.cwd, Path::new("/w"))
        };
        if std::env::var_os("CARGO_TARGET_DIR").is_none() {
            assert_eq!(folders(&config, None), [folder.path().join("p/out")]);
        }
        let line = ["test", "--config", "build.build-dir='{workspace-root}/b'", "--target-dir", "t"];
        let line = CargoLine::parse(&line.map(OsString::from), |_| None);
        config.add(&line).unwrap();
        assert_eq!(folders(&config, Some(&line)), [surroundings.cwd.join("t"), PathBuf::from("/w/b")]);
    }
}
