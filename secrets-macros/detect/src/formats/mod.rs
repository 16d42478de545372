//! The table of token formats: one row, one format.
//!
//! A [`Format`] is known by itself, by a fixed prefix or a strong structure; a [`Keyed`] only by a name beside it.
//! **A row says where its fact is from**: the provider's documentation, or [`OBSERVED`] in published tokens.
//! **Nothing is built at run time**: the index of prefixes is a constant, so that a look-up tries a handful of rows.
//! **A short prefix asks for an exact length or a structure**; what has neither is a [`Keyed`].

#![expect(clippy::indexing_slicing, reason = "the index holds places of itself, texts are compared with their length")]
#![expect(clippy::cast_possible_truncation, reason = "the index counts hundreds of rows, heads are at most 127 long")]

mod a_to_b;
mod c_to_d;
mod e_to_g;
mod h_to_m;
mod n_to_r;
mod name;
mod s;
mod t_to_z;
#[cfg(test)]
mod tests;

use crate::checksum::Checksum;
use crate::shape::{Demand, Part, Shape, edited_end};
use crate::value::{Look, look};
use crate::{Confidence, Kind};

/// The source of a row whose provider documents no format: tokens that were published.
pub(crate) const OBSERVED: &str = "observed in published tokens";

/// A format that is known by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    /// The stable name of the rule.
    pub(crate) rule: &'static str,
    /// Who issues such tokens.
    pub(crate) provider: &'static str,
    /// What a leak would mean.
    pub(crate) kind: Kind,
    /// What every token of the format starts with; empty if the structure alone tells.
    pub(crate) prefix: &'static str,
    /// What follows the prefix.
    pub(crate) shape: Shape,
    /// Where this is written. For who reads the table, and for its tests: no program carries it.
    #[cfg(test)]
    pub(crate) source: &'static str,
}

/// A format that is known only by a name beside it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyed {
    /// The stable name of the rule.
    pub(crate) rule: &'static str,
    /// Who issues such tokens.
    pub(crate) provider: &'static str,
    /// What a leak would mean.
    pub(crate) kind: Kind,
    /// What the name must hold, without separators and in lower case: one of these, with `|` between them, each of words
    /// joined by `+` that must all stand in it.
    pub(crate) keywords: &'static str,
    /// What the whole value is.
    pub(crate) shape: Shape,
    /// Where this is written. For who reads the table, and for its tests: no program carries it.
    #[cfg(test)]
    pub(crate) source: &'static str,
}

/// A row of [`Format`].
#[cfg_attr(not(test), expect(unused_variables, reason = "the source is for readers and tests"))]
const fn token(
    rule: &'static str,
    provider: &'static str,
    kind: Kind,
    prefix: &'static str,
    shape: Shape,
    source: &'static str,
) -> Format {
    Format {
        rule,
        provider,
        kind,
        prefix,
        shape,
        #[cfg(test)]
        source,
    }
}

/// A row of [`Keyed`].
#[cfg_attr(not(test), expect(unused_variables, reason = "the source is for readers and tests"))]
const fn named(
    rule: &'static str,
    provider: &'static str,
    kind: Kind,
    keywords: &'static str,
    shape: Shape,
    source: &'static str,
) -> Keyed {
    Keyed {
        rule,
        provider,
        kind,
        keywords,
        shape,
        #[cfg(test)]
        source,
    }
}

/// The formats, by provider.
const TABLES: [&[Format]; 7] =
    [a_to_b::FORMATS, c_to_d::FORMATS, e_to_g::FORMATS, h_to_m::FORMATS, n_to_r::FORMATS, s::FORMATS, t_to_z::FORMATS];

/// The formats that need a name, by provider.
const KEYED: [&[Keyed]; 7] =
    [a_to_b::KEYED, c_to_d::KEYED, e_to_g::KEYED, h_to_m::KEYED, n_to_r::KEYED, s::KEYED, t_to_z::KEYED];

/// How many formats need a name.
const KEYED_COUNT: usize = {
    let (mut count, mut table) = (0, 0);
    while table < KEYED.len() {
        count += KEYED[table].len();
        table += 1;
    }
    count
};

