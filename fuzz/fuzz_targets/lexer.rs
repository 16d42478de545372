//! Any bytes: pieces in order and within the text, and every decoded byte has a place in its piece. Where rustc takes a
//! text's tokens, its pieces and values are ours.

#![no_main]

#[path = "../../tests/detect/rustc.rs"]
mod rustc;

use libfuzzer_sys::fuzz_target;
use secrets_detect::internals::{Lexer, decode};

fuzz_target!(|source: &[u8]| {
    let mut at = 0;
    for piece in Lexer::new(source) {
        assert!(at <= piece.start && piece.start < piece.inner_start);
        assert!(piece.inner_start <= piece.inner_end && piece.inner_end <= piece.end && piece.end <= source.len());
        at = piece.end;
        let decoded = decode(source, &piece);
        let mut from = piece.inner_start;
        for index in 0..decoded.bytes.len().min(200) {
            let range = decoded.source_range(index..index + 1);
            assert!(from <= range.start && range.start < range.end && range.end <= piece.inner_end);
            from = range.start;
        }
    }
    if let Ok(text) = std::str::from_utf8(source) {
        compare(text);
    }
});

fn compare(source: &str) {
    let (expected, is_valid) = rustc::pieces(source);
    if !is_valid {
        return;
    }
    let pieces: Vec<_> = Lexer::new(source.as_bytes()).collect();
    assert_eq!(pieces, expected);
    for piece in &pieces {
        if let Some(value) = rustc::value(source, piece) {
            assert_eq!(*decode(source.as_bytes(), piece).bytes, value);
        }
    }
}
