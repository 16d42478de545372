//! Crates that call compilers, build systems and other programs build in the sandbox without any exception.
//!
//! Some are always built; all with `CARGO_SECRETS_TEST_LONG=1`, as far as the machine has what they need. Each program runs
//! too, and has its variable.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Project, long, shown};

/// A program that needs a crate whose build is out of the ordinary.
#[derive(Clone, Copy, Default)]
struct Case {
    /// What of the ordinary it goes beyond.
    name: &'static str,
    /// The end of Cargo.toml.
    manifest: &'static str,
    /// An assertion that only holds when the crate works.
    check: &'static str,
    /// What stands in `main.rs` beside `main`.
    items: &'static str,
    /// Other files.
    files: &'static [(&'static str, &'static str)],
    /// A command that succeeds where the machine has what is needed; none is needed if empty.
    needs: &'static str,
}

const RING: Case = Case {
    name: "ring: the cc crate, assembly",
    manifest: "[dependencies]\nring = \"0.17\"\n",
    check: "ring::digest::digest(&ring::digest::SHA256, b\"x\").as_ref()[0] == 0x2d",
    items: "",
    files: &[],
    needs: "",
};

const ZLIB: Case = Case {
    name: "libz-sys: static",
    manifest: "[dependencies]\nlibz-sys = { version = \"1\", features = [\"static\"] }\n",
    check: "unsafe { !libz_sys::zlibVersion().is_null() }",
    ..RING
};

const CXX: Case = Case {
    name: "cxx: a proc macro, C++",
    manifest: "[dependencies]\ncxx = \"1\"\n[build-dependencies]\ncxx-build = \"1\"\n",
    check: "ffi::answer() == 42",
    items: "#[cxx::bridge]\nmod ffi {\n    unsafe extern \"C++\" {\n        include!(\"app/src/answer.h\");\n        fn answer() -> i32;\n    }\n}\n",
    files: &[
        ("src/answer.h", "#pragma once\n#include <cstdint>\nstd::int32_t answer();\n"),
        ("src/answer.cc", "#include \"app/src/answer.h\"\nstd::int32_t answer() { return 42; }\n"),
        ("build.rs", "fn main() { cxx_build::bridge(\"src/main.rs\").file(\"src/answer.cc\").compile(\"answer\"); }\n"),
    ],
    needs: "",
};

/// What takes minutes together.
const OTHERS: [Case; 9] = [
    Case {
        name: "aws-lc-rs: C and assembly",
        manifest: "[dependencies]\naws-lc-rs = { version = \"1\", default-features = false, features = [\"aws-lc-sys\"] }\n",
        check: "aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b\"x\").as_ref()[0] == 0x2d",
        ..RING
    },
    Case {
        name: "openssl-sys: pkg-config",
        manifest: "[dependencies]\nopenssl-sys = \"0.9\"\n",
        check: "unsafe { openssl_sys::OpenSSL_version_num() } != 0",
        needs: "pkg-config --exists openssl",
        ..RING
    },
    Case {
        name: "libsqlite3-sys: bundled",
        manifest: "[dependencies]\nlibsqlite3-sys = { version = \"0.30\", features = [\"bundled\"] }\n",
        check: "unsafe { libsqlite3_sys::sqlite3_libversion_number() } > 3_000_000",
        ..RING
    },
    Case {
        name: "sqlx: queries checked offline",
        manifest: "[dependencies]\nsqlx = { version = \"0.8\", default-features = false, features = [\"macros\", \"sqlite\"] }\n",
        check: "{ let _ = sqlx::query!(\"SELECT 1 AS one\"); true }",
        files: &[(
            ".sqlx/query-70d501bdc85b04fc40fa92c599432fc63329dd6e35496a0970c77f6c8698ef30.json",
            "{\"db_name\": \"SQLite\", \"query\": \"SELECT 1 AS one\", \"describe\": {\"columns\": [{\"name\": \"one\", \"ordinal\": 0, \
             \"type_info\": \"Integer\"}], \"parameters\": {\"Right\": 0}, \"nullable\": [false]}, \"hash\": \
             \"70d501bdc85b04fc40fa92c599432fc63329dd6e35496a0970c77f6c8698ef30\"}\n",
        )],
        ..RING
    },
    Case {
        name: "zstd-sys: many C files",
        manifest: "[dependencies]\nzstd-sys = \"2\"\n",
        check: "unsafe { zstd_sys::ZSTD_versionNumber() } > 10_000",
        ..RING
    },
    Case {
        name: "prost-build: a compiler from the registry",
        manifest: "[dependencies]\nprost = \"0.14\"\n[build-dependencies]\nprost-build = \"0.14\"\nprotoc-bin-vendored = \"3\"\n",
        check: "answer::Answer { value: 42 }.value == 42",
        items: "mod answer {\n    include!(concat!(env!(\"OUT_DIR\"), \"/answer.rs\"));\n}\n",
        files: &[
            ("src/answer.proto", "syntax = \"proto3\";\npackage answer;\nmessage Answer { int32 value = 1; }\n"),
            (
                "build.rs",
                "fn main() {\n    let protoc = protoc_bin_vendored::protoc_bin_path().unwrap();\n    \
                 prost_build::Config::new().protoc_executable(protoc).compile_protos(&[\"src/answer.proto\"], \
                 &[\"src\"]).unwrap();\n}\n",
            ),
        ],
        ..RING
    },
    Case {
        name: "bindgen: libclang",
        manifest: "[build-dependencies]\nbindgen = \"0.72\"\n",
        check: "answer::ANSWER == 42",
        items: "mod answer {\n    include!(concat!(env!(\"OUT_DIR\"), \"/answer.rs\"));\n}\n",
        files: &[
            ("src/answer.h", "#define ANSWER 42\n"),
            (
                "build.rs",
                "fn main() {\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    \
                 bindgen::builder().header(\"src/answer.h\").generate().unwrap().write_to_file(out + \
                 \"/answer.rs\").unwrap();\n}\n",
            ),
        ],
        needs: "test -n \"$LIBCLANG_PATH\" || ls /usr/lib/llvm-*/lib/libclang.so* /usr/lib/*/libclang.so* /usr/lib/*/libclang-[0-9]*.so* 2>/dev/null | grep -q .",
    },
    Case {
        name: "tikv-jemallocator: configure, make and its jobserver",
        manifest: "[dependencies]\ntikv-jemallocator = \"0.6\"\n",
        check: "!vec![1; 100].is_empty()",
        items: "#[global_allocator]\nstatic ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;\n",
        needs: "make --version >/dev/null",
        ..RING
    },
    Case {
        name: "cmake",
        manifest: "[build-dependencies]\ncmake = \"0.1\"\n",
        check: "unsafe { answer() } == 42",
        items: "extern \"C\" {\n    fn answer() -> i32;\n}\n",
        files: &[
            (
                "c/CMakeLists.txt",
                "cmake_minimum_required(VERSION 3.10)\nproject(answer C)\nadd_library(answer STATIC \
                 answer.c)\ninstall(TARGETS answer DESTINATION lib)\n",
            ),
            ("c/answer.c", "int answer(void) { return 42; }\n"),
            (
                "build.rs",
                "fn main() {\n    let out = cmake::build(\"c\");\n    println!(\"cargo::rustc-link-search={}/lib\", \
                 out.display());\n    println!(\"cargo::rustc-link-lib=static=answer\");\n}\n",
            ),
        ],
        needs: "cmake --version >/dev/null",
    },
];

