//! The workspace as cargo sees it: its folders, and whose file a file is.
//!
//! Starts cargo, so it is asked only where the whole workspace is looked at or an editor wants to know the target.

use std::path::{Path, PathBuf};

use cargo_metadata::{MetadataCommand, Package, Target};

use crate::lint::error::Error;

/// Where the project is, and its packages as far as cargo was asked.
#[derive(Debug)]
pub(crate) struct Project {
    /// The workspace's folder, or the folder that is looked at instead.
    pub(crate) root: PathBuf,
    packages: Vec<Package>,
    target: Option<PathBuf>,
}

impl Project {
    /// A folder without packages.
    pub(crate) fn bare(root: PathBuf) -> Self {
        Self { root, packages: Vec::new(), target: None }
    }

    /// The workspace of a Cargo.toml.
    pub(crate) fn by_cargo(manifest: &Path) -> Result<Self, Error> {
        let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec();
        let metadata = metadata.map_err(|error| Error::Metadata(Box::new(error)))?;
        let root = metadata.workspace_root.into_std_path_buf();
        Ok(Self { root, packages: metadata.packages, target: Some(metadata.target_directory.into_std_path_buf()) })
    }

    /// The folders that hold all of it: the root's, and those of members elsewhere.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let members = self.packages.iter().map(folder).filter(|folder| !folder.starts_with(&self.root));
        let mut folders: Vec<PathBuf> = members.map(Path::to_owned).collect();
        folders.sort_unstable();
        folders.dedup();
        folders.insert(0, self.root.clone());
        folders
    }

    /// Where cargo puts what it builds.
    pub(super) fn target_folder(&self) -> Option<&Path> {
        self.target.as_deref()
    }

    /// The package whose folder holds the file, and the name of its target.
    pub(crate) fn owner(&self, path: &Path) -> Option<(&Package, &Target)> {
        let depth = |package: &&Package| folder(package).components().count();
        let package = self.packages.iter().filter(|package| path.starts_with(folder(package))).max_by_key(depth)?;
        Some((package, target(package, path)?))
    }

    /// The owner, or the first package for a file that belongs to none.
    pub(crate) fn owner_or_first(&self, path: &Path) -> Option<(&Package, &Target)> {
        self.owner(path).or_else(|| self.packages.iter().find_map(|package| Some((package, package.targets.first()?))))
    }
}

fn folder(package: &Package) -> &Path {
    package.manifest_path.parent().map_or(Path::new(""), |folder| folder.as_std_path())
}

/// The target a file belongs to: the one it is the root of, else the one whose root lies nearest above it, a library
/// before programs in the same folder.
fn target<'a>(package: &'a Package, path: &Path) -> Option<&'a Target> {
    let nearness = |target: &&Target| {
        let root = target.src_path.as_std_path();
        let above =
            root.parent().filter(|folder| path.starts_with(folder)).map_or(0, |folder| folder.components().count());
        let is_library = target.is_lib() || target.is_rlib() || target.is_proc_macro();
        (root == path, if target.is_custom_build() { 0 } else { above }, is_library)
    };
    // Of equals the first one.
    package.targets.iter().rev().max_by_key(nearness)
}
