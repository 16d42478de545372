//! A value is where it was asked for and nowhere else: not in a message, not on disk, not in a system call.

use std::fs;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fixture::{Canary, canary, declare, hex, identity, tree};
use crate::support::{Project, feed, program, shown, tools};

/// Fails where the value is in stderr, or in stdout without having been asked for.
#[track_caller]
fn check(canary: &Canary, what: &str, output: &Output, asked_for: bool) {
    assert!(!canary.is_in(&output.stderr), "{what}: in stderr: {}", shown(output));
    assert_eq!(canary.is_in(&output.stdout), asked_for, "{what}: in stdout: {}", shown(output));
}

/// Loud in every way there is.
fn loud(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.secrets(arguments);
    command.arg("-v").env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace");
    command
}

/// What `export` writes.
const FORMATS: [&str; 11] =
    ["dotenv", "json", "yaml", "shell", "fish", "docker", "github", "gitlab", "k8s-secret", "systemd", "terraform"];

#[test]
fn an_import_that_fails_repeats_nothing_of_the_file() {
    let project = Project::new();
    let canary = Canary::new();
    let value = &canary.value;
    let texts = [
        format!("{value}\n"),
        format!("{value}=\n{value}\n"),
        format!("A=x${value}\n"),
        format!("A=x${{{value}}}\n"),
        format!("A=$({value})\n"),
        format!("A=\"{value}\n"),
        format!("A={value} {value}\n"),
        format!("A={value}\nA=other\n"),
        format!("export {value}\n"),
        format!("{{\"A\": {value}}}"),
        format!("{{\"A\": [\"{value}\"]}}"),
        format!("A: [{value}\n"),
        format!("A: &{value} b\n"),
        format!("[secrets]\nA = {value}\n"),
        format!("[secrets]\nA = {{ value = \"{value}\" }}\n"),
        format!("A=\"encrypted:{value}\"\n"),
        format!("A=1\0{value}\0"),
    ];
    for (text, format) in texts.iter().flat_map(|text| READERS.map(|format| (text, format))) {
        for (index, name) in ["fnox.toml", ".env", "a.yaml"].iter().enumerate() {
            let path = project.write(name, text);
            let mut arguments = vec!["import", name, "--dry-run"];
            if index > 0 {
                arguments.extend(["--format", format]);
            }
            let output = loud(&project, &arguments).output().unwrap();
            assert!(!shown(&output).contains("panicked"), "{}", shown(&output));
            // A name is shown where it is one.
            if !text.starts_with(&format!("{value}=")) {
                check(&canary, &format!("{format} of {text:?}"), &output, false);
            }
            fs::remove_file(path).unwrap();
        }
    }
}

/// What `import` reads.
const READERS: [&str; 10] =
    ["sops", "fnox", "secretspec", "dotenvx", "env", "json", "yaml", "dotenv", "docker", "bash"];

#[test]
fn the_search_finds_each_form() {
    let canary = Canary::new();
    let value = canary.value.as_bytes();
    for prefix in ["", "a", "bb", "ccc"] {
        let text = [prefix.as_bytes(), value, b"tail"].concat();
        assert!(canary.is_in(&text) && canary.is_in(STANDARD.encode(&text).as_bytes()));
        assert!(canary.is_in(hex(&text).as_bytes()));
    }
    assert!(!canary.is_in(self::canary().as_bytes()));
}

