//! What Cargo.toml says of findings: levels, allowed fingerprints with reasons, the baseline's life.

use serde_json::Value;

use crate::fixture::{declare, ends, has};
use crate::lint::{files, key, line, project, report};
use crate::support::Project;

fn fingerprint(report: &Value) -> String {
    report["findings"][0]["fingerprint"].as_str().unwrap().to_owned()
}

fn lint_table(project: &Project, lines: &str) {
    declare(project, &format!("[package.metadata.secrets.lint]\n{lines}"));
}

#[test]
fn a_rule_that_warns_does_not_fail_and_one_that_is_off_says_nothing() {
    let with = |levels: &str| {
        let project = project(&key());
        lint_table(&project, &format!("levels = {{ {levels} }}\n"));
        project
    };
    let warned = with("aws-access-key-id = \"warn\"");
    let (stdout, stderr) = ends(warned.secrets(&["lint"]), 0);
    has(&stdout, &["warning[aws-access-key-id]: "]);
    has(&stderr, &["Linted 4 files: 1 warning\n"]);
    has(&ends(warned.secrets(&["lint", "--format", "github"]), 0).0, &["::warning file="]);
    has(&ends(warned.secrets(&["lint", "--format", "sarif"]), 0).0, &["\"level\": \"warning\""]);
    has(
        &ends(warned.secrets(&["lint", "--message-format", "json"]), 0).0,
        &["\"level\":\"warning\"", "\"success\":true"],
    );

    let off = with("all = \"allow\"");
    let (stdout, stderr) = ends(off.secrets(&["lint"]), 0);
    assert_eq!(stdout, "");
    has(&stderr, &["no findings, 2 of a rule that is off"]);
    ends(with("all = \"allow\", aws-access-key-id = \"deny\"").secrets(&["lint"]), 1);
    ends(with("all = \"deny\", aws-access-key-id = \"warn\"").secrets(&["lint"]), 0);
}

#[test]
fn a_members_levels_are_for_its_own_files_and_come_before_the_workspaces() {
    let project = Project::bare();
    let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    project.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n\
         [workspace.metadata.secrets.lint.levels]\naws-access-key-id = \"allow\"\n",
    );
    let own = "[package.metadata.secrets.lint.levels]\nall = \"deny\"\n";
    project.write("a/Cargo.toml", package("a") + own);
    project.write("b/Cargo.toml", package("b"));
    project.write("a/src/lib.rs", line(&key()));
    project.write("b/src/lib.rs", line(&key()));
    let found = report(&project, 1, &[]);
    assert_eq!(files(&found), ["a/src/lib.rs"]);
    assert_eq!(found["summary"]["off"], 1);
    assert_eq!(files(&report(&project, 1, &["a", "b"])), ["a/src/lib.rs"]);
    let fingerprint = fingerprint(&found);
    let allow =
        format!("[package.metadata.secrets.lint]\nallow = [{{ fingerprint = '{fingerprint}', reason = 'x' }}]\n");
    project.write("a/Cargo.toml", package("a") + &allow + own);
    ends(project.secrets(&["lint"]), 0);
    // The same value elsewhere is not that member's to allow.
    project.write("a/Cargo.toml", package("a") + own);
    project.write("b/Cargo.toml", package("b") + &allow);
    has(
        &ends(project.secrets(&["lint"]), 1).0,
        &["error[unused-allow]", "--> b/Cargo.toml:6:10\n", "error[aws-access-key-id]"],
    );
}

#[test]
fn an_allowed_fingerprint_is_accepted_with_its_reason() {
    let value = key();
    let project = project(&value);
    let fingerprint = fingerprint(&report(&project, 1, &[]));
    lint_table(
        &project,
        &format!("allow = [{{ fingerprint = \"{fingerprint}\", reason = \"a documentation sample\" }}]\n"),
    );
    let found = report(&project, 0, &[]);
    assert_eq!(found["findings"], serde_json::json!([]));
    let accepted = &found["accepted"][0];
    assert_eq!((&accepted["accepted_by"], &accepted["reason"]), (&"allow".into(), &"a documentation sample".into()));
    assert_eq!(accepted["places"].as_array().unwrap().len(), 2);
    has(&ends(project.secrets(&["lint"]), 0).1, &["no findings, 1 accepted"]);
    let (sarif, _) = ends(project.secrets(&["lint", "--format", "sarif"]), 0);
    has(&sarif, &["\"suppressions\"", "\"status\": \"accepted\"", "\"justification\": \"a documentation sample\""]);
    // Moved lines change nothing; another value in the same place is another finding.
    project.write("src/config.rs", format!("\n\n\n{}", line(&value)));
    ends(project.secrets(&["lint"]), 0);
    project.write("src/config.rs", line(&key()));
    ends(project.secrets(&["lint"]), 1);
}

