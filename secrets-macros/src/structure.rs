//! The struct that `#[derive(Secrets)]` stands on, read without a parser crate.
//!
//! The compiler has parsed it already, so this reads well-formed items only.

use proc_macro::{Delimiter, Ident, Span, TokenStream, TokenTree};

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
    /// What is wrong with the attributes of fields.
    pub(crate) mistakes: Vec<Mistake>,
}

/// A field, and the variable that fills it.
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: Ident,
    /// The variable, and where it is named.
    pub(crate) variable: (String, Span),
    /// The text that is used where the variable is not set.
    pub(crate) default: Option<String>,
    /// Its type; of an `Option` what is in it.
    pub(crate) inner: TokenStream,
    /// Whether the type is an `Option`.
    pub(crate) optional: bool,
}

/// Reads the item.
pub(crate) fn parse(item: TokenStream) -> Result<Structure, Mistake> {
    let mut cursor = Cursor::new(item, Span::call_site());
    attributes(&mut cursor);
    let visibility = visibility(&mut cursor);
    let keyword = cursor.take_ident();
    let span = keyword.as_ref().map_or_else(Span::call_site, Ident::span);
    if keyword.is_none_or(|keyword| keyword.to_string() != "struct") {
        return Err(Mistake::new("`Secrets` can be derived for structs only", span));
    }
    let Some(name) = cursor.take_ident() else { return Err(Mistake::new("expected a name", cursor.span())) };
    let (parameters, arguments) = generics(&mut cursor);
    let bounds = until(
        &mut cursor,
        |cursor| matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace),
    );
    let Some(body) = cursor.take_group(Delimiter::Brace) else {
        return Err(Mistake::new("`Secrets` needs a struct with named fields", name.span()));
    };
    let mut mistakes = Vec::new();
    let fields = fields(&mut Cursor::new(body.stream(), body.span_close()), &mut mistakes);
    Ok(Structure { visibility, name, parameters, arguments, bounds, fields, mistakes })
}

/// Passes attributes, and hands out the arguments of those that are called `secret`.
fn attributes(cursor: &mut Cursor) -> Vec<(TokenStream, Span)> {
    let mut found = Vec::new();
    while cursor.take_punct('#') {
        let Some(group) = cursor.take_group(Delimiter::Bracket) else { return found };
        let mut inner = Cursor::new(group.stream(), group.span_close());
        if inner.is_word("secret") {
            inner.next();
            let span = inner.span();
            let arguments = inner.take_group(Delimiter::Parenthesis).map(|group| group.stream());
            found.push((arguments.unwrap_or_default(), span));
        }
    }
    found
}

fn visibility(cursor: &mut Cursor) -> TokenStream {
    let mut tokens = TokenStream::new();
    if cursor.is_word("pub") {
        tokens.extend(cursor.next());
        if let Some(group) = cursor.take_group(Delimiter::Parenthesis) {
            tokens.extend([TokenTree::Group(group)]);
        }
    }
    tokens
}

/// The tokens before the first at which `end` holds. `<` and `>` are counted, `->` and `=>` are not among them.
fn until(cursor: &mut Cursor, end: fn(&Cursor) -> bool) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut depth = 0_usize;
    let mut arrow = false;
    while !cursor.is_empty() && (depth > 0 || !end(cursor)) {
        if cursor.is_punct('<') {
            depth += 1;
        } else if cursor.is_punct('>') && !arrow {
            if depth == 0 {
                break;
            }
            depth -= 1;
        }
        arrow = cursor.is_punct('-') || cursor.is_punct('=');
        tokens.extend(cursor.next());
    }
    tokens
}

/// Reads `<…>`: the parameters without their defaults, and the arguments that name them.
fn generics(cursor: &mut Cursor) -> (TokenStream, TokenStream) {
    let (mut parameters, mut arguments) = (TokenStream::new(), TokenStream::new());
    if !cursor.take_punct('<') {
        return (parameters, arguments);
    }
    while !cursor.is_empty() && !cursor.take_punct('>') {
        attributes(cursor);
        let parameter = until(cursor, |cursor| cursor.is_punct(',') || cursor.is_punct('='));
        if cursor.is_punct('=') {
            until(cursor, |cursor| cursor.is_punct(','));
        }
        arguments.extend(argument(parameter.clone()));
        parameters.extend(parameter);
        if cursor.is_punct(',') {
            arguments.extend(cursor.peek().cloned());
            parameters.extend(cursor.next());
        }
    }
    (parameters, arguments)
}

