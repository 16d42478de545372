//! `forbid_hardcoded!`, as cargo and rustc run it.

use std::process::Command;

use crate::project::{Project, Run, aws_key, holding, macros, pem, target};

const ROOT: &str = "secrets_macros::forbid_hardcoded!();\npub mod one;\n";

/// A library with a key three modules deep, on line 3 from column 24.
fn three_deep(name: &str, root: &str, key: &str) -> Project {
    let project = Project::new(name).file("src/lib.rs", root).file("src/one/mod.rs", "pub mod two;\n");
    let source = format!("//! Deep.\n\npub const KEY: &str = \"{key}\";\n");
    project.file("src/one/two.rs", "pub mod three;\n").file("src/one/two/three.rs", &source)
}

const PLACE: &str = "src/one/two/three.rs:3:24";

#[test]
fn a_key_three_modules_deep_fails_with_its_place_and_without_it_the_crate_compiles() {
    let key = aws_key();
    let project = three_deep("deep", ROOT, &key);
    let run = project.fails(&["check"]);
    assert!(run.stderr.contains(&format!("--> {PLACE}")), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("  {PLACE} aws-access-key-id")), "{}", run.stderr);
    assert!(run.stderr.contains("3 | pub const KEY: &str = \"AKIA****************\";"), "{}", run.stderr);
    assert!(!run.text().contains(&key[4..]));
    assert_eq!(run.errors(), 2, "{}", run.stderr);
    let project = project.file("src/one/two/three.rs", "");
    project.passes(&["check"]);
}

#[test]
fn nothing_that_cargo_prints_or_keeps_holds_the_key() {
    let key = aws_key();
    let warns = "secrets_macros::forbid_hardcoded!(warn = [\"formats\"]);\npub mod one;\n";
    for (name, root, fails) in [("silent-deny", ROOT, true), ("silent-warn", warns, false)] {
        let project = three_deep(name, root, &key);
        for command in ["check", "build", "test", "doc", "clippy", "fix"] {
            for format in ["human", "short", "json"] {
                for colour in ["always", "never"] {
                    let (format, colour) = (format!("--message-format={format}"), format!("--color={colour}"));
                    let mut arguments = vec![command, &*format, &*colour];
                    arguments.extend(if command == "fix" { &["--allow-no-vcs"][..] } else { &[] });
                    let run = project.run(&arguments);
                    assert_eq!(run.success, !fails, "{arguments:?}\n{}", run.stderr);
                    let text = run.text();
                    assert!(text.contains("three.rs") && !text.contains(&key[4..]), "{arguments:?}\n{text}");
                }
            }
        }
    }
    let kept = holding(&target(), &key);
    let outputs: Vec<_> = kept.iter().filter(|path| path.to_str().unwrap().contains("/.fingerprint/")).collect();
    assert!(outputs.is_empty(), "{outputs:?}");
}

#[test]
fn a_program_reads_the_place_as_the_primary_span_of_a_compiler_message() {
    let key = aws_key();
    let project = three_deep("spans", ROOT, &key);
    let messages = project.fails(&["check", "--message-format=json"]).messages();
    let ours =
        messages.iter().find(|message| message.code.as_ref().is_some_and(|code| code.code.starts_with("secrets::")));
    let span = &ours.unwrap().spans[0];
    assert_eq!((&*span.file_name, span.line_start, span.column_start), ("src/one/two/three.rs", 3, 24));
    assert_eq!((span.line_end, span.column_end, span.is_primary), (3, 44, true));
    let source = std::fs::read(project.folder().join("src/one/two/three.rs")).unwrap();
    assert_eq!(source[span.byte_start as usize..span.byte_end as usize], *key.as_bytes());
}

#[test]
#[cfg(unix)]
fn where_a_tool_drops_our_lines_the_error_of_rustc_names_the_place() {
    use std::os::unix::fs::PermissionsExt as _;
    let key = aws_key();
    let script = "#!/bin/sh\n{ \"$@\" 2>&1 >&3 | grep -v '\"code\":{\"code\":\"secrets::' >&2; } 3>&1\n\
        case \" $* \" in *' --crate-name dropped '*) exit 1;; esac\n";
    let project = three_deep("dropped", ROOT, &key).file("wrapper", script);
    let wrapper = project.folder().join("wrapper");
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = Run::of(project.cargo(&["check"]).env("RUSTC_WRAPPER", &wrapper).output().unwrap());
    assert!(!run.success && run.stderr.contains(&format!("  {PLACE} aws-access-key-id")), "{}", run.stderr);
    assert!(!run.stderr.contains("secrets::") && !run.text().contains(&key[4..]), "{}", run.stderr);
    assert_eq!(run.errors(), 1, "{}", run.stderr);
}

