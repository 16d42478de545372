//! age plugins: keys that a program on PATH holds, for `age`, `sops` and us alike; and names that a repository chose.

#![expect(clippy::disallowed_methods, reason = "what a test writes needs no care")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::pair::{Pair, delivered, failed, succeeded, values};
use crate::support::terminal::{closes, terminal};
use crate::support::{Project, feed, long, shown, tools};

/// A project whose user has the test plugin on PATH and an identity of it, beside the real `sops`.
struct Plugged {
    pair: Pair,
    recipient: String,
}

impl Plugged {
    fn new() -> Option<Self> {
        let pair = Pair::new()?;
        let bin = pair.project.home().join("bin");
        install(&bin);
        let made = succeeded(&Command::new(bin.join("age-plugin-test")).arg("new").output().unwrap());
        let made = String::from_utf8(made).unwrap();
        let recipient = made.lines().find_map(|line| line.strip_prefix("# Recipient: ")).unwrap().to_owned();
        let plugged = Self { pair, recipient };
        let identity = plugged.project().identity();
        fs::write(identity, made).unwrap();
        let manifest = plugged.project().read("Cargo.toml");
        let line = manifest.lines().find(|line| line.contains("= \"age1")).unwrap().to_owned();
        let changed = format!("{} = \"{}\"", line.split(" = ").next().unwrap(), plugged.recipient);
        plugged.project().write("Cargo.toml", manifest.replace(&line, &changed));
        fs::remove_file(plugged.project().root().join("secrets/dev.json")).unwrap();
        Some(plugged)
    }

    fn project(&self) -> &Project {
        &self.pair.project
    }

    fn path(&self) -> String {
        format!("{}:{}", self.project().home().join("bin").display(), std::env::var("PATH").unwrap())
    }

    fn log(&self) -> PathBuf {
        self.project().home().join("log")
    }

    /// How often the plugin was started.
    fn starts(&self) -> usize {
        fs::read_to_string(self.log()).unwrap_or_default().lines().count()
    }

    /// The command with the plugin on PATH; it does on the way what `mode` says.
    fn plugged(&self, mut command: Command, mode: &str) -> Command {
        command.env("PATH", self.path()).env("TEST_PLUGIN", mode).env("TEST_PLUGIN_LOG", self.log());
        command
    }

    fn secrets(&self, arguments: &[&str], mode: &str) -> Command {
        self.plugged(self.project().secrets(arguments), mode)
    }

    fn set(&self, name: &str, value: &str) {
        succeeded(&feed(self.secrets(&["set", name, "--exact", "--quiet"], ""), value.as_bytes()));
    }
}

fn install(bin: &std::path::Path) {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/age-plugin-test");
    fs::create_dir_all(bin).unwrap();
    fs::copy(script, bin.join("age-plugin-test")).unwrap();
}

#[test]
fn a_file_for_a_plugin_is_written_and_read_here_and_by_sops() {
    let Some(plugged) = Plugged::new() else { return };
    plugged.set("A", "one");
    plugged.set("B", "two\nlines");
    let expected = values([("A", "one"), ("B", "two\nlines")]);
    let mut found = delivered(plugged.secrets(&[], ""));
    found.retain(|name, _| name.len() == 1);
    assert_eq!(found, expected);

    let mut sops = plugged.plugged(plugged.pair.bare_sops(&["decrypt", "secrets/dev.json"]), "");
    sops.env("SOPS_AGE_KEY_FILE", plugged.project().identity());
    let json: serde_json::Value = serde_json::from_slice(&succeeded(&sops.output().unwrap())).unwrap();
    assert_eq!((&json["A"], &json["B"]), (&"one".into(), &"two\nlines".into()));

    let mut sops = plugged.plugged(plugged.pair.bare_sops(&["encrypt", "--age", &plugged.recipient]), "");
    sops.args(["--filename-override", "secrets/dev.yaml", "/dev/stdin"]);
    plugged.project().write("secrets/dev.yaml", succeeded(&feed(sops, b"A: by sops\n")));
    plugged.pair.declare("sources", "[\"secrets/dev.yaml\"]");
    assert_eq!(succeeded(&plugged.secrets(&["get", "A"], "").output().unwrap()), b"by sops");
    let shown = succeeded(&plugged.secrets(&["identity", "show"], "").output().unwrap());
    assert!(
        String::from_utf8(shown).unwrap().contains(&plugged.recipient),
        "the comment above an identity tells its key"
    );
}

#[test]
fn a_whole_age_file_for_a_plugin_is_read() {
    let Some(plugged) = Plugged::new() else { return };
    let mut age = plugged.plugged(plugged.project().command(tools::age().unwrap()), "");
    age.args(["-r", &plugged.recipient]);
    plugged.project().write("secrets/dev.age", succeeded(&feed(age, b"A=whole\n")));
    plugged.pair.declare("sources", "[\"secrets/dev.age\"]");
    assert_eq!(succeeded(&plugged.secrets(&["get", "A"], "").output().unwrap()), b"whole");
}

