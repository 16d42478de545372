//! Finds the project without starting cargo.
//!
//! **The answer is that of `cargo metadata`'s `workspace_root`.** The rules are those of cargo's
//! `find_workspace_root` (src/cargo/core/workspace.rs): own `[workspace]`, `package.workspace`, then the first ancestor that
//! does not exclude the manifest; the walk does not leave `CARGO_HOME`. As in cargo, paths are not canonicalized.
//!
//! **Each Cargo.toml is read at most once**, and an ancestor is parsed only if it contains the word `workspace`.

use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use crate::fsx;
use crate::manifest::diagnose;
use crate::manifest::error::Error;
use crate::manifest::mistake::Table;
use crate::manifest::schema::{CargoToml, WorkspaceTable};

const CARGO_TOML: &str = "Cargo.toml";
/// How long a Cargo.toml may be, in bytes: each command reads it, whoever wrote it.
const MOST: u64 = 8 << 20;

/// A Cargo.toml that was read and parsed.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) toml: CargoToml,
}

impl Loaded {
    pub(super) fn parse(path: PathBuf, text: String) -> Result<Self, Error> {
        match toml::from_str(&text) {
            Ok(toml) => Ok(Self { path, text, toml }),
            Err(error) => Err(Box::new(diagnose::syntax(&path, &text, error)).into()),
        }
    }

    /// The folder of the manifest.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// The package's name.
    pub(super) fn package(&self) -> Option<&str> {
        self.toml.package.as_ref()?.name.as_deref()
    }

    fn own_root(&self, look_from: &Path) -> Option<PathBuf> {
        match (&self.toml.workspace, &self.toml.package) {
            (Some(workspace), _) => (!is_excluded(workspace, self.folder(), look_from)).then(|| self.path.clone()),
            (None, Some(package)) => {
                let pointer = package.workspace.as_ref()?;
                Some(normalize(&self.folder().join(pointer).join(CARGO_TOML)))
            }
            (None, None) => None,
        }
    }
}

/// Where a project is: its workspace root and the package one stands in.
#[derive(Debug)]
pub(crate) struct Located {
    pub(super) root: Loaded,
    /// `None` when the root's own manifest is the current one.
    pub(super) package: Option<Loaded>,
}

impl Located {
    /// Finds the project from `cwd` upwards, or that of `--manifest-path`.
    pub(crate) fn find(cwd: &Path, manifest_path: Option<&Path>, cargo_home: Option<&Path>) -> Result<Self, Error> {
        let (path, text) = match manifest_path {
            Some(path) => given(cwd, path)?,
            None => nearest(cwd)?,
        };
        let current = Loaded::parse(path, text)?;
        if let Some(path) = current.own_root(&current.path) {
            return Self::pointed(current, &path);
        }
        // As in cargo: the walk starts above the manifest's own folder.
        let mut below: Option<&Path> = None;
        for folder in current.folder().ancestors().skip(1) {
            if folder.ends_with("target/package") || (below.is_some() && below == cargo_home) {
                break;
            }
            below = Some(folder);
            let Some(ancestor) = ancestor(folder)? else { continue };
            match ancestor.own_root(&current.path) {
                Some(path) if path == ancestor.path => return Ok(Self { root: ancestor, package: Some(current) }),
                Some(path) => return Self::pointed(current, &path),
                None => {}
            }
        }
        Ok(Self { root: current, package: None })
    }

    fn pointed(current: Loaded, root: &Path) -> Result<Self, Error> {
        if current.path == root {
            return Ok(Self { root: current, package: None });
        }
        let root = Loaded::parse(root.to_owned(), must_read(root)?)?;
        Ok(Self { root, package: Some(current) })
    }

    /// The workspace root's Cargo.toml, or that of a package that is in no workspace.
    pub(crate) fn root_manifest(&self) -> &Path {
        &self.root.path
    }

    /// The current package's name; `None` in a virtual manifest.
    pub(crate) fn current_package(&self) -> Option<&str> {
        self.package.as_ref().unwrap_or(&self.root).package()
    }

    /// The folder whose table declares the secrets, if one does: nothing of the table is looked at.
    pub(crate) fn declaring(&self) -> Option<&Path> {
        let own = self.package.as_ref().unwrap_or(&self.root);
        let declares = [(&self.root, self.root.toml.has_workspace_secrets()), (own, own.toml.has_package_secrets())];
        declares.into_iter().find(|(_, declares)| *declares).map(|(loaded, _)| loaded.folder())
    }

    /// The text of the Cargo.toml that declares the secrets, or would, and which of its tables does.
    pub(crate) fn declaration(&self) -> (&str, Table) {
        let own = self.package.as_ref().unwrap_or(&self.root);
        if !self.root.toml.has_workspace_secrets() && own.toml.has_package_secrets() {
            return (&own.text, Table::Package);
        }
        (&self.root.text, if self.root.toml.has_workspace_secrets() { Table::Workspace } else { self.new_table() })
    }

