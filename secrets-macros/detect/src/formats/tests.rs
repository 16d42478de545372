//! What holds of every row.

use std::collections::HashSet;

use super::*;
use crate::examples::examples;
use crate::{Match, classify};

const SEEDS: [u64; 4] = [1, 2, 3, 4];

#[test]
fn every_row_takes_its_examples_and_no_other_row_takes_them_away() {
    for example in SEEDS.into_iter().flat_map(examples) {
        if example.needs_name {
            let row = keyed(&example.name, example.value.as_bytes()).unwrap();
            assert_eq!(row.rule, example.rule);
        } else {
            let hit = starting_at(example.value.as_bytes(), 0).unwrap();
            assert_eq!((hit.format.rule, hit.end), (example.rule, example.value.len()));
            assert_eq!(classify(&example.value).unwrap().rule, example.rule);
        }
    }
}

#[test]
fn a_token_is_found_in_the_middle_of_a_text() {
    for example in examples(5).into_iter().filter(|example| !example.needs_name) {
        for after in ["\"", ".", " and", "&x=1", "\\n", ")", ""] {
            let text = ["key: ", &example.value, after].concat();
            let hit = starting_at(text.as_bytes(), 5).unwrap();
            assert_eq!((hit.format.rule, hit.end), (example.rule, 5 + example.value.len()), "{after}");
        }
    }
}

#[test]
fn a_right_checksum_raises_the_confidence_and_a_wrong_one_lowers_it() {
    for example in examples(6).into_iter().filter(|example| !example.needs_name) {
        let hit = starting_at(example.value.as_bytes(), 0).unwrap();
        let checksum = hit.format.shape.checksum;
        if checksum == Checksum::None {
            assert_eq!(hit.confidence, Confidence::Medium, "{}", example.rule);
            continue;
        }
        assert_eq!(hit.confidence, Confidence::High, "{}", example.rule);
        if matches!(checksum, Checksum::Pem | Checksum::Jwt) {
            continue;
        }
        let last = example.value.chars().last().unwrap();
        let wrong =
            example.value.chars().rev().find(|&letter| letter != last && letter.is_ascii_alphanumeric()).unwrap();
        let edited = [&example.value[..example.value.len() - 1], &wrong.to_string()].concat();
        let edited_hit = starting_at(edited.as_bytes(), 0);
        if checksum != Checksum::Snowflake {
            assert_eq!(edited_hit.map(|hit| hit.confidence), (!hit.format.shape.strict).then_some(Confidence::Low));
            assert_eq!(classify(&edited), None, "{}", example.rule);
        }
    }
}

#[test]
fn a_character_too_few_or_too_many_is_refused_where_the_length_is_fixed() {
    for example in examples(7).into_iter().filter(|example| !example.needs_name) {
        let format = starting_at(example.value.as_bytes(), 0).unwrap().format;
        let Part::Run(alphabet, least, most) = format.shape.first else { continue };
        if least != most || !format.shape.rest.is_empty() || !alphabet.contains(b'7') {
            continue;
        }
        for near in [&example.value[..example.value.len() - 1], &[&example.value, "7"].concat()] {
            let taker = starting_at(near.as_bytes(), 0).map(|hit| hit.format.rule);
            assert_ne!(taker, Some(example.rule));
        }
    }
}

#[test]
fn the_index_agrees_with_a_look_at_every_row() {
    assert_eq!(rows().count(), TABLES.iter().map(|table| table.len()).sum::<usize>());
    for example in examples(8).into_iter().filter(|example| !example.needs_name) {
        let text = example.value.as_bytes();
        let all = TABLES.into_iter().flatten().filter(|row| text.starts_with(row.prefix.as_bytes()));
        let best = all.map(|row| row.hit(text, 0)).fold(None, better).unwrap();
        assert_eq!(best.format.rule, starting_at(text, 0).unwrap().format.rule);
        assert!(best.format.prefix.is_empty() || may_start_with(text[0], text[1]), "{}", example.rule);
    }
    assert!(!may_start_with(b'q', b'q') && !may_start_with(200, 1));
}

#[test]
fn rules_are_unique_in_kebab_case_and_say_where_they_are_from() {
    let rules = all().map(|(rule, ..)| rule).collect::<Vec<_>>();
    assert_eq!(rules.iter().collect::<HashSet<_>>().len(), rules.len());
    for rule in rules {
        assert!(rule.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{rule}");
    }
    let sources = rows().map(|row| row.source).chain(keyed_rows().map(|row| row.source));
    for source in sources {
        assert!(source == OBSERVED || source.starts_with("https://"), "{source}");
    }
    for row in keyed_rows() {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'+';
        assert!(row.keywords.iter().all(|keyword| keyword.bytes().all(plain)), "{}", row.rule);
    }
}

#[test]
fn a_match_shows_nothing_of_the_value_but_its_prefix() {
    for example in examples(9).into_iter().filter(|example| !example.needs_name) {
        let found: Match = classify(&example.value).unwrap();
        let shown = format!("{found} {found:?}");
        assert!(!shown.contains(&example.value[found.prefix.len()..][..12]), "{}", example.rule);
    }
}
