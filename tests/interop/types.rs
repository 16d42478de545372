//! Every type of value that a SOPS file can hold, as `sops` writes it.

use serde_json::json;

use crate::pair::{Pair, failed, values};

/// Flat, one entry of each type; the delivered text beside each.
const SCALARS: [(&str, &str, &str); 17] = [
    ("STRING", "\"text\"", "text"),
    ("INT", "42", "42"),
    ("NEGATIVE", "-7", "-7"),
    ("ZERO", "0", "0"),
    ("FLOAT", "1.5", "1.5"),
    ("SHORT_FLOAT", "1.50", "1.5"),
    ("TINY", "1e-7", "0.0000001"),
    ("HUGE", "1e21", "1000000000000000000000"),
    ("LAST_EXACT", "9007199254740992", "9007199254740992"),
    ("BEYOND_I64", "12345678901234567890", "12345678901234567000"),
    ("MINUS_ZERO", "-0.0", "-0"),
    ("TRUE", "true", "true"),
    ("FALSE", "false", "false"),
    ("EMPTY", "\"\"", ""),
    ("DIGITS", "\"007\"", "007"),
    ("DATE", "\"2024-01-01\"", "2024-01-01"),
    ("WORD_TRUE", "\"True\"", "True"),
];

const NESTED: &str = r#"{
    "plain": "p",
    "db": {"user": "u", "hosts": ["one", {"name": "two", "port": 5432}], "tls": true, "none": null, "empty": ""},
    "list": [[1, 2], [], {}],
    "user-name": "n"
}"#;

