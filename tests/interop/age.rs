//! Identities are age's own: `age-keygen`, `age`, `rage` and `sops` read ours, and we read theirs.

use std::path::Path;
use std::process::Command;

use crate::pair::{Pair, delivered, succeeded, values};
use crate::support::{Project, feed, tools};

const MESSAGE: &[u8] = b"for the one who holds the key";

/// What `identity show` prints as the public key of the user's identity file.
fn shown_recipient(project: &Project) -> String {
    let rows: serde_json::Value = serde_json::from_str(&project.ok(&["identity", "show", "--format", "json"])).unwrap();
    rows[0]["public_key"].as_str().unwrap().to_owned()
}

/// Encrypts with `tool` to `recipient` and decrypts again with `identity`: the same flags serve age and rage.
fn passes_through(project: &Project, tool: &Path, recipient: &str, identity: &Path) {
    for armor in [&[][..], &["-a"]] {
        let mut encrypt = project.command(tool);
        encrypt.args(armor).args(["-r", recipient]);
        let sealed = succeeded(&feed(encrypt, MESSAGE));
        assert_ne!(sealed, MESSAGE);
        let mut decrypt = project.command(tool);
        decrypt.arg("-d").arg("-i").arg(identity);
        assert_eq!(succeeded(&feed(decrypt, &sealed)), MESSAGE);
    }
}

/// A file of `sops` for `public` is delivered with `identity`.
fn serves(pair: &Pair, identity: &Path, public: &str) {
    pair.encrypt("secrets/theirs.json", "{\"A\": \"1\"}", &["--age", public]);
    let flag = pair.project.secrets(&["--identity", identity.to_str().unwrap()]);
    assert_eq!(delivered(flag), values([("A", "1")]));
    let mut variable = pair.project.secrets(&[]);
    variable.env("SOPS_AGE_KEY_FILE", identity);
    assert_eq!(delivered(variable), values([("A", "1")]));
}

/// Makes an identity with `keygen`; gives back its public key as `keygen` tells it.
fn make(project: &Project, keygen: &Path, name: &str) -> String {
    let path = project.root().join(name);
    succeeded(&project.command(keygen).arg("-o").arg(&path).output().unwrap());
    let text = project.read(name);
    text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned()
}

#[test]
fn sops_opens_what_init_made_with_the_identity_file_that_init_made() {
    let Some(pair) = Pair::new() else { return };
    assert!(pair.json("secrets/dev.json").is_empty());
    pair.project.set("TOKEN", "first value");
    assert_eq!(pair.decrypted("secrets/dev.json"), values([("TOKEN", "first value")]));
    assert_eq!(pair.extracted("secrets/dev.json", "TOKEN"), b"first value");
    let status = String::from_utf8(pair.sops(&["filestatus", "secrets/dev.json"])).unwrap();
    assert!(status.contains("true"), "{status}");
}

#[test]
fn age_keygen_prints_our_public_key() {
    let Some(keygen) = tools::age_keygen() else { return };
    let project = Project::new();
    let printed = succeeded(&project.command(keygen).arg("-y").arg(project.identity()).output().unwrap());
    assert_eq!(String::from_utf8(printed).unwrap().trim(), project.recipient());
    assert_eq!(shown_recipient(&project), project.recipient());
}

#[test]
fn age_encrypts_to_the_shown_recipient_and_our_identity_opens_it() {
    let Some(age) = tools::age() else { return };
    let project = Project::new();
    passes_through(&project, &age, &shown_recipient(&project), &project.identity());
}

#[test]
fn an_identity_that_age_keygen_made_serves_here() {
    let (Some(pair), Some(keygen)) = (Pair::new(), tools::age_keygen()) else { return };
    let public = make(&pair.project, &keygen, "theirs.txt");
    serves(&pair, &pair.project.root().join("theirs.txt"), &public);
}

#[test]
fn a_stanza_made_here_is_an_age_file_that_age_opens() {
    let (Some(pair), Some(age)) = (Pair::new(), tools::age()) else { return };
    pair.project.set("A", "1");
    let file: serde_json::Value = serde_json::from_str(&pair.project.read("secrets/dev.json")).unwrap();
    let stanza = file["sops"]["age"][0]["enc"].as_str().unwrap();
    let mut command = Command::new(&age);
    command.arg("-d").arg("-i").arg(pair.project.identity());
    assert_eq!(succeeded(&feed(command, stanza.as_bytes())).len(), 32, "a data key of AES-256");
}

#[test]
fn rage_and_its_keys_are_understood_both_ways() {
    let (Some(pair), Some(rage), Some(keygen)) = (Pair::new(), tools::rage(), tools::rage_keygen()) else { return };
    passes_through(&pair.project, &rage, &shown_recipient(&pair.project), &pair.project.identity());
    let printed = pair.project.command(&keygen).arg("-y").arg(pair.project.identity()).output().unwrap();
    assert_eq!(String::from_utf8(succeeded(&printed)).unwrap().trim(), pair.project.recipient());
    let public = make(&pair.project, &keygen, "theirs.txt");
    serves(&pair, &pair.project.root().join("theirs.txt"), &public);
    let file: serde_json::Value = serde_json::from_str(&pair.project.read("secrets/dev.json")).unwrap();
    let stanza = file["sops"]["age"][0]["enc"].as_str().unwrap();
    let mut command = Command::new(&rage);
    command.arg("-d").arg("-i").arg(pair.project.identity());
    assert_eq!(succeeded(&feed(command, stanza.as_bytes())).len(), 32, "a data key of AES-256");
}
