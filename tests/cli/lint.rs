//! `lint`: what is found, how each form of output says it, and that no form ever holds a value.

use std::fmt::Write as _;

use serde_json::Value;
use snapbox::assert_data_eq;

use crate::fixture::{canary, ends, has, texts};
use crate::support::{Project, feed};

/// The form of an AWS access key's id, another one at each call.
pub(crate) fn key() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digits = canary();
    let random = digits.as_bytes().chunks(2).take(16).map(|pair| {
        let byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        char::from(LETTERS[usize::from(byte % 32)])
    });
    // All but a few have digits in them.
    ["AK", "IA", &random.collect::<String>()[..14], "7Q"].concat()
}

/// A line of Rust that holds `value`.
pub(crate) fn line(value: &str) -> String {
    format!("pub const KEY: &str = \"{value}\";\n")
}

/// A package with `value` in its source and, once more, in a test.
pub(crate) fn project(value: &str) -> Project {
    let project = Project::bare();
    project.write("src/lib.rs", "pub mod config;\n");
    project.write("src/config.rs", format!("// ünïcode\n{}", line(value)));
    project.write("tests/it.rs", format!("#[test]\nfn it() {{\n    assert_eq!(app::KEY, \"{value}\");\n}}\n"));
    project
}

/// The report of `lint --format json` with more arguments.
pub(crate) fn report(project: &Project, code: i32, arguments: &[&str]) -> Value {
    let arguments = [&["lint", "--format", "json"], arguments].concat();
    serde_json::from_str(&ends(project.secrets(&arguments), code).0).unwrap()
}

/// The files of the first finding's places.
pub(crate) fn files(report: &Value) -> Vec<&str> {
    let places =
        report["findings"].as_array().unwrap().iter().flat_map(|finding| finding["places"].as_array().unwrap());
    places.map(|place| place["file"].as_str().unwrap()).collect()
}

