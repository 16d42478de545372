//! Looks through Rust source: literals by what they say and what they are bound to, comments as text.

#![expect(clippy::indexing_slicing, reason = "indices are compared with the length first; quick unoptimised")]

use std::ops::Range;

use crate::allow;
use crate::bytes::{BLANK, class};
use crate::chunk::{Chunk, Hit, could_be_secret};
use crate::context::{self, callee};
use crate::encoded;
use crate::formats;
use crate::gate::{self, COMMENT_WINDOW, LITERAL_WINDOW};
use crate::judge::{self, Verdict};
use crate::lexer::{Lexer, Piece, PieceKind, find};
use crate::literal::{Decoded, decode};
use crate::phrase;
use crate::report::{ALLOW_WITHOUT_REASON, Report, UNUSED_ALLOW};
use crate::value::{contains, position};
use crate::{Findings, Place, ReferenceBy};

/// How long a run of token characters has to be in a URL.
const URL_WINDOW: usize = 5;
/// How long an array of strings may be that is joined.
const LONGEST_ARRAY: usize = 400;
/// The most literals that are joined into one value.
const MOST_JOINED: usize = 64;

/// Looks through `source`, a Rust file of any edition.
#[must_use]
pub fn scan_rust(source: &str) -> Findings {
    let mut scan = Scan {
        source: source.as_bytes(),
        lexer: Lexer::new(source.as_bytes()),
        report: Report::new(source.as_bytes()),
        hits: Vec::new(),
        at_sign: find(source.as_bytes(), 0, b'@'),
        path_by: None,
        ahead: None,
    };
    while let Some(piece) = scan.next_piece() {
        scan.piece(&piece);
    }
    scan.report.finish()
}

/// A scan under way.
struct Scan<'a> {
    source: &'a [u8],
    lexer: Lexer<'a>,
    report: Report<'a>,
    /// Reused for each piece.
    hits: Vec<Hit>,
    /// The first `@` that was not passed.
    at_sign: usize,
    /// The macro that includes the file whose path the next literal ends.
    path_by: Option<ReferenceBy>,
    /// A piece that was looked at too early.
    ahead: Option<Piece>,
}

/// Several literals that the source puts together.
struct Joined<'a> {
    /// What they say together.
    bytes: Vec<u8>,
    /// For each: where its text starts in `bytes`, and what it says.
    parts: Vec<(usize, Decoded<'a>)>,
}

impl<'a> Scan<'a> {
    fn next_piece(&mut self) -> Option<Piece> {
        if self.ahead.is_some() { self.ahead.take() } else { self.lexer.next() }
    }

    fn piece(&mut self, piece: &Piece) {
        match piece.kind {
            PieceKind::LineComment | PieceKind::BlockComment => self.comment(piece, Place::Comment),
            PieceKind::LineDoc | PieceKind::BlockDoc => self.comment(piece, Place::Doc),
            PieceKind::ByteArray => self.array(piece),
            _ => self.literal(piece),
        }
    }

