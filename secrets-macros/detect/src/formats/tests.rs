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
            let hit = starting_at(near.as_bytes(), 0).filter(|hit| hit.confidence > Confidence::Low);
            assert_ne!(hit.map(|hit| hit.format.rule), Some(example.rule));
            assert_ne!(classify(near).map(|found| found.rule), Some(example.rule));
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
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let mut words = row.keywords.split(['|', '+']);
        assert!(words.all(|word| word.len() >= 2 && word.bytes().all(plain)), "{}", row.rule);
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

/// What stands in ordinary code and starts like a token, or looks like one.
const HARMLESS: &[&str] = &[
    "dapiDataGetTopLongShortPositionRatio",
    "sgp_local_variable_of_the_function",
    "sk_live_your_key_here_please",
    "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
    "key-value-store-with-a-long-name",
    "key-0123456789",
    "api-gateway-service-account-name",
    "pul-request-number-12345678901234567890",
    "hf_hub_download_with_retries_and_more",
    "ghp_your_personal_access_token_goes_here",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "glpat-XXXXXXXXXXXXXXXXXXXX",
    "npm_config_registry_and_more_options_set",
    "npm_package_dependencies_serde_version_1",
    "pk_columns_of_the_table_in_their_order_1",
    "cs_main_lock_of_the_block_index_of_chain",
    "re_compile_and_match_with_a_long_pattern",
    "live_objects_count_since_the_last_collect",
    "secret_key_base_of_the_rails_application_1",
    "service_account_token_creator_of_the_role",
    "AKIAXXXXXXXXXXXXXXXX",
    "AKIAaccess",
    "ASIAPACIFICSOUTHEAST",
    "ACCEPTED_ENCODINGS_OF_THE_SERVER",
    "SKIP_VALIDATION_OF_THE_CERTIFICATE_CHAIN",
    "EAAccessControlListEntryOfTheFirstGroup",
    "AIzawaHiroshiTheAuthorOfTheFirstVersion",
    "LTAInitialisationOfTheCompilerBackend",
    "SCWorkflowDefinitions",
    "eyJustAnIdentifier.thatGoesOn.andOnAndOnAndOnAndOn",
    "SG.module.function",
    "SUApplicationDelegateOfTheMainWindow",
    "pat.matcher.of.the.first.argument",
    "sl.slice.of.the.first.argument.and.more",
    "s.split.whitespace.collect.vec.string.sort",
    "db-migrations-of-the-first-release",
    "waka_time_tracking_of_the_editor",
    "pa-identifier-of-the-process-and-its-children",
    "t1.join.t2.on.t1.id.eq.t2.id.where.t1.name",
    "1000.days.of.the.calendar",
    "cioFutureExecutorOfTheRuntimeInUse12",
    "oy2rtx90identifier",
    "user:group:other",
    "service:authentication:v1",
    "sig=signature",
    "2024-01-15T10:30:00.000Z",
    "10.0.0.1:8080",
    "fe80:0000:0000:0000:0204:61ff:fe9d:f156",
    "00:1A:2B:3C:4D:5E:6F:70",
    "550e8400-e29b-41d4-a716-446655440000",
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "https://hooks.slack.com/services/TEAM/CHANNEL/TOKEN",
    "https://discord.com/api/webhooks/channel/token",
    "https://docs.rs/secrets-detect/latest/secrets_detect/fn.classify.html",
    "https://example.webhook.office.com/webhookb2/your-url-here",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN RSA PRIVATE KEY-----",
    "registry+https://github.com/rust-lang/crates.io-index",
    "_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE",
    "_RNvCs1234_7mycrate3foo",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
];

#[test]
fn ordinary_texts_hold_no_token() {
    for text in HARMLESS {
        for start in 0..text.len() {
            let is_start = start == 0 || !text.as_bytes()[start - 1].is_ascii_alphanumeric();
            let hit = starting_at(text.as_bytes(), start).filter(|_| is_start);
            assert!(hit.is_none(), "{text} {:?}", hit.map(|hit| hit.format.rule));
        }
    }
}

#[test]
fn an_edited_token_behind_a_telling_prefix_is_one_of_low_confidence() {
    let body = "k3Jx9QmZ2vTn8RbL5wYp7GhD";
    for (prefix, length) in [("rubygems_", 24), ("github_pat_", 20), ("dp.scim.", 18)] {
        let hit = starting_at([prefix, &body[..length]].concat().as_bytes(), 0).unwrap();
        assert_eq!((hit.end, hit.confidence), (prefix.len() + length, Confidence::Low), "{prefix}");
        assert_eq!(classify(&[prefix, &body[..length]].concat()), None);
    }
    assert!(starting_at(["pul-", body].concat().as_bytes(), 0).is_none());
}

#[test]
fn a_hundred_and_fifty_providers_and_more_are_known() {
    let providers = all().map(|(_, provider, ..)| provider).collect::<HashSet<_>>();
    assert!(providers.len() >= 400, "{}", providers.len());
    let by_themselves = rows().map(|row| row.provider).collect::<HashSet<_>>();
    assert!(by_themselves.len() >= 150, "{}", by_themselves.len());
}
