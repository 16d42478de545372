//! Any sequence of `set` and `unset`, in both flavours, through the program itself: the file holds what a map would.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::outcome::{Outcome, run_environment};
use crate::support::{Project, feed, long, shown};

const NAMES: [&str; 5] = ["A", "B", "LONG_NAME_9", "_x", "lower"];

#[derive(Clone, Debug)]
enum Step {
    Set(&'static str, String),
    Unset(&'static str),
}

/// Values without NUL: any Unicode, and the texts that formats trip over.
fn value() -> impl Strategy<Value = String> {
    let awkward = proptest::sample::select(vec![
        "",
        " ",
        "\n",
        "\\n",
        "\\",
        "\"",
        "'",
        "#",
        "=",
        "$A",
        "$(a)",
        "`a`",
        "ENC[",
        "a\r\nb\r\n",
        "\u{feff}",
        "true",
        "null",
        "007",
        "{\"a\": [1]}",
        "\t\t",
        "\u{2028}\u{85}",
        "sops_mac=x",
    ]);
    prop_oneof![
        2 => awkward.prop_map(str::to_owned),
        3 => any::<String>().prop_map(|text| text.replace('\0', "")),
        1 => "[ -~\n]{200,400}",
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let name = || proptest::sample::select(NAMES.to_vec());
    prop_oneof![3 => (name(), value()).prop_map(|(name, value)| Step::Set(name, value)), 1 => name().prop_map(Step::Unset)]
}

/// Does one step in the project and in the model; they agree afterwards.
fn advance(project: &Project, model: &mut BTreeMap<String, String>, step: &Step, is_dotenv: bool) {
    match step {
        Step::Set(name, value) => {
            let output = feed(project.secrets(&["set", name, "--exact"]), value.as_bytes());
            // The dotenv flavour of SOPS cannot tell these two characters from a newline.
            if is_dotenv && value.contains("\\n") {
                assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
            } else {
                assert!(output.status.success(), "{}", shown(&output));
                model.insert((*name).to_owned(), value.clone());
                let got = project.secrets(&["get", name]).output().unwrap();
                assert_eq!(got.stdout, value.as_bytes(), "{}", shown(&got));
            }
        }
        Step::Unset(name) => {
            let output = project.secrets(&["unset", name]).output().unwrap();
            assert_eq!(output.status.success(), model.remove(*name).is_some(), "{}", shown(&output));
        }
    }
    assert_eq!(run_environment(project), Outcome::Delivered(model.clone()));
}

fn any_sequence(is_dotenv: bool) {
    let cases = if long() { 200 } else { 12 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let steps = proptest::collection::vec(step(), 1..8);
    let count = std::cell::Cell::new(0);
    let result = runner.run(&steps, |steps| {
        let project = Project::new();
        if is_dotenv {
            project.write("Cargo.toml", project.read("Cargo.toml").replace("dev.json", "dev.env"));
            project.set(NAMES[0], "first");
            project.ok(&["unset", NAMES[0]]);
        }
        let mut model = BTreeMap::new();
        for step in &steps {
            advance(&project, &mut model, step, is_dotenv);
            count.set(count.get() + 1);
        }
        Ok(())
    });
    eprintln!("lab properties: {}: {} steps", if is_dotenv { "dotenv" } else { "json" }, count.get());
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn a_json_file_holds_what_was_set_after_any_sequence() {
    any_sequence(false);
}

#[test]
fn a_dotenv_file_holds_what_was_set_after_any_sequence() {
    any_sequence(true);
}