#[test]
fn a_warning_is_one_and_is_shown_again_by_a_fresh_build() {
    let project =
        three_deep("warned", "secrets_macros::forbid_hardcoded!(warn = \"formats\");\npub mod one;\n", &aws_key());
    for fresh in [false, true] {
        let run = project.passes(&["check", "-v"]);
        assert_eq!(run.stderr.contains("Fresh warned"), fresh);
        assert!(
            run.stderr.contains("warning[secrets::aws-access-key-id]") && run.stderr.contains(PLACE),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("generated 1 warning"), "{}", run.stderr);
    }
}

#[test]
fn every_kind_of_target_is_looked_through() {
    let clean = "secrets_macros::forbid_hardcoded!();\nfn main() {}\n";
    for path in ["src/main.rs", "examples/e.rs", "tests/t.rs", "benches/b.rs", "build.rs"] {
        let name = ["kind-", &path.replace(['/', '.'], "-")].concat();
        let build = path == "build.rs";
        let more = if build { "[build-dependencies]\nsecrets-macros = { path = \"SECRETS_MACROS\" }\n" } else { "" };
        let project = Project::new(&name).manifest(more).file("src/lib.rs", "").file(path, clean);
        project.passes(&["check", "--all-targets"]);
        let project = project.file(path, &format!("{clean}\nconst KEY: &str = \"{}\";\n", aws_key()));
        let run = project.fails(&["check", "--all-targets"]);
        assert!(run.stderr.contains(&format!("  {path}:4:20 aws-access-key-id")), "{}", run.stderr);
    }
}

#[test]
fn a_build_for_a_named_target_is_no_other() {
    let project = three_deep("cross", ROOT, &aws_key());
    let version = Run::of(Command::new("rustc").arg("-vV").output().unwrap()).stdout;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    assert!(project.fails(&["check", "--target", host]).stderr.contains(PLACE));
}

#[test]
fn a_module_for_another_system_is_looked_through() {
    let source = format!("pub const KEY: &str = \"{}\";\n", aws_key());
    let root = "secrets_macros::forbid_hardcoded!();\n#[cfg(target_os = \"none\")]\nmod other;\n";
    let project = Project::new("other-system").file("src/lib.rs", root).file("src/other.rs", &source);
    assert!(project.fails(&["check"]).stderr.contains("src/other.rs:1:24"));
}

#[test]
fn files_outside_of_the_roots_folder_are_followed() {
    let root = "secrets_macros::forbid_hardcoded!();\n#[path = \"../shared/a.rs\"]\nmod a;\ninclude!(\"../shared/b.inc\");\n\
        pub const DOC: &str = include_str!(\"../shared/notes.txt\");\n";
    let key = aws_key();
    let line = format!("pub const KEY: &str = \"{key}\";\n");
    let project = Project::new("outside")
        .file("src/lib.rs", root)
        .file("shared/a.rs", "mod inner;\n")
        .file("shared/inner.rs", &line)
        .file("shared/b.inc", &line)
        .file("shared/notes.txt", &format!("one\n{key}\n"));
    let run = project.fails(&["check"]);
    for place in ["shared/b.inc:1:24", "shared/inner.rs:1:24", "shared/notes.txt:2:1"] {
        assert!(run.stderr.contains(&format!("  {place} aws-access-key-id")), "{place}\n{}", run.stderr);
    }
    assert!(!run.text().contains(&key[4..]));
}

#[test]
fn a_private_key_may_not_be_included() {
    let key = pem();
    let root = "secrets_macros::forbid_hardcoded!();\npub const KEY: &[u8] = include_bytes!(\"key.pem\");\n";
    let project = Project::new("includes-key").file("src/lib.rs", root).file("src/key.pem", &key);
    let run = project.fails(&["check"]);
    assert!(run.stderr.contains("error[secrets::includes-private-key]"), "{}", run.stderr);
    assert!(run.stderr.contains("src/lib.rs:2:40 includes-private-key"), "{}", run.stderr);
    assert!(!run.text().contains(key.lines().nth(1).unwrap()));
}

