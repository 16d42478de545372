//! Changes: by both tools in turn, as small as they can be, and none where nothing changes.

use std::fs;
use std::os::unix::fs::symlink;

use crate::pair::{FLAVOURS, Pair, Values, next_second, plain, values};

/// A file of twenty entries made by `sops`.
fn twenty(pair: &Pair, name: &str) -> Values {
    let entries: Values = (0..20).map(|index| (format!("NAME_{index:02}"), format!("value {index}"))).collect();
    let texts = entries.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    pair.encrypt(name, plain(name, texts), &[]);
    entries
}

/// Both readers agree that the file holds `expected`.
fn agree(pair: &Pair, name: &str, expected: &Values, when: &str) {
    assert_eq!(&pair.decrypted(name), expected, "sops reads {name} {when}");
    assert_eq!(&pair.delivered(), expected, "run reads {name} {when}");
}

#[test]
fn a_file_changed_by_both_in_turn_ten_times_is_right_for_both_after_each() {
    let Some(pair) = Pair::new() else { return };
    take_turns(&pair);
}

/// Ten turns in each flavour.
pub(crate) fn take_turns(pair: &Pair) {
    for flavour in FLAVOURS {
        let name = format!("secrets/turns.{flavour}");
        let mut expected = values([("A", "0"), ("B", "0"), ("EMPTY", "")]);
        pair.encrypt(&name, plain(&name, [("A", "0"), ("B", "0"), ("EMPTY", "")]), &[]);
        for turn in 0..10 {
            let text = format!("turn {turn}\n\"ü\" $HOME");
            let changes = [("A", text.clone()), (["B", "EMPTY"][turn % 2], text), ("NEW", turn.to_string())];
            for (entry, value) in changes {
                if turn % 2 == 0 {
                    pair.sops_set(&name, entry, &value.as_str().into());
                } else {
                    pair.project.set(entry, &value);
                }
                expected.insert(entry.to_owned(), value);
            }
            agree(pair, &name, &expected, &format!("after turn {turn}"));
            if turn % 4 == 1 {
                pair.sops(&["unset", &name, "[\"NEW\"]"]);
            } else {
                pair.project.ok(&["unset", "--quiet", "NEW"]);
            }
            expected.remove("NEW");
            agree(pair, &name, &expected, &format!("after the removal of turn {turn}"));
        }
    }
}

#[test]
fn setting_one_of_twenty_changes_three_lines() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/twenty.{flavour}");
        let mut expected = twenty(&pair, &name);
        for entry in ["NAME_00", "NAME_07", "NAME_19"] {
            let before = pair.project.read(&name);
            next_second();
            pair.project.set(entry, "changed");
            expected.insert(entry.to_owned(), "changed".to_owned());
            let after = pair.project.read(&name);
            assert_eq!(before.lines().count(), after.lines().count());
            let changed = before.lines().zip(after.lines()).filter(|(old, new)| old != new).map(|(old, _)| old);
            let changed: Vec<_> = changed.map(|line| line.trim_start_matches(['\t', ' ', '"'])).collect();
            let starts = |mark: &str| changed.iter().any(|line| line.trim_start_matches("sops_").starts_with(mark));
            assert_eq!(changed.len(), 3, "{changed:#?}");
            assert!(starts(entry) && starts("mac") && starts("lastmodified"), "{changed:#?}");
        }
        agree(&pair, &name, &expected, "after three changes");
    }
}

#[test]
fn adding_one_to_twenty_adds_one_line_and_changes_two() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/twenty.{flavour}");
        let mut expected = twenty(&pair, &name);
        let before = pair.project.read(&name);
        next_second();
        pair.project.set("NEW", "one more");
        expected.insert("NEW".to_owned(), "one more".to_owned());
        let after = pair.project.read(&name);
        let lines: Vec<_> = before.lines().collect();
        let new = after.lines().filter(|line| !lines.contains(line)).count();
        assert_eq!((new, after.lines().count()), (3, lines.len() + 1), "the value, mac, lastmodified:\n{after}");
        agree(&pair, &name, &expected, "after an addition");
    }
}

#[test]
fn setting_what_is_set_changes_no_byte() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/same.{flavour}");
        let same = [("A", "one\ntwo"), ("B", ""), ("C", " x ")];
        pair.encrypt(&name, plain(&name, same), &[]);
        for made_by in ["sops", "us"] {
            let path = pair.project.root().join(&name);
            let before = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
            next_second();
            for (entry, value) in same {
                pair.project.set(entry, value);
            }
            let after = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
            assert!(before == after, "{name} made by {made_by} was written again");
            pair.project.set("C", "y");
            pair.project.set("C", " x ");
        }
    }
}

