//! What cargo reads to build a workspace: the manifests of its packages and of the path dependencies outside of it.
//!
//! **Found without cargo, and rather too much than too little**: every `path = "…"` that leads to a package counts, patches
//! and the paths that a workspace gives to its members included. Only folders that hold a Cargo.toml count.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::manifest::error::Error;
use crate::manifest::locate::{Loaded, Located, read};
use crate::manifest::members;

/// What cargo reads.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// Every Cargo.toml with its text, the workspace's first.
    pub(crate) manifests: Vec<(PathBuf, String)>,
    /// The folders of packages outside the workspace, and the manifests that these inherit from.
    pub(crate) outside: Vec<PathBuf>,
}

/// The sources of the workspace whose root manifest that is.
pub(crate) fn sources(root: &Path) -> Result<Sources, Error> {
    let Some(text) = read(root)? else { return Err(Error::NoManifest(root.to_owned())) };
    of(&Loaded::parse(root.to_owned(), text)?)
}

/// The same of a root that was read.
pub(super) fn of(root: &Loaded) -> Result<Sources, Error> {
    let mut manifests = vec![(root.path.clone(), root.text.clone())];
    manifests.extend(members::members(root)?.into_iter().map(|member| (member.manifest, member.text)));
    let mut sources = Sources { manifests, outside: Vec::new() };
    let mut seen: BTreeSet<PathBuf> = sources.manifests.iter().map(|(path, _)| path.clone()).collect();
    let mut next = 0;
    while let Some((path, text)) = sources.manifests.get(next) {
        next += 1;
        let folder = path.parent().unwrap_or(path);
        let found: Vec<_> = members::paths(folder, text).map(|folder| folder.join("Cargo.toml")).collect();
        for manifest in found.into_iter().filter(|manifest| !seen.contains(manifest)).collect::<Vec<_>>() {
            if seen.insert(manifest.clone()) {
                sources.add(root.folder(), manifest, &mut seen)?;
            }
        }
    }
    Ok(sources)
}

impl Sources {
    /// Adds a package, if it is one, and where it is outside of `root` the manifest that it inherits from.
    fn add(&mut self, root: &Path, manifest: PathBuf, seen: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
        let Some(text) = read(&manifest)? else { return Ok(()) };
        let folder = manifest.parent().unwrap_or(&manifest).to_owned();
        let is_outside = !manifest.starts_with(root);
        self.manifests.push((manifest.clone(), text));
        if !is_outside {
            return Ok(());
        }
        self.outside.push(folder.clone());
        let above = Located::find(&folder, Some(&manifest), None)?.root;
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
    use super::*;
    use crate::manifest::testing::Project;

    #[test]
    fn path_dependencies_outside_are_found_through_each_other() {
        let project = Project::new();
        project.write(
            "app/Cargo.toml",
            "[workspace]\nmembers = ['m']\n[workspace.dependencies]\nshared = { path = '../shared' }\n\
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
        let found = sources(&project.path("app/Cargo.toml")).unwrap();
        let mut outside = found.outside;
        outside.sort_unstable();
        let expected = ["other/Cargo.toml", "other/far", "other/near", "patched", "shared"];
        assert_eq!(outside, expected.map(|path| project.path(path)));
        assert_eq!(found.manifests.len(), 8);
    }
}