#[test]
fn a_plugin_asks_at_the_terminal_and_its_words_cannot_control_it() {
    let Some(plugged) = Plugged::new() else { return };
    plugged.set("A", "the value");
    for (mode, prompt, answer) in [
        ("pin", "age-plugin-test: PIN for the test: ", "1234"),
        ("public", "age-plugin-test: which slot: ", "nine"),
        ("confirm", "age-plugin-test: use the key? (y: go on, n: stop) [y/N] ", "y"),
    ] {
        let mut session = terminal(&plugged.secrets(&["run", "--quiet", "--", "printenv", "A"], mode));
        let before = session.exp_string(prompt).unwrap();
        session.send_line(answer).unwrap();
        let rest = closes(session, 0);
        assert!(rest.contains("the value"), "{mode}: {before}{rest}");
        assert!(mode != "pin" || !rest.contains(answer), "a secret is not shown: {rest}");
    }
    for (mode, prompt, answer) in
        [("pin", "PIN for", "0000"), ("confirm", "use the key?", "n"), ("public", "slot", "x")]
    {
        let mut session = terminal(&plugged.secrets(&["run", "--", "touch", "started"], mode));
        session.exp_string(prompt).unwrap();
        session.send_line(answer).unwrap();
        let rest = closes(session, 125);
        assert!(rest.contains("wrong answer"), "{mode}: {rest}");
    }
    let output = plugged.secrets(&["run", "--", "printenv", "A"], "msg").output().unwrap();
    succeeded(&output);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("age-plugin-test: touch \\u{1b}[31mthe key"), "{stderr}");
    assert!(!plugged.project().root().join("started").exists());
}

#[test]
fn a_plugin_that_fails_dies_or_is_not_there_is_told_and_nothing_starts() {
    let Some(plugged) = Plugged::new() else { return };
    plugged.set("A", "one");
    // A process group of its own has no terminal to be asked at.
    let setsid = |command: &Command| {
        let mut without = Command::new("setsid");
        without.arg("-w").arg(command.get_program()).args(command.get_args());
        without.current_dir(command.get_current_dir().unwrap());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => without.env(name, value),
                None => without.env_remove(name),
            };
        }
        without
    };
    let run = ["run", "--", "touch", "started"];
    for (mode, message) in [("fail", "wrong answer"), ("pin", "wrong answer"), ("die", "none of the identities")] {
        let error = failed(&setsid(&plugged.secrets(&run, mode)).output().unwrap(), 125);
        assert!(error.contains(message), "{mode}: {error}");
    }
    let output = plugged.project().secrets(&run).output().unwrap();
    let error = failed(&output, 125);
    assert!(error.contains("`age-plugin-test` is not on PATH") && error.contains("install"), "{error}");
    for mode in ["fail", "die"] {
        fs::remove_file(plugged.project().root().join("secrets/dev.json")).unwrap_or_default();
        let output = feed(plugged.secrets(&["set", "A", "--exact"], mode), b"do not show");
        let error = failed(&output, 2);
        assert!(error.contains("age-plugin-test") && !error.contains("do not show"), "{error}");
        assert!(!plugged.project().root().join("secrets/dev.json").exists());
    }
    let error = failed(&feed(plugged.project().secrets(&["set", "A", "--exact"]), b"do not show"), 2);
    assert!(error.contains("`age-plugin-test` is not on PATH"), "{error}");
    assert!(!plugged.project().root().join("started").exists());
}

#[test]
fn whom_a_plugin_cannot_encrypt_for_is_not_declared() {
    let (Some(plugged), Some(other)) = (Plugged::new(), Plugged::new()) else { return };
    plugged.set("A", "one");
    // A file for somebody else's key of another kind.
    let plain = Project::new();
    plain.ok(&["init"]);
    plain.set("A", "one");
    let before = plain.read("Cargo.toml");
    for mode in ["fail", "die"] {
        let mut add = other.plugged(plain.secrets(&["recipients", "add", "bob", &plugged.recipient]), mode);
        let error = failed(&add.output().unwrap(), 2);
        assert!(error.contains("age-plugin-test") && !error.contains("Declared"), "{mode}: {error}");
        assert_eq!(plain.read("Cargo.toml"), before, "{mode}");
    }
    let added = plugged.plugged(plain.secrets(&["recipients", "add", "bob", &plugged.recipient]), "").output().unwrap();
    assert!(added.status.success() && shown(&added).contains("Declared bob"), "{}", shown(&added));
    let again = plugged.plugged(plain.secrets(&["recipients", "add", "bob", &plugged.recipient]), "fail").output();
    let again = again.unwrap();
    assert!(again.status.success() && !shown(&again).contains("Declared"), "{}", shown(&again));
}

