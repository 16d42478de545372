//! The names that Rust source gives to a literal, found by looking back from it.
//!
//! A constant, a variable, a field, a match arm's pattern, the key before the value in a call or a list of pairs, the
//! function that takes it, the variable whose fallback it is. **Never more than [`REACH`] bytes are looked at**, so
//! the cost of a literal is bounded whatever stands before it.

mod around;
mod walk;

use std::ops::Range;

pub(crate) use around::{callee, macro_around_concat};
use walk::Walk;

use crate::lexer::is_word;
use crate::name::has;

/// How far back a name is looked for.
const REACH: usize = 480;
/// How many steps from one expression to the one around it.
const STEPS: usize = 24;

/// The names of one literal, the nearest first.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Where they stand in the source.
    spans: Vec<Range<usize>>,
    /// Whether the literal is itself a name: an index, a key, the first of a call's arguments.
    pub(crate) is_key: bool,
    /// Whether it is decoded from hexadecimal on the spot, as test vectors are: `hex!("…")`.
    pub(crate) is_hex: bool,
}

impl Names {
    /// Where the names stand in the source, the nearest first.
    pub(crate) fn spans(&self) -> &[Range<usize>] {
        &self.spans
    }
}

/// The names given to the literal whose token starts at `start`.
pub(crate) fn names(source: &[u8], start: usize) -> Names {
    let mut walk = Walk::new(source, start, REACH);
    let mut step = 0;
    while step < STEPS && walk.outwards() {
        step += 1;
    }
    walk.names
}

/// Words of attributes, fields and methods that say that a neighbour holds the name.
#[rustfmt::skip]
const GO_ON: &[&[u8]] = &[
    b"default_value", b"default", b"value", b"val", b"example", b"data", b"unwrap_or", b"unwrap_or_else", b"or",
    b"or_else", b"map_or", b"default_missing_value", b"doc", b"content", b"body", b"default_value_t", b"plaintext",
];

/// Functions that are named after the type they make.
#[rustfmt::skip]
const CONSTRUCTORS: &[&[u8]] = &[
    b"new", b"from", b"from_str", b"from_static", b"from_string", b"try_from", b"parse", b"from_secret",
    b"from_bytes", b"from_slice", b"new_from_slice",
];

/// Macros and functions that decode hexadecimal text.
const DECODERS: &[&[u8]] =
    &[b"hex", b"from_hex", b"hex_decode", b"decode_hex", b"unhex", b"from_dirty_hex", b"hex_to_bytes", b"hex_literal"];

/// Words that stand before a pattern or an expression and are no name.
#[rustfmt::skip]
const KEYWORDS: &[&[u8]] = &[
    b"pub", b"crate", b"const", b"static", b"let", b"mut", b"ref", b"super", b"self", b"in", b"as", b"if", b"while",
    b"move", b"else", b"return", b"match", b"unsafe", b"box", b"await", b"async", b"Some", b"Ok", b"Err", b"Self",
    b"dyn", b"impl", b"where", b"for",
];

