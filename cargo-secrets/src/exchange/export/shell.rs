//! Lines for a POSIX shell to evaluate (POSIX.1-2017, XCU 2.2.2: nothing means anything in single quotes).

use super::{Format, Unfit, each, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "shell",
    about: "Lines for `eval` in sh, bash, dash, ksh or zsh",
    unfit: |pair| TAKEN.contains(&pair.name).then_some(Unfit::Name),
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

/// Names that a shell does not let be set, or sets itself.
const TAKEN: [&str; 20] = [
    "_",
    "BASHPID",
    "BASH_ARGV0",
    "BASH_COMMAND",
    "BASH_SUBSHELL",
    "BASH_VERSINFO",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "LINENO",
    "OPTIND",
    "PPID",
    "RANDOM",
    "SECONDS",
    "SRANDOM",
    "UID",
    "status",
];
