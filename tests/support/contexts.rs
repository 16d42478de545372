//! The places where Rust code keeps values, to write made-up ones into.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of this")]

use secrets_detect::Example;

/// A way to write a value into source: its name, and the source with a name and a value in it.
pub type Context = (&'static str, fn(&Example) -> String);

/// Where values stand in Rust.
pub const CONTEXTS: &[Context] = &[
    ("constant", |example| format!("pub const {}: &str = \"{}\";\n", upper(example), escaped(&example.value))),
    ("raw string", |example| format!("fn f() {{ let {} = r##\"{}\"##.to_owned(); }}\n", lower(example), example.value)),
    ("field", |example| format!("fn f() {{ S {{ {}: b\"{}\", n: 3 }} }}\n", lower(example), escaped(&example.value))),
    ("header", |example| format!("fn f() {{ r.header(\"x-{}\", \"{}\") }}\n", kebab(example), escaped(&example.value))),
    ("variable", |example| format!("fn f() {{ set_var(\"{}\", \"{}\") }}\n", upper(example), escaped(&example.value))),
    ("match arm", |example| {
        format!(
            "fn f() {{ match n {{ \"{}\" => Some(\"{}\"), _ => None }} }}\n",
            lower(example),
            escaped(&example.value)
        )
    }),
    ("fallback", |example| {
        format!("fn f() {{ env::var(\"{}\").unwrap_or(\"{}\".into()) }}\n", upper(example), escaped(&example.value))
    }),
    ("joined", |example| {
        let (first, second) = example.value.split_at(example.value.len() / 2);
        format!("pub const {}: &str = concat!(\"{}\", \"{}\");\n", upper(example), escaped(first), escaped(second))
    }),
    ("bytes", |example| {
        let bytes: Vec<String> = example.value.bytes().map(|byte| format!("0x{byte:02x}")).collect();
        format!("pub const {}: [u8; {}] = [{}];\n", upper(example), bytes.len(), bytes.join(", "))
    }),
    ("object", |example| {
        format!("const C: &str = r##\"{{\"{}\": \"{}\", \"n\": 1}}\"##;\n", lower(example), escaped(&example.value))
    }),
    ("comment", |example| {
        if example.value.starts_with("-----") {
            return format!("// {}\nfn f() {{}}\n", example.value.replace('\n', "\n// "));
        }
        format!("// {}={}\nfn f() {{}}\n", upper(example), example.value.replace('\n', "\n// "))
    }),
    ("documentation", |example| {
        if example.value.starts_with("-----") {
            return format!("/// {}\nfn f() {{}}\n", example.value.replace('\n', "\n/// "));
        }
        format!("/// Set `{}: {}`.\nfn f() {{}}\n", lower(example), example.value.replace('\n', "\n/// "))
    }),
];

/// The name as a constant has it.
pub fn upper(example: &Example) -> String {
    example.name.to_ascii_uppercase()
}

/// The name as a variable has it.
pub fn lower(example: &Example) -> String {
    example.name.to_ascii_lowercase()
}

/// The name as a header has it.
pub fn kebab(example: &Example) -> String {
    lower(example).replace('_', "-")
}

/// The value as a plain string literal has it.
pub fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
