//! stub until the real one
use crate::error_stub::*;
use crate::process::{Command, Surroundings};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runs {
    Nothing,
    Tests,
    Program,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Compile { runs: Runs },
    Fix,
    Registry,
    Plain,
    Foreign,
}
#[derive(Clone, Debug)]
pub(crate) struct CargoLine {
    pub(crate) work: Work,
    packages: Option<Vec<String>>,
}
impl CargoLine {
    pub(crate) fn packages(&self) -> Option<Vec<String>> {
        self.packages.clone()
    }
    pub(crate) fn parse(command: &Command) -> Self {
        let mut words =
            command.arguments.iter().filter_map(|w| w.to_str()).filter(|w| !w.starts_with('+') && !w.starts_with('-'));
        let work = match words.next().unwrap_or("") {
            "build" | "b" | "check" | "c" | "clippy" | "doc" | "d" => Work::Compile { runs: Runs::Nothing },
            "test" | "t" | "bench" | "nextest" | "llvm-cov" => Work::Compile { runs: Runs::Tests },
            "run" | "r" | "xtask" => Work::Compile { runs: Runs::Program },
            "fix" => Work::Fix,
            "install" | "publish" | "package" => Work::Registry,
            "watch" | "miri" => Work::Foreign,
            _ => Work::Plain,
        };
        Self { work, packages: None }
    }
}
pub(crate) struct CargoConfig {
    target: Option<PathBuf>,
}
impl CargoConfig {
    pub(crate) fn load(_: &Surroundings, _: Option<&CargoLine>) -> Result<Self, Stub> {
        Ok(Self { target: std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from) })
    }
    pub(crate) fn target_folders(&self, root: &Path) -> Vec<PathBuf> {
        vec![self.target.clone().unwrap_or_else(|| root.join("target"))]
    }
    pub(crate) fn runner(&self, _: &str) -> Result<Option<Vec<OsString>>, Stub> {
        Ok(None)
    }
}
pub(crate) fn triples(_: Option<&CargoLine>, _: &CargoConfig, _: &Surroundings) -> Vec<String> {
    crate::process::hosts().collect()
}
pub(crate) struct Fetch;
impl Fetch {
    pub(crate) fn run(&self) -> Result<bool, Stub> {
        Ok(true)
    }
}
pub(crate) fn fetch(_: &CargoLine, _: &CargoConfig, _: &Path, _: &[PathBuf], _: &Surroundings) -> Option<Fetch> {
    None
}
