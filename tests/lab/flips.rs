//! Files of non-empty encrypted values, cut at every byte and flipped at every byte.
//!
//! Whatever one wrong byte does, a child gets exactly the old names and values, or it does not start. Where the byte
//! stands in what SOPS leaves unauthenticated (a recipient's spelling, the version) the values are the old ones.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::forge::Forge;
use crate::outcome::{Outcome, run_file, try_file};
use crate::support::{Project, long};

const VALUES: [(&str, &str); 3] =
    [("ALPHA", "geheim eins"), ("BETA", "geheim-zwei \u{fc}ber"), ("GAMMA_KEY", "geheim\nin\ndrei\nZeilen")];

/// One file and what was counted on it.
struct Specimen {
    project: Project,
    intact: Vec<u8>,
    extension: &'static str,
    expected: Outcome,
    same: AtomicUsize,
    refused: AtomicUsize,
}

impl Specimen {
    fn new(project: Project, file: &str) -> Self {
        let path = project.root().join(file);
        let expected = run_file(&project, &path);
        assert_eq!(expected.clone().delivered().len(), VALUES.len());
        let extensions = ["json", "env", "yaml", "age"];
        let extension = extensions.into_iter().find(|extension| file.ends_with(extension)).unwrap();
        let intact = std::fs::read(path).unwrap();
        Self { project, intact, extension, expected, same: AtomicUsize::new(0), refused: AtomicUsize::new(0) }
    }

    fn json() -> Self {
        let project = Project::new();
        fill(&project);
        Self::new(project, "secrets/dev.json")
    }

    fn dotenv() -> Self {
        Self::other("secrets/dev.env")
    }

    fn yaml() -> Self {
        Self::other("secrets/dev.yaml")
    }

    fn other(file: &str) -> Self {
        let project = Project::new();
        project.write("Cargo.toml", project.read("Cargo.toml").replace("secrets/dev.json", file));
        fill(&project);
        Self::new(project, file)
    }

    /// Encrypted as a whole by the `age` crate itself.
    fn whole() -> Self {
        let project = Project::new();
        let lines = "ALPHA='geheim eins'\nBETA=\"geheim-zwei \u{fc}ber\"\nGAMMA_KEY='geheim\nin\ndrei\nZeilen'\n";
        let recipient: age::x25519::Recipient = project.recipient().parse().unwrap();
        project.write("whole.age", age::encrypt(&recipient, lines.as_bytes()).unwrap());
        Self::new(project, "whole.age")
    }

    /// Written by this program for two recipients; ours is the second one.
    fn two_recipients() -> Self {
        let (project, other) = (Project::new(), Project::new());
        let manifest = project.read("Cargo.toml").replace("dev.json", "two.json");
        let table = "[workspace.metadata.secrets.recipients]\n";
        let manifest = manifest.replace(table, &format!("{table}another = \"{}\"\n", other.recipient()));
        project.write("Cargo.toml", manifest.replace("recipients = [", "recipients = [\"another\", "));
        fill(&project);
        assert_eq!(project.read("secrets/two.json").matches("\"recipient\"").count(), 2);
        Self::new(project, "secrets/two.json")
    }

    /// Tries `content`, written to `scratch`.
    fn try_content(&self, scratch: &Path, content: &[u8], what: &dyn Fn() -> String) {
        std::fs::write(scratch, content).unwrap();
        let outcome = try_file(&self.project, scratch).unwrap_or_else(|fault| panic!("{}: {fault}", what()));
        match outcome {
            Outcome::Refused(_) => self.refused.fetch_add(1, Ordering::Relaxed),
            outcome @ Outcome::Delivered(_) => {
                assert_eq!(outcome, self.expected, "{}", what());
                self.same.fetch_add(1, Ordering::Relaxed)
            }
        };
    }

