//! What cargo reads beside the workspace to build it: path dependencies, and the manifests that these inherit from.
//!
//! **Found without cargo, and rather too much than too little**: every `path = "…"` that leads to a package counts, patches
//! and the paths that a workspace gives to its members included. Only folders that hold a Cargo.toml count.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::fsx::below;
use crate::manifest::error::Error;
use crate::manifest::locate::{Loaded, Located, read};
use crate::manifest::members::{Package, paths};

/// What was found so far.
struct Sources<'r> {
    /// The workspace's folder.
    root: &'r Path,
    /// The folders of packages that were looked at, and the manifests that these inherit from.
    seen: HashSet<OsString>,
    /// Those that are still to be looked at.
    todo: Vec<PathBuf>,
    /// The folders of packages outside the workspace, and the manifests that these inherit from.
    outside: Vec<PathBuf>,
}

/// The folders of packages outside the workspace of that root, and the manifests that these inherit from.
pub(super) fn outside(root: &Loaded, packages: &[Package]) -> Result<Vec<PathBuf>, Error> {
    let folders = packages.iter().map(Package::folder).chain([root.folder()]);
    let seen = folders.map(|folder| folder.as_os_str().to_owned()).collect();
    let mut sources = Sources { root: root.folder(), seen, todo: Vec::new(), outside: Vec::new() };
    if root.package().is_none() {
        sources.add(&paths(root.folder(), &root.text));
    }
    for package in packages {
        sources.add(&package.paths);
    }
    while let Some(folder) = sources.todo.pop() {
        if sources.seen.insert(folder.clone().into_os_string()) {
            sources.look(&folder)?;
        }
    }
    Ok(sources.outside)
}

impl Sources<'_> {
    fn add(&mut self, paths: &[PathBuf]) {
        let new = paths.iter().filter(|path| !self.seen.contains(path.as_os_str()));
        self.todo.extend(new.cloned());
    }

    /// Takes a folder in, if a package is in it, and the manifest that it inherits from.
    fn look(&mut self, folder: &Path) -> Result<(), Error> {
        let manifest = folder.join("Cargo.toml");
        let Some(text) = read(&manifest)? else { return Ok(()) };
        self.add(&paths(folder, &text));
        if below(folder, self.root).is_none() {
            self.outside.push(folder.to_owned());
        }
        // If it is no package that cargo could take, it is none that it has to read.
        let Ok(Located { root: above, .. }) = Located::find(folder, Some(&manifest), None) else { return Ok(()) };
        // Noted as a file: its folder may be a package that is still to be looked at.
        if above.path != manifest && self.seen.insert(above.path.clone().into_os_string()) {
            self.add(&paths(above.folder(), &above.text));
            if below(&above.path, self.root).is_none() {
                self.outside.push(above.path);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::testing::Project;

    #[test]
    fn a_workspace_inside_that_is_none_of_ours_is_followed_where_a_package_outside_inherits_from_it() {
        let project = Project::new();
        project.write(
            "app/Cargo.toml",
            "[package]\nname = 'app'\nversion = '0.1.0'\n[package.metadata.secrets]\n[workspace]\nexclude = ['nested']\n\
             [dependencies]\nx = { path = '../ext/x' }\n",
        );
        project.write(
            "app/nested/Cargo.toml",
            "[workspace]\nmembers = ['../../ext/x']\n[workspace.dependencies]\nfoo = { path = '../../ext/foo' }\n",
        );
        project.write("ext/x/Cargo.toml", "[package]\nname = 'x'\nworkspace = '../../app/nested'\n");
        project.package("ext/foo", "foo", "");
        let mut outside = project.find("app").unwrap().outside().unwrap().to_vec();
        outside.sort_unstable();
        assert_eq!(outside, ["ext/foo", "ext/x"].map(|path| project.path(path)));
    }

    #[test]
    fn a_package_inside_that_is_none_of_ours_is_followed_to_the_workspace_that_it_inherits_from() {
        let project = Project::new();
        project.write(
            "app/Cargo.toml",
            "[package]\nname = 'app'\nversion = '0.1.0'\n[package.metadata.secrets]\n[workspace]\nexclude = ['nested']\n\
             [dependencies]\nx = { path = 'nested/x' }\n[package.metadata.other]\nbroken = { path = 'broken' }\n",
        );
        project.write(
            "app/nested/Cargo.toml",
            "[workspace]\nmembers = ['x']\n[workspace.dependencies]\nfoo = { path = '../../ext/foo' }\n",
        );
        project.package("app/nested/x", "x", "[dependencies]\nfoo.workspace = true\n");
        project.write("app/broken/Cargo.toml", "[package]\nname = 'broken'\nworkspace = '../gone'\n");
        project.package("ext/foo", "foo", "");
        assert_eq!(project.find("app").unwrap().outside().unwrap(), [project.path("ext/foo")]);
    }

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
