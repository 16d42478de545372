//! A tree without some of its branches.
//!
//! Landlock only adds: what lies below an allowed folder is allowed. So a folder above a hidden path is only listed, and
//! each of its other entries gets its own rule. **What appears in such a folder later gets none**, the hidden path itself
//! included, should it not be there yet.

use std::path::Path;

use super::domain::{Grant, Rule};
use crate::fsx;

/// A branch that is not given what the tree gets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch<'p> {
    /// Where, relative to the tree.
    path: &'p Path,
    /// What it gets instead.
    instead: Option<Grant>,
}

/// Which branches of `tree` are among `hidden` (they get nothing) and `guarded` (they are only read).
pub(super) fn branches<'p>(
    tree: &Path,
    hidden: impl Iterator<Item = &'p Path>,
    guarded: impl Iterator<Item = &'p Path>,
) -> Vec<Branch<'p>> {
    let hidden = hidden.map(|path| (path, None));
    let guarded = guarded.map(|path| (path, Some(Grant::Read)));
    let below = |(path, instead): (&'p Path, _)| Some(Branch { path: fsx::below(path, tree)?, instead });
    hidden.chain(guarded).filter_map(below).collect()
}

/// Adds the rules that give `grant` on all of `tree` but its `branches`.
pub(super) fn expand(tree: &Path, grant: Grant, branches: &[Branch<'_>], rules: &mut Vec<Rule>) {
    let mut push = |grant| rules.push(Rule { path: tree.to_owned(), grant });
    if branches.is_empty() {
        return push(grant);
    }
    // The tree itself: hidden wins over guarded.
    let itself = || branches.iter().filter(|branch| branch.path.as_os_str().is_empty());
    if itself().any(|branch| branch.instead.is_none()) {
        return;
    }
    let grant = if itself().next().is_some() { Grant::Read } else { grant };
    let branches: Vec<_> =
        branches.iter().filter(|b| !b.path.as_os_str().is_empty() && b.instead.is_none_or(|i| i < grant)).collect();
    if branches.is_empty() {
        return push(grant);
    }
    let Ok(entries) = std::fs::read_dir(tree) else { return };
    push(Grant::List);
    for entry in entries.flatten() {
        // A link has no content of its own; what it points to has its own rule, or none.
        if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
            continue;
        }
        let name = entry.file_name();
        let name = Path::new(&name);
        let inside = branches.iter().filter_map(|b| Some(Branch { path: fsx::below(b.path, name)?, ..**b }));
        expand(&entry.path(), grant, &inside.collect::<Vec<_>>(), rules);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(root: &Path, hidden: &[&str], guarded: &[&str]) -> Vec<String> {
        let [hidden, guarded] =
            [hidden, guarded].map(|names| names.iter().map(|name| root.join(name)).collect::<Vec<_>>());
        let except = branches(root, hidden.iter().map(AsRef::as_ref), guarded.iter().map(AsRef::as_ref));
        let mut rules = Vec::new();
        expand(root, Grant::Write, &except, &mut rules);
        let name = |rule: &Rule| format!("{:?} {}", rule.grant, rule.path.strip_prefix(root).unwrap().display());
        let mut shown: Vec<_> = rules.iter().map(name).collect();
        shown.sort();
        shown
    }

    #[test]
    fn a_tree_is_given_without_its_branches() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["a/keys", "a/b", ".git/hooks", "c"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        std::os::unix::fs::symlink("a/keys", root.join("link")).unwrap();
        assert_eq!(shown(root, &[], &[]), ["Write "]);
        let both = ["List ", "List a", "Read .git", "Write a/b", "Write c"];
        assert_eq!(shown(root, &["a/keys", "missing/later"], &[".git"]), both);
        assert_eq!(shown(root, &[""], &[]), [""; 0]);
        assert_eq!(shown(root, &[".git/hooks", "a", "c"], &[".git"]), ["List ", "List .git"]);
    }
}
