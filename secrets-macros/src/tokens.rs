//! Reading and making tokens, without a parser crate.

use proc_macro::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use secrets_detect::Position;

use crate::literal;
use crate::path::{relative, text_of};

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
    let mut tokens = TokenStream::new();
    for token in code("::core::compile_error!") {
        push(&mut tokens, token, span);
    }
    let mut argument = TokenStream::new();
    push(&mut argument, TokenTree::Literal(Literal::string(text)), span);
    push(&mut tokens, TokenTree::Group(Group::new(Delimiter::Brace, argument)), span);
    tokens
}

fn push(tokens: &mut TokenStream, mut token: TokenTree, span: Span) {
    token.set_span(span);
    tokens.extend(TokenStream::from(token));
}

/// Tokens of `text`, which is Rust that this crate wrote.
pub(crate) fn code(text: &str) -> TokenStream {
    match text.parse() {
        Ok(tokens) => tokens,
        Err(_) => TokenStream::new(),
    }
}

/// Tokens of `template` with each identifier that is the name of a hole replaced by its tokens.
pub(crate) fn fill(template: TokenStream, holes: &[(&str, TokenStream)]) -> TokenStream {
    let mut filled = TokenStream::new();
    for token in template {
        filled.extend(match token {
            TokenTree::Ident(ident) => hole(ident, holes),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), fill(group.stream(), holes));
                inner.set_span(group.span());
                TokenStream::from(TokenTree::Group(inner))
            }
            other => TokenStream::from(other),
        });
    }
    filled
}

fn hole(ident: Ident, holes: &[(&str, TokenStream)]) -> TokenStream {
    let name = ident.to_string();
    for (hole, tokens) in holes {
        if *hole == name {
            return tokens.clone();
        }
    }
    TokenStream::from(TokenTree::Ident(ident))
}

/// `text` as the source of a string literal.
pub(crate) fn quoted(text: &str) -> String {
    Literal::string(text).to_string()
}

/// Where a span of no length is.
pub(crate) fn position(span: Span) -> Position {
    Position { line: span.line(), column: span.column() }
}

/// The file of a span as rustc names it, empty where there is none.
pub(crate) fn file_of(span: Span) -> String {
    match span.local_file() {
        Some(file) => match text_of(&file) {
            Some(file) => relative(&file),
            None => String::new(),
        },
        None => String::new(),
    }
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
        let mut list = Vec::new();
        for token in tokens {
            list.push(token);
        }
        Self { tokens: list, at: 0, end }
    }

    /// One of the next token alone, which it takes.
    pub(crate) fn only_next(&mut self) -> Self {
        let end = self.span();
        match self.next() {
            Some(token) => Self::new(TokenStream::from(token), end),
            None => Self::new(code("missing"), end),
        }
    }

    /// The next token, not taken.
    pub(crate) fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.at)
    }

    /// Takes the next token.
    pub(crate) fn next(&mut self) -> Option<TokenTree> {
        match self.tokens.get(self.at) {
            Some(token) => {
                self.at += 1;
                Some(token.clone())
            }
            None => None,
        }
    }

    /// Takes the next token to the end of `tokens`.
    pub(crate) fn move_to(&mut self, tokens: &mut TokenStream) {
        if let Some(token) = self.next() {
            tokens.extend(TokenStream::from(token));
        }
    }

    /// Whether all tokens were taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Where the next token stands.
    pub(crate) fn span(&self) -> Span {
        match self.peek() {
            Some(token) => token.span(),
            None => self.end,
        }
    }

    /// Whether the next token is the punctuation `letter`.
    pub(crate) fn is_punct(&self, letter: char) -> bool {
        matches!(self.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == letter)
    }

    /// Takes the punctuation `letter`, if it is next.
    pub(crate) fn take_punct(&mut self, letter: char) -> bool {
        let found = self.is_punct(letter);
        if found {
            self.at += 1;
        }
        found
    }

    /// Takes the comma that parts what was read from what follows.
    pub(crate) fn comma(&mut self) -> Result<(), Mistake> {
        if self.is_empty() || self.take_punct(',') { Ok(()) } else { Err(Mistake::new("expected `,`", self.span())) }
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

    /// Takes an identifier as text, if one is next.
    pub(crate) fn take_word(&mut self) -> Option<String> {
        Some(self.take_ident()?.to_string())
    }

    /// Takes the text of a string literal, if one is next.
    pub(crate) fn take_string(&mut self) -> Option<String> {
        let text = string_of(self.peek()?)?;
        self.at += 1;
        Some(text)
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
}

/// The text of the string literal that `token` is, also where a `macro_rules` variable wrapped it.
fn string_of(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Literal(literal) => {
            let source = literal.to_string();
            if source.starts_with('"') || source.starts_with('r') { literal::decode(&source) } else { None }
        }
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let mut inner = Cursor::new(group.stream(), group.span());
            let text = inner.take_string();
            if inner.is_empty() { text } else { None }
        }
        _ => None,
    }
}
