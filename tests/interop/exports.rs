//! `export`, each format read back by the program that it is for, or by its published rules where that cannot be had here.
//!
//! **Every hard value comes back as it is, or is refused by name.**

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::values::{hard, random};
use crate::support::{Project, feed, long, shown, tools};

pub(crate) type Values = BTreeMap<String, String>;

/// A project that holds every hard value.
static FILLED: LazyLock<Project> = LazyLock::new(|| {
    let project = Project::new();
    let text = serde_json::to_vec(&all()).unwrap();
    let output = feed(project.secrets(&["import", "-", "--format", "json", "--quiet"]), &text);
    assert!(output.status.success(), "{}", shown(&output));
    project
});

/// The hard values, and as many that nobody chose.
static ALL: LazyLock<Values> =
    LazyLock::new(|| hard().into_iter().chain(random(if long() { 2000 } else { 100 })).collect());

pub(crate) fn all() -> Values {
    ALL.clone()
}

fn exported(format: &str, holds: impl Fn(&str) -> bool) -> (Vec<u8>, Values) {
    exported_from(&FILLED, format, holds)
}

/// What `export` prints for all values that `holds`; the others are refused by name.
pub(crate) fn exported_from(project: &Project, format: &str, holds: impl Fn(&str) -> bool) -> (Vec<u8>, Values) {
    let (held, refused): (Values, Values) = all().into_iter().partition(|(_, value)| holds(value));
    let export = ["export", "--format", format];
    if !refused.is_empty() {
        let message = project.fails(2, &export);
        for name in refused.keys() {
            assert!(message.contains(&format!("`{name}` (")), "{format}: {name} is not refused: {message}");
        }
        assert_eq!(message.matches("` (").count(), refused.len(), "{format}: {message}");
    }
    let mut arguments = export.to_vec();
    if !refused.is_empty() {
        arguments.extend(held.keys().map(String::as_str));
    }
    let output = project.secrets(&arguments).output().unwrap();
    assert!(output.status.success(), "{format}: {}", shown(&output));
    (output.stdout, held)
}

/// Feeds `text` to a reader that prints a JSON object.
pub(crate) fn read_json(command: Command, text: &[u8]) -> Values {
    let output = feed(command, text);
    assert!(output.status.success(), "{}", shown(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Feeds `text` to a reader that prints its environment as `env -0` does.
pub(crate) fn read_environment(mut command: Command, text: &[u8]) -> Values {
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", FILLED.home());
    let output = feed(command, text);
    assert!(output.status.success(), "{}", shown(&output));
    let pairs = std::str::from_utf8(&output.stdout).unwrap().split_terminator('\0');
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap());
    pairs
        .filter(|(name, _)| name.starts_with(['V', 'W']))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// That a reader got every value and no other.
#[track_caller]
pub(crate) fn same(read: &Values, expected: &Values, who: &str) {
    for (name, value) in expected {
        assert_eq!(read.get(name), Some(value), "{who} reads another value of {name}");
    }
    assert_eq!(read.len(), expected.len(), "{who}");
}

fn write(path: &Path, text: &[u8]) {
    std::fs::File::create(path).unwrap().write_all(text).unwrap();
}

pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = FILLED.command(name);
    command.args(arguments);
    command
}

#[test]
fn shells_evaluate_what_is_exported_for_them() {
    let (text, held) = exported("shell", |_| true);
    let installed = ["sh", "dash", "bash"].map(|shell| (shell.into(), &[][..]));
    for (shell, options) in installed.into_iter().chain(tools::shells()) {
        let mut command = program(&shell, options);
        command.args(["-c", "eval \"$(cat)\"; exec env -0"]);
        same(&read_environment(command, &text), &held, &shell.to_string_lossy());
    }
}

#[test]
fn fish_sources_what_is_exported_for_it() {
    let Some(fish) = tools::fish() else { return };
    let (text, held) = exported("fish", |_| true);
    let command = program(&fish, &["--no-config", "-c", "source -; exec env -0"]);
    same(&read_environment(command, &text), &held, "fish");
}

#[test]
fn json_is_read_by_python() {
    let (text, held) = exported("json", |_| true);
    same(&serde_json::from_slice(&text).unwrap(), &held, "serde_json");
    let copy = "import json,sys; json.dump(json.loads(sys.stdin.buffer.read()), sys.stdout)";
    same(&read_json(program("python3", &["-c", copy]), &text), &held, "python");
}

#[test]
fn dotenv_is_read_exactly_by_dotenvy_and_by_others_where_nothing_is_said() {
    let (text, held) = exported("dotenv", |_| true);
    let read: Result<Values, _> = dotenvy::from_read_iter(&text[..]).collect();
    same(&read.unwrap(), &held, "dotenvy");

    let output = FILLED.secrets(&["export", "--format", "dotenv"]).output().unwrap();
    let caution = String::from_utf8(output.stderr).unwrap();
    let (_, named) = caution.split_once("otherwise: ").unwrap();
    let named: Vec<_> = named.trim().split(", ").collect();
    let alike: Values = held.into_iter().filter(|(name, _)| !named.contains(&name.as_str())).collect();
    assert!(alike.len() > 35, "{} of them are read alike", alike.len());
    let arguments: Vec<_> =
        ["export", "--format", "dotenv"].into_iter().chain(alike.keys().map(String::as_str)).collect();
    let text = FILLED.ok(&arguments).into_bytes();
    let mut others =
        vec![("bash", read_environment(program("bash", &["-c", "set -a; . /dev/stdin; exec env -0"]), &text))];
    if let Some(python) = tools::python() {
        let read = "import dotenv,io,json,sys\n\
            text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')\n\
            json.dump(dotenv.dotenv_values(stream=text), sys.stdout)";
        others.push(("python-dotenv", read_json(program(python, &["-c", read]), &text)));
    }
    if let Some(folder) = tools::node_dotenv() {
        let read = "console.log(JSON.stringify(require('dotenv').parse(require('fs').readFileSync(0))))";
        let mut command = program("node", &["-e", read]);
        command.current_dir(folder);
        others.push(("dotenv of npm", read_json(command, &text)));
    }
    for (who, read) in others {
        same(&read, &alike, who);
    }
}

#[test]
fn yaml_is_read_by_readers_of_both_its_versions() {
    let (text, held) = exported("yaml", |_| true);
    if let Some(python) = tools::python() {
        let read = "import json,sys,yaml; json.dump(yaml.safe_load(sys.stdin.buffer.read()), sys.stdout)";
        same(&read_json(program(python, &["-c", read]), &text), &held, "PyYAML");
    }
    if let Some(reader) = tools::go_readers() {
        same(&read_json(program(reader, &["yaml"]), &text), &held, "sigs.k8s.io/yaml");
    }
}

#[test]
fn a_secret_of_kubernetes_holds_every_value() {
    let (text, held) = exported("k8s-secret", |_| true);
    let Some(reader) = tools::go_readers() else { return };
    let output = feed(program(reader, &["yaml"]), &text);
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&object["apiVersion"], &object["kind"]), (&"v1".into(), &"Secret".into()));
    assert_eq!(object["metadata"]["name"], "app-dev");
    let data: Values = serde_json::from_value(object["data"].clone()).unwrap();
    let decode = |text: String| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    same(&data.into_iter().map(|(name, text)| (name, decode(text))).collect(), &held, "Kubernetes");
}

