//! The newer `sops`, which writes whole JSON numbers as integers: long runs only, since `go` builds it first.

use crate::pair::{FLAVOURS, Pair, plain, values};
use crate::{edits, values as hard};

#[test]
fn a_newer_sops_agrees_on_numbers() {
    let Some(pair) = Pair::newer() else { return };
    let numbers = [
        ("INT", "42"),
        ("NEGATIVE", "-7"),
        ("BEYOND_F64", "9007199254740993"),
        ("LAST_I64", "9223372036854775807"),
        ("FLOAT", "1.5"),
        ("TRUE", "true"),
    ];
    let entries: Vec<_> = numbers.iter().map(|(name, json)| format!("\"{name}\": {json}")).collect();
    for options in [&[][..], &["--encrypted-regex", "^ANCHOR$"]] {
        let json = format!("{{\"ANCHOR\": \"a\", {}}}", entries.join(", "));
        pair.encrypt("secrets/numbers.json", json, options);
        let mut expected = values(numbers);
        expected.insert("ANCHOR".to_owned(), "a".to_owned());
        assert_eq!(pair.delivered(), expected, "{options:?}");
        pair.project.set("ANCHOR", "changed");
        let after = pair.json("secrets/numbers.json");
        assert_eq!(after["ANCHOR"], "changed");
        assert_eq!(after["BEYOND_F64"].as_i64(), Some(9_007_199_254_740_993), "{options:?}");
    }
}

#[test]
fn a_newer_sops_takes_turns_with_us() {
    let Some(pair) = Pair::newer() else { return };
    edits::take_turns(&pair);
}

#[test]
fn a_newer_sops_and_we_agree_on_hard_values() {
    let Some(pair) = Pair::newer() else { return };
    for flavour in FLAVOURS {
        let kept = hard::hard(flavour);
        hard::set_here(&pair, &format!("secrets/by-us.{flavour}"), &kept);
        let name = format!("secrets/by-sops.{flavour}");
        pair.encrypt(&name, plain(&name, hard::pairs(&kept)), &[]);
        assert_eq!(pair.delivered(), kept, "{name}");
    }
}
