//! `forbid_hardcoded!` and `#[no_hardcoded]`: what they make of a look through the crate, or through an item.
//!
//! **The item is passed on as it came.** **Nothing of a value is printed**: the source that is shown is masked, and where a
//! finding stands on every line that the error could point to, it points to a file of this crate, because rustc prints
//! the line that an error points to.

use std::sync::atomic::{AtomicBool, Ordering};

use proc_macro::{Span, TokenStream, TokenTree};
use secrets_detect::{Findings, Level, Position, scan_rust};

use crate::arguments::Arguments;
use crate::files::{self, relative};
use crate::hidden;
use crate::invocation::Invocation;
use crate::report;
use crate::scan::Scan;
use crate::tokens::{Mistake, error};
use crate::track::track;

/// One process compiles one crate, which is looked through once.
static DONE: AtomicBool = AtomicBool::new(false);

/// Looks through the crate; empty if it may compile.
pub(crate) fn whole_crate(arguments: TokenStream) -> TokenStream {
    let Some(invocation) = Invocation::current() else { return TokenStream::new() };
    if invocation.capped {
        return TokenStream::new();
    }
    if DONE.swap(true, Ordering::Relaxed) {
        return error("`forbid_hardcoded!` looks through the whole crate: call it once", Span::call_site());
    }
    let mut scan = Scan::default();
    match fill(&mut scan, arguments, &invocation) {
        Ok(()) => outcome(scan, &invocation, "this crate", &[Span::call_site()]),
        Err(mistake) => mistake.error(),
    }
}

fn fill(scan: &mut Scan, arguments: TokenStream, invocation: &Invocation) -> Result<(), Mistake> {
    scan.arguments = Arguments::parse(arguments)?;
    let call = Span::call_site();
    match invocation.root.clone().or_else(|| call.local_file()) {
        Some(root) => scan.whole(&root),
        None => Err(Mistake::new("cannot tell which file is the crate root", call)),
    }
}

/// The item, and an error behind it if it holds a secret or the attribute has arguments.
pub(crate) fn item(arguments: &TokenStream, item: TokenStream) -> TokenStream {
    let mut output = item.clone();
    let tokens = Vec::from_iter(item);
    if !arguments.is_empty() {
        output.extend(error("`#[no_hardcoded]` takes no arguments", Span::call_site()));
    } else if is_file_module(&tokens) {
        let message = "the module is in another file, which `#[no_hardcoded]` does not see: \
            write `secrets_macros::forbid_hardcoded!();` in the crate root";
        output.extend(error(message, Span::call_site()));
    } else {
        output.extend(findings(&tokens));
    }
    output
}

fn findings(tokens: &[TokenTree]) -> TokenStream {
    let Some(invocation) = Invocation::current() else { return in_editor(tokens) };
    if invocation.capped {
        return TokenStream::new();
    }
    let mut scan = Scan::default();
    let mut spans = Vec::new();
    match slice(tokens) {
        Some(slice) => {
            scan.part(&slice.file, &slice.source, slice.start, slice.end);
            if slice.holds_attribute() {
                spans.push(Span::call_site());
            }
            for token in tokens {
                match token {
                    TokenTree::Group(group) => spans.extend([group.span_open(), group.span_close()]),
                    other => spans.push(other.span()),
                }
            }
        }
        // A macro wrote the item: to whatever one points, rustc shows how the macro was called.
        None => by_token(&mut scan, tokens),
    }
    outcome(scan, &invocation, "this item", &spans)
}

/// Says what was found, and what the macro expands to; the error points to the first of `spans` that no finding touches.
fn outcome(mut scan: Scan, invocation: &Invocation, of: &str, spans: &[Span]) -> TokenStream {
    scan.report.print(invocation);
    let mut expansion = TokenStream::new();
    if scan.names_variable {
        expansion.extend(track(scan.declarations()));
    }
    if let Some(text) = scan.report.error(of) {
        match spans.iter().find(|at| !touches(&scan, **at)) {
            Some(&at) => expansion.extend(error(&text, at)),
            None => expansion.extend(hidden::error(hidden::SAME_LINE)),
        }
    }
    expansion
}

fn touches(scan: &Scan, at: Span) -> bool {
    let Some(file) = at.local_file() else { return false };
    scan.report.touches(&relative(&file).to_string_lossy(), at.start().line(), at.end().line())
}

/// Whether the item is `mod name;`.
fn is_file_module(tokens: &[TokenTree]) -> bool {
    match tokens {
        [.., TokenTree::Ident(word), TokenTree::Ident(_), TokenTree::Punct(end)] => {
            word.to_string() == "mod" && end.as_char() == ';'
        }
        _ => false,
    }
}

/// An item in the text of its file.
struct Slice {
    file: String,
    source: String,
    start: Position,
    end: Position,
}

