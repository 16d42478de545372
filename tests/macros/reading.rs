//! `secret!` and `#[derive(Secrets)]` at run time.

use crate::project::{Project, Run};

const TABLE: &str =
    "secrecy = \"0.10\"\n[package.metadata.secrets.variables]\nDATABASE_URL = {}\nPORT = {}\nTOKEN = {}\nTYPE = {}\n";

fn with(project: &Project, variables: &[(&str, &str)]) -> Run {
    let mut command = project.cargo(&["run", "-q"]);
    for name in ["DATABASE_URL", "PORT", "TOKEN", "TYPE"] {
        command.env_remove(name);
    }
    Run::of(command.envs(variables.iter().copied()).output().unwrap())
}

#[test]
fn a_secret_is_read_and_its_absence_is_told_with_what_to_do() {
    let source = "fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {\n\
        let url: String = secrets_macros::secret!(\"DATABASE_URL\")?;\n\
        let port = secrets_macros::secret!(\"PORT\", as u16).map_err(|error| { assert_eq!(format!(\"{error}\"), format!(\"{error:?}\")); error })?;\n\
        println!(\"{} {port}\", url.len());\n    Ok(())\n}\n";
    let project = Project::new("reads").manifest(TABLE).file("src/main.rs", source);
    let run = with(&project, &[]);
    let expected =
        "Error: `DATABASE_URL` is not set: start the program with `cargo secrets run -- …`, or set it otherwise\n";
    assert_eq!((run.success, &*run.stderr), (false, expected));
    let run = with(&project, &[("DATABASE_URL", "postgres://"), ("PORT", "hunter2")]);
    assert_eq!((run.success, &*run.stderr), (false, "Error: `PORT` is not a valid `u16`\n"));
    let run = with(&project, &[("DATABASE_URL", "postgres://"), ("PORT", "8080")]);
    assert_eq!(run.stdout, "11 8080\n", "{}", run.stderr);
}

#[test]
fn a_struct_is_filled_and_all_that_is_missing_or_invalid_is_told_at_once() {
    let source = "
#![warn(clippy::pedantic, missing_docs, rust_2018_idioms, unused, unused_qualifications)]
//! A program.
use secrecy::{ExposeSecret, SecretString};
/// What the program needs.
#[derive(secrets_macros::Secrets)]
pub struct Config<T>
where
    T: std::str::FromStr,
{
    /// Where.
    pub database_url: SecretString,
    #[secret(\"PORT\", default = 8080)]
    port: T,
    #[secret(\"TOKEN\")]
    token: Option<Box<str>>,
    r#type: Option<String>,
}

fn main() {
    match Config::<u16>::from_env() {
        Ok(config) => {
            println!(\"{config:?}\");
            println!(\"{} {} {:?} {:?}\", config.database_url.expose_secret().len(), config.port, config.token, config.r#type);
        }
        Err(error) => println!(\"{error}\\n{error:?}\"),
    }
}
";
    let project = Project::new("derives").manifest(TABLE).file("src/main.rs", source).file("clippy.toml", "");
    let clippy = project.passes(&["clippy", "--", "-D", "warnings"]);
    assert!(!clippy.stderr.contains("warning"), "{}", clippy.stderr);
    let text = "not set: `DATABASE_URL`: start the program with `cargo secrets run -- …`, or set it otherwise; not valid: `PORT` as `T`\n";
    assert_eq!(with(&project, &[("PORT", "hunter2")]).stdout, text.repeat(2));
    let redacted = "Config { database_url: [redacted], port: [redacted], token: [redacted], type: [redacted] }\n";
    let run = with(&project, &[("DATABASE_URL", "12345")]);
    assert_eq!(run.stdout, format!("{redacted}5 8080 None None\n"), "{}", run.stderr);
    let run = with(&project, &[("DATABASE_URL", "1"), ("PORT", "1"), ("TOKEN", "t"), ("TYPE", "x")]);
    assert_eq!(run.stdout, format!("{redacted}1 1 Some(\"t\") Some(\"x\")\n"));
}

#[test]
fn structs_of_every_shape_are_understood() {
    let source = "
pub mod inner {
    pub struct Parsed(pub u8);
    impl std::str::FromStr for Parsed {
        type Err = String;
        fn from_str(text: &str) -> Result<Self, String> { text.parse().map(Parsed).map_err(|_| text.to_owned()) }
    }
    impl From<String> for Parsed {
        fn from(_: String) -> Self { Parsed(99) }
    }
    pub struct SecretError(pub String);
    impl From<String> for SecretError { fn from(text: String) -> Self { Self(text) } }
    #[derive(secrets_macros::Secrets)]
    pub(in crate::inner) struct Generic<'a, T: From<String> + Iterator<Item = Vec<u8>>, const N: usize = 3, U = fn(u8) -> u8>
    where
        for<'b> &'b T: Send,
        U: Copy,
    {
        #[secret(\"TYPE\")]
        pub(crate) one: T,
        #[secret(default = \"a,b\")]
        pub two: std::collections::BTreeMap<U, [&'a str; N]>,
    }
    #[derive(secrets_macros::Secrets)]
    struct Nothing {}
    #[derive(secrets_macros::Secrets)]
    pub struct Both {
        #[secret(\"PORT\")]
        pub parsed: Parsed,
        #[secret(\"TOKEN\")]
        pub taken: SecretError,
        #[secret(\"ABSENT\")]
        pub absent: ::std::option::Option<bool>,
    }
    pub fn nothing() -> bool { Nothing::from_env().is_ok() }
}
fn main() {
    let both = inner::Both::from_env().unwrap();
    println!(\"{} {} {}\", both.parsed.0, both.taken.0, inner::nothing() && both.absent.is_none());
}
";
    // A map is neither parsed nor taken from a text, which rustc says of the field's type, and of nothing else.
    let project = Project::new("shapes").file("src/main.rs", source);
    let run = project.fails(&["check"]);
    assert!(run.stderr.contains("`BTreeMap<U, [&str; N]>: FromStr` is not satisfied"), "{}", run.stderr);
    assert_eq!(run.errors(), 1, "{}", run.stderr);
    let fixed = source.replace("std::collections::BTreeMap<U, [&'a str; N]>", "Wrapped<'a, U, N>").replace(
        "pub struct Parsed(",
        "pub struct Wrapped<'a, U, const N: usize>(pub &'a [U; N]);\n\
        impl<U, const N: usize> std::str::FromStr for Wrapped<'_, U, N> { type Err = (); fn from_str(_: &str) -> Result<Self, ()> { Err(()) } }\n\
        pub struct Parsed(",
    );
    let project = project.file("src/main.rs", &fixed);
    let run = with(&project, &[("PORT", "7"), ("TOKEN", "abc")]);
    assert_eq!(run.stdout, "7 abc true\n", "{}", run.stderr);
}
