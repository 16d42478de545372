//! Lines for a POSIX shell to evaluate (POSIX.1-2017, XCU 2.2.2: nothing means anything in single quotes).

use super::{Format, Unfit, each, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "shell",
    about: "Lines for `eval` in sh, bash, dash, ksh or zsh",
    unfit: |pair| TAKEN.binary_search(&pair.name).is_ok().then_some(Unfit::Name),
    write: |pairs, out| {
        each(pairs, out, |pair, out| {
            out.push_str("export ");
            out.push_str(pair.name);
            out.push_str("='");
            for (index, piece) in pair.value.split('\'').enumerate() {
                if index > 0 {
                    out.push_str("'\\''");
                }
                out.push_str(piece);
            }
            out.push_str("'\n");
        });
        Ok(())
    },
    masks: None,
    caution: no_caution,
};

/// Names that a shell does not let be set, sets itself, or takes for a list or a number of its own.
///
/// In zsh one such line ends the whole `eval`, and a number is an expression that may run a command
/// (zshparam(1), and zshmodules(1) for those of modules).
const TAKEN: [&str; 103] = [
    "ARGC",
    "BASHPID",
    "BASH_ARGV0",
    "BASH_COMMAND",
    "BASH_SUBSHELL",
    "BASH_VERSINFO",
    "BAUD",
    "COLUMNS",
    "DIRSTACK",
    "DIRSTACKSIZE",
    "EGID",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "ERRNO",
    "EUID",
    "FUNCNAME",
    "FUNCNEST",
    "GID",
    "GROUPS",
    "HISTCHARS",
    "HISTCMD",
    "HISTSIZE",
    "KEYBOARD_HACK",
    "KEYTIMEOUT",
    "LINENO",
    "LINES",
    "LISTMAX",
    "LOGCHECK",
    "MAILCHECK",
    "OPTIND",
    "PPID",
    "RANDOM",
    "SAVEHIST",
    "SECONDS",
    "SHLVL",
    "SRANDOM",
    "TRY_BLOCK_ERROR",
    "TRY_BLOCK_INTERRUPT",
    "TTYIDLE",
    "UID",
    "USERNAME",
    "ZSH_EVAL_CONTEXT",
    "ZSH_SUBSHELL",
    "_",
    "aliases",
    "argv",
    "builtins",
    "cdpath",
    "commands",
    "dirstack",
    "dis_aliases",
    "dis_builtins",
    "dis_functions",
    "dis_functions_source",
    "dis_galiases",
    "dis_patchars",
    "dis_reswords",
    "dis_saliases",
    "epochtime",
    "errnos",
    "fignore",
    "fpath",
    "funcfiletrace",
    "funcsourcetrace",
    "funcstack",
    "functions",
    "functions_source",
    "functrace",
    "galiases",
    "histchars",
    "history",
    "historywords",
    "jobdirs",
    "jobstates",
    "jobtexts",
    "keymaps",
    "langinfo",
    "mailpath",
    "manpath",
    "mapfile",
    "module_path",
    "modules",
    "nameddirs",
    "options",
    "parameters",
    "patchars",
    "path",
    "pipestatus",
    "psvar",
    "reswords",
    "saliases",
    "signals",
    "status",
    "sysparams",
    "termcap",
    "terminfo",
    "userdirs",
    "usergroups",
    "watch",
    "widgets",
    "zle_bracketed_paste",
    "zsh_eval_context",
    "zsh_scheduled_events",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_in_order() {
        assert!(TAKEN.is_sorted());
    }
}
