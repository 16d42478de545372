//! What a lint tells: one finding per value with all of its places, the likeliest leak first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use secrets_detect::{Basis, Confidence, Fingerprint, Kind, Level, Place, Syntax, scan_text};

use crate::fsx;
use crate::lint::baseline::Entry;
use crate::lint::excerpt::Excerpt;
use crate::lint::found::Found;
use crate::lint::policy::{Acceptance, Policy, Verdict};
use crate::lint::scan::{Scanned, Skip};
use crate::manifest::Allowed;

/// The rule of an entry in `allow` that allows nothing.
pub(crate) const UNUSED_ALLOW: &str = "unused-allow";

/// One value, or one mistake in an `allow`, with its places.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The highest level among its places.
    pub(crate) level: Level,
    /// Where it stands, the likeliest leak first; never empty.
    first: Found,
    more: Vec<Found>,
}

impl Group {
    /// The place that is shown.
    pub(crate) fn first(&self) -> &Found {
        &self.first
    }

    /// All other places.
    pub(crate) fn more(&self) -> &[Found] {
        &self.more
    }

    /// All places.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Found> {
        std::iter::once(&self.first).chain(&self.more)
    }
}

/// What was looked at and what was found.
#[derive(Debug)]
pub(crate) struct Report {
    /// What is reported, ranked.
    pub(crate) groups: Vec<Group>,
    /// What is known and accepted, by whom.
    pub(crate) accepted: Vec<(Acceptance, Group)>,
    /// Places whose rule is off.
    pub(crate) off: usize,
    /// Entries of the baseline that nothing was found for.
    pub(crate) stale: Vec<Entry>,
    /// How many files were looked through.
    pub(crate) files: usize,
    /// How long they are together.
    pub(crate) bytes: u64,
    /// What was passed over, and why.
    pub(crate) skipped: Vec<(PathBuf, Skip)>,
    /// What could not be read.
    pub(crate) unreadable: Vec<fsx::Error>,
}

impl Report {
    /// How many findings have this level.
    pub(crate) fn count(&self, level: Level) -> usize {
        self.groups.iter().filter(|group| group.level == level).count()
    }

    /// How many files were passed over for this reason.
    pub(crate) fn skipped(&self, why: Skip) -> usize {
        self.skipped.iter().filter(|(_, skip)| *skip == why).count()
    }
}

/// Judges and ranks what was found. What matches nothing is known only where `everything` was looked at.
pub(super) fn judge(scanned: Scanned, policy: &Policy, everything: bool) -> Report {
    let Scanned { files, bytes, mut found, skipped, unreadable } = scanned;
    let complete = everything && unreadable.is_empty();
    let known: BTreeSet<Fingerprint> = found.iter().map(|found| found.fingerprint).collect();
    let stale = if complete { policy.baseline().stale(&known) } else { Vec::new() };
    if complete {
        let unused = unused_allows(policy, &found);
        found.extend(unused);
    }
    let mut off = 0;
    let mut reported = Vec::new();
    let mut accepted: BTreeMap<Acceptance, Vec<(Level, Found)>> = BTreeMap::new();
    for found in found {
        match policy.judge(&found) {
            Verdict::Reported(level) => reported.push((level, found)),
            Verdict::Accepted(by) => accepted.entry(by).or_default().push((Level::Allow, found)),
            Verdict::Off => off += 1,
        }
    }
    let accepted =
        accepted.into_iter().flat_map(|(by, found)| grouped(found).into_iter().map(move |group| (by.clone(), group)));
    Report { groups: grouped(reported), accepted: accepted.collect(), off, stale, files, bytes, skipped, unreadable }
}

/// One group per value, ranked by its first place.
fn grouped(mut found: Vec<(Level, Found)>) -> Vec<Group> {
    found.sort_by(|(_, one), (_, other)| one.rank().cmp(&other.rank()));
    let mut groups: Vec<Group> = Vec::new();
    let mut known: BTreeMap<Fingerprint, usize> = BTreeMap::new();
    for (level, found) in found {
        let is_value = found.basis != Basis::Allow;
        let group = known.get(&found.fingerprint).filter(|_| is_value).and_then(|&at| groups.get_mut(at));
        if let Some(group) = group {
            group.level = group.level.max(level);
            group.more.push(found);
            continue;
        }
        if is_value {
            known.insert(found.fingerprint, groups.len());
        }
        groups.push(Group { level, first: found, more: Vec::new() });
    }
    groups
}

/// The entries of `allow` whose value is nowhere in the files they are for.
fn unused_allows(policy: &Policy, found: &[Found]) -> Vec<Found> {
    let is_used = |allowed: &&Allowed| {
        let mut of_value = found.iter().filter(|found| found.fingerprint == allowed.fingerprint);
        of_value.any(|found| {
            policy.allows(&found.path, found.fingerprint).is_some_and(|other| std::ptr::eq(other, *allowed))
        })
    };
    policy.allowed().filter(|allowed| !is_used(allowed)).map(unused_allow).collect()
}

fn unused_allow(allowed: &Allowed) -> Found {
    let (bytes, start, end) = allowed.place();
    // Something else on those lines may be a secret.
    let masked = scan_text(allowed.text(), Syntax::Toml).masked(allowed.text());
    Found {
        path: allowed.manifest().to_owned(),
        rule: UNUSED_ALLOW,
        provider: "",
        kind: Kind::Key,
        message: "this entry of `allow` covers nothing: remove it".to_owned(),
        basis: Basis::Allow,
        confidence: Confidence::High,
        place: Place::Code,
        excerpt: Excerpt::new(&masked, &bytes, start.column),
        bytes,
        start,
        end,
        preview: String::new(),
        fingerprint: allowed.fingerprint,
        name: None,
    }
}