#[test]
fn a_file_with_any_of_its_entries_removed_opens_with_sops() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        for removed in ["NAME_00", "NAME_10", "NAME_19"] {
            let name = format!("secrets/{removed}.{flavour}");
            let mut expected = twenty(&pair, &name);
            pair.project.ok(&["unset", "--quiet", removed]);
            expected.remove(removed);
            agree(&pair, &name, &expected, &format!("without {removed}"));
        }
    }
}

#[test]
fn a_file_whose_last_entry_was_removed_can_be_filled_again_by_either() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/emptied.{flavour}");
        pair.encrypt(&name, plain(&name, [("A", "1")]), &[]);
        pair.project.ok(&["unset", "--quiet", "A"]);
        agree(&pair, &name, &Values::new(), "emptied");
        pair.sops_set(&name, "B", &"by sops".into());
        agree(&pair, &name, &values([("B", "by sops")]), "filled by sops");
        pair.sops(&["unset", &name, "[\"B\"]"]);
        pair.project.set("C", "by us");
        agree(&pair, &name, &values([("C", "by us")]), "filled by us");
    }
}

#[test]
fn a_json_file_on_one_line_or_with_its_metadata_first_is_changed_in_place() {
    let Some(pair) = Pair::new() else { return };
    let name = "secrets/laid-out.json";
    pair.encrypt(name, "{\"A\": \"1\", \"B\": \"2\", \"C\": \"3\"}", &[]);
    let value: serde_json::Value = serde_json::from_str(&pair.project.read(name)).unwrap();
    let [a, b, c, metadata] = ["A", "B", "C", "sops"].map(|key| value[key].to_string());
    let layouts = [
        format!("{{\"A\":{a},\"B\":{b},\"C\":{c},\"sops\":{metadata}}}"),
        format!("{{\"sops\": {metadata}, \"A\": {a}, \"B\": {b}, \"C\": {c}}}\n"),
        format!("{{\r\n  \"A\": {a},\r\n  \"sops\": {metadata},\r\n  \"B\": {b} ,\r\n  \"C\" : {c}\r\n}}\r\n"),
    ];
    for layout in layouts {
        for removed in ["A", "B", "C"] {
            pair.project.write(name, &layout);
            let mut expected = values([("A", "1"), ("B", "2"), ("C", "3")]);
            expected.remove(removed);
            pair.project.ok(&["unset", "--quiet", removed]);
            pair.project.set("NEW", "n");
            expected.insert("NEW".to_owned(), "n".to_owned());
            agree(&pair, name, &expected, &format!("without {removed}, laid out as\n{layout}"));
            for left in expected.keys() {
                pair.project.ok(&["unset", "--quiet", left]);
            }
            agree(&pair, name, &Values::new(), &format!("emptied, laid out as\n{layout}"));
        }
    }
}

#[test]
fn a_name_of_hundreds_of_letters_is_kept_changed_and_removed() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let name = format!("secrets/long.{flavour}");
        let long = ["X", "Y"].map(|end| "N".repeat(230) + end);
        pair.encrypt(&name, plain(&name, [(long[0].as_str(), "x"), (long[1].as_str(), "y")]), &[]);
        pair.project.set(&long[0], "changed");
        agree(&pair, &name, &values([(&long[0], "changed"), (&long[1], "y")]), "after a change");
        pair.project.ok(&["unset", "--quiet", &long[1]]);
        agree(&pair, &name, &values([(&long[0], "changed")]), "after a removal");
    }
}

#[test]
fn a_symbolic_link_stays_and_what_it_points_to_is_replaced() {
    let Some(pair) = Pair::new() else { return };
    for flavour in FLAVOURS {
        let (real, link) = (format!("kept/real.{flavour}"), format!("secrets/link.{flavour}"));
        pair.encrypt(&real, plain(&real, [("A", "1")]), &[]);
        let link_path = pair.project.root().join(&link);
        symlink(format!("../{real}"), &link_path).unwrap();
        pair.declare("sources", &format!("[\"{link}\"]"));
        pair.project.set("A", "changed");
        pair.project.set("NEW", "n");
        assert_eq!(fs::read_link(&link_path).unwrap().to_str(), Some(format!("../{real}").as_str()));
        let expected = values([("A", "changed"), ("NEW", "n")]);
        agree(&pair, &real, &expected, "behind the link");
        let left: Vec<_> =
            fs::read_dir(pair.project.root().join("kept")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name.to_string_lossy().starts_with("real.")), "left behind: {left:?}");
    }
}
