//! Which packages a workspace has, found without cargo.
//!
//! **Over-approximates rather than misses**: a member's table may restrict a name, so a member that is overlooked would
//! have it delivered to everyone. Members are those of `members`, minus `exclude`, and every `path = "…"` in a member's
//! manifest that leads to a package inside the root's folder, as cargo adds them by itself. **What a package is called and
//! declares is parsed only where it is asked for**: in a workspace of hundreds that takes longer than all the rest of a run.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::fsx::below;
use crate::manifest::error::Error;
use crate::manifest::locate::{Loaded, is_excluded, joined, normalize, read};

/// A package of the workspace: its Cargo.toml, parsed when its name is asked for.
#[derive(Debug)]
pub(crate) struct Package {
    pub(super) manifest: PathBuf,
    pub(super) text: String,
    /// The folders that it names with `path = "…"`.
    pub(super) paths: Vec<PathBuf>,
    name: OnceLock<Option<String>>,
}

impl Package {
    fn new(manifest: PathBuf, text: String) -> Self {
        let paths = paths(manifest.parent().unwrap_or(&manifest), &text);
        Self { manifest, text, paths, name: OnceLock::new() }
    }

    /// The folder of its Cargo.toml.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }

    /// Its Cargo.toml, as it was read.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its name; `None` where the manifest cannot be parsed.
    pub(crate) fn name(&self) -> Option<&str> {
        let parsed = || Loaded::parse(self.manifest.clone(), self.text.clone()).ok()?.package().map(str::to_owned);
        self.name.get_or_init(parsed).as_deref()
    }

    /// Whether the manifest can hold a secrets table at all.
    pub(super) fn may_declare(&self) -> bool {
        self.text.contains("metadata") && self.text.contains("secrets")
    }
}

/// All packages, the root's own first. It is the only one where the root is no workspace.
pub(super) fn packages(root: &Loaded) -> Result<Vec<Package>, Error> {
    let own = Package::new(root.path.clone(), root.text.clone());
    let members = found(root, &own.paths)?;
    let own = root.package().map(|name| Package { name: Some(name.to_owned()).into(), ..own });
    Ok(own.into_iter().chain(members).collect())
}

/// The members besides the root's own package. Empty where the root is no workspace.
pub(super) fn members(root: &Loaded) -> Result<Vec<Package>, Error> {
    found(root, &paths(root.folder(), &root.text))
}

/// The same, where `paths` are those that the root names.
fn found(root: &Loaded, paths: &[PathBuf]) -> Result<Vec<Package>, Error> {
    let Some(workspace) = &root.toml.workspace else { return Ok(Vec::new()) };
    let inside =
        |paths: &[PathBuf]| paths.iter().filter(|path| below(path, root.folder()).is_some()).cloned().collect();
    let mut seen = HashSet::from([root.folder().as_os_str().to_owned()]);
    let mut todo: Vec<PathBuf> = inside(paths);
    for member in &workspace.members {
        todo.extend(expand(root.folder(), member)?);
    }
    let mut members = Vec::new();
    while let Some(folder) = todo.pop() {
        let manifest = folder.join("Cargo.toml");
        if is_excluded(workspace, root.folder(), &manifest) || !seen.insert(folder.into_os_string()) {
            continue;
        }
        if let Some(text) = read(&manifest)? {
            let member = Package::new(manifest, text);
            todo.append(&mut inside(&member.paths));
            members.push(member);
        }
    }
    members.sort_unstable_by(|one, other| one.manifest.as_os_str().cmp(other.manifest.as_os_str()));
    Ok(members)
}

/// The real packages' names, as cargo has them, sorted. Starts cargo: not for the path of `run`.
pub(super) fn names_by_cargo(manifest: &Path) -> Result<Vec<String>, Error> {
    let metadata = cargo_metadata::MetadataCommand::new().manifest_path(manifest).no_deps().exec().map_err(Box::new)?;
    let mut names: Vec<String> = metadata.packages.into_iter().map(|package| package.name.to_string()).collect();
    names.sort_unstable();
    Ok(names)
}

/// The folders of one entry of `members`.
fn expand(root: &Path, member: &str) -> Result<Vec<PathBuf>, Error> {
    if !member.contains(['*', '?', '[']) {
        return Ok(vec![normalize(&root.join(member))]);
    }
    let folders = matches(root, member)?;
    Ok(folders.iter().map(|folder| normalize(folder)).collect())
}

