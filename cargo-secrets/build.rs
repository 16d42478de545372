//! Makes what the program holds as bytes: the word list as one text, and the small runner.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The small runner's source.
const RUNNER: &str = "runner/main.rs";

/// How it is compiled: for its size, since it is read at each start of a program; at a fixed address, since nothing is
/// there to relocate it; without anything that a linker adds for libraries.
const FLAGS: [&str; 8] = [
    "--edition=2024",
    "--crate-type=bin",
    "--crate-name=runner",
    "-Copt-level=s",
    "-Cpanic=abort",
    "-Cstrip=symbols",
    "-Crelocation-model=static",
    "-Clink-args=-nostartfiles -nostdlib -static -no-pie -Wl,--build-id=none",
];

fn main() {
    let folder = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    write_words(&folder.join("words.txt"));
    // The fuzz targets share this script, and no runner.
    if Path::new(RUNNER).exists() {
        build_runner(&folder.join("runner"));
        println!("cargo::rerun-if-changed=build.rs");
        println!("cargo::rerun-if-changed=runner");
        println!("cargo::rerun-if-changed=src/process/runner/wire.rs");
    }
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
}

/// The crate that has the list holds an array of 7,776 references, each of which the loader would have to relocate at
/// every start of the program: a third of a millisecond for a list that one option of one command reads.
#[expect(clippy::disallowed_methods, reason = "a build script writes what cargo keeps for it")]
fn write_words(path: &Path) {
    let words = diceware_wordlists::EFF_LONG_WORDLIST.join("\n");
    if let Err(error) = fs::write(path, words) {
        println!("cargo::error=failed to write the word list: {error}");
    }
}

/// Has rustc compile the small runner, which cargo cannot: a program without the standard library has to say what happens
/// at a panic, for the whole profile. Where that fails there is none, and the program does without.
#[expect(clippy::disallowed_methods, reason = "a build script writes what cargo keeps for it")]
fn build_runner(path: &Path) {
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let is_known = ["x86_64", "aarch64"].contains(&variable("CARGO_CFG_TARGET_ARCH").as_str());
    if is_known && variable("CARGO_CFG_TARGET_OS") == "linux" && variable("CARGO_CFG_TARGET_POINTER_WIDTH") == "64" {
        let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(FLAGS).arg("--target").arg(variable("TARGET")).arg("-o").arg(path).arg(RUNNER);
        // musl's targets bring start files of their own, which would be a second beginning.
        if variable("CARGO_CFG_TARGET_ENV") == "musl" {
            rustc.arg("-Clink-self-contained=no");
        }
        if let Some(linker) = env::var_os("RUSTC_LINKER") {
            let mut word = OsString::from("-Clinker=");
            word.push(linker);
            rustc.arg(word);
        }
        match rustc.output() {
            Ok(output) if output.status.success() => return,
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stderr);
                let first = text.lines().next().unwrap_or_default();
                println!("cargo::warning=no small runner, so programs start more slowly: {first}");
            }
            Err(error) => println!("cargo::warning=no small runner, so programs start more slowly: {error}"),
        }
    }
    if let Err(error) = fs::write(path, "") {
        println!("cargo::error=failed to write an empty file for the small runner: {error}");
    }
}