    /// Tries each of `cases`, in two threads, each with a scratch file of its own.
    fn each(&self, cases: usize, content: impl Fn(usize) -> Vec<u8> + Sync, what: impl Fn(usize) -> String + Sync) {
        let next = AtomicUsize::new(0);
        let work = |scratch: PathBuf| {
            loop {
                let case = next.fetch_add(1, Ordering::Relaxed);
                if case >= cases {
                    return;
                }
                self.try_content(&scratch, &content(case), &|| what(case));
            }
        };
        std::thread::scope(|scope| {
            for thread in 0..2 {
                let scratch = self.project.root().join(format!("scratch{thread}.{}", self.extension));
                scope.spawn(|| work(scratch));
            }
        });
    }

    fn cut_everywhere(&self) {
        let content = |length: usize| self.intact[..length].to_vec();
        self.each(self.intact.len(), content, |length| format!("cut at {length}"));
    }

    /// Every single bit of every byte in the long version, two bits of every byte in the short one.
    fn flip_everywhere(&self) {
        let masks: usize = if long() { 8 } else { 2 };
        let place = |case: usize| {
            let (at, turn) = (case / masks, case % masks);
            // The highest bit makes text no UTF-8, which is refused at once: the short version leaves it out.
            (at, 1_u8 << if masks == 8 { turn } else { (at * 5 + turn * 3) % 7 })
        };
        let content = |case: usize| {
            let (at, mask) = place(case);
            let mut content = self.intact.clone();
            content[at] ^= mask;
            content
        };
        self.each(self.intact.len() * masks, content, |case| format!("flip {:?}", place(case)));
    }

    fn report(&self, what: &str) {
        let (same, refused) = (self.same.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed));
        eprintln!("lab flips: {what}: {} cases, {same} deliver the old values, {refused} refused", same + refused);
        assert!(refused > same, "a damaged file is refused in most places");
    }
}

fn fill(project: &Project) {
    for (name, value) in VALUES {
        project.set(name, value);
    }
}

#[test]
fn a_json_file_cut_or_flipped_anywhere_delivers_the_old_values_or_nothing() {
    let specimen = Specimen::json();
    specimen.cut_everywhere();
    specimen.report("json, cut");
    let specimen = Specimen::json();
    specimen.flip_everywhere();
    specimen.report("json, flipped");
}

#[test]
fn a_dotenv_file_cut_or_flipped_anywhere_delivers_the_old_values_or_nothing() {
    let specimen = Specimen::dotenv();
    specimen.cut_everywhere();
    specimen.report("dotenv, cut");
    let specimen = Specimen::dotenv();
    specimen.flip_everywhere();
    specimen.report("dotenv, flipped");
}

#[test]
fn a_yaml_file_cut_or_flipped_anywhere_delivers_the_old_values_or_nothing() {
    let specimen = Specimen::yaml();
    specimen.cut_everywhere();
    specimen.report("yaml, cut");
    let specimen = Specimen::yaml();
    specimen.flip_everywhere();
    specimen.report("yaml, flipped");
}

#[test]
fn an_age_file_cut_or_flipped_anywhere_delivers_the_old_values_or_nothing() {
    let specimen = Specimen::whole();
    specimen.cut_everywhere();
    specimen.flip_everywhere();
    specimen.report("age, cut and flipped");
}

#[test]
fn a_file_for_two_flipped_anywhere_delivers_the_old_values_or_nothing() {
    if !long() {
        return;
    }
    let specimen = Specimen::two_recipients();
    specimen.cut_everywhere();
    specimen.flip_everywhere();
    specimen.report("json for two, cut and flipped");
}

/// The forger is trusted by the other modules: what it makes honestly must open.
#[test]
fn a_forged_file_is_read_like_an_honest_one() {
    let project = Project::new();
    let path = project.write("forged.json", Forge::new(&project.recipient()).strings(&VALUES));
    let wanted = VALUES.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(run_file(&project, &path), Outcome::Delivered(wanted.into()));
}
