//! The dotenv flavour: comments, empty lines, and what a line of text can hold.

use serde_json::json;

use crate::pair::{Pair, failed, values};

const PLAIN: &str =
    "# above\nA=1\n#tight\nB=two words \n\nC=\nD=first\\nsecond\nE=\"quoted\"\nF=  led\nG=x=y#z\n# below\n";

#[test]
fn a_dotenv_file_of_sops_is_delivered_with_all_its_oddities() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt("secrets/odd.env", PLAIN, &[]);
    let expected = [
        ("A", "1"),
        ("B", "two words "),
        ("C", ""),
        ("D", "first\nsecond"),
        ("E", "\"quoted\""),
        ("F", "  led"),
        ("G", "x=y#z"),
    ];
    assert_eq!(pair.delivered(), values(expected));
}

#[test]
fn comments_stay_where_they_are_when_a_dotenv_file_is_changed() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt("secrets/odd.env", PLAIN, &[]);
    pair.project.set("A", "changed");
    pair.project.set("NEW", "n");
    pair.project.ok(&["unset", "--quiet", "E"]);
    let after = String::from_utf8(pair.sops(&["decrypt", "secrets/odd.env"])).unwrap();
    let expected = PLAIN.replace("A=1", "A=changed").replace("E=\"quoted\"\n", "").replace("\n\n", "\n") + "NEW=n\n";
    assert_eq!(after, expected, "sops itself drops empty lines");
}

#[test]
fn a_dotenv_file_made_here_opens_with_sops() {
    let Some(pair) = Pair::new() else { return };
    pair.declare("sources", "[\"secrets/new.env\"]");
    let kept = [("FIRST", "1"), ("EMPTY", ""), ("LINES", "a\nb\n"), ("HASH", "#x"), ("SPACES", " x ")];
    for (name, value) in kept {
        pair.project.set(name, value);
    }
    assert_eq!(pair.decrypted("secrets/new.env"), values(kept));
    assert_eq!(pair.delivered(), values(kept));
    pair.sops_set("secrets/new.env", "FIRST", &json!("by sops"));
    assert_eq!(pair.delivered()["FIRST"], "by sops");
}

#[test]
fn what_a_dotenv_file_cannot_hold_is_refused_and_changes_nothing() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt("secrets/odd.env", PLAIN, &[]);
    let before = pair.project.read("secrets/odd.env");
    for value in ["just \\n", "{\"key\": \"-----\\nBASE64\\n-----\"}", "C:\\new"] {
        let error = failed(&pair.try_set("A", value), 2);
        assert!(error.contains("dotenv") && !error.contains(value), "{error}");
    }
    for name in ["sops_mac", "sops_NEW"] {
        failed(&pair.try_set(name, "x"), 2);
    }
    assert_eq!(pair.project.read("secrets/odd.env"), before);
}
