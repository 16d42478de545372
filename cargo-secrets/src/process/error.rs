//! Why nothing was started.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use crate::secret::{EnvName, SecretName, quoted};
use crate::{manifest, store};

/// What a program should have could not be brought together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveError {
    /// A secret file.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Cargo.toml.
    #[error(transparent)]
    Manifest(#[from] manifest::Error),
    /// A file that was named on the command line.
    #[error("the secret file `{}` does not exist", path.display())]
    NoFile {
        /// Which.
        path: PathBuf,
    },
    /// A pattern without a file.
    #[error("no file matches the source `{pattern}` of environment `{environment}`")]
    EmptyGlob {
        /// As written.
        pattern: String,
        /// Whose.
        environment: EnvName,
    },
    /// Two entries of one name in one file.
    #[error("`{}` holds `{name}` twice", path.display())]
    Twice {
        /// Which file.
        path: PathBuf,
        /// Which name.
        name: SecretName,
    },
    /// An empty entry over a value.
    #[error("`{name}` is empty in `{}`, and has a value in an earlier source", path.display())]
    Blanked {
        /// Where it is empty.
        path: PathBuf,
        /// Which name.
        name: SecretName,
    },
    /// An inherited file that somebody else can write.
    #[error("`{}` cannot be inherited by `{environment}`: it is also for `{recipient}`, no recipient there", path.display())]
    Stranger {
        /// Which file.
        path: PathBuf,
        /// Who inherits.
        environment: EnvName,
        /// The recipient, or another master key.
        recipient: String,
    },
    /// Names without a value.
    #[error("required in environment `{environment}`, but without a value: {}", join(names))]
    Required {
        /// In which environment.
        environment: EnvName,
        /// Which names.
        names: Vec<SecretName>,
    },
    /// A name that runs code.
    #[error("`{name}` is not taken from a secret file: programs run code or trust files that it names")]
    RunsCode {
        /// Which.
        name: SecretName,
    },
    /// An identity variable.
    #[error("`{name}` is an identity variable: no child gets one")]
    Identity {
        /// Which.
        name: SecretName,
    },
    /// `--only` names something that is not there.
    #[error("`{name}` is not among the names of this run")]
    Unknown {
        /// As typed.
        name: String,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// A composed value is also set.
    #[error("`{name}` is composed in Cargo.toml and also set in `{}`", path.display())]
    ComposedAndSet {
        /// Which.
        name: SecretName,
        /// Where.
        path: PathBuf,
    },
    /// A composed value would carry a restricted one to other packages.
    #[error(
        "`{name}` is composed of `{part}`, which only some packages may have, and is not restricted to these itself"
    )]
    ComposedLeak {
        /// The composed name.
        name: SecretName,
        /// The restricted part.
        part: SecretName,
    },
}

impl ResolveError {
    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match self {
            Self::Store(error) => return error.help(),
            Self::Manifest(error) => return error.help(),
            Self::Required { names, environment } => {
                let name = names.first()?;
                format!("cargo secrets set {name} -e {environment}")
            }
            Self::RunsCode { name } => {
                format!("if that is meant: `allow-unsafe-name = true` under `variables.{name}` in Cargo.toml")
            }
            Self::Unknown { nearest, .. } => match nearest {
                Some(name) => format!("did you mean `{name}`?"),
                None => "`cargo secrets list` shows all names".to_owned(),
            },
            Self::Identity { name } | Self::ComposedAndSet { name, .. } => format!("cargo secrets unset {name}"),
            Self::ComposedLeak { name, .. } => format!("give `variables.{name}` in Cargo.toml the same `packages`"),
            Self::EmptyGlob { .. } => "name a file in `sources`, or make one there".to_owned(),
            Self::Blanked { name, path } => format!("cargo secrets unset {name} --file {}", quoted(path)),
            Self::Stranger { .. } => "remove `inherits`, or the recipient from the inherited file".to_owned(),
            Self::NoFile { .. } => "give the path of a secret file: cargo secrets run -f FILE -- COMMAND".to_owned(),
            Self::Twice { path, .. } => format!("remove one of the two: sops edit {}", quoted(path)),
        })
    }
}

