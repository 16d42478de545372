//! The struct that `#[derive(Secrets)]` stands on, read without a parser crate.
//!
//! The compiler has parsed it already, so this reads well-formed items only.

use proc_macro::{Delimiter, Ident, Span, TokenStream, TokenTree};

use crate::derive::plain;
use crate::text::{byte, join};
use crate::tokens::{Cursor, Mistake};

/// A struct with named fields.
pub(crate) struct Structure {
    /// `pub`, `pub(crate)`, … or nothing.
    pub(crate) visibility: TokenStream,
    /// Its name.
    pub(crate) name: Ident,
    /// Generic parameters as an `impl` takes them, without defaults.
    pub(crate) parameters: TokenStream,
    /// Generic arguments as the type takes them.
    pub(crate) arguments: TokenStream,
    /// The `where` clause, or nothing.
    pub(crate) bounds: TokenStream,
    /// Its fields.
    pub(crate) fields: Vec<Field>,
    /// Errors about the attributes of fields.
    pub(crate) mistakes: TokenStream,
}

/// A field, and the variable that fills it.
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: Ident,
    /// The variable.
    pub(crate) variable: String,
    /// Where the variable is named.
    pub(crate) span: Span,
    /// The text that is used where the variable is not set.
    pub(crate) default: Option<String>,
    /// Its type; of an `Option` what is in it.
    pub(crate) inner: TokenStream,
    /// Whether the type is an `Option`.
    pub(crate) optional: bool,
}

/// Where a run of tokens ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Before a comma.
    Comma,
    /// Before a comma or an equals sign.
    Default,
    /// Before braces.
    Body,
    /// Before the `>` that closes what was opened before.
    Close,
}

impl End {
    fn is_at(self, cursor: &Cursor) -> bool {
        match self {
            Self::Comma => cursor.is_punct(','),
            Self::Default => cursor.is_punct(',') || cursor.is_punct('='),
            Self::Body => {
                matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
            }
            Self::Close => false,
        }
    }
}

/// Reads the item.
pub(crate) fn parse(item: TokenStream) -> Result<Structure, Mistake> {
    let mut cursor = Cursor::new(item, Span::call_site());
    attributes(&mut cursor);
    let visibility = visibility(&mut cursor);
    if !cursor.is_word("struct") {
        return Err(Mistake::new("`Secrets` can be derived for structs only", cursor.span()));
    }
    cursor.next();
    let Some(name) = cursor.take_ident() else { return Err(Mistake::new("expected a name", cursor.span())) };
    let (mut parameters, mut arguments) = (TokenStream::new(), TokenStream::new());
    generics(&mut cursor, &mut parameters, &mut arguments);
    let bounds = until(&mut cursor, End::Body);
    let Some(body) = cursor.take_group(Delimiter::Brace) else {
        return Err(Mistake::new("`Secrets` needs a struct with named fields", name.span()));
    };
    let (fields, mistakes) = (Vec::new(), TokenStream::new());
    let mut structure = Structure { visibility, name, parameters, arguments, bounds, fields, mistakes };
    let mut body = Cursor::new(body.stream(), body.span_close());
    while let Some(field) = field(&mut body, &mut structure.mistakes) {
        structure.fields.push(field);
    }
    Ok(structure)
}

/// Passes attributes, and hands out what stands in the parentheses of the last one that is called `secret`.
fn attributes(cursor: &mut Cursor) -> Option<Cursor> {
    let mut found = None;
    while cursor.take_punct('#') {
        let group = cursor.take_group(Delimiter::Bracket)?;
        let mut inner = Cursor::new(group.stream(), group.span_close());
        if inner.is_word("secret") {
            inner.next();
            let span = inner.span();
            found = Some(match inner.take_group(Delimiter::Parenthesis) {
                Some(group) => Cursor::new(group.stream(), span),
                None => Cursor::new(TokenStream::new(), span),
            });
        }
    }
    found
}

fn visibility(cursor: &mut Cursor) -> TokenStream {
    let mut tokens = TokenStream::new();
    if cursor.is_word("pub") {
        cursor.move_to(&mut tokens);
        if let Some(group) = cursor.take_group(Delimiter::Parenthesis) {
            tokens.extend(TokenStream::from(TokenTree::Group(group)));
        }
    }
    tokens
}

/// The tokens before `end`. `<` and `>` are counted, `->` and `=>` are not among them.
fn until(cursor: &mut Cursor, end: End) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut depth = 0;
    let mut arrow = false;
    while !cursor.is_empty() && (depth > 0 || !end.is_at(cursor)) {
        if cursor.is_punct('<') {
            depth += 1;
        } else if cursor.is_punct('>') && !arrow {
            if depth == 0 {
                break;
            }
            depth -= 1;
        }
        arrow = cursor.is_punct('-') || cursor.is_punct('=');
        cursor.move_to(&mut tokens);
    }
    tokens
}

