//! What is said about one place, in the look of rustc: as text with or without colours, as one line, as JSON.
//!
//! **The source comes in masked**: what is here may be printed. **Control characters of the source are not printed**, so that
//! a file cannot talk to the terminal.

use secrets_detect::{Level, Position};

use crate::text::{byte, byte_of, find, find_last, join, part, width};

/// A place in a file.
pub(crate) struct Place {
    /// The file as rustc would name it.
    pub(crate) file: String,
    /// Its bytes.
    pub(crate) span: (usize, usize),
    /// Where it starts and ends.
    pub(crate) lines: Option<(Position, Position)>,
    /// Its first line, masked; `None` where it is not known which it is.
    pub(crate) excerpt: Option<Excerpt>,
}

/// A line of source, and which part of it is meant.
pub(crate) struct Excerpt {
    /// What stands before.
    before: String,
    /// What is meant.
    meant: String,
    /// What stands behind.
    after: String,
}

/// An error or a warning.
pub(crate) struct Diagnostic {
    /// Whether it fails the build.
    pub(crate) level: Level,
    /// Its rule.
    pub(crate) rule: String,
    /// What is wrong.
    pub(crate) message: String,
    /// Where.
    pub(crate) place: Place,
    /// What to do.
    pub(crate) help: Vec<String>,
}

/// The widest excerpt, in characters.
const WIDEST: usize = 200;
/// How much of a line that is wider is shown before the place.
const BEFORE: usize = 60;

impl Excerpt {
    /// The line of `masked` in which `start` lies; what is meant ends at `end` or with the line.
    pub(crate) fn of(masked: &str, start: usize, end: usize) -> Self {
        let line_start = match find_last(masked, b'\n', start) {
            Some(at) => at + 1,
            None => 0,
        };
        let mut line_end = match find(masked, b'\n', start) {
            Some(at) => at,
            None => masked.len(),
        };
        if line_end > start && byte(masked, line_end - 1) == b'\r' {
            line_end -= 1;
        }
        let end = if end < line_end { end } else { line_end };
        Self {
            before: last(&shown(part(masked, line_start, start)), BEFORE),
            meant: first(&shown(part(masked, start, end)), WIDEST),
            after: first(&shown(part(masked, end, line_end)), BEFORE),
        }
    }

    /// The line as it is shown.
    fn line(&self) -> String {
        join(&[&self.before, &self.meant, &self.after])
    }
}

/// At most the first `most` characters.
fn first(text: &str, most: usize) -> String {
    let end = byte_of(text, most);
    if end == text.len() { text.to_owned() } else { join(&[part(text, 0, end), "…"]) }
}

/// At most the last `most` characters.
fn last(text: &str, most: usize) -> String {
    let width = width(text);
    if width <= most { text.to_owned() } else { join(&["…", part(text, byte_of(text, width - most), text.len())]) }
}

/// `text` with tabs as four blanks, and without what a terminal would act upon.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\t' => shown.push_str("    "),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => shown.push('\u{fffd}'),
            letter if letter.is_control() => shown.push('\u{fffd}'),
            letter => shown.push(letter),
        }
    }
    shown
}

/// The parts of a text that have a colour of their own.
#[derive(Clone, Copy)]
enum Ink {
    Level,
    Message,
    Frame,
}

/// A text in the making.
struct Page<'a> {
    text: &'a mut String,
    colour: bool,
    error: bool,
    /// How wide the line numbers are.
    margin: usize,
}

impl Page<'_> {
    fn plain(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn repeat(&mut self, text: &str, times: usize) {
        let mut left = times;
        while left > 0 {
            self.plain(text);
            left -= 1;
        }
    }

    fn bar(&mut self, end: &str) {
        self.repeat(" ", self.margin + 1);
        self.painted(Ink::Frame, "|");
        self.plain(end);
    }

    fn painted(&mut self, ink: Ink, text: &str) {
        if self.colour {
            self.plain("\u{1b}[1m");
            match ink {
                Ink::Level if self.error => self.plain("\u{1b}[91m"),
                Ink::Level => self.plain("\u{1b}[33m"),
                Ink::Frame => self.plain("\u{1b}[94m"),
                Ink::Message => {}
            }
        }
        self.plain(text);
        if self.colour {
            self.plain("\u{1b}[0m");
        }
    }
}

