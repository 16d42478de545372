//! `cargo secrets doctor`: what keeps this project's secrets from working here, each with the command that mends it.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::cli::Format;
use crate::context::Context;
use crate::error::{self, Error};
use crate::manifest::{Manifest, Plan, Source};
use crate::process::cargo::{self, Host, Overruled};
use crate::process::sandbox::Support;
use crate::process::{self, ResolveError};
use crate::secret::{EnvName, quoted};
use crate::store;
use crate::store::SecretFile;
use crate::store::identity::Warning;
use crate::term::{self, Visible};

const EXAMPLES: &str = "\
Exit code 0: no problem; 1: at least one. It looks at identities and their permissions, Cargo.toml,
every environment's files, .gitignore, the programs that are of use, whether builds can be confined,
and what wins over the runner that `init --runner` sets.";

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Note,
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Item {
    state: State,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Item {
    fn ok(what: impl Into<String>) -> Self {
        Self { state: State::Ok, what: what.into(), fix: None }
    }

    fn note(what: impl Into<String>, fix: Option<String>) -> Self {
        Self { state: State::Note, what: what.into(), fix }
    }

    /// What the keyring passed over; what has a remedy is a problem.
    fn warning(warning: Warning) -> Self {
        let what = warning.to_string();
        match warning.help() {
            Some(fix) => Self::problem(what, Some(fix)),
            None => Self::note(what, None),
        }
    }

    fn problem(what: impl Into<String>, fix: Option<String>) -> Self {
        Self { state: State::Problem, what: what.into(), fix }
    }
}

impl Doctor {
    /// Looks, prints, and tells whether there is a problem.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let mut items = identities(context);
        match context.manifest() {
            Ok(manifest) => {
                items.push(Item::ok(format!("{} in {}", manifest.table(), manifest.path().display())));
                items.extend(environments(context, &manifest));
                items.extend(plaintext(manifest.root()));
            }
            Err(error) => items.push(Item::problem(error.to_string(), error.help())),
        }
        items.extend(tools());
        items.push(sandbox());
        items.extend(runner(context));
        match self.format {
            Format::Json => term::print_json(&items)?,
            Format::Table => print(&items)?,
        }
        let has_problem = items.iter().any(|item| item.state == State::Problem);
        Ok(if has_problem { error::FINDINGS } else { 0 })
    }
}

fn identities(context: &Context) -> Vec<Item> {
    let mut keyring = context.keyring();
    let keys = keyring.public_keys();
    let mut items: Vec<_> = keyring.take_warnings().into_iter().map(Item::warning).collect();
    let is_mendable = items.iter().any(|item| item.state == State::Problem);
    match keys {
        Ok(keys) if keys.is_empty() && is_mendable => {}
        Ok(keys) if keys.is_empty() => {
            let fix = Some("cargo secrets identity new".to_owned());
            items.push(Item::problem("there is no identity here: no secret file can be read", fix));
        }
        Ok(keys) => items.extend(keys.into_iter().map(|(from, public)| {
            let public = public.unwrap_or_else(|| "a key behind a passphrase or a plugin".to_owned());
            Item::ok(format!("identity {public} from {from}"))
        })),
        Err(error) => items.push(Item::problem(error.to_string(), error.help())),
    }
    items
}

fn environments(context: &Context, manifest: &Manifest) -> Vec<Item> {
    let mut keyring = context.keyring();
    let mut items = Vec::new();
    for (name, _) in manifest.environments() {
        let plan = match manifest.plan(name) {
            Ok(plan) => plan,
            Err(error) => {
                items.push(Item::problem(format!("environment {name}: {error}"), error.help()));
                continue;
            }
        };
        items.push(match process::gather(manifest, &plan, &mut keyring) {
            Ok((set, _)) => Item::ok(format!("environment {name}: {} name(s), decrypted", set.iter().count())),
            Err(error) if error::is_not_recipient(&error) => {
                Item::note(format!("environment {name} is not for any identity found here"), error.help())
            }
            Err(error) => {
                let fix = match &error {
                    ResolveError::Store(store::Error::Missing { .. }) => {
                        Some(format!("cargo secrets set NAME -e {name}"))
                    }
                    error => error.help(),
                };
                Item::problem(format!("environment {name}: {error}"), fix)
            }
        });
        items.extend(whole_files(name, &plan));
        items.extend(unwritable(&plan.sources.iter().map(|source| source.path.as_path()).collect::<Vec<_>>()));
    }
    items.extend(keyring.take_warnings().into_iter().map(Item::warning));
    items
}