/// All formats that need a name, with the least and greatest lengths of their values.
static KEYED_ROWS: [(&Keyed, u32, u32); KEYED_COUNT] = {
    let mut rows = [(&KEYED[0][0], 0, 0); KEYED_COUNT];
    let (mut place, mut table) = (0, 0);
    while table < KEYED.len() {
        let mut row = 0;
        while row < KEYED[table].len() {
            let keyed = &KEYED[table][row];
            let (least, most) = keyed.shape.lengths();
            rows[place] = (keyed, least as u32, most as u32);
            (place, row) = (place + 1, row + 1);
        }
        table += 1;
    }
    rows
};

/// How many formats there are for each first byte of a prefix; in the last place those without prefix.
const COUNTS: [usize; 129] = {
    let (mut counts, mut table) = ([0; 129], 0);
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            counts[first_byte(&TABLES[table][row])] += 1;
            row += 1;
        }
        table += 1;
    }
    counts
};

/// How many formats have no prefix.
const HEADLESS: usize = COUNTS[128];

/// How many formats there are.
const COUNT: usize = {
    let (mut count, mut byte) = (0, 0);
    while byte < COUNTS.len() {
        count += COUNTS[byte];
        byte += 1;
    }
    count
};

/// The first byte of the prefix, 128 if there is none.
const fn first_byte(format: &Format) -> usize {
    if format.prefix.is_empty() { 128 } else { format.prefix.as_bytes()[0] as usize }
}

/// All formats by the first byte of the prefix; those without prefix last.
static INDEX: Index = index();

struct Index {
    rows: [&'static Format; COUNT],
    /// Where the rows of each first byte start; in the last place where those without prefix do.
    starts: [u16; 129],
    /// What the rows without prefix start with.
    heads: [Head; HEADLESS],
    /// A bit for each length of an alphanumeric run with which a row without prefix may start.
    head_lengths: u128,
    /// A bit for each pair of bytes with which a prefix starts.
    pairs: [u128; 128],
}

/// The first run of letters and digits of a token without fixed prefix, and the byte behind it.
#[derive(Clone, Copy)]
struct Head {
    shortest: u8,
    longest: u8,
    /// 0 if any byte may follow.
    next: u8,
}

/// What tells the one format (Entra ID's) whose first three characters may be others than letters and digits, and where.
const MARK: &[u8] = b"Q~";
const MARK_AT: usize = 4;

/// The longest run of letters and digits that is measured.
const LONGEST_HEAD: usize = 127;

/// A counting sort: one walk over the table, as the compiler interprets every step of it.
const fn index() -> Index {
    let mut index = Index {
        rows: [&TABLES[0][0]; COUNT],
        starts: starts(),
        heads: [Head { shortest: 0, longest: 0, next: 0 }; HEADLESS],
        head_lengths: 0,
        pairs: [0; 128],
    };
    let (mut places, mut table) = (index.starts, 0);
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            let format = &TABLES[table][row];
            let byte = first_byte(format);
            let place = places[byte] as usize;
            index.rows[place] = format;
            places[byte] += 1;
            if byte < 128 {
                index.pairs[byte] |= 1 << format.prefix.as_bytes()[1];
            } else {
                let head = head(&format.shape);
                index.heads[place - index.starts[128] as usize] = head;
                // Bits `shortest` to `longest`.
                index.head_lengths |= u128::MAX >> (127 - head.longest) & u128::MAX << head.shortest;
            }
            row += 1;
        }
        table += 1;
    }
    index
}

/// Where the rows of each first byte start.
const fn starts() -> [u16; 129] {
    let (mut starts, mut byte) = ([0; 129], 1);
    while byte < 129 {
        starts[byte] = starts[byte - 1] + COUNTS[byte - 1] as u16;
        byte += 1;
    }
    starts
}

