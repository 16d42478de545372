//! All identities of a run: loaded one source after the other, each passphrase asked for once.

use std::collections::VecDeque;

use age::secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::{Error, Warning};
use super::key::{self, Key};
use super::sources::{Settings, Source};
use super::ssh;
use crate::store::sops::{Opener, Stanza};
use crate::term;

/// How often a passphrase may be mistyped.
const ATTEMPTS: usize = 3;

/// Opens stanzas with whatever identities there are.
pub(crate) struct Keyring {
    unread: VecDeque<Source>,
    keys: Vec<Loaded>,
    warnings: Vec<Warning>,
    used: Option<String>,
}

/// A key, where it came from, and the passphrase once it is known.
struct Loaded {
    key: Key,
    origin: String,
    passphrase: Option<SecretString>,
}

impl Keyring {
    /// A keyring over the places that `settings` name; nothing is read yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { unread: settings.sources().into(), keys: Vec::new(), warnings: Vec::new(), used: None }
    }

    /// What was passed over so far; each is handed out once.
    pub(crate) fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    /// Where the identity that opened the last file came from.
    pub(crate) fn used(&self) -> Option<&str> {
        self.used.as_deref()
    }

    /// Every public key that can be told without a passphrase, with its place; reads all sources.
    /// A usual place that cannot be used is passed over with a warning: here nothing depends on it.
    pub(crate) fn public_keys(&mut self) -> Result<Vec<(String, Option<String>)>, Error> {
        while let Some(source) = self.unread.front() {
            let origin = matches!(source, Source::Usual { .. }).then(|| source.origin());
            if let Err(error) = self.read_next() {
                let Some(origin) = origin else { return Err(error) };
                self.warnings.push(Warning::Unusable { origin, help: error.help() });
            }
        }
        Ok(self.keys.iter().map(|loaded| (loaded.origin.clone(), loaded.key.public())).collect())
    }

    /// Reads one more source; false when there is none left.
    fn read_next(&mut self) -> Result<bool, Error> {
        let Some(source) = self.unread.pop_front() else { return Ok(false) };
        let keys = source.load(&mut self.warnings)?;
        let origin = source.origin();
        self.keys.extend(keys.into_iter().map(|key| Loaded { key, origin: origin.clone(), passphrase: None }));
        Ok(true)
    }

    /// Opens with the keys from number `from` on that need no passphrase.
    fn open_unlocked(&mut self, stanzas: &[Stanza], from: usize) -> Option<Zeroizing<Vec<u8>>> {
        let found = self.keys.iter().skip(from).find_map(|loaded| Some((loaded, loaded.key.open(stanzas)?)));
        let (loaded, key) = found?;
        self.used = Some(loaded.origin.clone());
        Some(key)
    }

    /// Starts the plugins of the keys from number `from` on, in their order. One that fails leaves a warning.
    fn open_by_plugin(&mut self, stanzas: &[Stanza], from: usize) -> Option<Zeroizing<Vec<u8>>> {
        for loaded in self.keys.iter().skip(from) {
            let Key::Plugin { identity, .. } = &loaded.key else { continue };
            match key::open_by_plugin(identity, stanzas) {
                Ok(Some(key)) => {
                    self.used = Some(loaded.origin.clone());
                    return Some(key);
                }
                Ok(None) => {}
                Err(error) => {
                    let warning = Warning::Plugin { origin: loaded.origin.clone(), error };
                    if !self.warnings.contains(&warning) {
                        self.warnings.push(warning);
                    }
                }
            }
        }
        None
    }

    /// Asks for passphrases, where a stanza could be meant for the key behind one.
    fn open_locked(&mut self, stanzas: &[Stanza]) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let mut index = 0;
        while let Some(loaded) = self.keys.get_mut(index) {
            index += 1;
            let opened = match &loaded.key {
                Key::LockedSsh { .. } => loaded.open_ssh(stanzas)?,
                Key::LockedAge { .. } => {
                    let unlocked = loaded.unlock_age(&mut self.warnings)?;
                    let origin = loaded.origin.clone();
                    let first = self.keys.len();
                    self.keys.extend(unlocked.into_iter().map(|key| Loaded {
                        key,
                        origin: origin.clone(),
                        passphrase: None,
                    }));
                    self.open_unlocked(stanzas, first).or_else(|| self.open_by_plugin(stanzas, first))
                }
                Key::X25519(_) | Key::Ssh { .. } | Key::Plugin { .. } => None,
            };
            if opened.is_some() {
                self.used = self.keys.get(index - 1).map(|loaded| loaded.origin.clone());
                return Ok(opened);
            }
        }
        Ok(None)
    }
}

impl Opener for Keyring {
    fn open(&mut self, stanzas: &[Stanza]) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        if let Some(key) = self.open_unlocked(stanzas, 0) {
            return Ok(Some(key));
        }
        loop {
            let first = self.keys.len();
            if !self.read_next()? {
                break;
            }
            if let Some(key) = self.open_unlocked(stanzas, first) {
                return Ok(Some(key));
            }
        }
        match self.open_by_plugin(stanzas, 0) {
            Some(key) => Ok(Some(key)),
            None => self.open_locked(stanzas),
        }
    }
}

impl Loaded {
    fn open_ssh(&mut self, stanzas: &[Stanza]) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Key::LockedSsh { identity, public } = &self.key else { return Ok(None) };
        let addressed = stanzas.iter().filter(|stanza| ssh::is_addressed(&stanza.enc, public.as_deref()));
        let addressed: Vec<_> = addressed.collect();
        if addressed.is_empty() {
            return Ok(None);
        }
        let open = |passphrase: &SecretString| {
            addressed.iter().find_map(|stanza| key::open_locked_ssh(identity, passphrase, stanza))
        };
        if let Some(passphrase) = &self.passphrase {
            return Ok(open(passphrase));
        }
        let (passphrase, opened) = ask(&self.origin, open)?;
        self.passphrase = Some(passphrase);
        Ok(Some(opened))
    }

    /// The keys in a locked identity file; none when it was unlocked before.
    fn unlock_age(&mut self, warnings: &mut Vec<Warning>) -> Result<Vec<Key>, Error> {
        let Key::LockedAge { file } = &self.key else { return Ok(Vec::new()) };
        if self.passphrase.is_some() {
            return Ok(Vec::new());
        }
        let (passphrase, content) = ask(&self.origin, |passphrase| key::unlock_age(file, passphrase))?;
        self.passphrase = Some(passphrase);
        Ok(key::parse(&content, &self.origin, warnings))
    }
}

/// Asks at the terminal until `attempt` succeeds, three times at most.
fn ask<T>(origin: &str, attempt: impl Fn(&SecretString) -> Option<T>) -> Result<(SecretString, T), Error> {
    for _ in 0..ATTEMPTS {
        let prompt = format!("Passphrase for {origin}: ");
        let passphrase =
            term::ask_hidden(&prompt).map_err(|source| Error::NoTerminal { origin: origin.to_owned(), source })?;
        if let Some(result) = attempt(&passphrase) {
            return Ok((passphrase, result));
        }
    }
    Err(Error::Passphrase { origin: origin.to_owned() })
}