    /// The bytes of `span`.
    fn text(&self, span: Range<usize>) -> &'a [u8] {
        self.source.get(span).unwrap_or_default()
    }

    /// Whether an `@` stands in `piece`.
    fn holds_at(&mut self, piece: &Piece) -> bool {
        if self.at_sign < piece.start {
            self.at_sign = find(self.source, piece.start, b'@');
        }
        self.at_sign < piece.end
    }

    /// A comment; most have nothing that the gate lets through.
    fn comment(&mut self, piece: &Piece, place: Place) {
        let (mut start, end) = (piece.inner_start, piece.inner_end);
        while start < end && class(self.source[start]) & BLANK != 0 {
            start += 1;
        }
        if start == end {
            return;
        }
        let may_hold_at = self.holds_at(piece);
        let is_special = matches!(self.source[start], b's' | b'-') || piece.kind == PieceKind::BlockComment;
        if is_special || may_hold_at || gate::has_token(self.source, start, end, COMMENT_WINDOW) {
            self.scan_comment(piece, place, may_hold_at);
        }
    }

    /// A comment that may hold something, and those that continue it if a PEM key starts in it.
    fn scan_comment(&mut self, piece: &Piece, place: Place, may_hold_at: bool) {
        let text = self.text(piece.inner_start..piece.inner_end);
        if place == Place::Comment
            && let Some(allow) = allow::parse(text)
        {
            self.report.add_allow(&allow, piece.start..piece.end);
            return;
        }
        let mut hits = std::mem::take(&mut self.hits);
        Chunk { text, window: COMMENT_WINDOW, may_hold_at, has_scalars: false }.scan(&mut hits);
        for hit in hits.drain(..) {
            let span = piece.inner_start + hit.span.start..piece.inner_start + hit.span.end;
            self.report.add_hit(hit, text, span, place);
        }
        self.hits = hits;
        if begins_pem(piece.kind, text) {
            self.key_in_comments(piece, place);
        }
    }

    /// A PEM key that starts in this comment and goes on in those behind it.
    fn key_in_comments(&mut self, piece: &Piece, place: Place) {
        let text = self.text(piece.inner_start..piece.inner_end);
        let Some(at) = position(text, b"-----BEGIN ") else { return };
        let start = piece.inner_start + at;
        // A key within one comment was found already.
        if let Some(hit) = formats::starting_at(self.source, start)
            && hit.end > piece.inner_end
        {
            let verdict = Verdict::of(&hit);
            self.report.add(verdict, start..hit.end, self.text(start..hit.end), None, place);
        }
    }

    /// An array of bytes: a text, or a cryptographic key; and the comments in it.
    fn array(&mut self, piece: &Piece) {
        for comment in Lexer::within(self.source, piece) {
            self.piece(&comment);
        }
        let decoded = decode(self.source, piece);
        if decoded.bytes.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
            self.value(piece, &decoded);
            return;
        }
        let (names, _) = self.names(piece.start);
        if let Some(verdict) = judge::key_bytes(&names, &decoded.bytes) {
            let name = names.first().copied();
            self.report.add(verdict, piece.inner_start..piece.inner_end, &decoded.bytes, name, Place::Code);
        }
    }

    /// The names of the literal that starts at `start`, and whether it is decoded from hexadecimal on the spot.
    fn names(&self, start: usize) -> (Vec<&'a [u8]>, bool) {
        let names = context::names(self.source, start);
        if names.is_key {
            return (Vec::new(), false);
        }
        (names.spans().iter().map(|span| self.text(span.clone())).collect(), names.is_hex)
    }

    /// A string; most have nothing that the gate lets through.
    fn literal(&mut self, piece: &Piece) {
        let mut before = piece.start;
        while before > 0 && class(self.source[before - 1]) & BLANK != 0 {
            before -= 1;
        }
        let opens = if before > 0 { self.source[before - 1] } else { b' ' };
        if matches!(opens, b'(' | b'[' | b'{' | b'=' | b',') && self.special(piece, opens) {
            return;
        }
        let follows = if piece.end < self.source.len() { self.source[piece.end] } else { b'\n' };
        if matches!(follows, b'.' | b' ') && self.sum(piece) {
            return;
        }
        if gate::is_worth(self.source, piece.inner_start, piece.inner_end) {
            self.value(piece, &decode(self.source, piece));
        }
    }

    /// A literal behind a bracket, an equals sign or a comma: what a macro or an attribute takes, or an array's first;
    /// whether it is done with.
    fn special(&mut self, piece: &Piece, opens: u8) -> bool {
        if opens == b',' {
            if let Some(by) = self.path_by.take() {
                // The rest of `include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/…"))`.
                self.refer(by, piece);
            }
            return false;
        }
        match callee(self.source, piece.start) {
            Some(name) => self.argument_of(name, piece),
            None => opens == b'[' && self.array_of_strings(piece),
        }
    }

    /// Notes what `piece` names.
    fn refer(&mut self, by: ReferenceBy, piece: &Piece) {
        let argument = String::from_utf8_lossy(&decode(self.source, piece).bytes).into_owned();
        self.report.add_reference(by, argument, piece.inner_start..piece.inner_end);
    }

    /// `["…", "…"].concat()` and `.join("")`.
    fn array_of_strings(&mut self, first: &Piece) -> bool {
        let Some(length) = self
            .text(first.end..self.source.len().min(first.end + LONGEST_ARRAY))
            .iter()
            .position(|&byte| byte == b']')
        else {
            return false;
        };
        let behind =
            self.text(first.end + length + 1..self.source.len().min(first.end + length + 20)).trim_ascii_start();
        let is_joined = [&b".concat()"[..], b".join(\"\")"].iter().any(|call| behind.starts_with(call));
        is_joined
            && self
                .side_by_side(first, |between| between.iter().all(|byte| byte.is_ascii_whitespace() || *byte == b','))
    }

    /// `"…".to_owned() + "…"` and the like.
    fn sum(&mut self, first: &Piece) -> bool {
        let behind = self.text(first.end..self.source.len().min(first.end + 24));
        is_sum(behind) && self.side_by_side(first, is_sum)
    }

    /// A literal that is the first argument of the macro `name`, or the value of the attribute; whether it is done with.
    fn argument_of(&mut self, name: &[u8], piece: &Piece) -> bool {
        if name == b"allow_secret" {
            self.allowed(piece);
            return true;
        }
        if name == b"concat" {
            return self
                .side_by_side(piece, |between| between.iter().all(|byte| byte.is_ascii_whitespace() || *byte == b','));
        }
        if let Some(by) = reference_by(name) {
            if self.text(piece.inner_start..piece.inner_end) == b"CARGO_MANIFEST_DIR" {
                self.path_by = context::macro_around_concat(self.source, piece.start).and_then(reference_by);
            }
            self.refer(by, piece);
        }
        false
    }

    /// The literal of an `allow_secret!`: a finding is expected here, and a reason behind it.
    fn allowed(&mut self, piece: &Piece) {
        let before = self.report.len();
        self.value(piece, &decode(self.source, piece));
        let span = piece.inner_start..piece.inner_end;
        let rest = self.text(piece.end..self.source.len().min(piece.end + 200));
        let has_reason = allow::macro_reason(rest);
        if !has_reason {
            self.report.add_mistake(ALLOW_WITHOUT_REASON, span);
        } else if !self.report.truncate(before) {
            self.report.add_mistake(UNUSED_ALLOW, span);
        }
    }

    /// The literals from `first` on with nothing between them but what `adjoins` takes: judged as one.
    fn side_by_side(&mut self, first: &Piece, adjoins: fn(&[u8]) -> bool) -> bool {
        let mut joined = Joined { bytes: Vec::new(), parts: Vec::new() };
        let mut piece = *first;
        loop {
            let decoded = decode(self.source, &piece);
            let start = joined.bytes.len();
            joined.bytes.extend_from_slice(&decoded.bytes);
            joined.parts.push((start, decoded));
            let Some(next) = self.lexer.next() else { break };
            let is_last = is_comment(next.kind) || joined.parts.len() == MOST_JOINED;
            if is_last || !adjoins(self.text(piece.end..next.start)) {
                self.ahead = Some(next);
                break;
            }
            piece = next;
        }
        self.joined(&joined, first.start);
        true
    }

    /// Judges literals that are one value together.
    fn joined(&mut self, joined: &Joined<'_>, bound_at: usize) {
        let mut hits = Vec::new();
        Chunk { text: &joined.bytes, window: LITERAL_WINDOW, may_hold_at: true, has_scalars: false }.scan(&mut hits);
        phrase::kubernetes(&joined.bytes, &mut hits);
        if hits.is_empty() {
            self.whole(&joined.bytes, bound_at, &mut hits);
        }
        for hit in hits {
            let (Some(start), Some(end)) =
                (joined.source_of(hit.span.start, false), joined.source_of(hit.span.end, true))
            else {
                continue;
            };
            let value = joined.bytes.get(hit.span).unwrap_or_default();
            self.report.add(hit.verdict, start..end, value, None, Place::Code);
        }
    }

    /// A literal's text: what is in it, and whether the whole of it is a secret.
    fn value(&mut self, piece: &Piece, decoded: &Decoded<'_>) {
        let text: &[u8] = &decoded.bytes;
        let mut hits = std::mem::take(&mut self.hits);
        let may_hold_at = self.holds_at(piece) || matches!(piece.kind, PieceKind::ByteArray);
        // The parts of a webhook's path are short.
        let window = if text.starts_with(b"http") { URL_WINDOW } else { LITERAL_WINDOW };
        Chunk { text, window, may_hold_at, has_scalars: false }.scan(&mut hits);
        if hits.is_empty() {
            self.whole(text, piece.start, &mut hits);
        }
        if text.len() > 60 {
            phrase::kubernetes(text, &mut hits);
        }
        for hit in hits.drain(..) {
            let span = decoded.source_range(hit.span.clone());
            self.report.add_hit(hit, text, span, Place::Code);
        }
        self.hits = hits;
    }

    /// Judges `text`, the whole of the literal that starts at `start`, by its names.
    fn whole(&self, text: &[u8], start: usize, hits: &mut Vec<Hit>) {
        let (text, offset) = encoded::without_scheme(text);
        if find(text, 0, b' ') < text.len() || is_date(text) || !could_be_secret(text) || text.len() > 4096 {
            return;
        }
        if let Some(verdict) = encoded::token(text) {
            hits.push(Hit { verdict, span: offset..offset + text.len(), name: None });
            return;
        }
        if text.iter().any(|&byte| byte <= b' ' || byte >= 127) || is_query(text) {
            return;
        }
        if offset > 0 && phrase::is_basic_auth(text) {
            hits.push(Hit { verdict: phrase::BASIC_AUTH, span: offset..offset + text.len(), name: None });
            return;
        }
        let (mut names, is_hex) = self.names(start);
        if offset > 0 {
            names = vec![b"authorization"];
        }
        if let Some(verdict) = judge::by_names_of(&names, text, is_hex)
            && !encoded::says_words(text)
        {
            hits.push(Hit { verdict, span: offset..offset + text.len(), name: None });
        }
    }
}

