//! Files of the wrong shape: no metadata, two names alike, too deep, too long, too many, and circles in Cargo.toml.

use crate::forge::{Forge, quoted};
use crate::outcome::{Outcome, message, run_environment, run_file};
use crate::support::{Project, feed, shown};
use crate::tamper::Bench;

/// A dotenv file (beside the project's own) is refused, with `words` and its name in the message.
fn dotenv_is_refused(project: &Project, content: impl AsRef<[u8]>, words: &[&str]) {
    let path = project.write("given.env", content);
    let refused = run_file(project, &path).refused();
    for word in words.iter().chain(&["given.env"]) {
        assert!(refused.contains(word), "`{word}` is not in: {refused}");
    }
}

/// `text` without the line that holds `mark`.
fn without_line(text: &str, mark: &str) -> String {
    assert!(text.contains(mark), "{mark}");
    text.split_inclusive('\n').filter(|line| !line.contains(mark)).collect()
}

fn token_line(forge: &Forge) -> String {
    format!("TOKEN={}\n", forge.seal("TOKEN", "geheim", "str"))
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let bench = Bench::new();
    let sealed = |text| quoted(&bench.forge.seal("ALPHA", text, "str"));
    let twice = [("ALPHA", sealed("geheim")), ("ALPHA", sealed("other"))];
    bench.refuses(bench.forge.json(&twice, "geheimother", ""), 2, &["has two entries named `ALPHA`"]);
    let spelled = [("ALPHA", sealed("geheim")), ("\\u0041LPHA", sealed("other"))];
    bench.refuses(bench.forge.json(&spelled, "geheimother", ""), 2, &["has two entries named `ALPHA`"]);
    let nested = [("db", "{\"user\": \"\", \"user\": \"\"}".to_owned())];
    bench.refuses(bench.forge.json(&nested, "", ""), 2, &["has two entries named `user`"]);
    let metadata = ("sops", bench.forge.metadata("", ""));
    bench.refuses(bench.forge.json(&[metadata], "", ""), 2, &["has two entries named `sops`"]);
    let mac = bench.forge.strings(&[]).replace("\"version\"", "\"mac\": \"\", \"version\"");
    bench.refuses(mac, 2, &["has two entries named `mac`"]);

    let line = token_line(&bench.forge);
    let text = bench.forge.dotenv(&format!("{line}{line}"), "geheimgeheim", "");
    dotenv_is_refused(&bench.project, text, &["has two entries named `TOKEN`"]);
    let text = bench.forge.dotenv(&line, "geheim", "sops_version=3.11.0\n");
    dotenv_is_refused(&bench.project, text, &["has two entries named `sops_version`"]);
}

#[test]
fn a_file_that_is_not_of_sops_is_refused() {
    let bench = Bench::new();
    bench.refuses("{\"ALPHA\": \"geheim\"}", 2, &["is not encrypted by SOPS"]);
    bench.refuses("{}", 2, &["is not encrypted by SOPS"]);
    for broken in ["", "{", "{\"ALPHA\": \"geheim}", "ALPHA=geheim\n", "{\"ALPHA\": \"geheim\"} trailing", "\u{feff}{}"]
    {
        bench.refuses(broken, 2, &["JSON"]);
    }
    bench.refuses([b"{\"ALPHA\": \"geheim\xff\"}".as_slice()].concat(), 2, &["is not UTF-8 text"]);
    dotenv_is_refused(&bench.project, "ALPHA=geheim\n", &["is not encrypted by SOPS"]);
    dotenv_is_refused(&bench.project, "", &["is not encrypted by SOPS"]);
    dotenv_is_refused(&bench.project, "a geheim line\n", &["has no `=` in line 1"]);
    dotenv_is_refused(&bench.project, b"A=geheim\xff\n", &["is not UTF-8 text"]);
}

