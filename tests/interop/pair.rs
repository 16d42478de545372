//! A project beside the real `sops`: what one of them writes, the other is asked to read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use crate::support::{self, Project, feed, shown, tools};

/// The ways a file is laid out, by the extension that tells them.
pub(crate) const FLAVOURS: [&str; 3] = ["json", "env", "yaml"];

/// Names and values, as a program or a reader gets them.
pub(crate) type Values = BTreeMap<String, String>;

/// A project after `init`, and the real `sops`.
pub(crate) struct Pair {
    /// The project.
    pub(crate) project: Project,
    sops: PathBuf,
}

impl Pair {
    /// A project of its own; `None` where `sops` cannot be had and need not be.
    pub(crate) fn new() -> Option<Self> {
        Some(Self { project: Project::new(), sops: tools::sops()? })
    }

    /// The same with the newer `sops` that `go` builds; `None` where that is not asked for or not possible.
    pub(crate) fn newer() -> Option<Self> {
        if !support::long() {
            eprintln!(
                "skipped: CARGO_SECRETS_TEST_LONG=1 also tests with a newer `sops`, which takes minutes to build"
            );
            return None;
        }
        Some(Self { project: Project::new(), sops: tools::newer_sops()? })
    }

    /// `sops` with no identity but those that the caller adds.
    pub(crate) fn bare_sops(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(&self.sops);
        command.env("SOPS_DISABLE_VERSION_CHECK", "1").args(arguments);
        command
    }

    /// Runs `sops` with the user's identity and expects success; gives back stdout.
    pub(crate) fn sops(&self, arguments: &[&str]) -> Vec<u8> {
        succeeded(&self.project.sops(&self.sops, arguments))
    }

    /// Lets `sops` encrypt `plain` as the project's file `name` and makes that the only source.
    ///
    /// The recipients are those of a `.sops.yaml`, where one was written with [`Pair::rule`]; else ours alone.
    pub(crate) fn encrypt(&self, name: &str, plain: impl AsRef<[u8]>, options: &[&str]) {
        let mut command = self.bare_sops(&["encrypt", "--filename-override", name]);
        if !self.project.root().join(".sops.yaml").exists() && !options.contains(&"--age") {
            command.args(["--age", &self.project.recipient()]);
        }
        let output = feed(
            {
                command.args(options).arg("/dev/stdin");
                command
            },
            plain.as_ref(),
        );
        self.project.write(name, succeeded(&output));
        self.declare("sources", &format!("[\"{name}\"]"));
    }

    /// Writes the `.sops.yaml` that applies to every file made from now on.
    pub(crate) fn rule(&self, body: &str) {
        self.project.write(".sops.yaml", format!("creation_rules:\n  - {}\n", body.replace('\n', "\n    ")));
    }

    /// Gives the environment's `key` in Cargo.toml the value `toml`.
    pub(crate) fn declare(&self, key: &str, toml: &str) {
        let manifest = self.project.read("Cargo.toml");
        let start = format!("{key} = ");
        let changed = manifest
            .lines()
            .map(|line| if line.starts_with(&start) { format!("{start}{toml}\n") } else { format!("{line}\n") });
        self.project.write("Cargo.toml", changed.collect::<String>());
    }

    /// Declares one more recipient, and the environment's list anew.
    pub(crate) fn add_recipient(&self, name: &str, public: &str, list: &str) {
        let table = "[workspace.metadata.secrets.recipients]\n";
        let manifest = self.project.read("Cargo.toml");
        self.project.write("Cargo.toml", manifest.replace(table, &format!("{table}{name} = \"{public}\"\n")));
        self.declare("recipients", list);
    }

    /// What `sops` decrypts a JSON file to.
    pub(crate) fn json(&self, name: &str) -> Map<String, Value> {
        serde_json::from_slice(&self.sops(&["decrypt", name])).unwrap()
    }

    /// The texts that `sops` decrypts a file of any flavour to.
    pub(crate) fn decrypted(&self, name: &str) -> Values {
        parsed(name, &self.sops(&decrypt(name)))
    }

    /// One value as `sops` extracts it.
    pub(crate) fn extracted(&self, file: &str, name: &str) -> Vec<u8> {
        self.sops(&["decrypt", "--extract", &format!("[\"{name}\"]"), file])
    }

