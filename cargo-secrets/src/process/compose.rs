//! Values that Cargo.toml composes of others: `postgres://app:${DB_PASSWORD:url}@db/app`.

use secrecy::ExposeSecret;
use zeroize::{Zeroize, Zeroizing};

use super::error::ResolveError;
use crate::manifest::{Manifest, Part, Variable};
use crate::secret::{Origin, SecretName, SecretSet, SecretValue};

/// Adds every composed value whose parts are all there; returns the names that miss a part.
pub(super) fn compose(manifest: &Manifest, set: &mut SecretSet) -> Result<Vec<SecretName>, ResolveError> {
    let mut incomplete = Vec::new();
    for name in manifest.composition_order() {
        let Some(variable) = manifest.variable(&name) else { continue };
        let Some(template) = &variable.value else { continue };
        if let Some(set_already) = set.get(name.as_str()) {
            let path = set.file(&set_already.origin).cloned().unwrap_or_default();
            return Err(ResolveError::ComposedAndSet { name, path });
        }
        refuse_leak(manifest, &name, variable)?;
        match join(template.parts(), set) {
            Some(value) => set.add(name, value, Origin::Composed),
            None => incomplete.push(name),
        }
    }
    Ok(incomplete)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the parts are copied into the composed value; what was escaped is wiped"
)]
fn join(parts: &[Part], set: &SecretSet) -> Option<SecretValue> {
    let mut joined = Zeroizing::new(String::new());
    for part in parts {
        let text = match part {
            Part::Literal(text) => Zeroizing::new(text.clone()),
            Part::Reference { name, escape } => {
                // An empty part would make a wrong value, not a missing one.
                let part = set.get(name.as_str()).filter(|part| !part.value.is_empty())?;
                Zeroizing::new(escape.apply(part.value.expose_secret()))
            }
        };
        // Growing moves the text: the old buffer would keep a copy, so a wiped one of the right size takes over.
        let mut grown = String::with_capacity(joined.len() + text.len());
        grown.push_str(&joined);
        grown.push_str(&text);
        joined.zeroize();
        *joined = grown;
    }
    Some(SecretValue::new(std::mem::take(&mut *joined)))
}

/// A value that only some packages may have must not reach others inside a composed one.
fn refuse_leak(manifest: &Manifest, name: &SecretName, variable: &Variable) -> Result<(), ResolveError> {
    let Some(template) = &variable.value else { return Ok(()) };
    for part in template.references() {
        let Some(allowed) = manifest.variable(part).and_then(|part| part.packages.as_ref()) else { continue };
        let is_within = |packages: &Vec<String>| packages.iter().all(|package| allowed.contains(package));
        if !variable.packages.as_ref().is_some_and(is_within) {
            return Err(ResolveError::ComposedLeak { name: name.clone(), part: part.clone() });
        }
    }
    Ok(())
}
