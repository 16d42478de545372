//! The files of cargo's settings, each with what it includes, and those that `--config` names.
//!
//! **Read as cargo ranks them**: the nearest file first, what it includes after it, the last of these first (cargo's book,
//! "Configuration"). Values are looked up in that order, and lists are not joined: none that matters here is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cargo_config2::{Walk, de};
use cargo_metadata::cargo_platform::{Cfg, Platform};
use serde::Deserialize;

use super::config::ConfigError;
use crate::process::surroundings::Surroundings;

/// How deep files may include each other.
const DEPTH: usize = 8;

/// One file, or one `--config`.
#[derive(Debug)]
pub(super) struct Layer {
    /// The file, if it is one.
    pub(super) file: PathBuf,
    /// What its paths are relative to.
    pub(super) base: PathBuf,
    /// What it says.
    pub(super) config: de::Config,
}

#[derive(Deserialize)]
struct Includes {
    #[serde(default)]
    include: Vec<Include>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Include {
    Path(PathBuf),
    Table { path: PathBuf },
}

impl Layer {
    /// The runner of a target's own table.
    pub(super) fn runner(&self, triple: &str) -> Option<&de::PathAndArgs> {
        self.config.target.get(triple)?.runner.as_ref()
    }

    /// The runner of a `cfg(…)` table that holds for a target.
    pub(super) fn runner_by_cfg(&self, triple: &str, cfgs: &[Cfg]) -> Option<&de::PathAndArgs> {
        let mut tables = self.config.target.iter().filter(|(table, _)| is_cfg(table));
        tables.find_map(|(table, target)| {
            let holds = table.parse::<Platform>().is_ok_and(|platform| platform.matches(triple, cfgs));
            target.runner.as_ref().filter(|_| holds)
        })
    }

    /// Whether a `cfg(…)` table has a runner at all.
    pub(super) fn sets_runner_by_cfg(&self) -> bool {
        self.config.target.iter().any(|(table, target)| is_cfg(table) && target.runner.is_some())
    }
}

fn is_cfg(table: &str) -> bool {
    table.starts_with("cfg(")
}

/// The files that hold in the working folder.
pub(super) fn of_files(surroundings: &Surroundings) -> Result<Vec<Layer>, ConfigError> {
    let mut layers = Vec::new();
    for file in Walk::with_cargo_home(&surroundings.cwd, surroundings.cargo_home.clone()) {
        read(&file, DEPTH, &mut layers)?;
    }
    Ok(layers)
}

/// What follows each `--config` of a command line, the last first: a file, or a piece of TOML. What is neither is for cargo
/// to refuse.
pub(super) fn of_words(options: &[OsString], cwd: &Path) -> Result<Vec<Layer>, ConfigError> {
    let mut layers = Vec::new();
    for option in options.windows(2).rev() {
        let [name, value] = option else { continue };
        let file = cwd.join(value);
        if name != "--config" {
        } else if file.is_file() {
            read(&file, DEPTH, &mut layers)?;
        } else if let Some(config) = value.to_str().and_then(|text| toml::from_str(text).ok()) {
            layers.push(Layer { file: PathBuf::new(), base: cwd.to_owned(), config });
        }
    }
    Ok(layers)
}

/// A file and what it includes.
fn read(file: &Path, depth: usize, layers: &mut Vec<Layer>) -> Result<(), ConfigError> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(source) => return Err(ConfigError::Read { file: file.to_owned(), source }),
    };
    let config = toml::from_str(&text).map_err(|_| ConfigError::Broken(file.to_owned()))?;
    let base = file.ancestors().nth(2).unwrap_or(file).to_owned();
    layers.push(Layer { file: file.to_owned(), base, config });
    if depth == 0 || !text.contains("include") {
        return Ok(());
    }
    let includes = toml::from_str::<Includes>(&text).map(|includes| includes.include).unwrap_or_default();
    for Include::Path(path) | Include::Table { path } in includes.into_iter().rev() {
        let path = file.parent().unwrap_or(file).join(path);
        // One that may be missing is marked so; for one that may not, cargo stops.
        if path.is_file() {
            read(&path, depth - 1, layers)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsx;

    #[test]
    fn files_are_ranked_as_cargo_ranks_them() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fsx::create_dir(path.parent().unwrap()).unwrap();
            fsx::replace(&path, text.as_bytes()).unwrap();
        };
        write("home/config.toml", "");
        write("w/.cargo/config.toml", "include = ['one.toml', { path = 'two.toml', optional = true }, 'none.toml']\n");
        write("w/.cargo/one.toml", "include = ['../deep.toml']\n");
        write("w/.cargo/two.toml", "");
        write("w/deep.toml", "include = ['deep.toml']\n");
        write("w/p/.cargo/config", "[build]\ntarget-dir = 'x'\n");
        let cwd = folder.path().join("w/p/src");
        let surroundings =
            Surroundings { cwd, cargo_home: Some(folder.path().join("home")), ..Surroundings::default() };
        let layers = of_files(&surroundings).unwrap();
        let mut files: Vec<_> = layers.iter().map(|layer| layer.file.strip_prefix(folder.path()).unwrap()).collect();
        files.dedup();
        let expected = ["w/p/.cargo/config", "w/.cargo/config.toml", "w/.cargo/two.toml", "w/.cargo/one.toml"];
        assert_eq!(files.get(..4).unwrap(), expected.map(Path::new));
        assert_eq!(files.last().unwrap(), &Path::new("home/config.toml"));
        assert_eq!(layers[0].base, folder.path().join("w/p"));
    }

    #[test]
    fn the_last_option_ranks_first() {
        let options = ["--config", "build.target='a'", "--locked", "--config", "build.target='b'", "--config", "c d"];
        let layers = of_words(&options.map(OsString::from), Path::new("/")).unwrap();
        let target = |layer: &Layer| layer.config.build.target.clone();
        let text = |text: &str| toml::from_str::<de::Config>(&format!("build.target='{text}'")).unwrap().build.target;
        assert_eq!(layers.iter().map(target).collect::<Vec<_>>(), [text("b"), text("a")]);
    }

    #[test]
    fn what_is_no_toml_is_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        fsx::replace(&file, b"[registry]\ntoken = hunter2\n").unwrap();
        let error = read(&file, DEPTH, &mut Vec::new()).unwrap_err();
        assert!(matches!(error, ConfigError::Broken(_)) && !format!("{error} {error:?}").contains("hunter2"));
    }
}
