//! `list --tree`: environments, who reads them, their files, the names in these. No values, no key needed.

use crate::context::Context;
use crate::error::Error;
use crate::manifest::{Manifest, Plan};
use crate::secret::{EnvName, SecretName, shown};
use crate::store::{self, SecretFile};
use crate::term;

/// The longest text that is shown of what may come from a hostile file.
const LONGEST: usize = 120;

/// A line, and what hangs below it.
struct Branch {
    text: String,
    below: Vec<Branch>,
}

impl Branch {
    fn new(text: &str, below: Vec<Self>) -> Self {
        Self { text: shown(text, LONGEST), below }
    }

    fn leaf(text: &str) -> Self {
        Self::new(text, Vec::new())
    }

    /// Adds its lines, each begun with `indent`.
    fn draw(&self, indent: &str, to: &mut String) {
        for (index, branch) in self.below.iter().enumerate() {
            let is_last = index + 1 == self.below.len();
            let (knee, rest) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
            to.extend([indent, knee, &branch.text, "\n"]);
            branch.draw(&format!("{indent}{rest}"), to);
        }
    }
}

/// Prints the environment that was named, or all.
pub(super) fn print(context: &Context, manifest: &Manifest) -> Result<u8, Error> {
    let names: Vec<EnvName> = match context.named_environment()? {
        Some(name) => vec![name],
        None => manifest.environments().map(|(name, _)| name.clone()).collect(),
    };
    let mut drawn = String::new();
    for name in &names {
        let branch = environment(manifest, &manifest.plan(name)?)?;
        drawn.extend([branch.text.as_str(), "\n"]);
        branch.draw("", &mut drawn);
    }
    term::print(drawn)?;
    Ok(0)
}

fn environment(manifest: &Manifest, plan: &Plan) -> Result<Branch, Error> {
    let name = &plan.environment;
    let mut marks = Vec::new();
    if manifest.default_environment().ok() == Some(name) {
        marks.push("default");
    }
    if plan.protected {
        marks.push("protected");
    }
    let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join(", ")) };
    let mut below = Vec::new();
    if let Some(ancestor) = &manifest.environment(name)?.inherits {
        let brings = if plan.sources.iter().any(|source| source.environment == *ancestor) {
            "values and declarations"
        } else {
            "declarations"
        };
        below.push(Branch::leaf(&format!("inherits {brings} of {ancestor}")));
    }
    if let Some(recipients) = &plan.recipients {
        let names: Vec<_> = recipients.iter().map(|(name, _)| name.as_str()).collect();
        below.push(Branch::leaf(&format!("read by {}", names.join(", "))));
    }
    let mut has_value: Vec<String> = Vec::new();
    for source in &plan.sources {
        let names = match SecretFile::read(&source.path) {
            Ok(file) => file.delivered_names(source.flatten)?,
            Err(store::Error::Missing { .. }) => {
                below.push(Branch::leaf(&format!("{} (does not exist)", source.declared)));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if source.environment == *name {
            let leaves = names.iter().map(|name| Branch::leaf(&described(manifest, plan, name)));
            below.push(Branch::new(&source.declared, leaves.collect()));
        }
        has_value.extend(names);
    }
    below.extend(missing(manifest, plan, &has_value));
    Ok(Branch::new(&format!("{name}{marks}"), below))
}

/// A name with what is declared of it.
fn described(manifest: &Manifest, plan: &Plan, name: &str) -> String {
    let declared = SecretName::new(name).ok().and_then(|name| manifest.variable(&name));
    let Some(variable) = declared else { return format!("{name}: undeclared") };
    let mut text = format!("{name}: {}", variable.kind);
    if variable.is_required_in(plan) {
        text.push_str(", required");
    }
    if let Some(packages) = &variable.packages {
        text.extend([", for ", &packages.join(", ")]);
    }
    text
}

/// What is required and has no value.
fn missing(manifest: &Manifest, plan: &Plan, has_value: &[String]) -> Option<Branch> {
    let required = manifest.variables().iter().filter(|(name, variable)| {
        let made = variable.default.is_some() || variable.value.is_some();
        variable.is_required_in(plan) && !made && !has_value.iter().any(|known| known == name.as_str())
    });
    let leaves: Vec<_> = required.map(|(name, _)| Branch::leaf(name.as_str())).collect();
    (!leaves.is_empty()).then(|| Branch::new("required, without a value", leaves))
}