/// Whether `between`, what stands behind a string, is a `+` to the next one.
fn is_sum(between: &[u8]) -> bool {
    let mut rest = between;
    for call in [&b".to_string()"[..], b".to_owned()", b".into()"] {
        rest = rest.strip_prefix(call).unwrap_or(rest);
    }
    let rest = rest.trim_ascii_start();
    rest.strip_prefix(b"+")
        .is_some_and(|rest| matches!(rest.trim_ascii_start().first(), None | Some(b'"' | b'&' | b'r')))
}

/// Whether `text` starts with a date (RFC 3339): tests of times are full of them.
fn is_date(text: &[u8]) -> bool {
    text.len() >= 10 && text[4] == b'-' && text[7] == b'-' && text[0].is_ascii_digit() && text[5].is_ascii_digit()
}

/// Whether `text` is a list of pairs, which were looked at one by one.
fn is_query(text: &[u8]) -> bool {
    text.contains(&b'&') && text.iter().rev().skip(2).any(|&byte| byte == b'=')
}

impl Joined<'_> {
    /// The place in the source of the byte at `index`, or of the end of the byte before it.
    fn source_of(&self, index: usize, is_end: bool) -> Option<usize> {
        let (start, decoded) =
            self.parts.iter().rev().find(|(start, _)| *start < index || (*start == index && !is_end))?;
        let within = index - start;
        Some(if is_end {
            decoded.source_range(within - 1..within).end
        } else {
            decoded.source_range(within..within + 1).start
        })
    }
}

/// Whether a PEM text begins in a comment: as a line comment, or somewhere in one of several lines.
fn begins_pem(kind: PieceKind, text: &[u8]) -> bool {
    match kind {
        PieceKind::LineComment | PieceKind::LineDoc => text.trim_ascii_start().starts_with(b"-----BEGIN "),
        _ => text.len() > 100 && contains(text, b"-----BEGIN "),
    }
}

/// Whether a piece is a comment of any kind.
fn is_comment(kind: PieceKind) -> bool {
    matches!(kind, PieceKind::LineComment | PieceKind::LineDoc | PieceKind::BlockComment | PieceKind::BlockDoc)
}

/// What a macro or attribute of this name refers to.
fn reference_by(name: &[u8]) -> Option<ReferenceBy> {
    Some(match name {
        b"env" => ReferenceBy::Env,
        b"option_env" => ReferenceBy::OptionEnv,
        b"dotenv" => ReferenceBy::Dotenv,
        b"include" => ReferenceBy::Include,
        b"include_str" => ReferenceBy::IncludeStr,
        b"include_bytes" => ReferenceBy::IncludeBytes,
        b"path" => ReferenceBy::Path,
        _ => return None,
    })
}
