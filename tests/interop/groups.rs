//! Key groups that share one data key, and master keys of other kinds beside ours.

use crate::pair::{Pair, delivered, failed, next_second, parsed, succeeded, values};
use crate::support::feed;

/// Group identities in the project's folder: their files and public keys.
fn people(pair: &Pair, count: usize) -> Vec<(String, String)> {
    let make = |index| {
        let file = format!("group-{index}.txt");
        let public = pair.project.ok(&["identity", "new", "--quiet", "--output", &file]);
        (pair.project.root().join(file).to_str().unwrap().to_owned(), public.trim().to_owned())
    };
    (0..count).map(make).collect()
}

/// A file for `people`, each a group of their own, of which `threshold` are needed.
fn split(pair: &Pair, people: &[(String, String)], threshold: usize, name: &str) {
    let groups = people.iter().map(|(_, key)| format!("\n  - age: [{key}]")).collect::<Vec<_>>().concat();
    pair.rule(&format!("shamir_threshold: {threshold}\nkey_groups:{groups}"));
    pair.encrypt(name, crate::pair::plain(name, [("A", "shared"), ("B", "")]), &[]);
    assert!(pair.project.read(name).contains("key_groups"), "sops made no groups");
}

/// The program with the identities of those of `people` whose numbers are given, and with no other.
fn with(pair: &Pair, people: &[(String, String)], who: &[usize]) -> std::process::Command {
    let keys = who.iter().map(|index| std::fs::read_to_string(&people[*index].0).unwrap()).collect::<String>();
    pair.project.write_private("held.txt", keys);
    let held = pair.project.root().join("held.txt");
    pair.project.secrets(&["--identity", held.to_str().unwrap()])
}

fn thresholds(count: usize, threshold: usize, enough: &[&[usize]], too_few: &[&[usize]]) {
    let Some(pair) = Pair::new() else { return };
    let people = people(&pair, count);
    let list = (0..count).map(|index| format!("\"p{index}\"")).collect::<Vec<_>>().join(", ");
    for (index, (_, key)) in people.iter().enumerate() {
        pair.add_recipient(&format!("p{index}"), key, "[\"p0\"]");
    }
    pair.declare("recipients", &format!("[{list}]"));
    for name in ["secrets/split.json", "secrets/split.env"] {
        split(&pair, &people, threshold, name);
        for who in enough {
            assert_eq!(delivered(with(&pair, &people, who)), values([("A", "shared"), ("B", "")]), "{name} {who:?}");
        }
        for who in too_few {
            let mut command = with(&pair, &people, who);
            let error = failed(&command.args(["run", "--", "echo", "started"]).output().unwrap(), 125);
            assert!(error.contains(&format!("{threshold} are needed")), "{name} {who:?}: {error}");
            assert!(error.contains(&format!("open {}", who.len())), "{name} {who:?}: {error}");
        }
        let mut command = with(&pair, &people, enough[0]);
        command.args(["set", "A", "--exact", "--quiet"]);
        succeeded(&feed(command, b"changed here"));
        for who in enough {
            with(&pair, &people, who);
            let held = pair.project.root().join("held.txt");
            let output = pair.bare_sops(&["decrypt", name]).env("SOPS_AGE_KEY_FILE", held).output().unwrap();
            assert_eq!(parsed(name, &succeeded(&output)), values([("A", "changed here"), ("B", "")]), "{who:?}");
        }
    }
}

#[test]
fn two_of_two_key_groups_open_together_only() {
    thresholds(2, 2, &[&[0, 1], &[1, 0]], &[&[0], &[1]]);
}

#[test]
fn any_two_of_three_key_groups_open_and_one_does_not() {
    thresholds(3, 2, &[&[0, 1], &[0, 2], &[2, 1], &[0, 1, 2]], &[&[0], &[1], &[2]]);
}

#[test]
fn none_of_the_key_groups_is_told_as_not_being_a_recipient() {
    let Some(pair) = Pair::new() else { return };
    let people = people(&pair, 2);
    split(&pair, &people, 2, "secrets/split.json");
    let error = failed(&pair.project.secrets(&["run", "--", "echo", "started"]).output().unwrap(), 125);
    assert!(error.contains(&people[0].1) && error.contains(&people[1].1), "{error}");
    assert!(error.contains(&pair.project.recipient()), "{error}");
}

