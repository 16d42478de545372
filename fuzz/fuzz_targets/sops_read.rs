//! Files of each flavour, some bytes changed, or any text at all, on the path of `run`: parsed, decrypted, MAC compared.
//! Never a panic, and whatever is delivered is one of the values that were sealed.

#![no_main]
#![allow(dead_code, unused_imports, reason = "a target uses its own part of the program")]

include!("program.rs");

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use secret::{SecretName, SecretValue};
use store::sops::{Change, DataKey, Document, Flavour, Stanza, apply, create};

const FLAVOURS: [Flavour; 3] = [Flavour::Json, Flavour::Dotenv, Flavour::Yaml];
const VALUES: [&str; 4] = ["one", "two\nlines", "", "{\"a\": 1}"];

static FILES: LazyLock<[String; 3]> = LazyLock::new(|| FLAVOURS.map(file));

fn key() -> DataKey {
    DataKey::from_bytes(&[7; 32]).unwrap()
}

fn file(flavour: Flavour) -> String {
    let stanza = Stanza { recipient: "age1x".to_owned(), enc: "a\nb\n".to_owned() };
    let mut text = create(flavour, &key(), &[stanza]).unwrap();
    for (name, value) in ["A", "B", "EMPTY", "LAST"].into_iter().zip(VALUES) {
        let (name, value) = (SecretName::new(name).unwrap(), SecretValue::new(value.to_owned()));
        let change = Change::Set { name: &name, value: &value, plain: false };
        text = apply(&text, flavour, &key(), &[change]).unwrap().unwrap();
    }
    text
}

fn read(text: &str, flavour: Flavour) -> Result<Vec<String>, ()> {
    let document = Document::parse(text, flavour).map_err(drop)?;
    let mut values = Vec::new();
    let visited = document.read(&key(), &mut |_, text| {
        values.extend(text.map(|text| text.to_string()));
        Ok(())
    });
    visited.map(|()| values).map_err(drop)
}

fuzz_target!(|input: (String, Vec<(u16, u8)>)| {
    let (any, changes) = input;
    for (flavour, file) in FLAVOURS.into_iter().zip(FILES.iter()) {
        let _ = read(&any, flavour);
        let mut bytes = file.clone().into_bytes();
        for (at, byte) in changes.iter().take(8) {
            let at = usize::from(*at) % bytes.len();
            bytes[at] = *byte;
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        for value in read(&text, flavour).unwrap_or_default() {
            assert!(VALUES.contains(&value.as_str()) || value.is_empty(), "{flavour:?}: another value\n{text}");
        }
    }
});
