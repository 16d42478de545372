//! `exec`: the program takes our place, so its pid, signals and exit code are its own and nothing of us is left.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use rustix::process::{Resource, getrlimit};

use super::environment::Environment;
use super::error::ExecError;
use super::platform::{self, Image};
use super::program;

/// What execvp(3) hands a text file without `#!` to.
const SHELL: &CStr = c"/bin/sh";

/// Where execvp(3) looks when there is no PATH.
pub(super) const USUAL_PATH: &str = "/bin:/usr/bin";

/// A program and its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    /// What was typed first.
    pub(crate) program: OsString,
    /// The rest.
    pub(crate) arguments: Vec<OsString>,
}

impl Command {
    /// Splits a command line; `None` when it is empty.
    pub(crate) fn new(line: Vec<OsString>) -> Option<Self> {
        let mut line = line.into_iter();
        Some(Self { program: line.next()?, arguments: line.collect() })
    }

    /// The program's name without its folder.
    pub(crate) fn name(&self) -> &OsStr {
        Path::new(&self.program).file_name().unwrap_or(&self.program)
    }

    /// Its words as execve(2) takes them.
    pub(super) fn words(&self) -> Result<Vec<CString>, ExecError> {
        let words = std::iter::once(&self.program).chain(&self.arguments);
        words.map(|word| CString::new(word.as_bytes()).map_err(|_| ExecError::Interior)).collect()
    }

    /// Whether it is cargo, whose build scripts and macros see the environment too.
    pub(crate) fn is_cargo(&self) -> bool {
        let name = self.name().as_bytes();
        name == b"cargo" || name.starts_with(b"cargo-")
    }
}

/// Becomes `command`. Returns only when that failed.
pub(crate) fn exec(command: &Command, environment: &Environment) -> ExecError {
    try_exec(command, environment).err().unwrap_or(ExecError::Interior)
}

fn try_exec(command: &Command, environment: &Environment) -> Result<(), ExecError> {
    let path = environment.get("PATH").map_or(OsStr::new(USUAL_PATH), OsStr::from_bytes);
    let file = program::find(&command.program, path)?;
    let words = command.words()?;
    let program = CString::new(file.clone().into_os_string().into_vec()).map_err(|_| ExecError::Interior)?;
    let (block, starts) = environment.as_block();
    let more = &environment.hand_on_files().map_err(|source| ExecError::Setup { source })?;

    let mut error = platform::execve(Image { program: &program, arguments: &words, environment: block, starts }, more);
    if error.raw_os_error() == Some(libc::ENOEXEC) {
        let (shell, words) = with_shell(&program, &words);
        error = platform::execve(Image { program: shell, arguments: &words, environment: block, starts }, more);
    }
    Err(match error.raw_os_error() {
        Some(libc::E2BIG) => too_big(&words, environment),
        Some(libc::ENOENT) => ExecError::Interpreter { program: file },
        _ => ExecError::NotExecutable { program: file, source: Some(error) },
    })
}

/// The shell that a text file without `#!` is handed to, and its arguments: execvp(3).
pub(super) fn with_shell(program: &CStr, words: &[CString]) -> (&'static CStr, Vec<CString>) {
    let script = [SHELL, program].map(CStr::to_owned);
    (SHELL, script.into_iter().chain(words.iter().skip(1).cloned()).collect())
}

/// What the kernel refused as too long, by name and size.
fn too_big(words: &[CString], environment: &Environment) -> ExecError {
    let (total, sizes) = environment.sizes();
    let arguments = words.iter().map(|word| word.as_bytes_with_nul().len()).sum::<usize>();
    let pointers = (sizes.len() + words.len() + 2) * size_of::<usize>();
    // execve(2): a quarter of the stack's limit, never more than 6 MiB nor less than 128 KiB.
    let stack = getrlimit(Resource::Stack).current.unwrap_or(u64::MAX);
    let limit = (stack / 4).clamp(128 << 10, 6 << 20);
    ExecError::TooBig {
        total: total + arguments + pointers,
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
        largest: sizes.into_iter().take(3).collect(),
    }
}
