//! What is said about one place, in the look of rustc: as text with or without colours, as one line, as JSON.
//!
//! **The source comes in masked**: what is here may be printed. **Control characters of the source are not printed**, so that
//! a file cannot talk to the terminal.

use secrets_detect::{Level, Position};

/// A place in a file.
#[derive(Clone)]
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
#[derive(Clone)]
pub(crate) struct Excerpt {
    /// What stands before.
    before: String,
    /// What is meant.
    meant: String,
    /// What stands behind.
    after: String,
}

/// An error or a warning.
#[derive(Clone)]
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
        let head = masked.get(..start).unwrap_or("");
        let line_start = head.rfind('\n').map_or(0, |at| at + 1);
        let line = masked.get(line_start..).unwrap_or("");
        let line = line.split('\n').next().unwrap_or("").trim_end_matches('\r');
        let from = start.saturating_sub(line_start).min(line.len());
        let to = end.saturating_sub(line_start).clamp(from, line.len());
        Self {
            before: last(&shown(line.get(..from).unwrap_or("")), BEFORE),
            meant: first(&shown(line.get(from..to).unwrap_or("")), WIDEST),
            after: first(&shown(line.get(to..).unwrap_or("")), BEFORE),
        }
    }

    /// The line as it is shown.
    fn line(&self) -> String {
        let mut line = self.before.clone();
        line.push_str(&self.meant);
        line.push_str(&self.after);
        line.truncate(line.trim_end().len());
        line
    }
}

/// At most the first `most` characters.
fn first(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => [text.get(..at).unwrap_or(""), "…"].concat(),
        None => text.to_owned(),
    }
}

/// At most the last `most` characters.
fn last(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let at = text.char_indices().nth(count - most).map_or(0, |(at, _)| at);
    ["…", text.get(at..).unwrap_or("")].concat()
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
}

impl Page<'_> {
    fn plain(&mut self, text: &str) {
        self.text.push_str(text);
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
        let mut page = Page { text, colour, error: self.level == Level::Deny };
        page.plain(&self.at());
        page.plain(": ");
        self.title(&mut page);
    }

    fn title(&self, page: &mut Page<'_>) {
        let title = [self.level(), "[secrets::", &self.rule, "]"].concat();
        page.painted(Ink::Level, &title);
        page.painted(Ink::Message, &[": ", &self.message].concat());
        page.plain("\n");
    }

    /// Appends the form with the line of source.
    pub(crate) fn human(&self, colour: bool, text: &mut String) {
        let mut page = Page { text, colour, error: self.level == Level::Deny };
        self.title(&mut page);
        let number = self.place.lines.map_or(String::new(), |(start, _)| start.line.to_string());
        let indent = " ".repeat(number.len());
        page.plain(&indent);
        page.painted(Ink::Frame, "--> ");
        page.plain(&self.at());
        page.plain("\n");
        let bar = |page: &mut Page<'_>, end: &str| {
            page.plain(&indent);
            page.plain(" ");
            page.painted(Ink::Frame, "|");
            page.plain(end);
        };
        if let Some(excerpt) = &self.place.excerpt {
            bar(&mut page, "\n");
            page.painted(Ink::Frame, &number);
            page.plain(" ");
            page.painted(Ink::Frame, "|");
            page.plain(" ");
            page.plain(&excerpt.line());
            page.plain("\n");
            bar(&mut page, " ");
            page.plain(&" ".repeat(excerpt.before.chars().count()));
            page.painted(Ink::Level, &"^".repeat(excerpt.meant.chars().count().max(1)));
            page.plain("\n");
            bar(&mut page, "\n");
        }
        for help in &self.help {
            page.plain(&indent);
            page.plain(" ");
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
