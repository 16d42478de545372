//! `secret!("NAME")`: reads a declared variable at run time.
//!
//! **The expansion has its type whether or not the name is declared**, so that a mistake is one error. **Neither the value nor
//! what a parser says about it gets into an error**: a parser may repeat what it was given.

use proc_macro::{Span, TokenStream, TokenTree};

use crate::declared::Declarations;
use crate::diagnostic::shown;
use crate::nearest::Nearest;
use crate::text::{byte, is_word, join};
use crate::tokens::{Cursor, Mistake, code, fill, quoted};
use crate::track::track;

/// The error of one `secret!` or one struct, for the head of a block: what it displays is all there is to it.
///
/// `main` shows an error's `Debug`, so that is the same text.
pub(crate) const ERROR: &str = "
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

/// The expression that reads a variable.
const READ: &str = "
    match ::std::env::var(__NAME) {
        ::std::result::Result::Ok(text) => __CONVERT,
        ::std::result::Result::Err(::std::env::VarError::NotPresent) => ::std::result::Result::Err(__NOT_SET),
        ::std::result::Result::Err(::std::env::VarError::NotUnicode(_)) => ::std::result::Result::Err(__NOT_UNICODE),
    }
";

/// What becomes of a text that is to be something else.
const PARSE: &str = "
    match <__TYPE as ::std::str::FromStr>::from_str(&text) {
        ::std::result::Result::Ok(value) => ::std::result::Result::Ok(value),
        ::std::result::Result::Err(_) => ::std::result::Result::Err(__NOT_VALID),
    }
";

/// What is asked for.
struct Request {
    name: String,
    span: Span,
    target: TokenStream,
}

/// Expands `secret!("NAME")` and `secret!("NAME", as Type)`.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let request = match parse(tokens) {
        Ok(request) => request,
        // An expression of no type in particular, which goes with any.
        Err(mistake) => return mistake.error(),
    };
    let mut declarations = Declarations::current();
    let mut block = TokenStream::new();
    if let Some(mistake) = undeclared(&request.name, request.span, &mut declarations) {
        block.extend(mistake.error());
    }
    block.extend(track(&declarations));
    block.extend(read(&request));
    fill(code("{ __BLOCK }"), &[("__BLOCK", block)])
}

fn parse(tokens: TokenStream) -> Result<Request, Mistake> {
    let mut cursor = Cursor::new(tokens, Span::call_site());
    let span = cursor.span();
    let Some(name) = cursor.take_string() else {
        return Err(Mistake::new("expected the name of a declared variable, `secret!(\"NAME\")`", span));
    };
    let mut target = TokenStream::new();
    cursor.comma()?;
    if !cursor.is_empty() {
        if !cursor.is_word("as") {
            return Err(Mistake::new("expected `as Type`", cursor.span()));
        }
        cursor.next();
        while let Some(token) = cursor.next() {
            let last_comma = cursor.is_empty() && matches!(&token, TokenTree::Punct(comma) if comma.as_char() == ',');
            if !last_comma {
                target.extend(TokenStream::from(token));
            }
        }
        if target.is_empty() {
            return Err(Mistake::new("expected a type", Span::call_site()));
        }
    }
    Ok(Request { name, span, target })
}

/// What is wrong with `name`, if something is.
pub(crate) fn undeclared(name: &str, span: Span, declarations: &mut Declarations) -> Option<Mistake> {
    if !is_name(name) {
        let message = "this is not a variable name: letters, digits and `_`, not starting with a digit";
        return Some(Mistake::new(message, span));
    }
    if declarations.declares(name) {
        return None;
    }
    let mut nearest = Nearest::to(name);
    for name in &declarations.names {
        nearest.offer(name);
    }
    let near = shown(nearest.found());
    let help = if near.is_empty() {
        join(&["; `cargo secrets set ", name, "` declares it and asks for its value"])
    } else {
        join(&["; did you mean `", &near, "`?"])
    };
    let message = join(&["secret `", name, "` is not declared in ", declarations.table(), " of Cargo.toml", &help]);
    Some(Mistake { message, span })
}

/// Whether `text` is the name of a variable (POSIX.1-2017, XBD 8.1).
fn is_name(text: &str) -> bool {
    let mut at = 0;
    while at < text.len() {
        if !is_word(byte(text, at)) || byte(text, at) >= 0x80 {
            return false;
        }
        at += 1;
    }
    at > 0 && !byte(text, 0).is_ascii_digit()
}

/// The statements that read the variable.
fn read(request: &Request) -> TokenStream {
    let name = &request.name;
    let convert = if request.target.is_empty() {
        code("::std::result::Result::Ok(text)")
    } else {
        let not_valid = join(&["`", name, "` is not a valid `", &type_name(&request.target), "`"]);
        fill(code(PARSE), &[("__TYPE", request.target.clone()), ("__NOT_VALID", failure(&not_valid))])
    };
    let holes = [
        ("__NAME", code(&quoted(name))),
        ("__CONVERT", convert),
        ("__NOT_SET", failure(&join(&["`", name, "` is not set: ", RUN]))),
        ("__NOT_UNICODE", failure(&join(&["`", name, "` is not Unicode"]))),
    ];
    let target = if request.target.is_empty() { code("::std::string::String") } else { request.target.clone() };
    let types = [("__TARGET", target), ("__READ", fill(code(READ), &holes))];
    let template = [ERROR, "let read: ::std::result::Result<__TARGET, ", BOXED, "> = __READ; read"];
    fill(code(&join(&template)), &types)
}

/// The error that says `text`.
fn failure(text: &str) -> TokenStream {
    code(&join(&["::std::boxed::Box::new(__SecretError(::std::string::String::from(", &quoted(text), ")))"]))
}

/// A type as one would write it.
pub(crate) fn type_name(tokens: &TokenStream) -> String {
    let text = tokens.to_string();
    let mut name = String::new();
    let mut blank = false;
    for letter in text.chars() {
        if letter.is_whitespace() {
            blank = true;
            continue;
        }
        // Only between words does a blank mean something.
        if blank && name.ends_with(is_letter) && is_letter(letter) {
            name.push(' ');
        }
        blank = false;
        name.push(letter);
    }
    name
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
