//! Any values, set one after the other and removed, in each flavour that is written: what was set is read back, which
//! every change checks by itself.

#![no_main]
#![allow(dead_code, unused_imports, reason = "a target uses its own part of the program")]

include!("program.rs");

use libfuzzer_sys::fuzz_target;
use secret::{SecretName, SecretValue};
use store::sops::{Change, DataKey, EditError, Flavour, Stanza, apply, create};

fuzz_target!(|changes: Vec<(u8, Option<String>)>| {
    let key = DataKey::from_bytes(&[7; 32]).unwrap();
    let stanza = Stanza { recipient: "ssh-ed25519 AAAA: b # c".to_owned(), enc: "a\nb\n".to_owned() };
    for flavour in [Flavour::Json, Flavour::Dotenv, Flavour::Yaml] {
        let mut text = create(flavour, &key, &[stanza.clone()]).unwrap();
        for (name, value) in changes.iter().take(8) {
            let names = ["A", "B", "null", "Y", "N_1", "true", "x_unencrypted", "C"];
            let name = SecretName::new(names[usize::from(name % 8)]).unwrap();
            let value = value.as_ref().map(|value| SecretValue::new(value.replace('\0', "")));
            let change = match &value {
                Some(value) => Change::Set { name: &name, value, plain: true },
                None => Change::Unset { name: &name },
            };
            match apply(&text, flavour, &key, std::slice::from_ref(&change)) {
                Ok(Some(changed)) => text = changed,
                Ok(None) | Err(EditError::NotSet { .. } | EditError::DotenvNewline { .. }) => {}
                Err(error) => panic!("{flavour:?}: {error}\n{text}"),
            }
        }
    }
});
