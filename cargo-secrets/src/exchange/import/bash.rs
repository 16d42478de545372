//! Assignments as bash reads them when it sources the file. **No shell is started**: what only a shell could do is refused.

use super::{Format, Known, Reading, Text, Trouble, entries, without_mark};

pub(super) const FORMAT: Format = Format {
    name: "bash",
    about: "Assignments as bash reads them, such as `export -p` prints; no shell is started",
    encrypted: false,
    looks: |_| false,
    read: |source, _| entries(source, read(source.text)),
};

type Chars<'t> = std::iter::Peekable<std::str::CharIndices<'t>>;

pub(super) fn read(text: &str) -> Vec<Reading> {
    let text = without_mark(text);
    let mut readings = Vec::new();
    let mut known = Known::default();
    let mut chars = text.char_indices().peekable();
    let (mut line, mut counted) = (1, 0);
    loop {
        while chars.next_if(|(_, c)| matches!(c, ' ' | '\t' | '\n')).is_some() {}
        let Some(&(at, first)) = chars.peek() else { break };
        line += text.get(counted..at).unwrap_or_default().matches('\n').count();
        counted = at;
        if first == '#' {
            skip_line(&mut chars);
            continue;
        }
        let reading = statement(text, &mut chars, line, &known);
        if reading.value.is_err() {
            skip_line(&mut chars);
        }
        known.learn(&reading.name, &reading.value);
        readings.push(reading);
    }
    readings
}

fn skip_line(chars: &mut Chars<'_>) {
    while chars.next_if(|(_, c)| *c != '\n').is_some() {}
}

/// `NAME=word`, `export NAME=word` or `declare -x NAME=word`, to the end of its line.
fn statement<'t>(text: &'t str, chars: &mut Chars<'t>, line: usize, known: &Known) -> Reading {
    let mut word = name(text, chars);
    for starter in [&["export"][..], &["declare", "-x"], &["declare", "-rx"], &["readonly"]] {
        if word == starter.first().copied().unwrap_or_default() && chars.peek().is_some_and(|(_, c)| *c == ' ') {
            let Some(&(at, _)) = chars.peek() else { continue };
            let options = starter.get(1..).unwrap_or_default().iter().map(|option| format!(" {option}"));
            let options: String = options.collect::<String>() + " ";
            if text.get(at..).is_some_and(|rest| rest.starts_with(&options)) {
                for _ in options.chars() {
                    chars.next();
                }
                word = name(text, chars);
                break;
            }
        }
    }
    if word.is_empty() || chars.next_if(|(_, c)| *c == '=').is_none() {
        return Reading::fault(line, Trouble::NoAssignment);
    }
    let name = word.to_owned();
    let mut out = Text::default();
    let read = value(chars, known, &mut out).and_then(|()| end(chars));
    Reading { line, name, value: read.map(|()| out.take()) }
}

/// The name that begins here; perhaps none.
fn name<'t>(text: &'t str, chars: &mut Chars<'t>) -> &'t str {
    let start = chars.peek().map_or(text.len(), |(at, _)| *at);
    if !chars.peek().is_some_and(|(_, c)| c.is_ascii_digit()) {
        while chars.next_if(|(_, c)| c.is_ascii_alphanumeric() || *c == '_').is_some() {}
    }
    let end = chars.peek().map_or(text.len(), |(at, _)| *at);
    text.get(start..end).unwrap_or_default()
}

/// Behind a value: nothing, a comment, or the end of the command.
fn end(chars: &mut Chars<'_>) -> Result<(), Trouble> {
    let blank = chars.next_if(|(_, c)| matches!(c, ' ' | '\t')).is_some();
    while chars.next_if(|(_, c)| matches!(c, ' ' | '\t')).is_some() {}
    match chars.peek() {
        None | Some((_, '\n')) => Ok(()),
        Some((_, '#')) if blank => {
            skip_line(chars);
            Ok(())
        }
        Some((_, ';' | '&' | '|' | '<' | '>' | '(' | ')')) => Err(Trouble::Operator),
        Some(_) => Err(Trouble::Behind),
    }
}

