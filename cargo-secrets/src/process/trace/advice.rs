//! What a refused call means to the user: what was wanted, and the line that allows it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rustix::fs::{Access as Rights, AtFlags, CWD};

use super::{Refusal, Wanted};
use crate::manifest::{Network, Opening};
use crate::process::sandbox::{Access, Policy, Verdict, Why};

/// What was refused, and how to allow it.
#[derive(Debug, Default)]
pub(crate) struct Advice {
    /// One sentence each.
    pub(crate) refused: Vec<String>,
    /// What Cargo.toml has to open.
    pub(crate) opening: Opening,
    unhide: BTreeSet<String>,
}

/// What cargo, and programs that could ask a question, try and do without.
const HARMLESS: [&str; 2] = [".global-cache", "transparent_hugepage"];

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
                Wanted::Process => format!("`{program}` could not reach another process"),
                Wanted::Service => format!("`{program}` could not reach a service of this machine by a socket"),
                Wanted::Socket => format!("`{program}` could not open a socket that is neither for TCP nor for UDP"),
                Wanted::Internet | Wanted::Connection { .. } | Wanted::Listener { .. } => {
                    let Some((network, what)) = reached(wanted, policy.network()) else { continue };
                    advice.open(network);
                    format!("`{program}` could not {what}")
                }
            };
            advice.refused.push(said);
        }
        advice.refused.dedup();
        advice
    }

    fn add(&mut self, why: &Why) {
        let entry = |path: &String| path.clone();
        match why {
            Why::Hidden(path) => self.unhide.insert(entry(path)),
            Why::Unlisted(path) => self.opening.read.insert(entry(path)),
            Why::ReadOnly(path) => self.opening.write.insert(entry(path)),
            Why::Closed(_) | Why::Guarded(_) | Why::Identity(_) => false,
        };
    }

    /// What allows more allows less too.
    fn open(&mut self, network: Network) {
        if self.opening.network != Some(Network::All) {
            self.opening.network = Some(network);
        }
    }

    /// The line for the user's own settings, with what is `there`.
    pub(crate) fn for_user(&self, there: &[PathBuf]) -> Option<String> {
        (!self.unhide.is_empty()).then(|| unhiding(there, self.unhide.iter().cloned()))
    }
}

/// The line for the user's own settings that opens what is `there` already, and more.
pub(crate) fn unhiding(there: &[PathBuf], more: impl IntoIterator<Item = String>) -> String {
    let entries = there.iter().map(|path| path.display().to_string()).chain(more);
    let entries: Vec<_> = entries.map(|path| toml_edit::Value::from(path).to_string()).collect();
    format!("sandbox.unhide = [{}]", entries.join(", "))
}

/// The least that allows what was wanted of the network, and what that was. What the kernel refuses all the same is no
/// refusal of ours.
fn reached(wanted: &Wanted, network: Network) -> Option<(Network, String)> {
    Some(match (wanted, network) {
        (Wanted::Internet, Network::None) => (Network::Https, "open a socket for TCP or UDP".to_owned()),
        (Wanted::Internet, _) | (_, Network::All) => return None,
        (Wanted::Connection { port }, _) => (Network::All, format!("connect to TCP port {port}")),
        (Wanted::Listener { port: 0 }, _) => (Network::All, "listen for connections".to_owned()),
        (Wanted::Listener { port }, _) => (Network::All, format!("listen on TCP port {port}")),
        _ => return None,
    })
}

fn is_harmless(path: &Path) -> bool {
    path == Path::new("/dev/tty") || HARMLESS.iter().any(|part| path.to_string_lossy().contains(part))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_of_the_network_is_proposed_than_it_takes() {
        let least = |wanted: &Wanted, network| reached(wanted, network).map(|(network, _)| network);
        let (connection, listener) = (Wanted::Connection { port: 80 }, Wanted::Listener { port: 0 });
        assert_eq!(least(&Wanted::Internet, Network::None), Some(Network::Https));
        assert_eq!(least(&Wanted::Internet, Network::Https), None);
        for wanted in [&connection, &listener] {
            assert_eq!(least(wanted, Network::Https), Some(Network::All));
            assert_eq!(least(wanted, Network::All), None, "a port that is the kernel's to refuse");
        }
        let mut advice = Advice::default();
        for network in [Network::Https, Network::All, Network::Https] {
            advice.open(network);
        }
        assert_eq!(advice.opening.network, Some(Network::All));
    }

    #[test]
    fn what_is_opened_by_the_user_stays_open() {
        let mut advice = Advice::default();
        let there = [PathBuf::from("~/.kube")];
        assert_eq!(advice.for_user(&there), None);
        advice.add(&Why::Hidden("~/.aws".to_owned()));
        assert_eq!(advice.for_user(&[]).unwrap(), "sandbox.unhide = [\"~/.aws\"]");
        assert_eq!(advice.for_user(&there).unwrap(), "sandbox.unhide = [\"~/.kube\", \"~/.aws\"]");
    }
}
