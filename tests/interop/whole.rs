//! age files around dotenv text, as `age` and `rage` write them.

use crate::pair::{Pair, Values, failed, succeeded, values};
use crate::support::{Project, feed, tools};

const NAME: &str = "secrets/dev.age";
const BODY: &str =
    "# of the team\nexport A=1\nB='two # \"words\" $HOME \\n'\nC=\"three\\nlines\n\\$x\"\nEMPTY=\nD=a=b#c # comment\n";

fn expected() -> Values {
    values([("A", "1"), ("B", "two # \"words\" $HOME \\n"), ("C", "three\nlines\n$x"), ("EMPTY", ""), ("D", "a=b#c")])
}

/// Lets age encrypt `body` as the project's only source.
fn encrypt(project: &Project, options: &[&str], body: &[u8]) {
    let mut command = project.command(tools::age().unwrap());
    command.args(options);
    project.write(NAME, succeeded(&feed(command, body)));
    let manifest = project.read("Cargo.toml").replace("secrets/dev.json", NAME);
    project.write("Cargo.toml", manifest);
}

#[test]
fn an_age_file_of_dotenv_text_is_delivered_binary_and_armored() {
    let Some(pair) = Pair::new() else { return };
    let ours = pair.project.recipient();
    let other = Project::new().recipient();
    for options in [&["-r", &ours][..], &["-a", "-r", &ours], &["-a", "-r", &other, "-r", &ours]] {
        encrypt(&pair.project, options, BODY.as_bytes());
        assert_eq!(pair.delivered(), expected(), "{options:?}");
        assert_eq!(pair.project.ok(&["get", "B"]), expected()["B"]);
    }
    encrypt(&pair.project, &["-a", "-r", &ours], BODY.replace('\n', "\r\n").as_bytes());
    assert_eq!(pair.delivered()["A"], "1");
    let big = "x".repeat(100_000);
    encrypt(&pair.project, &["-r", &ours], format!("BIG='{big}'\n").as_bytes());
    assert_eq!(pair.delivered(), values([("BIG", &big)]));
}

#[test]
fn an_age_file_for_an_ssh_key_is_delivered() {
    let (Some(pair), Some(keygen)) = (Pair::new(), tools::ssh_keygen()) else { return };
    let path = pair.project.root().join("id");
    let mut command = pair.project.command(keygen);
    command.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&path);
    succeeded(&command.output().unwrap());
    encrypt(&pair.project, &["-R", path.with_extension("pub").to_str().unwrap()], BODY.as_bytes());
    let flag = pair.project.secrets(&["--identity", path.to_str().unwrap()]);
    assert_eq!(crate::pair::delivered(flag), expected());
}

#[test]
fn a_change_of_an_age_file_is_refused_and_its_names_are_not_told_without_a_key() {
    let Some(pair) = Pair::new() else { return };
    encrypt(&pair.project, &["-r", &pair.project.recipient()], BODY.as_bytes());
    let before = std::fs::read(pair.project.root().join(NAME)).unwrap();
    let error = failed(&pair.try_set("A", "do not show"), 2);
    assert!(error.contains("encrypted as a whole") && error.contains("cargo secrets import"), "{error}");
    assert!(!error.contains("do not show"), "{error}");
    failed(&pair.project.secrets(&["unset", "A"]).output().unwrap(), 2);
    assert_eq!(std::fs::read(pair.project.root().join(NAME)).unwrap(), before);

    let output = pair.project.secrets(&["list"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("only when it is decrypted"));
    assert!(!String::from_utf8_lossy(&succeeded(&output)).contains("EMPTY"));
    let output = pair.project.secrets(&["doctor"]).output().unwrap();
    let doctor = String::from_utf8_lossy(&output.stdout);
    assert!(doctor.contains("no names to protect one by one") && doctor.contains("5 name(s), decrypted"), "{doctor}");

    std::fs::remove_file(pair.project.root().join(NAME)).unwrap();
    assert!(failed(&pair.try_set("A", "do not show"), 2).contains("encrypted as a whole"));
}

#[test]
fn beside_an_age_file_names_are_set_in_the_other_source() {
    let Some(pair) = Pair::new() else { return };
    encrypt(&pair.project, &["-r", &pair.project.recipient()], BODY.as_bytes());
    pair.declare("sources", &format!("[\"{NAME}\", \"secrets/new.json\"]"));
    pair.project.set("A", "from the later one");
    let mut both = expected();
    both.insert("A".to_owned(), "from the later one".to_owned());
    assert_eq!(pair.delivered(), both);
}

#[test]
fn an_age_file_that_is_not_ours_or_no_dotenv_text_starts_nothing() {
    let Some(pair) = Pair::new() else { return };
    let ours = pair.project.recipient();
    let started = |code| failed(&pair.project.secrets(&["run", "--", "echo", "started"]).output().unwrap(), code);
    encrypt(&pair.project, &["-r", &Project::new().recipient()], BODY.as_bytes());
    let error = started(125);
    assert!(error.contains("none of the identities") && error.contains(&ours), "{error}");
    for (body, message) in [
        (&b"A=1\nword with sp\xc3\xa4ces\n"[..], "line 2 of its dotenv text"),
        (b"A=$HOME\n", "single quotes"),
        (b"A=1\nA=2\n", "line 2"),
        (b"\xff\xfe", "not UTF-8"),
    ] {
        encrypt(&pair.project, &["-r", &ours], body);
        let error = started(125);
        assert!(error.contains(message) && !error.contains("word with"), "{error}");
    }
    for content in [&b""[..], b"A=1\n", b"-----BEGIN AGE ENCRYPTED FILE-----\n", b"age-encryption.org/v1\n", b"\xff"] {
        pair.project.write(NAME, content);
        started(125);
    }
    encrypt(&pair.project, &["-r", &ours], b"");
    assert_eq!(pair.delivered(), values([]));
}

#[test]
fn nothing_is_inherited_from_an_age_file_since_it_does_not_say_who_reads_it() {
    let Some(pair) = Pair::new() else { return };
    encrypt(&pair.project, &["-r", &pair.project.recipient()], BODY.as_bytes());
    let manifest = pair.project.read("Cargo.toml");
    let table = "[workspace.metadata.secrets.environments.";
    let table = if manifest.contains(table) { table } else { "[package.metadata.secrets.environments." };
    let more =
        format!("\n{table}next]\ninherits = \"dev\"\nsources = [\"secrets/next.json\"]\nrecipients = [\"alice\"]\n");
    pair.project.write("Cargo.toml", manifest + &more);
    let set = pair.project.secrets(&["set", "Z", "--exact", "--quiet", "-e", "next"]);
    succeeded(&feed(set, b"z"));
    let run = pair.project.secrets(&["run", "-e", "next", "--", "echo", "started"]).output().unwrap();
    assert!(failed(&run, 125).contains("does not say for whom it is"));
}