#[test]
fn a_plugin_is_started_only_where_an_identity_of_ours_or_a_write_needs_it() {
    let Some(plugged) = Plugged::new() else { return };
    plugged.set("A", "one");
    let starts = plugged.starts();
    for command in [&["list"][..], &["recipients"], &["identity", "show"], &["run", "--explain", "--", "true"]] {
        let output = plugged.secrets(command, "").output().unwrap();
        assert_ne!(output.status.code(), Some(101), "{}", shown(&output));
    }
    assert_eq!(plugged.starts(), starts, "what reads no value starts no plugin");

    // Others' files may name any plugin: with an identity that opens the file without, none is started.
    let own = Project::new();
    let ours = own.recipient();
    let identity = own.identity();
    let mut sops =
        plugged.plugged(plugged.pair.bare_sops(&["encrypt", "--age", &format!("{},{ours}", plugged.recipient)]), "");
    sops.args(["--filename-override", "secrets/both.json", "/dev/stdin"]);
    plugged.project().write("secrets/both.json", succeeded(&feed(sops, b"{\"A\": \"both\"}")));
    plugged.pair.declare("sources", "[\"secrets/both.json\"]");
    let starts = plugged.starts();
    let get = ["get", "A", "--identity", identity.to_str().unwrap()];
    assert_eq!(succeeded(&plugged.secrets(&get, "").output().unwrap()), b"both");
    let other = Project::new().identity();
    let copy = plugged.project().write_private("other.txt", fs::read(&other).unwrap_or_default());
    let run = ["run", "--identity", copy.to_str().unwrap(), "--", "true"];
    plugged.secrets(&run, "").output().unwrap();
    assert_eq!(plugged.starts(), starts, "an identity of another kind starts no plugin");

    // Both kinds in one file: the one that needs nobody comes first.
    let mixed = fs::read_to_string(plugged.project().identity()).unwrap() + &fs::read_to_string(&identity).unwrap();
    fs::write(plugged.project().identity(), mixed).unwrap();
    assert_eq!(succeeded(&plugged.secrets(&["get", "A"], "").output().unwrap()), b"both");
    assert_eq!(plugged.starts(), starts);
}

#[test]
fn a_plugin_in_the_project_or_by_a_relative_path_is_not_started() {
    let Some(plugged) = Plugged::new() else { return };
    plugged.set("A", "one");
    let root = plugged.project().root();
    install(&root.join("bin"));
    install(&root);
    let starts = plugged.starts();
    let path = std::env::var("PATH").unwrap();
    for first in [
        root.join("bin").display().to_string(),
        "bin".to_owned(),
        ".".to_owned(),
        String::new(),
        "../app/bin".to_owned(),
    ] {
        let mut run = plugged.secrets(&["run", "--", "touch", "started"], "");
        run.env("PATH", format!("{first}:{}:{path}", plugged.project().home().join("bin").display()));
        let error = failed(&run.output().unwrap(), 125);
        assert!(error.contains("is not started from") && error.contains("outside of the project"), "{first}: {error}");
        let mut set = plugged.secrets(&["set", "A", "--exact", "--file", "secrets/new.json"], "");
        plugged.pair.declare("sources", "[\"secrets/dev.json\", \"secrets/new.json\"]");
        set.env("PATH", format!("{first}:{path}"));
        assert!(failed(&feed(set, b"x"), 2).contains("is not started from"), "{first}");
        plugged.pair.declare("sources", "[\"secrets/dev.json\"]");
    }
    // One need not stand in the project.
    let manifest = root.join("Cargo.toml");
    let mut get = plugged.secrets(&["get", "A", "--manifest-path", manifest.to_str().unwrap()], "");
    get.current_dir(plugged.project().home()).env("PATH", format!("{}:{path}", root.join("bin").display()));
    let output = get.output().unwrap();
    assert!(!output.status.success() && shown(&output).contains("is not started from"), "{}", shown(&output));
    assert_eq!(plugged.starts(), starts);
    assert!(!root.join("started").exists());
    fs::set_permissions(root.join("bin/age-plugin-test"), fs::Permissions::from_mode(0o644)).unwrap();
    let mut get = plugged.secrets(&["get", "A"], "");
    get.env("PATH", format!("{}:{}", root.join("bin").display(), plugged.path()));
    assert_eq!(succeeded(&get.output().unwrap()), b"one", "what cannot be executed is passed over");
}