fn join(names: &[SecretName]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The program could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecError {
    /// Nowhere on PATH.
    #[error("the command `{}` was not found", program.to_string_lossy())]
    NotFound {
        /// As typed.
        program: OsString,
        /// A similar command that exists.
        nearest: Option<String>,
    },
    /// The interpreter in its first line, or the loader, is missing.
    #[error("`{}` names an interpreter that does not exist", program.display())]
    Interpreter {
        /// Which program.
        program: PathBuf,
    },
    /// There, but no program for us.
    #[error("`{}` cannot be executed", program.display())]
    NotExecutable {
        /// Which file.
        program: PathBuf,
        /// Why not, where the kernel said.
        #[source]
        source: Option<io::Error>,
    },
    /// Longer than one variable can be.
    #[error("`{name}` is {length} bytes long: Linux hands a program at most 128 KiB in one variable")]
    TooLong {
        /// Which.
        name: SecretName,
        /// Its value's length in bytes.
        length: usize,
    },
    /// No path to a file without a name.
    #[error("`{name}` is to be delivered as a file, and without `/proc` there is no path to one")]
    NoProc {
        /// Which.
        name: SecretName,
    },
    /// `deliver = "file"`.
    #[error("failed to make a private file for `{name}`")]
    MemoryFile {
        /// Which.
        name: SecretName,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A NUL inside.
    #[error("`{name}` holds a NUL byte, which no environment variable can")]
    Nul {
        /// Which.
        name: SecretName,
    },
    /// All together too long.
    #[error(
        "the environment and arguments take {total} bytes, Linux hands over at most {limit}; the largest: {}",
        sizes(largest)
    )]
    TooBig {
        /// With pointers.
        total: usize,
        /// What the kernel takes.
        limit: usize,
        /// The three largest variables.
        largest: Vec<(String, usize)>,
    },
    /// What comes before the program: sockets, processes, domains.
    #[error("failed to set up the run")]
    Setup {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A NUL in an argument.
    #[error("an argument holds a NUL byte, which no program can be given")]
    Interior,
}

impl ExecError {
    /// What `env` and `timeout` exit with: 127 not found, 126 found but not executable, 125 for the rest.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NotFound { .. } | Self::Interpreter { .. } => 127,
            Self::NotExecutable { .. } => 126,
            Self::TooLong { .. }
            | Self::Nul { .. }
            | Self::NoProc { .. }
            | Self::MemoryFile { .. }
            | Self::TooBig { .. }
            | Self::Setup { .. }
            | Self::Interior => 125,
        }
    }

    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::NotFound { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::NotFound { program, .. } if program.as_encoded_bytes().contains(&b'/') => {
                Some("a path with `/` counts from the folder where you stand".to_owned())
            }
            Self::NotFound { program, .. } => {
                Some(format!("install it, or give its path: ./{}", program.to_string_lossy()))
            }
            Self::Interpreter { .. } => {
                Some("correct the `#!` line that it begins with, or install what that line names".to_owned())
            }
            Self::NotExecutable { program, source } => match source.as_ref().map(io::Error::kind) {
                None | Some(io::ErrorKind::PermissionDenied) => Some(format!("chmod +x {}", quoted(program))),
                Some(_) => Some("a script begins with a line such as `#!/bin/sh`".to_owned()),
            },
            Self::Interior => Some("leave that argument out, or hand it over in a file".to_owned()),
            Self::TooLong { name, .. } => Some(format!(
                "`deliver = \"file\"` under `variables.{name}` in Cargo.toml, or leave it out: --except {name}"
            )),
            Self::Nul { name } => Some(format!("`deliver = \"file\"` under `variables.{name}` in Cargo.toml")),
            Self::NoProc { .. } => Some("mount /proc".to_owned()),
            Self::TooBig { .. } => Some("deliver fewer names with `--only NAME,…`, or raise `ulimit -s`".to_owned()),
            Self::MemoryFile { .. } | Self::Setup { .. } => None,
        }
    }
}

fn sizes(largest: &[(String, usize)]) -> String {
    largest.iter().map(|(name, size)| format!("`{name}` ({size})")).collect::<Vec<_>>().join(", ")
}