#[test]
fn every_type_of_value_in_a_json_file_of_sops_is_delivered() {
    let Some(pair) = Pair::new() else { return };
    let entries: Vec<_> = SCALARS.iter().map(|(name, json, _)| format!("\"{name}\": {json}")).collect();
    pair.encrypt("secrets/types.json", format!("{{{}, \"NULL\": null}}", entries.join(", ")), &[]);
    let expected = SCALARS.iter().map(|(name, _, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    assert_eq!(pair.delivered(), expected, "`null` is no value, all others are");

    let before = pair.json("secrets/types.json");
    pair.project.set("STRING", "changed");
    let mut after = pair.json("secrets/types.json");
    assert_eq!(after.insert("STRING".to_owned(), json!("text")), Some(json!("changed")));
    assert_eq!(after, before, "types survive a change beside them");
}

#[test]
fn every_type_of_value_that_sops_leaves_unencrypted_is_delivered() {
    let Some(pair) = Pair::new() else { return };
    // Unencrypted, a number stands in the file as JSON spells it.
    let spelled = |name: &str, text: &str| match name {
        "TINY" => "1e-7".to_owned(),
        "HUGE" => "1e+21".to_owned(),
        _ => text.to_owned(),
    };
    let entries: Vec<_> = SCALARS.iter().map(|(name, json, _)| format!("\"{name}\": {json}")).collect();
    let rule = ["--encrypted-regex", "^SECRET$"];
    pair.encrypt("secrets/types.json", format!("{{\"SECRET\": \"s\", {}}}", entries.join(", ")), &rule);
    let mut expected = values([("SECRET", "s")]);
    expected.extend(SCALARS.iter().map(|(name, _, text)| ((*name).to_owned(), spelled(name, text))));
    assert_eq!(pair.delivered(), expected);

    pair.project.set("SECRET", "changed");
    assert_eq!(pair.json("secrets/types.json")["SECRET"], "changed");
}

#[test]
fn integers_and_times_that_came_from_yaml_are_delivered() {
    let Some(pair) = Pair::new() else { return };
    let yaml = "I: 42\nBIG: 9223372036854775807\nSMALL: -9223372036854775808\nBEYOND: 18446744073709551616\nF: 1.50\n\
                B: true\nN: ~\nDAY: 2024-01-01\nTIME: 2024-01-01T02:03:04+02:00\nTEXT: |\n  two\n  lines\n";
    pair.encrypt("secrets/types.json", yaml, &["--input-type", "yaml", "--output-type", "json"]);
    let file = pair.project.read("secrets/types.json");
    for tag in ["int", "float", "bool", "time", "str"] {
        assert!(file.contains(&format!("type:{tag}]")), "sops wrote no `{tag}`, so nothing is tested:\n{file}");
    }
    let expected = [
        ("I", "42"),
        ("BIG", "9223372036854775807"),
        ("SMALL", "-9223372036854775808"),
        ("BEYOND", "18446744073709552000"),
        ("F", "1.5"),
        ("B", "true"),
        ("DAY", "2024-01-01T00:00:00Z"),
        ("TIME", "2024-01-01T02:03:04+02:00"),
        ("TEXT", "two\nlines\n"),
    ];
    assert_eq!(pair.delivered(), values(expected));
    pair.project.set("F", "text now");
    let after = pair.json("secrets/types.json");
    assert_eq!((&after["BIG"], &after["F"]), (&json!(9_223_372_036_854_775_807_i64), &json!("text now")));
}

#[test]
fn nested_entries_are_delivered_only_when_asked_for() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt("secrets/nested.json", NESTED, &[]);
    let error = failed(&pair.project.secrets(&["run", "--", "echo", "started"]).output().unwrap(), 125);
    assert!(error.contains("`db.user` is nested") && error.contains("flatten = true"), "{error}");

    pair.declare("sources", "[{ path = \"secrets/nested.json\", flatten = true }]");
    let expected = [
        ("PLAIN", "p"),
        ("DB_USER", "u"),
        ("DB_HOSTS_0", "one"),
        ("DB_HOSTS_1_NAME", "two"),
        ("DB_HOSTS_1_PORT", "5432"),
        ("DB_TLS", "true"),
        ("DB_EMPTY", ""),
        ("LIST_0_0", "1"),
        ("LIST_0_1", "2"),
        ("USER_NAME", "n"),
    ];
    assert_eq!(pair.delivered(), values(expected));
}

#[test]
fn a_flat_entry_beside_nested_ones_can_be_changed() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt("secrets/nested.json", NESTED, &[]);
    pair.declare("sources", "[{ path = \"secrets/nested.json\", flatten = true }]");
    let before = pair.json("secrets/nested.json");
    pair.project.set("plain", "changed");
    let mut after = pair.json("secrets/nested.json");
    assert_eq!(after.insert("plain".to_owned(), json!("p")), Some(json!("changed")));
    assert_eq!(after, before);

    let error = failed(&pair.try_set("db", "x"), 2);
    assert!(error.contains("`db` is a nested entry"), "{error}");
    pair.project.ok(&["unset", "--quiet", "db"]);
    assert_eq!(pair.json("secrets/nested.json").keys().collect::<Vec<_>>(), ["list", "plain", "user-name"]);
}

#[test]
fn values_are_read_as_sops_set_writes_them() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt("secrets/types.json", "{\"A\": \"before\", \"GONE\": \"x\"}", &[]);
    let written = [
        ("A", json!("after"), "after"),
        ("INT", json!(123_456_789_012_u64), "123456789012"),
        ("FLOAT", json!(-0.25), "-0.25"),
        ("BOOL", json!(false), "false"),
        ("EMPTY", json!(""), ""),
        ("LINES", json!("one\ntwo\u{2028}\tü"), "one\ntwo\u{2028}\tü"),
    ];
    for (name, json, _) in &written {
        pair.sops_set("secrets/types.json", name, json);
    }
    pair.sops_set("secrets/types.json", "NULL", &json!(null));
    pair.sops(&["unset", "secrets/types.json", "[\"GONE\"]"]);
    let expected = written.iter().map(|(name, _, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    assert_eq!(pair.delivered(), expected);

    pair.sops_set("secrets/types.json", "MAP", &json!({"a": [1, "b"]}));
    pair.declare("sources", "[{ path = \"secrets/types.json\", flatten = true }]");
    let delivered = pair.delivered();
    assert_eq!((delivered["MAP_A_0"].as_str(), delivered["MAP_A_1"].as_str()), ("1", "b"));
}
