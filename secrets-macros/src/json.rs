//! A diagnostic as rustc writes it for programs: one line of
//! [JSON](https://doc.rust-lang.org/rustc/json.html#diagnostics), which cargo takes for rustc's own, wraps, counts, replays.

use crate::diagnostic::Diagnostic;
use crate::invocation::{Invocation, Output};
use crate::text::join;

/// Appends `diagnostic` in the form that the reader of standard error expects.
pub(crate) fn append(diagnostic: &Diagnostic, invocation: &Invocation, text: &mut String) {
    let mut rendered = String::new();
    if invocation.short {
        diagnostic.short(invocation.colour, &mut rendered);
    } else {
        diagnostic.human(invocation.colour, &mut rendered);
    }
    if invocation.output == Output::Human {
        text.push_str(&rendered);
        return;
    }
    text.push_str("{\"$message_type\":\"diagnostic\",\"message\":");
    string(&diagnostic.message, text);
    text.push_str(",\"code\":{\"code\":");
    string(&join(&["secrets::", &diagnostic.rule]), text);
    text.push_str(",\"explanation\":null},\"level\":");
    string(diagnostic.level(), text);
    text.push_str(",\"spans\":[");
    span(diagnostic, text);
    text.push_str("],\"children\":[");
    let mut separator = "";
    for help in &diagnostic.help {
        text.push_str(separator);
        separator = ",";
        text.push_str("{\"message\":");
        string(help, text);
        text.push_str(",\"code\":null,\"level\":\"help\",\"spans\":[],\"children\":[],\"rendered\":null}");
    }
    text.push_str("],\"rendered\":");
    string(&rendered, text);
    text.push_str("}\n");
}

fn span(diagnostic: &Diagnostic, text: &mut String) {
    let place = &diagnostic.place;
    let Some((start, end)) = place.lines else { return };
    text.push_str("{\"file_name\":");
    string(&place.file, text);
    number(",\"byte_start\":", place.span.0, text);
    number(",\"byte_end\":", place.span.1, text);
    number(",\"line_start\":", start.line, text);
    number(",\"line_end\":", end.line, text);
    number(",\"column_start\":", start.column, text);
    number(",\"column_end\":", end.column, text);
    // No text: what rustc puts there is for replacing it, and there is nothing to replace it with.
    text.push_str(",\"is_primary\":true,\"text\":[],\"label\":null,\"suggested_replacement\":null");
    text.push_str(",\"suggestion_applicability\":null,\"expansion\":null}");
}

fn number(key: &str, value: usize, text: &mut String) {
    text.push_str(key);
    text.push_str(&value.to_string());
}

/// Appends `value` as a JSON string (RFC 8259, section 7).
fn string(value: &str, text: &mut String) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\0'..='\x1f' | '\x7f' => {
                text.push_str("\\u00");
                text.push(digit(u32::from(letter) >> 4));
                text.push(digit(u32::from(letter) & 15));
            }
            letter => text.push(letter),
        }
    }
    text.push('"');
}

fn digit(value: u32) -> char {
    char::from_digit(value, 16).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Excerpt, Place};
    use secrets_detect::{Level, Position};

    fn invocation(output: Output, short: bool) -> Invocation {
        Invocation { root: None, output, short, colour: false, capped: false }
    }

    fn example() -> Diagnostic {
        let lines = Some((Position { line: 3, column: 7 }, Position { line: 4, column: 2 }));
        let excerpt = Some(Excerpt::of("a\nb\nlet x=\"**", 11, 13));
        let place = Place { file: "src/a \"b\".rs".to_owned(), span: (11, 13), lines, excerpt };
        let message = "a \"quoted\" \u{1}\n\tthing \\ é".to_owned();
        Diagnostic { level: Level::Warn, rule: "rule".to_owned(), message, place, help: vec!["x".into(), "y".into()] }
    }

    #[test]
    fn a_line_is_a_compiler_message_to_cargo_metadata() {
        let mut line = String::new();
        append(&example(), &invocation(Output::Json, false), &mut line);
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1);
        let parsed: cargo_metadata::diagnostic::Diagnostic = serde_json::from_str(&line).unwrap();
        let original = example();
        assert_eq!((parsed.message, parsed.children.len()), (original.message.clone(), 2));
        assert_eq!(parsed.code.unwrap().code, "secrets::rule");
        let span = &parsed.spans[0];
        assert_eq!((span.line_start, span.column_start, span.line_end, span.column_end), (3, 7, 4, 2));
        assert_eq!((span.byte_start, span.byte_end, span.is_primary), (11, 13, true));
        assert_eq!(span.file_name, original.place.file);
        let mut human = String::new();
        append(&original, &invocation(Output::Human, false), &mut human);
        assert_eq!(parsed.rendered.unwrap(), human);
    }

    #[test]
    fn the_short_form_is_asked_for_separately() {
        let mut line = String::new();
        append(&example(), &invocation(Output::Human, true), &mut line);
        assert!(line.starts_with("src/a \"b\".rs:3:7: warning[secrets::rule]: a"), "{line}");
    }
}
