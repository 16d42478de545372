//! A workspace whose dependencies attack, run in four ways as root and as an ordinary user: what succeeds is what
//! SECURITY.md's table says, cell by cell.
//!
//! The fixture (`tests/fixtures/hostile`) reports every attack; here stands which of them make up a row.

mod house;
mod more;
mod stage;
mod table;

use stage::{Attack, Report, Stage, User};

/// How the fixture is run, in the order of the table's columns.
const WAYS: [&[&str]; 4] = [
    &["run", "--via", "env", "--", "cargo", "run"],
    &["run", "--no-sandbox", "--", "cargo", "run"],
    &["run", "--", "cargo", "run"],
    &["run", "--", "cargo", "test", "--test", "attacked"],
];

/// A row of the table: its first column, who attacks, and with what. All of them succeed, or none.
struct Row {
    name: &'static str,
    who: &'static [&'static str],
    attacks: &'static [&'static str],
}

/// While compiling.
const COMPILING: &[&str] = &["build", "macro"];
/// Both.
const ANYWHERE: &[&str] = &["build", "macro", "pretender", "linked"];
/// As a program: by the runner, and by being linked.
const PROGRAM: &[&str] = &["pretender", "linked"];

const HOLDER: &[&str] = &[
    "holder-environ",
    "holder-maps",
    "holder-memory",
    "holder-folder",
    "holder-ptrace",
    "holder-readv",
    "holder-getfd",
];
const SERVICES: &[&str] = &["agent", "datagram", "datagram-pair", "abstract", "tcp", "mptcp", "fastopen", "listen"];
const STAYING: &[&str] = &[
    "bashrc",
    "cargo-bin",
    "cargo-config",
    "cargo-cache",
    "registry",
    "our-program",
    "hook",
    "source",
    "source-by-link",
    "source-moved",
    "manifest",
    "project-config",
    "shared-tmp",
];

const ROWS: &[Row] = &[
    Row { name: "compiling: reads values in its environment", who: COMPILING, attacks: &["value"] },
    Row { name: "anywhere: reads an identity from a variable", who: ANYWHERE, attacks: &["identity-variable"] },
    Row {
        name: "anywhere: reads what your shell or CI has exported, settings of git and cargo, tokens in them included",
        who: ANYWHERE,
        attacks: &["own-variable", "git-config", "git-settings", "cargo-settings"],
    },
    Row { name: "compiling: leaves them in `target/`", who: &["build"], attacks: &["cached"] },
    Row {
        name: "compiling: reads your identity, SSH keys, cloud and registry credentials, `.env`, other projects, files your shell has open",
        who: COMPILING,
        attacks: &[
            "identity",
            "identity-elsewhere",
            "identity-in-project",
            "ssh",
            "aws",
            "cargo-token",
            "dotenv",
            "other-project",
            "linked-key",
            "descriptor",
        ],
    },
    Row { name: "compiling: reads the process that holds the values, or traces it", who: COMPILING, attacks: HOLDER },
    Row {
        name: "compiling: reads the environment of a program that runs",
        who: &["build"],
        attacks: &["program-environ"],
    },
    Row {
        name: "compiling: uses ssh-agent, Docker, D-Bus, TCP services of this machine",
        who: COMPILING,
        attacks: SERVICES,
    },
    Row {
        name: "compiling: changes what runs later: shell, hooks, `~/.cargo`, sources, Cargo.toml, this program",
        who: COMPILING,
        attacks: STAYING,
    },
    Row { name: "compiling: changes what cargo runs later from `target/`", who: COMPILING, attacks: &["target"] },
    Row { name: "compiling: leaves processes behind, or a fork bomb", who: &["build"], attacks: &["daemon", "bomb"] },
    Row {
        name: "compiling: signals or limits your other processes, and ours",
        who: COMPILING,
        attacks: &["signal", "signal-holder", "signal-supervisor", "limits"],
    },
    Row {
        name: "compiling: goes around: io_uring, typing into the terminal, the kernel's keys, mounts, 32-bit calls",
        who: COMPILING,
        attacks: &["io-uring", "tiocsti", "keyring", "mount", "other-calls"],
    },
    Row {
        name: "compiling: changes modes of your files, sees which there are, arguments of processes, `/dev/shm`",
        who: COMPILING,
        attacks: &["mode", "metadata", "cmdline", "shared-memory"],
    },
    Row { name: "compiling: sends what it has by https or UDP", who: COMPILING, attacks: &["https", "udp"] },
    Row { name: "as a program: gets the values of the program's package", who: PROGRAM, attacks: &["value"] },
    Row {
        name: "as a program: the same by a planted library, a constructor that is linked in, a macro's code",
        who: &["planted", "constructor", "expanded"],
        attacks: &["value"],
    },
    Row {
        name: "as a program: gets the values of another package by claiming its name",
        who: &["other"],
        attacks: &["value"],
    },
    Row {
        name: "as a program: reads your identity, SSH keys, cloud and registry credentials",
        who: PROGRAM,
        attacks: &[
            "identity",
            "identity-elsewhere",
            "identity-in-project",
            "ssh",
            "aws",
            "cargo-token",
            "linked-key",
            "mount",
        ],
    },
    Row {
        name: "as a program: reads `.env`, other projects, files your shell has open",
        who: PROGRAM,
        attacks: &["dotenv", "other-project", "descriptor"],
    },
    Row { name: "as a program: reads the process that holds the values, or traces it", who: PROGRAM, attacks: HOLDER },
    Row {
        name: "as a program: reads the environment of another program",
        who: &["pretender"],
        attacks: &["program-environ"],
    },
    Row {
        name: "as a program: uses agents and services, leaves processes behind, signals yours, sends",
        who: PROGRAM,
        attacks: &[
            "agent", "datagram", "abstract", "tcp", "listen", "daemon", "signal", "limits", "https", "udp", "io-uring",
            "tiocsti",
        ],
    },
    Row { name: "as a program: changes what runs later", who: PROGRAM, attacks: STAYING },
];

