//! `import`: what is read and how that is said, what is refused with its line, what stays, and what is said of the file.
//!
//! **No message repeats a value.**

use std::process::Command;

use crate::fixture::{canary, closes, declare, ends, has, terminal, texts, tree};
use crate::support::{Project, feed, shown};

/// Imports `text` by the name `file`; gives back stderr.
#[track_caller]
fn import(project: &Project, file: &str, text: &str, arguments: &[&str], code: i32) -> String {
    project.write(file, text);
    let arguments: Vec<_> = ["import", file].iter().chain(arguments).copied().collect();
    ends(project.secrets(&arguments), code).1
}

/// As [`import`], and nothing at all changes.
#[track_caller]
fn refuses(project: &Project, file: &str, text: &str, arguments: &[&str]) -> String {
    project.write(file, text);
    let before = tree(&project.root());
    let message = import(project, file, text, arguments, 2);
    assert!(before == tree(&project.root()), "something changed");
    assert!(!message.contains("s3cret"), "a value in the message: {message}");
    message
}

#[test]
fn files_that_are_none_are_told() {
    let project = Project::new();
    has(&project.fails(2, &["import"]), &["failed to read `.env`"]);
    has(&project.fails(2, &["import", "secrets"]), &["failed to read `secrets`", "directory"]);
    has(&project.fails(2, &["import", "/dev/zero"]), &["it is no regular file"]);
    has(&project.fails(2, &["import", "a.env", "--format", "nope"]), &["nope", "dotenv", "docker"]);
    project.write("latin.env", b"A=1\nB=s3cret\xfc\n");
    has(&project.fails(2, &["import", "latin.env"]), &["`latin.env` is not UTF-8 text in line 2"]);
    has(&project.fails(2, &["import", "latin.env", "--file", "x.json"]), &["`x.json` is not among the sources"]);
    has(
        &refuses(&project, "a.json", "{\"A\": \"s3cret\",}", &[]),
        &["`a.json` is not valid JSON at line 1, column 16"],
    );
    has(&refuses(&project, "a.json", "[\"s3cret\"]", &[]), &["`a.json` is not valid JSON at line 1"]);
    has(&refuses(&project, "a.env", "A=1\ns3cret\n", &["--format", "docker"]), &["a.env:2: there is no `NAME=` in it"]);
    has(
        &refuses(&project, "a.env", "A='s3cret\n", &["--format", "dotenv"]),
        &["a.env:1: has a quote or a brace that is not closed"],
    );
    for (text, format) in [("", "dotenv"), ("\n# nothing\n", "bash"), ("{}", "json")] {
        let said = import(&project, "a.txt", text, &["--format", format], 0);
        has(&said, &["Unchanged secrets/dev.json (dev)"]);
        assert!(!said.contains("plaintext"), "{said}");
    }
}

#[test]
fn a_dotenv_file_is_read_if_all_agree_and_that_is_said() {
    let project = Project::new();
    let message = import(&project, ".env", "# ours\nA=1\nB=two#2\n", &[], 0);
    has(
        &message,
        &["Reading .env: as dotenvy and docker and bash read it", "Imported 2 names into secrets/dev.json (dev)"],
    );
    has(&message, &["Declared as secret in Cargo.toml: A, B"]);
    assert_eq!(project.ok(&["get", "B"]), "two#2");
    let message = import(&project, ".env", "export C='a b' # said\nD=\"x\\\"y\"\n", &[], 0);
    has(&message, &["as dotenvy and bash read it; not docker, for line 1: there is no `NAME=` in it"]);
    assert_eq!((project.ok(&["get", "C"]), project.ok(&["get", "D"])), ("a b".into(), "x\"y".into()));
    has(
        &import(&project, ".env", "W=1\r\nX='a b'\r\n", &[], 0),
        &["as dotenvy reads it; not docker", "not bash, for line 1"],
    );
    assert_eq!((project.ok(&["get", "W"]), project.ok(&["get", "X"])), ("1".into(), "a b".into()));
    let message = import(&project, ".env", "URL=https://x/?a=1&b=2\n", &[], 0);
    has(&message, &["as dotenvy and docker read it; not bash, for line 1"]);
}

