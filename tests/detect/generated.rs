//! Sources that nobody would write: any bytes, any text, and Rust tokens in any order with nothing between them.

use proptest::prelude::*;
use secrets_detect::internals::{Lexer, Piece, PieceKind, decode};

use crate::rustc;

/// What means something to a lexer, and what stands beside it.
const SPECIAL: &str = "\"\"\"'''\\\\//**##![[]]rbc0x1,,_-an \n\r\té\u{85}\u{2028}\u{feff}";

/// Tokens, and beginnings of some.
const TOKENS: &[&str] = &[
    "r",
    "b",
    "c",
    "br",
    "cr",
    "rb",
    "x",
    "_",
    "for",
    "é",
    "r#type",
    "r#r",
    "'a",
    "'_",
    "'r",
    "'b",
    "'r#a",
    "'static",
    "'x'",
    "'é'",
    "'\"'",
    "'\\\"'",
    "'\\''",
    "'\\\\'",
    "'['",
    "'/'",
    "'#'",
    "'\\n'",
    "'\\x41'",
    "'\\u{1_F}'",
    "'0'",
    "b'x'",
    "b'\"'",
    "b'\\''",
    "b'\\\"'",
    "b'['",
    "b'\\xff'",
    "0",
    "1u8",
    "0x41",
    "0b1",
    "0o7",
    "1_0",
    "1.5",
    "2e3",
    "255",
    "256",
    "300u16",
    "[",
    "]",
    "[ ",
    "[\n",
    ",",
    ", ",
    "#",
    "##",
    "!",
    "#!",
    "-",
    "/",
    "*",
    "=",
    "::",
    "->",
    "(",
    ")",
    ";",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\u{2028}",
    "\u{85}",
    "\u{200e}",
    "//",
    "// a \"\n",
    "///\n",
    "//!x\r\n",
    "////\n",
    "/**/",
    "/* a \" */",
    "/** d */",
    "/*! d */",
    "/*** */",
    "/* /* n */ */",
    "/*/*/*/ */*/",
    "\"\"",
    "\"a\"",
    "\"//\"",
    "\"\\\"\"",
    "\"\\\\\"",
    "\"'\"",
    "\"a\"b",
    "\"\\x41\\u{e9}\"",
    "\"a\\\n  b\"",
    "\"a\\\r\n\tb\"",
    "\"a\r\nb\"",
    "b\"\\xff\"",
    "c\"\\xff\\u{e9}é\"",
    "r\"\\\"",
    "r#\"\"\"#",
    "r##\"a\"#\"##",
    "br\"\\\"",
    "br#\"\"\"#",
    "cr#\"\"\"#",
    "#\"a\"#",
    "[1,2,3,4,5,6,7,8]",
    "[b'a',b'[',b'\"',b'/','\"',0x0,1u8,255,]",
    "['[','[',",
    "[0; 4]",
    "[1,2,3,//4\n5,6,/*7*/7,8,9]",
    "1,2,",
    "a[0]",
    "r\"a\r\nb\"",
];

/// How many sources each test makes up.
pub(crate) fn cases() -> u32 {
    if std::env::var_os("CARGO_SECRETS_TEST_LONG").is_some_and(|value| value == "1") { 300_000 } else { 2_000 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_pieces_in_order_within_the_text(source in prop::collection::vec(any::<u8>(), 0..200)) {
        pieces_in_order(&source);
    }

    #[test]
    fn special_characters_give_pieces_on_characters_that_are_rustcs(
        source in prop::collection::vec(prop::sample::select(SPECIAL.chars().collect::<Vec<_>>()), 0..40),
    ) {
        text(&source.into_iter().collect::<String>());
    }

    #[test]
    fn tokens_in_any_order_give_the_pieces_and_values_that_rustc_gives(
        source in prop::collection::vec(prop::sample::select(TOKENS), 0..25),
    ) {
        text(&source.concat());
    }

    #[test]
    fn any_text_in_a_string_is_read_and_found_again(content in any::<String>(), hashes in 1_usize..4) {
        let hashes = "#".repeat(hashes);
        for source in [format!("{content:?}"), format!("r{hashes}\"{content}\"{hashes}"), format!("\"{content}\"")] {
            text(&source);
        }
    }

    #[test]
    fn what_a_range_of_the_decoded_bytes_stands_for_says_that_range(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "\\x41", "\\u{e9}", "\\u{1_F600}", "\\n", "\\\"", "\r\n", "\\\n  ", "\\\r\n", "bc", "é",
        ]), 0..20),
        ends in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let source = format!("x \"{}\"", parts.concat());
        let piece = Lexer::new(source.as_bytes()).next().unwrap();
        let decoded = decode(source.as_bytes(), &piece);
        let text = std::str::from_utf8(&decoded.bytes).unwrap();
        let (one, other) = (ends.0.index(text.len() + 1), ends.1.index(text.len() + 1));
        let floor = |at| (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap();
        let (start, end) = (floor(one.min(other)), floor(one.max(other)));
        let range = decoded.source_range(start..end);
        prop_assert!(piece.inner_start <= range.start && range.end <= piece.inner_end);
        let part = format!("\"{}\"", &source[range]);
        let piece = Lexer::new(part.as_bytes()).next().unwrap();
        prop_assert_eq!(&*decode(part.as_bytes(), &piece).bytes, &text.as_bytes()[start..end]);
    }
}

/// All pieces of `source`, each within the text and behind the one before; what they say is asked for, too.
fn pieces_in_order(source: &[u8]) -> Vec<Piece> {
    let pieces: Vec<_> = Lexer::new(source).collect();
    let mut at = 0;
    for piece in &pieces {
        assert!(at <= piece.start && piece.start < piece.inner_start, "{piece:?}");
        assert!(piece.inner_start <= piece.inner_end && piece.inner_end <= piece.end, "{piece:?}");
        assert!(piece.end <= source.len(), "{piece:?}");
        at = piece.end;
        let decoded = decode(source, piece);
        let length = decoded.bytes.len();
        for range in [0..length, length / 2..length, 0..length / 2] {
            let range = decoded.source_range(range);
            assert!(piece.inner_start <= range.start && range.start <= range.end && range.end <= piece.inner_end);
        }
        if piece.kind == PieceKind::ByteArray {
            for comment in Lexer::within(source, piece) {
                assert!(piece.inner_start <= comment.start && comment.end <= piece.inner_end, "{comment:?}");
                assert!(source[comment.start..].starts_with(b"/"), "{comment:?}");
            }
        }
    }
    pieces
}

/// What [`pieces_in_order`] asks, and that the pieces are on characters, and rustc's where it takes the text.
fn text(source: &str) {
    let pieces = pieces_in_order(source.as_bytes());
    for piece in &pieces {
        for at in [piece.start, piece.inner_start, piece.inner_end, piece.end] {
            assert!(source.is_char_boundary(at), "{piece:?}");
        }
    }
    let (expected, is_valid) = rustc::pieces(source);
    if is_valid {
        assert_eq!(pieces, expected, "{source:?}");
        for piece in &pieces {
            if let Some(value) = rustc::value(source, piece) {
                assert_eq!(*decode(source.as_bytes(), piece).bytes, value, "{source:?}");
            }
        }
    }
}
