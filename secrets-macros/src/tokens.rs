//! Reading and making tokens, without a parser crate.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use crate::literal;

/// Something that is wrong with the tokens given, and where.
pub(crate) struct Mistake {
    /// What is wrong.
    pub(crate) message: String,
    /// Where.
    pub(crate) span: Span,
}

impl Mistake {
    /// A mistake at `span`.
    pub(crate) fn new(message: &str, span: Span) -> Self {
        Self { message: message.to_owned(), span }
    }

    /// The error that rustc shows.
    pub(crate) fn error(&self) -> TokenStream {
        error(&self.message, self.span)
    }
}

/// `::core::compile_error! { "text" }` with every token at `span`.
pub(crate) fn error(text: &str, span: Span) -> TokenStream {
    let mut tokens: Vec<TokenTree> = Vec::new();
    path_separator(&mut tokens);
    tokens.push(Ident::new("core", span).into());
    path_separator(&mut tokens);
    tokens.push(Ident::new("compile_error", span).into());
    tokens.push(Punct::new('!', Spacing::Alone).into());
    let argument = TokenStream::from(TokenTree::Literal(Literal::string(text)));
    tokens.push(Group::new(Delimiter::Brace, argument).into());
    for token in &mut tokens {
        token.set_span(span);
    }
    TokenStream::from_iter(tokens)
}

fn path_separator(tokens: &mut Vec<TokenTree>) {
    tokens.push(Punct::new(':', Spacing::Joint).into());
    tokens.push(Punct::new(':', Spacing::Alone).into());
}

/// Tokens of `text`, which is Rust that this crate wrote.
pub(crate) fn code(text: &str) -> TokenStream {
    text.parse().unwrap_or_default()
}

/// Tokens of `template` with each identifier that is in `holes` replaced by its tokens.
pub(crate) fn fill(template: TokenStream, holes: &[(&str, TokenStream)]) -> TokenStream {
    let mut filled = TokenStream::new();
    for token in template {
        match token {
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                let mut index = 0;
                while holes.get(index).is_some_and(|(hole, _)| *hole != name) {
                    index += 1;
                }
                match holes.get(index) {
                    Some((_, tokens)) => filled.extend(tokens.clone()),
                    None => filled.extend([TokenTree::Ident(ident)]),
                }
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), fill(group.stream(), holes));
                inner.set_span(group.span());
                filled.extend([TokenTree::Group(inner)]);
            }
            other => filled.extend([other]),
        }
    }
    filled
}

/// `text` as the source of a string literal.
pub(crate) fn quoted(text: &str) -> String {
    Literal::string(text).to_string()
}

/// A position among tokens.
pub(crate) struct Cursor {
    tokens: Vec<TokenTree>,
    at: usize,
    /// Where to point when there is no token left.
    end: Span,
}

impl Cursor {
    /// At the start of `tokens`; what is missing is missing at `end`.
    pub(crate) fn new(tokens: TokenStream, end: Span) -> Self {
        Self { tokens: Vec::from_iter(tokens), at: 0, end }
    }

    /// The next token, not taken.
    pub(crate) fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.at)
    }

    /// Takes the next token.
    pub(crate) fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// Whether all tokens were taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Where the next token stands.
    pub(crate) fn span(&self) -> Span {
        self.peek().map_or(self.end, TokenTree::span)
    }

    /// Whether the next token is the punctuation `letter`.
    pub(crate) fn is_punct(&self, letter: char) -> bool {
        matches!(self.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == letter)
    }

    /// Takes the punctuation `letter`, if it is next.
    pub(crate) fn take_punct(&mut self, letter: char) -> bool {
        let found = self.is_punct(letter);
        self.at += usize::from(found);
        found
    }

    /// Whether the next token is the identifier `word`.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenTree::Ident(ident)) if ident.to_string() == word)
    }

    /// Takes an identifier, if one is next.
    pub(crate) fn take_ident(&mut self) -> Option<Ident> {
        match self.peek() {
            Some(TokenTree::Ident(ident)) => {
                let ident = ident.clone();
                self.at += 1;
                Some(ident)
            }
            _ => None,
        }
    }

    /// Takes a string literal, if one is next: its text and the literal.
    pub(crate) fn take_string(&mut self) -> Option<(String, Literal)> {
        let literal = literal_of(self.peek()?)?;
        let source = literal.to_string();
        let text = if source.starts_with(['"', 'r']) { literal::decode(&source)? } else { return None };
        self.at += 1;
        Some((text, literal))
    }

    /// Takes a group with this delimiter, if one is next.
    pub(crate) fn take_group(&mut self, delimiter: Delimiter) -> Option<Group> {
        match self.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => {
                let group = group.clone();
                self.at += 1;
                Some(group)
            }
            _ => None,
        }
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> TokenStream {
        let rest = self.tokens.split_off(self.at.min(self.tokens.len()));
        TokenStream::from_iter(rest)
    }
}

/// The literal that `token` is, also where a `macro_rules` variable wrapped it.
fn literal_of(token: &TokenTree) -> Option<Literal> {
    match token {
        TokenTree::Literal(literal) => Some(literal.clone()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let mut tokens = group.stream().into_iter();
            match (tokens.next(), tokens.next()) {
                (Some(token), None) => literal_of(&token),
                _ => None,
            }
        }
        _ => None,
    }
}
