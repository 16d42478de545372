//! SSH keys as recipients: files of `sops` for them, and files made here for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::pair::{FLAVOURS, Pair, decrypt, delivered, failed, parsed, plain, succeeded, values};
use crate::support::tools;

const KINDS: [(&str, &str); 2] = [("ed25519", "256"), ("rsa", "2048")];

/// Keys made once for all tests here, without passphrases.
struct Keys {
    folder: TempDir,
}

impl Keys {
    fn get() -> Option<&'static Self> {
        static KEYS: OnceLock<Option<Keys>> = OnceLock::new();
        KEYS.get_or_init(Self::make).as_ref()
    }

    fn make() -> Option<Self> {
        let keygen = tools::ssh_keygen()?;
        let keys = Self { folder: tempfile::tempdir().unwrap() };
        for (kind, bits) in KINDS {
            let mut command = Command::new(&keygen);
            command.args(["-q", "-N", "", "-C", "alice at home", "-t", kind, "-b", bits, "-f"]).arg(keys.private(kind));
            succeeded(&command.output().unwrap());
        }
        Some(keys)
    }

    fn private(&self, kind: &str) -> PathBuf {
        self.folder.path().join(format!("id_{kind}"))
    }

    /// The public key's line, its comment with it.
    fn public(&self, kind: &str) -> String {
        fs::read_to_string(self.folder.path().join(format!("id_{kind}.pub"))).unwrap().trim().to_owned()
    }
}

/// What `sops` decrypts with an SSH key alone.
fn decrypted_with(pair: &Pair, private: &Path, name: &str) -> crate::pair::Values {
    let output = pair.bare_sops(&decrypt(name)).env("SOPS_AGE_SSH_PRIVATE_KEY_FILE", private).output().unwrap();
    parsed(name, &succeeded(&output))
}

#[test]
fn a_file_of_sops_for_an_ssh_key_is_delivered_wherever_the_key_is_found() {
    let (Some(pair), Some(keys)) = (Pair::new(), Keys::get()) else { return };
    for (kind, _) in KINDS {
        for flavour in FLAVOURS {
            let name = format!("secrets/{kind}.{flavour}");
            pair.encrypt(&name, plain(&name, [("A", "by ssh"), ("B", "")]), &["--age", &keys.public(kind)]);
            let expected = values([("A", "by ssh"), ("B", "")]);
            let private = keys.private(kind);

            let none = failed(&pair.project.secrets(&["run", "--", "true"]).output().unwrap(), 125);
            assert!(none.contains("ssh-"), "{none}");
            let flag = pair.project.secrets(&["--identity", private.to_str().unwrap()]);
            assert_eq!(delivered(flag), expected, "{name}, --identity");
            for variable in ["SOPS_AGE_SSH_PRIVATE_KEY_FILE", "CARGO_SECRETS_IDENTITY_FILE"] {
                let mut command = pair.project.secrets(&[]);
                command.env(variable, &private);
                assert_eq!(delivered(command), expected, "{name}, {variable}");
            }
            let home = pair.project.home().join(".ssh");
            fs::create_dir_all(&home).unwrap();
            let usual = home.join(format!("id_{kind}"));
            fs::copy(&private, &usual).unwrap();
            assert_eq!(pair.delivered(), expected, "{name}, ~/.ssh");
            fs::remove_file(usual).unwrap();
        }
    }
}

#[test]
fn a_file_made_here_for_ssh_keys_opens_with_sops_and_each_of_them() {
    let (Some(pair), Some(keys)) = (Pair::new(), Keys::get()) else { return };
    pair.add_recipient("laptop", &keys.public("ed25519"), "[\"laptop\"]");
    pair.add_recipient("tower", &keys.public("rsa"), "[\"laptop\", \"tower\", \"alice\"]");
    for flavour in FLAVOURS {
        let name = format!("secrets/made.{flavour}");
        pair.declare("sources", &format!("[\"{name}\"]"));
        pair.project.set("A", "for ssh\nand more");
        for (kind, _) in KINDS {
            let private = keys.private(kind);
            assert_eq!(decrypted_with(&pair, &private, &name), values([("A", "for ssh\nand more")]), "{name} {kind}");
            let flag = pair.project.secrets(&["--identity", private.to_str().unwrap()]);
            assert_eq!(delivered(flag), values([("A", "for ssh\nand more")]), "{name} {kind}");
        }
        assert_eq!(pair.decrypted(&name), values([("A", "for ssh\nand more")]), "the age key of the three");
    }
}

#[test]
fn a_file_for_ssh_keys_is_changed_by_both_in_turn() {
    let (Some(pair), Some(keys)) = (Pair::new(), Keys::get()) else { return };
    let name = "secrets/turns.json";
    let both = format!("{},{}", keys.public("ed25519"), keys.public("rsa"));
    pair.encrypt(name, "{\"A\": \"0\", \"B\": \"0\"}", &["--age", &both]);
    pair.add_recipient("laptop", &keys.public("ed25519"), "[\"laptop\"]");
    // The comment of a key is no part of it: another one is no other recipient.
    let other_comment = keys.public("rsa").replace("alice at home", "alice@tower");
    pair.add_recipient("tower", &other_comment, "[\"laptop\", \"tower\"]");
    for (kind, _) in KINDS {
        let private = keys.private(kind);
        let output = crate::support::feed(
            pair.project.secrets(&["--identity", private.to_str().unwrap(), "set", "A", "--exact", "--quiet"]),
            kind.as_bytes(),
        );
        succeeded(&output);
        let mut sops = pair.bare_sops(&["set", name, "[\"B\"]", &format!("\"{kind}\"")]);
        succeeded(&sops.env("SOPS_AGE_SSH_PRIVATE_KEY_FILE", &private).output().unwrap());
        assert_eq!(decrypted_with(&pair, &private, name), values([("A", kind), ("B", kind)]));
        let flag = pair.project.secrets(&["--identity", private.to_str().unwrap()]);
        assert_eq!(delivered(flag), values([("A", kind), ("B", kind)]));
    }
}
