//! What no MAC of SOPS covers: names of plain and of empty entries, comments, and with `mac_only_encrypted` the plain values.
//!
//! Every bit of them is flipped, and what came of it is pinned in a table, so that a change of it is noticed. SECURITY.md
//! carries the table: whoever can write the file can change these things, and a child gets what they wrote.

use std::fmt::Write as _;
use std::path::Path;

use crate::forge::{Forge, quoted};
use crate::outcome::{Outcome, run_file};
use crate::support::Project;

/// A file, and the pieces of it that are flipped: what they are, and their text (which stands in the file once).
struct Specimen {
    name: &'static str,
    text: String,
    pieces: &'static [(&'static str, &'static str)],
}

const COVERED: &[(&str, &str)] = &[
    ("name of a plain entry", "NOTE_unencrypted"),
    ("value of a plain entry", "an open word"),
    ("name of an empty entry", "HOLLOW"),
    ("name of an encrypted entry", "TOKEN"),
];
const UNCOVERED: &[(&str, &str)] = &[("value of a plain entry", "an open word")];
const COMMENTED: &[(&str, &str)] = &[
    ("name of a plain entry", "NOTE_unencrypted"),
    ("value of a plain entry", "an open word"),
    ("name of an empty entry", "HOLLOW"),
    ("name of an encrypted entry", "TOKEN"),
    ("comment", "of the house"),
];

fn specimens(forge: &Forge) -> [Specimen; 4] {
    let token = forge.seal("TOKEN", "geheim", "str");
    let entries = || {
        let plain = quoted("an open word");
        [("NOTE_unencrypted", plain), ("HOLLOW", quoted("")), ("TOKEN", quoted(&token))]
    };
    let lines = format!("#of the house\nNOTE_unencrypted=an open word\nHOLLOW=\nTOKEN={token}\n");
    let all = "an open wordgeheim";
    [
        Specimen { name: "json", text: forge.json(&entries(), all, ""), pieces: COVERED },
        Specimen { name: "dotenv", text: forge.dotenv(&lines, all, ""), pieces: COMMENTED },
        Specimen {
            name: "json, mac_only_encrypted",
            text: forge.json(&entries(), "geheim", "\"mac_only_encrypted\": true"),
            pieces: UNCOVERED,
        },
        Specimen {
            name: "dotenv, mac_only_encrypted",
            text: forge.dotenv(&lines, "geheim", "sops_mac_only_encrypted=true\n"),
            pieces: UNCOVERED,
        },
    ]
}

/// Flips every bit of `piece` and counts what comes of it.
fn row(project: &Project, path: &Path, text: &str, piece: &str) -> String {
    let at = text.find(piece).unwrap();
    std::fs::write(path, text).unwrap();
    let intact = run_file(project, path).delivered();
    let (mut same, mut names, mut values, mut refused) = (0, 0, 0, 0);
    for case in 0..piece.len() * 8 {
        let mut content = text.as_bytes().to_vec();
        content[at + case / 8] ^= 1 << (case % 8);
        std::fs::write(path, content).unwrap();
        match run_file(project, path) {
            Outcome::Refused(_) => refused += 1,
            Outcome::Delivered(found) if found == intact => same += 1,
            Outcome::Delivered(found) => {
                assert_eq!(found.get("TOKEN"), intact.get("TOKEN"), "an encrypted value changed");
                *if found.keys().eq(intact.keys()) { &mut values } else { &mut names } += 1;
            }
        }
    }
    format!("{refused} refused, {same} the same, {names} other names, {values} other values")
}

/// What is let through today. A row that changes belongs into SECURITY.md too.
const TABLE: &str = "\
json: name of a plain entry: 106 refused, 0 the same, 22 other names, 0 other values
json: value of a plain entry: 96 refused, 0 the same, 0 other names, 0 other values
json: name of an empty entry: 15 refused, 0 the same, 33 other names, 0 other values
json: name of an encrypted entry: 40 refused, 0 the same, 0 other names, 0 other values
dotenv: name of a plain entry: 106 refused, 0 the same, 22 other names, 0 other values
dotenv: value of a plain entry: 96 refused, 0 the same, 0 other names, 0 other values
dotenv: name of an empty entry: 15 refused, 0 the same, 33 other names, 0 other values
dotenv: name of an encrypted entry: 40 refused, 0 the same, 0 other names, 0 other values
dotenv: comment: 12 refused, 84 the same, 0 other names, 0 other values
json, mac_only_encrypted: value of a plain entry: 16 refused, 0 the same, 0 other names, 80 other values
dotenv, mac_only_encrypted: value of a plain entry: 14 refused, 0 the same, 0 other names, 82 other values
";

#[test]
fn flips_outside_the_mac_do_today_what_the_table_says() {
    let project = Project::new();
    let mut table = String::new();
    for specimen in specimens(&Forge::new(&project.recipient())) {
        let extension = if specimen.name.starts_with("json") { "json" } else { "env" };
        let path = project.root().join(format!("specimen.{extension}"));
        for (what, piece) in specimen.pieces {
            let row = row(&project, &path, &specimen.text, piece);
            writeln!(table, "{}: {what}: {row}", specimen.name).unwrap();
        }
    }
    for line in table.lines() {
        eprintln!("lab outside: {line}");
    }
    assert_eq!(table, TABLE);
}
