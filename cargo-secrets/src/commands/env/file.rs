//! The file of a new environment: **refused before Cargo.toml names it**, because a source that cannot be one would stop
//! every command.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::error::Error;
use crate::manifest::{Manifest, normalize};
use crate::refusal::{FileFault, Refusal};
use crate::secret::EnvName;
use crate::store::SecretFile;

/// That `file`, relative to the project's root, can be the one of a new `environment`. A file that is there has to be one
/// that SOPS encrypted.
pub(super) fn check(manifest: &Manifest, file: &str, environment: &EnvName) -> Result<(), Error> {
    let refused = |why| Refusal::EnvFile { file: file.to_owned(), environment: environment.clone(), why };
    if let Some(why) = fault(file) {
        return Err(refused(why).into());
    }
    stays_inside(manifest.root(), file, environment)?;
    let path = manifest.root().join(file);
    for (other, _) in manifest.environments() {
        if manifest.plan(other)?.own_sources().any(|source| real(&source.path) == real(&path)) {
            return Err(refused(FileFault::Source(other.clone())).into());
        }
    }
    if path.exists() {
        SecretFile::read(&path)?.document()?;
    }
    Ok(())
}

/// That no link leads from `file` out of the project at `root`, or to nothing; and that it can be below its folder.
pub(in crate::commands) fn stays_inside(root: &Path, file: &str, environment: &EnvName) -> Result<(), Error> {
    let path = root.join(file);
    let there = path.ancestors().find(|path| fs::symlink_metadata(path).is_ok()).unwrap_or(root);
    let inside = match (root.canonicalize(), there.canonicalize()) {
        (Ok(root), Ok(real)) => real.starts_with(root),
        _ => false,
    };
    let why = if !inside {
        FileFault::Link
    } else if there != path && !there.is_dir() {
        FileFault::Path
    } else {
        return Ok(());
    };
    Err(Refusal::EnvFile { file: file.to_owned(), environment: environment.clone(), why }.into())
}

/// What is wrong with the path by its text alone.
fn fault(file: &str) -> Option<FileFault> {
    let path = Path::new(file);
    let inside = |step: Component<'_>| matches!(step, Component::Normal(_) | Component::CurDir);
    let hidden =
        |step: Component<'_>| step != Component::CurDir && step.as_os_str().as_encoded_bytes().starts_with(b".");
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let is_path = !file.is_empty() && !file.ends_with('/') && !file.contains("://") && !file.contains(char::is_control);
    if !is_path || !path.components().all(inside) {
        Some(FileFault::Path)
    } else if file.contains(['*', '?', '[']) {
        Some(FileFault::Pattern)
    } else if path.components().any(hidden) {
        Some(FileFault::Hidden)
    } else if !matches!(extension.as_str(), "json" | "yaml" | "yml" | "env" | "dotenv") {
        Some(FileFault::Kind)
    } else {
        None
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| normalize(path))
}