impl Slice {
    /// Whether the attribute stands in or right before the item, rather than in a macro that put it there.
    fn holds_attribute(&self) -> bool {
        let call = Span::call_site();
        let (start, end) = (position(call.start()), position(call.end()));
        let same_file = call.local_file().is_some_and(|file| relative(&file).to_string_lossy() == self.file);
        if !same_file || start >= self.start {
            return same_file && end <= self.end;
        }
        match (byte_of(&self.source, end), byte_of(&self.source, self.start)) {
            (Some(end), Some(start)) => self.source.get(end..start).is_some_and(|between| between.trim().is_empty()),
            _ => false,
        }
    }
}

/// Where in `source` a position is.
fn byte_of(source: &str, position: Position) -> Option<usize> {
    let mut start = 0;
    for _ in 1..position.line {
        start += source.get(start..)?.find('\n')? + 1;
    }
    let line = source.get(start..)?;
    let in_line = line.char_indices().nth(position.column.checked_sub(1)?).map_or(line.len(), |(at, _)| at);
    Some(start + in_line)
}

/// The item in its file; `None` if a macro wrote it, or a part of it.
fn slice(tokens: &[TokenTree]) -> Option<Slice> {
    let (first, last) = (tokens.first()?.span(), tokens.last()?.span());
    let file = first.local_file()?;
    if last.local_file()? != file {
        return None;
    }
    let (start, end) = (position(first.start()), position(last.end()));
    let file = relative(&file).to_string_lossy().into_owned();
    let source = files::read(&file)?;
    let whole = start < end && lies_between(&mut tokens.iter().cloned(), start, end);
    whole.then_some(Slice { file, source, start, end })
}

/// Whether rustc would show no macro call beside `span`: there is no stable way to ask, but its `Debug` says so. Where that
/// looks different one day, errors point to a file of this crate.
fn is_unexpanded(span: Span) -> bool {
    format!("{span:?}").starts_with("#0 ")
}

/// Whether all tokens lie within the slice and come from no macro.
fn lies_between(tokens: &mut dyn Iterator<Item = TokenTree>, start: Position, end: Position) -> bool {
    for token in tokens {
        let inner = match &token {
            TokenTree::Group(group) => lies_between(&mut group.stream().into_iter(), start, end),
            _ => true,
        };
        let span = token.span();
        if !inner || !is_unexpanded(span) || position(span.start()) < start || position(span.end()) > end {
            return false;
        }
    }
    true
}

fn position(span: Span) -> Position {
    Position { line: span.line(), column: span.column() }
}

/// Looks through the tokens where there is no source text for them.
fn by_token(scan: &mut Scan, tokens: &[TokenTree]) {
    let (findings, literals) = token_text(tokens);
    for finding in &findings.list {
        if let Some(level) = scan.level(finding) {
            scan.report.add(report::of_token(finding, level, literal_at(&literals, finding.span.start)));
        }
    }
}

/// Outside of a compiler there are tokens only, and an error at the literal shows nothing that the editor does not.
fn in_editor(tokens: &[TokenTree]) -> TokenStream {
    let mut scan = Scan::default();
    let (findings, literals) = token_text(tokens);
    let mut output = TokenStream::new();
    for finding in &findings.list {
        if scan.level(finding) == Some(Level::Deny) {
            let text = [&finding.message(), " [", finding.rule, "]"].concat();
            output.extend(error(&text, literal_at(&literals, finding.span.start)));
        }
    }
    output
}

/// The literal in which the byte `at` of the tokens' text lies.
fn literal_at(literals: &[(usize, Span)], at: usize) -> Span {
    let before = literals.iter().rev().find(|(start, _)| *start <= at);
    before.map_or_else(Span::call_site, |(_, span)| *span)
}

/// What is found in the text of `tokens`, and where in that text each literal starts.
fn token_text(tokens: &[TokenTree]) -> (Findings, Vec<(usize, Span)>) {
    let mut text = String::new();
    let mut literals = Vec::new();
    write(&mut tokens.iter().cloned(), &mut text, &mut literals);
    (scan_rust(&text), literals)
}

fn write(tokens: &mut dyn Iterator<Item = TokenTree>, text: &mut String, literals: &mut Vec<(usize, Span)>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    proc_macro::Delimiter::Parenthesis => ("(", ")"),
                    proc_macro::Delimiter::Brace => ("{", "}"),
                    proc_macro::Delimiter::Bracket => ("[", "]"),
                    proc_macro::Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(&mut group.stream().into_iter(), text, literals);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                if punct.spacing() == proc_macro::Spacing::Alone {
                    text.push(' ');
                }
            }
            TokenTree::Literal(literal) => {
                literals.push((text.len(), literal.span()));
                text.push_str(&literal.to_string());
                text.push(' ');
            }
            TokenTree::Ident(ident) => {
                text.push_str(&ident.to_string());
                text.push(' ');
            }
        }
    }
}
