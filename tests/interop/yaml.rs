//! The YAML flavour: types, nesting, comments and layout, as `sops` writes them and as people do.

use serde_json::json;

use crate::pair::{Pair, Values, failed, next_second, succeeded, values};

const NAME: &str = "secrets/types.yaml";

/// Flat; the delivered text of each, encrypted and left plain.
const SCALARS: [(&str, &str, &str, &str); 27] = [
    ("STRING", "text", "text", "text"),
    ("INT", "42", "42", "42"),
    ("NEGATIVE", "-7", "-7", "-7"),
    ("HEX", "0x10", "16", "16"),
    ("OCTAL", "010", "8", "8"),
    ("OLD_OCTAL", "0o17", "15", "15"),
    ("BINARY", "0b101", "5", "5"),
    ("GROUPED", "1_000", "1000", "1000"),
    ("FLOAT", "1.50", "1.5", "1.5"),
    ("EXPONENT", "1e3", "1000", "1000"),
    ("TINY", "1e-7", "0.0000001", "1e-07"),
    ("HUGE", "1e21", "1000000000000000000000", "1e+21"),
    ("BEYOND", "18446744073709551616", "18446744073709552000", "1.8446744073709552e+19"),
    ("ON", "true", "true", "true"),
    ("OFF_CAPITALS", "FALSE", "false", "false"),
    ("AGREED", "yes", "yes", "yes"),
    ("EMPTY", "\"\"", "", ""),
    ("DIGITS", "\"007\"", "007", "007"),
    ("WORD", "\"true\"", "true", "true"),
    ("NULL_WORD", "'null'", "null", "null"),
    ("DAY", "2024-01-02", "2024-01-02T00:00:00Z", "2024-01-02T00:00:00Z"),
    ("TIME", "2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05+02:00"),
    ("SPACED_TIME", "2024-01-02 03:04:05.50", "2024-01-02T03:04:05.5Z", "2024-01-02T03:04:05.5Z"),
    ("BLOCK", "|\n    two\n    lines", "two\nlines\n", "two\nlines\n"),
    ("STRIPPED", "|-\n    two\n\n    lines", "two\n\nlines", "two\n\nlines"),
    ("FOLDED", ">\n    one\n    line", "one line\n", "one line\n"),
    ("PLAIN_FOLDED", "one\n    line", "one line", "one line"),
];

fn document() -> String {
    let entries: Vec<_> = SCALARS.iter().map(|(name, yaml, ..)| format!("{name}: {yaml}\n")).collect();
    entries.concat() + "NONE: ~\nNOTHING:\n"
}

#[test]
fn every_type_of_value_in_a_yaml_file_of_sops_is_delivered() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt(NAME, document(), &[]);
    let file = pair.project.read(NAME);
    for tag in ["int", "float", "bool", "time", "str"] {
        assert!(file.contains(&format!("type:{tag}]")), "sops wrote no `{tag}`, so nothing is tested:\n{file}");
    }
    let expected: Values = SCALARS.iter().map(|(name, _, text, _)| ((*name).to_owned(), (*text).to_owned())).collect();
    assert_eq!(pair.delivered(), expected, "`null` is no value, all others are");
    let before = pair.sops(&["decrypt", NAME]);
    pair.project.set("STRING", "changed");
    let after = pair.sops(&["decrypt", NAME]);
    let changed = String::from_utf8(before).unwrap().replace("STRING: text", "STRING: changed");
    assert_eq!(String::from_utf8(after).unwrap(), changed, "types survive a change beside them");
}

#[test]
fn every_type_of_value_that_sops_leaves_unencrypted_in_yaml_is_delivered() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt(NAME, format!("SECRET: s\n{}", document()), &["--encrypted-regex", "^SECRET$"]);
    let mut expected = values([("SECRET", "s")]);
    expected.extend(SCALARS.iter().map(|(name, _, _, text)| ((*name).to_owned(), (*text).to_owned())));
    assert_eq!(pair.delivered(), expected);
    pair.project.set("SECRET", "changed");
    assert_eq!(pair.extracted(NAME, "SECRET"), b"changed");
}

