//! The terminal: status lines, and questions whose answers must not be seen.
//!
//! **What a person is told goes to stderr; stdout belongs to results.** Questions go to the terminal itself, never to a
//! redirected stream.

use std::fmt::{self, Display, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use zeroize::Zeroizing;

/// There is nobody to ask.
#[derive(Debug, thiserror::Error)]
#[error("there is no terminal to ask at")]
pub(crate) struct NoTerminal(#[source] pub(crate) io::Error);

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Errors alone.
    Quiet,
    /// What matters.
    #[default]
    Normal,
    /// Also why.
    Verbose,
}

/// Work that is done sooner shows nothing.
const PROGRESS_AFTER: Duration = Duration::from_secs(1);

/// How often it is shown anew.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Where status lines go.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shell {
    /// How much is said.
    pub(crate) verbosity: Verbosity,
}

const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();

impl Shell {
    /// A line in cargo's manner: a right-aligned verb and what was done.
    pub(crate) fn status(self, verb: &str, what: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            err(format_args!("{GREEN}{verb:>12}{GREEN:#} {}", Visible(what)));
        }
    }

    /// Something worth knowing that is no fault.
    pub(crate) fn note(self, what: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            err(format_args!("{CYAN}note{CYAN:#}: {}", Visible(what)));
        }
    }

    /// Something that may be a fault.
    pub(crate) fn warn(self, what: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            err(format_args!("{YELLOW}warning{YELLOW:#}: {}", Visible(what)));
        }
    }

    /// Something only the curious want to know.
    pub(crate) fn verbose(self, what: impl Display) {
        if self.verbosity >= Verbosity::Verbose {
            err(format_args!("{CYAN}note{CYAN:#}: {}", Visible(what)));
        }
    }
}

/// How far a long piece of work is, in one line on the terminal: shown after a second, gone when it ends.
///
/// Two escape sequences, and no crate for bars: what one brings along is loaded at every start of a program.
pub(crate) struct Progress {
    started: Instant,
    wanted: bool,
    shown: Mutex<Option<Instant>>,
}

impl Progress {
    /// For work that starts now. Nothing is shown where stderr is no terminal or less is wanted.
    pub(crate) fn new(shell: Shell) -> Self {
        let wanted = shell.verbosity >= Verbosity::Normal && io::stderr().is_terminal();
        Self { started: Instant::now(), wanted, shown: Mutex::new(None) }
    }

    /// So many of so many files are done.
    pub(crate) fn show(&self, done: usize, all: usize) {
        if !self.wanted || self.started.elapsed() < PROGRESS_AFTER {
            return;
        }
        // Another thread that is about to show it is as good.
        if let Ok(mut shown) = self.shown.try_lock()
            && shown.is_none_or(|last| last.elapsed() >= PROGRESS_EVERY)
        {
            *shown = Some(Instant::now());
            in_place(format_args!("{done}/{all} files"));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.get_mut().is_ok_and(|shown| shown.is_some()) {
            in_place("");
        }
    }
}

/// Puts a text in the place of the terminal's current line.
fn in_place(text: impl Display) {
    let line = format!("\r{text}\x1b[K");
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Prints an error with its causes and what to do; the one place where `main` says that something failed.
pub(crate) fn error(error: &dyn std::error::Error, help: Option<&str>) {
    err(described(error, help));
}

/// An error as it is printed: itself, its causes, and what to do.
pub(crate) fn described(error: &dyn std::error::Error, help: Option<&str>) -> String {
    let mut all = format!("{RED}error{RED:#}: {}", Visible(error));
    let mut shown = error.to_string();
    let mut cause = error.source();
    let mut headed = false;
    while let Some(error) = cause {
        // A message that quotes its cause already has said it.
        let text = error.to_string();
        if !shown.contains(&text) {
            if !headed {
                all.push_str("\n\nCaused by:");
                headed = true;
            }
            let _ = write!(all, "\n  {}", Visible(&text));
        }
        shown = text;
        cause = error.source();
    }
    if let Some(help) = help {
        let _ = write!(all, "\n\n{CYAN}help{CYAN:#}: {}", Visible(help));
    }
    all
}

/// A message without what moves a cursor, hides a text or turns its direction: a path of a repository may hold it.
pub(crate) struct Visible<T>(pub(crate) T);

impl<T: Display> Display for Visible<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.to_string().chars() {
            match c {
                '\n' | '\t' | '\'' | '"' | '\\' => f.write_char(c)?,
                c => write!(f, "{}", c.escape_debug())?,
            }
        }
        Ok(())
    }
}

fn err(line: impl Display) {
    // Nobody is left to be told when stderr is closed.
    let line = format!("{line}\n");
    let _ = anstream::stderr().lock().write_all(line.as_bytes());
}

/// Writes a result to stdout, colours as the terminal takes them. A reader that went away is an error of kind
/// `BrokenPipe`.
pub(crate) fn print(text: impl Display) -> io::Result<()> {
    let text = text.to_string();
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes bytes to stdout as they are.
pub(crate) fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Writes bytes to stderr as they are: for a log that takes commands.
pub(crate) fn print_error_bytes(bytes: &[u8]) -> io::Result<()> {
    io::stderr().lock().write_all(bytes)
}

/// Writes a table to stdout, its columns as wide as their widest cell.
pub(crate) fn print_table(header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let header: Vec<_> = header.iter().map(|&title| title.to_owned()).collect();
    let width = |column: usize| {
        let cells = std::iter::once(&header).chain(rows).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..header.len()).map(width).collect();
    let line = |row: &[String]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let bold = Style::new().bold();
    let mut table = format!("{bold}{}{bold:#}\n", line(&header));
    for row in rows {
        table.push_str(&line(row));
        table.push('\n');
    }
    print(table)
}

/// Writes a value to stdout as JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> io::Result<()> {
    let mut json = serde_json::to_string_pretty(value)?;
    json.push('\n');
    print_bytes(json.as_bytes())
}

