//! Which files `lint` looks at, and that it tells what it passed over.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::fixture::{canary, ends, has};
use crate::lint::{files, key, line, report};
use crate::support::Project;

#[test]
fn git_ignored_files_and_build_output_are_not_looked_at_and_hidden_files_are() {
    let value = key();
    let project = Project::bare();
    let git = project.command("git").args(["init", "--quiet"]).output().unwrap();
    assert!(git.status.success());
    project.write(".gitignore", "ignored.rs\n/local/\n");
    for file in ["ignored.rs", "local/a.rs", "target/debug/build/out.rs", ".git/hooks/x.rs", "cache/x.rs"] {
        project.write(file, line(&value));
    }
    project.write("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
    for file in [".github/workflows/ci.yml", ".cargo/config.toml", "deploy/.env", "src/lib.rs"] {
        project.write(file, format!("KEY: \"{value}\"\n"));
    }
    let found = report(&project, 1, &[]);
    assert_eq!(files(&found), [".cargo/config.toml", ".github/workflows/ci.yml", "deploy/.env", "src/lib.rs"]);
    // What is named is looked at, whatever git thinks of it.
    assert_eq!(files(&report(&project, 1, &["ignored.rs"])), ["ignored.rs"]);
}

#[test]
fn a_file_that_is_tracked_is_looked_at_even_if_it_is_ignored() {
    let value = key();
    let project = Project::bare();
    let git = |arguments: &[&str]| {
        let output = project.command("git").args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
    };
    project.write(".gitignore", ".env\nnotes/\n");
    project.write(".env", format!("KEY={value}\n"));
    project.write("notes/a.md", format!("KEY = {value}\n"));
    git(&["init", "--quiet"]);
    git(&["add", "--force", ".env"]);
    assert_eq!(files(&report(&project, 1, &[])), [".env"]);
    let mut below = project.secrets(&["lint", "src"]);
    below.current_dir(project.root());
    ends(below, 0);
}

#[test]
fn what_is_passed_over_is_counted_and_with_v_named() {
    let value = key();
    let project = Project::bare();
    project.write("logo.bin", [b"\0\0".as_slice(), value.as_bytes()].concat());
    project.write("big.json", format!("\"{value}\"{}", " ".repeat(5_000_001)));
    project.write("big.rs", format!("{}{}", " ".repeat(5_000_001), line(&value)));
    project.write("backup", "age-encryption.org/v1\n-> X25519 x\n");
    let found = report(&project, 1, &[]);
    assert_eq!(files(&found), ["big.rs"]);
    let skipped = serde_json::json!({ "binary": 1, "large": 1, "encrypted": 1, "unreadable": 0 });
    assert_eq!(found["summary"]["skipped"], skipped);
    let (_, stderr) = ends(project.secrets(&["lint", "-v"]), 1);
    has(&stderr, &["not looked at: logo.bin, it is binary", "big.json, it is large and not Rust", "backup, all of it"]);
    has(&stderr, &["1 binary file skipped, 1 large file skipped, 1 encrypted file skipped"]);
    assert_eq!(files(&report(&project, 1, &["big.json"])), ["big.json"]);
}

#[test]
fn a_document_may_explain_what_an_allow_looks_like() {
    let project = Project::bare();
    let allow = ["// secrets:", " allow(aws-access-key-id) a sample\n"].concat();
    project.write("README.md", &allow);
    ends(project.secrets(&["lint"]), 0);
    project.write("src/lib.rs", &allow);
    has(&ends(project.secrets(&["lint"]), 1).0, &["error[unused-allow]", " --> src/lib.rs:1:"]);
}

#[test]
fn of_an_unquoted_value_nothing_is_shown_up_to_the_words_end() {
    let project = Project::bare();
    project.write("c.yml", format!("db:\n  password: {}\n", ["Tr0ub", "4dor&3xY", "%zq"].concat()));
    let (stdout, _) = ends(project.secrets(&["lint"]), 1);
    has(&stdout, &["2 |   password: ****************\n"]);
}

#[test]
fn what_cannot_be_read_is_not_clean() {
    let project = Project::bare();
    let path = project.write("closed.rs", "");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    has(&ends(project.secrets(&["lint"]), 2).1, &["failed to read `", "closed.rs", "1 file not readable"]);
    has(&ends(project.secrets(&["lint", "--update-baseline"]), 2).1, &["the baseline is as it was"]);
}

#[test]
fn links_are_not_followed_and_odd_names_are_shown_escaped() {
    let value = key();
    let project = Project::bare();
    project.write("src/real.rs", line(&value));
    symlink("real.rs", project.root().join("src/link.rs")).unwrap();
    symlink("/", project.root().join("everything")).unwrap();
    assert_eq!(files(&report(&project, 1, &[])), ["src/real.rs"]);
    project.write("src/\u{1b}[2Jodd\n.rs", line(&key()));
    let (stdout, _) = ends(project.secrets(&["lint"]), 1);
    assert!(!stdout.contains('\u{1b}'), "{stdout}");
    has(&stdout, &["\\u{1b}[2Jodd\\n.rs:1:24"]);
}

#[test]
fn a_name_that_is_not_utf_8_is_no_obstacle() {
    let project = Project::bare();
    let name = std::ffi::OsStr::from_bytes(b"src/a\xff.rs");
    std::fs::write(project.root().join(name), line(&key())).unwrap();
    assert_eq!(files(&report(&project, 1, &[])), ["src/a\u{fffd}.rs"]);
    let mut command = project.secrets(&["lint"]);
    command.arg(name);
    has(&ends(command, 1).0, &["--> src/a\u{fffd}.rs:1:24"]);
}

#[test]
fn a_long_line_full_of_findings_takes_no_longer_than_many_lines() {
    let project = Project::bare();
    let keys: Vec<_> = (0..2000).map(|_| format!("\"{}\"", key())).collect();
    let text = keys.join(" ");
    project.write("long.json", [text.as_str(); 4].join(" "));
    let start = std::time::Instant::now();
    let found = report(&project, 1, &[]);
    assert!(files(&found).len() > 7000, "{}", found["summary"]);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_text_that_is_not_utf_8_is_looked_at() {
    let value = key();
    let project = Project::bare();
    project.write("latin1.txt", [b"caf\xe9 ".as_slice(), value.as_bytes(), b"\n"].concat());
    let utf16: Vec<u8> =
        "\u{feff}KEY = ".encode_utf16().chain(value.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    project.write("powershell.txt", utf16);
    assert_eq!(files(&report(&project, 1, &[])), ["latin1.txt", "powershell.txt"]);
}

#[test]
fn encrypted_files_are_clean_and_what_a_sops_file_keeps_in_plaintext_is_not() {
    let project = Project::new();
    project.set("API_TOKEN", &canary());
    project.set("PASSWORD", &canary());
    let lint = project.secrets(&["lint"]);
    has(&ends(lint, 0).1, &["no findings"]);
    let text = project.read("secrets/dev.json");
    let value = key();
    project.write("secrets/dev.json", text.replacen('{', &format!("{{ \"key_unencrypted\": \"{value}\","), 1));
    assert_eq!(files(&report(&project, 1, &[])), ["secrets/dev.json"]);
}

#[test]
fn members_outside_of_the_roots_folder_are_looked_at_and_a_virtual_roots_files_too() {
    let value = key();
    let project = Project::bare();
    let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    project.write("root/Cargo.toml", "[workspace]\nmembers = [\"../api\", \"web\"]\nresolver = \"3\"\n");
    project.write("root/docker-compose.yml", format!("KEY: {value}\n"));
    project.write("api/Cargo.toml", package("api") + "workspace = \"../root\"\n");
    project.write("api/src/lib.rs", line(&value));
    project.write("root/web/Cargo.toml", package("web"));
    project.write("root/web/src/main.rs", format!("fn main() {{}}\n{}", line(&value)));
    let lint = |folder: &str| {
        let mut command = project.secrets(&["lint", "--format", "json"]);
        command.current_dir(project.root().join(folder));
        serde_json::from_str::<serde_json::Value>(&ends(command, 1).0).unwrap()
    };
    let found = lint("root/web");
    assert_eq!(files(&found), ["../../api/src/lib.rs", "../docker-compose.yml", "src/main.rs"]);
    let packages: Vec<_> = found["findings"][0]["places"].as_array().unwrap().iter().map(|p| &p["package"]).collect();
    assert_eq!(packages, [&"api".into(), &serde_json::Value::Null, &"web".into()]);
    assert_eq!(files(&lint("api")).len(), 3);
}

#[test]
fn a_folder_without_a_project_is_looked_at() {
    let value = key();
    let project = Project::bare();
    std::fs::remove_file(project.root().join("Cargo.toml")).unwrap();
    project.write("src/lib.rs", line(&value));
    assert_eq!(files(&report(&project, 1, &[])), ["src/lib.rs"]);
    assert_eq!(files(&report(&project, 1, &["src", "src/lib.rs", "./src/../src/lib.rs"])), ["src/lib.rs"]);
}

#[test]
fn the_order_is_source_tests_documents_however_many_threads_there_are() {
    let project = Project::bare();
    for number in 0..60 {
        project.write(&format!("src/m{number:02}.rs"), line(&key()));
        project.write(&format!("tests/t{number:02}.rs"), line(&key()));
    }
    project.write("README.md", format!("{}\n", key()));
    let found = report(&project, 1, &[]);
    let files = files(&found);
    assert_eq!(files.len(), 121);
    assert!(files[..60].is_sorted() && files[..60].iter().all(|file| file.starts_with("src/m")), "{files:?}");
    assert!(files[60..120].is_sorted() && files[60..120].iter().all(|file| file.starts_with("tests/")), "{files:?}");
    assert_eq!(files[120], "README.md");
    assert_eq!(found, report(&project, 1, &[]));
}
