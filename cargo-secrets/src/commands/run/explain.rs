//! `run --explain`: what would be done and why, without a value and without doing it.

use std::collections::BTreeMap;

use super::Run;
use super::project::Project;
use super::session::{Setup, Verdict};
use crate::error::Error;
use crate::manifest::{Deliver, Manifest, Plan, Via};
use crate::process::runner::Domain;
use crate::process::way::Decision;
use crate::process::{Surroundings, sandbox::Support};
use crate::secret::SecretName;
use crate::store::SecretFile;
use crate::term::{self, Visible};

/// Prints it.
pub(super) fn explain(
    run: &Run,
    project: &Project,
    decision: Decision,
    surroundings: &Surroundings,
) -> Result<u8, Error> {
    let mut lines = vec![("way", way(&decision))];
    let via = decision.via;
    if via == Via::Runner {
        let setup = Setup::new(run, project, decision, surroundings)?;
        lines.extend(sandbox(&setup));
    } else {
        lines
            .push(("sandbox", format!("none: the program gets its values in its environment ({})", Support::detect())));
    }
    for (label, text) in lines {
        term::print(format_args!("{label:>9}: {}\n", Visible(text)))?;
    }
    if let Project::Declared { manifest, plan } = project {
        names(manifest, plan, run, via)?;
    }
    Ok(0)
}

fn way(decision: &Decision) -> String {
    let way = match decision.via {
        Via::Env => "env",
        Via::Runner => "runner",
    };
    format!("{way}, because {}", decision.reason)
}

fn sandbox(setup: &Setup<'_>) -> Vec<(&'static str, String)> {
    let kernel = setup.support.to_string();
    let build = match setup.verdict() {
        Ok(Verdict::Confined { writes: false }) => format!("cargo and all that compiles is confined ({kernel})"),
        Ok(Verdict::Confined { writes: true }) => {
            format!("confined, but may change the workspace's sources ({kernel})")
        }
        Ok(Verdict::Starter) => "none: it may start anything; `--sandbox` puts all of it in".to_owned(),
        Ok(Verdict::Off) => "none: switched off".to_owned(),
        Ok(Verdict::Unsupported) => format!("none: the kernel cannot ({kernel})"),
        Err(error) => format!("nothing would start: {error}"),
    };
    let programs = match setup.domain() {
        Domain::Never => "see what you see",
        Domain::Tests => "tests, benches and doctests do not see your identity, keys and credentials",
        Domain::Always => "do not see your identity, keys and credentials",
    };
    let mut lines = vec![("sandbox", build), ("programs", programs.to_owned())];
    lines.extend(setup.support.shortcomings().into_iter().map(|gap| ("open", gap.to_owned())));
    lines.push(("targets", setup.triples().join(" ")));
    lines
}

/// Which names go where, and why; the files are not decrypted for it.
fn names(manifest: &Manifest, plan: &Plan, run: &Run, via: Via) -> Result<(), Error> {
    let mut rows: BTreeMap<String, (String, String)> = BTreeMap::new();
    for source in &plan.sources {
        for name in SecretFile::read(&source.path)?.delivered_names(source.flatten)? {
            let goes = goes(manifest, plan, run, via, &SecretName::new(&name)?);
            rows.insert(name, goes);
        }
    }
    for (name, variable) in manifest.variables() {
        if variable.default.is_some() || variable.value.is_some() {
            rows.insert(name.to_string(), goes(manifest, plan, run, via, name));
        }
    }
    let rows = rows.into_iter().map(|(name, (to, why))| vec![name, to, why]);
    crate::commands::print_table(&["NAME", "GOES TO", "BECAUSE"], rows)
}

fn goes(manifest: &Manifest, plan: &Plan, run: &Run, via: Via, name: &SecretName) -> (String, String) {
    let text = |to: &str, why: &str| (to.to_owned(), why.to_owned());
    let is_in = |list: &[String]| list.iter().any(|listed| listed == name.as_str());
    if (!run.only.is_empty() && !is_in(&run.only)) || is_in(&run.except) {
        return text("nobody", "--only or --except leaves it out");
    }
    let Some(variable) = manifest.variable(name) else {
        return if plan.protected {
            text("nobody", "the environment is protected, and it is not declared")
        } else {
            text("every program", "it is not declared")
        };
    };
    let exposed = variable.deliver == Deliver::Build || is_in(&run.expose_to_build);
    let packages = variable.packages.as_ref().map(|packages| packages.join(", "));
    let (to, why) = match (variable.deliver, packages) {
        (Deliver::Cargo, _) if via == Via::Runner => text("cargo itself", "`deliver = \"cargo\"`"),
        _ if exposed && !plan.protected && via == Via::Runner => {
            text("build scripts, macros, programs", "`deliver = \"build\"` or --expose-to-build")
        }
        (_, Some(packages)) => (format!("programs of {packages}"), "`packages`".to_owned()),
        (_, None) => text("every program", "no `packages`"),
    };
    if variable.deliver == Deliver::File { (to + ", as a file", why + ", declared so") } else { (to, why) }
}
