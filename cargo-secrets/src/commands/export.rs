//! `cargo secrets export`: the values of an environment as a text for another program.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::context::Context;
use crate::error::Error;
use crate::exchange::export::{FORMATS, Format};
use crate::manifest::{Manifest, Plan};
use crate::process::{self, Audience, Choice, Request};
use crate::refusal::Refusal;
use crate::secret::SecretName;
use crate::term;
use crate::usage::Usage;

const EXAMPLES: &str = "\
Examples:
  cargo secrets export --format json | jq -r .TOKEN
  eval \"$(cargo secrets export --format shell)\"
  cargo secrets export --format fish | source
  cargo secrets export --format github >> \"$GITHUB_ENV\"
  cargo secrets export -e prod --format k8s-secret | kubectl apply -f -

It prints plaintext to stdout, and nowhere else but this: where GITHUB_ACTIONS is true, `github`
prints `::add-mask::` lines on stderr, so that the job's log hides each line of each value.
What a file, a log or a shell's history keeps of it, nobody here can take back; `cargo secrets
run` needs no such text. What a format cannot hold is refused, never changed.";

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Export {
    /// These names alone
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Which text
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: &'static Format,
    /// With the values that this package alone may have
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Show it on the terminal, without a question
    #[arg(long)]
    reveal: bool,
    /// The name of a Kubernetes Secret [default: the project's folder and the environment]
    #[arg(long, value_name = "NAME")]
    title: Option<String>,
}

fn formats() -> impl TypedValueParser<Value = &'static Format> {
    let names = FORMATS.map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(names).try_map(|name| Format::named(&name).ok_or("there is no such format"))
}

impl Export {
    /// Prints the text.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let format = self.format;
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        if let Some(package) = &self.package {
            manifest.package(package)?;
        }
        if term::stdout_is_terminal() && !self.reveal {
            let question = format!("This shows plaintext values of `{}` on the terminal. Go on?", plan.environment);
            if !term::confirm(&question).map_err(|_| Usage::NoTerminalToReveal)? {
                return Err(Refusal::Declined.into());
            }
        }
        let choice = Choice { only: self.names, except: Vec::new() };
        let audience = Audience::Program(self.package.as_deref());
        let request = Request { manifest: &manifest, plan: &plan, audience, choice: &choice };
        let mut keyring = context.keyring();
        let resolved = process::resolve(&request, &mut keyring);
        context.report(&mut keyring);
        let resolved = resolved?;
        remark(context, &plan, &resolved);
        let mut values: Vec<_> = resolved.set.iter().collect();
        values.sort_unstable_by_key(|(name, _)| *name);
        let title = self.title.unwrap_or_else(|| title(&manifest, &plan));
        let exported = format.export(&values, &title)?;
        if let Some(masks) = exported.masks.filter(|_| is_github()) {
            term::print_error_bytes(masks.as_str().as_bytes())?;
        }
        term::print_bytes(exported.text.as_str().as_bytes())?;
        if let Some(caution) = exported.caution {
            context.shell.warn(caution);
        }
        context.shell.verbose(format_args!("{} names of `{}`", values.len(), plan.environment));
        Ok(0)
    }
}

/// Whether the log is one of GitHub Actions, which takes commands.
fn is_github() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// What the whole is called where nobody says.
fn title(manifest: &Manifest, plan: &Plan) -> String {
    let folder = manifest.root().file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    format!("{folder}-{}", plan.environment).replace(['_', ' '], "-")
}

/// Says which names are not among those that are printed, and why.
fn remark(context: &Context, plan: &Plan, resolved: &process::Resolved) {
    let list = |names: &[SecretName]| names.iter().map(SecretName::as_str).collect::<Vec<_>>().join(", ");
    if !resolved.restricted.is_empty() {
        context
            .shell
            .note(format_args!("for single packages only (`-p NAME`), left out: {}", list(&resolved.restricted)));
    }
    if !resolved.undeclared.is_empty() {
        let (names, environment) = (list(&resolved.undeclared), &plan.environment);
        context.shell.warn(format_args!("not declared, and `{environment}` is protected, so left out: {names}"));
    }
    if !resolved.incomplete.is_empty() {
        context.shell.warn(format_args!("a part has no value, so not composed: {}", list(&resolved.incomplete)));
    }
}