#[test]
fn levels_and_paths_are_arguments_and_a_name_that_is_no_rule_is_an_error() {
    let project =
        three_deep("levels", "secrets_macros::forbid_hardcoded!(allow = [\"aws-access-key-id\"]);\n", &aws_key());
    let text = project.passes(&["check"]).text();
    assert!(!text.contains("secrets::"), "{text}");
    let project = project.file(
        "src/lib.rs",
        "secrets_macros::forbid_hardcoded! { warn = [\"formats\"], deny = \"aws-access-key-id\" }\n",
    );
    assert!(project.fails(&["check"]).stderr.contains(PLACE));
    let project = project.file("src/lib.rs", "secrets_macros::forbid_hardcoded!(allow = [\"aws-acess-key-id\"]);\n");
    let run = project.fails(&["check"]);
    assert!(run.stderr.contains("no rule `aws-acess-key-id`; did you mean `aws-access-key-id`?"), "{}", run.stderr);
    let project = project
        .file(
            "src/lib.rs",
            "secrets_macros::forbid_hardcoded!(allow = \"aws-access-key-id\", paths = [\"config\", \"x.toml\"]);\n",
        )
        .file("config/key.txt", &pem());
    assert!(project.fails(&["check"]).stderr.contains("there is no file or folder `x.toml`"));
    let project = project.file("x.toml", "");
    assert!(project.fails(&["check"]).stderr.contains("config/key.txt:1:1 pem-private-key"));
}

#[test]
fn the_macro_on_the_line_of_a_finding_does_not_have_rustc_show_it() {
    let key = aws_key();
    let root = format!("secrets_macros::forbid_hardcoded!(); pub const KEY: &str = \"{key}\";\n");
    let run = Project::new("same-line").file("src/lib.rs", &root).fails(&["check"]);
    assert!(run.stderr.contains("src/lib.rs:1:61") && run.stderr.contains("hidden/same_line.rs"), "{}", run.stderr);
    assert!(!run.text().contains(&key[4..]), "{}", run.stderr);
}

#[test]
fn two_calls_are_one_too_many() {
    let root = "secrets_macros::forbid_hardcoded!();\nmod a { secrets_macros::forbid_hardcoded!(); }\n";
    let run = Project::new("twice").file("src/lib.rs", root).fails(&["check"]);
    assert!(run.stderr.contains("call it once") && run.errors() == 1, "{}", run.stderr);
}

#[test]
fn a_dependency_does_not_fail_its_users() {
    let dependency = "[package]\nname = \"dep\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\nsecrets-macros = \"0.1\"\n";
    let item = format!("#[secrets_macros::no_hardcoded]\npub const OTHER: &str = \"{}\";\n", aws_key());
    let source = format!("{ROOT}{item}pub const NAME: &str = env!(\"CARGO_PKG_NAME\");\n");
    let config = "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"\n";
    let project = Project::new("user")
        .manifest("dep = \"0.1\"\n[patch.crates-io]\nsecrets-macros = { path = \"SECRETS_MACROS\" }\n")
        .file(".cargo/config.toml", config)
        .file("vendor/dep/Cargo.toml", dependency)
        .file("vendor/dep/.cargo-checksum.json", "{\"files\":{}}")
        .file("vendor/dep/src/lib.rs", &source)
        .file("vendor/dep/src/one.rs", &format!("pub const KEY: &str = \"{}\";\n", aws_key()))
        .file("src/lib.rs", "secrets_macros::forbid_hardcoded!();\npub use dep::OTHER;\n");
    let run = project.passes(&["check", "-v"]);
    assert!(!run.stderr.contains("secrets::"), "{}", run.stderr);
}

#[test]
fn without_cargo_there_is_text_and_an_error() {
    let key = aws_key();
    let project = three_deep("bare", ROOT, &key);
    let library = project.library();
    let run = |more: &[&str]| {
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "-o"]);
        rustc.arg(project.folder().join("out")).arg("src/lib.rs").args(more).current_dir(project.folder());
        rustc.arg("--extern").arg(format!("secrets_macros={library}"));
        Run::of(rustc.output().unwrap())
    };
    for (more, place) in [
        (&[][..], "--> src/one/two/three.rs:3:24\n"),
        (&["--error-format=short"], "src/one/two/three.rs:3:24: error[secrets::"),
        (&["--color=always"], "\u{1b}[1m\u{1b}[91merror[secrets::"),
    ] {
        let run = run(more);
        assert!(!run.success && run.stderr.contains(place), "{}", run.stderr);
        assert!(
            run.stderr.contains(&format!("{PLACE} aws-access-key-id")) && !run.stderr.contains(&key[4..]),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn the_macros_depend_on_the_engine_alone() {
    let project = Project::new("tree").file("src/lib.rs", "");
    let manifest = macros().join("Cargo.toml");
    let run = project.passes(&[
        "tree",
        "-p",
        "secrets-macros",
        "-e",
        "normal",
        "--manifest-path",
        manifest.to_str().unwrap(),
    ]);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
}