#[test]
fn metadata_of_another_shape_is_called_damaged_metadata() {
    let bench = Bench::new();
    for other in ["5", "\"geheim\"", "[]", "null", "true"] {
        bench.refuses(format!("{{\"ALPHA\": \"geheim\", \"sops\": {other}}}"), 2, &["damaged `sops` metadata"]);
    }
    let text = bench.forge.strings(&[("ALPHA", "geheim")]);
    bench.refuses(without_line(&text, "\"mac\""), 2, &["damaged `sops` metadata"]);
    bench.refuses(without_line(&text, "\"lastmodified\""), 2, &["damaged `sops` metadata"]);
    bench.refuses(without_line(&text, "\"age\""), 2, &["has no recipients"]);
    bench.refuses(text.replace("\"age\": [{", "\"age\": [], \"x\": [{"), 2, &["has no recipients"]);
    bench.refuses(text.replace("\"age\": [{", "\"age\": 7, \"x\": [{"), 2, &["damaged `sops` metadata"]);
    bench.refuses(text.replace("\"mac\": \"", "\"mac\": 7, \"x\": \""), 2, &["damaged `sops` metadata"]);
    bench.refuses(text.replace("\"mac\": \"", "\"mac\": \"x"), 3, &["the MAC does not match"]);
    bench.refuses(text.replace("2024-02-29", "2024-02-28"), 3, &["the MAC does not match"]);

    let text = bench.forge.dotenv(&token_line(&bench.forge), "geheim", "");
    for mark in ["sops_mac=", "sops_lastmodified="] {
        dotenv_is_refused(&bench.project, without_line(&text, mark), &["damaged `sops` metadata"]);
    }
    let without_stanza = without_line(&without_line(&text, "map_enc"), "map_recipient");
    dotenv_is_refused(&bench.project, without_stanza, &["has no recipients"]);
    let far = text.replace("sops_age__list_0__", "sops_age__list_4294967295__");
    dotenv_is_refused(&bench.project, far, &["damaged `sops` metadata"]);
}

#[test]
fn a_top_level_that_is_no_object_is_called_so() {
    let bench = Bench::new();
    for other in ["[]", "[{\"ALPHA\": \"geheim\"}]"] {
        bench.refuses(other, 2, &["holds no JSON object"]);
    }
    for other in ["7", "\"geheim\"", "null"] {
        bench.refuses(other, 2, &["JSON"]);
    }
}

#[test]
fn rules_that_contradict_or_cannot_be_read_are_refused() {
    let bench = Bench::new();
    let with = |rule: &str| {
        let entry = ("ALPHA", quoted(&bench.forge.seal("ALPHA", "geheim", "str")));
        bench.forge.json(&[entry], "geheim", rule)
    };
    bench.refuses(
        with("\"unencrypted_suffix\": \"_x\", \"encrypted_regex\": \"A\""),
        2,
        &["more than one of the rules"],
    );
    for bad in ["(", "[a", "(?P<n>a)(?P<n>b)", "((a{1000}){1000}){1000}", "\\\\p{Greek}"] {
        bench.refuses(with(&format!("\"encrypted_regex\": \"{bad}\"")), 2, &["regular expression"]);
    }
    bench.refuses(with("\"encrypted_regex\": 7"), 2, &["damaged `sops` metadata"]);
    bench.lets_through(
        "a rule that means the same",
        with("\"encrypted_regex\": \"(a*)*(ALPHA)\""),
        &[("ALPHA", "geheim")],
    );
}

#[test]
fn nesting_beyond_all_reason_is_an_error_not_a_crash() {
    const DEPTH: usize = 100_000;
    let bench = Bench::new();
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(DEPTH), close.repeat(DEPTH));
    for deep in [nested("{\"a\":", "}"), nested("[", "]")] {
        let file = bench.forge.json(&[("ALPHA", deep.clone())], "1", "");
        bench.refuses(file, 2, &["nested deeper than 64 levels"]);
        let text = bench.forge.strings(&[("ALPHA", "geheim")]).replace("\"mac\"", &format!("\"x\": {deep}, \"mac\""));
        bench.refuses(text, 2, &[]);
        bench.refuses("[{\"a\":".repeat(DEPTH), 2, &[]);
    }
    for step in ["__map_a", "__list_0"] {
        let rule = format!("sops_x{}=1\n", step.repeat(DEPTH));
        dotenv_is_refused(&bench.project, bench.forge.dotenv(&token_line(&bench.forge), "geheim", &rule), &[]);
    }
}

#[test]
fn a_value_of_ten_megabytes_is_kept_exactly_and_named_where_it_does_not_fit() {
    let project = Project::new();
    let value = "geheim 10!".repeat(1024 * 1024);
    project.set("SMALL", "geheim");
    project.set("BIG", &value);
    assert!(project.ok(&["get", "BIG"]) == value, "not the value that was set");
    let refused = run_environment(&project).refused();
    assert!(refused.contains("`BIG` is 10485760 bytes long") && refused.contains("--except BIG"), "{refused}");
    let output = project.secrets(&["run", "-q", "--except", "BIG", "--", "sh", "-c", "printf %s \"$SMALL\""]).output();
    assert_eq!(output.unwrap().stdout, b"geheim");
    project.ok(&["unset", "BIG"]);
    assert!(project.read("secrets/dev.json").len() < 4096);
}

