//! Hard values: through both tools, both ways, to the byte.

use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::pair::{FLAVOURS, Pair, Values, failed, plain, succeeded};
use crate::support::feed;

/// The kernel's limit of one variable is 128 KiB; this is far beyond.
const MEGABYTE: usize = 1 << 20;

/// A PEM key's shape, made of parts; the body is random-looking but nobody's.
fn pem() -> String {
    let [dashes, kind] = ["-----", "PRIVATE KEY"];
    let line = |seed: usize| (0..64).map(move |at| char::from(b'A' + u8::try_from((seed * 7 + at * 11) % 26).unwrap()));
    let body = (0..25).map(|seed| line(seed).collect::<String>() + "\n").collect::<String>();
    format!("{dashes}BEGIN {kind}{dashes}\n{body}{dashes}END {kind}{dashes}\n")
}

/// A Google service account's key file, as their console writes it.
fn service_account() -> String {
    let key = serde_json::Value::from(pem());
    let id = "0123456789abcdef".repeat(2) + "01234567";
    format!(
        "{{\n  \"type\": \"service_account\",\n  \"project_id\": \"demo\",\n  \"private_key_id\": \"{id}\",\n  \
         \"private_key\": {key},\n  \"client_email\": \"robot@demo.iam.gserviceaccount.com\",\n  \"client_id\": \
         \"100000000000000000000\",\n  \"auth_uri\": \"https://accounts.google.com/o/oauth2/auth\"\n}}\n"
    )
}

/// What a file of `flavour` must hold.
pub(crate) fn hard(flavour: &str) -> Values {
    let texts = [
        String::new(),
        " leading and trailing\t ".to_owned(),
        "\n".to_owned(),
        "\n\nfirst\n\nlast\n\n".to_owned(),
        "carriage\r\nreturn\r".to_owned(),
        "\ttab\tab".to_owned(),
        "'single' \"double\" `back`".to_owned(),
        "$HOME ${HOME} $(id) `id` $((1+1)) !! %s %n \\".to_owned(),
        "\\\\ \\t \\u0041 \\x41 \\0".to_owned(),
        "{\"json\": [1, null, \"x\"]} , : ] }".to_owned(),
        "null".to_owned(),
        "true".to_owned(),
        "0x10".to_owned(),
        "1e3".to_owned(),
        "# no comment".to_owned(),
        "A=B=C".to_owned(),
        "<script>&amp;</script>".to_owned(),
        "\u{2028}\u{2029}\u{85}\u{feff}\u{a0}".to_owned(),
        "\u{1}\u{1b}[31m\u{7f}\u{9b}".to_owned(),
        "👩‍👩‍👧‍👦 🏳️‍🌈 e\u{301} é ﷽ \u{202e}rtl".to_owned(),
        "\u{fffd}\u{ffff}\u{10ffff}\u{e000}".to_owned(),
        "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]".to_owned(),
        "ENC[".to_owned(),
        "sops".to_owned(),
        pem(),
        "x".repeat(100_000),
        "literal \\n and \\r\\n".to_owned(),
        service_account(),
    ];
    let named = texts.into_iter().enumerate().map(|(index, text)| (format!("VALUE_{index:02}"), text));
    named.filter(|(_, text)| flavour != "env" || !text.contains("\\n")).collect()
}

pub(crate) fn pairs(values: &Values) -> impl Iterator<Item = (&str, &str)> {
    values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

/// Sets each of `values` here; then `sops` and `run` must read exactly these.
pub(crate) fn set_here(pair: &Pair, name: &str, values: &Values) {
    pair.declare("sources", &format!("[\"{name}\"]"));
    for (entry, value) in values {
        pair.project.set(entry, value);
    }
    assert_eq!(&pair.decrypted(name), values, "sops reads what was set here");
    assert_eq!(&pair.delivered(), values, "run reads what was set here");
}

#[test]
fn hard_values_set_here_are_the_same_for_run_get_and_sops() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/hard.{flavour}");
        let values = hard(flavour);
        assert!(values.len() >= 26);
        set_here(&pair, &name, &values);
        for (entry, value) in &values {
            assert!(pair.project.ok(&["get", entry]) == *value, "get {entry} from {name}");
            assert!(pair.extracted(&name, entry) == value.as_bytes(), "sops extracts {entry} from {name}");
        }
    }
}

#[test]
fn hard_values_encrypted_by_sops_are_the_same_for_run_and_get() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/hard.{flavour}");
        let values = hard(flavour);
        pair.encrypt(&name, plain(&name, pairs(&values)), &[]);
        assert_eq!(pair.delivered(), values, "{name}");
        for (entry, value) in &values {
            assert!(pair.project.ok(&["get", entry]) == *value, "get {entry} from {name}");
        }
        for (entry, value) in &values {
            pair.project.set(entry, &format!("{value}."));
        }
        let longer: Values = values.iter().map(|(entry, value)| (entry.clone(), format!("{value}."))).collect();
        assert_eq!(pair.decrypted(&name), longer, "{name}, after a change of each");
    }
}