#[test]
fn lines_that_are_read_differently_are_told_by_dialect_without_the_value() {
    let project = Project::new();
    let message = refuses(&project, ".env", "A=s3cret$word\nOK=1\nB=s3cret # not\nC=s3\\\\cret\n", &[]);
    has(
        &message,
        &[
            "error: `.env` is read differently",
            ".env:1: `A`: dotenvy: takes in a variable that the file does not set before; docker: 11 characters with `$`; bash: takes in",
            ".env:3: `B`: dotenvy: 6 characters; docker: 12 characters with `#`; bash: 6 characters",
            ".env:4: `C`: dotenvy: 7 characters with `\\`; docker: 8 characters with `\\`",
            "help: say who reads it: --format dotenv (dotenvy), docker or bash",
        ],
    );
    assert!(!message.contains(".env:2"), "{message}");
    import(&project, ".env", "A=s3cret$word\nB=s3cret # not\n", &["--format", "docker", "--quiet"], 0);
    assert_eq!(project.ok(&["get", "A"]), "s3cret$word");
    assert_eq!(project.ok(&["get", "B"]), "s3cret # not");
    let message = refuses(&project, ".env", "A=s3cret word\nB=\"s3cret\"\n", &[]);
    has(
        &message,
        &[
            "is no `.env` file that any program reads whole",
            "dotenvy: has text after the value",
            "docker: it would keep the quotes",
        ],
    );
    has(&refuses(&project, ".env", "A=1\nA=s3cret\n", &[]), &[".env:2: `A`: has another value in line 1"]);
}

#[test]
fn a_dialect_that_is_named_is_followed() {
    let project = Project::new();
    let text = "HOST=db\nURL=\"postgres://${HOST}/x\"\n";
    import(&project, "a.env", text, &["--format", "dotenv", "-q"], 0);
    assert_eq!(project.ok(&["get", "URL"]), "postgres://db/x");
    let text = "declare -x A=\"a\\$b\"\nexport B=$'c\\n\\x41'\\''d'\\'\nC=a\"b\"'c'\n";
    import(&project, "a.sh", text, &["--format", "bash", "-q"], 0);
    assert_eq!(project.ok(&["get", "A"]), "a$b");
    assert_eq!(project.ok(&["get", "B"]), "c\nA'd'");
    assert_eq!(project.ok(&["get", "C"]), "abc");
    for text in ["A=$(touch pwned)", "A=`touch pwned`", "A=\"$(touch pwned)\"", "A=${B:-s3cret}", "A=~/s3cret"] {
        has(&refuses(&project, "a.sh", text, &["--format", "bash"]), &["a.sh:1: `A`: "]);
    }
    assert!(!project.root().join("pwned").exists());
}

#[test]
fn json_holds_texts_and_what_is_nested_is_told() {
    let project = Project::new();
    let text = "{\n \"A\": \"\\u00fc\\n\",\n \"N\": 1.50,\n \"T\": true,\n \"db\": {\"s3cret\": 1},\n \"none\": null,\n \"a-b\": \"s3cret\"\n}";
    let message = import(&project, "a.json", text, &[], 1);
    has(&message, &["Reading a.json: json", "Imported 3 names"]);
    has(
        &message,
        &[
            "not imported: a.json:5: `db`: is nested",
            "a.json:6: `none`: is null",
            "a.json:7: `a-b` is no variable name",
        ],
    );
    assert!(!message.contains("s3cret"), "{message}");
    assert_eq!(project.ok(&["get", "A"]), "ü\n");
    assert_eq!(project.ok(&["get", "N"]), "1.50");
    has(
        &refuses(&project, "a.json", "{\"A\": \"1\",\n\"A\": \"s3cret\"}", &[]),
        &["a.json:2: `A`: has another value in line 1"],
    );
    has(&import(&project, "a.json", "{\"Z\": \"a\\u0000b\"}", &[], 1), &["not imported: a.json:1: `Z`: holds a NUL"]);
}

