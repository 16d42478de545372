//! `secret!("NAME")`: reads a declared variable at run time.
//!
//! **The expansion has its type whether or not the name is declared**, so that a mistake is one error. **Neither the value nor
//! what a parser says about it gets into an error**: a parser may repeat what it was given.

use proc_macro::{Literal, Span, TokenStream, TokenTree};

use crate::declared::Declarations;
use crate::diagnostic::shown;
use crate::nearest::nearest;
use crate::tokens::{Cursor, Mistake, code, fill, quoted};
use crate::track::track;

/// The error of one `secret!` or one struct: what it displays is all there is to it.
///
/// `main` shows an error's `Debug`, so that is the same text.
const ERROR: &str = "
    struct __SecretError(::std::string::String);
    impl ::std::fmt::Display for __SecretError {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(&self.0) }
    }
    impl ::std::fmt::Debug for __SecretError {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(&self.0) }
    }
    impl ::std::error::Error for __SecretError {}
";

/// The type of every error that is handed out.
pub(crate) const BOXED: &str = "::std::boxed::Box<dyn ::std::error::Error + ::std::marker::Send + ::std::marker::Sync>";

/// How to run a program that misses a variable.
pub(crate) const RUN: &str = "start the program with `cargo secrets run -- …`, or set it otherwise";

/// The declaration of the error type, for the head of a block.
pub(crate) fn error_type() -> &'static str {
    ERROR
}

/// Expands `secret!("NAME")` and `secret!("NAME", as Type)`.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let (name, literal, target) = match parse(tokens) {
        Ok(parts) => parts,
        // An expression of no type in particular, which goes with any.
        Err(mistake) => return mistake.error(),
    };
    let declarations = Declarations::current();
    let mut head = track(&declarations);
    if let Some(mistake) = undeclared(&name, literal.span(), &declarations) {
        head.extend(mistake.error());
    }
    block(head, read(&name, target))
}

fn block(head: TokenStream, body: TokenStream) -> TokenStream {
    fill(code("{ __HEAD __BODY }"), &[("__HEAD", head), ("__BODY", body)])
}

type Parts = (String, Literal, Option<TokenStream>);

fn parse(tokens: TokenStream) -> Result<Parts, Mistake> {
    let mut cursor = Cursor::new(tokens, Span::call_site());
    let Some((name, literal)) = cursor.take_string() else {
        return Err(Mistake::new("expected the name of a declared variable, `secret!(\"NAME\")`", cursor.span()));
    };
    if cursor.is_empty() || (cursor.take_punct(',') && cursor.is_empty()) {
        return Ok((name, literal, None));
    }
    if !cursor.is_word("as") {
        return Err(Mistake::new("expected `, as Type`", cursor.span()));
    }
    cursor.next();
    let mut target = Vec::from_iter(cursor.rest());
    if matches!(target.last(), Some(TokenTree::Punct(comma)) if comma.as_char() == ',') {
        target.pop();
    }
    if target.is_empty() {
        return Err(Mistake::new("expected a type", Span::call_site()));
    }
    Ok((name, literal, Some(TokenStream::from_iter(target))))
}

/// What is wrong with `name`, if something is.
pub(crate) fn undeclared(name: &str, span: Span, declarations: &Declarations) -> Option<Mistake> {
    if !is_name(name) {
        let message = "this is not a variable name: letters, digits and `_`, not starting with a digit";
        return Some(Mistake::new(message, span));
    }
    if declarations.declares(name) {
        return None;
    }
    let mut message = ["secret `", name, "` is not declared in ", declarations.table, " of Cargo.toml"].concat();
    if let Some(near) = nearest(name, &declarations.names()) {
        message.push_str(&["; did you mean `", &shown(near), "`?"].concat());
    } else {
        message.push_str(&["; `cargo secrets set ", name, "` declares it and asks for its value"].concat());
    }
    Some(Mistake { message, span })
}

/// Whether `text` is the name of a variable (POSIX.1-2017, XBD 8.1).
fn is_name(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(word) && !text.starts_with(|letter: char| letter.is_ascii_digit()) && !text.is_empty()
}

/// The expression that reads the variable.
fn read(name: &str, target: Option<TokenStream>) -> TokenStream {
    let mut text = String::from(ERROR);
    text.push_str("::std::result::Result::map_err(");
    if target.is_some() {
        text.push_str("::std::result::Result::and_then(");
    }
    text.push_str("::std::result::Result::map_err(::std::env::var(");
    text.push_str(&quoted(name));
    text.push_str("), |error| match error { ::std::env::VarError::NotPresent => ");
    text.push_str(&quoted(&["`", name, "` is not set: ", RUN].concat()));
    text.push_str(", ::std::env::VarError::NotUnicode(_) => ");
    text.push_str(&quoted(&["`", name, "` is not Unicode"].concat()));
    text.push_str("})");
    if let Some(target) = &target {
        text.push_str(", |text| match <__TYPE as ::std::str::FromStr>::from_str(&text) {");
        text.push_str("::std::result::Result::Ok(value) => ::std::result::Result::Ok(value),");
        text.push_str("::std::result::Result::Err(_) => ::std::result::Result::Err(");
        text.push_str(&quoted(&["`", name, "` is not a valid `", &type_name(target), "`"].concat()));
        text.push_str(")})");
    }
    text.push_str(", |text: &'static str| -> ");
    text.push_str(BOXED);
    text.push_str("{ ::std::boxed::Box::new(__SecretError(::std::string::String::from(text))) })");
    fill(code(&text), &[("__TYPE", target.unwrap_or_default())])
}

/// A type as one would write it.
pub(crate) fn type_name(tokens: &TokenStream) -> String {
    let mut name = String::new();
    for part in tokens.to_string().split_whitespace() {
        let word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        if word(name.chars().next_back()) && word(part.chars().next()) {
            name.push(' ');
        }
        name.push_str(part);
    }
    name
}