/// The head of `shape`: its pieces of letters and digits, up to the first other byte.
const fn head(shape: &Shape) -> Head {
    let (mut shortest, mut longest, mut index) = (0, 0, 0);
    while let Some(part) = shape.part(index) {
        match part {
            Part::Run(alphabet, least, most) if alphabet.is_alphanumeric() => {
                (shortest, longest) = (shortest + least as u8, longest + most as u8);
            }
            Part::Text(text) => {
                let mut at = 0;
                while at < text.len() {
                    let byte = text.as_bytes()[at];
                    if !byte.is_ascii_alphanumeric() {
                        return Head { shortest: shortest + at as u8, longest: longest + at as u8, next: byte };
                    }
                    at += 1;
                }
                (shortest, longest) = (shortest + at as u8, longest + at as u8);
            }
            Part::Uuid | Part::Guid => return Head { shortest: shortest + 8, longest: longest + 8, next: b'-' },
            // Known by [`MARK`].
            _ => return Head { shortest: 1, longest: 0, next: 0 },
        }
        index += 1;
    }
    Head { shortest, longest, next: 0 }
}

/// A token in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    /// What it is.
    pub(crate) format: &'static Format,
    /// Where it ends.
    pub(crate) end: usize,
    /// Whether its checksum is right, there is none, or it is wrong.
    pub(crate) confidence: Confidence,
}

/// Whether some format's prefix starts with these two bytes: a quick test before [`starting_at`].
///
/// Tokens without prefix ([`Format::prefix`] is empty) start with any letter or digit; they hold a run of at least 20
/// characters of base64url somewhere, and so do nearly all others.
#[inline(always)]
#[expect(clippy::inline_always, reason = "called at every word, in unoptimised builds too")]
pub(crate) fn may_start_with(first: u8, second: u8) -> bool {
    first < 128 && second < 128 && INDEX.pairs[first as usize] >> second & 1 == 1
}

/// The token that starts at `start`, which the caller knows to be no place within a word: of the formats that take it
/// the one that takes most of it, and of these the surest.
pub(crate) fn starting_at(text: &[u8], start: usize) -> Option<Hit> {
    let first = *text.get(start)?;
    let second = text.get(start + 1).copied().unwrap_or_default();
    let mut best = None;
    if may_start_with(first, second) {
        let (mut at, end) = (INDEX.starts[first as usize], INDEX.starts[first as usize + 1]);
        while at < end {
            let format = INDEX.rows[at as usize];
            if format.prefix.as_bytes()[1] == second && text[start..].starts_with(format.prefix.as_bytes()) {
                best = better(best, format.hit(text, start));
            }
            at += 1;
        }
    }
    better(best, headless_at(text, start))
}

/// The token without fixed prefix that starts at `start`.
fn headless_at(text: &[u8], start: usize) -> Option<Hit> {
    let mut length = 0;
    while length < LONGEST_HEAD && start + length < text.len() && text[start + length].is_ascii_alphanumeric() {
        length += 1;
    }
    let is_marked = text.get(start + MARK_AT..start + MARK_AT + 2) == Some(MARK);
    if INDEX.head_lengths >> length & 1 == 0 && !is_marked {
        return None;
    }
    let next = text.get(start + length).copied().unwrap_or_default();
    let (mut best, mut at) = (None, 0);
    while at < HEADLESS {
        let head = INDEX.heads[at];
        let fits = length >= head.shortest as usize && length <= head.longest as usize;
        if fits && (head.next == 0 || head.next == next) || is_marked {
            best = better(best, INDEX.rows[INDEX.starts[128] as usize + at].hit(text, start));
        }
        at += 1;
    }
    best
}

fn better(one: Option<Hit>, other: Option<Hit>) -> Option<Hit> {
    match (one, other) {
        (Some(one), Some(other)) => {
            let rank = |hit: &Hit| (hit.end, hit.confidence, hit.format.prefix.len());
            Some(if rank(&other) > rank(&one) { other } else { one })
        }
        (one, other) => one.or(other),
    }
}

impl Format {
    /// The token of this format at `start`, where its prefix is known to stand.
    fn hit(&'static self, text: &[u8], start: usize) -> Option<Hit> {
        let body = start + self.prefix.len();
        let Some(end) = self.shape.end(text, body) else {
            let end = self.edited_end(text, body)?;
            return Some(Hit { format: self, end, confidence: Confidence::Low });
        };
        let confidence = match self.shape.checksum.verdict(&text[start..end], self.prefix.len()) {
            Some(true) => Confidence::High,
            None => Confidence::Medium,
            Some(false) if self.shape.strict => return None,
            Some(false) => Confidence::Low,
        };
        Some(Hit { format: self, end, confidence })
    }