/// Master keys of other kinds, spelled with odd spacing that a rewrite would mend.
const FOREIGN_JSON: &str = "\"kms\":   [ {\"arn\": \"arn:aws:kms:eu-central-1:0:key/x\",\n\"created_at\" :\
    \"2024-01-01T00:00:00Z\", \"enc\": \"AQ==\", \"aws_profile\": \"\" } ],\n\n  \"pgp\": [{\"created_at\": \
    \"2024-01-01T00:00:00Z\",\t\"enc\": \"-----BEGIN PGP MESSAGE-----\\n\\nx\\n-----END PGP MESSAGE-----\\n\", \"fp\": \
    \"85D77543B3D624B63CEA9E6DBC17301B491B3F21\"}],\n\"hc_vault\": [{ \"vault_address\": \"https://vault.test\", \
    \"engine_path\": \"t\", \"key_name\": \"k\", \"created_at\": \"2024-01-01T00:00:00Z\", \"enc\": \"vault:v1:x\" }],";

const FOREIGN_DOTENV: &str = "sops_kms__list_0__map_arn=arn:aws:kms:eu-central-1:0:key/x\n\
    sops_kms__list_0__map_aws_profile=\nsops_kms__list_0__map_created_at=2024-01-01T00:00:00Z\n\
    sops_kms__list_0__map_enc=AQ==\nsops_pgp__list_0__map_created_at=2024-01-01T00:00:00Z\n\
    sops_pgp__list_0__map_enc=-----BEGIN PGP MESSAGE-----\\n\\nx\\n-----END PGP MESSAGE-----\\n\n\
    sops_pgp__list_0__map_fp=85D77543B3D624B63CEA9E6DBC17301B491B3F21\n";

/// Changes a file with foreign master keys here; only the lines of the change may differ.
fn keeps(pair: &Pair, name: &str, foreign: &str, insert_before: &str) {
    pair.encrypt(name, crate::pair::plain(name, [("A", "1"), ("B", "2")]), &[]);
    let text = pair.project.read(name).replacen(insert_before, &format!("{foreign}{insert_before}"), 1);
    assert!(text.contains(foreign), "{text}");
    pair.project.write(name, &text);
    assert_eq!(pair.delivered(), values([("A", "1"), ("B", "2")]));
    next_second();
    pair.project.set("A", "changed");
    let after = pair.project.read(name);
    assert!(after.contains(foreign), "{after}");
    let changed = text.lines().zip(after.lines()).filter(|(old, new)| old != new).count();
    assert_eq!((changed, text.lines().count()), (3, after.lines().count()), "value, mac, lastmodified:\n{after}");
    assert_eq!(pair.decrypted(name), values([("A", "changed"), ("B", "2")]));
}

#[test]
fn foreign_master_keys_in_a_json_file_keep_every_byte() {
    let Some(pair) = Pair::new() else { return };
    keeps(&pair, "secrets/foreign.json", FOREIGN_JSON, "\"age\":");
}

#[test]
fn foreign_master_keys_in_a_dotenv_file_keep_every_byte() {
    let Some(pair) = Pair::new() else { return };
    keeps(&pair, "secrets/foreign.env", FOREIGN_DOTENV, "sops_lastmodified=");
}

#[test]
fn a_file_for_foreign_master_keys_alone_names_them() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt("secrets/foreign.json", "{\"A\": \"1\"}", &[]);
    let text = pair.project.read("secrets/foreign.json");
    let text = text.replacen("\"age\":", &format!("{FOREIGN_JSON}\"was_age\":"), 1);
    pair.project.write("secrets/foreign.json", text);
    let error = failed(&pair.project.secrets(&["run", "--", "echo", "started"]).output().unwrap(), 125);
    assert!(error.contains("arn:aws:kms:eu-central-1:0:key/x") && error.contains("85D77543B3D6"), "{error}");
}
