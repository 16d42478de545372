//! A file for `docker run --env-file`: everything behind the first `=` of a line is the value, quotes and all
//! (`pkg/kvfile` of docker's client).

use super::{Format, Reading, Trouble, entries, without_mark};
use crate::secret::SecretValue;

pub(super) const FORMAT: Format = Format {
    name: "docker",
    about: "A .env file as `docker run --env-file` reads it: quotes, `$` and `#` are part of the value",
    encrypted: false,
    looks: |_| false,
    read: |source, _| entries(source, read(source.text)),
};

pub(super) fn read(text: &str) -> Vec<Reading> {
    let lines = without_mark(text).split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let mut readings = Vec::new();
    for (index, line) in lines.enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        readings.push(match line.split_once('=') {
            Some((name, _)) if name.is_empty() || name.contains(char::is_whitespace) => {
                Reading::fault(index + 1, Trouble::NoAssignment)
            }
            Some((name, value)) => {
                Reading { line: index + 1, name: name.to_owned(), value: Ok(SecretValue::new(value.to_owned())) }
            }
            // docker would take a name alone from its own environment; it may as well be a piece of a value.
            None => Reading::fault(index + 1, Trouble::NoAssignment),
        });
    }
    readings
}
