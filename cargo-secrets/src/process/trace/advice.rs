//! What a refused call means to the user: what was wanted, and the line that allows it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use rustix::fs::{Access as Rights, AtFlags, CWD};

use super::{Refusal, Wanted};
use crate::process::sandbox::{Access, Policy, Verdict, Why};

/// What was refused, and how to allow it.
#[derive(Debug, Default)]
pub(crate) struct Advice {
    /// One sentence each.
    pub(crate) refused: Vec<String>,
    read: BTreeSet<String>,
    write: BTreeSet<String>,
    unhide: BTreeSet<String>,
    network: bool,
}

/// What cargo, and programs that could ask a question, try and do without.
const HARMLESS: [&str; 3] = [".global-cache", "transparent_hugepage", "/dev/tty"];

impl Advice {
    /// Reads the refusals that are `policy`'s: what the user may not do anyway is none.
    pub(crate) fn new<'r>(policy: &Policy, refusals: impl IntoIterator<Item = &'r Refusal>) -> Self {
        let mut advice = Self::default();
        for Refusal { wanted, program } in refusals {
            let said = match wanted {
                Wanted::Path { path, access } => {
                    let Verdict::Refused(why) = policy.verdict(path, *access) else { continue };
                    if is_harmless(path) || !is_the_users(path, *access) {
                        continue;
                    }
                    advice.add(&why);
                    let verb = if *access == Access::Read { "read" } else { "write" };
                    format!("`{program}` could not {verb} `{}`: {why}", path.display())
                }
                Wanted::Port(port) => {
                    advice.network = true;
                    format!("`{program}` could not connect to TCP port {port}")
                }
                Wanted::Service => format!("`{program}` could not reach a service of this machine by a socket"),
                Wanted::Process => format!("`{program}` could not reach another process"),
            };
            advice.refused.push(said);
        }
        advice.refused.dedup();
        advice
    }

    fn add(&mut self, why: &Why) {
        let entry = |path: &str| format!("\"{path}\"");
        match why {
            Why::Hidden(path) => self.unhide.insert(entry(path)),
            Why::Unlisted(path) => self.read.insert(entry(path)),
            Why::ReadOnly(path) => self.write.insert(entry(path)),
            Why::Closed(_) | Why::Guarded(_) | Why::Identity(_) => false,
        };
    }

    /// The lines for Cargo.toml.
    pub(crate) fn for_manifest(&self) -> Option<String> {
        let mut lines = String::new();
        for (key, entries) in [("read", &self.read), ("write", &self.write)] {
            if !entries.is_empty() {
                let entries: Vec<_> = entries.iter().map(String::as_str).collect();
                let _ = writeln!(lines, "sandbox.{key} = [{}]", entries.join(", "));
            }
        }
        if self.network {
            lines.push_str("sandbox.network = \"all\"\n");
        }
        (!lines.is_empty()).then(|| lines.trim_end().to_owned())
    }

    /// The line for the user's own settings.
    pub(crate) fn for_user(&self) -> Option<String> {
        let entries: Vec<_> = self.unhide.iter().map(String::as_str).collect();
        (!entries.is_empty()).then(|| format!("sandbox.unhide = [{}]", entries.join(", ")))
    }
}

fn is_harmless(path: &Path) -> bool {
    HARMLESS.iter().any(|part| path.to_string_lossy().contains(part))
}

/// Whether we, outside of the domain, may do it: no line helps where nobody lets the user.
fn is_the_users(path: &Path, access: Access) -> bool {
    let may = |path: &Path, way: Rights| rustix::fs::accessat(CWD, path, way, AtFlags::EACCESS).is_ok();
    let folder = || path.parent().is_some_and(|folder| may(folder, Rights::WRITE_OK));
    match access {
        Access::Read => may(path, Rights::READ_OK) || may(path, Rights::EXEC_OK),
        Access::Write => may(path, Rights::WRITE_OK) || !path.exists() && folder(),
        Access::Folder | Access::Entry => folder(),
    }
}