#[test]
fn a_finding_is_shown_as_rustc_shows_an_error_with_the_value_masked() {
    let value = key();
    let project = project(&value);
    let (stdout, stderr) = ends(project.secrets(&["lint"]), 1);
    assert_data_eq!(
        stdout,
        snapbox::str![[r#"
error[aws-access-key-id]: hard-coded Amazon Web Services key
 --> src/config.rs:2:24
  |
2 | pub const KEY: &str = "AKIA****************";
  |                        ^^^^^^^^^^^^^^^^^^^^
  |
  = note: also at tests/it.rs:3:27
  = note: fingerprint [..]


"#]]
    );
    assert_data_eq!(
        stderr,
        snapbox::str![[r"
      Linted 4 files: 1 error
note: revoke what leaked and keep its successor with `cargo secrets set NAME`; `cargo secrets lint --help` says how a finding is accepted

"]]
    );
}

#[test]
fn a_clean_workspace_ends_with_0_and_says_what_was_looked_at() {
    let project = Project::bare();
    let (stdout, stderr) = ends(project.secrets(&["lint"]), 0);
    assert_eq!((stdout.as_str(), stderr.as_str()), ("", "      Linted 2 files: no findings\n"));
    assert_eq!(ends(project.secrets(&["lint", "--quiet"]), 0), (String::new(), String::new()));
}

#[test]
fn json_has_a_version_and_every_place_of_a_value() {
    let value = key();
    let project = project(&value);
    let report = report(&project, 1, &[]);
    assert_eq!(report["version"], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["kind"], &finding["level"], &finding["basis"], &finding["preview"]),
        (&"aws-access-key-id".into(), &"key".into(), &"deny".into(), &"format".into(), &"AKIA…".into())
    );
    assert_eq!(files(&report), ["src/config.rs", "tests/it.rs"]);
    let place = &finding["places"][0];
    let numbers = ["line", "column", "end_line", "end_column"].map(|key| place[key].as_u64().unwrap());
    assert_eq!(numbers, [2, 24, 2, 44]);
    assert_eq!((&place["place"], &place["package"], &place["target"]), (&"code".into(), &"app".into(), &"app".into()));
    assert_eq!((&finding["places"][1]["place"], &finding["places"][1]["target"]), (&"test".into(), &"it".into()));
    assert_eq!((&report["summary"]["files"], &report["summary"]["errors"]), (&4.into(), &1.into()));
}

#[test]
fn github_gets_one_command_per_place_with_what_ends_one_escaped() {
    let value = key();
    let project = project(&value);
    project.write("odd, name:1%.rs", line(&value));
    let (stdout, _) = ends(project.secrets(&["lint", "--format", "github"]), 1);
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{stdout}");
    let tail = "title=aws-access-key-id::hard-coded Amazon Web Services key: AKIA…";
    assert_eq!(lines[0], format!("::error file=odd%2C name%3A1%25.rs,line=1,endLine=1,col=24,endColumn=44,{tail}"));
    assert_eq!(lines[1], format!("::error file=src/config.rs,line=2,endLine=2,col=24,endColumn=44,{tail}"));
}

#[test]
fn sarif_has_one_result_per_place_and_names_its_rule() {
    let value = key();
    let project = project(&value);
    let (stdout, _) = ends(project.secrets(&["lint", "--format", "sarif"]), 1);
    let sarif: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(
        (&run["tool"]["driver"]["name"], &run["columnKind"]),
        (&"cargo-secrets".into(), &"unicodeCodePoints".into())
    );
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!((&result["ruleId"], &result["level"]), (&rule["id"], &"error".into()));
        assert!(rule["shortDescription"]["text"].is_string() && result["message"]["text"].is_string());
        assert_eq!(result["partialFingerprints"], results[0]["partialFingerprints"]);
        assert!(result.get("suppressions").is_none());
    }
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"], serde_json::json!({ "uri": "src/config.rs", "uriBaseId": "%SRCROOT%" }));
    let region = serde_json::json!({ "startLine": 2, "startColumn": 24, "endLine": 2, "endColumn": 44 });
    assert_eq!(location["region"], region);
}

#[test]
fn code_hosts_get_paths_from_the_repositorys_folder() {
    let value = key();
    let project = Project::bare();
    project.write("sub/Cargo.toml", "[package]\nname = \"sub\"\nversion = \"0.1.0\"\n[workspace]\n");
    project.write("sub/src/lib.rs", line(&value));
    std::fs::create_dir(project.root().join(".git")).unwrap();
    let lint = |format: &str| {
        let mut command = project.secrets(&["lint", "--format", format]);
        command.current_dir(project.root().join("sub"));
        ends(command, 1).0
    };
    has(&lint("github"), &["file=sub/src/lib.rs,"]);
    has(&lint("sarif"), &["\"uri\": \"sub/src/lib.rs\""]);
    has(&lint("json"), &["\"file\": \"src/lib.rs\""]);
}

#[test]
fn editors_get_what_cargo_check_prints() {
    use cargo_metadata::Message;
    use cargo_metadata::diagnostic::DiagnosticLevel;

    let value = key();
    let project = project(&value);
    let (stdout, _) = ends(project.secrets(&["lint", "--message-format", "json"]), 1);
    let messages: Vec<Message> = Message::parse_stream(stdout.as_bytes()).map(Result::unwrap).collect();
    let [Message::CompilerMessage(source), Message::CompilerMessage(test), Message::BuildFinished(end)] =
        messages.as_slice()
    else {
        panic!("{messages:?}")
    };
    assert!(!end.success);
    assert_eq!((source.target.name.as_str(), test.target.name.as_str()), ("app", "it"));
    assert!(source.target.is_lib() && test.target.is_test());
    assert_eq!(source.message.level, DiagnosticLevel::Error);
    assert_eq!(source.message.code.as_ref().unwrap().code, "secrets::aws-access-key-id");
    let span = &source.message.spans[0];
    assert_eq!(
        (span.file_name.as_str(), span.line_start, span.column_start, span.column_end),
        ("src/config.rs", 2, 24, 44)
    );
    assert!(span.is_primary);
    let source_text = project.read("src/config.rs");
    let bytes = usize::try_from(span.byte_start).unwrap()..usize::try_from(span.byte_end).unwrap();
    assert_eq!(source_text[bytes], value);
    assert_eq!(span.text[0].text, "pub const KEY: &str = \"AKIA****************\";");
    assert_eq!((span.text[0].highlight_start, span.text[0].highlight_end), (24, 44));
    has(source.message.rendered.as_ref().unwrap(), &["error[secrets::aws-access-key-id]", "--> src/config.rs:2:24"]);
}

#[test]
fn editors_get_the_shape_that_cargo_itself_prints() {
    let value = key();
    let project = project(&value);
    project.write("src/config.rs", "pub const KEY: &str = 1;\n");
    let (cargo, _) = texts(&project.command("cargo").args(["check", "--message-format=json"]).output().unwrap());
    project.write("src/config.rs", line(&value));
    let (ours, _) = ends(project.secrets(&["lint", "--message-format", "json"]), 1);
    let message = |stream: &str| -> Value {
        let lines = stream.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.into_iter().find(|line| line["reason"] == "compiler-message").unwrap()
    };
    let (cargo, ours) = (message(&cargo), message(&ours));
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&cargo), keys(&ours));
    assert_eq!((&cargo["package_id"], &cargo["manifest_path"]), (&ours["package_id"], &ours["manifest_path"]));
    assert_eq!(keys(&cargo["message"]), keys(&ours["message"]));
    assert_eq!(keys(&cargo["message"]["spans"][0]), keys(&ours["message"]["spans"][0]));
    assert_eq!(cargo["message"]["spans"][0]["file_name"], ours["message"]["spans"][0]["file_name"]);
    for key in keys(&cargo["target"]) {
        assert_eq!(cargo["target"][&key], ours["target"][&key], "{key}");
    }
}