/// What a pattern below `root` matches. A folder that cannot be looked into is an error: what is in it would be missed.
pub(super) fn matches(root: &Path, pattern: &str) -> Result<Vec<PathBuf>, Error> {
    let invalid = |why: &str| {
        let source = std::io::Error::new(std::io::ErrorKind::InvalidData, why.to_owned());
        Error::Read { path: root.to_owned(), source }
    };
    let prefix = root.to_str().ok_or_else(|| invalid("a path that is not UTF-8 cannot be searched with a pattern"))?;
    let whole = format!("{}/{pattern}", glob::Pattern::escape(prefix));
    // Hidden names are left to the caller: the crate panics over a name that is not UTF-8 when it looks for them.
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };
    let found = glob::glob_with(&whole, options).map_err(|error| invalid(error.msg))?;
    let failed_at = |error: glob::GlobError| Error::Read { path: error.path().to_owned(), source: error.into() };
    found.map(|path| path.map_err(failed_at)).collect()
}

/// The paths that a manifest in `folder` names with `path = "…"`, whatever the key belongs to, and wherever they lead.
pub(super) fn paths(folder: &Path, text: &str) -> Vec<PathBuf> {
    let named = text.match_indices("path").filter_map(|(at, word)| quoted(text.get(at + word.len()..)?));
    named.map(|path| joined(folder, Path::new(path))).collect()
}

/// The text in quotes after ` = `, on the same line.
fn quoted(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let value = rest.trim_start_matches([' ', '\t']).strip_prefix('=')?.trim_start_matches([' ', '\t']);
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split([quote, '\n']).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::locate::Located;
    use crate::manifest::testing::{Project, cargo_metadata};

    fn workspace() -> Project {
        let project = Project::new();
        project.package(".", "root", "[dependencies]\nby-root = { path = \"libs/by-root\" }\n");
        project.append(
            "Cargo.toml",
            "[workspace]\nmembers = [\"crates/*\", \"tool\"]\nexclude = [\"crates/out\", \"libs/excluded\"]\n\
             [workspace.dependencies]\nshared = { path = \"libs/shared\" }\n",
        );
        let deps = "[dependencies]\nchain = { 'path' = '../../libs/chain' }\nshared.workspace = true\n";
        project.package("crates/api", "api", deps);
        project.package("crates/web", "web-app", "[lib]\npath = \"src/lib.rs\"\n");
        project.package("crates/out", "out", "");
        project.write("crates/readme", "");
        project.package("tool", "tool", "[dev-dependencies.excluded]\npath = \"../libs/excluded\"\n");
        project.package("libs/by-root", "by-root", "");
        project.package("libs/chain", "chain", "[target.'cfg(unix)'.dependencies]\nlast.path = \"../last\"\n");
        project.package("libs/last", "last", "");
        project.package("libs/shared", "shared", "");
        project.package("libs/excluded", "excluded", "");
        project.package("libs/unrelated", "unrelated", "");
        project
    }

    #[test]
    fn the_members_are_those_that_cargo_has() {
        let project = workspace();
        let located = Located::find(&project.path("."), None, None).unwrap();
        let packages = packages(&located.root).unwrap();
        let mut ours: Vec<&str> = packages.iter().map(|package| package.name().unwrap()).collect();
        ours.sort_unstable();
        let theirs = cargo_metadata(&project.path("."), None);
        let mut expected: Vec<&str> =
            theirs["packages"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
        expected.sort_unstable();
        assert_eq!(ours, expected);
        assert!(ours.contains(&"last") && !ours.contains(&"excluded"));
        assert_eq!(names_by_cargo(&project.path("Cargo.toml")).unwrap(), expected);
    }

    #[test]
    fn a_path_is_found_however_it_is_written() {
        for text in ["path=\"a\"", "x = { path = 'a' }", "\"path\" = \"a\"", "x.path\t= \"a\" # \"b\""] {
            assert_eq!(paths(Path::new("/r"), text), [PathBuf::from("/r/a")], "{text}");
        }
        for (text, path) in [("path = \"../out\"", "/out"), ("path = '.'", "/r"), ("path = '/a/../b'", "/b")] {
            assert_eq!(paths(Path::new("/r"), text), [PathBuf::from(path)], "{text}");
        }
        for text in ["path = 1", "path", "xpath: \"a\""] {
            assert!(paths(Path::new("/r"), text).is_empty(), "{text}");
        }
    }
}