/// The row that has nothing to do with us.
const PLAIN: &str = "the same crate, built by plain cargo or an editor: all but the values";

/// What some machines refuse by themselves (Yama, `io_uring_disabled`, `legacy_tiocsti`, namespaces of users, a processor
/// without older calls): where it fails with nothing of ours in the way, it proves nothing.
const MACHINES: &[&str] = &[
    "holder-memory",
    "holder-ptrace",
    "holder-readv",
    "holder-getfd",
    "io-uring",
    "tiocsti",
    "keyring",
    "mount",
    "mptcp",
    "fastopen",
    "other-calls",
];

#[test]
fn what_a_hostile_dependency_can_do_is_what_security_md_says() {
    if !house::kernel_has_scopes() {
        return;
    }
    let table = table::read();
    let names: Vec<_> = ROWS.iter().map(|row| row.name).chain([PLAIN]).collect();
    let unknown: Vec<_> = table.keys().filter(|name| !names.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "SECURITY.md has rows that nobody tests: {unknown:#?}");
    let mut wrong = Vec::new();
    for user in User::all() {
        let reports: Vec<Report> = WAYS.iter().map(|way| Stage::new(*user).run(way)).collect();
        for row in ROWS {
            let Some(cells) = table.get(row.name) else { panic!("SECURITY.md has no row `{}`", row.name) };
            for (column, (cell, report)) in cells.iter().zip(&reports).enumerate() {
                let differs = |attack: &&Attack| attack.open != cell.is_open(*user);
                for attack in chosen(row, report, &reports[0]).iter().filter(differs) {
                    wrong.push(format!("{user:?}, column {}, {}: {attack:?}", column + 1, row.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these differ from SECURITY.md:\n{}", wrong.join("\n"));
}

/// The attacks of a row: every one has to be in the report.
fn chosen(row: &Row, report: &Report, bare: &Report) -> Vec<Attack> {
    let pairs = row.who.iter().flat_map(|who| row.attacks.iter().map(move |attack| (*who, *attack)));
    let key = |(who, attack): (&str, &str)| (who.to_owned(), attack.to_owned());
    let proves = |(who, attack): &(&str, &str)| !MACHINES.contains(attack) || bare[&key((who, attack))].open;
    let find = |pair| report.get(&key(pair)).unwrap_or_else(|| panic!("{pair:?} is not in the report: {report:#?}"));
    pairs.filter(proves).map(|pair| find(pair).clone()).collect()
}
