//! One report in several forms.
//!
//! **Every form is made of masked excerpts, positions, names and fingerprints**: none has a value to show. Texts from
//! files (paths, names) are escaped as each form demands.

mod cargo;
mod github;
mod human;
mod json;
mod sarif;

use std::path::{Component, Path, PathBuf};

pub(crate) use cargo::cargo;
pub(crate) use github::github;
pub(crate) use human::human;
pub(crate) use json::json;
pub(crate) use sarif::sarif;

/// The path as seen from the folder `base`: below it, or up from it within the same tree.
pub(crate) fn relative(base: &Path, path: &Path) -> String {
    if let Ok(below) = path.strip_prefix(base) {
        return below.to_string_lossy().into_owned();
    }
    let common = base.components().zip(path.components()).take_while(|(one, other)| one == other).count();
    // What shares only the file system's root is no neighbour.
    if common <= 1 {
        return path.to_string_lossy().into_owned();
    }
    let up = base.components().skip(common).map(|_| Component::ParentDir);
    up.chain(path.components().skip(common)).collect::<PathBuf>().to_string_lossy().into_owned()
}

/// The git repository around `folder`, or `folder` itself: what code hosts take paths from.
pub(crate) fn repository(folder: &Path) -> PathBuf {
    folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_from_where_one_stands() {
        for (base, path, shown) in [
            ("/home/me/app", "/home/me/app/src/lib.rs", "src/lib.rs"),
            ("/home/me/app/api", "/home/me/app/web/a.rs", "../web/a.rs"),
            ("/home/me/app", "/etc/a.toml", "/etc/a.toml"),
            ("/", "/etc/a.toml", "etc/a.toml"),
        ] {
            assert_eq!(relative(Path::new(base), Path::new(path)), shown);
        }
    }
}
