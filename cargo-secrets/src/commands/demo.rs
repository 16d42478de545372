//! `cargo secrets demo`: a small web service with one test that needs a secret, made, set up and run.
//!
//! **It touches nothing outside its folder and needs no network**: the service has no dependency, and its identity, made
//! for it alone, lies in the folder too.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use secrecy::ExposeSecret;

use crate::context::Context;
use crate::error::Error;
use crate::secret::Generator;
use crate::store::identity;
use crate::usage::Usage;
use crate::{fsx, term};

const FILES: [(&str, &str); 4] = [
    ("Cargo.toml", include_str!("../../templates/demo/Cargo.toml.tmpl")),
    ("src/lib.rs", include_str!("../../templates/demo/src/lib.rs")),
    ("src/main.rs", include_str!("../../templates/demo/src/main.rs")),
    ("tests/report.rs", include_str!("../../templates/demo/tests/report.rs")),
];

/// The variable that the service needs.
const NAME: &str = "SERVICE_TOKEN";
/// The private key of the demonstration, good for nothing else.
const IDENTITY: &str = "demo-identity.txt";

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The folder to make it in: new or empty [default: a temporary one]
    folder: Option<PathBuf>,
}

impl Demo {
    /// Shows the whole way, a step at a time.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let folder = folder(context, self.folder)?;
        say(format_args!("A small web service in {} wants a token from its callers.\n", folder.display()))?;
        for (name, content) in FILES {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                fsx::create_dir(parent)?;
            }
            fsx::replace(&path, content.as_bytes())?;
        }
        let stage = Stage { folder: &folder, program: std::env::current_exe()? };

        say("1. An identity, and an environment for it. Yours would go to your config folder; this one stays here.\n")?;
        identity::create(&folder.join(IDENTITY))?;
        stage.step(&["init"], None)?;

        say("\n2. A token, made up now and piped in. On a terminal, `set` asks for it without showing it.\n")?;
        stage.set_token()?;

        say("\n3. The file, as it would be committed: names can be read, values cannot.\n")?;
        stage.show("secrets/dev.json")?;

        say("\n4. The main job: cargo runs the tests, and the one that needs the token has it.\n")?;
        stage.step(&["run", "--", "cargo", "test", "--quiet"], None)?;

        say(format_args!(
            "\nIn a project of your own:\n\n    cargo secrets init\n    cargo secrets set TOKEN\n    \
             cargo secrets run -- cargo test\n\nThe demonstration stays in {}; remove it when you have seen enough.\n",
            folder.display()
        ))?;
        Ok(0)
    }
}

/// The folder, made if need be; one with something in it is left alone.
fn folder(context: &Context, wanted: Option<PathBuf>) -> Result<PathBuf, Error> {
    let Some(folder) = wanted else {
        return Ok(tempfile::Builder::new().prefix("cargo-secrets-demo-").tempdir()?.keep());
    };
    let folder = context.cwd.join(folder);
    if folder.exists() && folder.read_dir()?.next().is_some() {
        return Err(Usage::NotEmpty(folder.display().to_string()).into());
    }
    fsx::create_dir(&folder)?;
    Ok(folder)
}

/// Where the steps are played.
struct Stage<'s> {
    folder: &'s Path,
    program: PathBuf,
}

impl Stage<'_> {
    /// Runs ourselves with `arguments`, as a user would type them.
    fn step(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<(), Error> {
        let typed = format!("cargo secrets {}", arguments.join(" "));
        say(format_args!("$ {typed}\n"))?;
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(self.folder);
        command.env("CARGO_SECRETS_IDENTITY_FILE", self.folder.join(IDENTITY));
        command.env("CARGO_NET_OFFLINE", "true");
        for name in ["CARGO_SECRETS_ENVIRONMENT", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", NAME] {
            command.env_remove(name);
        }
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn()?;
        if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
            // A step that ends early closes the pipe: its status tells.
            let _ = stdin.write_all(input);
        }
        if child.wait()?.success() { Ok(()) } else { Err(Usage::Demo(typed).into()) }
    }

    #[expect(clippy::disallowed_methods, reason = "the made-up token goes through a pipe to `set`")]
    fn set_token(&self) -> Result<(), Error> {
        let token = Generator::Alphanumeric(40).generate()?.value;
        self.step(&["set", NAME], Some(token.expose_secret().as_bytes()))
    }

    /// Prints a file of the folder, long lines cut.
    fn show(&self, file: &str) -> Result<(), Error> {
        say(format_args!("$ cat {file}\n"))?;
        let content = fsx::read(&self.folder.join(file))?;
        for line in String::from_utf8_lossy(&content).lines() {
            let cut: String = line.chars().take(96).collect();
            let more = if cut.len() < line.len() { "…" } else { "" };
            say(format_args!("{}{more}\n", cut.replace('\t', "  ")))?;
        }
        Ok(())
    }
}

fn say(text: impl std::fmt::Display) -> Result<(), Error> {
    Ok(term::print(text)?)
}