#[test]
fn numbers_and_times_that_a_person_spelled_count_in_the_mac_as_sops_counts_them() {
    let Some(pair) = Pair::new() else { return };
    // `sops` writes them anew, so its own file is spelled back by hand: the MAC stays that of the values.
    let rule = ["--encrypted-regex", "^SECRET$"];
    pair.encrypt(NAME, format!("SECRET: s\n{}", document()), &rule);
    let file = pair.project.read(NAME);
    let spellings = [
        ("HEX: 16", "HEX: 0x10"),
        ("OCTAL: 8", "OCTAL: 010"),
        ("OLD_OCTAL: 15", "OLD_OCTAL: 0o17"),
        ("BINARY: 5", "BINARY: 0b1_01"),
        ("GROUPED: 1000", "GROUPED: +1_000"),
        ("FLOAT: 1.5", "FLOAT: 1.50"),
        ("TINY: 1e-07", "TINY: .0000001"),
        ("HUGE: 1e+21", "HUGE: 1_000_000_000_000_000_000_000"),
        ("DAY: 2024-01-02T00:00:00Z", "DAY: 2024-1-2"),
        ("SPACED_TIME: 2024-01-02T03:04:05.5Z", "SPACED_TIME: 2024-01-02 3:04:05.500"),
    ];
    let mut spelled = file.clone();
    for (written, by_hand) in spellings {
        assert!(spelled.contains(written), "{written} in\n{file}");
        spelled = spelled.replace(written, by_hand);
    }
    pair.project.write(NAME, &spelled);
    assert_eq!(pair.extracted(NAME, "SECRET"), b"s", "sops accepts the spellings");
    let delivered = pair.delivered();
    assert_eq!((delivered["HEX"].as_str(), delivered["DAY"].as_str()), ("0x10", "2024-1-2"));
}

const NESTED: &str = "# of the file\nplain: p\n\n# above db\ndb:\n    # above user\n    user: u # beside user\n    hosts:\n        \
                      - one\n        # in the list\n        - name: two\n          port: 5432\n    tls: true\n    none: null\n    \
                      empty: \"\"\n    # below db\nlist: [[1, 2], [], {}]\nuser-name: n\n# last\n";

#[test]
fn nested_yaml_is_delivered_when_asked_for_and_its_comments_stay_sealed() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt(NAME, NESTED, &[]);
    let file = pair.project.read(NAME);
    assert!(file.matches("#ENC[").count() >= 6, "sops sealed no comments:\n{file}");
    let error = failed(&pair.project.secrets(&["run", "--", "echo", "started"]).output().unwrap(), 125);
    assert!(error.contains("`db.user` is nested") && error.contains("flatten = true"), "{error}");

    pair.declare("sources", &format!("[{{ path = \"{NAME}\", flatten = true }}]"));
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

    let before = String::from_utf8(pair.sops(&["decrypt", NAME])).unwrap();
    pair.project.set("plain", "changed");
    assert_eq!(changed_lines(&file, &pair.project.read(NAME)), ["plain", "mac", "lastmodified"]);
    let after = String::from_utf8(pair.sops(&["decrypt", NAME])).unwrap();
    assert_eq!(after, before.replace("plain: p", "plain: changed"), "sops finds all comments as they were");

    assert!(failed(&pair.try_set("db", "x"), 2).contains("`db` is a nested entry"));
    pair.project.ok(&["unset", "--quiet", "db"]);
    let left = String::from_utf8(pair.sops(&["decrypt", NAME])).unwrap();
    assert!(!left.contains("user: u") && left.contains("user-name:") && left.contains("# last"), "{left}");
}

