//! The reader against the `toml` crate.

use proptest::prelude::*;

use super::*;

/// A document as the `toml` crate reads it, in this module's terms.
fn theirs(table: &::toml::Table) -> Table {
    Table(table.iter().map(|(key, value)| (key.clone(), their_value(value))).collect())
}

fn their_value(value: &::toml::Value) -> Value {
    match value {
        ::toml::Value::String(text) => Value::Text(text.clone()),
        ::toml::Value::Array(items) => Value::List(items.iter().map(their_value).collect()),
        ::toml::Value::Table(table) => Value::Table(theirs(table)),
        _ => Value::Other,
    }
}

/// In the order of keys, so that two documents can be compared.
fn sorted(mut table: Table) -> Table {
    for (_, value) in &mut table.0 {
        *value = sorted_value(std::mem::replace(value, Value::Other));
    }
    table.0.sort_by(|(one, _), (other, _)| one.cmp(other));
    table
}

fn sorted_value(value: Value) -> Value {
    match value {
        Value::Table(table) => Value::Table(sorted(table)),
        Value::List(items) => Value::List(items.into_iter().map(sorted_value).collect()),
        other => other,
    }
}

/// What the `toml` crate reads, we read alike.
fn agree(text: &str) -> bool {
    let Ok(expected) = text.parse::<::toml::Table>() else { return false };
    let ours = parse(text).map(sorted);
    assert_eq!(ours, Some(sorted(theirs(&expected))), "{text}");
    true
}

#[test]
fn every_shape_of_a_secrets_table_is_read_as_the_toml_crate_reads_it() {
    for text in [
        "",
        "# nothing\r\n\r\n",
        "\u{feff}a = 1",
        "[package]\nname = \"a\"\nversion.workspace = true\n[package.metadata.secrets.variables]\nA = {}\nB.kind = 'key'\n",
        "[package.metadata.secrets]\nvariables = { A = { kind = \"secret\", required = [\"dev\"] }, B = {} }",
        "[package.metadata.secrets.variables.A]\n[package.metadata.secrets.variables.B]\nkind = 'key'",
        "package.metadata.secrets.variables.A.kind = 'key'\npackage.name = 'x'",
        "[package]\nmetadata = { secrets = { variables.A = {}, \"variables\".\"B\" . 'kind' = 'key' } }",
        "[\"package\".metadata . 'secrets'.variables]\n\"A\" = {}\n'B' = {}",
        "[[bin]]\nname = 'a'\n[[bin]]\nname = 'b'\n[bin.metadata]\nx = 1\n[[bin.deep]]\ny = 1\n[[bin.deep]]\n",
        "a = [1, 2.5, 1979-05-27 07:32:00, 07:32:00, -inf, 0xff, true, { b = [\n'c', # comment ]\n'd',\n] } ]",
        "a = \"\\u00e9\\U0001F600\\\"\\\\\\b\\t\\n\\f\\r\"",
        "a = \"\"\"\nline \"one\" \"\" \\\n   two\"\"\"\"\"\nb = '''\nraw \\ ''quoted'''''",
        "a = \"\"\"\r\nx\"\"\"\nb = ''\nc = \"\"\nd = ''''''\ne = \"\"\"\"\"\"",
        "a.b.c = 1\na.b.d = 2\n[x.y]\nz = 1\n[x]\nw = 1\n",
        "[workspace.metadata.secrets]\nlint.allow = [{ fingerprint = 'aa', reason = \"a [b] # c\" }]",
        "environments.dev.sources = ['a', { path = 'b', flatten = true }]",
        "a = { # comment\n b = 1, \n}\nx = \"\\e\\x41\"",
    ] {
        assert!(agree(text), "the toml crate refuses {text}");
    }
}

#[test]
fn the_manifests_of_real_crates_are_read_as_the_toml_crate_reads_them() {
    let lock = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in ["Cargo.toml", "../Cargo.toml", "../Cargo.lock", "../cargo-secrets/Cargo.toml", "../deny.toml"] {
        assert!(agree(&std::fs::read_to_string(lock.join(path)).unwrap()), "{path}");
    }
}

#[test]
fn what_is_broken_is_none_and_deep_nesting_ends() {
    for text in [
        "a",
        "a =",
        "= 1",
        "[a",
        "[a]]",
        "[[a]",
        "a = \"x",
        "a = 'x\n'",
        "a = [1",
        "a = { b = 1",
        "a = 1 2 = 3",
        "a = \"\\q\"",
        "a = 1\n[[a]]",
        "a = 1\nb = ]",
        "a = \"\\u12\"",
        "[]",
        "\"\" \"",
        "a = 1 # c\nb",
        "a = '''x''",
        "a\0 = 1",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
    assert_eq!(parse(&format!("a = {}", "[".repeat(100_000))), None);
    assert_eq!(parse(&format!("a = {}", "{a=".repeat(100_000))), None);
}

/// Keys and values as people and programs write them.
fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9_-]{1,4}", "\"[a-z .#=\\]]{0,4}\"", "'[a-z .\"]{0,3}'", "\"\\\\u00e9\""]
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[0-9]{1,3}",
        Just("true".to_owned()),
        Just("1979-05-27T07:32:00Z".to_owned()),
        "\"[ -!#-\\[\\]-~é]{0,8}\"",
        "'[ -&(-~]{0,8}'",
        "\"\"\"[a-z \n]{0,8}\"{0,2}\"\"\"",
        "'''[a-z\\\\ \n]{0,6}'''",
        "\"(\\\\n|\\\\t|\\\\\\\\|\\\\\"|\\\\u0041|x){0,5}\"",
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[ {} ]", items.join(" , "))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[\n{}\n]", items.join(",# c\n"))),
            prop::collection::vec((key(), inner), 0..4).prop_map(|pairs| {
                let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{ {} }}", pairs.join(", "))
            }),
        ]
    })
}

fn path() -> impl Strategy<Value = String> {
    (prop::collection::vec(key(), 1..4), prop_oneof![Just("."), Just(" . "), Just(".\t")])
        .prop_map(|(keys, dot)| keys.join(dot))
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (path(), value(), prop_oneof![Just(""), Just(" # comment \"'[")]).prop_map(|(path, value, end)| format!("{path} = {value}{end}")),
        2 => path().prop_map(|path| format!("[{path}]")),
        1 => path().prop_map(|path| format!("[[ {path} ]] # c")),
        1 => Just("  # only a comment".to_owned()),
        1 => Just("\t".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn documents_are_read_as_the_toml_crate_reads_them(
        lines in prop::collection::vec(line(), 0..5), end in prop_oneof![Just("\n"), Just("\r\n")],
    ) {
        // Most long documents set something twice; the short ones are many.
        agree(&lines.join(end));
    }

    #[test]
    fn nothing_makes_it_panic(text in "[a-c=\\[\\]{}\"'\\\\.#,\n u0é]{0,40}") {
        parse(&text);
        agree(&text);
    }
}