#[test]
fn terraform_s_library_reads_its_variables() {
    let (text, held) = exported("terraform", |_| true);
    let Some(reader) = tools::go_readers() else { return };
    same(&read_json(program(reader, &["hcl"]), &text), &held, "hcl");
}

/// The published rules: `cli/opts/env.go` and `pkg/kvfile` of docker's client.
pub(crate) fn docker_rules(text: &str) -> Values {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).split('\n');
    let lines = lines.map(|line| line.strip_suffix('\r').unwrap_or(line).trim_start());
    let pairs = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        assert!(line.len() < 64 * 1024);
        let (name, value) = line.split_once('=').unwrap();
        assert!(!name.contains(char::is_whitespace));
        (name.to_owned(), value.to_owned())
    });
    pairs.collect()
}

#[test]
fn dockers_client_reads_its_file() {
    let (text, held) =
        exported("docker", |value| !value.contains('\n') && !value.ends_with('\r') && value.len() < 60_000);
    same(&docker_rules(std::str::from_utf8(&text).unwrap()), &held, "docker's rules");
    if Command::new("docker").arg("--version").output().is_err() {
        eprintln!("not checked: docker's client is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (socket, file) = (folder.path().join("docker.sock"), folder.path().join("env"));
    write(&file, &text);
    let listener = UnixListener::bind(&socket).unwrap();
    let daemon = std::thread::spawn(move || created(&listener));
    let mut command = FILLED.command("docker");
    command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
    command.args(["create", "--pull", "never", "--env-file"]).arg(&file).arg("image");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    let created: serde_json::Value = serde_json::from_slice(&daemon.join().unwrap()).unwrap();
    let pairs = created["Env"].as_array().unwrap().iter().map(|pair| pair.as_str().unwrap().split_once('=').unwrap());
    same(&pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), &held, "docker");
}

/// Answers docker's client as its daemon would, until a container is created; gives back what it should be.
fn created(listener: &UnixListener) -> Vec<u8> {
    for stream in listener.incoming() {
        let mut stream = BufReader::new(stream.unwrap());
        loop {
            let mut head = String::new();
            while stream.read_line(&mut head).unwrap() > 2 {}
            if head.is_empty() {
                break;
            }
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            stream.read_exact(&mut body).unwrap();
            let is_create = head.contains("/containers/create");
            let (status, answer) =
                if is_create { ("201 Created", "{\"Id\":\"1\",\"Warnings\":[]}") } else { ("200 OK", "") };
            let answer = format!(
                "HTTP/1.1 {status}\r\nApi-Version: 1.43\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
                answer.len()
            );
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            if is_create {
                return body;
            }
        }
    }
    Vec::new()
}

/// The published rules of a report: `NAME=value` lines, no empty ones, no white space, no quotes taken off.
#[test]
fn a_report_of_gitlab_has_bare_values() {
    let is_word = |value: &str| !value.contains(|c: char| c.is_whitespace() || c.is_control());
    let (text, held) = exported("gitlab", is_word);
    let pairs = std::str::from_utf8(&text).unwrap().lines().map(|line| line.split_once('=').unwrap());
    same(&pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect(), &held, "gitlab");
}

/// The published rules of `$GITHUB_ENV`, as the runner reads it (`FileCommandManager.cs`).
pub(crate) fn github_rules(text: &str) -> Values {
    let mut values = Values::new();
    let mut lines = text.split('\n');
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let (name, delimiter) = line.split_once("<<").unwrap();
        assert!(!name.contains('=') && !delimiter.is_empty());
        let value: Vec<_> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        values.insert(name.to_owned(), value.join("\n"));
    }
    values
}

