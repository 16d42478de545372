//! The lexer on its own: what is a piece, and how much work it is.

use std::cell::Cell;

use super::{Lexer, Piece, PieceKind};

thread_local! {
    /// How many bytes this thread's lexers have looked at.
    pub(crate) static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// The kinds and texts of all pieces.
fn lex(source: &str) -> Vec<(PieceKind, &str)> {
    Lexer::new(source.as_bytes()).map(|Piece { kind, start, end, .. }| (kind, &source[start..end])).collect()
}

#[test]
fn prefixes_suffixes_and_hashes_belong_to_a_string() {
    use PieceKind::{ByteStr, CStr, RawByteStr, RawCStr, RawStr, Str};
    let source = r###"f("a", b"b", c"c", r"d\", br#"e"f"#, cr##"g"# "##, "h"u8, r"i"_j, "\\\"k\\");"###;
    let texts = ["\"a\"", "b\"b\"", "c\"c\"", "r\"d\\\"", "br#\"e\"f\"#", "cr##\"g\"# \"##", "\"h\"u8", "r\"i\"_j"];
    let kinds = [Str, ByteStr, CStr, RawStr, RawByteStr, RawCStr, Str, RawStr];
    let mut expected: Vec<_> = kinds.into_iter().zip(texts).collect();
    expected.push((Str, r#""\\\"k\\""#));
    assert_eq!(lex(source), expected);
}

#[test]
fn a_quote_in_a_char_opens_nothing() {
    for source in [r#"'"' "a""#, r#"b'"' "a""#, r#"'\"' "a""#, r#"f('x', '"', '\'', '"')("a")"#, r#"'/' '[' "a""#] {
        assert_eq!(lex(source), [(PieceKind::Str, "\"a\"")], "{source}");
    }
}

#[test]
fn a_string_right_behind_a_char_or_lifetime_is_one() {
    assert_eq!(lex(r#"'x'"'""#), [(PieceKind::Str, "\"'\"")]);
    assert_eq!(lex(r#"' '"'""#), [(PieceKind::Str, "\"'\"")]);
    assert_eq!(lex(r#"'\\'"'""#), [(PieceKind::Str, "\"'\"")]);
    assert_eq!(lex(r#"'\''"'""#), [(PieceKind::Str, "\"'\"")]);
    assert_eq!(lex(r#"'a"b""#), [(PieceKind::Str, "\"b\"")]);
    assert_eq!(lex(r#"'r"\"""#), [(PieceKind::Str, r#""\"""#)]);
    assert_eq!(lex(r#"'x'r"\"""#), [(PieceKind::Str, r#""\"""#)]);
    assert_eq!(lex(r#""a"b"c""#), [(PieceKind::Str, "\"a\"b"), (PieceKind::Str, "\"c\"")]);
}

#[test]
fn a_raw_identifier_is_no_prefix() {
    assert_eq!(lex(r#"r#type "a""#), [(PieceKind::Str, "\"a\"")]);
    assert_eq!(lex(r#"r#r"\"""#), [(PieceKind::Str, r#""\"""#)]);
    assert_eq!(lex(r#"'r#r"\"""#), [(PieceKind::Str, r#""\"""#)]);
    assert_eq!(lex(r#"'x'r#r"\""#), [(PieceKind::RawStr, r#"r"\""#)]);
    assert_eq!(lex(r#"for#r"\""#), [(PieceKind::RawStr, r#"r"\""#)]);
    for source in [r##"b#"a"#"##, r##"c#"a"#"##, r##"#"a"#"##] {
        assert_eq!(lex(source), [(PieceKind::Str, "\"a\"")], "{source}");
    }
    assert_eq!(lex(r#"bar"\"""#), [(PieceKind::Str, r#""\"""#)]);
}

#[test]
fn comments_nest_and_know_documentation() {
    use PieceKind::{BlockComment, BlockDoc, LineComment, LineDoc};
    let source = "//a\r\n///b\n//!c\n////d\n/*e/*f*/*//**g*//*!h*//***i*//**//*/*/";
    let expected = [
        (LineComment, "//a\r"),
        (LineDoc, "///b"),
        (LineDoc, "//!c"),
        (LineComment, "////d"),
        (BlockComment, "/*e/*f*/*/"),
        (BlockDoc, "/**g*/"),
        (BlockDoc, "/*!h*/"),
        (BlockComment, "/***i*/"),
        (BlockComment, "/**/"),
        (BlockComment, "/*/*/"),
    ];
    assert_eq!(lex(source), expected);
    assert_eq!(lex("/*/*/ */ \"a\" */ \"b\""), [(BlockComment, "/*/*/ */ \"a\" */"), (PieceKind::Str, "\"b\"")]);
}

#[test]
fn eight_small_numbers_are_an_array_of_bytes() {
    let kinds = |source: &str| lex(source).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds("[0x41, 65u8, 65i8, b'A', 'A', 0b1, 0o7_7,\n 1_0, b'\\n',]"), [PieceKind::ByteArray]);
    assert_eq!(kinds("[[1,2,3,4,5,6,7,8],[1,2,3,4,5,6,7,256]]"), [PieceKind::ByteArray]);
    assert_eq!(kinds("[1,2,3,4,5,6,7] [0; 32] a[0] [1,2,3,4,5,6,7,-8] [1.0,2,3,4,5,6,7,8]"), []);
    for count in 0..40 {
        assert_eq!(kinds(&format!("f('[',{}']')", "',',".repeat(count))), []);
    }
    assert_eq!(kinds("['[','[','\"',']','/','/','*',b'\"']"), [PieceKind::ByteArray]);
    assert_eq!(kinds("['[','[','\"',']','/','/','*',b'\"' \"s\""), [PieceKind::Str]);
}

#[test]
fn comments_in_an_array_are_found_within_it() {
    let source = "[1, 2, // a \"\n 3, '\"', /* 9, [1] */ 5, 6, 7, /// d\n 8 /**/]; // b";
    assert_eq!(lex(source).len(), 2);
    let array = Lexer::new(source.as_bytes()).next().unwrap();
    let comments = Lexer::within(source.as_bytes(), &array).map(|piece| &source[piece.start..piece.end]);
    assert_eq!(comments.collect::<Vec<_>>(), ["// a \"", "/* 9, [1] */", "/// d", "/**/"]);
    assert_eq!(lex("[1, 2, // a\n 3, x]"), [(PieceKind::LineComment, "// a")]);
}

#[test]
fn what_stands_before_the_first_token_is_read_too() {
    use PieceKind::{BlockComment, LineComment, RawStr, Str};
    assert_eq!(lex("#!/bin/x \"y\"\n\"z\""), [(LineComment, "#!/bin/x \"y\""), (Str, "\"z\"")]);
    for line in ["#! /// d", "#!//! d", "#! /*! d */", "#!/** d */"] {
        assert_eq!(lex(&format!("{line}\n["))[0], (LineComment, line));
    }
    assert_eq!(lex("#! /* c */\n["), [(BlockComment, "/* c */")]);
    assert_eq!(lex("#![doc = \"a\"]"), [(Str, "\"a\"")]);
    assert_eq!(lex("\u{feff}#!x \"y\"\r\nr\"z\""), [(LineComment, "#!x \"y\""), (RawStr, "r\"z\"")]);
    assert_eq!(lex("\u{feff}r\"z\""), [(RawStr, "r\"z\"")]);
    assert_eq!(lex("\u{feff}#! // \n [doc = \"a\"]"), [(LineComment, "// "), (Str, "\"a\"")]);
    assert_eq!(
        lex("#!x\n---\na = \"b\"\n---\n\"z\""),
        [(LineComment, "#!x"), (BlockComment, "---\na = \"b\"\n---"), (Str, "\"z\"")]
    );
}

#[test]
fn what_is_never_closed_ends_with_the_text() {
    for source in ["\"a", "r#\"a\"", "/*a", "//a", "b\"\\\"", "br##\"\"#"] {
        let pieces: Vec<_> = Lexer::new(source.as_bytes()).collect();
        assert_eq!(pieces.len(), 1, "{source}");
        assert_eq!((pieces[0].start, pieces[0].end, pieces[0].inner_end), (0, source.len(), source.len()), "{source}");
    }
    for source in ["", "'", "'\\", "r#", "[", "[1", "[b'", "[ ", "/", "#", "---", "['\\u{"] {
        assert_eq!(lex(source), [], "{source}");
    }
}

/// How many bytes are looked at to lex `source` to its end.
fn steps(source: &[u8]) -> usize {
    STEPS.set(0);
    let mut at = 0;
    for piece in Lexer::new(source) {
        assert!(at <= piece.start && piece.start <= piece.inner_start && piece.inner_start <= piece.inner_end);
        assert!(piece.inner_end <= piece.end && piece.end <= source.len());
        at = piece.end;
    }
    STEPS.get()
}

#[test]
fn no_text_makes_a_byte_be_looked_at_more_than_a_few_times() {
    const UNITS: &[&str] = &[
        "\"", "'", "\\", "/", "*", "#", "[", "]", "r", "b", "c", "\n", " ", "_", "0", "-", "é", "\u{2028}", "!", "r#",
        "r\"", "r#\"", "br##\"", "#\"", "\"#", "'\"'", "'\"", "\"'", "'r", "'x'", "'x'\"'\"", "'[", "['", "'['",
        "['[',", "[1,", "[[1,", "[ ", "[\n", "[0", "0,", "b'[',", "[b'\"',", "\\\"", "'\\", "'\\\"'", "/*", "*/",
        "/*/", "/**/", "//", "//\n", "///\n", "/ /", "\u{e9}'", "'\u{e9}", "'é'[", "r#r", "r#r\"", "'r#", "#r#",
        "\"\"", "\"a", "'\\u{", "['\\u{", "['\\u{_", "---\n", "'a '", "'a\"", "'\\\\", "[_", "[0_", "0_", "a'", "a\"",
        "[0x", "\"r", "[1,//", "[1,/*", "[/*", "[//\n", "[1,/**/", "[1,//\n",
    ];
    const OPENINGS: &[&str] = &["", "\"", "'", "r##\"", "/*", "[1,", "[b'", "#!", "---\n", "#!/*", "\"\\"];
    let is_long = std::env::var_os("CARGO_SECRETS_TEST_LONG").is_some_and(|value| value == "1");
    let (size, openings) = if is_long { (50_000_000, &OPENINGS[..1]) } else { (10_000, OPENINGS) };
    for opening in openings {
        for unit in UNITS {
            let mut source = opening.as_bytes().to_vec();
            while source.len() < size {
                source.extend_from_slice(unit.as_bytes());
            }
            let steps = steps(&source);
            assert!(steps <= 8 * source.len(), "{opening:?} {unit:?}: {steps} steps for {} bytes", source.len());
        }
    }
}

#[test]
fn many_hashes_and_many_backslashes_are_counted_once() {
    for count in [10, 1_000] {
        let hashes = "#".repeat(count);
        let backslashes = "\\".repeat(count);
        for unit in [
            format!("r{hashes}\"\"{}", "#".repeat(count - 1)),
            format!("{hashes}\""),
            format!("\"{hashes}"),
            format!("\"{backslashes}\""),
            format!("\"{backslashes}\\\""),
            format!("'{backslashes}"),
            format!("[{}", "1,".repeat(count)),
            format!("[{}", "'[',".repeat(count)),
            format!("[{}", "_".repeat(count)),
            format!("[{}", " ".repeat(count)),
            format!("'{}\"'", "a".repeat(count)),
        ] {
            let source = unit.repeat(100_000 / unit.len());
            let steps = steps(source.as_bytes());
            assert!(steps <= 8 * source.len(), "{}…: {steps} steps for {} bytes", &unit[..9], source.len());
        }
    }
}
