//! `recipients sync`: lets in, in the files, whom Cargo.toml names already.

use clap::Args;

use super::Difference;
use crate::context::Context;
use crate::error::{self, Error};
use crate::refusal::Refusal;
use crate::secret::{EnvName, quoted, shown};
use crate::{store, term};

const EXAMPLES: &str = "\
Examples:
  cargo secrets recipients sync
  cargo secrets recipients sync -e dev --yes

All environments, unless one is named. The values stay as they are, and so does the data key; it is
wrapped for more people. Who these are comes from Cargo.toml, which anybody who can push may have
changed: they are listed, and you are asked.

It takes nobody out: they would still have the data key. Exit code 1 where a file is for somebody
whom Cargo.toml does not name.";

/// Arguments of `recipients sync`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sync {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Sync {
    pub(super) fn run(self, context: &Context) -> Result<u8, Error> {
        let manifest = context.manifest()?;
        let environments: Vec<EnvName> = match context.named_environment()? {
            Some(name) => vec![name],
            None => manifest.environments().map(|(name, _)| name.clone()).collect(),
        };
        let mut differences = Vec::new();
        for environment in &environments {
            differences.extend(super::differences(&manifest.plan(environment)?)?);
        }
        let missing: Vec<_> = differences.iter().filter(|difference| !difference.missing.is_empty()).collect();
        if !missing.is_empty() {
            self.admit(context, &missing)?;
        }
        let code = say_extra(context, &differences);
        if missing.is_empty() && code == 0 {
            context.shell.status("In step", "the files are for whom Cargo.toml names");
        }
        Ok(code)
    }

    fn admit(&self, context: &Context, missing: &[&Difference]) -> Result<(), Error> {
        for Difference { declared, environment, missing, .. } in missing {
            for (name, key) in missing {
                let key = shown(key, 90);
                context.shell.status("Lets in", format_args!("{name} to {declared} ({environment}): {key}"));
            }
        }
        if !self.yes {
            match term::confirm("Are these keys theirs, and may they read it?") {
                Ok(true) => {}
                Ok(false) => return Err(Refusal::Declined.into()),
                Err(_) => return Err(Refusal::NobodyToAsk.into()),
            }
        }
        let mut keyring = context.keyring();
        for Difference { file, declared, missing, .. } in missing {
            let keys: Vec<_> = missing.iter().map(|(_, key)| key.clone()).collect();
            let admitted = store::admit(file.path(), &mut keyring, &keys);
            context.report(&mut keyring);
            admitted?;
            context.shell.status("Encrypted", format_args!("{declared} for {} more", keys.len()));
        }
        Ok(())
    }
}

/// Says who is in a file and not in Cargo.toml; tells the exit code.
fn say_extra(context: &Context, differences: &[Difference]) -> u8 {
    let mut code = 0;
    for Difference { declared, environment, extra, .. } in differences {
        for key in extra {
            let (key, pasted, file) = (shown(key, 90), quoted(shown(key, 90)), quoted(declared));
            context.shell.warn(format_args!(
                "{key} can read {declared}, and Cargo.toml does not name it in `{environment}`: name it there (`cargo secrets \
                 recipients add NAME {pasted} -e {environment}`), or make a new data key without it (`sops rotate --in-place \
                 --rm-age {pasted} {file}`) and change every value it could read"
            ));
            code = error::FINDINGS;
        }
    }
    code
}
