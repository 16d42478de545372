//! The rules that say which entries of a file are encrypted: read, kept through a change, and never bent.

use crate::pair::{FLAVOURS, Pair, failed, plain, values};

/// A rule that encrypts `SECRET` and `SECRET_TWO` and leaves `OPEN` and `OPEN_TWO` as they are.
const RULES: [&str; 4] =
    ["encrypted_regex: ^SECRET", "unencrypted_regex: ^OPEN", "encrypted_suffix: _S", "unencrypted_suffix: _P"];

/// Names that fit the rule: two encrypted, two plain, then a new one of each.
fn names(rule: &str) -> [&'static str; 6] {
    if rule.contains("suffix") {
        ["ONE_S", "TWO_S", "ONE_P", "TWO_P", "NEW_S", "NEW_P"]
    } else {
        ["SECRET_ONE", "SECRET_TWO", "OPEN_ONE", "OPEN_TWO", "SECRET_NEW", "OPEN_NEW"]
    }
}

/// The file under `rule`, made by sops, then changed here and by sops in turn; all values right for both each time.
fn serves_both(pair: &Pair, rule: &str, mac_only_encrypted: bool, name: &str) {
    let context = format!("{rule}, mac_only_encrypted: {mac_only_encrypted}, {name}");
    let [secret, secret_two, open, open_two, secret_new, open_new] = names(rule);
    pair.rule(&format!("age: {}\n{rule}\nmac_only_encrypted: {mac_only_encrypted}", pair.project.recipient()));
    let mut expected = values([(secret, "sealed-1"), (secret_two, ""), (open, "plain-1"), (open_two, " plain-2")]);
    pair.encrypt(name, plain(name, expected.iter().map(|(name, value)| (name.as_str(), value.as_str()))), &[]);
    let file = pair.project.read(name);
    assert!(!file.contains("sealed-1") && file.contains(" plain-2"), "sops did not follow the rule: {context}\n{file}");
    assert_eq!(file.contains("mac_only_encrypted"), mac_only_encrypted, "{context}");
    assert_eq!(pair.delivered(), expected, "{context}");

    for (changed, value) in [(secret, "sealed-1 changed"), (secret_new, "sealed-new"), (secret_two, "no more empty")] {
        pair.project.set(changed, value);
        expected.insert(changed.to_owned(), value.to_owned());
    }
    let text = pair.project.read(name);
    assert!(!text.contains("sealed-1 changed") && !text.contains("sealed-new"), "{context}");
    assert_eq!(pair.decrypted(name), expected, "{context}, after our change");

    for (changed, value) in [(secret, "sealed-1 by sops"), (open, "plain-1 by sops")] {
        pair.sops_set(name, changed, &value.into());
        expected.insert(changed.to_owned(), value.to_owned());
    }
    assert_eq!(pair.delivered(), expected, "{context}, after the change by sops");

    let before = pair.project.read(name);
    for left_plain in [open, open_new] {
        let error = failed(&pair.try_set(left_plain, "do not show"), 2);
        assert!(error.contains("leaves") && error.contains(left_plain), "{context}: {error}");
        assert!(!error.contains("do not show"), "{context}: {error}");
    }
    assert_eq!(pair.project.read(name), before, "{context}");
    pair.project.ok(&["unset", "--quiet", open]);
    expected.remove(open);
    assert_eq!(pair.decrypted(name), expected, "{context}, after our removal");
}

fn both_flavours(rule: &str) {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        for mac_only_encrypted in [false, true] {
            serves_both(&pair, rule, mac_only_encrypted, &format!("secrets/{mac_only_encrypted}.{flavour}"));
        }
    }
}

#[test]
fn encrypted_regex_serves_both() {
    both_flavours(RULES[0]);
}

#[test]
fn unencrypted_regex_serves_both() {
    both_flavours(RULES[1]);
}

#[test]
fn encrypted_suffix_serves_both() {
    both_flavours(RULES[2]);
}

#[test]
fn unencrypted_suffix_serves_both() {
    both_flavours(RULES[3]);
}

const COMMENTED: &str = "# seal this\nA=1\nB=2\n# other\n# seal this too\nC=3\n# other\nD=4\nE=5\n";

