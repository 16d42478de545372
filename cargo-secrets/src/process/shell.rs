//! A person's shell with a mark in its prompt, told by each shell's own way of starting, with the person's settings read as
//! ever.
//!
//! **What is written for a shell to read holds no value.**

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::deliver::Command;
use super::memory_file::MemoryFile;
use crate::fsx::{self, PrivateFolder};
use crate::secret::{EnvName, quoted};

/// Tells that a shell has values, and of which environment: to us, and to the person's own prompt.
pub(crate) const MARK: &str = "CARGO_SECRETS_SHELL";

/// How a shell is started.
pub(crate) struct Shell {
    /// The command.
    pub(crate) command: Command,
    /// Variables for it, beside the values.
    pub(crate) variables: Vec<(OsString, OsString)>,
    /// Whether its prompt will have the mark.
    pub(crate) is_marked: bool,
    /// What it reads as it starts; gone when this is dropped.
    _settings: Option<MemoryFile>,
}

/// What a shell reads as it starts cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShellError {
    /// A folder for it.
    #[error(transparent)]
    File(#[from] fsx::Error),
    /// A file without a name.
    #[error("failed to write what the shell reads as it starts")]
    Settings(#[from] io::Error),
}

impl Shell {
    /// `program` as an interactive shell whose prompt says `environment`.
    pub(crate) fn new(program: &OsStr, environment: &EnvName) -> Result<Self, ShellError> {
        let name = Path::new(program).file_name().unwrap_or_default().to_owned();
        let mark = (OsString::from(MARK), OsString::from(environment.as_str()));
        let plain = |arguments: Vec<OsString>| Self {
            command: Command { program: program.to_owned(), arguments },
            variables: vec![mark.clone()],
            is_marked: true,
            _settings: None,
        };
        Ok(match name.as_bytes() {
            b"bash" | b"rbash" => {
                let file = MemoryFile::of_text(&marked(BASH, environment))?;
                let path = file.hand_on_path()?;
                Self { _settings: Some(file), ..plain(vec!["--rcfile".into(), path]) }
            }
            b"sh" | b"dash" | b"ash" | b"ksh" | b"mksh" => {
                let own = std::env::var_os("ENV");
                let text = marked(SH, environment).replace("OWN", &own.as_deref().map(quoted).unwrap_or_default());
                let file = MemoryFile::of_text(&text)?;
                let mut shell = plain(Vec::new());
                shell.variables.push(("ENV".into(), file.hand_on_path()?));
                Self { _settings: Some(file), ..shell }
            }
            b"fish" => plain(vec!["--init-command".into(), marked(FISH, environment).into()]),
            b"zsh" => {
                let folder = PrivateFolder::create()?;
                let own = std::env::var_os("ZDOTDIR").filter(|own| !own.is_empty());
                let own = own.map_or_else(|| "unset ZDOTDIR".to_owned(), |own| format!("ZDOTDIR={}", quoted(&own)));
                folder.write(".zshenv", ZSHENV.replace("OWN", &own).as_bytes())?;
                folder.write(".zshrc", marked(ZSHRC, environment).as_bytes())?;
                let mut shell = plain(Vec::new());
                shell.variables.push(("ZDOTDIR".into(), folder.hand_over()?.into()));
                shell
            }
            _ => Self { is_marked: false, ..plain(Vec::new()) },
        })
    }
}

/// The name of an environment needs no quotation marks in any shell.
fn marked(script: &str, environment: &EnvName) -> String {
    script.replace("MARK", &format!("({environment}) "))
}

/// `--rcfile` stands for `~/.bashrc` alone: the system's own file is read before it. A prompt that is made anew for each
/// command is marked anew.
const BASH: &str = r#"[ -r ~/.bashrc ] && . ~/.bashrc
__cargo_secrets_prompt() { case $PS1 in 'MARK'*) ;; *) PS1="MARK$PS1" ;; esac; }
if [[ "$(declare -p PROMPT_COMMAND 2> /dev/null)" == 'declare -a'* ]]; then
    PROMPT_COMMAND+=(__cargo_secrets_prompt)
else
    PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND
}__cargo_secrets_prompt"
fi
"#;

/// An interactive POSIX shell reads the file that `ENV` names.
const SH: &str = r#"ENV=OWN
if [ -n "$ENV" ]; then
    [ -r "$ENV" ] && . "$ENV"
else
    unset ENV
fi
case $PS1 in 'MARK'*) ;; *) PS1="MARK$PS1" ;; esac
"#;

const FISH: &str = r"functions --query fish_prompt; and functions --copy fish_prompt __cargo_secrets_own_prompt
function __cargo_secrets_status
    return $argv[1]
end
function fish_prompt
    set --local last $status
    printf '%s' 'MARK'
    __cargo_secrets_status $last
    functions --query __cargo_secrets_own_prompt; and __cargo_secrets_own_prompt; or printf '> '
end
";

/// zsh reads its files in `ZDOTDIR`: ours hand over to the person's, which may name another folder.
const ZSHENV: &str = r#"__cargo_secrets_folder=$ZDOTDIR
OWN
[[ -r ${ZDOTDIR-$HOME}/.zshenv ]] && source "${ZDOTDIR-$HOME}/.zshenv"
__cargo_secrets_own=${ZDOTDIR-}
ZDOTDIR=$__cargo_secrets_folder
"#;

const ZSHRC: &str = r#"if [[ -n $__cargo_secrets_own ]]; then ZDOTDIR=$__cargo_secrets_own; else unset ZDOTDIR; fi
command rm -rf -- "$__cargo_secrets_folder"
unset __cargo_secrets_folder __cargo_secrets_own
[[ -r ${ZDOTDIR-$HOME}/.zshrc ]] && source "${ZDOTDIR-$HOME}/.zshrc"
__cargo_secrets_prompt() { [[ $PROMPT == 'MARK'* ]] || PROMPT="MARK$PROMPT" }
precmd_functions+=(__cargo_secrets_prompt)
"#;