#[test]
fn an_editor_without_a_project_is_told_so() {
    let project = Project::bare();
    let mut command = project.secrets(&["lint", "--message-format", "json"]);
    command.current_dir(project.home());
    has(&ends(command, 2).1, &["there is no `Cargo.toml` in"]);
}

#[test]
fn no_form_of_output_holds_a_value() {
    let values = [key(), key(), key()];
    let project = project(&values[0]);
    // Several on one line, in a long line, in a file that is no UTF-8, and in a name.
    let [one, two, three] = &values;
    let mut text = format!("let a = (\"{one}\", \"{two}\"); // {three}\n");
    let _ = writeln!(text, "{}\"{two}\"{}", "x".repeat(5000), "y".repeat(5000));
    project.write("src/many.rs", text);
    project.write("data.txt", [b"\xff\xfe\xfd ", two.as_bytes(), b" \xff\n", three.as_bytes()].concat());
    let accepted: [&[&str]; 2] = [&["lint", "--update-baseline"], &["lint", "-v"]];
    let forms: [&[&str]; 8] = [
        &["lint"],
        &["lint", "-v"],
        &["lint", "--format", "json"],
        &["lint", "--format", "sarif"],
        &["lint", "--format", "github"],
        &["lint", "--message-format", "json"],
        &["lint", "src/many.rs", "data.txt"],
        &["lint", "--rules"],
    ];
    for arguments in forms.iter().chain(&accepted) {
        let mut command = project.secrets(arguments);
        command.env("CLICOLOR_FORCE", "1");
        let (stdout, stderr) = texts(&command.output().unwrap());
        for value in &values {
            for text in [&stdout, &stderr] {
                assert!(!text.contains(value.as_str()) && !text.contains(&value[6..]), "{arguments:?}: {text}");
            }
        }
    }
    let baseline = project.read("secrets/lint-baseline.json");
    assert!(values.iter().all(|value| !baseline.contains(&value[4..])), "{baseline}");
}

#[test]
fn colours_are_for_people_and_follow_the_usual_variables() {
    let project = project(&key());
    let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = project.secrets(arguments);
        command.envs(variables.iter().copied());
        ends(command, 1).0.contains('\u{1b}')
    };
    let force = [("CLICOLOR_FORCE", "1")];
    assert!(!coloured(&["lint"], &[]) && coloured(&["lint"], &force));
    assert!(!coloured(&["lint"], &[force[0], ("NO_COLOR", "1")]));
    for form in [["--format", "json"], ["--format", "sarif"], ["--format", "github"], ["--message-format", "json"]] {
        assert!(!coloured(&["lint", form[0], form[1]], &force), "{form:?}");
    }
}

#[test]
fn stdin_is_looked_at_as_the_file_it_is_called() {
    let value = key();
    let project = Project::bare();
    let lint = |arguments: &[&str], text: &str| {
        let output = feed(project.secrets(&[&["lint"], arguments].concat()), text.as_bytes());
        (output.status.code(), texts(&output).0)
    };
    let (code, stdout) = lint(&["-", "--stdin-path", "src/new.rs"], &line(&value));
    assert_eq!(code, Some(1));
    has(&stdout, &["--> src/new.rs:1:24"]);
    assert_eq!(lint(&["-", "--stdin-path", "src/new.rs"], "fn main() {}\n"), (Some(0), String::new()));
    has(&lint(&["-"], &format!("see {value} there\n")).1, &["--> stdin:1:5"]);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let project = Project::bare();
    for (arguments, says) in [
        (&["--staged", "src"][..], "cannot be used with"),
        (&["--update-baseline", "src"], "cannot be used with"),
        (&["--update-baseline", "--staged"], "cannot be used with"),
        (&["--format", "json", "--message-format", "json"], "cannot be used with"),
        (&["--message-format", "human"], "invalid value"),
        (&["--format", "xml"], "invalid value"),
        (&["--stdin-path", "a.rs"], "required"),
        (&["src", "--stdin-path", "a.rs"], "stdin is not looked at"),
        (&["-", "src"], "`-` stands alone"),
        (&["nowhere.rs"], "cannot look into"),
        (&["--baseline", "nowhere.json"], "there is no baseline"),
        (&["--rules", "--format", "sarif"], "as a table or as JSON"),
    ] {
        has(&project.fails(2, &[&["lint"], arguments].concat()), &[says]);
    }
}

#[test]
fn the_rules_are_listed() {
    let project = Project::bare();
    let table = project.ok(&["lint", "--rules"]);
    has(&table, &["RULE", "PROVIDER", "KIND", "FOUND BY", "aws-access-key-id"]);
    let rules: Vec<Value> = serde_json::from_str(&project.ok(&["lint", "--rules", "--format", "json"])).unwrap();
    assert_eq!(rules.len() + 1, table.lines().count());
    let mut names: Vec<_> = rules.iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    names.dedup();
    assert!(names.len() == rules.len() && names.is_sorted(), "{names:?}");
}