    /// Where a token ends that is not of this format, but has its prefix and was edited for publication, it seems.
    fn edited_end(&self, text: &[u8], body: usize) -> Option<usize> {
        let is_telling = self.prefix.len() >= 4 && self.prefix.ends_with(['_', '-', '.', ':']);
        if !is_telling {
            return None;
        }
        edited_end(&self.shape, text, body, self.prefix.len() >= 8)
    }
}

/// The format of `value` if its whole is one token with a right checksum, where there is one.
pub(crate) fn whole(value: &str) -> Option<&'static Format> {
    let hit = starting_at(value.as_bytes(), 0)?;
    let rest = value.get(hit.end..)?;
    let is_end = rest.is_empty() || hit.format.shape.checksum == Checksum::Pem && rest.trim_end().is_empty();
    (is_end && hit.confidence > Confidence::Low).then_some(hit.format)
}

/// The format of `value`, all of it, that `name` makes certain: of the rows that fit the one with the longest keyword.
///
/// `name` may be written in any way (`ALGOLIA_API_KEY`, `algoliaApiKey`, `algolia api key`). It must hold a word of
/// credentials (`key`, `token`, `secret`, …) beside the provider's.
pub(crate) fn keyed(name: &str, value: &[u8]) -> Option<&'static Keyed> {
    let name = name::Name::new(name);
    let length = u32::try_from(value.len()).ok().filter(|_| name.is_credential())?;
    let (mut best, mut explained, mut at) = (None, 0, 0);
    while at < KEYED_COUNT {
        let (row, least, most) = KEYED_ROWS[at];
        if length >= least && length <= most {
            let part = row.part_of(&name);
            if part > explained && row.takes(value) {
                (best, explained) = (Some(row), part);
            }
        }
        at += 1;
    }
    best
}

impl Keyed {
    /// How many letters of `name` the best keyword explains; 0 if none stands in it.
    fn part_of(&self, name: &name::Name) -> usize {
        let keywords = self.keywords.as_bytes();
        let (mut best, mut start) = (0, 0);
        while start < keywords.len() {
            let is_possible = name.may_hold(&keywords[start..]);
            let mut end = start;
            while end < keywords.len() && keywords[end] != b'|' {
                end += 1;
            }
            if is_possible {
                best = best.max(name.holds(&keywords[start..end], self.kind).unwrap_or(0));
            }
            start = end + 1;
        }
        best
    }

    /// Whether the whole of `value` has the shape, and looks random where the shape would take names too.
    fn takes(&self, value: &[u8]) -> bool {
        self.shape.end(value, 0) == Some(value.len()) && (!self.would_take_a_name(value) || look(value) >= Look::Random)
    }

    /// Whether the shape, one run of characters, could as well be an identifier or words with dashes between them.
    fn would_take_a_name(&self, value: &[u8]) -> bool {
        match (self.shape.first, self.shape.rest) {
            (Part::Run(alphabet, least, most), []) => {
                let is_spelling = alphabet.is_alphanumeric() && least == most && Demand::Mixed.is_met_by(value);
                !is_spelling && !alphabet.is_hexadecimal()
            }
            _ => false,
        }
    }
}

/// The rows that are known by themselves.
#[cfg(any(test, feature = "examples"))]
pub(crate) fn rows() -> impl Iterator<Item = &'static Format> {
    INDEX.rows.iter().copied()
}

/// The rows that need a name.
#[cfg(any(test, feature = "examples"))]
pub(crate) fn keyed_rows() -> impl Iterator<Item = &'static Keyed> {
    KEYED_ROWS.iter().map(|(row, ..)| *row)
}

/// Rule, provider and kind of every row, those known by themselves first; each rule once.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str, Kind, bool)> {
    let formats = TABLES.into_iter().flatten().map(|row| (row.rule, row.provider, row.kind, false));
    formats.chain(KEYED_ROWS.iter().map(|(row, ..)| *row).map(|row| (row.rule, row.provider, row.kind, true)))
}
