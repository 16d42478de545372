//! How the sources hang together: imports go down the layers, siblings do not know each other, and `unsafe` stands in one
//! folder.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers from below, each with its modules.
const LAYERS: [&[&str]; 4] = [
    &["secret", "fsx", "term"],
    &["manifest", "store", "provider"],
    &["process", "lint", "exchange", "rotate", "audit"],
    &["main", "cli", "commands", "error", "refusal", "usage", "context", "messages"],
];

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(&root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(files.len() > 50, "{} files", files.len());
    files
}

/// The module at the crate's root that a file belongs to.
fn module(file: &Path) -> String {
    let first = file.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules that `crate::…` paths in `text` begin with, those in a group included; documentation does not count.
fn imports(text: &str) -> Vec<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut word = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => found.push(std::mem::take(&mut word)),
                        c if depth == 0 => word.push(c),
                        _ => {}
                    }
                }
                found.push(word);
            }
            None => found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()),
        }
    }
    let first = |path: &String| path.trim().split("::").next().unwrap_or_default().to_owned();
    found.iter().map(first).filter(|name| !name.is_empty()).collect()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn groups_of_imports_are_read() {
    let text = "use crate::{fsx, term};\nuse crate::store::{self, Error};\n//! [`crate::lint`]\nlet x = crate::error::USAGE;\n";
    assert_eq!(imports(text), ["fsx", "term", "store", "error"]);
    assert_eq!(imports("use crate::{manifest::{A, B}, store,\n secret::Name};"), ["manifest", "store", "secret"]);
}

#[test]
fn every_module_has_its_layer() {
    for (file, _) in sources() {
        assert!(layer(&module(&file)).is_some(), "{} is in no layer", file.display());
    }
}

#[test]
fn imports_go_down_the_layers_only() {
    let mut count = 0;
    for (file, text) in sources() {
        let own = module(&file);
        let from = layer(&own).unwrap();
        for import in imports(&text) {
            let Some(to) = layer(&import) else { panic!("{}: `crate::{import}` is in no layer", file.display()) };
            count += 1;
            let is_own = import == own;
            let below = to < from || (from == 3 && to == 3);
            assert!(is_own || below, "{} imports `crate::{import}`, which is not below `{own}`", file.display());
        }
    }
    assert!(count > 100, "{count} imports");
}

#[test]
fn unsafe_stands_in_one_folder() {
    for (file, text) in sources() {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let is_unsafe = |line: &str| {
            ["unsafe {", "unsafe fn", "unsafe extern", "unsafe impl", "unsafe("].iter().any(|form| line.contains(form))
        };
        let count = code.filter(|line| is_unsafe(line)).count();
        let is_platform = file.starts_with("process/platform") && !file.ends_with("mod.rs");
        assert_eq!(count > 0, is_platform, "{}: {count} lines with `unsafe`", file.display());
    }
}