impl Case {
    /// A project of it; every value goes to the program alone, and no build goes on without the sandbox.
    fn project(&self) -> Project {
        let project = Project::new();
        let table = "[workspace.metadata.secrets]";
        let manifest = project.read("Cargo.toml");
        assert!(manifest.contains(table), "{manifest}");
        let manifest = manifest.replacen(table, &format!("{table}\nsandbox = \"require\""), 1);
        project.write("Cargo.toml", format!("{manifest}\n[profile.dev]\ndebug = false\n\n{}", self.manifest));
        let Self { items, check, .. } = self;
        let main = "    print!(\"{}\", std::env::var(\"TOKEN\").unwrap());";
        project.write("src/main.rs", format!("{items}\nfn main() {{\n    assert!({check});\n{main}\n}}\n"));
        // Libraries that a build script names would be linked to it, not to the program.
        std::fs::remove_file(project.root().join("src/lib.rs")).unwrap();
        for (name, content) in self.files {
            project.write(name, content);
        }
        project.set("TOKEN", "v4lue-for-the-program");
        project
    }

    fn is_possible(&self) -> bool {
        self.needs.is_empty() || Command::new("sh").args(["-c", self.needs]).status().unwrap().success()
    }

    /// Builds it in the sandbox and runs it.
    fn builds(&self) {
        if std::env::var_os("CARGO_SECRETS_TEST_OFFLINE").is_some_and(|value| value == "1") {
            eprintln!("skipped: {}: CARGO_SECRETS_TEST_OFFLINE=1 forbids fetching it", self.name);
            return;
        }
        builds(self.name, &self.project(), |_| {});
        eprintln!("built: {}", self.name);
    }
}

/// Builds and runs a project; `adapt` changes the command.
fn builds(name: &str, project: &Project, adapt: impl FnOnce(&mut Command)) {
    let mut command = project.secrets(&["run", "--", "cargo", "run", "--quiet"]);
    adapt(&mut command);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{name}: {}", shown(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "v4lue-for-the-program", "{name}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("Permission denied"), "{name}: {}", shown(&output));
}

#[test]
fn ring_builds() {
    RING.builds();
}

#[test]
fn zlib_builds() {
    ZLIB.builds();
}

#[test]
fn cxx_builds() {
    CXX.builds();
}

#[test]
fn what_takes_longer_builds() {
    if !long() {
        eprintln!("skipped: CARGO_SECRETS_TEST_LONG=1 also builds {}", OTHERS.map(|case| case.name).join("; "));
        return;
    }
    let (possible, skipped): (Vec<_>, Vec<_>) = OTHERS.into_iter().partition(Case::is_possible);
    for case in skipped {
        eprintln!("skipped: {}: this machine has not what it needs", case.name);
    }
    for case in possible {
        case.builds();
    }
}

/// A package beside others, with one function; gives back its folder.
fn package(place: &Project, name: &str) -> PathBuf {
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n");
    place.write(&format!("{name}/src/lib.rs"), "pub fn answer() -> i32 { 21 }\n");
    place.write(&format!("{name}/Cargo.toml"), manifest).parent().unwrap().to_owned()
}

#[test]
fn dependencies_from_git_and_from_beside_the_workspace_build() {
    let place = Project::bare();
    let (beside, repository) = (package(&place, "beside"), package(&place, "fetched"));
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "first"],
    ] {
        assert!(Command::new("git").arg("-C").arg(&repository).args(arguments).status().unwrap().success());
    }
    let manifest = format!(
        "[dependencies]\nbeside = {{ path = \"{}\" }}\nfetched = {{ git = \"file://{}\" }}\n",
        beside.display(),
        repository.display()
    );
    let case = Case { name: "git and path", check: "beside::answer() + fetched::answer() == 42", ..RING };
    let project = Case { manifest: Box::leak(manifest.into_boxed_str()), ..case }.project();
    let home = project.home().join(".cargo");
    builds(case.name, &project, |command| {
        command.env("CARGO_HOME", home);
    });
}