#[test]
fn yaml_holds_texts_and_what_its_readers_differ_on_is_refused() {
    let project = Project::new();
    let text = "# ours\nA: plain text # c\nB: |\n  two\n  lines\nN: 007\nT: yes\nlist: [s3cret]\nmap:\n  s3cret: s3cret\nnone:\nQ: \"\\u00fc\\n\"\n";
    let message = import(&project, "a.yml", text, &[], 1);
    has(&message, &["Reading a.yml: yaml", "Imported 5 names"]);
    has(&message, &["a.yml:8: `list`: is nested", "a.yml:9: `map`: is nested", "a.yml:11: `none`: is null"]);
    assert!(!message.contains("s3cret"), "{message}");
    for (name, value) in [("A", "plain text"), ("B", "two\nlines\n"), ("N", "007"), ("T", "yes"), ("Q", "ü\n")] {
        assert_eq!(project.ok(&["get", name]), value);
    }
    for (text, part) in [
        ("A: &x s3cret\n", "a.yml:1: has an anchor"),
        ("<<: s3cret\n", "a.yml:1: has an anchor"),
        ("A: !!binary s3cret\n", "a.yml:1: has an anchor"),
        ("A: 1\n---\nB: s3cret\n", "a.yml:2: begins a second document"),
        ("- s3cret\n", "a.yml:1: holds no mapping"),
        ("s3cret", "a.yml:1: holds no mapping"),
        ("A: 1\nA: s3cret\n", "a.yml:2: `A`: has another value in line 1"),
        ("A: \"s3cret\n", "`a.yml` is not valid YAML at line"),
        ("A: s3\u{2028}cret\n", "a.yml:1: has a character that ends a line"),
    ] {
        has(&refuses(&project, "a.yml", text, &[]), &[part]);
    }
    has(&import(&project, "a.yml", "", &[], 0), &["Unchanged"]);
}

