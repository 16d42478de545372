//! `init --runner`: plain cargo starts programs with their values, and `doctor` says what wins over it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::fixture::{ends, has};
use crate::support::{Project, program};

const TEST: &str =
    "#[test]\nfn sees() {\n    println!(\"sees {:?}\", std::env::var(\"TOKEN\").map(|value| value.len()));\n}\n";

/// A user whose cargo has a home of its own.
struct User(Project);

impl User {
    fn new() -> Self {
        let project = Project::new();
        project.set("TOKEN", "seventeen letters");
        project.write("src/lib.rs", TEST);
        Self(project)
    }

    fn settings(&self) -> PathBuf {
        self.0.home().join(".cargo/config.toml")
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>, words: &[&str]) -> Command {
        let mut command = self.0.command(program);
        command.args(words).env("CARGO_HOME", self.0.home().join(".cargo")).env("CARGO_NET_OFFLINE", "true");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().ends_with("_RUNNER") {
                command.env_remove(name);
            }
        }
        command
    }

    /// What our program says, on stdout and stderr, when it ends with this code.
    fn secrets(&self, code: i32, words: &[&str]) -> String {
        let (stdout, stderr) = ends(self.command(program(), words), code);
        stdout + &stderr
    }

    fn tested(&self) -> String {
        ends(self.command("cargo", &["test", "--quiet", "--lib", "--", "--nocapture"]), 0).0
    }

    fn table(&self) -> String {
        fs::read_to_string(self.settings())
            .unwrap()
            .lines()
            .find(|line| line.starts_with("[target."))
            .unwrap()
            .to_owned()
    }
}

#[test]
fn plain_cargo_test_gives_values_and_everything_else_is_as_it_was() {
    let user = User::new();
    fs::create_dir(user.0.home().join(".cargo")).unwrap();
    fs::write(user.settings(), "# mine\n[net]\nretry = 2\n").unwrap();
    has(&user.tested(), &["sees Err"]);
    has(&user.secrets(0, &["init", "--runner"]), &["the runner of `[target.", "confines nothing"]);
    let set = fs::read_to_string(user.settings()).unwrap();
    has(&set, &["# mine\n[net]\nretry = 2\n", "\n[target.", &format!("runner = \"{} runner\"\n", program().display())]);
    has(&user.tested(), &["sees Ok(17)"]);
    has(&user.secrets(0, &["init", "--runner"]), &["has the runner already"]);
    // What `run` chose to give out is all there is, also by a cargo that a program calls.
    for way in [&["run", "--via", "env"][..], &["run"]] {
        let test = ["--except", "TOKEN", "--", "cargo", "test", "--quiet", "--lib", "--", "--nocapture"];
        has(&user.secrets(0, &[way, &test].concat()), &["sees Err"]);
    }
    assert_eq!(fs::read_to_string(user.settings()).unwrap(), set);
    has(&user.secrets(0, &["doctor"]), &["ok      plain `cargo test` gives programs their values"]);
    // Of another workspace nothing was given out.
    let mut other = user.command("cargo", &["test", "--quiet", "--lib", "--", "--nocapture"]);
    other.env("CARGO_SECRETS_DELIVERED", user.0.home());
    has(&ends(other, 0).0, &["sees Ok(17)"]);
    // What declares nothing is started as it is.
    user.0.write("Cargo.toml", "[package]\nname = \"app\"\nedition = \"2021\"\n");
    has(&user.tested(), &["sees Err"]);
}

#[test]
fn doctor_names_what_wins_over_the_runner() {
    let user = User::new();
    user.secrets(0, &["init", "--runner"]);
    let table = user.table();
    let config = |text: &str| user.0.write(".cargo/config.toml", text);
    config(&format!("{table}\nrunner = ['env', 'A=1']\n"));
    has(
        &user.secrets(1, &["doctor"]),
        &[&format!("problem `{table}` in "), "a list, and ours is a string", "write it as one string"],
    );
    config(&format!("{table}\nrunner = 'env A=1'\n"));
    has(&user.secrets(0, &["doctor"]), &[&format!("note    `{table}` in "), "start in place of ours"]);
    has(&user.tested(), &["sees Err"]);
    config("[target.'cfg(unix)']\nrunner = 'env A=1'\n");
    has(&user.secrets(0, &["doctor"]), &["note    `[target.'cfg(unix)']` in ", "nextest starts it in place of ours"]);
    has(&user.tested(), &["sees Ok(17)"]);
    config("");
    let variable = format!(
        "CARGO_TARGET_{}_RUNNER",
        table.trim_start_matches("[target.").trim_end_matches(']').to_uppercase().replace('-', "_")
    );
    let mut doctor = user.command(program(), &["doctor"]);
    doctor.env(&variable, "env A=1");
    has(&ends(doctor, 0).0, &[&format!("note    `{variable}` is set"), &format!("        unset {variable}\n")]);
    let set = fs::read_to_string(user.settings()).unwrap();
    fs::write(user.settings(), set.replace(&table, "[target.'cfg(all())']")).unwrap();
    has(&user.secrets(1, &["doctor"]), &["problem our runner stands in `[target.'cfg(all())']`", "init --runner"]);
    fs::write(user.settings(), set.replace(program().to_str().unwrap(), "/none/cargo-secrets")).unwrap();
    has(&user.secrets(1, &["doctor"]), &["problem `/none/cargo-secrets` is not there", "init --runner"]);
    has(&user.secrets(0, &["init", "--runner"]), &["the runner of"]);
    assert_eq!(fs::read_to_string(user.settings()).unwrap(), set);
}

#[test]
fn a_runner_of_somebody_elses_is_not_replaced() {
    let user = User::new();
    user.secrets(0, &["init", "--runner"]);
    let taken = format!("{}\nrunner = 'qemu-x86_64 -L /usr'\n", user.table());
    fs::write(user.settings(), &taken).unwrap();
    has(&user.secrets(2, &["init", "--runner"]), &["is set to something else already", "cargo secrets run"]);
    assert_eq!(fs::read_to_string(user.settings()).unwrap(), taken);
    has(&user.secrets(2, &["init", "--runner", "--recovery", "age1"]), &["cannot be used with"]);
}
