//! `#[no_hardcoded]`: looks through an item's literals and turns tokens into one error.
//!
//! **The item is passed on as it came.** **The error never points at a line that holds a finding** if the item or the
//! attribute has any other line: rustc prints the line that an error points to.

use std::fmt::Write as _;

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use secrets_detect::{Match, classify};

use crate::literal::decode;

/// What to do about a finding.
const ADVICE: &str = "\
declare a variable for it in Cargo.toml (`cargo secrets set NAME` does) and read it with `std::env::var(\"NAME\")`;
if the value was ever committed or shared, replace it at its provider";

/// A literal that is a token.
struct Finding {
    /// What it was recognised as.
    found: Match,
    /// Where it stands.
    span: Span,
}

/// The item, and an error behind it if one of its literals is a token or the attribute has arguments.
pub(crate) fn check(arguments: &TokenStream, item: TokenStream) -> TokenStream {
    let call_site = Span::call_site();
    let mut output = item.clone();
    if !arguments.is_empty() {
        output.extend(error("`#[no_hardcoded]` takes no arguments", call_site));
        return output;
    }
    let mut findings = Vec::new();
    collect(item.clone(), &mut findings);
    if !findings.is_empty() {
        let place = std::iter::once(call_site).chain(spans(item)).find(|&span| is_clear(span, &findings));
        output.extend(error(&message(&findings), place.unwrap_or(call_site)));
    }
    output
}

/// Adds every literal among `tokens` that is a token, in the order of the source.
fn collect(tokens: TokenStream, findings: &mut Vec<Finding>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), findings),
            TokenTree::Literal(literal) => {
                let found = decode(&literal.to_string()).and_then(|value| classify(&value));
                findings.extend(found.map(|found| Finding { found, span: literal.span() }));
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// The spans of the item's outermost tokens, of a group its two delimiters.
fn spans(item: TokenStream) -> impl Iterator<Item = Span> {
    item.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => [group.span_open(), group.span_close()],
        other => [other.span(); 2],
    })
}

/// Whether no finding stands on a line of `span`.
fn is_clear(span: Span, findings: &[Finding]) -> bool {
    let (first, last) = (span.start().line(), span.end().line());
    findings.iter().all(|finding| finding.span.end().line() < first || last < finding.span.start().line())
}

/// What rustc says: a line for each finding with its provider, rule and masked value, then what to do.
fn message(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { found: Match { provider, kind, prefix, rule, .. }, span } in findings {
        let line = span.start().line();
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "hard-coded {provider} {kind} `{prefix}…` on line {line} [{rule}]");
    }
    text.push_str(ADVICE);
    text
}

/// `::core::compile_error! { "text" }` with every token at `span`.
fn error(text: &str, span: Span) -> TokenStream {
    let punct = |letter, spacing| TokenTree::Punct(Punct::new(letter, spacing));
    let ident = |name| TokenTree::Ident(Ident::new(name, span));
    let path_separator = || [punct(':', Spacing::Joint), punct(':', Spacing::Alone)];
    let argument = TokenStream::from(TokenTree::Literal(Literal::string(text)));
    let mut tokens: Vec<TokenTree> = Vec::new();
    tokens.extend(path_separator());
    tokens.push(ident("core"));
    tokens.extend(path_separator());
    tokens.extend([ident("compile_error"), punct('!', Spacing::Alone)]);
    tokens.push(TokenTree::Group(Group::new(Delimiter::Brace, argument)));
    for token in &mut tokens {
        token.set_span(span);
    }
    tokens.into_iter().collect()
}
