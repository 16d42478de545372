//! A dotenv report of GitLab CI: bare values without white space
//! (<https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv>).

use super::{Format, Pair, Pairs, Unfit, each, no_caution};

pub(super) const FORMAT: Format = Format {
    name: "gitlab",
    about: "A dotenv report of GitLab CI; one word a value, and who sees the job can download it",
    unfit,
    write: |pairs, out| {
        each(pairs, out, |pair, out| {
            for piece in [pair.name, "=", pair.value, "\n"] {
                out.push_str(piece);
            }
        });
        Ok(())
    },
    masks: None,
    caution,
};

/// What a report may have unless the server is set otherwise.
const USUAL_SIZE: usize = 5 * 1024;

fn unfit(pair: &Pair<'_>) -> Option<Unfit> {
    if pair.value.contains(['\n', '\r']) {
        return Some(Unfit::Lines);
    }
    if pair.value.contains(char::is_whitespace) {
        return Some(Unfit::Space);
    }
    pair.value.contains(char::is_control).then_some(Unfit::Control)
}

fn caution(pairs: &Pairs<'_>) -> Option<String> {
    let size: usize = pairs.pairs.iter().map(|pair| pair.name.len() + pair.value.len() + 2).sum();
    if size > USUAL_SIZE {
        return Some(format!("the report has {size} bytes, and GitLab takes {USUAL_SIZE} unless it is set otherwise"));
    }
    no_caution(pairs)
}
