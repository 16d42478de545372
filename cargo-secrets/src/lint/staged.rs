//! What would be committed: the index's content of the files that differ from the last commit.
//!
//! **Of a changed file only what its old version did not hold** counts, by fingerprint: what was there before does not
//! stop a commit that has nothing to do with it. **Content comes from the index**, never from the working folder.
//!
//! Two starts of git, whatever the number of files: one lists, one hands out the contents. `GIT_INDEX_FILE`, which git
//! sets for `commit --all` and `commit PATH`, is inherited.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use secrets_detect::Fingerprint;

use crate::lint::declared::Declared;
use crate::lint::error::Error;
use crate::lint::git;
use crate::lint::scan::{self, Outcome, Scanned, Skip};

/// A changed file: git's names of its new content and of its old one.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    path: PathBuf,
    new: String,
    /// `None` for a file that is new.
    old: Option<String>,
}

/// Looks through the index.
pub(super) fn scan(cwd: &Path, declared: &Declared) -> Result<Scanned, Error> {
    let root = git::root(cwd)?;
    // Renames are looked for: a moved file is compared with what it was. A copy is a new file.
    let list = ["diff", "--cached", "--raw", "-z", "--no-abbrev", "--find-renames", "--diff-filter=AMRT"];
    let output = git::output(cwd, &[&list[..], &["--no-relative", "--no-ext-diff", "--no-color"]].concat())?;
    let changes = changes(&output, &root);
    let mut scanned = Scanned::default();
    if changes.is_empty() {
        return Ok(scanned);
    }
    let mut contents = Contents::start(cwd)?;
    for change in &changes {
        scanned.add(contents.scan(change, declared).map_err(Error::Git)?);
    }
    Ok(scanned)
}

/// Reads `git diff --raw -z`: `:MODE MODE OLD NEW STATUS\0PATH\0`, with two paths where a file was renamed.
fn changes(output: &[u8], root: &Path) -> Vec<Change> {
    let mut fields = output.split(|byte| *byte == 0).filter(|field| !field.is_empty());
    let mut changes = Vec::new();
    while let Some(head) = fields.next() {
        let head = String::from_utf8_lossy(head);
        let words: Vec<_> = head.trim_start_matches(':').split(' ').collect();
        let [_, mode, old, new, status] = words.as_slice() else { break };
        let Some(mut path) = fields.next() else { break };
        if status.starts_with(['R', 'C']) {
            path = fields.next().unwrap_or(path);
        }
        // A symbolic link's content is a path, a submodule's a commit.
        if !mode.starts_with("100") {
            continue;
        }
        let old = Some(*old).filter(|old| old.bytes().any(|byte| byte != b'0')).map(str::to_owned);
        changes.push(Change { path: root.join(OsStr::from_bytes(path)), new: (*new).to_owned(), old });
    }
    changes.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    changes
}

/// `git cat-file --batch`, asked for one content after the other.
struct Contents {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Contents {
    fn start(cwd: &Path) -> Result<Self, Error> {
        let mut command = git::command(cwd);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(Error::Git)?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take());
        let answers = answers.ok_or_else(|| Error::Git(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { child, questions, answers: BufReader::new(answers) })
    }

    /// What is new in a changed file.
    fn scan(&mut self, change: &Change, declared: &Declared) -> io::Result<Outcome> {
        let Some(content) = self.read(&change.new, &change.path)? else {
            return Ok(Outcome::Skipped(change.path.clone(), Skip::Large));
        };
        let mut outcome = scan::content(&change.path, &content, declared);
        if let (Outcome::Scanned { found, .. }, Some(old)) = (&mut outcome, &change.old)
            && !found.is_empty()
            && let Some(content) = self.read(old, &change.path)?
            && let Outcome::Scanned { found: before, .. } = scan::content(&change.path, &content, declared)
        {
            let before: BTreeSet<(Fingerprint, &str)> = before.iter().map(|old| (old.fingerprint, old.rule)).collect();
            found.retain(|new| !before.contains(&(new.fingerprint, new.rule)));
        }
        Ok(outcome)
    }

    /// The object's content; `None` where it is too large to be looked at.
    fn read(&mut self, name: &str, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let broken =
            || io::Error::new(io::ErrorKind::InvalidData, "`git cat-file` answers in another way than it should");
        let questions = self.questions.as_mut().ok_or_else(broken)?;
        writeln!(questions, "{name}")?;
        questions.flush()?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let length: u64 = head.trim_end().rsplit(' ').next().and_then(|word| word.parse().ok()).ok_or_else(broken)?;
        let mut content = Vec::new();
        let mut body = (&mut self.answers).take(length);
        let is_too_large = scan::is_too_large(path, length);
        let read =
            if is_too_large { io::copy(&mut body, &mut io::sink())? } else { body.read_to_end(&mut content)? as u64 };
        let mut end = [0];
        self.answers.read_exact(&mut end)?;
        if read != length {
            return Err(broken());
        }
        Ok((!is_too_large).then_some(content))
    }
}

impl Drop for Contents {
    fn drop(&mut self) {
        // It ends when there are no more questions.
        self.questions = None;
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_changes_is_read_with_renames_and_without_links_and_submodules() {
        let (old, new) = ("1".repeat(40), "2".repeat(40));
        let none = "0".repeat(40);
        let output = format!(
            ":000000 100644 {none} {new} A\0b new\nname.rs\0:100644 100755 {old} {new} R090\0from.rs\0a.rs\0\
             :000000 120000 {none} {new} A\0link\0:000000 160000 {none} {new} A\0module\0"
        );
        let found = changes(output.as_bytes(), Path::new("/r"));
        let expected = [
            Change { path: "/r/a.rs".into(), new: new.clone(), old: Some(old) },
            Change { path: "/r/b new\nname.rs".into(), new, old: None },
        ];
        assert_eq!(found, expected);
        assert!(changes(b"", Path::new("/r")).is_empty() && changes(b":1 2", Path::new("/r")).is_empty());
    }
}
