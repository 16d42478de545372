//! Whether a build failed by one of its scripts: cargo says it in its target folder.
//!
//! cargo writes `build/PACKAGE-HASH/invoked.timestamp` before it starts a build script and `output` when that succeeded.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How far the clock of files may be behind that of programs: it goes on with the kernel's ticks.
const TICK: Duration = Duration::from_millis(20);

/// Whether a build script that was started after `began` has not succeeded.
pub(crate) fn build_script_failed(targets: &[PathBuf], began: SystemTime) -> bool {
    let began = began.checked_sub(TICK).unwrap_or(began);
    // `target/debug/build`, and `target/TRIPLE/debug/build` where a target is named.
    let profiles = targets.iter().flat_map(|target| folders(target));
    let builds = profiles.flat_map(|profile| std::iter::once(profile.join("build")).chain(nested(&profile)));
    builds.flat_map(|build| folders(&build)).any(|script| failed(&script, began))
}

fn nested(folder: &Path) -> Vec<PathBuf> {
    folders(folder).into_iter().map(|profile| profile.join("build")).collect()
}

fn failed(script: &Path, began: SystemTime) -> bool {
    let when = |name: &str| script.join(name).metadata().and_then(|metadata| metadata.modified()).ok();
    let Some(invoked) = when("invoked.timestamp").filter(|invoked| *invoked >= began) else { return false };
    when("output").is_none_or(|output| output < invoked)
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
        assert!(!build_script_failed(&targets, began), "it was not started");
        std::fs::File::create(script.join("invoked.timestamp")).unwrap();
        assert!(build_script_failed(&targets, began));
        assert!(!build_script_failed(&targets, SystemTime::now() + 2 * TICK), "an earlier run's");
        std::fs::File::create(script.join("output")).unwrap();
        assert!(!build_script_failed(&targets, began));
    }

    #[test]
    fn a_named_target_has_a_folder_of_its_own() {
        let target = tempfile::tempdir().unwrap();
        let began = SystemTime::now();
        let script = target.path().join("x86_64-unknown-linux-gnu/debug/build/app-0123");
        std::fs::create_dir_all(&script).unwrap();
        std::fs::File::create(script.join("invoked.timestamp")).unwrap();
        assert!(build_script_failed(&[target.path().to_owned()], began));
    }
}
