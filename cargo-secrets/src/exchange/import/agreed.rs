//! A `.env` file of which nobody says who reads it.
//!
//! **A file is for those who can read all of it**, and docker reads it if no value stands in quotes, which it would keep.
//! **Where those disagree, nothing is taken.**

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use secrecy::ExposeSecret;

use super::error::Disagreement;
use super::{Error, Format, Found, Reading, Source, bash, docker, dotenvy, entries};
use crate::secret::SecretValue;

pub(super) const FORMAT: Format = Format {
    name: ".env",
    about: "A .env file that dotenvy, docker and bash read alike",
    encrypted: false,
    looks: |_| true,
    read: |source, _| read(source),
};

/// A dialect and what it reads.
struct Dialect {
    name: &'static str,
    readings: Vec<Reading>,
}

fn read(source: &Source<'_>) -> Result<Found, Error> {
    let text = source.text;
    let (mut fit, mut unfit) = (Vec::new(), Vec::new());
    for (name, readings) in
        [("dotenvy", dotenvy::read(text)), ("docker", docker::read(text)), ("bash", bash::read(text))]
    {
        match out(name, &readings).or_else(|| returns(name, text)) {
            Some((line, why)) => unfit.push((name, line, why)),
            None => fit.push(Dialect { name, readings }),
        }
    }
    let lines = disagreements(&fit);
    if !lines.is_empty() {
        return Err(Error::Disagreement { input: source.shown(), lines });
    }
    let names: Vec<_> = fit.iter().map(|dialect| dialect.name).collect();
    let mut how = format!("as {} read it", names.join(" and "));
    let Some(Dialect { readings, .. }) = fit.pop() else {
        let line = |(dialect, line, why)| Disagreement { line, name: String::new(), readings: vec![(dialect, why)] };
        let lines = unfit.into_iter().map(line).collect();
        return Err(Error::NoDialect { input: source.shown(), lines });
    };
    if fit.is_empty() {
        how = format!("as {} reads it", names.join(""));
    }
    for (dialect, line, why) in unfit {
        // Writing to a `String` cannot fail.
        let _ = write!(how, "; not {dialect}, for line {line}: {why}");
    }
    Ok(Found { how: Some(how), ..entries(source, readings)? })
}

/// The first line that says that the file is not for this dialect.
#[expect(clippy::disallowed_methods, reason = "quotes around a value tell for whom it was written")]
fn out(dialect: &str, readings: &[Reading]) -> Option<(usize, String)> {
    readings.iter().find_map(|reading| match &reading.value {
        Err(why) if !why.is_a_reading() => Some((reading.line, why.to_string())),
        Ok(value) if dialect == "docker" => {
            let value = value.expose_secret().trim();
            let is_quoted = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
            (is_quoted('"') || is_quoted('\'')).then(|| (reading.line, "it would keep the quotes".to_owned()))
        }
        _ => None,
    })
}

/// A file with the line ends of Windows is not for bash, to which they are part of each value.
fn returns(dialect: &str, text: &str) -> Option<(usize, String)> {
    let at = text.find("\r\n").filter(|_| dialect == "bash")?;
    let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    Some((line, "a carriage return would be part of the value".to_owned()))
}

/// The lines that not all dialects read alike.
fn disagreements(dialects: &[Dialect]) -> Vec<Disagreement> {
    let tables = dialects.iter().map(|dialect| {
        let by_line = dialect.readings.iter().map(|reading| (reading.line, reading));
        (dialect.name, by_line.collect::<BTreeMap<_, _>>())
    });
    let tables: Vec<_> = tables.collect();
    let lines: BTreeSet<_> = tables.iter().flat_map(|(_, table)| table.keys().copied()).collect();
    let mut found = Vec::new();
    for line in lines {
        let readings: Vec<_> = tables.iter().map(|(dialect, table)| (*dialect, table.get(&line).copied())).collect();
        let is_same = |reading: Option<&Reading>| {
            let first = readings.first().and_then(|(_, first)| *first);
            first.zip(reading).is_some_and(|(one, other)| one.name == other.name && one.value == other.value)
        };
        if readings.iter().all(|(_, reading)| is_same(*reading)) {
            continue;
        }
        let name = readings.iter().find_map(|(_, reading)| Some(reading.as_ref()?.name.clone())).unwrap_or_default();
        let readings = readings.iter().map(|(dialect, reading)| (*dialect, described(*reading)));
        found.push(Disagreement { line, name, readings: readings.collect() });
    }
    found
}

/// What a dialect makes of a line, without the value.
#[expect(clippy::disallowed_methods, reason = "the number of characters is told, and which signs are among them")]
fn described(reading: Option<&Reading>) -> String {
    let value: &SecretValue = match reading.map(|reading| &reading.value) {
        None => return "no entry begins here".to_owned(),
        Some(Err(why)) => return why.to_string(),
        Some(Ok(value)) => value,
    };
    let text = value.expose_secret();
    let signs = [('\\', "`\\`"), ('$', "`$`"), ('#', "`#`"), ('"', "`\"`"), ('\'', "`'`"), ('\n', "a line break")];
    let among: Vec<_> = signs.iter().filter(|(sign, _)| text.contains(*sign)).map(|(_, name)| *name).collect();
    let count = text.chars().count();
    if among.is_empty() {
        format!("{count} characters")
    } else {
        format!("{count} characters with {}", among.join(" "))
    }
}
