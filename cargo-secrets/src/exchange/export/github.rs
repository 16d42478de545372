//! Text for the file `$GITHUB_ENV` of GitHub Actions, and the lines that make its log hide the values
//! (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).

use std::fmt::Write as _;

use super::{Error, Format, Pairs, Text, Unfit, each, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "github",
    about: "For $GITHUB_ENV of GitHub Actions; in a job it also has its log hide the values",
    unfit: |pair| is_taken(pair.name).then_some(Unfit::Name),
    write,
    masks: Some(masks),
    caution: no_caution,
};

/// Whether the runner sets the variable itself, or refuses it
/// (<https://docs.github.com/actions/reference/workflows-and-actions/variables#default-environment-variables>).
fn is_taken(name: &str) -> bool {
    let of_github = name.strip_prefix("GITHUB_").is_some_and(|rest| GITHUB.contains(&rest));
    let of_runner = name.strip_prefix("RUNNER_").is_some_and(|rest| RUNNER.contains(&rest));
    of_github || of_runner || name.eq_ignore_ascii_case("NODE_OPTIONS")
}

/// Behind `GITHUB_`.
const GITHUB: [&str; 37] = [
    "ACTION",
    "ACTIONS",
    "ACTION_PATH",
    "ACTION_REPOSITORY",
    "ACTOR",
    "ACTOR_ID",
    "API_URL",
    "BASE_REF",
    "ENV",
    "EVENT_NAME",
    "EVENT_PATH",
    "GRAPHQL_URL",
    "HEAD_REF",
    "JOB",
    "OUTPUT",
    "PATH",
    "REF",
    "REF_NAME",
    "REF_PROTECTED",
    "REF_TYPE",
    "REPOSITORY",
    "REPOSITORY_ID",
    "REPOSITORY_OWNER",
    "REPOSITORY_OWNER_ID",
    "RETENTION_DAYS",
    "RUN_ATTEMPT",
    "RUN_ID",
    "RUN_NUMBER",
    "SERVER_URL",
    "SHA",
    "STATE",
    "STEP_SUMMARY",
    "TRIGGERING_ACTOR",
    "WORKFLOW",
    "WORKFLOW_REF",
    "WORKFLOW_SHA",
    "WORKSPACE",
];

/// Behind `RUNNER_`.
const RUNNER: [&str; 8] = ["ARCH", "DEBUG", "ENVIRONMENT", "NAME", "OS", "TEMP", "TOOL_CACHE", "WORKSPACE"];

/// Each value stands between a line that names it and a delimiter that nobody can have guessed and put into it.
fn write(pairs: &Pairs<'_>, out: &mut Text) -> Result<(), Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| Error::Random)?;
    let mut delimiter = String::from("ghadelimiter_");
    for byte in random {
        // Writing to a `String` cannot fail.
        let _ = write!(delimiter, "{byte:02x}");
    }
    each(pairs, out, |pair, out| {
        for piece in [pair.name, "<<", &delimiter, "\n", pair.value, "\n", &delimiter, "\n"] {
            out.push_str(piece);
        }
    });
    Ok(())
}

/// One command for each line of each value: the log is searched line by line.
fn masks(pairs: &Pairs<'_>, out: &mut Text) {
    each(pairs, out, |pair, out| {
        for line in pair.value.lines().map(str::trim).filter(|line| !line.is_empty()) {
            out.push_str("::add-mask::");
            for c in line.chars() {
                match c {
                    '%' => out.push_str("%25"),
                    '\r' => out.push_str("%0D"),
                    c => out.push(c),
                }
            }
            out.push('\n');
        }
    });
}