    /// The table that a new project would get, in the root's manifest.
    pub(crate) fn new_table(&self) -> Table {
        if self.root.toml.workspace.is_some() { Table::Workspace } else { Table::Package }
    }
}

/// Whether a workspace does not want a manifest, as cargo decides it: literal prefixes, no patterns.
pub(super) fn is_excluded(workspace: &WorkspaceTable, root: &Path, manifest: &Path) -> bool {
    let below = |path: &String| manifest.starts_with(root.join(path));
    workspace.exclude.iter().any(below) && !workspace.members.iter().any(below)
}

/// `path` without `.` and `..`, by the text alone.
pub(crate) fn normalize(path: &Path) -> PathBuf {
    joined(Path::new(""), path)
}

/// `path` below `folder`, which is normal, by the text alone. Of hundreds of paths, nearly all are normal already.
pub(super) fn joined(folder: &Path, path: &Path) -> PathBuf {
    let is_plain = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    if path.as_os_str().as_bytes().split(|byte| *byte == b'/').all(is_plain) {
        return folder.join(path);
    }
    let mut normal = folder.to_owned();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// The content of a file that may not exist.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    match must_read(path) {
        Ok(text) => Ok(Some(text)),
        Err(Error::Read { source, .. }) if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn must_read(path: &Path) -> Result<String, Error> {
    fsx::read_small_text(path, MOST).map_err(|error| Error::Read { path: path.to_owned(), source: error.source })
}

fn given(cwd: &Path, path: &Path) -> Result<(PathBuf, String), Error> {
    let path = normalize(&cwd.join(path));
    if path.is_dir() {
        let folder = path.join(CARGO_TOML).is_file();
        return Err(Error::ManifestPath { path, folder });
    }
    if !path.ends_with(CARGO_TOML) {
        return Err(Error::ManifestPath { path, folder: false });
    }
    let text = must_read(&path)?;
    Ok((path, text))
}

fn nearest(cwd: &Path) -> Result<(PathBuf, String), Error> {
    for folder in cwd.ancestors() {
        let path = folder.join(CARGO_TOML);
        if let Some(text) = read(&path)? {
            return Ok((path, text));
        }
    }
    Err(Error::NoManifest(cwd.to_owned()))
}

fn ancestor(folder: &Path) -> Result<Option<Loaded>, Error> {
    let path = folder.join(CARGO_TOML);
    match read(&path)? {
        Some(text) if text.contains("workspace") => Loaded::parse(path, text).map(Some),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::testing::{Project, cargo_metadata};

    /// The roots agree, seen from `folder` of the project or with a manifest path.
    fn agree(project: &Project, folder: &str, manifest_path: Option<&str>) -> Located {
        let cwd = project.path(folder);
        let ours = Located::find(&cwd, manifest_path.map(Path::new), None).unwrap();
        let theirs = cargo_metadata(&cwd, manifest_path);
        let root = ours.root_manifest().parent().unwrap().canonicalize().unwrap();
        let expected = Path::new(theirs["workspace_root"].as_str().unwrap()).canonicalize().unwrap();
        assert_eq!(root, expected, "from {folder}");
        ours
    }

    fn workspace() -> Project {
        let project = Project::new();
        project.write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/out\", \"nested\"]\nresolver = \"3\"\n",
        );
        project.package("crates/api", "api", "");
        project.package("crates/api/src/deep/in", "unused", "");
        std::fs::remove_file(project.path("crates/api/src/deep/in/Cargo.toml")).unwrap();
        project.package("crates/out", "out", "");
        project
    }

    #[test]
    fn paths_are_made_normal_by_their_text() {
        let normal = |path: &str| normalize(Path::new(path)).into_os_string().into_string().unwrap();
        for (path, expected) in
            [("/a/./b//c/../d/", "/a/b/d"), ("/a/b", "/a/b"), ("/", "/"), ("/../a", "/a"), ("a/..", ""), ("a/b", "a/b")]
        {
            assert_eq!(normal(path), expected, "{path}");
        }
        let joined = |path: &str| joined(Path::new("/r"), Path::new(path)).into_os_string();
        for (path, expected) in
            [("a/b", "/r/a/b"), ("../a", "/a"), ("/a/../b", "/b"), ("", "/r"), (".", "/r"), ("a/", "/r/a")]
        {
            assert_eq!(joined(path), expected, "{path}");
        }
    }

    #[test]
    fn the_root_is_the_one_that_cargo_finds_in_a_virtual_workspace() {
        let project = workspace();
        let at_root = agree(&project, ".", None);
        assert!(at_root.current_package().is_none() && at_root.new_table() == Table::Workspace);
        for folder in ["crates", "crates/api", "crates/api/src", "crates/api/src/deep/in"] {
            agree(&project, folder, None);
        }
        assert_eq!(agree(&project, "crates/api/src", None).current_package(), Some("api"));
        let out = agree(&project, "crates/out", None);
        assert_eq!((out.current_package(), out.new_table()), (Some("out"), Table::Package));
    }

    #[test]
    fn the_root_is_the_one_that_cargo_finds_with_a_manifest_path() {
        let project = workspace();
        for path in
            ["Cargo.toml", "crates/api/Cargo.toml", "./crates/../crates/api/Cargo.toml", "crates/out/Cargo.toml"]
        {
            agree(&project, ".", Some(path));
        }
        agree(&project, "crates/api", Some("../../Cargo.toml"));
    }

    #[test]
    fn the_root_is_the_one_that_cargo_finds_in_nested_and_pointed_workspaces() {
        let project = workspace();
        project.write("nested/Cargo.toml", "[workspace]\nmembers = [\"a\"]\nresolver = \"3\"\n");
        project.package("nested/a", "a", "");
        agree(&project, "nested/a", None);
        agree(&project, "nested", None);
        let pointing = Project::new();
        pointing.write("root/Cargo.toml", "[workspace]\nmembers = [\"../member\"]\nresolver = \"3\"\n");
        pointing.package("member", "member", "workspace = \"../root\"\n");
        pointing.package("member/inner", "inner", "workspace = \"../../root\"\n");
        pointing.write(
            "root/Cargo.toml",
            "[workspace]\nmembers = [\"../member\", \"../member/inner\"]\nresolver = \"3\"\n",
        );
        agree(&pointing, "member/src", None);
        agree(&pointing, "member/inner", None);
        pointing.package("member/inner", "inner", "");
        agree(&pointing, "member/inner", None);
    }

    #[test]
    fn an_excluded_path_that_is_literally_a_member_is_a_member() {
        let project = Project::new();
        project.write("Cargo.toml", "[workspace]\nmembers = [\"a/b\"]\nexclude = [\"a\"]\nresolver = \"3\"\n");
        project.package("a/b", "b", "");
        project.package("a/c", "c", "");
        agree(&project, "a/b", None);
        agree(&project, "a/c", None);
    }

    #[test]
    fn a_package_in_no_workspace_and_a_root_package_are_their_own_roots() {
        let alone = Project::new();
        alone.package(".", "alone", "");
        let located = agree(&alone, "src", None);
        assert!(located.package.is_none());
        let rooted = Project::new();
        rooted.package(".", "rooted", "");
        rooted.append("Cargo.toml", "[workspace]\nmembers = [\"m\"]\n");
        rooted.package("m", "m", "");
        assert_eq!(agree(&rooted, "m", None).current_package(), Some("m"));
        assert_eq!(agree(&rooted, ".", None).current_package(), Some("rooted"));
    }

    #[test]
    fn the_walk_does_not_leave_cargo_home() {
        let project = workspace();
        project.package("crates/api/home/registry/x", "x", "");
        let find = |home: Option<&Path>| {
            Located::find(&project.path("crates/api/home/registry/x"), None, home)
                .unwrap()
                .current_package()
                .map(str::to_owned)
        };
        let home = project.path("crates/api/home");
        let located = Located::find(&project.path("crates/api/home/registry/x"), None, Some(&home)).unwrap();
        assert_eq!(located.root_manifest(), project.path("crates/api/home/registry/x/Cargo.toml"));
        assert_eq!(find(Some(&home)), find(None));
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_a_hint() {
        let project = workspace();
        let find = |path: &str| Located::find(&project.path("."), Some(Path::new(path)), None).unwrap_err();
        let folder = find("crates/api");
        assert!(folder.help().unwrap().ends_with("crates/api/Cargo.toml'"), "{folder}");
        assert!(matches!(find("crates"), Error::ManifestPath { folder: false, .. }));
        assert!(matches!(find("crates/api/src/lib.rs"), Error::ManifestPath { .. }));
        assert!(matches!(find("none/Cargo.toml"), Error::Read { .. }));
        let nowhere = Located::find(Path::new("/"), None, None).unwrap_err();
        assert!(matches!(nowhere, Error::NoManifest(_)) && nowhere.help().unwrap().contains("cargo new"));
        let endless = project.path("crates/endless/Cargo.toml");
        std::fs::create_dir(endless.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &endless).unwrap();
        assert!(matches!(find("crates/endless/Cargo.toml"), Error::Read { .. }));
        assert!(Located::find(endless.parent().unwrap(), None, None).is_err());
        project.write("crates/api/Cargo.toml", "[package\n");
        let broken = find("crates/api/Cargo.toml").to_string();
        assert!(broken.contains("invalid `Cargo.toml`") && broken.contains("Cargo.toml:1:"), "{broken}");
    }
}