#[test]
fn the_runner_of_github_gets_every_value_and_hides_every_line() {
    let (text, held) = exported("github", |_| true);
    same(&github_rules(std::str::from_utf8(&text).unwrap()), &held, "github's rules");
    let mut command = FILLED.secrets(&["export", "--format", "github", "--quiet"]);
    command.env("GITHUB_ACTIONS", "true");
    let masks = String::from_utf8(command.output().unwrap().stderr).unwrap();
    let masked: Vec<_> = masks
        .split_terminator('\n')
        .map(|line| {
            let masked = line.strip_prefix("::add-mask::").unwrap();
            masked.replace("%0D", "\r").replace("%25", "%")
        })
        .collect();
    for line in held.values().flat_map(|value| value.lines()).map(str::trim).filter(|line| !line.is_empty()) {
        assert!(masked.iter().any(|masked| masked == line), "{line:?} is not hidden");
    }
    let outside = FILLED.secrets(&["export", "--format", "github", "--quiet"]).output().unwrap();
    assert!(outside.stderr.is_empty(), "{}", shown(&outside));
}

/// `parse_env_file_internal` and `env_assignment_is_valid` of systemd, as far as our quoting goes.
pub(crate) fn systemd_rules(text: &str) -> Values {
    let mut values = Values::new();
    let mut rest = text;
    while let Some((name, tail)) = rest.split_once("=\"") {
        let mut value = String::new();
        let mut chars = tail.char_indices();
        let end = loop {
            match chars.next().unwrap() {
                (at, '"') => break at,
                (_, '\\') => match chars.next().unwrap().1 {
                    c @ ('"' | '\\' | '`' | '$') => value.push(c),
                    '\n' => {}
                    c => value.extend(['\\', c]),
                },
                (_, c) => value.push(c),
            }
        };
        assert!(value.chars().all(|c| !c.is_ascii_control() || c == '\t' || c == '\n'));
        values.insert(name.to_owned(), value);
        rest = tail[end + 1..].strip_prefix('\n').unwrap();
    }
    values
}

#[test]
fn systemd_reads_its_environment_file() {
    let is_text = |value: &str| !value.contains(|c: char| c.is_ascii_control() && c != '\t' && c != '\n');
    let (text, held) = exported("systemd", is_text);
    same(&systemd_rules(std::str::from_utf8(&text).unwrap()), &held, "systemd's rules");
    // The same tokenizer reads environment.d, where `$` is expanded after it.
    let generator = Path::new("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator");
    if !generator.exists() {
        eprintln!("not checked: systemd is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("environment.d");
    std::fs::create_dir(&place).unwrap();
    // It drops what is empty.
    let is_same = |value: &str| !value.contains('$') && !value.is_empty();
    let expected: Values = held.into_iter().filter(|(_, value)| is_same(value)).collect();
    let names = expected.keys().map(String::as_str);
    let arguments: Vec<_> = ["export", "--format", "systemd"].into_iter().chain(names).collect();
    write(&place.join("ours.conf"), FILLED.ok(&arguments).as_bytes());
    let mut command = FILLED.command(generator);
    command.env_clear().env("XDG_CONFIG_HOME", folder.path()).env("HOME", folder.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    let lines = std::str::from_utf8(&output.stdout).unwrap().split_terminator('\n');
    let ours = lines.map(|line| line.split_once('=').unwrap()).filter(|(name, _)| name.starts_with(['V', 'W']));
    let read = ours.map(|(name, printed)| (name.to_owned(), unquoted(printed))).collect();
    same(&read, &expected, "systemd");
}

/// A value as the generator prints it: in double quotes with escapes where it has to be.
fn unquoted(printed: &str) -> String {
    let Some(inner) = printed.strip_prefix('"').and_then(|printed| printed.strip_suffix('"')) else {
        return printed.to_owned();
    };
    let mut value = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        value.push(match c {
            '\\' => match chars.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                c => c,
            },
            c => c,
        });
    }
    value
}