#[test]
fn a_value_of_a_megabyte_is_kept_and_printed_but_no_program_can_be_started_with_it() {
    let Some(pair) = Pair::new() else { return };
    let big: String = ('a'..='z').cycle().take(MEGABYTE).collect();
    for flavour in FLAVOURS {
        let name = format!("secrets/big.{flavour}");
        pair.declare("sources", &format!("[\"{name}\"]"));
        pair.project.set("SMALL", "s");
        pair.project.set("BIG", &big);
        assert!(pair.extracted(&name, "BIG") == big.as_bytes(), "sops extracts it from {name}");
        assert!(pair.project.ok(&["get", "BIG"]) == big, "get prints it from {name}");
        let error = failed(&pair.project.secrets(&["run", "--", "true"]).output().unwrap(), 125);
        assert!(error.contains("`BIG`") && error.len() < 2000, "{error}");
        let run = ["run", "--except", "BIG", "--", "printenv", "SMALL"];
        assert_eq!(pair.project.ok(&run), "s\n");

        let by_sops = format!("secrets/big-by-sops.{flavour}");
        pair.encrypt(&by_sops, plain(&by_sops, [("BIG", big.as_str())]), &[]);
        assert!(pair.project.ok(&["get", "BIG"]) == big, "get prints it from {by_sops}");
    }
}

#[test]
fn a_key_file_goes_in_and_comes_out_byte_for_byte() {
    let Some(pair) = Pair::new() else { return };
    for (entry, content) in [("ACCOUNT", service_account()), ("TLS_KEY", pem())] {
        let path = pair.project.write_private("key.file", &content);
        pair.project.ok(&["set", entry, "--from-file", path.to_str().unwrap(), "--quiet"]);
        assert_eq!(pair.project.ok(&["run", "--quiet", "--", "printenv", entry]), format!("{content}\n"));
        assert_eq!(pair.extracted("secrets/dev.json", entry), content.as_bytes());
    }
}

#[test]
fn one_newline_at_the_end_of_standard_input_is_dropped_and_no_more() {
    let Some(pair) = Pair::new() else { return };
    for (input, kept) in [("x\n", "x"), ("x\n\n", "x\n"), ("x", "x"), ("\n", ""), ("x\r\n", "x\r"), ("\nx ", "\nx ")] {
        succeeded(&feed(pair.project.secrets(&["set", "A", "--quiet"]), input.as_bytes()));
        assert_eq!(pair.extracted("secrets/dev.json", "A"), kept.as_bytes(), "{input:?}");
    }
}

#[test]
fn what_no_file_can_hold_is_refused_and_changes_nothing() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/kept.{flavour}");
        pair.encrypt(&name, plain(&name, [("A", "1")]), &[]);
        let before = pair.project.read(&name);
        for bytes in [&b"nul\0inside"[..], b"\0", b"\xff\xfe", b"cut \xf0\x9f"] {
            failed(&feed(pair.project.secrets(&["set", "A", "--quiet"]), bytes), 2);
        }
        for entry in ["", "1A", "A-B", "A B", "Ä", "A.B"] {
            failed(&pair.try_set(entry, "x"), 2);
        }
        assert_eq!(pair.project.read(&name), before);
    }
}

/// Any text that a variable can hold: no NUL; and every kind of character often enough.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => any::<char>(),
        2 => proptest::char::range(' ', '~'),
        1 => prop::sample::select(vec!['\\', 'n', '"', '\'', '\n', '\r', '\t', '$', '`', '#', '=', '\u{2028}', '\u{7f}']),
    ];
    let texts = prop::collection::vec(character, 0..60);
    texts.prop_map(|characters| characters.into_iter().filter(|character| *character != '\0').collect())
}

/// Twenty values at a time: one call of `sops` judges them all.
fn many() -> impl Strategy<Value = Values> {
    let named =
        |texts: Vec<String>| texts.into_iter().enumerate().map(|(index, text)| (format!("ANY_{index:02}"), text));
    prop::collection::vec(text(), 20).prop_map(move |texts| named(texts).collect())
}

#[test]
fn any_text_survives_both_tools_both_ways() {
    let Some(pair) = Pair::new() else { return };
    let config = Config { cases: 2, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    proptest!(config, |(values in many())| {
        for flavour in FLAVOURS {
            let mut values = values.clone();
            values.retain(|_, text| flavour != "env" || !text.contains("\\n"));
            let by_us = format!("secrets/any-by-us.{flavour}");
            let _ = std::fs::remove_file(pair.project.root().join(&by_us));
            set_here(&pair, &by_us, &values);
            let by_sops = format!("secrets/any-by-sops.{flavour}");
            pair.encrypt(&by_sops, plain(&by_sops, pairs(&values)), &[]);
            prop_assert_eq!(pair.delivered(), values);
        }
    });
}