#[test]
fn hostile_names_of_plugins_are_no_keys() {
    let Some(plugged) = Plugged::new() else { return };
    let names = ["x/../../../../../../../tmp/evil", "../evil", "/tmp/evil", "x y", "", "x\u{0}y", "$(id)"];
    let keys: Vec<_> = names.iter().map(|name| bech32(&format!("age1{name}"))).collect();
    for key in &keys {
        let json = serde_json::Value::from(key.as_str()).to_string();
        let manifest = plugged.project().read("Cargo.toml");
        let hostile = manifest.replace(&format!("\"{}\"", plugged.recipient), &json);
        plugged.project().write("Cargo.toml", &hostile);
        let output = feed(plugged.secrets(&["set", "A", "--exact"], ""), b"do not show");
        assert_eq!(output.status.code(), Some(2), "{key}: {}", shown(&output));
        plugged.project().write("Cargo.toml", manifest);
    }
    let identities = names.iter().map(|name| bech32(&format!("age-plugin-{name}-")).to_uppercase() + "\n");
    fs::write(plugged.project().identity(), identities.collect::<Vec<_>>().concat()).unwrap();
    let output = plugged.secrets(&["identity", "show"], "").output().unwrap();
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("is no identity this version can read"),
        "{}",
        shown(&output)
    );
    assert_eq!(plugged.starts(), 0);
}

/// Sixteen zero bytes under `prefix`, with a checksum that fits (BIP 173).
fn bech32(prefix: &str) -> String {
    let alphabet = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let data = [0_u8; 26];
    let high = prefix.bytes().map(|byte| byte >> 5);
    let low = prefix.bytes().map(|byte| byte & 31);
    let mut check: u32 = 1;
    for value in high.chain([0]).chain(low).chain(data).chain([0; 6]) {
        let top = check >> 25;
        check = (check & 0x01ff_ffff) << 5 ^ u32::from(value);
        for (bit, term) in [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].into_iter().enumerate() {
            check ^= if top >> bit & 1 == 1 { term } else { 0 };
        }
    }
    check ^= 1;
    let sum = (0..6).map(|at| u8::try_from(check >> (5 * (5 - at)) & 31).unwrap());
    let characters = data.into_iter().chain(sum).map(|value| char::from(alphabet[usize::from(value)]));
    format!("{prefix}1{}", characters.collect::<String>())
}

#[test]
fn post_quantum_keys_are_named_with_what_they_need() {
    let Some(plugged) = Plugged::new() else { return };
    let manifest = plugged.project().read("Cargo.toml").replace(&plugged.recipient, &bech32("age1pq"));
    plugged.project().write("Cargo.toml", manifest);
    let error = failed(&feed(plugged.secrets(&["set", "A", "--exact"], ""), b"do not show"), 2);
    assert!(error.contains("`age-plugin-pq` is not on PATH") && error.contains("go install filippo.io/age"), "{error}");
    fs::write(plugged.project().identity(), bech32("age-secret-key-pq-").to_uppercase()).unwrap();
    let output = plugged.secrets(&["identity", "show"], "").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("post-quantum") && stderr.contains("age-plugin-pq -identity"), "{stderr}");
}

#[test]
fn the_real_post_quantum_plugin_of_age_serves() {
    if !long() {
        return;
    }
    let (Some(pair), Some((keygen, plugin))) = (Pair::new(), tools::age_post_quantum()) else { return };
    let project = &pair.project;
    let native = succeeded(&project.command(keygen).arg("-pq").output().unwrap());
    let native = String::from_utf8(native).unwrap();
    let recipient = native.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    assert!(recipient.starts_with("age1pq1"), "{recipient}");
    let mut convert = project.command(&plugin);
    convert.arg("-identity");
    fs::write(project.identity(), succeeded(&feed(convert, native.as_bytes()))).unwrap();
    let manifest = project.read("Cargo.toml");
    let line = manifest.lines().find(|line| line.contains("= \"age1")).unwrap().to_owned();
    let changed = format!("{} = \"{recipient}\"", line.split(" = ").next().unwrap());
    project.write("Cargo.toml", manifest.replace(&line, &changed));
    fs::remove_file(project.root().join("secrets/dev.json")).unwrap();
    let path = format!("{}:{}", plugin.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let with = |mut command: Command| {
        command.env("PATH", &path);
        command
    };
    succeeded(&feed(with(project.secrets(&["set", "A", "--exact"])), b"quantum"));
    assert_eq!(succeeded(&with(project.secrets(&["get", "A"])).output().unwrap()), b"quantum");
    let mut sops = with(pair.bare_sops(&["decrypt", "--extract", "[\"A\"]", "secrets/dev.json"]));
    sops.env("SOPS_AGE_KEY_FILE", project.identity());
    assert_eq!(succeeded(&sops.output().unwrap()), b"quantum");
}
