//! What a program gets: the values of its environment, less what it may not have.
//!
//! **Fails closed**: a source that is missing, a value that does not decrypt, a required name without a value are
//! errors, and nothing starts.

use std::path::PathBuf;

use super::compose::compose;
use super::error::ResolveError;
use crate::manifest::{Deliver, Manifest, Plan, Variable};
use crate::secret::{Conflict, Origin, Reserved, SecretName, SecretSet, SecretValue, reserved, shown};
use crate::store::{self, Keyring, SecretFile, recipient};

/// What is asked for.
pub(crate) struct Request<'r> {
    /// What Cargo.toml declares.
    pub(crate) manifest: &'r Manifest,
    /// The environment.
    pub(crate) plan: &'r Plan,
    /// Who it is for.
    pub(crate) audience: Audience<'r>,
    /// Which of the names.
    pub(crate) choice: &'r Choice,
}

/// Who gets values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience<'r> {
    /// One program, of this package or of none.
    Program(Option<&'r str>),
    /// The programs of all packages: who starts them tells them apart.
    Programs,
    /// cargo itself, which starts none.
    Cargo,
}

impl Audience<'_> {
    fn admits(self, variable: &Variable) -> bool {
        match self {
            Self::Program(package) => variable.allowed_for(package),
            Self::Programs => true,
            Self::Cargo => variable.deliver == Deliver::Cargo,
        }
    }
}

/// `--only` and `--except`.
#[derive(Default)]
pub(crate) struct Choice {
    /// These alone, where there are any.
    pub(crate) only: Vec<String>,
    /// All but these.
    pub(crate) except: Vec<String>,
}

/// What a program gets, and what was kept from it.
#[derive(Default)]
pub(crate) struct Resolved {
    /// Names and values.
    pub(crate) set: SecretSet,
    /// Names that only other packages may have.
    pub(crate) restricted: Vec<SecretName>,
    /// Names that a protected environment holds without a declaration.
    pub(crate) undeclared: Vec<SecretName>,
    /// Composed names of which a part has no value.
    pub(crate) incomplete: Vec<SecretName>,
    /// Names whose values are delivered as files.
    pub(crate) files: Vec<SecretName>,
}

/// Brings together what Cargo.toml says.
pub(crate) fn resolve(request: &Request<'_>, keyring: &mut Keyring) -> Result<Resolved, ResolveError> {
    let Request { manifest, plan, audience, choice } = request;
    let (mut set, incomplete) = gather(manifest, plan, keyring)?;
    refuse_reserved(&set, |name| manifest.variable(name).is_some_and(|variable| variable.allow_unsafe_name))?;

    let mut resolved = Resolved { incomplete, ..Resolved::default() };
    set.retain(|name| match manifest.variable(name) {
        Some(variable) if audience.admits(variable) => {
            if variable.deliver == Deliver::File {
                resolved.files.push(name.clone());
            }
            true
        }
        _ if *audience == Audience::Cargo => false,
        Some(_) => {
            resolved.restricted.push(name.clone());
            false
        }
        None if plan.protected => {
            resolved.undeclared.push(name.clone());
            false
        }
        None => true,
    });
    resolved.restricted.sort_unstable();
    resolved.undeclared.sort_unstable();
    choice.apply(&mut set)?;
    resolved.files.retain(|name| set.get(name.as_str()).is_some());
    resolved.files.sort_unstable();
    require(request, &set)?;
    resolved.set = set;
    Ok(resolved)
}

/// Brings together the given files, without any Cargo.toml.
pub(crate) fn files(paths: &[PathBuf], choice: &Choice, keyring: &mut Keyring) -> Result<Resolved, ResolveError> {
    let mut set = SecretSet::default();
    for path in paths {
        let file = SecretFile::read(path).map_err(|error| match error {
            store::Error::Missing { path } => ResolveError::NoFile { path },
            error => error.into(),
        })?;
        add_file(&mut set, &file, false, keyring)?;
    }
    refuse_reserved(&set, |_| false)?;
    choice.apply(&mut set)?;
    Ok(Resolved { set, ..Resolved::default() })
}

/// Every value of an environment, defaults and composed ones with it, whoever may have them; and the composed names of
/// which a part has no value.
pub(crate) fn gather(
    manifest: &Manifest,
    plan: &Plan,
    keyring: &mut Keyring,
) -> Result<(SecretSet, Vec<SecretName>), ResolveError> {
    let mut set = open(plan, keyring)?;
    for (name, variable) in manifest.variables() {
        if let Some(default) = &variable.default
            && set.get(name.as_str()).is_none()
        {
            set.add(name.clone(), SecretValue::new(default.clone()), Origin::Default);
        }
    }
    let incomplete = compose(manifest, &mut set)?;
    Ok((set, incomplete))
}