/// The names on the lines that differ; the files have the same number of lines. The date may be the same.
fn changed_lines(before: &str, after: &str) -> Vec<String> {
    assert_eq!(before.lines().count(), after.lines().count(), "{after}");
    let differs = before.lines().zip(after.lines()).filter(|(old, new)| old != new).map(|(_, new)| new);
    let mut names: Vec<_> = differs.filter_map(|line| Some(line.trim().split_once(':')?.0.to_owned())).collect();
    if !names.iter().any(|name| name == "lastmodified") {
        names.push("lastmodified".to_owned());
    }
    names.sort_by_key(|name| ["mac", "lastmodified"].iter().position(|last| last == name).map_or(0, |at| at + 1));
    names
}

/// A file as a person lays it out, from the pieces that `sops` encrypted.
fn laid_out(pair: &Pair) -> (String, Values) {
    pair.encrypt(NAME, "A: one\nB: \"two\"\nC: three\nD: four\nE: five\n", &[]);
    let file = pair.project.read(NAME);
    let (entries, metadata) = file.split_at(file.find("sops:").unwrap());
    let sealed: Vec<_> = entries.lines().map(|line| line.split_once(": ").unwrap().1).collect();
    let (start, end) = sealed[2].split_at(sealed[2].find(",iv:").unwrap());
    let text = format!(
        "# of the file\n\n\n'A':   {}   # beside A\n\n# above B\nB: \"{}\"\nC: >-\n  {start}{end}\n\n\n# above D\nD:\n  '{}'\n\"E\" : \
         {}\n\n# not the end\n{metadata}# the end\n",
        sealed[0], sealed[1], sealed[3], sealed[4]
    );
    (text, values([("A", "one"), ("B", "two"), ("C", "three"), ("D", "four"), ("E", "five")]))
}

#[test]
fn a_file_laid_out_by_hand_keeps_every_byte_outside_of_the_changed_lines() {
    let Some(pair) = Pair::new() else { return };
    let (text, all) = laid_out(&pair);
    for text in [text.clone(), text.replace('\n', "\r\n"), format!("---\n{text}...\n"), format!("\u{feff}{text}")] {
        for changed in all.keys() {
            pair.project.write(NAME, &text);
            assert_eq!(pair.delivered(), all);
            pair.project.set(changed, "now\nthis");
            let mut expected = all.clone();
            expected.insert(changed.clone(), "now\nthis".to_owned());
            assert_eq!(pair.decrypted(NAME), expected, "{changed}");
            assert_eq!(pair.delivered(), expected, "{changed}");
            let after = pair.project.read(NAME);
            let kept = |line: &str| line.trim_start().starts_with('#') || line.trim().is_empty();
            let comments = |text: &str| text.lines().filter(|line| kept(line)).map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(comments(&text), comments(&after), "{changed}\n{after}");
            let unlike = text.lines().filter(|line| !after.lines().any(|new| new == *line)).count();
            assert!(unlike <= 4, "{changed}: {unlike} lines changed\n{after}");

            pair.project.write(NAME, &text);
            pair.project.ok(&["unset", "--quiet", changed]);
            let mut expected = all.clone();
            expected.remove(changed);
            assert_eq!(pair.decrypted(NAME), expected, "without {changed}");
            let after = pair.project.read(NAME);
            let added = after.lines().filter(|line| !text.lines().any(|old| old == *line)).count();
            assert!(added <= 2, "without {changed}: {added} lines are new\n{after}");
        }
    }
}

#[test]
fn a_new_name_stands_before_the_metadata_wherever_that_is() {
    let Some(pair) = Pair::new() else { return };
    let (text, all) = laid_out(&pair);
    let at = text.find("sops:").unwrap();
    let (entries, metadata) = text.split_at(at);
    let metadata = metadata.replace("# the end\n", "");
    let layouts = [
        text.clone(),
        text.replace('\n', "\r\n"),
        format!("{metadata}{entries}"),
        format!("{metadata}{}", entries.trim_end()),
        format!(
            "{}{metadata}{}",
            &entries[..entries.find("# above B").unwrap()],
            &entries[entries.find("# above B").unwrap()..]
        ),
        text.lines().flat_map(|line| ["  ", line, "\n"]).collect(),
    ];
    for layout in layouts {
        pair.project.write(NAME, &layout);
        pair.project.set("NEW", "n");
        pair.project.set("EMPTY", "");
        let mut expected = all.clone();
        expected.extend(values([("NEW", "n"), ("EMPTY", "")]));
        assert_eq!(pair.decrypted(NAME), expected, "{layout}");
        assert_eq!(pair.delivered(), expected, "{layout}");
        let after = pair.project.read(NAME);
        let lines: Vec<_> = layout.lines().collect();
        let new = after.lines().filter(|line| !lines.contains(line)).count();
        assert!(matches!(new, 3 | 4), "the two, mac, and the date where it is another:\n{after}");
        if layout.find("sops:") > layout.find("\"E\"") {
            assert!(after.find("NEW:") < after.find("sops:"), "{after}");
        }
        for name in ["NEW", "EMPTY"] {
            pair.project.ok(&["unset", "--quiet", name]);
        }
        assert_eq!(pair.decrypted(NAME), all, "{layout}");
    }
}

