//! `forbid_hardcoded!` and `#[no_hardcoded]`: what they make of a look through the crate, or through an item.
//!
//! **The item is passed on as it came.** **Nothing of a value is printed**: the source that is shown is masked, and where a
//! finding stands on every line that the error could point to, it points to a file of this crate, because rustc prints
//! the line that an error points to.

use std::sync::atomic::{AtomicBool, Ordering};

use proc_macro::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use secrets_detect::{Level, Position, scan_rust};

use crate::arguments::Arguments;
use crate::files;
use crate::hidden;
use crate::invocation::Invocation;
use crate::path::is_file;
use crate::report;
use crate::scan::Scan;
use crate::text::{byte_of, find, join, part};
use crate::tokens::{Mistake, error, file_of, position};
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
    let root = match &invocation.root {
        Some(root) => root.clone(),
        None => file_of(call),
    };
    if root == "-" {
        return Ok(());
    }
    if !is_file(&root) {
        return Err(Mistake::new("cannot tell which file is the crate root", call));
    }
    scan.whole(&root)
}

/// The item, and an error behind it if it holds a secret or the attribute has arguments.
pub(crate) fn item(arguments: &TokenStream, item: TokenStream) -> TokenStream {
    let mut output = item.clone();
    let mut tokens = Vec::new();
    for token in item {
        tokens.push(token);
    }
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
                if let TokenTree::Group(group) = token {
                    spans.push(group.span_open());
                    spans.push(group.span_close());
                } else {
                    spans.push(token.span());
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
    let text = scan.report.error(of);
    if text.is_empty() {
        return expansion;
    }
    for &at in spans {
        if !touches(&scan, at) {
            expansion.extend(error(&text, at));
            return expansion;
        }
    }
    expansion.extend(hidden::error(hidden::SAME_LINE));
    expansion
}

fn touches(scan: &Scan, at: Span) -> bool {
    scan.report.touches(&file_of(at), at.start().line(), at.end().line())
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
        if file_of(call) != self.file {
            return false;
        }
        if start >= self.start {
            return end <= self.end;
        }
        let (from, to) = (offset(&self.source, end), offset(&self.source, self.start));
        from <= to && part(&self.source, from, to).trim_ascii().is_empty()
    }
}

/// Where in `source` a position is.
fn offset(source: &str, position: Position) -> usize {
    let (mut line, mut start) = (1, 0);
    while line < position.line {
        start = match find(source, b'\n', start) {
            Some(end) => end + 1,
            None => source.len(),
        };
        line += 1;
    }
    let rest = part(source, start, source.len());
    // A column is at most as far as the line is long.
    start + byte_of(rest, position.column.saturating_sub(1))
}

/// The item in its file; `None` if a macro wrote it, or a part of it.
fn slice(tokens: &[TokenTree]) -> Option<Slice> {
    let (first, last) = (tokens.first()?.span(), tokens.last()?.span());
    let file = file_of(first);
    let (start, end) = (position(first.start()), position(last.end()));
    if file != file_of(last) || start >= end {
        return None;
    }
    for token in tokens {
        if !lies_between(token, start, end) {
            return None;
        }
    }
    let source = files::read(&file)?;
    Some(Slice { file, source, start, end })
}

/// Whether rustc would show no macro call beside `span`: there is no stable way to ask, but its `Debug` says so. Where that
/// looks different one day, errors point to a file of this crate.
fn is_unexpanded(span: Span) -> bool {
    format!("{span:?}").starts_with("#0 ")
}

/// Whether a token and all in it lie within the slice and come from no macro.
fn lies_between(token: &TokenTree, start: Position, end: Position) -> bool {
    if let TokenTree::Group(group) = token {
        for inner in group.stream() {
            if !lies_between(&inner, start, end) {
                return false;
            }
        }
    }
    let span = token.span();
    is_unexpanded(span) && position(span.start()) >= start && position(span.end()) <= end
}

/// Looks through the tokens where there is no source text for them.
fn by_token(scan: &mut Scan, tokens: &[TokenTree]) {
    let text = TokenText::of(tokens);
    let findings = scan_rust(&text.text);
    for finding in &findings.list {
        let level = scan.level(finding);
        if level != Level::Allow {
            scan.report.add(report::of_token(finding, level, text.literal_at(finding.span.start)));
        }
    }
}

/// Outside of a compiler there are tokens only, and an error at the literal shows nothing that the editor does not.
fn in_editor(tokens: &[TokenTree]) -> TokenStream {
    let mut scan = Scan::default();
    let text = TokenText::of(tokens);
    let mut output = TokenStream::new();
    let findings = scan_rust(&text.text);
    for finding in &findings.list {
        if scan.level(finding) == Level::Deny {
            let message = join(&[&finding.message(), " [", finding.rule, "]"]);
            output.extend(error(&message, text.literal_at(finding.span.start)));
        }
    }
    output
}

/// Tokens as a text, and where in it each literal starts.
#[derive(Default)]
struct TokenText {
    text: String,
    starts: Vec<usize>,
    spans: Vec<Span>,
}

impl TokenText {
    fn of(tokens: &[TokenTree]) -> Self {
        let mut text = Self::default();
        for token in tokens {
            text.add(token);
        }
        text
    }

    /// The literal in which the byte `at` of the text lies.
    fn literal_at(&self, at: usize) -> Span {
        let mut found = Span::call_site();
        let mut index = 0;
        while let (Some(&start), Some(&span)) = (self.starts.get(index), self.spans.get(index)) {
            if start <= at {
                found = span;
            }
            index += 1;
        }
        found
    }

    fn add(&mut self, token: &TokenTree) {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                self.text.push_str(open);
                for token in group.stream() {
                    self.add(&token);
                }
                self.text.push_str(close);
                return;
            }
            TokenTree::Punct(punct) => {
                self.text.push(punct.as_char());
                if punct.spacing() == Spacing::Joint {
                    return;
                }
            }
            TokenTree::Literal(literal) => {
                self.starts.push(self.text.len());
                self.spans.push(literal.span());
                self.text.push_str(&literal.to_string());
            }
            TokenTree::Ident(ident) => self.text.push_str(&ident.to_string()),
        }
        self.text.push(' ');
    }
}
