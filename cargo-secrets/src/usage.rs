//! What was typed does not fit together, and what to type instead.

use std::path::PathBuf;

use crate::secret::{SecretName, quoted};

/// What was typed does not fit together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Usage {
    /// A value on the command line.
    #[error("a value on the command line can be read by every user of this machine while the command runs")]
    ValueInArguments,
    /// A value as part of the name.
    #[error("the name ends where a `=` begins: a value on the command line can be read by others")]
    Assignment,
    /// Not a name; it may be the value, so it is not shown.
    #[error("that is no variable name: letters, digits and `_`, not starting with a digit")]
    NotAName,
    /// An environment without a file to write to.
    #[error("environment `{environment}` names no single file that a new name could go to")]
    NoTarget {
        /// Which.
        environment: String,
    },
    /// A source that the environment does not have.
    #[error("`{file}` is not among the sources of environment `{environment}`")]
    NotASource {
        /// As typed.
        file: String,
        /// Which.
        environment: String,
    },
    /// A file without recipients to make it for.
    #[error("the new file `{file}` needs recipients, and environment `{environment}` declares none")]
    NoRecipients {
        /// As declared.
        file: String,
        /// Which.
        environment: String,
    },
    /// A name that is composed.
    #[error("`{name}` is composed in Cargo.toml, so it cannot be set")]
    Composed {
        /// Which.
        name: SecretName,
    },
    /// A reserved name.
    #[error("`{name}` is not kept in a secret file: programs run code or trust files that it names")]
    RunsCode {
        /// Which.
        name: SecretName,
    },
    /// An identity variable.
    #[error("`{name}` is an identity variable: it opens secret files and is kept in none")]
    IdentityName {
        /// Which.
        name: SecretName,
    },
    /// The value does not have the declared format.
    #[error("the value for `{name}` does not have the declared format `{format}`")]
    Format {
        /// Which.
        name: SecretName,
        /// As declared.
        format: String,
    },
    /// Not UTF-8, or a NUL.
    #[error("the value is not UTF-8 text without NUL bytes, which no variable and no SOPS file can hold exactly")]
    NotText,
    /// No value anywhere.
    #[error("`{name}` has no value in environment `{environment}`")]
    NotSet {
        /// Which.
        name: SecretName,
        /// Where.
        environment: String,
        /// A similar name that has one.
        nearest: Option<String>,
    },
    /// The two entries at a prompt differ.
    #[error("the two entries differ")]
    Mismatch,
    /// No terminal to ask for a value.
    #[error("there is no terminal to ask for the value at")]
    NoTerminal,
    /// The folder is not empty.
    #[error("the folder `{0}` is not empty")]
    NotEmpty(String),
    /// A step of the demonstration.
    #[error("the demonstration's step `{0}` failed")]
    Demo(String),
    /// `--generate` alone, and nothing declared.
    #[error("Cargo.toml does not say how a value for `{name}` is generated")]
    NoGenerator {
        /// Which.
        name: SecretName,
    },
    /// A nested entry, by the name it is delivered as.
    #[error("`{name}` is a nested entry of `{file}`, which is changed with sops alone")]
    Flattened {
        /// As delivered.
        name: SecretName,
        /// The secret file.
        file: String,
    },
    /// A small letter in a name for a flattened source.
    #[error("a source with `flatten = true` delivers `{name}` as `{capitals}`")]
    Lowercase {
        /// As typed.
        name: SecretName,
        /// As delivered.
        capitals: String,
    },
    /// `run` without a program.
    #[error("there is no program to run")]
    NoCommand,
    /// The runner way outside of a project.
    #[error("cargo's runner reaches the programs of a cargo project, and there is none here")]
    NoCargoProject,
    /// `sandbox` outside of a project.
    #[error("the sandbox is made for a cargo project, and there is none here")]
    NoProjectToConfine,
    /// cargo is told to build another workspace.
    #[error("`{}` is of another workspace than the one whose values these are", manifest.display())]
    OtherWorkspace {
        /// As typed.
        manifest: PathBuf,
    },
    /// `--sandbox` for a plain program.
    #[error("`--sandbox` is for what builds: a plain program gets its values in its environment")]
    SandboxWithoutRunner,
    /// `--sandbox` for what cargo does elsewhere.
    #[error("`--sandbox` is for what builds the workspace: this command of cargo's has to reach outside")]
    SandboxOutside,
    /// cargo with the values of a protected environment in its own.
    #[error(
        "the environment is protected: its values do not go into cargo's environment, where build scripts read them"
    )]
    ProtectedInEnvironment,
    /// A build outside the sandbox for a protected environment.
    #[error("the environment is protected: nothing of it is given to a cargo that builds outside the sandbox")]
    ProtectedOutside,
    /// A package that there is not.
    #[error("`sandbox.inside` in Cargo.toml names `{name}`, and the workspace has no such package")]
    UnknownInside {
        /// As written.
        name: String,
    },
    /// `--no-sandbox` for a protected environment.
    #[error("the environment is protected: its values are not given out without a sandbox around the build")]
    ProtectedWithoutSandbox,
    /// A task runner where a sandbox is required.
    #[error("a sandbox is required, and the command may start anything")]
    StarterWithoutSandbox,
    /// `--expose-to-build` from a protected environment.
    #[error("the environment is protected: none of its values is given to build scripts and macros")]
    ProtectedExposed,
    /// `--expose-to-build` of something that is not there.
    #[error("`{name}` has no value to give to build scripts and macros")]
    ExposedUnknown {
        /// As typed.
        name: String,
    },
    /// `--expose-to-build` of a file.
    #[error("`{name}` is delivered as a file, which cargo does not hand to build scripts and macros")]
    ExposedFile {
        /// Which.
        name: SecretName,
    },
    /// A hook for a protected environment.
    #[error("`{environment}` is protected: a shell does not get it by a hook")]
    ProtectedHook {
        /// Which.
        environment: String,
    },
    /// Nowhere to remember.
    #[error("there is no home folder to remember in what is allowed")]
    NoState,
    /// A shell within a shell.
    #[error("this is a shell with the values of `{environment}` already")]
    ShellInShell {
        /// Whose.
        environment: String,
    },
    /// An option where a program is expected.
    #[error("`{subcommand}` has no option `{option}`")]
    UnknownOption {
        /// `run` or `sandbox`.
        subcommand: &'static str,
        /// As typed.
        option: String,
    },
    /// `--recovery` where nothing is made that it could read.
    #[error("the environment is there already, so `--recovery` has nothing to add the key to")]
    RecoveryTooLate {
        /// The secret file.
        file: String,
    },
    /// clap does not know an argument of `set`.
    #[error("an argument of `set` is not understood (not shown here: it may be a value)")]
    UnknownSetArgument,
    /// `--stdin-path` without stdin.
    #[error("`--stdin-path` names the text from stdin, and stdin is not looked at")]
    StdinPath,
    /// Stdin beside files.
    #[error("`-` stands alone: stdin is looked at without files beside it")]
    StdinAndPaths,
    /// A baseline of a part.
    #[error("the baseline is as it was: not every file could be read")]
    IncompleteBaseline,
    /// Rules in a form for findings.
    #[error("rules are listed as a table or as JSON")]
    RulesFormat,
    /// `import -` at a terminal.
    #[error("values that are typed here would be seen")]
    NothingPiped,
    /// `--only` names something else.
    #[error("`{name}` is not in the file")]
    NotInFile {
        /// As typed.
        name: String,
        /// A similar name that is.
        nearest: Option<String>,
    },
    /// Nobody to ask whether plaintext may be shown.
    #[error("plaintext is not shown on this terminal: there is nobody to ask")]
    NoTerminalToReveal,
    /// Nothing to show.
    #[error("there is no identity here")]
    NoIdentity,
    /// Nowhere for cargo's settings.
    #[error("there is no home folder, and so no cargo settings of yours")]
    NoCargoHome,
    /// No rustc to say what the host is.
    #[error("`rustc` does not say which target it builds for")]
    NoRustc,
    /// A path that TOML cannot hold.
    #[error("this program's path is not UTF-8, which cargo's settings have to be")]
    NoTextPath,
    /// The private half as a recipient; never shown.
    #[error("that is a private key: treat it as leaked; its public half is wanted")]
    PrivateKey,
    /// A recipient that age cannot use.
    #[error("that is no age or SSH public key")]
    NoPublicKey,
}