#[test]
fn names_that_yaml_takes_for_something_else_are_quoted() {
    let Some(pair) = Pair::new() else { return };
    pair.declare("sources", &format!("[\"{NAME}\"]"));
    let odd = [("true", "1"), ("NULL", "2"), ("no", "3"), ("Y", "4"), ("E1", "6")];
    for (name, value) in odd {
        pair.project.set(name, value);
    }
    assert_eq!(pair.decrypted(NAME), values(odd));
    assert_eq!(pair.delivered(), values(odd));
    for (name, _) in odd {
        pair.sops_set(NAME, name, &json!("by sops"));
    }
    assert!(pair.delivered().values().all(|value| value == "by sops"));
}

#[test]
fn a_value_of_every_type_is_replaced() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt(NAME, document(), &[]);
    let names: Vec<_> = SCALARS.iter().map(|(name, ..)| *name).chain(["NONE", "NOTHING"]).collect();
    let mut expected = Values::new();
    for name in names {
        pair.project.set(name, "a: b # c");
        expected.insert(name.to_owned(), "a: b # c".to_owned());
    }
    assert_eq!(pair.decrypted(NAME), expected);
    assert_eq!(pair.delivered(), expected);
}

const COMMENTED: &str = "# other\nA: 1\n# seal this\nB: 2\nC: 3 # seal this\nD:\n    # seal this\n    E: 4\n    F: 5\n    # \
                         seal this\nG: 6\n# seal this\nH:\n    I: 7\n    J:\n        - 8\n        # other\n        - 9\n# \
                         last\nK: 10\nL:\n    - 11\n    # seal this\n    - 12\n    - 13 # seal this\nM: 14\n";

#[test]
fn rules_that_look_at_comments_are_followed_as_sops_follows_them() {
    let Some(pair) = Pair::new() else { return };
    for rule in ["encrypted_comment_regex: seal this", "unencrypted_comment_regex: other"] {
        pair.rule(&format!("age: {}\n{rule}\nmac_only_encrypted: true", pair.project.recipient()));
        pair.encrypt(NAME, COMMENTED, &[]);
        pair.declare("sources", &format!("[{{ path = \"{NAME}\", flatten = true }}]"));
        let expected = [
            ("A", "1"),
            ("B", "2"),
            ("C", "3"),
            ("D_E", "4"),
            ("D_F", "5"),
            ("G", "6"),
            ("H_I", "7"),
            ("H_J_0", "8"),
            ("H_J_1", "9"),
            ("K", "10"),
            ("L_0", "11"),
            ("L_1", "12"),
            ("L_2", "13"),
            ("M", "14"),
        ];
        let file = pair.project.read(NAME);
        assert!(file.contains("type:int]") && file.contains(": 1"), "the rule leaves some and seals some:\n{file}");
        assert_eq!(pair.delivered(), values(expected), "{rule}\n{file}");
        let sealed = |line: &str| line.contains("ENC[") && !line.contains('#') && line.starts_with(char::is_uppercase);
        let name = file.lines().find(|line| sealed(line)).unwrap().split_once(':').unwrap().0.to_owned();
        pair.project.set(&name, "changed");
        assert_eq!(pair.extracted(NAME, &name), b"changed", "{rule}");
        let left = file.lines().find(|line| line.starts_with("K: ") || line.starts_with("A: ")).unwrap();
        if !left.contains("ENC[") {
            assert!(failed(&pair.try_set(&left[..1], "do not show"), 2).contains("leaves"));
        }
    }
}