impl Diagnostic {
    /// `error` or `warning`.
    pub(crate) fn level(&self) -> &'static str {
        if self.level == Level::Deny { "error" } else { "warning" }
    }

    /// `file:line:column`.
    pub(crate) fn at(&self) -> String {
        let mut at = shown(&self.place.file);
        if let Some((start, _)) = self.place.lines {
            at.push(':');
            at.push_str(&start.line.to_string());
            at.push(':');
            at.push_str(&start.column.to_string());
        }
        at
    }

    /// Appends the one-line form.
    pub(crate) fn short(&self, colour: bool, text: &mut String) {
        let mut page = Page { text, colour, error: self.level == Level::Deny, margin: 0 };
        page.plain(&self.at());
        page.plain(": ");
        self.title(&mut page);
    }

    fn title(&self, page: &mut Page<'_>) {
        page.painted(Ink::Level, &join(&[self.level(), "[secrets::", &self.rule, "]"]));
        page.painted(Ink::Message, &join(&[": ", &self.message]));
        page.plain("\n");
    }

    /// Appends the form with the line of source.
    pub(crate) fn human(&self, colour: bool, text: &mut String) {
        let mut page = Page { text, colour, error: self.level == Level::Deny, margin: 0 };
        self.title(&mut page);
        let number = match self.place.lines {
            Some((start, _)) => start.line.to_string(),
            None => String::new(),
        };
        page.margin = number.len();
        page.repeat(" ", page.margin);
        page.painted(Ink::Frame, "--> ");
        page.plain(&self.at());
        page.plain("\n");
        if let Some(excerpt) = &self.place.excerpt {
            page.bar("\n");
            page.painted(Ink::Frame, &number);
            page.plain(" ");
            page.painted(Ink::Frame, "|");
            page.plain(" ");
            page.plain(excerpt.line().trim_end());
            page.plain("\n");
            page.bar(" ");
            page.repeat(" ", width(&excerpt.before));
            let mut marks = String::from("^");
            while marks.len() < width(&excerpt.meant) {
                marks.push('^');
            }
            page.painted(Ink::Level, &marks);
            page.plain("\n");
            page.bar("\n");
        }
        for help in &self.help {
            page.repeat(" ", page.margin + 1);
            page.painted(Ink::Frame, "= ");
            page.painted(Ink::Message, "help");
            page.plain(": ");
            page.plain(help);
            page.plain("\n");
        }
        page.plain("\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(source: &str, meant: &str) -> Diagnostic {
        let start = source.find(meant).unwrap();
        let head = &source[..start];
        let line = head.matches('\n').count() + 1;
        let column = head.rsplit('\n').next().unwrap().chars().count() + 1;
        let end = Position { line, column: column + meant.chars().count() };
        Diagnostic {
            level: Level::Deny,
            rule: "some-rule".to_owned(),
            message: "hard-coded thing".to_owned(),
            place: Place {
                file: "src/lib.rs".to_owned(),
                span: (start, start + meant.len()),
                lines: Some((Position { line, column }, end)),
                excerpt: Some(Excerpt::of(source, start, start + meant.len())),
            },
            help: vec!["do something".to_owned()],
        }
    }

    #[test]
    fn the_text_looks_like_rustcs() {
        let mut text = String::new();
        let diagnostic = example("one\n\tlet é = \"AK****\"; // two\r\n", "AK****");
        diagnostic.human(false, &mut text);
        let expected = "\
error[secrets::some-rule]: hard-coded thing
 --> src/lib.rs:2:11
  |
2 |     let é = \"AK****\"; // two
  |              ^^^^^^
  |
  = help: do something

";
        assert_eq!(text, expected);
        let mut short = String::new();
        diagnostic.short(false, &mut short);
        assert_eq!(short, "src/lib.rs:2:11: error[secrets::some-rule]: hard-coded thing\n");
    }

    #[test]
    fn colours_are_all_that_colour_adds() {
        let (mut plain, mut coloured) = (String::new(), String::new());
        let diagnostic = example("let a = \"AK****\";", "AK****");
        diagnostic.human(false, &mut plain);
        diagnostic.human(true, &mut coloured);
        assert!(coloured.starts_with("\u{1b}[1m\u{1b}[91merror[secrets::some-rule]\u{1b}[0m\u{1b}[1m: hard-coded"));
        let mut stripped = String::new();
        for (index, part) in coloured.split('\u{1b}').enumerate() {
            stripped.push_str(if index == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        assert_eq!(stripped, plain);
    }

    #[test]
    fn a_line_of_a_minified_file_is_cut_and_control_characters_are_not_printed() {
        let source = ["x".repeat(5000), "\u{1b}[31m\u{202e}".to_owned(), "*".repeat(900), "y".repeat(5000)].concat();
        let mut text = String::new();
        example(&source, &"*".repeat(900)).human(false, &mut text);
        assert!(text.len() < 1500 && !text.contains(['\u{1b}', '\u{202e}']), "{text}");
        assert!(text.contains("…") && text.contains("***"));
    }
}