/// The name of a parameter: `'a`, `T`, or the `N` of `const N: usize`.
fn argument(parameter: TokenStream) -> TokenStream {
    let mut cursor = Cursor::new(parameter, Span::call_site());
    let mut tokens = TokenStream::new();
    if cursor.is_word("const") {
        cursor.next();
    }
    if cursor.is_punct('\'') {
        tokens.extend(cursor.next());
    }
    tokens.extend(cursor.next());
    tokens
}

fn fields(cursor: &mut Cursor, mistakes: &mut Vec<Mistake>) -> Vec<Field> {
    let mut fields = Vec::new();
    while !cursor.is_empty() {
        let attributes = attributes(cursor);
        visibility(cursor);
        let Some(name) = cursor.take_ident() else { return fields };
        cursor.take_punct(':');
        let whole = until(cursor, |cursor| cursor.is_punct(','));
        cursor.take_punct(',');
        let inner = inner_of_option(whole.clone());
        let optional = inner.is_some();
        let usual = (upper_case(&name.to_string()), name.span());
        let mut field = Field { name, variable: usual, default: None, inner: inner.unwrap_or(whole), optional };
        for (arguments, span) in attributes {
            mistakes.extend(attribute(&mut field, arguments, span).err());
        }
        if optional && field.default.is_some() {
            let message = "an `Option` with a default is never `None`: remove one of them";
            mistakes.push(Mistake::new(message, field.variable.1));
        }
        fields.push(field);
    }
    fields
}

/// Reads `"NAME"`, `"NAME", default = "…"` or `default = "…"`.
fn attribute(field: &mut Field, arguments: TokenStream, span: Span) -> Result<(), Mistake> {
    const EXPECTED: &str =
        "expected `#[secret(\"NAME\")]`, `#[secret(\"NAME\", default = \"…\")]` or `#[secret(default = \"…\")]`";
    let mut cursor = Cursor::new(arguments, span);
    if cursor.is_empty() {
        return Err(Mistake::new(EXPECTED, span));
    }
    if let Some((name, literal)) = cursor.take_string() {
        field.variable = (name, literal.span());
        if !cursor.is_empty() && !cursor.take_punct(',') {
            return Err(Mistake::new(EXPECTED, cursor.span()));
        }
    }
    while !cursor.is_empty() {
        if !cursor.is_word("default") {
            return Err(Mistake::new(EXPECTED, cursor.span()));
        }
        cursor.next();
        let equals = cursor.take_punct('=');
        let default = cursor.take_string().map(|(text, _)| text).or_else(|| number(&mut cursor));
        if !equals || default.is_none() {
            return Err(Mistake::new(EXPECTED, cursor.span()));
        }
        field.default = default;
        if !cursor.is_empty() && !cursor.take_punct(',') {
            return Err(Mistake::new(EXPECTED, cursor.span()));
        }
    }
    Ok(())
}

/// A default that is not written as a text: `8080`, `-1`, `true`.
fn number(cursor: &mut Cursor) -> Option<String> {
    let minus = cursor.take_punct('-');
    let token = cursor.next()?;
    let text = match token {
        TokenTree::Literal(literal) => literal.to_string(),
        TokenTree::Ident(ident) if !minus => ident.to_string(),
        _ => return None,
    };
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
    plain.then(|| if minus { ["-", &text].concat() } else { text })
}

/// What is in an `Option`, however its path is written.
fn inner_of_option(whole: TokenStream) -> Option<TokenStream> {
    let mut cursor = Cursor::new(whole, Span::call_site());
    let mut last = String::new();
    while !cursor.is_punct('<') {
        match cursor.next()? {
            TokenTree::Ident(ident) => last = ident.to_string(),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            _ => return None,
        }
    }
    cursor.next();
    let inner = until(&mut cursor, |_| false);
    let closed = cursor.take_punct('>') && cursor.is_empty();
    (last == "Option" && closed && !inner.is_empty()).then_some(inner)
}

/// `database_url` as `DATABASE_URL`.
fn upper_case(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_ascii_uppercase()
}
