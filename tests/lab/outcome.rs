//! What came of one run on a file: the names and values that a child saw, or the refusal; anything else fails the test.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Output;

use crate::support::{Project, shown};

/// Part of every value in the laboratory: it must never stand in a message.
pub const MARK: &str = "geheim";

/// What `run` did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A child was started with these.
    Delivered(BTreeMap<String, String>),
    /// Exit code 125 and this message.
    Refused(String),
}

impl Outcome {
    /// The values, where a child was started.
    pub fn delivered(self) -> BTreeMap<String, String> {
        match self {
            Self::Delivered(values) => values,
            Self::Refused(message) => panic!("refused: {message}"),
        }
    }

    /// The message, where none was started.
    pub fn refused(self) -> String {
        match self {
            Self::Refused(message) => message,
            Self::Delivered(values) => panic!("delivered: {values:?}"),
        }
    }
}

/// What `run` does with `file`; anything but a delivery or a refusal fails the test.
pub fn run_file(project: &Project, file: &Path) -> Outcome {
    try_file(project, file).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Runs `env` with the values of `file`, and with nothing else of its own but PATH and HOME; the error is what is neither
/// a delivery nor a refusal.
pub fn try_file(project: &Project, file: &Path) -> Result<Outcome, String> {
    let mut command = project.secrets(&["run", "-f"]);
    command.arg(file).args(["--", "env", "-0"]);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", project.home());
    of(&command.output().unwrap())
}

/// Runs `env` with the values of the default environment.
pub fn run_environment(project: &Project) -> Outcome {
    let mut command = project.secrets(&["run", "--quiet", "--", "env", "-0"]);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", project.home());
    of(&command.output().unwrap()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn of(output: &Output) -> Result<Outcome, String> {
    if output.status.success() {
        let text = std::str::from_utf8(&output.stdout).unwrap();
        let pairs = text.split_terminator('\0').map(|pair| pair.split_once('=').unwrap());
        let ours = pairs.filter(|(name, _)| !["PATH", "HOME"].contains(name));
        return Ok(Outcome::Delivered(ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()));
    }
    if output.status.code() != Some(125) || !output.stdout.is_empty() {
        return Err(format!("neither delivered nor refused: {}", shown(output)));
    }
    Ok(Outcome::Refused(message(output)))
}

/// The message of a run that failed: there is one, no panic, no value in it.
pub fn message(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(output.status.signal().is_none(), "killed by a signal: {}", shown(output));
    assert!(text.contains("error: "), "no message: {}", shown(output));
    assert!(!text.contains("panicked"), "a panic: {text}");
    assert!(!text.contains(MARK), "a value in the message: {text}");
    text
}
