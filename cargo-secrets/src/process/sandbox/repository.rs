//! What of git's folders a build reads: `git describe` is the commonest thing that build scripts start.
//!
//! **A `.git` file is followed only to a folder that knows of it**, so that a stranger's archive cannot name any.

use std::path::{Path, PathBuf};

/// The folder of git that the `.git` file of `folder` names: of a worktree, the repository it belongs to; of a submodule,
/// its part of the repository around it. `None` where `.git` is a folder, or nothing.
pub(super) fn elsewhere(folder: &Path) -> Option<PathBuf> {
    let file = folder.join(".git");
    let text = std::fs::read_to_string(&file).ok()?;
    let named = folder.join(text.strip_prefix("gitdir:")?.trim()).canonicalize().ok()?;
    worktree(&file, &named).or_else(|| submodule(folder, named))
}

/// A worktree's folder of git names the `.git` file in `gitdir` (gitrepository-layout(5)).
fn worktree(file: &Path, named: &Path) -> Option<PathBuf> {
    let back = std::fs::read_to_string(named.join("gitdir")).ok()?;
    let is_ours = named.join(back.trim()).canonicalize().ok()? == file.canonicalize().ok()?;
    let common = std::fs::read_to_string(named.join("commondir")).ok()?;
    let common = named.join(common.trim()).canonicalize().ok()?;
    // Whoever made the one has made the other, then.
    (is_ours && named.parent()? == common.join("worktrees")).then_some(common)
}

/// A submodule's lies in that of a folder above.
fn submodule(folder: &Path, named: PathBuf) -> Option<PathBuf> {
    let above = folder.canonicalize().ok()?;
    above.ancestors().skip(1).any(|above| named.starts_with(above.join(".git/modules"))).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        crate::fsx::replace(path, text.as_bytes()).unwrap();
    }

    #[test]
    fn a_worktree_leads_to_its_repository_and_a_submodule_to_its_part() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().canonicalize().unwrap().join(name);
        write(&at("main/.git/worktrees/w/gitdir"), &format!("{}\n", at("w/.git").display()));
        write(&at("main/.git/worktrees/w/commondir"), "../..\n");
        write(&at("w/.git"), &format!("gitdir: {}\n", at("main/.git/worktrees/w").display()));
        assert_eq!(elsewhere(&at("w")), Some(at("main/.git")));
        write(&at("main/.git/modules/sub/HEAD"), "");
        write(&at("main/sub/.git"), "gitdir: ../.git/modules/sub\n");
        assert_eq!(elsewhere(&at("main/sub")), Some(at("main/.git/modules/sub")));
        assert_eq!(elsewhere(&at("main")), None);
    }

    #[test]
    fn a_folder_that_does_not_know_of_us_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().canonicalize().unwrap().join(name);
        write(&at("other/gitdir"), "/elsewhere/.git\n");
        write(&at("other/commondir"), ".\n");
        write(&at("w/.git"), &format!("gitdir: {}\n", at("other").display()));
        assert_eq!(elsewhere(&at("w")), None);
    }

    #[test]
    fn a_worktree_that_came_along_names_no_folder_but_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().canonicalize().unwrap().join(name);
        write(&at("w/made/gitdir"), "../.git\n");
        write(&at("w/.git"), "gitdir: made\n");
        for common in ["/dev", "../..", "/"] {
            write(&at("w/made/commondir"), common);
            assert_eq!(elsewhere(&at("w")), None, "{common}");
        }
    }
}