/// Sources that are encrypted as a whole.
fn whole_files(environment: &EnvName, plan: &Plan) -> Vec<Item> {
    let whole = plan.sources.iter().filter(|source| SecretFile::read(&source.path).is_ok_and(|file| file.is_whole()));
    let item = |source: &Source| {
        Item::note(
            format!(
                "environment {environment}: `{}` is one age file, which has no names to protect one by one",
                source.declared
            ),
            Some(format!("cargo secrets import {}", quoted(&source.declared))),
        )
    };
    whole.map(item).collect()
}

/// Folders in which no change can be written.
fn unwritable(paths: &[&Path]) -> Vec<Item> {
    let mut folders: Vec<_> = paths.iter().filter_map(|path| path.parent()).filter(|folder| folder.is_dir()).collect();
    folders.sort_unstable();
    folders.dedup();
    let writable = |folder: &Path| rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok();
    let unwritable = folders.into_iter().filter(|folder| !writable(folder));
    let item = |folder: &Path| {
        Item::note(
            format!("`{}` cannot be written to", folder.display()),
            Some(format!("chmod u+w {}", quoted(folder))),
        )
    };
    unwritable.map(item).collect()
}

/// Plaintext dotenv files that git would take.
fn plaintext(root: &Path) -> Vec<Item> {
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(root).args(arguments).stderr(std::process::Stdio::null()).output()
    };
    let inside = git(&["rev-parse", "--is-inside-work-tree"]).is_ok_and(|output| output.status.success());
    if !inside {
        return vec![Item::note("this project is in no git repository", Some("git init".to_owned()))];
    }
    let ignored = |name: &str| git(&["check-ignore", "--quiet", name]).is_ok_and(|output| output.status.success());
    if ignored(".env") {
        vec![Item::ok("git ignores `.env`")]
    } else {
        vec![Item::problem(
            "git does not ignore `.env`: a plaintext file could be committed",
            Some("cargo secrets init".to_owned()),
        )]
    }
}

/// Programs that are of use beside this one.
fn tools() -> Vec<Item> {
    let tool = |name: &str, needed: bool, what: &str| match which::which(name) {
        Ok(path) => Item::ok(format!("{name}: {}", path.display())),
        Err(_) if needed => Item::problem(format!("`{name}` is not on PATH: {what}"), None),
        Err(_) => Item::note(format!("`{name}` is not on PATH: {what}"), None),
    };
    vec![
        tool("cargo", true, "it comes with Rust, https://rustup.rs"),
        tool("git", false, "secret files are made to be committed"),
        tool("sops", false, "not needed; it opens and changes the same files"),
    ]
}

/// Whether the kernel can confine what compiles.
fn sandbox() -> Item {
    let support = Support::detect();
    if support.can_confine() {
        Item::ok(format!("`run` confines builds ({support})"))
    } else {
        Item::note(format!("this kernel cannot confine builds ({support}): they can read your keys and identity"), None)
    }
}

/// How the runner that `init --runner` sets fares in this folder.
fn runner(context: &Context) -> Vec<Item> {
    let surroundings = context.surroundings();
    if !cargo::is_named(&surroundings) {
        return Vec::new();
    }
    let Some(host) = Host::ask(&surroundings.cwd) else {
        return vec![Item::note("`rustc` does not say what it builds for, so runners are not looked at", None)];
    };
    let standing = match cargo::standing(&surroundings, &host) {
        Ok(Some(standing)) => standing,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![Item::problem(error.to_string(), error.help())],
    };
    if standing.overruled.is_empty() {
        let file = standing.file.display();
        return vec![Item::ok(format!("plain `cargo test` gives programs their values (runner in {file})"))];
    }
    let item = |overruled: Overruled| {
        let make = if overruled.is_mistake() { Item::problem } else { Item::note };
        make(overruled.to_string(), Some(overruled.help()))
    };
    standing.overruled.into_iter().map(item).collect()
}

fn print(items: &[Item]) -> Result<(), Error> {
    for item in items {
        let mark = match item.state {
            State::Ok => "ok     ",
            State::Note => "note   ",
            State::Problem => "problem",
        };
        term::print(format_args!("{mark} {}\n", Visible(&item.what)))?;
        if let Some(fix) = &item.fix {
            term::print(format_args!("        {}\n", Visible(fix.replace('\n', "\n        "))))?;
        }
    }
    Ok(())
}