#[test]
fn yaml_that_sops_never_writes_is_refused_with_its_line_and_changes_nothing() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt(NAME, "A: one\nB: two\n", &[]);
    let file = pair.project.read(NAME);
    let first = file.lines().next().unwrap();
    let cases = [
        (file.replace("A: ", "A: &anchor "), "an anchor or an alias in line 1", "write out"),
        (format!("{file}X: *A\n"), "an anchor or an alias", "write out"),
        (format!("{file}---\nC: 1\n"), "a second document", "one document per file"),
        (file.replace("A: ", "A: !!binary "), "a tag in line 1", "leave the tag out"),
        (format!("12: x\n{file}"), "a name that is no text in line 1", "quote the name"),
        (format!("A: {}\n{file}", "x"), "two entries named `A`, the second in line 2", "keep one"),
        (format!("X:\n\t- 1\n{file}"), "a tab that indents in line 2", "indent with spaces"),
        (format!("\"X\": \"a\u{2028}b\"\n{file}"), "a line separator", "\\L"),
        (format!("X: {}\n{file}", "[".repeat(10_000)), "nested deeper than 64", ""),
        (format!("%YAML 1.1\n---\n{file}"), "a directive in line 1", "leave the line out"),
        ("- A\n- B\n".to_owned(), "no mapping", ""),
        (String::new(), "not encrypted by SOPS", ""),
        ("A: 1\n".to_owned(), "not encrypted by SOPS", ""),
        ("sops: 1\n".to_owned(), "damaged `sops` metadata", ""),
    ];
    for (text, message, help) in cases {
        pair.project.write(NAME, &text);
        let error = failed(&pair.project.secrets(&["run", "--", "echo", "started"]).output().unwrap(), 125);
        assert!(error.contains(message) && error.contains(help), "{message}: {error}\n{text}");
        assert!(!error.contains(first), "{error}");
        failed(&pair.try_set("A", "do not show"), 2);
        assert_eq!(pair.project.read(NAME), text);
    }
}

#[test]
fn a_yaml_file_in_braces_is_read_and_changed_in_place_but_gets_no_new_lines() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt("secrets/braces.json", "{\"A\": \"1\", \"B\": \"2\"}", &[]);
    let text = pair.project.read("secrets/braces.json").replace('\t', "  ");
    pair.project.write("secrets/braces.yaml", &text);
    pair.declare("sources", "[\"secrets/braces.yaml\"]");
    assert_eq!(pair.delivered(), values([("A", "1"), ("B", "2")]));
    for output in [pair.try_set("NEW", "x"), pair.project.secrets(&["unset", "A"]).output().unwrap()] {
        let error = failed(&output, 2);
        assert!(error.contains("laid out") && error.contains("sops edit"), "{error}");
    }
    assert_eq!(pair.project.read("secrets/braces.yaml"), text);
    succeeded(&pair.try_set("A", "changed"));
    succeeded(&pair.try_set("B", ""));
    assert_eq!(pair.decrypted("secrets/braces.yaml"), values([("A", "changed"), ("B", "")]));
    assert_eq!(pair.delivered(), values([("A", "changed"), ("B", "")]));
}

#[test]
fn a_change_of_one_value_changes_its_line_the_mac_and_the_date() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt(NAME, NESTED.replace("plain: p", "PLAIN: p\nOTHER: o"), &[]);
    let before = pair.project.read(NAME);
    next_second();
    pair.project.set("OTHER", "now");
    assert_eq!(changed_lines(&before, &pair.project.read(NAME)), ["OTHER", "mac", "lastmodified"]);
    succeeded(&pair.project.sops(&crate::support::tools::sops().unwrap(), &["decrypt", NAME]));
}
