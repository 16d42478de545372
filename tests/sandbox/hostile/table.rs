//! SECURITY.md's table of what a hostile dependency can do, as it stands in the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::stage::User;

/// The heading that the table follows.
const HEADING: &str = "## What a hostile dependency can do";

/// What one cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// It succeeds.
    Open,
    /// It does not; `killed` says the same of processes.
    Blocked,
    /// It succeeds for root alone.
    OpenToRoot,
}

impl Cell {
    fn parse(text: &str) -> Self {
        match text {
            "open" => Self::Open,
            "blocked" | "killed" => Self::Blocked,
            "open to root" => Self::OpenToRoot,
            _ => panic!("SECURITY.md: a cell says open, blocked, killed or open to root, not `{text}`"),
        }
    }

    /// Whether it succeeds for this user.
    pub(super) fn is_open(self, user: User) -> bool {
        self == Self::Open || self == Self::OpenToRoot && user == User::Root
    }
}

/// The rows, by their first column without emphasis, with a cell for each way.
pub(super) fn read() -> BTreeMap<String, Vec<Cell>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../SECURITY.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, after) = text.split_once(HEADING).expect("SECURITY.md has the heading");
    let rows = after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2);
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().replace('*', ""));
        let name = cells.next().unwrap();
        (name, cells.map(|cell| Cell::parse(&cell)).collect())
    };
    rows.map(row).collect()
}
