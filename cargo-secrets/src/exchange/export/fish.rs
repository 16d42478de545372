//! Lines for the fish shell: in single quotes `\'` and `\\` are the escapes
//! (<https://fishshell.com/docs/current/language.html#quotes>).

use super::{Format, Unfit, each, escaped, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "fish",
    about: "Lines for `source` in fish",
    unfit: |pair| TAKEN.contains(&pair.name).then_some(Unfit::Name),
    write: |pairs, out| {
        each(pairs, out, |pair, out| {
            // A name that ends in PATH would be a list, cut at its colons.
            out.push_str("set --global --export --unpath ");
            out.push_str(pair.name);
            out.push_str(" '");
            escaped(pair.value, &['\\', '\''], '\\', out);
            out.push_str("'\n");
        });
        Ok(())
    },
    masks: None,
    caution: no_caution,
};

/// Names that fish does not let be set, or sets itself.
const TAKEN: [&str; 16] = [
    "FISH_VERSION",
    "PWD",
    "SHLVL",
    "_",
    "argv",
    "fish_kill_signal",
    "fish_killring",
    "fish_pid",
    "history",
    "hostname",
    "pipestatus",
    "status",
    "status_generation",
    "umask",
    "version",
    "fish_private_mode",
];