/// A dotenv file under a rule that looks at comments; `sealed` are the names it encrypts, `open` those it does not.
fn comment_rule(rule: &str, sealed: [&str; 2], open: [&str; 2]) {
    let Some(pair) = Pair::new() else { return };
    let name = "secrets/commented.env";
    for mac_only_encrypted in [false, true] {
        pair.rule(&format!("age: {}\n{rule}\nmac_only_encrypted: {mac_only_encrypted}", pair.project.recipient()));
        pair.encrypt(name, COMMENTED, &[]);
        let mut expected = values([("A", "1"), ("B", "2"), ("C", "3"), ("D", "4"), ("E", "5")]);
        for line in pair.project.read(name).lines() {
            let is = |names: [&str; 2]| names.iter().any(|name| line.starts_with(&format!("{name}=")));
            assert!(!is(sealed) || line.contains("ENC["), "sops did not follow the rule: {line}");
            assert!(!is(open) || !line.contains("ENC["), "sops did not follow the rule: {line}");
        }
        assert_eq!(pair.delivered(), expected, "{rule}");

        for changed in sealed {
            pair.project.set(changed, "changed");
            expected.insert(changed.to_owned(), "changed".to_owned());
        }
        assert_eq!(pair.decrypted(name), expected, "{rule}, after our change");
        pair.sops_set(name, open[0], &"by sops".into());
        pair.sops_set(name, sealed[0], &"by sops".into());
        expected.insert(open[0].to_owned(), "by sops".to_owned());
        expected.insert(sealed[0].to_owned(), "by sops".to_owned());
        assert_eq!(pair.delivered(), expected, "{rule}, after the change by sops");

        let before = pair.project.read(name);
        for left_plain in open {
            let error = failed(&pair.try_set(left_plain, "do not show"), 2);
            assert!(error.contains("leaves") && error.contains(&format!("`{left_plain}`")), "{error}");
        }
        assert_eq!(pair.project.read(name), before);
    }
}

#[test]
fn encrypted_comment_regex_serves_both() {
    comment_rule("encrypted_comment_regex: seal this", ["A", "C"], ["B", "D"]);
}

#[test]
fn unencrypted_comment_regex_serves_both() {
    comment_rule("unencrypted_comment_regex: other", ["A", "B"], ["C", "D"]);
}

#[test]
fn a_new_name_is_refused_where_no_comment_would_seal_it() {
    let Some(pair) = Pair::new() else { return };
    pair.rule(&format!("age: {}\nencrypted_comment_regex: seal this", pair.project.recipient()));
    pair.encrypt("secrets/commented.env", COMMENTED, &[]);
    assert!(failed(&pair.try_set("NEW", "do not show"), 2).contains("leaves"));

    pair.encrypt("secrets/commented.env", COMMENTED.to_owned() + "# seal this\n", &[]);
    pair.project.set("NEW", "sealed by the last comment");
    assert!(!pair.project.read("secrets/commented.env").contains("sealed by"));
    assert_eq!(pair.decrypted("secrets/commented.env")["NEW"], "sealed by the last comment");
}

#[test]
fn removing_a_commented_entry_does_not_put_the_next_one_under_its_comment() {
    let Some(pair) = Pair::new() else { return };
    // Without these, the next entry would stand under a comment that turns the rule round for it.
    for (rule, refused) in
        [("encrypted_comment_regex: seal this", &["A", "C"][..]), ("unencrypted_comment_regex: other", &["D"])]
    {
        for removed in ["A", "B", "C", "D", "E"] {
            pair.rule(&format!("age: {}\n{rule}", pair.project.recipient()));
            pair.encrypt("secrets/commented.env", COMMENTED, &[]);
            let before = pair.project.read("secrets/commented.env");
            let output = pair.project.secrets(&["unset", "--quiet", removed]).output().unwrap();
            if refused.contains(&removed) {
                assert!(
                    failed(&output, 2).contains("the next entry would stand under its comment"),
                    "{rule}, {removed}"
                );
                assert_eq!(pair.project.read("secrets/commented.env"), before, "{rule}, {removed}");
                continue;
            }
            crate::pair::succeeded(&output);
            let mut expected = values([("A", "1"), ("B", "2"), ("C", "3"), ("D", "4"), ("E", "5")]);
            expected.remove(removed);
            assert_eq!(pair.decrypted("secrets/commented.env"), expected, "{rule}, without {removed}");
            assert_eq!(pair.delivered(), expected, "{rule}, without {removed}");
        }
    }
}

#[test]
fn a_name_with_the_default_suffix_is_never_written_in_the_clear() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/default.{flavour}");
        pair.encrypt(&name, plain(&name, [("A", "1"), ("B_unencrypted", "open")]), &[]);
        assert_eq!(pair.delivered(), values([("A", "1"), ("B_unencrypted", "open")]));
        let before = pair.project.read(&name);
        for left_plain in ["B_unencrypted", "NEW_unencrypted"] {
            assert!(failed(&pair.try_set(left_plain, "do not show"), 2).contains("leaves"));
        }
        assert_eq!(pair.project.read(&name), before);
    }
}

#[test]
fn what_is_declared_as_a_key_may_stand_in_the_clear_and_counts_in_the_mac() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/keys.{flavour}");
        pair.encrypt(&name, plain(&name, [("A", "1")]), &["--unencrypted-suffix", "_PUBLIC"]);
        for value in ["pk 1", "two\nlines", "42", "true", "\"quoted\" ü"] {
            let set = pair.project.secrets(&["set", "KEY_PUBLIC", "--kind", "key", "--exact", "--quiet"]);
            crate::pair::succeeded(&crate::support::feed(set, value.as_bytes()));
            assert_eq!(pair.decrypted(&name), values([("A", "1"), ("KEY_PUBLIC", value)]), "{name}");
            assert_eq!(pair.delivered(), values([("A", "1"), ("KEY_PUBLIC", value)]), "{name}");
        }
    }
}