#[test]
fn a_value_is_in_no_message_while_all_goes_well() {
    let project = Project::new();
    let canary = Canary::new();
    let file = project.write_private("value.txt", &canary.value);
    check(&canary, "set", &feed(loud(&project, &["set", "TOKEN"]), canary.value.as_bytes()), false);
    let from_file = ["set", "OTHER", "--from-file", file.to_str().unwrap()];
    check(&canary, "set --from-file", &loud(&project, &from_file).output().unwrap(), false);
    fs::remove_file(file).unwrap();
    for arguments in [&["set", "TOKEN"][..], &["set", "TOKEN", "--exact"]] {
        check(&canary, "set again", &feed(loud(&project, arguments), canary.value.as_bytes()), false);
    }
    declare(&project, "[workspace.metadata.secrets.variables]\nALL = { value = 'x${TOKEN:url}' }");
    for arguments in
        [&["list"][..], &["check"], &["doctor"], &["list", "--format", "json"], &["check", "--format", "json"]]
    {
        check(&canary, arguments[0], &loud(&project, arguments).output().unwrap(), false);
    }
    check(&canary, "get", &loud(&project, &["get", "TOKEN"]).output().unwrap(), true);
    check(&canary, "get", &loud(&project, &["get", "ALL"]).output().unwrap(), true);
    let mut run = project.secrets(&["run", "-v", "--", "printenv", "TOKEN"]);
    check(&canary, "run", &run.env("RUST_LOG", "trace").output().unwrap(), true);
    let mut run = project.secrets(&["run", "-v", "--", "cargo", "--version"]);
    check(&canary, "run", &run.output().unwrap(), false);
    for format in FORMATS {
        check(&canary, format, &loud(&project, &["export", "--format", format, "TOKEN"]).output().unwrap(), true);
        let dotenv = format!("TOKEN={}\n", canary.value);
        check(&canary, "import", &feed(loud(&project, &["import", "-"]), dotenv.as_bytes()), false);
    }
    check(&canary, "unset", &loud(&project, &["unset", "OTHER"]).output().unwrap(), false);
    for (path, (_, content)) in tree(&project.root()).into_iter().chain(tree(&project.home())) {
        assert!(!canary.is_in(&content), "in {}", path.display());
    }
}

#[test]
fn a_value_is_in_no_message_when_something_is_wrong() {
    let project = Project::new();
    let canary = Canary::new();
    project.set("TOKEN", &canary.value);
    let (other, _) = identity(&project, "other.txt");
    let good = project.read("Cargo.toml");
    let fails = |what: &str, arguments: &[&str]| {
        let output = feed(loud(&project, arguments), canary.value.as_bytes());
        assert!(!output.status.success(), "{what}: {}", shown(&output));
        check(&canary, what, &output, false);
    };
    let run = |what: &str, extra: &[&str]| {
        let line: Vec<_> = ["run", "-v"].iter().chain(extra).copied().chain(["--", "true"]).collect();
        let output = project.secrets(&line).env("RUST_BACKTRACE", "full").output().unwrap();
        assert_eq!(output.status.code(), Some(125), "{what}: {}", shown(&output));
        check(&canary, what, &output, false);
    };
    for format in ["url", "uuid", "int", "bool", "json", "pem", "regex:^never$", "regex:("] {
        declare(&project, &format!("[workspace.metadata.secrets.variables.TOKEN]\nformat = '{format}'"));
        fails(format, &["set", "TOKEN"]);
        fails(format, &["check"]);
    }
    project.write("Cargo.toml", &good);
    declare(&project, "[workspace.metadata.secrets.variables.TOKEN]\nvalue = 'x${PART}'");
    declare(&project, "[workspace.metadata.secrets.variables.PART]");
    run("composed and set", &[]);
    project.write("Cargo.toml", &good);
    let name = format!("--{}", canary.value);
    fails("a flag", &["-e", "dev", "set", "TOKEN", &name]);
    fails("a second value", &["set", "TOKEN", "--insecure-argv", &canary.value, &canary.value]);
    fails("a reserved name", &["set", "LD_PRELOAD"]);
    fails("an unknown source", &["set", "TOKEN", "--file", "nowhere.json"]);
    fails("not a recipient", &["set", "TOKEN", "--identity", other.to_str().unwrap()]);
    run("not a recipient", &["--identity", other.to_str().unwrap()]);
    project.set("LARGE", &canary.value.repeat(2100));
    run("too long", &[]);
    project.ok(&["unset", "LARGE"]);
    let blank = "\0".repeat(3);
    check(
        &canary,
        "a NUL",
        &feed(loud(&project, &["set", "TOKEN"]), format!("{}{blank}", canary.value).as_bytes()),
        false,
    );
}

