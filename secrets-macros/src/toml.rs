//! A reader of TOML that costs a build next to nothing: texts, lists and tables, all else as "something".
//!
//! It follows [TOML 1.1](https://toml.io/en/v1.1.0) and is more lenient: a key that is set twice is not refused, and flags,
//! numbers and dates are not looked at. **What the `toml` crate reads, this reads alike** (a test holds it to that); **what it
//! cannot read is `None`**, never a guess.

use crate::text::{byte, part};

/// A value.
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) enum Value {
    /// A string of any of the four kinds.
    Text(String),
    /// An array, or an array of tables.
    List(Vec<Value>),
    /// A table, inline or not.
    Table(Table),
    /// A flag, a number or a date.
    Other,
}

/// Keys and their values, in the order of the text.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Table(pub(crate) Vec<(String, Value)>);

/// How deep lists and inline tables may lie within each other.
const DEPTH: usize = 60;

impl Table {
    /// The value of `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        for (name, value) in &self.0 {
            if name == key {
                return Some(value);
            }
        }
        None
    }

    /// The table that `key` holds.
    pub(crate) fn table(&self, key: &str) -> Option<&Self> {
        match self.get(key) {
            Some(Value::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// The text that `key` holds; empty where it holds none.
    pub(crate) fn text(&self, key: &str) -> &str {
        match self.get(key) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// The items of the list that `key` holds; none where it holds something else.
    pub(crate) fn list(&self, key: &str) -> &[Value] {
        match self.get(key) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    fn entry(&mut self, key: &str, new: Value) -> Option<&mut Value> {
        let mut index = 0;
        while let Some((name, _)) = self.0.get(index)
            && name != key
        {
            index += 1;
        }
        if index == self.0.len() {
            self.0.push((key.to_owned(), new));
        }
        match self.0.get_mut(index) {
            Some((_, value)) => Some(value),
            None => None,
        }
    }

    /// The table at `path`, made where it is not there; of an array of tables its last.
    fn at(&mut self, path: &[String]) -> Option<&mut Self> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        let below = match self.entry(first, Value::Table(Self::default()))? {
            Value::Table(table) => table,
            Value::List(items) => match items.last_mut()? {
                Value::Table(table) => table,
                _ => return None,
            },
            _ => return None,
        };
        below.at(rest)
    }

    fn set(&mut self, path: &[String], value: Value) -> Option<()> {
        let (last, tables) = path.split_last()?;
        self.at(tables)?.0.push((last.clone(), value));
        Some(())
    }
}

/// Reads a document.
pub(crate) fn parse(text: &str) -> Option<Table> {
    let mut reader = Reader { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let mut root = Table::default();
    let mut header: Vec<String> = Vec::new();
    loop {
        reader.skip_blank(true);
        match reader.peek() {
            0 if reader.at >= text.len() => return Some(root),
            b'[' => header = reader.header(&mut root)?,
            _ => {
                let path = reader.path()?;
                reader.expect(b'=')?;
                reader.skip_blank(false);
                let value = reader.value(0)?;
                root.at(&header)?.set(&path, value)?;
            }
        }
        reader.end_of_line()?;
    }
}

/// The value of a hexadecimal digit.
pub(crate) fn hexadecimal(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    /// The next byte; 0 at the end.
    fn peek(&self) -> u8 {
        byte(self.text, self.at)
    }

    /// Whether `text` is next.
    fn is_next(&self, text: &str) -> bool {
        part(self.text, self.at, self.at + text.len()) == text
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        if self.peek() != byte {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// Passes spaces, and line ends and comments too if `lines`.
    fn skip_blank(&mut self, lines: bool) {
        loop {
            match self.peek() {
                b' ' | b'\t' => self.at += 1,
                b'\n' | b'\r' if lines => self.at += 1,
                b'#' if lines => self.skip_line(),
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        while self.at < self.text.len() && self.peek() != b'\n' {
            self.at += 1;
        }
    }

    fn end_of_line(&mut self) -> Option<()> {
        self.skip_blank(false);
        match self.peek() {
            b'#' => self.skip_line(),
            b'\r' | b'\n' => {}
            _ if self.at >= self.text.len() => {}
            _ => return None,
        }
        Some(())
    }

    /// Reads `[a.b]` or `[[a.b]]` and makes the table.
    fn header(&mut self, root: &mut Table) -> Option<Vec<String>> {
        self.expect(b'[')?;
        let array = self.expect(b'[').is_some();
        self.skip_blank(false);
        let path = self.path()?;
        self.expect(b']')?;
        if array {
            self.expect(b']')?;
            let (last, tables) = path.split_last()?;
            match root.at(tables)?.entry(last, Value::List(Vec::new()))? {
                Value::List(items) => items.push(Value::Table(Table::default())),
                _ => return None,
            }
        }
        root.at(&path)?;
        Some(path)
    }

    /// Reads a key and its dots, and the blanks behind it.
    fn path(&mut self) -> Option<Vec<String>> {
        let mut path = Vec::new();
        loop {
            path.push(self.key()?);
            self.skip_blank(false);
            if self.peek() != b'.' {
                return Some(path);
            }
            self.at += 1;
            self.skip_blank(false);
        }
    }

    fn key(&mut self) -> Option<String> {
        match self.peek() {
            b'"' => {
                self.at += 1;
                self.basic(false)
            }
            b'\'' => self.quoted("'"),
            _ => {
                let start = self.at;
                while matches!(self.peek(), b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-') {
                    self.at += 1;
                }
                if self.at > start { Some(part(self.text, start, self.at).to_owned()) } else { None }
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        match self.peek() {
            b'"' | b'\'' => Some(Value::Text(self.string()?)),
            b'[' => self.array(depth),
            b'{' => self.inline_table(depth),
            _ => self.bare(),
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        self.expect(b'[')?;
        let mut items = Vec::new();
        loop {
            self.skip_blank(true);
            if self.expect(b']').is_some() {
                return Some(Value::List(items));
            }
            items.push(self.value(depth + 1)?);
            self.skip_blank(true);
            if self.peek() != b']' {
                self.expect(b',')?;
            }
        }
    }

    fn inline_table(&mut self, depth: usize) -> Option<Value> {
        self.expect(b'{')?;
        let mut table = Table::default();
        loop {
            self.skip_blank(true);
            if self.expect(b'}').is_some() {
                return Some(Value::Table(table));
            }
            let path = self.path()?;
            self.expect(b'=')?;
            self.skip_blank(true);
            let value = self.value(depth + 1)?;
            table.set(&path, value)?;
            self.skip_blank(true);
            if self.peek() != b'}' {
                self.expect(b',')?;
            }
        }
    }

    /// Reads what is no text and has no parts.
    fn bare(&mut self) -> Option<Value> {
        let start = self.at;
        while !matches!(self.peek(), b',' | b']' | b'}' | b'#' | b'\n' | b'\r' | b'=' | b'"' | b'\'' | 0) {
            self.at += 1;
        }
        if part(self.text, start, self.at).trim_ascii().is_empty() { None } else { Some(Value::Other) }
    }

    fn string(&mut self) -> Option<String> {
        if self.is_next("'''") {
            return self.quoted("'''");
        }
        if self.peek() == b'\'' {
            return self.quoted("'");
        }
        let long = self.is_next("\"\"\"");
        self.at += if long { 3 } else { 1 };
        if long {
            self.skip_line_end();
        }
        self.basic(long)
    }

    fn skip_line_end(&mut self) {
        self.at += if self.is_next("\r\n") { 2 } else { usize::from(self.peek() == b'\n') };
    }

    /// Reads a literal string between two `quotes`.
    fn quoted(&mut self, quotes: &str) -> Option<String> {
        self.at += quotes.len();
        if quotes.len() == 3 {
            self.skip_line_end();
        }
        let start = self.at;
        while !self.is_next(quotes) {
            let line_end = quotes.len() == 1 && self.peek() == b'\n';
            if self.at >= self.text.len() || line_end {
                return None;
            }
            self.at += 1;
        }
        if quotes.len() == 3 {
            self.skip_extra_quotes(b'\'');
        }
        let content = part(self.text, start, self.at);
        self.at += quotes.len();
        Some(content.to_owned())
    }

    /// Up to two quotes before the closing three belong to the text.
    fn skip_extra_quotes(&mut self, quote: u8) {
        let mut extra = 0;
        while extra < 2 && byte(self.text, self.at + 3) == quote {
            self.at += 1;
            extra += 1;
        }
    }

    /// Reads a basic string behind its opening quotes.
    fn basic(&mut self, long: bool) -> Option<String> {
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), b'"' | b'\\' | b'\n') && self.at < self.text.len() {
                self.at += 1;
            }
            text.push_str(part(self.text, start, self.at));
            match self.peek() {
                b'"' if !long => {
                    self.at += 1;
                    return Some(text);
                }
                b'"' if self.is_next("\"\"\"") => {
                    let start = self.at;
                    self.skip_extra_quotes(b'"');
                    text.push_str(part(self.text, start, self.at));
                    self.at += 3;
                    return Some(text);
                }
                b'"' => text.push('"'),
                b'\n' if long => text.push('\n'),
                b'\\' => {
                    self.at += 1;
                    self.escape(long, &mut text)?;
                    continue;
                }
                _ => return None,
            }
            self.at += 1;
        }
    }

    /// Reads an escape behind its backslash.
    fn escape(&mut self, long: bool, text: &mut String) -> Option<()> {
        let letter = self.peek();
        self.at += 1;
        match letter {
            b'b' => text.push('\u{8}'),
            b't' => text.push('\t'),
            b'n' => text.push('\n'),
            b'f' => text.push('\u{c}'),
            b'r' => text.push('\r'),
            b'e' => text.push('\u{1b}'),
            b'"' => text.push('"'),
            b'\\' => text.push('\\'),
            b'x' => text.push(self.hexadecimal(2)?),
            b'u' => text.push(self.hexadecimal(4)?),
            b'U' => text.push(self.hexadecimal(8)?),
            b' ' | b'\t' | b'\r' | b'\n' if long => {
                self.at -= 1;
                self.skip_blank(false);
                if !matches!(self.peek(), b'\r' | b'\n') {
                    return None;
                }
                while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
                    self.at += 1;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<char> {
        let mut number = 0;
        let end = self.at + digits;
        while self.at < end {
            number = number * 16 + hexadecimal(self.peek())?;
            self.at += 1;
        }
        char::from_u32(number)
    }
}

#[cfg(test)]
mod tests;