    /// What `sops set` is told to keep under `name`: any JSON.
    pub(crate) fn sops_set(&self, file: &str, name: &str, json: &Value) {
        let arguments = ["set", "--value-stdin", file, &format!("[\"{name}\"]")];
        let mut command = self.bare_sops(&arguments);
        command.env("SOPS_AGE_KEY_FILE", self.project.identity());
        succeeded(&feed(command, json.to_string().as_bytes()));
    }

    /// Every variable that a program started by `run` gets from the project's sources, and no other.
    pub(crate) fn delivered(&self) -> Values {
        delivered(self.project.secrets(&[]))
    }

    /// `set NAME` in the file that is the only source; whatever comes of it.
    pub(crate) fn try_set(&self, name: &str, value: &str) -> Output {
        feed(self.project.secrets(&["set", name, "--exact", "--quiet"]), value.as_bytes())
    }
}

/// Every variable that a program started by `run` with `secrets`' settings gets from the sources, and no other.
pub(crate) fn delivered(secrets: Command) -> Values {
    delivered_by(secrets, &[])
}

/// The same with options of `run`, `-f FILE` for one.
pub(crate) fn delivered_by(mut secrets: Command, options: &[&str]) -> Values {
    secrets.env("CARGO_SECRETS_TEST_MARK", "x").env_remove("OLDPWD");
    let own: Vec<_> =
        variables(&succeeded(&clean(&secrets).args(["env", "-0"]).output().unwrap())).into_keys().collect();
    let output = secrets.args(["run", "--quiet"]).args(options).args(["--", "env", "-0"]).output().unwrap();
    let mut all = variables(&succeeded(&output));
    all.retain(|name, _| !own.contains(name));
    all
}

/// `env` with the surroundings of `secrets`.
fn clean(secrets: &Command) -> Command {
    let mut command = Command::new("env");
    if let Some(folder) = secrets.get_current_dir() {
        command.current_dir(folder);
    }
    for (name, value) in secrets.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn variables(block: &[u8]) -> Values {
    let block = String::from_utf8(block.to_vec()).unwrap();
    let variables = block.split_terminator('\0').map(|variable| variable.split_once('=').unwrap());
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn is(name: &str, wanted: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == wanted)
}

/// What makes `sops` print a file for [`parsed`].
pub(crate) fn decrypt(name: &str) -> Vec<&str> {
    let json: &[&str] = if is(name, "yaml") { &["--output-type", "json"] } else { &[] };
    [&["decrypt"], json, &[name]].concat()
}

/// A decrypted file's texts; of a YAML file, `sops` is asked for JSON.
pub(crate) fn parsed(name: &str, plain: &[u8]) -> Values {
    if is(name, "json") || is(name, "yaml") {
        return serde_json::from_slice(plain).unwrap();
    }
    let text = std::str::from_utf8(plain).unwrap();
    let lines = text.split_terminator('\n').filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| line.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.replace("\\n", "\n"))).collect()
}

/// A file's plain text in the flavour that `name` tells.
pub(crate) fn plain<'v>(name: &str, values: impl IntoIterator<Item = (&'v str, &'v str)>) -> String {
    let values = values.into_iter();
    if is(name, "yaml") {
        let lines: Vec<_> = values.map(|(name, value)| format!("{name}: {}\n", yaml(value))).collect();
        return lines.concat();
    }
    if is(name, "json") {
        return Value::Object(values.map(|(name, value)| (name.to_owned(), value.into())).collect()).to_string();
    }
    let lines: Vec<_> = values.map(|(name, value)| format!("{name}={}\n", value.replace('\n', "\\n"))).collect();
    lines.concat()
}

/// A text as YAML of any version reads it.
pub(crate) fn yaml(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        ' '..='~' if !"\"\\".contains(c) => c.to_string(),
        _ => format!("\\U{:08X}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Pairs as [`Values`].
pub(crate) fn values<const N: usize>(pairs: [(&str, &str); N]) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The output of a command that must have succeeded.
pub(crate) fn succeeded(output: &Output) -> Vec<u8> {
    assert!(output.status.success(), "{}", shown(output));
    output.stdout.clone()
}

/// The stderr of a command that must have ended with `code`.
pub(crate) fn failed(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{}", shown(output));
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Waits until the clock shows another second than it does now: what a file says of its last change has whole seconds.
pub(crate) fn next_second() {
    let second = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let start = second();
    while second() == start {
        std::thread::sleep(Duration::from_millis(10));
    }
}