#[test]
fn a_value_is_in_no_message_about_a_damaged_file() {
    let project = Project::new();
    let canary = Canary::new();
    project.set("TOKEN", &canary.value);
    project.set("OTHER", "other");
    let good = project.read("secrets/dev.json");
    let plain = format!("{{\"TOKEN\": \"{}\"}}", canary.value);
    let mut damaged = vec![
        good.replacen("TOKEN", "NEKOT", 1),
        good.replacen("ENC[AES256_GCM,data:", "ENC[AES256_GCM,data:AAAA", 1),
        good.replacen("type:str", "type:int", 1),
        good.replacen("type:str", "type:bytes", 1),
        good.replacen("\"mac\": \"ENC", "\"mac\": \"XNC", 1),
        // The value stands there in the clear, where it should be encrypted.
        good.replacen('{', &format!("{{ \"PLAIN\": \"{}\",", canary.value), 1),
        good.replacen('{', &format!("{{ {} ", canary.value), 1),
        good.replacen('{', &format!("{{ \"nested\": {plain},"), 1),
        good.replacen("\"age\"", &format!("\"age\": \"{}\", \"x\"", canary.value), 1),
        plain,
        format!("TOKEN={}\n", canary.value),
        canary.value.clone(),
    ];
    damaged.extend((1..12).map(|part| good[..good.len() * part / 12].to_owned()));
    for (number, text) in damaged.iter().enumerate() {
        project.write("secrets/dev.json", text);
        for arguments in [&["check"][..], &["doctor"], &["get", "TOKEN"], &["set", "NEW"], &["unset", "OTHER"]] {
            let output = feed(loud(&project, arguments), b"x");
            assert!(
                !output.status.success() && output.status.code() != Some(101),
                "{number}: {arguments:?}: {}",
                shown(&output)
            );
            check(&canary, &format!("{number}: {arguments:?}"), &output, false);
        }
        let output = project.secrets(&["run", "-v", "--", "env"]).output().unwrap();
        assert_eq!(output.status.code(), Some(125), "{number}: {}", shown(&output));
        check(&canary, "run", &output, false);
        assert_eq!(project.read("secrets/dev.json"), *text, "{number}: a damaged file is not written");
    }
}

/// Runs `arguments` under strace; gives back its log.
fn traced(project: &Project, calls: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let strace = tools::strace()?;
    let log = project.home().join("strace.log");
    let mut command = project.command(strace);
    command.args(["-f", "-s", "1000000", "-e", calls, "-o"]).arg(&log).arg(program()).args(arguments);
    let output = feed(command, input);
    assert!(output.status.success(), "{}", shown(&output));
    Some(fs::read_to_string(log).unwrap())
}

#[test]
fn no_system_call_of_set_carries_the_value() {
    let project = Project::new();
    let canary = Canary::new();
    let file = project.write_private("value.txt", &canary.value);
    let calls = "trace=execve,openat,write,writev,pwrite64,pwritev,sendto,sendmsg";
    let from_file = ["set", "OTHER", "--from-file", file.to_str().unwrap()];
    for arguments in [&["set", "TOKEN"][..], &["set", "MORE", "-v"], &from_file] {
        let Some(log) = traced(&project, calls, arguments, canary.value.as_bytes()) else { return };
        // The log is one that would show it: the ciphertext is in a write.
        assert!(log.contains("write(") && log.contains("ENC[AES256_GCM,data:"), "{log}");
        assert!(!canary.is_in(log.as_bytes()), "{log}");
    }
    assert_eq!(project.ok(&["get", "TOKEN"]), canary.value);
    let Some(log) = traced(&project, "trace=write", &["get", "TOKEN"], b"") else { return };
    assert!(canary.is_in(log.as_bytes()), "what `get` prints is seen, so the search works");
}

#[test]
fn one_execve_follows_our_own() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let Some(log) = traced(&project, "trace=execve,clone,clone3,fork,vfork", &["run", "--", "true"], b"") else {
        return;
    };
    let successes: Vec<_> = log.lines().filter(|line| line.contains("execve(") && line.ends_with("= 0")).collect();
    assert_eq!(successes.len(), 2, "{log}");
    assert!(successes[0].contains("cargo-secrets") && successes[1].contains("/true\""), "{log}");
    let forks = log.lines().filter(|line| line.contains("fork(") || line.contains("clone"));
    assert_eq!(forks.count(), 0, "no other process, no thread: {log}");
}
