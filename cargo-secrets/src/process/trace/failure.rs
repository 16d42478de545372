//! Whether a build may have failed by the sandbox: cargo says it in its target folder.
//!
//! - cargo writes `build/PACKAGE-HASH/invoked.timestamp` before it starts a build script, and `output` when that succeeded.
//! - It keeps what rustc said, and what a macro's panic said, in `.fingerprint/PACKAGE-HASH/output-TARGET`.
//!
//! **A build writes these files as it likes**: they decide about a search and nothing else, and no more than their beginnings
//! are read.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How far the clock of files may be behind that of programs: it goes on with the kernel's ticks.
const TICK: Duration = Duration::from_millis(20);

/// How much is read of what rustc said.
const READ: u64 = 1 << 20;

/// What a refusal is called, by the C library and by Rust.
const REFUSED: [&[u8]; 3] = [b"Permission denied", b"PermissionDenied", b"Operation not permitted"];

/// Whether, after `began`, a build script did not succeed or rustc spoke of a refusal.
pub(crate) fn may_be_refused(targets: &[PathBuf], began: SystemTime) -> bool {
    let began = began.checked_sub(TICK).unwrap_or(began);
    // `target/debug`, and `target/TRIPLE/debug` where a target is named.
    let folders_of = |folder: &PathBuf| folders(folder);
    let profiles: Vec<_> = targets.iter().flat_map(folders_of).collect();
    let nested = profiles.iter().flat_map(folders_of);
    profiles.iter().cloned().chain(nested).any(|profile| {
        folders(&profile.join("build")).iter().any(|script| failed(script, began))
            || folders(&profile.join(".fingerprint")).iter().any(|unit| speaks(unit, began))
    })
}

fn failed(script: &Path, began: SystemTime) -> bool {
    let when = |name: &str| script.join(name).metadata().and_then(|metadata| metadata.modified()).ok();
    let Some(invoked) = when("invoked.timestamp").filter(|invoked| *invoked >= began) else { return false };
    when("output").is_none_or(|output| output < invoked)
}

fn speaks(unit: &Path, began: SystemTime) -> bool {
    let entries = std::fs::read_dir(unit).into_iter().flatten().filter_map(Result::ok);
    let outputs = entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"output-"));
    let new = outputs.filter(|output| {
        // Not what a link leads to: nothing that could be waited for is opened.
        let Ok(metadata) = output.metadata() else { return false };
        metadata.is_file() && metadata.modified().is_ok_and(|modified| modified >= began)
    });
    new.filter_map(|output| File::open(output.path()).ok()).any(|file| {
        let mut said = Vec::new();
        let _ = file.take(READ).read_to_end(&mut said);
        REFUSED.iter().any(|refused| said.windows(refused.len()).any(|part| part == *refused))
    })
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_without_output_has_failed() {
        let target = tempfile::tempdir().unwrap();
        let began = SystemTime::now();
        let targets = [target.path().to_owned()];
        let script = target.path().join("debug/build/app-0123");
        std::fs::create_dir_all(&script).unwrap();
        assert!(!may_be_refused(&targets, began), "it was not started");
        File::create(script.join("invoked.timestamp")).unwrap();
        assert!(may_be_refused(&targets, began));
        assert!(!may_be_refused(&targets, SystemTime::now() + 2 * TICK), "an earlier run's");
        File::create(script.join("output")).unwrap();
        assert!(!may_be_refused(&targets, began));
    }

    #[test]
    fn a_named_target_has_a_folder_of_its_own() {
        let target = tempfile::tempdir().unwrap();
        let began = SystemTime::now();
        let script = target.path().join("x86_64-unknown-linux-gnu/debug/build/app-0123");
        std::fs::create_dir_all(&script).unwrap();
        File::create(script.join("invoked.timestamp")).unwrap();
        assert!(may_be_refused(&[target.path().to_owned()], began));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "what a test writes needs no care")]
    fn what_rustc_said_tells_too() {
        let target = tempfile::tempdir().unwrap();
        let began = SystemTime::now();
        let unit = target.path().join("debug/.fingerprint/app-0123");
        std::fs::create_dir_all(&unit).unwrap();
        let targets = [target.path().to_owned()];
        for (said, expected) in [("expected `;`", false), ("couldn't read: Permission denied (os error 13)", true)] {
            std::fs::write(unit.join("output-lib-app"), said).unwrap();
            assert_eq!(may_be_refused(&targets, began), expected, "{said}");
        }
        std::fs::rename(unit.join("output-lib-app"), target.path().join("x")).unwrap();
        std::os::unix::fs::symlink(target.path().join("x"), unit.join("output-lib-app")).unwrap();
        assert!(!may_be_refused(&targets, began));
    }
}
