//! What `env` prints, or `env -0`.
//!
//! **Plain `env` does not say where a value of several lines ends**, so a line without `NAME=` is refused; `env -0` says it.

use super::{Error, Fault, Format, Found, Reading, Source, Trouble, entries, is_name};
use crate::secret::SecretValue;

pub(super) const FORMAT: Format = Format {
    name: "env",
    about: "What `env` or, for values of several lines, `env -0` prints; variables of the session stay out",
    encrypted: false,
    looks: |source| source.text.contains('\0'),
    read,
};

fn read(source: &Source<'_>, _: &mut crate::store::Keyring) -> Result<Found, Error> {
    let is_exact = source.text.contains('\0');
    let pieces = source.text.split(if is_exact { '\0' } else { '\n' });
    let mut readings = Vec::new();
    let mut left_out = Vec::new();
    for (index, piece) in pieces.enumerate().filter(|(_, piece)| !piece.is_empty()) {
        let line = if is_exact { 0 } else { index + 1 };
        match piece.split_once('=') {
            Some((name, _)) if is_of_session(name) => {
                left_out.push(Fault { line, name: name.to_owned(), why: Trouble::Session });
            }
            Some((name, value)) if is_exact || is_name(name) => {
                readings.push(Reading { line, name: name.to_owned(), value: Ok(SecretValue::new(value.to_owned())) });
            }
            _ => readings.push(Reading::fault(line, Trouble::Continued)),
        }
    }
    Ok(Found { left_out, ..entries(source, readings)? })
}

/// Whether each login has a value of its own for it.
fn is_of_session(name: &str) -> bool {
    const NAMES: [&str; 23] = [
        "_",
        "COLORTERM",
        "COLUMNS",
        "DBUS_SESSION_BUS_ADDRESS",
        "DESKTOP_SESSION",
        "DISPLAY",
        "HOSTNAME",
        "LANG",
        "LANGUAGE",
        "LINES",
        "LOGNAME",
        "LS_COLORS",
        "MAIL",
        "OLDPWD",
        "PWD",
        "SHLVL",
        "TERM",
        "TERM_PROGRAM",
        "TERM_PROGRAM_VERSION",
        "TZ",
        "USER",
        "WINDOWID",
        "WAYLAND_DISPLAY",
    ];
    let starts = ["LC_", "XDG_", "SSH_", "BASH_FUNC_", "VSCODE_", "GNOME_", "KDE_"];
    NAMES.contains(&name) || starts.iter().any(|start| name.starts_with(start))
}
