//! What cargo reads beside the workspace to build it: path dependencies, and the manifests that these inherit from.
//!
//! **Found without cargo, and rather too much than too little**: every `path = "…"` that leads to a package counts, patches
//! and the paths that a workspace gives to its members included. Only folders that hold a Cargo.toml count.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::manifest::error::Error;
use crate::manifest::locate::{Loaded, Located, read};
use crate::manifest::members::{self, Package};

/// What was found so far.
struct Sources {
    /// Every Cargo.toml with its text, the workspace's first.
    manifests: Vec<(PathBuf, String)>,
    /// The folders of packages outside the workspace, and the manifests that these inherit from.
    outside: Vec<PathBuf>,
}

/// The folders of packages outside the workspace of that root, and the manifests that these inherit from.
pub(super) fn outside(root: &Loaded, packages: &[Package]) -> Result<Vec<PathBuf>, Error> {
    let mut manifests = vec![(root.path.clone(), root.text.clone())];
    let members = packages.iter().filter(|package| package.manifest != root.path);
    manifests.extend(members.map(|member| (member.manifest.clone(), member.text.clone())));
    let mut sources = Sources { manifests, outside: Vec::new() };
    let mut seen: BTreeSet<PathBuf> = sources.manifests.iter().map(|(path, _)| path.clone()).collect();
    let mut next = 0;
    while let Some((path, text)) = sources.manifests.get(next) {
        next += 1;
        let folder = path.parent().unwrap_or(path);
        let found: Vec<_> = members::paths(folder, text).map(|folder| folder.join("Cargo.toml")).collect();
        for manifest in found.into_iter().filter(|manifest| !seen.contains(manifest)).collect::<Vec<_>>() {
            if seen.insert(manifest.clone()) {
                sources.add(root.folder(), &manifest, &mut seen)?;
            }
        }
    }
    Ok(sources.outside)
}

impl Sources {
    /// Adds a package, if it is one, and where it is outside of `root` the manifest that it inherits from.
    fn add(&mut self, root: &Path, manifest: &Path, seen: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
        let Some(text) = read(manifest)? else { return Ok(()) };
        let folder = manifest.parent().unwrap_or(manifest).to_owned();
        let is_outside = !manifest.starts_with(root);
        self.manifests.push((manifest.to_owned(), text));
        if !is_outside {
            return Ok(());
        }
        self.outside.push(folder.clone());
        let above = Located::find(&folder, Some(manifest), None)?.root;
        if above.path != manifest && seen.insert(above.path.clone()) {
            if !above.path.starts_with(root) {
                self.outside.push(above.path.clone());
            }
            self.manifests.push((above.path, above.text));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::testing::Project;

    #[test]
    fn path_dependencies_outside_are_found_through_each_other() {
        let project = Project::new();
        project.write(
            "app/Cargo.toml",
            "[workspace]\nmembers = ['m']\n[workspace.metadata.secrets]\n[workspace.dependencies]\nshared = { path = '../shared' }\n\
             [patch.crates-io]\nserde = { path = '../patched' }\nnone = { path = '../none' }\n",
        );
        project.package("app/m", "m", "[dependencies]\ninner = { path = '../inner' }\n[lib]\npath = '../../lib.rs'\n");
        project.package("app/inner", "inner", "[dependencies]\nfar = { path = '../../other/far' }\n");
        project.package("shared", "shared", "");
        project.package("patched", "patched", "");
        project.write(
            "other/Cargo.toml",
            "[workspace]\nmembers = ['far', 'near']\n[workspace.dependencies]\nnear = { path = 'near' }\n",
        );
        project.package("other/far", "far", "[dependencies]\nnear.workspace = true\n");
        project.package("other/near", "near", "[dependencies]\nm = { path = '../../app/m' }\n");
        let mut outside = project.find("app").unwrap().outside().unwrap().to_vec();
        outside.sort_unstable();
        let expected = ["other/Cargo.toml", "other/far", "other/near", "patched", "shared"];
        assert_eq!(outside, expected.map(|path| project.path(path)));
    }
}