/// Reads `<…>`: the parameters without their defaults, and the arguments that name them.
fn generics(cursor: &mut Cursor, parameters: &mut TokenStream, arguments: &mut TokenStream) {
    if !cursor.take_punct('<') {
        return;
    }
    while !cursor.is_empty() && !cursor.take_punct('>') {
        attributes(cursor);
        let parameter = until(cursor, End::Default);
        if cursor.is_punct('=') {
            until(cursor, End::Comma);
        }
        arguments.extend(argument(parameter.clone()));
        parameters.extend(parameter);
        if cursor.take_punct(',') {
            arguments.extend(crate::tokens::code(","));
            parameters.extend(crate::tokens::code(","));
        }
    }
}

/// The name of a parameter: `'a`, `T`, or the `N` of `const N: usize`.
fn argument(parameter: TokenStream) -> TokenStream {
    let mut cursor = Cursor::new(parameter, Span::call_site());
    let mut tokens = TokenStream::new();
    if cursor.is_word("const") {
        cursor.next();
    }
    if cursor.is_punct('\'') {
        cursor.move_to(&mut tokens);
    }
    cursor.move_to(&mut tokens);
    tokens
}

fn field(cursor: &mut Cursor, mistakes: &mut TokenStream) -> Option<Field> {
    let attribute = attributes(cursor);
    visibility(cursor);
    let name = cursor.take_ident()?;
    cursor.take_punct(':');
    let whole = until(cursor, End::Comma);
    cursor.take_punct(',');
    let option = inner_of_option(whole.clone());
    let optional = !option.is_empty();
    let variable = plain(&name.to_string()).to_ascii_uppercase();
    let span = name.span();
    let inner = if optional { option } else { whole };
    let mut field = Field { name, variable, span, default: None, inner, optional };
    if let Some(attribute) = attribute
        && let Err(mistake) = read_attribute(&mut field, attribute)
    {
        mistakes.extend(mistake.error());
    }
    if optional && field.default.is_some() {
        let message = "an `Option` with a default is never `None`: remove one of them";
        mistakes.extend(Mistake::new(message, field.span).error());
    }
    Some(field)
}

const EXPECTED: &str =
    "expected `#[secret(\"NAME\")]`, `#[secret(\"NAME\", default = \"…\")]` or `#[secret(default = \"…\")]`";

/// Reads `"NAME"`, `"NAME", default = "…"` or `default = "…"`.
fn read_attribute(field: &mut Field, mut cursor: Cursor) -> Result<(), Mistake> {
    let span = cursor.span();
    if cursor.is_empty() {
        return Err(Mistake::new(EXPECTED, span));
    }
    if let Some(name) = cursor.take_string() {
        field.variable = name;
        field.span = span;
        cursor.comma()?;
    }
    if cursor.is_empty() {
        return Ok(());
    }
    let span = cursor.span();
    let key = cursor.take_word().unwrap_or_default();
    if key != "default" || !cursor.take_punct('=') {
        return Err(Mistake::new(EXPECTED, span));
    }
    field.default = match cursor.take_string() {
        Some(text) => Some(text),
        None => number(&mut cursor),
    };
    if field.default.is_none() || !(cursor.is_empty() || cursor.take_punct(',') && cursor.is_empty()) {
        return Err(Mistake::new(EXPECTED, span));
    }
    Ok(())
}

/// A default that is not written as a text: `8080`, `-1`, `true`.
fn number(cursor: &mut Cursor) -> Option<String> {
    let sign = if cursor.take_punct('-') { "-" } else { "" };
    let text = match cursor.next()? {
        TokenTree::Literal(literal) => literal.to_string(),
        TokenTree::Ident(ident) => ident.to_string(),
        _ => return None,
    };
    let mut at = 0;
    while byte(&text, at).is_ascii_alphanumeric() || matches!(byte(&text, at), b'.' | b'_') {
        at += 1;
    }
    if at == text.len() { Some(join(&[sign, &text])) } else { None }
}

/// What is in an `Option`, however its path is written; empty for all else.
fn inner_of_option(whole: TokenStream) -> TokenStream {
    let mut cursor = Cursor::new(whole, Span::call_site());
    let mut last = String::new();
    while !cursor.is_punct('<') {
        match cursor.next() {
            Some(TokenTree::Ident(ident)) => last = ident.to_string(),
            Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => {}
            _ => return TokenStream::new(),
        }
    }
    cursor.next();
    let inner = until(&mut cursor, End::Close);
    let whole = cursor.take_punct('>') && cursor.is_empty();
    if last == "Option" && whole { inner } else { TokenStream::new() }
}