#[test]
fn what_is_nested_is_taken_by_joined_names_when_asked() {
    for (file, text) in [
        ("a.json", "{\"db\": {\"user-name\": \"u\", \"hosts\": [\"h0\", {\"x\": 1}]}, \"a\": true}"),
        ("a.yaml", "db:\n  user-name: u\n  hosts:\n    - h0\n    - x: 1\na: true\n"),
    ] {
        let project = Project::new();
        has(&import(&project, file, text, &["--flatten"], 0), &["Imported 4 names"]);
        for (name, value) in [("DB_USER_NAME", "u"), ("DB_HOSTS_0", "h0"), ("DB_HOSTS_1_X", "1"), ("A", "true")] {
            assert_eq!(project.ok(&["get", name]), value, "{file}");
        }
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let project = Project::new();
    has(&import(&project, "a.json", &deep, &["--flatten"], 1), &["not imported: a.json:1: ", "is nested"]);
    let twice = "{\"a\": {\"b\": \"1\"},\n\"a_b\": \"s3cret\"}";
    has(&refuses(&project, "a.json", twice, &["--flatten"]), &["a.json:2: `A_B`: has another value in line 1"]);
}

#[test]
fn a_secret_file_is_imported_with_the_identity_that_opens_it() {
    let project = Project::new();
    project.set("A", "x\ny");
    declare(&project, "[workspace.metadata.secrets.environments.other]\nsources = [\"secrets/other.json\"]\n");
    let recipients = project.read("Cargo.toml");
    let recipients = recipients.lines().find(|line| line.starts_with("recipients = ")).unwrap().to_owned();
    declare(&project, &format!("[workspace.metadata.secrets.environments.other]\n{recipients}\n"));
    let (_, message) = ends(project.secrets(&["import", "secrets/dev.json", "-e", "other"]), 0);
    has(&message, &["Reading secrets/dev.json: sops", "Imported 1 name into secrets/other.json (other)"]);
    assert!(!message.contains("plaintext"), "{message}");
    assert_eq!(project.ok(&["get", "A", "-e", "other"]), "x\ny");
    let output = feed(project.secrets(&["import", "-", "--format", "sops"]), b"{}");
    has(&texts(&output).1, &["a file of this format is read by its path"]);
    has(&project.fails(2, &["import", "Cargo.toml", "--format", "sops"]), &["`Cargo.toml`"]);
    std::fs::remove_file(project.identity()).unwrap();
    has(&project.fails(3, &["import", "secrets/dev.json", "-e", "other"]), &["cannot decrypt `secrets/dev.json`"]);
}

#[test]
fn what_env_prints_is_taken_less_what_is_of_the_session() {
    let project = Project::new();
    let piped = |text: &[u8], arguments: &[&str], code: i32| {
        let arguments: Vec<_> = ["import", "-"].iter().chain(arguments).copied().collect();
        let output = feed(project.secrets(&arguments), text);
        assert_eq!(output.status.code(), Some(code), "{}", shown(&output));
        texts(&output).1
    };
    let message =
        piped(b"PATH=/bin\0HOME=/root\0TOKEN=a\nb=c\0LANG=C\0BASH_FUNC_f%%=() {  :\n}\0SOPS_AGE_KEY=s3cret\0", &[], 0);
    has(&message, &["Reading standard input: env", "Imported 1 name into"]);
    has(&message, &["each session has its own: LANG, BASH_FUNC_f%%, PATH, HOME, SOPS_AGE_KEY"]);
    assert!(!message.contains("plaintext") && !message.contains("s3cret"), "{message}");
    assert_eq!(project.ok(&["get", "TOKEN"]), "a\nb=c");
    let message = piped(b"A=1\nB=x\ny\n", &["--format", "env"], 2);
    has(&message, &["standard input:3: no `NAME=` begins it", "help: env -0 | cargo secrets import -"]);
    piped(b"A=1\nB=x y $z\n", &["--format", "env", "--only", "B", "-q"], 0);
    assert_eq!(project.ok(&["get", "B"]), "x y $z");
    has(&project.fails(2, &["get", "A"]), &["`A` has no value"]);
    has(&piped(b"A=1\n", &["--format", "env", "--only", "AB"], 2), &["`AB` is not in the file", "did you mean `A`?"]);
}

/// The name would be published in Cargo.toml, and the value cut.
#[test]
fn the_last_line_of_a_wrapped_value_is_no_name() {
    let project = Project::new();
    let why = "looks like the last line of a base64 value of several lines";
    for tail in ["NwnRV7k80CLQ71C8MOARoQ==", "mK2v9QxTbLr7Yw4zPfHd0uE=", "oQ=="] {
        let text = format!("TOKEN={}\n{tail}\n", "s3cretab".repeat(8));
        for format in ["env", "dotenv", "docker", "bash", ""] {
            let format = if format.is_empty() { vec![] } else { vec!["--format", format] };
            let said = refuses(&project, "a.env", &text, &format);
            has(&said, &["a.env:2: ", why, "env -0 | cargo secrets import -", "double quotes"]);
            assert!(!said.contains(tail.trim_end_matches('=')), "{said}");
        }
        let quoted = format!("TOKEN=\"{}\n{tail}\"\n", "s3cretab".repeat(8));
        import(&project, "a.env", &quoted, &["--format", "dotenv", "--overwrite"], 0);
        assert!(project.ok(&["get", "TOKEN"]).ends_with(tail));
        let exact = format!("TOKEN={}\n{tail}\0", "s3cretab".repeat(8));
        import(&project, "exact.env", &exact, &["--format", "env"], 0);
    }
    let ordinary = "DATABASEURL=\nAPIKEY12=\nDATABASE_url1=\nlowercase=\ncamelCase=x\nEQUALS==\nA1==\n";
    has(&import(&project, "b.env", ordinary, &["--format", "env"], 0), &["Imported 7 names"]);
}

#[test]
fn a_link_out_of_the_project_is_not_followed() {
    let project = Project::new();
    let private = Project::new();
    private.write("private.env", "BANK=s3cret\n");
    let real = private.root().join("private.env").canonicalize().unwrap();
    std::os::unix::fs::symlink(&real, project.root().join(".env")).unwrap();
    project.write("secretspec.toml", "[profiles.default]\nBANK = { description = \"\" }\n");
    let before = tree(&project.root());
    for file in [".env", "./.env", "secretspec.toml"] {
        let message = project.fails(2, &["import", file]);
        has(&message, &[".env` is a link out of the project, to `", "private.env", "import that path itself"]);
        assert!(!message.contains("s3cret") && before == tree(&project.root()), "{message}");
    }
    std::os::unix::fs::symlink(&real, project.root().join(".env.keys")).unwrap();
    let message = refuses(&project, "x.env", "A=\"encrypted:AAAA\"\n", &[]);
    has(&message, &[".env.keys` is a link out of the project", "DOTENV_PRIVATE_KEY"]);
    let (_, message) = ends(project.secrets(&["import", real.to_str().unwrap()]), 0);
    has(&message, &["Imported 1 name"]);
}

#[test]
fn what_was_not_chosen_is_not_told() {
    let project = Project::new();
    let text = "PATH=/bin\nLANG=C\nTOKEN=s3cret\nnot-a-name=1\n";
    let said = import(&project, "a.env", text, &["--format", "docker", "--only", "TOKEN"], 0);
    has(&said, &["Imported 1 name", "still holds these values in plaintext"]);
    assert!(!["PATH", "LANG", "not-a-name", "left out"].iter().any(|word| said.contains(word)), "{said}");
    let said =
        import(&project, "env.txt", text.split("not").next().unwrap(), &["--format", "env", "--only", "PATH"], 0);
    has(&said, &["left out", "PATH"]);
    assert!(!["LANG", "TOKEN", "plaintext"].iter().any(|word| said.contains(word)), "{said}");
}

/// Quotes mend no JSON and no YAML.
#[test]
fn other_formats_are_not_told_of_single_quotes() {
    let project = Project::new();
    for (file, text) in [
        ("a.json", "{\"A\": \"1\", \"A\": \"2\"}"),
        ("a.yaml", "A: &x 1\n"),
        ("a.yaml", "- 1\n"),
        ("a.yaml", "A: 1\n---\nB: 2\n"),
    ] {
        let said = refuses(&project, file, text, &[]);
        assert!(!said.contains("single quotes") && said.contains("correct it there"), "{said}");
    }
    has(&refuses(&project, "a.env", "A='s3cret\n", &["--format", "bash"]), &["single quotes around a value"]);
}

/// The commands can be pasted.
#[test]
fn a_name_with_a_quote_is_quoted_in_commands() {
    let project = Project::new();
    has(&import(&project, "it's.env", "A=1\n", &[], 0), &[r"rm 'it'\''s.env'"]);
}

#[test]
fn values_that_are_there_stay_unless_told() {
    let project = Project::new();
    project.set("A", "old");
    project.set("B", "same");
    let text = "A=new\nB=same\nC=fresh\n";
    let message = import(&project, "a.env", text, &["--dry-run"], 0);
    has(&message, &["nothing was written"]);
    let list = project.ok(&["import", "a.env", "--dry-run", "-q"]);
    assert_eq!(
        list,
        "NAME  KIND    THERE\nA     secret  has another value\nB     secret  has this value\nC     secret  new\n"
    );
    let message = import(&project, "a.env", text, &[], 0);
    has(&message, &["Imported 1 name into", "kept, with other values than here: A (--overwrite replaces)"]);
    assert_eq!((project.ok(&["get", "A"]), project.ok(&["get", "C"])), ("old".into(), "fresh".into()));
    let before = tree(&project.root());
    has(&import(&project, "a.env", text, &["--except", "A"], 0), &["Unchanged secrets/dev.json (dev)"]);
    assert!(before == tree(&project.root()), "something changed");
    has(&import(&project, "a.env", text, &["--overwrite"], 0), &["Imported 1 name into"]);
    assert_eq!(project.ok(&["get", "A"]), "new");
}

#[test]
fn a_terminal_is_asked_whether_values_are_replaced() {
    let project = Project::new();
    project.set("A", "old");
    project.write("a.env", "A=new\n");
    for (answer, value) in [("n", "old"), ("", "old"), ("y", "new")] {
        let mut session = terminal(&project.secrets(&["import", "a.env"]));
        session.exp_string("These have other values in secrets/dev.json: A. Replace them? [y/N] ").unwrap();
        session.send_line(answer).unwrap();
        closes(session, 0);
        assert_eq!(project.ok(&["get", "A"]), value, "{answer}");
    }
    let rest = closes(terminal(&project.secrets(&["import", "-"])), 2);
    has(&rest, &["values that are typed here would be seen", "cargo secrets import - < FILE"]);
}

#[test]
fn names_that_a_file_must_not_set_stay_out() {
    let project = Project::new();
    declare(&project, "[workspace.metadata.secrets.variables.A]\nkind = \"secret\"\n");
    declare(&project, "[workspace.metadata.secrets.variables.URL]\nvalue = \"x${A}\"\n");
    declare(&project, "[workspace.metadata.secrets.variables.PORT]\nkind = \"key\"\nformat = \"int\"\n");
    declare(&project, "[workspace.metadata.secrets.variables.EDITOR]\nkind = \"key\"\nallow-unsafe-name = true\n");
    let text = "A=1\nLD_PRELOAD=/x\nURL=s3cret\nPORT=s3cret\nEDITOR=vi\nE=\nP=changeme\na.b=1\n";
    let message = import(&project, "a.env", text, &["--format", "dotenv"], 1);
    has(&message, &["Imported 4 names", "left out", "LD_PRELOAD"]);
    has(
        &message,
        &["a.env:3: `URL` is composed", "a.env:4: the value for `PORT`", "`int`", "a.env:8: `a.b` is no variable name"],
    );
    has(&message, &["empty, and SOPS does not protect empty values: E", "look like placeholders, not values: P"]);
    assert!(!message.contains("s3cret") && !message.contains("changeme"), "{message}");
    assert_eq!(project.ok(&["get", "EDITOR"]), "vi");
}

#[test]
fn a_huge_name_is_told_and_does_not_flood_the_terminal() {
    let project = Project::new();
    let name = "A".repeat(100_000);
    for (file, text) in [("a.json", format!("{{\"{name}\": \"s3cret\"}}")), ("a.env", format!("{name}=s3cret\n"))] {
        let message = import(&project, file, &text, &[], 1);
        has(&message, &[file, ":1: what stands there is longer than 255 characters"]);
        assert!(message.len() < 2000, "{} bytes", message.len());
    }
}

#[test]
fn names_of_another_file_of_the_environment_are_not_set_twice() {
    let project = Project::new();
    project.set("A", "old");
    let manifest =
        project.read("Cargo.toml").replace("[\"secrets/dev.json\"]", "[\"secrets/dev.json\", \"secrets/more.json\"]");
    project.write("Cargo.toml", manifest);
    let message = import(&project, "a.env", "A=new\nB=1\n", &["--overwrite"], 1);
    has(&message, &["Imported 1 name into secrets/more.json (dev)"]);
    has(&message, &["`A` has a value in `secrets/dev.json`: --file secrets/dev.json"]);
    import(&project, "a.env", "A=new\n", &["--overwrite", "-q", "--file", "secrets/dev.json"], 0);
    assert_eq!(project.ok(&["get", "A"]), "new");
}

#[test]
fn the_file_stays_and_what_git_knows_of_it_is_said() {
    let project = Project::new();
    let git = |arguments: &[&str]| {
        let mut command = project.command("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments);
        ends(command, 0)
    };
    let message = import(&project, "a.env", "A=1\n", &[], 0);
    has(&message, &["note: `a.env` still holds these values in plaintext", "rm 'a.env'"]);
    assert!(!message.contains("git"), "{message}");
    git(&["init", "-q"]);
    has(&import(&project, "a.env", "A=1\n", &[], 0), &["git does not ignore `a.env`"]);
    assert!(!import(&project, ".env", "A=1\n", &[], 0).contains("git"), "ignored by init's lines");
    git(&["add", "-f", "a.env"]);
    git(&["commit", "-q", "-m", "oops"]);
    has(&import(&project, "a.env", "A=1\n", &[], 0), &["git tracks `a.env`, and its history keeps the values"]);
    assert_eq!(project.read("a.env"), "A=1\n");
}

#[test]
fn a_thousand_values_are_one_write_and_none_is_shown() {
    let project = Project::new();
    let secret = canary();
    let lines: Vec<_> = (0..1000).map(|number| format!("N{number}={secret}{number}\n")).collect();
    let text = lines.concat();
    let message = import(&project, "a.env", &text, &["-v"], 0);
    assert!(!message.contains(&secret), "{message}");
    has(&message, &["Imported 1000 names"]);
    assert_eq!(project.ok(&["get", "N999"]), format!("{secret}999"));
    assert!(!project.read("secrets/dev.json").contains(&secret));
    project.ok(&["check"]);
}

#[test]
fn recipients_that_differ_and_a_wrong_key_change_nothing() {
    let project = Project::new();
    project.set("A", "x");
    project.write("b.env", "B=s3cret\n");
    let manifest = project.read("Cargo.toml");
    let other = Project::new();
    project.write("Cargo.toml", manifest.replace(&project.recipient(), &other.recipient()));
    let before = tree(&project.root());
    has(&project.fails(3, &["import", "b.env"]), &["the recipients of"]);
    let mut command: Command = project.secrets(&["import", "b.env"]);
    command.env("CARGO_SECRETS_IDENTITY_FILE", other.identity());
    has(&ends(command, 3).1, &["cannot decrypt"]);
    assert!(before == tree(&project.root()), "something changed");
}
