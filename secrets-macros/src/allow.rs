//! `allow_secret!("…", reason = "…")`: a literal that looks like a secret and is none, with the reason why.
//!
//! **Without a reason it is an error that does not show the line**: rustc would print the literal with it.

use proc_macro::{Delimiter, Span, TokenStream, TokenTree};

use crate::hidden;
use crate::invocation::Invocation;
use crate::text::byte;
use crate::tokens::{Cursor, code, error, fill};

/// Expands to the literal.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let mut cursor = Cursor::new(tokens, Span::call_site());
    let literal = match cursor.next() {
        Some(literal @ TokenTree::Literal(_)) => literal,
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => TokenTree::Group(group),
        Some(other) => return mistake(other.span()),
        None => return mistake(Span::call_site()),
    };
    if has_reason(&mut cursor) {
        return literal.into();
    }
    let mistake = mistake(literal.span());
    fill(code("{ __MISTAKE __LITERAL }"), &[("__MISTAKE", mistake), ("__LITERAL", literal.into())])
}

fn mistake(span: Span) -> TokenStream {
    match Invocation::current() {
        Some(_) => hidden::error(hidden::ALLOW),
        None => error("expected `allow_secret!(\"…\", reason = \"documentation example\")`", span),
    }
}

/// Reads `, reason = "…"`.
fn has_reason(cursor: &mut Cursor) -> bool {
    if !cursor.take_punct(',') || !cursor.is_word("reason") {
        return false;
    }
    cursor.next();
    let equals = cursor.take_punct('=');
    let reason = cursor.take_string().unwrap_or_default();
    cursor.take_punct(',');
    equals && says_why(&reason) && cursor.is_empty()
}

/// Whether there are words in it, as the scan asks of a reason.
fn says_why(reason: &str) -> bool {
    let (mut letters, mut at) = (0, 0);
    while at < reason.len() {
        letters += usize::from(byte(reason, at).is_ascii_alphanumeric());
        at += 1;
    }
    letters >= 3
}