#[test]
fn an_allow_that_matches_nothing_is_a_finding_where_everything_was_looked_at() {
    let project = Project::bare();
    lint_table(&project, "allow = [\n    { fingerprint = \"0123456789abcdef\", reason = \"gone\" },\n]\n");
    let (stdout, _) = ends(project.secrets(&["lint"]), 1);
    has(&stdout, &["error[unused-allow]: this entry of `allow` covers nothing: remove it", "--> Cargo.toml:7:5"]);
    ends(project.secrets(&["lint", "src"]), 0);
    let (json, _) = ends(project.secrets(&["lint", "--message-format", "json"]), 1);
    has(&json, &["secrets::unused-allow", "\"file_name\":\"Cargo.toml\""]);
    lint_table(&project, "levels = { unused-allow = \"warn\" }\n");
    ends(project.secrets(&["lint"]), 0);
}

#[test]
fn what_is_declared_must_not_be_built_in() {
    let project = Project::new();
    declare(&project, "[workspace.metadata.secrets.variables]\nTOKEN = {}\nPUBLIC = { kind = \"key\" }\n");
    project.write(
        "src/lib.rs",
        "pub const A: &str = env!(\"TOKEN\");\npub const B: &str = env!(\"PUBLIC\");\n\
         pub const C: &str = include_str!(\"../secrets/dev.json\");\n",
    );
    project.write("src/again.rs", "pub const A: Option<&str> = option_env!(\"TOKEN\");\n");
    let found = report(&project, 1, &[]);
    let rules: Vec<_> = found["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]).collect();
    assert_eq!(rules, ["env-bakes-secret", "includes-secret-file"]);
    assert_eq!(files(&found), ["src/again.rs", "src/lib.rs", "src/lib.rs"]);
    let (stdout, _) = ends(project.secrets(&["lint"]), 1);
    has(
        &stdout,
        &["error[env-bakes-secret]: `TOKEN` is declared a secret, and `option_env!` writes it into the program"],
    );
    has(&stdout, &["1 | pub const A: Option<&str> = option_env!(\"TOKEN\");", "also at src/lib.rs:1:"]);
    declare(&project, "[workspace.metadata.secrets.lint.levels]\nenv-bakes-secret = \"allow\"\n");
    assert_eq!(report(&project, 1, &[])["findings"][0]["basis"], "declaration");
    project.write("src/lib.rs", "// secrets: allow(includes-secret-file) it is encrypted\nconst C: &str = include_str!(\"../secrets/dev.json\");\n");
    ends(project.secrets(&["lint"]), 0);
}

#[test]
fn a_mistake_in_the_table_shows_its_line_and_no_value() {
    for (lines, says) in [
        ("leves = {}", &["unknown key `leves`", "did you mean `levels`?"][..]),
        ("levels = 'deny'", &["`levels` must be a table"]),
        ("levels = { all = 1 }", &["`all` must be \"deny\", \"warn\" or \"allow\""]),
        ("levels = { all = 'forbid' }", &["unknown level `forbid`", "`deny`, `warn`, `allow`"]),
        (
            "levels = { aws-acces-key-id = 'deny' }",
            &["unknown rule `aws-acces-key-id`", "did you mean `aws-access-key-id`?"],
        ),
        ("allow = ['hunter2-hunter2']", &["`allow` must be a list of `{ fingerprint, reason }` tables"]),
        ("allow = [{ fingerprint = 'hunter2-hunter2', reason = 'x' }]", &["a `fingerprint` is 16 hexadecimal digits"]),
        ("allow = [{ reason = 'hunter2-hunter2' }]", &["a `fingerprint` is 16 hexadecimal digits"]),
        ("allow = [{ fingerprint = '0123456789abcdef' }]", &["needs a `reason`"]),
        ("allow = [{ fingerprint = '0123456789abcdef', reason = ' ' }]", &["needs a `reason`"]),
        (
            "allow = [{ fingerprint = '0123456789abcdef', reson = 'x' }]",
            &["unknown key `reson`", "did you mean `reason`?"],
        ),
        (
            "allow = [{ fingerprint = '0123456789abcdef', reason = 'x' }, { fingerprint = '0123456789ABCDEF', reason = 'y' }]",
            &["is listed twice"],
        ),
        ("baseline = '../b.json'", &["`../b.json` is outside the project"]),
        ("baseline = 1", &["`baseline` must be a string"]),
    ] {
        let project = Project::bare();
        let head = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
        project.write("Cargo.toml", format!("{head}[package.metadata.secrets.lint]\n{lines}\n"));
        for (code, command) in [(2, &["lint"][..]), (2, &["check"]), (125, &["run", "--", "true"])] {
            let stderr = project.fails(code, command);
            has(&stderr, &["Cargo.toml:6:", "\n6 | "]);
            has(&stderr, says);
            assert!(!stderr.contains("hunter2"), "{stderr}");
        }
    }
}

#[test]
fn a_members_table_names_no_baseline() {
    let project = Project::bare();
    project.write("Cargo.toml", "[workspace]\nmembers = [\"a\"]\nresolver = \"3\"\n[workspace.metadata.secrets]\n");
    project.write(
        "a/Cargo.toml",
        "[package]\nname = \"a\"\nversion = \"0.1.0\"\n[package.metadata.secrets.lint]\nbaseline = 'b.json'\n",
    );
    has(&project.fails(2, &["lint"]), &["a/Cargo.toml:5:", "`baseline` belongs in `[workspace.metadata.secrets]`"]);
}

#[test]
fn a_baseline_accepts_what_is_there_and_tells_what_is_gone() {
    let value = key();
    let project = project(&value);
    let (stdout, stderr) = ends(project.secrets(&["lint", "--update-baseline"]), 0);
    assert_eq!((stdout.as_str(), stderr.as_str()), ("", "    Accepted 1 finding in secrets/lint-baseline.json\n"));
    let baseline = project.read("secrets/lint-baseline.json");
    has(&baseline, &["\"version\": 1", "\"rule\": \"aws-access-key-id\"", "\"file\": \"src/config.rs\""]);
    has(&ends(project.secrets(&["lint"]), 0).1, &["no findings, 1 accepted"]);
    assert_eq!(report(&project, 0, &[])["accepted"][0]["accepted_by"], "baseline");

    // Moved lines and a second run leave the file as it is.
    project.write("src/config.rs", format!("\n\n{}", line(&value)));
    project.ok(&["lint", "--update-baseline"]);
    assert_eq!(project.read("secrets/lint-baseline.json"), baseline);

    // A new value is reported, the old one is not.
    let new = key();
    project.write("src/new.rs", line(&new));
    assert_eq!(files(&report(&project, 1, &[])), ["src/new.rs"]);
    std::fs::remove_file(project.root().join("src/new.rs")).unwrap();

    // What is gone is told, named with -v, and forgotten.
    project.write("src/config.rs", "");
    project.write("tests/it.rs", "");
    has(&ends(project.secrets(&["lint"]), 0).1, &["1 entry of the baseline is no longer found", "--update-baseline"]);
    has(
        &ends(project.secrets(&["lint", "-v"]), 0).1,
        &["in the baseline and gone: ", "(aws-access-key-id, src/config.rs)"],
    );
    assert_eq!(report(&project, 0, &[])["stale"][0]["rule"], "aws-access-key-id");
    assert_eq!(report(&project, 0, &["src"])["stale"], serde_json::json!([]));
    has(&ends(project.secrets(&["lint", "--update-baseline"]), 0).1, &["Accepted 0 findings"]);
    assert!(!ends(project.secrets(&["lint"]), 0).1.contains("baseline"));
}

#[test]
fn a_baseline_is_where_cargo_toml_or_the_command_line_says() {
    let project = project(&key());
    lint_table(&project, "baseline = \"ci/known.json\"\n");
    project.ok(&["lint", "--update-baseline"]);
    has(&project.read("ci/known.json"), &["aws-access-key-id"]);
    ends(project.secrets(&["lint"]), 0);
    project.ok(&["lint", "--update-baseline", "--baseline", "other.json"]);
    project.write("ci/known.json", "{ \"version\": 1, \"findings\": [] }");
    ends(project.secrets(&["lint"]), 1);
    ends(project.secrets(&["lint", "--baseline", "other.json"]), 0);
    ends(project.secrets(&["lint", "--baseline", "other.json", "src"]), 0);
}

#[test]
fn a_broken_baseline_is_an_error_and_not_an_empty_one() {
    let project = project(&key());
    for (text, says) in [
        ("", "line 1"),
        ("{ \"version\": 2, \"findings\": [] }", "its version is 2"),
        (
            "{ \"version\": 1, \"findings\": [{ \"fingerprint\": \"x\", \"rule\": \"r\", \"file\": \"f\" }] }",
            "16 hexadecimal",
        ),
        ("{ \"version\": 1, \"findings\": [], \"more\": 1 }", "line 1"),
    ] {
        project.write("secrets/lint-baseline.json", text);
        has(&project.fails(2, &["lint"]), &["is not a lint baseline", says, "--update-baseline"]);
    }
    project.ok(&["lint", "--update-baseline"]);
    ends(project.secrets(&["lint"]), 0);
}