impl Usage {
    pub(crate) fn help(&self) -> String {
        match self {
            Self::ValueInArguments => "leave it out to be asked for it, or pipe it in: `printf %s \"$VALUE\" | cargo \
                                       secrets set NAME`; --insecure-argv takes it all the same"
                .to_owned(),
            Self::NotAName => "cargo secrets set NAME: the value is asked for, or piped in".to_owned(),
            Self::Assignment => "printf %s \"$VALUE\" | cargo secrets set NAME".to_owned(),
            Self::NoTarget { .. } => "name one of its files with `--file PATH`".to_owned(),
            Self::NotASource { .. } => "add it to `sources` in Cargo.toml first".to_owned(),
            Self::NoRecipients { environment, .. } => {
                format!("in Cargo.toml, under `environments.{environment}`: recipients = [\"NAME\", …]")
            }
            Self::Composed { .. } => "set the names it is composed of".to_owned(),
            Self::RunsCode { name } => {
                format!("if that is meant: `allow-unsafe-name = true` under `variables.{name}` in Cargo.toml")
            }
            Self::NotText => "keep it in base64".to_owned(),
            Self::NotSet { nearest: Some(nearest), .. } | Self::NotInFile { nearest: Some(nearest), .. } => {
                format!("did you mean `{nearest}`?")
            }
            Self::NotSet { name, environment, .. } => format!("cargo secrets set {name} -e {environment}"),
            Self::NoTerminal => "pipe it in: `printf %s \"$VALUE\" | cargo secrets set NAME`".to_owned(),
            Self::NoGenerator { name } => format!("cargo secrets set {name} --generate hex:32"),
            Self::Flattened { file, .. } => format!("sops edit {}", quoted(file)),
            Self::Lowercase { capitals, .. } => format!("use `{capitals}`"),
            Self::OtherWorkspace { manifest } => {
                format!("cargo secrets run --manifest-path {} -- COMMAND", quoted(manifest))
            }
            Self::NoCargoProject => "cargo secrets run --via env -- COMMAND".to_owned(),
            Self::NoProjectToConfine => "`cd` into one, or make one with `cargo new`".to_owned(),
            Self::SandboxWithoutRunner => "cargo secrets run --via runner --sandbox -- COMMAND".to_owned(),
            Self::SandboxOutside => "leave `--sandbox` out".to_owned(),
            Self::ProtectedInEnvironment => "leave `--via env` out, or `run.cargo` in Cargo.toml".to_owned(),
            Self::ProtectedOutside => {
                "`cargo publish --no-verify` builds nothing; or name another one: -e NAME".to_owned()
            }
            Self::UnknownInside { .. } => "it takes the names of packages, as in their Cargo.toml".to_owned(),
            Self::StarterWithoutSandbox => "`--sandbox` puts all that it starts into the sandbox".to_owned(),
            Self::ProtectedHook { environment } => format!("cargo secrets run -e {environment} -- COMMAND"),
            Self::NoState => "set HOME".to_owned(),
            Self::ShellInShell { .. } => "`exit` leaves it".to_owned(),
            Self::ExposedFile { name } => format!("`deliver = \"build\"` under `variables.{name}` in Cargo.toml"),
            Self::ExposedUnknown { .. } => "`cargo secrets list` shows all names".to_owned(),
            Self::NoCommand => "cargo secrets run -- COMMAND".to_owned(),
            Self::UnknownOption { subcommand, option } => {
                format!("`cargo secrets {subcommand} --help` lists them; a program of that name: ./{option}")
            }
            Self::RecoveryTooLate { file } => format!(
                "name it under `recipients` in Cargo.toml, then: sops rotate --in-place --add-age PUBLIC_KEY {}",
                quoted(file)
            ),
            Self::UnknownSetArgument => "cargo secrets set --help".to_owned(),
            Self::NoIdentity => "cargo secrets identity new".to_owned(),
            Self::StdinPath | Self::StdinAndPaths => "cargo secrets lint - --stdin-path NAME < FILE".to_owned(),
            Self::RulesFormat => "cargo secrets lint --rules --format json".to_owned(),
            Self::NothingPiped => "pipe them in, or name a file: cargo secrets import - < FILE".to_owned(),
            Self::NotInFile { .. } => "`--dry-run` lists its names".to_owned(),
            Self::NoTerminalToReveal => "write it to a pipe, or allow it with --reveal".to_owned(),
            Self::NoRustc => "it comes with Rust, https://rustup.rs".to_owned(),
            Self::NotEmpty(_) => "name a folder that is empty, or none at all".to_owned(),
            Self::IdentityName { .. } => "`cargo secrets identity --help` tells where identities are kept".to_owned(),
            Self::Format { name, .. } => {
                format!("give another value, or change `format` under `variables.{name}` in Cargo.toml")
            }
            Self::Mismatch => "nothing was changed: enter it again".to_owned(),
            Self::NoCargoHome => "set CARGO_HOME or HOME".to_owned(),
            Self::NoTextPath => "install it elsewhere: cargo install --root PATH cargo-secrets".to_owned(),
            Self::ProtectedWithoutSandbox => "leave `--no-sandbox` out, or name another one: -e NAME".to_owned(),
            Self::ProtectedExposed => "leave `--expose-to-build` out, or name another one: -e NAME".to_owned(),
            Self::Demo(_) => {
                "what it printed stands above; `cargo secrets doctor` looks for what is missing".to_owned()
            }
            Self::IncompleteBaseline => {
                "the warnings above name them; then again: cargo secrets lint --update-baseline".to_owned()
            }
            Self::PrivateKey => "`cargo secrets identity new` makes another one; give its public key".to_owned(),
            Self::NoPublicKey => "it begins with `age1`, `ssh-ed25519 ` or `ssh-rsa `".to_owned(),
        }
    }
}
