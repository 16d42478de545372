//! `run` and `sandbox`: how commands get their values, and how what compiles is confined.
//!
//! **Nothing here opens what is hidden**: only the user's own settings do ([`super::user`]). Whether a path may be opened
//! at all is for the domain to say, which knows what is hidden.

use std::collections::BTreeMap;

use crate::manifest::check::{Checked, duplicate, unknown};
use crate::manifest::mistake::Fault;
use crate::manifest::model::{Mode, Network, Sandbox, Via};
use crate::manifest::problem::{EnvironmentProblem, Noun, Problem};
use crate::manifest::schema::{RawSandbox, RawSandboxTable};

/// Checks `run`.
pub(super) fn ways(raw: BTreeMap<String, String>) -> Checked<BTreeMap<String, Via>> {
    let way = |(command, word): (String, String)| {
        let at = || ["run".into(), command.as_str().into()];
        let via = word_of(&word, [("env", Via::Env), ("runner", Via::Runner)]);
        let via = via.map_err(|known| Fault::value(at(), unknown(Noun::Way, &word, known.into_iter())))?;
        Ok((command, via))
    };
    raw.into_iter().map(way).collect()
}

/// Checks `sandbox`.
pub(super) fn check(raw: RawSandbox) -> Checked<Sandbox> {
    match raw {
        RawSandbox::Mode(word) => {
            let mode = mode(&word).map_err(|problem| Fault::value(["sandbox".into()], problem))?;
            Ok(Sandbox { mode, ..Sandbox::default() })
        }
        RawSandbox::Table(table) => check_table(table).map_err(|fault| fault.below(&["sandbox"])),
    }
}

fn check_table(raw: RawSandboxTable) -> Checked<Sandbox> {
    for (key, paths) in [("read", &raw.read), ("write", &raw.write)] {
        duplicate(key, Noun::Path, paths.iter().map(String::as_str))?;
        if let Some(index) = paths.iter().position(|path| path.trim().is_empty()) {
            return Err(Fault::value([key.into(), index.into()], EnvironmentProblem::NoPath));
        }
    }
    duplicate("inside", Noun::Package, raw.inside.iter().map(String::as_str))?;
    let mode = raw.mode.map(|word| mode(&word).map_err(|problem| Fault::value(["mode".into()], problem)));
    let network = raw.network.map(|word| network(&word).map_err(|problem| Fault::value(["network".into()], problem)));
    Ok(Sandbox {
        mode: mode.transpose()?.unwrap_or_default(),
        read: raw.read,
        write: raw.write,
        network: network.transpose()?.unwrap_or_default(),
        program: raw.program,
        inside: raw.inside,
    })
}

fn mode(word: &str) -> Result<Mode, Problem> {
    let words = [("auto", Mode::Auto), ("require", Mode::Require), ("off", Mode::Off)];
    word_of(word, words).map_err(|known| unknown(Noun::Mode, word, known.into_iter()))
}

fn network(word: &str) -> Result<Network, Problem> {
    let words = [Network::Https, Network::All, Network::None].map(|network| (network.word(), network));
    word_of(word, words).map_err(|known| unknown(Noun::Network, word, known.into_iter()))
}

/// What a word stands for, or the words that there are.
fn word_of<T, const N: usize>(word: &str, words: [(&'static str, T); N]) -> Result<T, [&'static str; N]> {
    let known = words.each_ref().map(|(known, _)| *known);
    words.into_iter().find(|(known, _)| *known == word).map(|(_, meaning)| meaning).ok_or(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::testing::Project;

    fn sandbox(body: &str) -> Sandbox {
        Project::with_table(body).find(".").unwrap().sandbox().clone()
    }

    #[test]
    fn the_mode_alone_and_the_table_are_read() {
        assert_eq!(sandbox(""), Sandbox::default());
        assert_eq!(sandbox("sandbox = 'require'\n").mode, Mode::Require);
        let table = sandbox(
            "[package.metadata.secrets.sandbox]\nmode = 'off'\nread = ['~/models']\nwrite = ['api/src/gen']\n\
             network = 'none'\nprogram = false\ninside = ['xtask']\n",
        );
        let text = |text: &str| vec![text.to_owned()];
        let expected = Sandbox {
            mode: Mode::Off,
            read: text("~/models"),
            write: text("api/src/gen"),
            network: Network::None,
            program: Some(false),
            inside: text("xtask"),
        };
        assert_eq!(table, expected);
    }

    #[test]
    fn the_ways_of_commands_are_read() {
        let manifest = Project::with_table("run.bacon = 'runner'\nrun.just = 'env'\n").find(".").unwrap();
        assert_eq!((manifest.ways()["bacon"], manifest.ways()["just"]), (Via::Runner, Via::Env));
    }

    #[test]
    fn a_word_that_means_nothing_is_named_with_its_line() {
        for (body, message, place, help) in [
            ("run.just = 'evn'\n", "unknown way `evn`", "Cargo.toml:5:12", "`env`"),
            ("sandbox = 'on'\n", "unknown mode `on`", "Cargo.toml:5:11", "`off`"),
            ("sandbox.mode = 'required'\n", "unknown mode `required`", "Cargo.toml:5:16", "`require`"),
            ("sandbox.network = 'http'\n", "unknown network `http`", "Cargo.toml:5:19", "`https`"),
            ("sandbox.read = ['a', 'a']\n", "path `a` is listed twice", "Cargo.toml:5:22", "remove"),
            ("sandbox.write = ['']\n", "an empty path", "Cargo.toml:5:18", "relative"),
            ("sandbox.unhide = ['~/.aws']\n", "unknown key `unhide`", "Cargo.toml:5:9", "config.toml"),
        ] {
            let (text, hint) = Project::with_table(body).mistake(".");
            assert!(text.contains(message) && text.contains(place), "{text}");
            assert!(hint.contains(help), "{hint}");
        }
    }
}