/// Decrypts every source of `plan`, later ones over earlier ones.
fn open(plan: &Plan, keyring: &mut Keyring) -> Result<SecretSet, ResolveError> {
    if let Some(pattern) = plan.empty_globs.first() {
        return Err(ResolveError::EmptyGlob { pattern: pattern.clone(), environment: plan.environment.clone() });
    }
    let mut set = SecretSet::default();
    for source in &plan.sources {
        let file = SecretFile::read(&source.path)?;
        if source.environment != plan.environment {
            refuse_strangers(plan, &file)?;
        }
        add_file(&mut set, &file, source.flatten, keyring)?;
    }
    Ok(set)
}

/// An inherited file must be for recipients of the inheriting environment alone, whatever Cargo.toml says of it: whoever
/// can write it could set a name here.
fn refuse_strangers(plan: &Plan, file: &SecretFile) -> Result<(), ResolveError> {
    let ours = plan.keys().unwrap_or_default();
    let (_, mut strangers) = recipient::difference(&ours, &file.recipients()?);
    strangers.extend(file.foreign_keys()?);
    match strangers.first() {
        Some(stranger) => Err(ResolveError::Stranger {
            path: file.path().to_owned(),
            environment: plan.environment.clone(),
            recipient: shown(stranger, 90),
        }),
        None => Ok(()),
    }
}

fn add_file(set: &mut SecretSet, file: &SecretFile, flatten: bool, keyring: &mut Keyring) -> Result<(), ResolveError> {
    let path = file.path().to_owned();
    let entries = file.entries(keyring, flatten)?;
    set.add_file(path.clone(), entries).map_err(|conflict| match conflict {
        Conflict::Twice(name) => ResolveError::Twice { path, name },
        Conflict::Blanked(name) => ResolveError::Blanked { path, name },
    })
}

/// Refuses the first name, in order, that would run code and is not `allowed` to, or that is an identity's.
fn refuse_reserved(set: &SecretSet, allowed: impl Fn(&SecretName) -> bool) -> Result<(), ResolveError> {
    let refused = set.iter().filter_map(|(name, _)| match reserved(name.as_str()) {
        Some(Reserved::RunsCode) if allowed(name) => None,
        found => found.map(|why| (name, why)),
    });
    match refused.min_by_key(|(name, _)| *name) {
        Some((name, Reserved::Identity)) => Err(ResolveError::Identity { name: name.clone() }),
        Some((name, Reserved::RunsCode)) => Err(ResolveError::RunsCode { name: name.clone() }),
        None => Ok(()),
    }
}

/// Every required name that this program may have, and was chosen, must have a value; the empty text is none.
fn require(request: &Request<'_>, set: &SecretSet) -> Result<(), ResolveError> {
    let missing = request.manifest.variables().iter().filter(|(name, variable)| {
        variable.is_required_in(request.plan)
            && request.audience.admits(variable)
            && request.choice.includes(name.as_str())
            && set.get(name.as_str()).is_none_or(|sourced| sourced.value.is_empty())
    });
    let names: Vec<_> = missing.map(|(name, _)| name.clone()).collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(ResolveError::Required { environment: request.plan.environment.clone(), names })
}

impl Choice {
    /// Whether it leaves `name` in.
    pub(crate) fn includes(&self, name: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|listed| listed == name);
        (self.only.is_empty() || named(&self.only)) && !named(&self.except)
    }

    /// Keeps the chosen names; one that is not there is an error, for it was mistyped or has no value.
    fn apply(&self, set: &mut SecretSet) -> Result<(), ResolveError> {
        for name in self.only.iter().chain(&self.except) {
            if set.get(name).is_none() {
                return Err(ResolveError::Unknown { name: name.clone(), nearest: nearest(name, set) });
            }
        }
        set.retain(|name| self.includes(name.as_str()));
        Ok(())
    }
}

/// The name in `set` that is most like `name`.
pub(crate) fn nearest(name: &str, set: &SecretSet) -> Option<String> {
    nearest_of(name, set.iter().map(|(known, _)| known.as_str()))
}

/// The one of `known` that is most like `name`, letter case aside; `None` when nothing is near.
pub(crate) fn nearest_of<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let distance = |known: &str| strsim::damerau_levenshtein(&name.to_ascii_uppercase(), &known.to_ascii_uppercase());
    let nearest = known.map(|known| (distance(known), known)).min()?;
    (nearest.0 <= 3).then(|| nearest.1.to_owned())
}
