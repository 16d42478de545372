//! `#[no_hardcoded]` and `allow_secret!`, as cargo runs them.

use crate::project::{Project, aws_key, pem};

#[test]
fn an_item_is_looked_through_and_stays() {
    let key = aws_key();
    let source = format!(
        "#[secrets_macros::no_hardcoded]\npub mod client {{\n    // {key}\n    pub fn key() -> Vec<String> {{\n        \
        vec![format!(\"{{}}\", [\"Bearer\", \"{key}\"].join(\" \"))]\n    }}\n}}\npub fn user() {{ let _ = client::key(); }}\n\
        pub const OTHER: &str = \"{key}\";\n"
    );
    let run = Project::new("item").file("src/lib.rs", &source).fails(&["check"]);
    for place in ["  src/lib.rs:3:8 aws-access-key-id", "  src/lib.rs:5:40 aws-access-key-id", "--> src/lib.rs:1:1"] {
        assert!(run.stderr.contains(place), "{place}\n{}", run.stderr);
    }
    assert!(!run.stderr.contains("lib.rs:9") && !run.text().contains(&key[4..]), "{}", run.stderr);
    assert_eq!(run.errors(), 3, "{}", run.stderr);
}

#[test]
fn the_error_moves_away_from_a_line_that_holds_a_value() {
    let key = aws_key();
    for (name, source, place) in [
        (
            "line-shared",
            format!("#[secrets_macros::no_hardcoded] pub const KEY: &str = {{ \"{key}\"\n}};\n"),
            "--> src/lib.rs:2:1",
        ),
        (
            "line-alone",
            format!("#[secrets_macros::no_hardcoded] pub const KEY: &str = \"{key}\";\n"),
            "hidden/same_line.rs",
        ),
    ] {
        let run = Project::new(name).file("src/lib.rs", &source).fails(&["check"]);
        assert!(run.stderr.contains(place) && !run.text().contains(&key[4..]), "{}", run.stderr);
    }
}

#[test]
fn an_item_that_a_macro_wrote_is_looked_through_by_its_tokens() {
    let key = aws_key();
    let source = format!(
        "macro_rules! item {{\n    ($value:literal) => {{\n        #[secrets_macros::no_hardcoded]\n        pub const KEY: &str = $value;\n    }};\n}}\n\
        item! {{\n    \"{key}\"\n}}\n"
    );
    let run = Project::new("by-token").file("src/lib.rs", &source).fails(&["check"]);
    assert!(run.stderr.contains("--> src/lib.rs:8:5") && run.stderr.contains("hidden/same_line.rs"), "{}", run.stderr);
    assert!(!run.text().contains(&key[4..]), "{}", run.stderr);
}

#[test]
fn a_module_in_another_file_is_for_the_form_at_the_crate_root() {
    let source = "#[secrets_macros::no_hardcoded]\npub mod other;\n";
    let run = Project::new("file-module").file("src/lib.rs", source).file("src/other.rs", "").fails(&["check"]);
    assert!(run.stderr.contains("write `secrets_macros::forbid_hardcoded!();` in the crate root"), "{}", run.stderr);
}

#[test]
fn an_inline_allow_and_the_macro_let_a_value_pass_and_say_why() {
    let key = aws_key();
    let source = format!(
        "secrets_macros::forbid_hardcoded!();\n// secrets: allow(aws-access-key-id) published example\npub const ONE: &str = \"{key}\";\n\
        pub const TWO: &str = secrets_macros::allow_secret!(\"{key}\", reason = \"published example\");\n\
        #[secrets_macros::no_hardcoded]\npub const THREE: &str = secrets_macros::allow_secret!(\"{key}\", reason = \"published example\",);\n\
        #[secrets_macros::no_hardcoded]\npub mod four {{\n    \
        pub const KEY: &str = \"{key}\"; // secrets: allow(aws-access-key-id) published example\n}}\n"
    );
    let project = Project::new("allows").file("src/lib.rs", &source);
    for command in ["check", "test"] {
        let run = project.passes(&[command]);
        assert!(!run.stderr.contains("secrets::"), "{}", run.stderr);
    }
}

#[test]
fn an_allow_without_a_reason_is_an_error_that_does_not_show_the_value() {
    let key = aws_key();
    let source = format!(
        "pub const KEY: &str = secrets_macros::allow_secret!(\"{key}\");\npub const LENGTH: usize = KEY.len();\n"
    );
    let project = Project::new("no-reason").file("src/lib.rs", &source);
    let run = project.fails(&["check"]);
    assert!(run.stderr.contains("a literal and a reason") && run.errors() == 1, "{}", run.stderr);
    assert!(!run.text().contains(&key[4..]), "{}", run.stderr);
    let project = project.file("src/lib.rs", &["secrets_macros::forbid_hardcoded!();\n", &source].concat());
    let run = project.fails(&["check"]);
    assert!(run.stderr.contains("  src/lib.rs:2:54 allow-without-reason"), "{}", run.stderr);
    assert!(!run.text().contains(&key[4..]), "{}", run.stderr);
}

#[test]
fn a_key_of_many_lines_is_shown_by_its_first() {
    let key = pem();
    let source = format!("#[secrets_macros::no_hardcoded]\npub const KEY: &str = \"\\\n{key}\";\n");
    let run = Project::new("lines").file("src/lib.rs", &source).fails(&["check"]);
    assert!(run.stderr.contains("  src/lib.rs:3:1 pem-private-key"), "{}", run.stderr);
    assert!(!run.text().contains(key.lines().nth(1).unwrap()), "{}", run.stderr);
}

#[test]
fn every_kind_of_literal_is_decoded() {
    let key = aws_key();
    let rest = &key[4..];
    let kinds = [
        format!("r\"{key}\""),
        format!("r#\"{key}\"#.trim()"),
        format!("b\"{key}\".escape_ascii()"),
        format!("c\"{key}\""),
        format!("\"AKI\\x41{rest}\""),
        format!("\"AKI\\u{{41}}{rest}\""),
        format!("\"AKIA\\\n        {rest}\""),
        format!("concat!(\"AKIA\", \"{rest}\")"),
        format!("println!(\"key: {key}\")"),
    ];
    let lines = kinds.each_ref().map(|kind| ["    let _ = ", kind, ";\n"].concat()).concat();
    let source = format!("#[secrets_macros::no_hardcoded]\npub fn all() {{\n{lines}}}\n");
    let run = Project::new("literals").file("src/lib.rs", &source).fails(&["check"]);
    assert!(run.stderr.contains(&format!("{} hard-coded secrets in this item", kinds.len())), "{}", run.stderr);
    assert!(!run.text().contains(rest), "{}", run.stderr);
}