/// One word with its quotes (bash(1), QUOTING).
fn value(chars: &mut Chars<'_>, known: &Known, out: &mut Text) -> Result<(), Trouble> {
    let mut is_start = true;
    while let Some(&(_, c)) = chars.peek() {
        match c {
            ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => return Ok(()),
            _ => chars.next(),
        };
        match c {
            '\'' => loop {
                match chars.next() {
                    Some((_, '\'')) => break,
                    Some((_, c)) => out.push(c),
                    None => return Err(Trouble::Open),
                }
            },
            '"' => double(chars, known, out)?,
            '\\' => match chars.next() {
                Some((_, '\n')) => {}
                Some((_, c)) => out.push(c),
                None => out.push('\\'),
            },
            '`' => return Err(Trouble::Runs),
            '$' if chars.next_if(|(_, c)| *c == '\'').is_some() => escapes(chars, out)?,
            '$' if chars.next_if(|(_, c)| *c == '"').is_some() => double(chars, known, out)?,
            '$' => parameter(chars, known, out)?,
            // A home folder, at the start and behind a colon.
            '~' if is_start => return Err(Trouble::Expands),
            c => out.push(c),
        }
        is_start = c == ':';
    }
    Ok(())
}

/// The inner of double quotes, their end with it.
fn double(chars: &mut Chars<'_>, known: &Known, out: &mut Text) -> Result<(), Trouble> {
    loop {
        match chars.next().ok_or(Trouble::Open)?.1 {
            '"' => return Ok(()),
            '`' => return Err(Trouble::Runs),
            '$' => parameter(chars, known, out)?,
            '\\' => match chars.next().ok_or(Trouble::Open)?.1 {
                '\n' => {}
                c @ ('$' | '`' | '"' | '\\') => out.push(c),
                c => {
                    out.push('\\');
                    out.push(c);
                }
            },
            c => out.push(c),
        }
    }
}

/// What follows a `$`: `NAME` or `{NAME}`; anything else only a shell can do.
fn parameter(chars: &mut Chars<'_>, known: &Known, out: &mut Text) -> Result<(), Trouble> {
    let mut name = String::new();
    let braces = chars.next_if(|(_, c)| *c == '{').is_some();
    if !chars.peek().is_some_and(|(_, c)| c.is_ascii_digit()) {
        while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
        }
    }
    if braces {
        return match chars.next() {
            Some((_, '}')) if !name.is_empty() => known.substitute(&name, out),
            Some(_) => Err(Trouble::Expands),
            None => Err(Trouble::Open),
        };
    }
    if !name.is_empty() {
        return known.substitute(&name, out);
    }
    match chars.peek() {
        Some((_, '(')) => Err(Trouble::Runs),
        Some((_, c)) if c.is_ascii_digit() || "$?!#*@-".contains(*c) => Err(Trouble::Expands),
        _ => {
            out.push('$');
            Ok(())
        }
    }
}

/// The inner of `$'…'` with its escapes (bash(1), QUOTING); those for bytes beyond ASCII are refused.
fn escapes(chars: &mut Chars<'_>, out: &mut Text) -> Result<(), Trouble> {
    loop {
        match chars.next().ok_or(Trouble::Open)?.1 {
            '\'' => return Ok(()),
            '\\' => out.push(match chars.next().ok_or(Trouble::Open)?.1 {
                'a' => '\u{7}',
                'b' => '\u{8}',
                'e' | 'E' => '\u{1b}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                c @ ('\\' | '\'' | '"' | '?') => c,
                'x' => code(chars, 16, 2, "").filter(char::is_ascii).ok_or(Trouble::Escape)?,
                'u' => code(chars, 16, 4, "").ok_or(Trouble::Escape)?,
                'U' => code(chars, 16, 8, "").ok_or(Trouble::Escape)?,
                c @ '0'..='7' => {
                    code(chars, 8, 2, c.encode_utf8(&mut [0; 4])).filter(char::is_ascii).ok_or(Trouble::Escape)?
                }
                _ => return Err(Trouble::Escape),
            }),
            c => out.push(c),
        }
    }
}

/// The character of a code of at most `most` more digits.
fn code(chars: &mut Chars<'_>, radix: u32, most: usize, before: &str) -> Option<char> {
    let mut digits = before.to_owned();
    for _ in 0..most {
        let Some((_, digit)) = chars.next_if(|(_, c)| c.is_digit(radix)) else { break };
        digits.push(digit);
    }
    char::from_u32(u32::from_str_radix(&digits, radix).ok()?).filter(|c| *c != '\0')
}
