//! cargo's settings: aliases, targets, where it builds, and the runners that the user has set.
//!
//! **Nothing is started** unless a `cfg(…)` table sets a runner: only rustc knows which cfgs a target has.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use cargo_config2::{Config, ResolveOptions, de};

use super::line::CargoLine;
use crate::process::surroundings::Surroundings;

/// What cargo may call the host, whichever C library its toolchain is for.
const HOSTS: [&str; 2] = ["unknown-linux-gnu", "unknown-linux-musl"];

/// What `--target` and `build.target` call the host.
const HOST_TUPLE: &str = "host-tuple";

/// cargo's settings cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file of theirs.
    #[error("failed to read cargo's configuration")]
    Read(#[source] cargo_config2::Error),
    /// A runner that is not there.
    #[error("the runner `{}` that is set for `{triple}` does not exist", program.display())]
    NoRunner {
        /// The target.
        triple: String,
        /// As it is set.
        program: PathBuf,
    },
}

impl ConfigError {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Read(_) => None,
            Self::NoRunner { triple, .. } => {
                Some(format!("it stands in {} or in a `.cargo/config.toml` above", runner_variable(triple)))
            }
        }
    }
}

/// cargo's settings as they hold in the working folder.
pub(crate) struct CargoConfig {
    config: Config,
    /// The tables of targets that set a runner, as they are written.
    tables: Vec<String>,
    path: OsString,
}

impl CargoConfig {
    /// Reads them, environment variables over files.
    pub(crate) fn load(surroundings: &Surroundings) -> Result<Self, ConfigError> {
        let home = surroundings.cargo_home.clone();
        let host = hosts().next().unwrap_or_default();
        let options = ResolveOptions::default().cargo_home(home.clone()).host_triple(host);
        let config = Config::load_with_options(&surroundings.cwd, options).map_err(ConfigError::Read)?;
        let files = de::Config::load_with_options(&surroundings.cwd, home).map_err(ConfigError::Read)?;
        let tables = files.target.iter().filter(|(_, table)| table.runner.is_some());
        let tables = tables.map(|(name, _)| name.clone()).collect();
        let path = std::env::join_paths(&surroundings.path).unwrap_or_default();
        Ok(Self { config, tables, path })
    }

    /// What stands for a subcommand.
    pub(crate) fn alias(&self, name: &str) -> Option<Vec<String>> {
        self.config.alias.get(name).map(|words| words.list.clone())
    }

    /// Where cargo writes what it builds.
    pub(crate) fn target_folders(&self, line: Option<&CargoLine>, cwd: &Path, root: &Path) -> Vec<PathBuf> {
        let given = line.and_then(|line| line.target_dir.as_ref()).map(|folder| cwd.join(folder));
        let set = || self.config.build.target_dir.clone();
        let target = given.or_else(set).unwrap_or_else(|| root.join("target"));
        let build = self.config.build.build_dir.as_ref().map(|folder| in_workspace(folder, root));
        std::iter::once(target).chain(build).collect()
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
        let given = line.into_iter().flat_map(|line| line.targets.iter().map(|target| name(target)));
        let set = self.config.build.target.iter().flatten().map(|target| target.triple().to_owned());
        let triples = given.chain(set).filter(|triple| triple != HOST_TUPLE).chain(hosts());
        triples.collect()
    }

    /// The runners that the user has set, by target; ours is not counted.
    pub(crate) fn runners(
        &self,
        line: Option<&CargoLine>,
        surroundings: &Surroundings,
    ) -> Result<Vec<(String, Vec<OsString>)>, ConfigError> {
        let by_cfg = self.tables.iter().any(|table| table.starts_with("cfg("));
        let built_for = self.built_for(line);
        let mut runners = Vec::new();
        for triple in self.triples(line, surroundings) {
            let is_set = self.tables.contains(&triple) || std::env::var_os(runner_variable(&triple)).is_some();
            let may_match = by_cfg && built_for.contains(&triple);
            if !is_set && !may_match {
                continue;
            }
            let Some(runner) = self.config.runner(triple.as_str()).map_err(ConfigError::Read)? else { continue };
            if !is_ours(&runner.path, &runner.args) {
                let program = self.program(&triple, &runner.path)?;
                let words = std::iter::once(program.into()).chain(runner.args).collect();
                runners.push((triple, words));
            }
        }
        Ok(runners)
    }

    /// The file of a runner.
    fn program(&self, triple: &str, program: &Path) -> Result<PathBuf, ConfigError> {
        let found = which::which_in(program, Some(&self.path), ".");
        found.map_err(|_| ConfigError::NoRunner { triple: triple.to_owned(), program: program.to_owned() })
    }
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

/// Whether it is the runner that `init --runner` sets.
pub(crate) fn is_ours(program: &Path, arguments: &[OsString]) -> bool {
    let is_us = program.file_name() == Some(OsStr::new("cargo-secrets"))
        || std::env::current_exe().is_ok_and(|us| us == program);
    is_us && arguments.first().is_some_and(|word| word == crate::process::runner::RUNNER)
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

    #[test]
    fn our_own_runner_is_known() {
        assert!(is_ours(Path::new("/home/a/.cargo/bin/cargo-secrets"), &["runner".into()]));
        assert!(!is_ours(Path::new("/usr/bin/qemu-arm"), &["-L".into()]));
    }
}
