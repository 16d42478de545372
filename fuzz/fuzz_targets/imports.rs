//! Any text as any file that is imported: refused or read; and what was read comes back from every format that holds it.

#![no_main]
#![allow(dead_code, unused_imports, reason = "a target uses its own part of the program")]

include!("program.rs");

#[path = "../../cargo-secrets/src/exchange/mod.rs"]
mod exchange;

use exchange::{export, import};
use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret;
use secret::{SecretName, SecretValue};

/// Formats that are written and read.
const BOTH: [(&str, &str); 5] =
    [("json", "json"), ("yaml", "yaml"), ("dotenv", "dotenv"), ("docker", "docker"), ("shell", "bash")];

fuzz_target!(|text: &str| {
    let settings = store::identity::Settings { flag: None, variables: Vec::new(), config: None, home: None };
    let mut keyring = store::Keyring::new(&settings);
    for format in import::FORMATS {
        for flatten in [false, true] {
            let source = import::Source { path: None, project: None, text, environment: "dev", flatten };
            let Ok(found) = format.read(&source, &mut keyring) else { continue };
            let named =
                found.entries.into_iter().filter_map(|entry| Some((SecretName::new(&entry.name).ok()?, entry.value)));
            comes_back(&named.collect::<Vec<_>>(), &mut keyring);
        }
    }
    let source = import::Source { path: None, project: None, text, environment: "dev", flatten: false };
    let _ = import::Format::guess(&source).read(&source, &mut keyring);
});

fn comes_back(values: &[(SecretName, SecretValue)], keyring: &mut store::Keyring) {
    let borrowed: Vec<_> = values.iter().map(|(name, value)| (name, value)).collect();
    for format in export::FORMATS {
        let _ = format.export(&borrowed, "title");
    }
    for (to, from) in BOTH {
        let Ok(exported) = export::Format::named(to).unwrap().export(&borrowed, "title") else { continue };
        let source = import::Source { path: None, project: None, text: exported.text.as_str(), environment: "dev", flatten: false };
        let found = import::Format::named(from).unwrap().read(&source, keyring).unwrap();
        let read = found.entries.iter().map(|entry| (entry.name.as_str(), entry.value.expose_secret()));
        assert!(read.eq(values.iter().map(|(name, value)| (name.as_str(), value.expose_secret()))), "{to}");
    }
}