impl Walk<'_> {
    /// Takes the step from the expression that starts at `at` to the one around it; false at the outermost.
    fn outwards(&mut self) -> bool {
        self.skip_blanks();
        match self.before(1) {
            b'(' => self.out_of_call(),
            b',' => self.past_siblings(),
            b'=' => self.out_of_assignment(),
            b':' if self.before(2) != b':' => self.out_of_field(),
            b'>' if self.before(2) == b'=' => {
                self.at -= 2;
                self.take_operand();
                false
            }
            b'[' => self.out_of_array(),
            b'&' | b'*' | b'+' | b'!' => {
                let concatenation = self.before(1) == b'+';
                self.at -= 1;
                if concatenation {
                    self.skip_blanks();
                    self.skip_expression();
                }
                true
            }
            b'|' => self.out_of_closure(),
            b'{' => self.out_of_block(),
            byte if is_word(byte) => self.past_word(),
            _ => false,
        }
    }

    /// Notes a name.
    fn push(&mut self, span: Range<usize>) {
        if !span.is_empty() && self.names.spans.len() < 6 {
            self.names.spans.push(span);
        }
    }

    /// Out of the argument list of a call whose `(` is before `at`.
    fn out_of_call(&mut self) -> bool {
        self.at -= 1;
        if self.before(1) == b'!' {
            self.at -= 1;
        }
        let callee = self.take_path();
        if callee.is_empty() {
            return true;
        }
        let path = self.text(&callee);
        let word = last_word(path);
        let goes_on = has(GO_ON, word);
        let (length, is_constructor) = (word.len(), has(CONSTRUCTORS, word));
        let is_hex = has(DECODERS, word) || path.starts_with(b"hex::");
        self.names.is_hex |= is_hex;
        if !goes_on {
            // `ClientSecret::new` names a secret, `Token::Str` does not.
            let start = if is_constructor { callee.start } else { callee.end - length };
            self.push(start..callee.end);
        }
        if self.before(1) == b'.' {
            let receiver_end = self.at;
            self.at -= 1;
            self.skip_expression();
            if goes_on {
                self.push_last_literal(self.at..receiver_end);
            }
        }
        true
    }

    /// From an argument or element to the ones before it, then to the bracket that holds them.
    fn past_siblings(&mut self) -> bool {
        self.at -= 1;
        let sibling_end = self.at;
        let mut sibling_start = None;
        loop {
            match self.before(1) {
                0 | b';' | b'{' | b'}' if self.before(1) != b'}' || !self.skip_bracketed(b'{', b'}') => break,
                b')' if self.skip_bracketed(b'(', b')') => {}
                b']' if self.skip_bracketed(b'[', b']') => {}
                b'"' if self.skip_literal() => {}
                b'(' | b'[' => break,
                b',' => {
                    sibling_start.get_or_insert(self.at);
                    self.at -= 1;
                }
                b'}' => {}
                _ => self.at -= 1,
            }
        }
        let sibling = sibling_start.unwrap_or(self.at)..sibling_end;
        match self.before(1) {
            b'[' => true,
            b'(' => {
                self.push_key_of(sibling);
                true
            }
            _ => {
                self.push_last_literal(sibling);
                false
            }
        }
    }

    /// Notes what a sibling says: its last literal, otherwise its last word.
    fn push_key_of(&mut self, sibling: Range<usize>) {
        if !self.push_last_literal(sibling.clone()) {
            let end = sibling.end;
            let outer = std::mem::replace(&mut self.at, end);
            self.skip_blanks();
            let word = self.take_word();
            self.at = outer;
            if word.start >= sibling.start {
                self.push(word);
            }
        }
    }

    /// Notes the content of the last string literal within `span`, if it could be a name.
    fn push_last_literal(&mut self, span: Range<usize>) -> bool {
        let Some(text) = self.source.get(span.clone()) else { return false };
        let Some(close) = text.iter().rposition(|&byte| byte == b'"') else { return false };
        let Some(open) = text.get(..close).and_then(|text| text.iter().rposition(|&byte| byte == b'"')) else {
            return false;
        };
        let content = span.start + open + 1..span.start + close;
        let could_be = content.len() <= 80 && self.text(&content).iter().all(u8::is_ascii_graphic);
        if could_be {
            self.push(content);
        }
        could_be
    }

    /// Out of the right side of `name = …`, `name == …`, `name != …`.
    fn out_of_assignment(&mut self) -> bool {
        let compares = matches!(self.before(2), b'=' | b'!');
        self.at -= if compares || matches!(self.before(2), b'+' | b'<' | b'>') { 2 } else { 1 };
        if compares {
            self.take_operand();
            return false;
        }
        self.skip_blanks();
        let end = self.at;
        self.seek_statement_start();
        let name = name_of_pattern(self.source, self.at..end);
        let goes_on = has(GO_ON, self.text(&name));
        if !goes_on {
            self.push(name);
            return false;
        }
        self.take_name_of_sibling();
        false
    }

    /// Looks for the name in what stands before an attribute's or a field's `value = …`.
    fn take_name_of_sibling(&mut self) {
        self.skip_blanks();
        if self.before(1) == b',' {
            self.past_siblings();
        }
    }

    /// Out of `name: …` or `"name": …`.
    fn out_of_field(&mut self) -> bool {
        self.at -= 1;
        self.skip_blanks();
        let end = self.at;
        if self.before(1) == b'"' {
            if self.skip_literal() {
                self.push_last_literal(self.at..end);
            }
            return false;
        }
        let name = self.take_word();
        if has(GO_ON, self.text(&name)) {
            self.take_name_of_sibling();
            return false;
        }
        self.push(name);
        false
    }

    /// Notes what the operand that ends at `at` says: its last literal, otherwise its last word.
    fn take_operand(&mut self) {
        self.skip_blanks();
        let end = self.at;
        self.skip_expression();
        let operand = self.at..end;
        if !self.push_last_literal(operand.clone()) {
            self.at = end;
            while matches!(self.before(1), b')' | b'(' | b'?' | b'.') {
                self.at -= 1;
            }
            let word = self.take_word();
            if has(&[b"as_str", b"as_ref", b"as_bytes", b"to_string", b"as_deref", b"clone"], self.text(&word))
                && self.before(1) == b'.'
            {
                self.at -= 1;
                let word = self.take_word();
                self.push(word);
            } else {
                self.push(word);
            }
        }
    }

    /// Out of an array or the brackets of a macro; an index makes the literal a key.
    fn out_of_array(&mut self) -> bool {
        self.at -= 1;
        if self.before(1) == b'!' {
            self.at -= 1;
            self.take_path();
            return true;
        }
        if is_word(self.before(1)) || matches!(self.before(1), b')' | b']') {
            let word_end = self.at;
            let word = self.take_word();
            if !has(KEYWORDS, self.text(&word)) {
                self.names.is_key = true;
                return false;
            }
            self.at = word_end;
        }
        true
    }

    /// Out of a closure's body.
    fn out_of_closure(&mut self) -> bool {
        self.at -= 1;
        let start = self.at;
        while !matches!(self.before(1), 0 | b'|' | b'\n' | b';') {
            self.at -= 1;
        }
        if self.before(1) != b'|' {
            self.at = start;
            return false;
        }
        self.at -= 1;
        true
    }

    /// Out of a block: of a function, whose name counts, or of an expression.
    fn out_of_block(&mut self) -> bool {
        self.at -= 1;
        self.skip_blanks();
        match self.before(1) {
            b'=' | b'|' | b'(' => true,
            b'>' if self.before(2) == b'=' => true,
            _ => {
                self.push_function_name();
                false
            }
        }
    }

    /// Notes the name of the function whose signature ends at `at`.
    fn push_function_name(&mut self) {
        loop {
            match self.before(1) {
                0 | b';' | b'{' | b'}' => return,
                b'(' => {
                    let open = self.at;
                    self.at -= 1;
                    let name = self.take_path();
                    self.skip_blanks();
                    let keyword = self.take_word();
                    if self.text(&keyword) == b"fn" {
                        self.push(name);
                        return;
                    }
                    self.at = open - 1;
                }
                _ => self.at -= 1,
            }
        }
    }

    /// Past a word before an expression: `return`, `move`, `else`.
    fn past_word(&mut self) -> bool {
        let word = self.take_word();
        match self.text(&word) {
            b"mut" | b"move" | b"ref" | b"box" | b"const" => true,
            b"return" => {
                self.seek_block_start();
                self.before(1) == b'{' && self.out_of_block()
            }
            _ => false,
        }
    }
}