#[test]
fn a_hundred_thousand_names_are_read_and_changed() {
    let bench = Bench::new();
    let names: Vec<_> = (0..100_000).map(|number| format!("NAME_{number}")).collect();
    let entries: Vec<_> = names.iter().map(|name| (name.as_str(), "geheim, and long enough to be too much")).collect();
    bench.project.write("secrets/dev.json", bench.forge.strings(&entries));
    let refused = run_environment(&bench.project).refused();
    assert!(refused.contains("Linux hands over at most") && refused.contains("--only"), "{refused}");
    let output = bench.project.secrets(&["run", "-q", "--only", "NAME_7", "--", "sh", "-c", "env | grep -c ^NAME_"]);
    assert_eq!({ output }.output().unwrap().stdout, b"1\n");
    bench.project.set("FRESH", "geheim, new");
    assert_eq!(bench.project.ok(&["get", "FRESH"]), "geheim, new");
    assert_eq!(bench.project.ok(&["list", "--format", "json"]).matches("\"name\"").count(), 100_001);
}

/// SOPS joins the parts of a path with `:`, so `{"db": {"host": …}}` and `{"db:host": …}` are one place to it.
#[test]
fn a_nested_entry_moved_to_a_name_with_a_colon_becomes_no_other_variable() {
    let bench = Bench::new();
    let sealed = quoted(&bench.forge.seal_at("db:host:", b"geheim", "str"));
    let nested = bench.forge.json(&[("db", format!("{{\"host\": {sealed}}}"))], "geheim", "");
    let flat = bench.forge.json(&[("db:host", sealed)], "geheim", "");
    for (text, word) in [(&nested, "`db.host` is nested"), (&flat, "`db:host` is not a variable name")] {
        bench.project.write("secrets/dev.json", text);
        let refused = run_environment(&bench.project).refused();
        assert!(refused.contains(word) && refused.contains("dev.json"), "{refused}");
    }
    let manifest = bench.project.read("Cargo.toml");
    let source = "sources = [{ path = \"secrets/dev.json\", flatten = true }]";
    bench.project.write("Cargo.toml", manifest.replace("sources = [\"secrets/dev.json\"]", source));
    bench.lets_through("nothing: the control", &nested, &[("DB_HOST", "geheim")]);
    bench.lets_through("a nested entry as a name with a colon, flattened alike", &flat, &[("DB_HOST", "geheim")]);
    let both = bench.forge.json(&[("db", "{\"host\": \"\"}".to_owned()), ("DB_HOST", quoted(""))], "", "");
    bench.project.write("secrets/dev.json", both);
    let refused = run_environment(&bench.project).refused();
    assert!(refused.contains("two entries become the name `DB_HOST`"), "{refused}");
}

#[test]
fn circles_in_cargo_toml_are_refused_with_the_names_in_them() {
    let project = Project::new();
    project.set("TOKEN", "geheim");
    let manifest = project.read("Cargo.toml");
    let table = "[workspace.metadata.secrets";
    let inherits =
        |one: &str, other: &str| format!("{table}.environments.{one}]\ninherits = \"{other}\"\nsources = []\n");
    let composed = |one: &str, other: &str| format!("{table}.variables.{one}]\nvalue = \"x${{{other}}}\"\n");
    let circles = [
        (inherits("east", "west") + &inherits("west", "east"), ["east", "west"]),
        (inherits("east", "east"), ["east", "inherits"]),
        (composed("EAST", "WEST") + &composed("WEST", "EAST"), ["EAST", "WEST"]),
        (composed("EAST", "EAST"), ["EAST", "value"]),
    ];
    for (circle, words) in circles {
        project.write("Cargo.toml", format!("{manifest}\n{circle}"));
        let refused = run_environment(&project).refused();
        let listed = project.fails(2, &["list"]);
        let set = feed(project.secrets(&["set", "TOKEN"]), b"geheim, new");
        assert_eq!(set.status.code(), Some(2), "{}", shown(&set));
        for text in [refused, listed, message(&set)] {
            let is_named = words.iter().chain(&["Cargo.toml"]).all(|word| text.contains(word));
            assert!(is_named, "{words:?}: {text}");
        }
    }
    project.write("Cargo.toml", manifest);
    let values = [("TOKEN".to_owned(), "geheim".to_owned())];
    assert_eq!(run_environment(&project), Outcome::Delivered(values.into()));
}
