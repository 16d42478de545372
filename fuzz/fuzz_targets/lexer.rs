//! Any bytes: pieces in order and within the text, and every decoded byte has a place in its piece.

#![no_main]

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
});