/// The last segment of a path.
fn last_word(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b':').next().unwrap_or_default()
}

/// The name in the left side of an assignment: `pub const NAME: Type`, `let mut name`, `self.field`, `key`.
fn name_of_pattern(source: &[u8], span: Range<usize>) -> Range<usize> {
    let mut name = span.start..span.start;
    let mut at = span.start;
    while at < span.end {
        let byte = source.get(at).copied().unwrap_or(0);
        if is_word(byte) {
            let start = at;
            while at < span.end && source.get(at).copied().is_some_and(is_word) {
                at += 1;
            }
            if !has(KEYWORDS, source.get(start..at).unwrap_or_default()) {
                name = start..at;
            }
        } else if byte == b':' && source.get(at + 1) != Some(&b':') && !name.is_empty() {
            return name;
        } else {
            at += if byte == b':' { 2 } else { 1 };
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the literal `"?"` in `source`.
    fn names_in(source: &str) -> Vec<String> {
        let start = source.rfind("\"?\"").unwrap();
        names(source.as_bytes(), start).spans().iter().map(|span| source[span.clone()].to_owned()).collect()
    }

    #[test]
    fn the_nearest_name_comes_first() {
        for (source, first) in [
            ("pub const API_KEY: &str = \"?\"", "API_KEY"),
            ("static TOKEN: LazyLock<String> = LazyLock::new(|| \"?\"", "LazyLock::new"),
            ("pub const T: [u8; 52] = *b\"x\"; let mut api_key = \"?\"", "api_key"),
            ("self.config.password = \"?\"", "password"),
            ("Settings { retries: 1, api_key: \"?\"", "api_key"),
            ("json!({ \"authorization\": \"?\"", "authorization"),
            ("\"access_token\" => Some(\"?\"", "Some"),
            ("Self::ClientSecret => \"?\"", "ClientSecret"),
            ("req.header(\"x-api-key\", \"?\"", "x-api-key"),
            ("map.insert(String::from(\"API_KEY\"), String::from(\"?\"", "String::from"),
            ("assert_eq!(cfg[\"api_key\"], \"?\"", "api_key"),
            ("with_token(&mut client, \"?\"", "client"),
            ("password == \"?\"", "password"),
            ("env::var(\"NPM_TOKEN\").unwrap_or(\"?\"", "NPM_TOKEN"),
            ("arg(long, env = \"API_KEY\", default_value = \"?\"", "API_KEY"),
            ("fn api_key() -> &'static str { \"?\"", "api_key"),
            // nothing names what a macro takes
            ("vec![\"?\"", ""),
            ("let tokens = vec![\"a\", \"?\"", "tokens"),
        ] {
            assert_eq!(names_in(source).first().map_or("", String::as_str), first, "{source}");
        }
    }

    #[test]
    fn outer_names_follow() {
        assert_eq!(names_in("\"access_token\" => Some(\"?\""), ["Some", "access_token"]);
        assert_eq!(names_in("map.insert(String::from(\"K\"), String::from(\"?\""), ["String::from", "K", "insert"]);
        assert_eq!(names_in("with_token(&mut client, \"?\""), ["client", "with_token"]);
        assert_eq!(names_in("let t = Secret::new(\"?\".to_string()"), ["Secret::new", "t"]);
    }

    #[test]
    fn an_index_is_a_key() {
        assert!(names(b"map[\"?\"]", 4).is_key);
        assert!(!names(b"let x = [\"?\"]", 9).is_key);
    }

    #[test]
    fn nothing_before_is_no_trouble() {
        for source in [
            "\"?\"",
            "(((((((\"?\"",
            ")))),,,\"?\"",
            "= = = \"?\"",
            "||||\"?\"",
            "{{{{\"?\"",
            "]]]]]==\"?\"",
            "::::\"?\"",
            ">>>>=>\"?\"",
        ] {
            names_in(source);
        }
    }
}