/// Whether stdout is a terminal.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether stdin is a terminal.
pub(crate) fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Asks at the terminal (`/dev/tty`) without showing the answer.
///
/// Ctrl-C is read as a character, so that the terminal shows again what is typed before we end by it.
pub(crate) fn ask_hidden(prompt: &str) -> Result<SecretString, NoTerminal> {
    let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(NoTerminal)?;
    let before = tcgetattr(&tty).map_err(|error| NoTerminal(error.into()))?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
    hidden.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
    let set =
        |modes: &Termios| tcsetattr(&tty, OptionalActions::Flush, modes).map_err(|error| NoTerminal(error.into()));
    set(&hidden)?;
    let answer = (&tty).write_all(prompt.as_bytes()).and_then(|()| read_line(&tty));
    set(&before)?;
    let _ = (&tty).write_all(b"\n");
    let mut line = answer.map_err(NoTerminal)?;
    if line.last() == Some(&INTERRUPT) {
        let _ = kill_process(getpid(), Signal::INT);
    }
    drop_keys(&mut line);
    let text = std::str::from_utf8(&line).map_err(|_| NoTerminal(io::ErrorKind::InvalidData.into()))?;
    Ok(SecretString::from(text.to_owned()))
}

/// Asks at the terminal (`/dev/tty`); only `y` and `yes` are a yes.
pub(crate) fn confirm(question: &str) -> Result<bool, NoTerminal> {
    let answer = ask(&format!("{} [y/N] ", Visible(question)))?;
    Ok(["y", "yes"].iter().any(|yes| answer.trim().eq_ignore_ascii_case(yes)))
}

/// Asks at the terminal (`/dev/tty`) for what may be seen.
pub(crate) fn ask(prompt: &str) -> Result<String, NoTerminal> {
    let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(NoTerminal)?;
    let answer = (&tty).write_all(prompt.as_bytes()).and_then(|()| read_line(&tty)).map_err(NoTerminal)?;
    let text = std::str::from_utf8(&answer).map_err(|_| NoTerminal(io::ErrorKind::InvalidData.into()))?;
    Ok(text.to_owned())
}

/// Asks at the terminal; only `n` and `no` are a no.
pub(crate) fn propose(question: &str) -> Result<bool, NoTerminal> {
    let tty = say_at_terminal(&format!("{} [Y/n] ", Visible(question)))?;
    let answer = read_line(&tty).map_err(NoTerminal)?;
    Ok(!["n", "no"].iter().any(|no| answer.trim_ascii().eq_ignore_ascii_case(no.as_bytes())))
}

/// Writes to the terminal, and gives it back for what is typed there.
pub(crate) fn say_at_terminal(text: &str) -> Result<File, NoTerminal> {
    let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(NoTerminal)?;
    (&tty).write_all(text.as_bytes()).map_err(NoTerminal)?;
    Ok(tty)
}

/// What Ctrl-C sends.
const INTERRUPT: u8 = 3;

/// Reads up to the end of a line, or to a Ctrl-C, which stays. A terminal hands out whole lines, of 4,096 bytes at most.
fn read_line(tty: &File) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new([0; 4096]);
    let mut line = Zeroizing::new(Vec::with_capacity(64 * 1024));
    loop {
        let count = (&*tty).read(buffer.as_mut())?;
        line.extend_from_slice(buffer.get(..count).unwrap_or_default());
        match line.last() {
            Some(b'\n') => {
                line.pop();
                return Ok(line);
            }
            Some(&INTERRUPT) => return Ok(line),
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(_) if count == 0 => return Ok(line),
            Some(_) => {}
        }
    }
}

/// What begins that which arrow and function keys send.
const ESCAPE: u8 = 0x1b;

/// Drops what no letter's key sends: Ctrl-Z and the like, and arrow and function keys (ECMA-48, 5.4). Nobody sees that it
/// was typed.
fn drop_keys(line: &mut Vec<u8>) {
    let mut key = None;
    line.retain(|&byte| {
        let was = key;
        key = match (was, byte) {
            (_, ESCAPE) => Some(ESCAPE),
            (Some(ESCAPE), b'[' | b'O') | (Some(b'['), 0x20..0x40) => Some(b'['),
            _ => None,
        };
        was.or(key).is_none() && (byte == b'\t' || !byte.is_ascii_control())
    });
}

#[cfg(test)]
mod tests {
    use super::{Visible, drop_keys};

    #[test]
    fn keys_that_are_no_letters_are_no_part_of_what_is_typed() {
        let typed = |text: &str| {
            let mut line = text.as_bytes().to_vec();
            drop_keys(&mut line);
            String::from_utf8(line).unwrap()
        };
        assert_eq!(typed("ab\u{1a}c\u{1c}\u{7f}d\t ü"), "abcd\t ü");
        assert_eq!(typed("a\u{1b}[Db\u{1b}[1;5Cc\u{1b}OPd\u{1b}xe\u{1b}[3~f\u{1b}"), "abcdef");
    }

    #[test]
    fn a_message_moves_no_cursor_and_keeps_its_words() {
        let shown = |text: &str| Visible(text).to_string();
        assert_eq!(shown("`a\u{1b}[2J\r\u{202e}b`"), "`a\\u{1b}[2J\\r\\u{202e}b`");
        assert_eq!(shown("it's \"ä\"\n\tC:\\x é 漢"), "it's \"ä\"\n\tC:\\x é 漢");
    }
}
