//! Files for several recipients, and Cargo.toml's word on who they should be.

use std::path::PathBuf;

use crate::pair::{Pair, delivered, failed, parsed, succeeded, values};
use crate::support::{Project, program};

/// Another person: an identity file in the project's folder, and its public key.
fn person(project: &Project, name: &str) -> (PathBuf, String) {
    let file = format!("people/{name}.txt");
    std::fs::create_dir_all(project.root().join("people")).unwrap();
    let public = project.ok(&["identity", "new", "--quiet", "--output", &file]);
    (project.root().join(file), public.trim().to_owned())
}

/// What the person with `identity` gets from `run`.
fn delivered_to(pair: &Pair, identity: &std::path::Path) -> crate::pair::Values {
    delivered(pair.project.secrets(&["--identity", identity.to_str().unwrap()]))
}

/// What `sops` decrypts for the person with `identity`.
fn decrypted_for(pair: &Pair, identity: &std::path::Path, name: &str) -> crate::pair::Values {
    let output = pair.bare_sops(&["decrypt", name]).env("SOPS_AGE_KEY_FILE", identity).output().unwrap();
    parsed(name, &succeeded(&output))
}

#[test]
fn each_recipient_of_a_file_of_sops_gets_its_values() {
    let Some(pair) = Pair::new() else { return };
    let people: Vec<_> = ["bob", "carol", "dave"].map(|name| person(&pair.project, name)).into();
    let keys = people.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>().join(",");
    for name in ["secrets/all.json", "secrets/all.env"] {
        let all = format!("{keys},{}", pair.project.recipient());
        let plain = crate::pair::plain(name, [("A", "1"), ("B", "two")]);
        pair.encrypt(name, plain, &["--age", &all]);
        for (identity, _) in &people {
            assert_eq!(delivered_to(&pair, identity), values([("A", "1"), ("B", "two")]));
        }
        assert_eq!(pair.delivered(), values([("A", "1"), ("B", "two")]));
    }
}

#[test]
fn each_recipient_of_a_file_made_here_opens_it_with_sops() {
    let Some(pair) = Pair::new() else { return };
    let (bob, bob_key) = person(&pair.project, "bob");
    let (carol, carol_key) = person(&pair.project, "carol");
    pair.add_recipient("bob", &bob_key, "[\"alice\", \"bob\"]");
    pair.add_recipient("carol", &carol_key, "[\"alice\", \"bob\", \"carol\"]");
    for name in ["secrets/three.json", "secrets/three.env"] {
        pair.declare("sources", &format!("[\"{name}\"]"));
        pair.project.set("A", "for three");
        let alice = pair.project.identity();
        for identity in [&bob, &carol, &alice] {
            assert_eq!(decrypted_for(&pair, identity, name), values([("A", "for three")]));
        }
    }
}

#[test]
fn who_is_no_recipient_gets_nothing_and_is_told_what_to_send() {
    let Some(pair) = Pair::new() else { return };
    let (bob, bob_key) = person(&pair.project, "bob");
    pair.encrypt("secrets/mine.json", "{\"A\": \"1\"}", &[]);
    let arguments = ["--identity", bob.to_str().unwrap(), "run", "--", "echo", "started"];
    let output = pair.project.secrets(&arguments).output().unwrap();
    let error = failed(&output, 125);
    assert!(output.stdout.is_empty() && error.contains(&bob_key), "{error}");
    assert!(error.contains(&pair.project.recipient()), "names those it is for: {error}");
}

#[test]
fn set_refuses_a_recipient_that_sops_added_until_cargo_toml_agrees() {
    let Some(pair) = Pair::new() else { return };
    let (bob, bob_key) = person(&pair.project, "bob");
    let file = "secrets/dev.json";
    pair.project.set("A", "before");
    pair.sops(&["rotate", "--in-place", "--add-age", &bob_key, file]);
    assert_eq!(pair.delivered(), values([("A", "before")]), "reading goes on after a rotation by sops");

    let before = pair.project.read(file);
    let error = failed(&pair.try_set("A", "after"), 3);
    assert!(error.contains(&format!("only in the file: {bob_key}")), "{error}");
    assert_eq!(failed(&pair.project.secrets(&["unset", "A"]).output().unwrap(), 3), error);
    assert_eq!(pair.project.read(file), before);

    pair.add_recipient("bob", &bob_key, "[\"alice\", \"bob\"]");
    pair.project.set("A", "after");
    assert_eq!(decrypted_for(&pair, &bob, file), values([("A", "after")]));
}

#[test]
fn set_refuses_a_recipient_of_cargo_toml_until_sops_added_it() {
    let Some(pair) = Pair::new() else { return };
    let (bob, bob_key) = person(&pair.project, "bob");
    let file = "secrets/dev.json";
    pair.project.set("A", "before");
    pair.add_recipient("bob", &bob_key, "[\"alice\", \"bob\"]");
    let before = pair.project.read(file);
    let error = failed(&pair.try_set("A", "after"), 3);
    assert!(error.contains(&format!("only in Cargo.toml: {bob_key}")), "{error}");
    assert_eq!(pair.project.read(file), before);

    pair.sops(&["rotate", "--in-place", "--add-age", &bob_key, file]);
    pair.project.set("A", "after");
    assert_eq!(decrypted_for(&pair, &bob, file), values([("A", "after")]));

    pair.declare("recipients", "[\"alice\"]");
    assert!(failed(&pair.try_set("A", "x"), 3).contains(&bob_key));
    pair.sops(&["rotate", "--in-place", "--rm-age", &bob_key, file]);
    pair.project.set("A", "alone again");
    assert_eq!(pair.delivered(), values([("A", "alone again")]));
    let output = pair.bare_sops(&["decrypt", file]).env("SOPS_AGE_KEY_FILE", &bob).output().unwrap();
    assert!(!output.status.success(), "bob is no recipient any more");
}

#[test]
fn a_file_of_sops_is_run_in_an_empty_folder_without_any_cargo_toml() {
    let Some(pair) = Pair::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (name, options) in [("prod.json", &[][..]), ("prod.env", &[])] {
        pair.encrypt(name, crate::pair::plain(name, [("A", "1"), ("EMPTY", "")]), options);
        std::fs::rename(pair.project.root().join(name), folder.path().join(name)).unwrap();
        let mut command = pair.project.command(program());
        command.current_dir(folder.path());
        assert_eq!(crate::pair::delivered_by(command, &["-f", name]), values([("A", "1"), ("EMPTY", "")]));
    }
    let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["prod.env", "prod.json"], "reading leaves nothing behind");
}

#[test]
fn the_later_of_two_given_files_wins() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt("first.json", "{\"A\": \"1\", \"B\": \"1\"}", &[]);
    pair.encrypt("second.env", "B=2\nC=2\n", &[]);
    let delivered = crate::pair::delivered_by(pair.project.secrets(&[]), &["-f", "first.json", "-f", "second.env"]);
    assert_eq!(delivered, values([("A", "1"), ("B", "2"), ("C", "2")]));
}
