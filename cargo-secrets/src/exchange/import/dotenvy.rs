//! A `.env` file as the `dotenvy` crate reads it (0.15), oddities included; the tests compare with the crate.
//!
//! It looks twice: first for where an entry ends, then at the entry. The two disagree on `\'` in single quotes, so such
//! an entry has no end.

use super::{Format, Known, Reading, Text, Trouble, entries, without_mark};

pub(super) const FORMAT: Format = Format {
    name: "dotenv",
    about: "A .env file as the dotenvy crate reads it",
    encrypted: false,
    looks: |_| false,
    read: |source, _| entries(source, read(source.text)),
};

pub(super) fn read(text: &str) -> Vec<Reading> {
    let text = without_mark(text);
    let mut readings = Vec::new();
    let mut known = Known::default();
    let (mut at, mut line) = (0, 1);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Extent { length, entry } = extent(rest);
        if let Some(reading) = entry.map_or_else(
            || Some(Reading::fault(line, Trouble::Open)),
            |entry| assignment(rest.get(..entry).unwrap_or_default(), line, &known),
        ) {
            known.learn(&reading.name, &reading.value);
            readings.push(reading);
        }
        line += rest.get(..length).unwrap_or_default().matches('\n').count();
        at += length;
    }
    readings
}

/// How much of a text its first entry takes, and how much of that says something; `None` when it has no end.
struct Extent {
    length: usize,
    entry: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    Blank,
    Escape,
    Quoted(char),
    QuotedEscape(char),
}

fn extent(text: &str) -> Extent {
    let first_end = text.find('\n').map_or(text.len(), |newline| newline + 1);
    if text.trim_start_matches(|c: char| c.is_whitespace() && c != '\n').starts_with('#') {
        return Extent { length: first_end, entry: Some(0) };
    }
    let mut state = State::Outside;
    for (at, c) in text.char_indices() {
        state = match (state, c) {
            (State::Blank, '#') => {
                let end =
                    text.get(at..).and_then(|tail| tail.find('\n')).map_or(text.len(), |newline| at + newline + 1);
                return Extent { length: end, entry: Some(at) };
            }
            (State::Outside | State::Blank, '\\') => State::Escape,
            (State::Outside | State::Blank, '"' | '\'') => State::Quoted(c),
            (State::Outside, c) if c.is_whitespace() && c != '\n' && c != '\r' => State::Blank,
            (State::Quoted(quote), '\\') => State::QuotedEscape(quote),
            (State::Quoted(quote), c) if c == quote => State::Outside,
            (State::Quoted(quote) | State::QuotedEscape(quote), _) => State::Quoted(quote),
            (State::Outside | State::Blank | State::Escape, _) => State::Outside,
        };
        if c == '\n' && state == State::Outside {
            return Extent { length: at + 1, entry: Some(at + 1) };
        }
    }
    let entry = matches!(state, State::Outside | State::Blank).then_some(text.len());
    Extent { length: text.len(), entry }
}

/// One entry; `None` for an empty line.
fn assignment(entry: &str, line: usize, known: &Known) -> Option<Reading> {
    let entry = entry.trim();
    if entry.is_empty() || entry.starts_with('#') {
        return None;
    }
    let fault = || Some(Reading::fault(line, Trouble::NoAssignment));
    let Some((mut name, mut rest)) = key(entry) else { return fault() };
    if name == "export" && !rest.starts_with('=') {
        match key(rest) {
            Some(second) => (name, rest) = second,
            None => return fault(),
        }
    }
    let Some(value) = rest.strip_prefix('=') else { return fault() };
    let value = value.trim_start();
    let mut out = Text::default();
    let read = if value.starts_with('#') { Ok(()) } else { text(value, known, &mut out) };
    Some(Reading { line, name: name.to_owned(), value: read.map(|()| out.take()) })
}

/// A key, and what follows after it and white space.
fn key(text: &str) -> Option<(&str, &str)> {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(text.len());
    let (key, rest) = text.split_at_checked(end)?;
    Some((key, rest.trim_start()))
}

/// The text of a value.
fn text(value: &str, known: &Known, out: &mut Text) -> Result<(), Trouble> {
    let mut quote = None;
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), c) => out.push(c),
            (_, '$') => substitution(&mut chars, known, out)?,
            (_, '\\') => match chars.next() {
                Some(c @ ('\\' | '\'' | '"' | '$' | ' ')) => out.push(c),
                Some('n') => out.push('\n'),
                Some(_) => return Err(Trouble::Escape),
                None => {}
            },
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ' | '\t') => {
                let mut behind = chars.skip_while(|c| matches!(c, ' ' | '\t'));
                return if behind.next().is_none_or(|c| c == '#') { Ok(()) } else { Err(Trouble::Behind) };
            }
            (_, c) => out.push(c),
        }
    }
    if quote.is_some() { Err(Trouble::Open) } else { Ok(()) }
}

/// What follows a `$`. The character behind a bare name stands for itself, even if it is a quote.
fn substitution(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    known: &Known,
    out: &mut Text,
) -> Result<(), Trouble> {
    loop {
        let mut name = String::new();
        if chars.next_if_eq(&'{').is_some() {
            loop {
                match chars.next() {
                    Some('}') => break,
                    Some(c) => name.push(c),
                    None => return Err(Trouble::Open),
                }
            }
            return known.substitute(&name, out);
        }
        while let Some(c) = chars.next_if(|c| c.is_alphanumeric()) {
            name.push(c);
        }
        known.substitute(&name, out)?;
        match chars.next() {
            Some('$') => {}
            Some(c) => {
                out.push(c);
                return Ok(());
            }
            None => return Ok(()),
        }
    }
}
