//! `#[derive(Secrets)]`: `from_env()`, which fills a struct from declared variables, and a `Debug` that shows no value.
//!
//! **Everything that is missing or invalid is told at once, by name**; values are not. A field's type is filled by its
//! `FromStr`, else by its `From<String>`: method resolution picks the first that there is.

use proc_macro::{TokenStream, TokenTree};

use crate::declared::Declarations;
use crate::secret::{BOXED, ERROR, RUN, type_name, undeclared};
use crate::structure::{Field, Structure, parse};
use crate::text::join;
use crate::tokens::{Cursor, code, fill, quoted};
use crate::track::track;

/// How a text becomes a value: the call is on two references, so `FromStr` is looked for first, then `From<String>`; the last
/// one fits all types and has rustc say that `FromStr` is missing.
const CONVERSION: &str = "
    struct __SecretsField<T>(::std::marker::PhantomData<T>);
    trait __SecretsParse<T> { fn convert(&self, text: ::std::string::String) -> ::std::option::Option<T>; }
    impl<T: ::std::str::FromStr> __SecretsParse<T> for &&__SecretsField<T> {
        fn convert(&self, text: ::std::string::String) -> ::std::option::Option<T> {
            ::std::result::Result::ok(<T as ::std::str::FromStr>::from_str(&text))
        }
    }
    trait __SecretsTake<T> { fn convert(&self, text: ::std::string::String) -> ::std::option::Option<T>; }
    impl<T: ::std::convert::From<::std::string::String>> __SecretsTake<T> for &__SecretsField<T> {
        fn convert(&self, text: ::std::string::String) -> ::std::option::Option<T> {
            ::std::option::Option::Some(<T as ::std::convert::From<::std::string::String>>::from(text))
        }
    }
    trait __SecretsFail<T> {
        fn convert(&self, text: ::std::string::String) -> ::std::option::Option<T> where T: ::std::str::FromStr;
    }
    impl<T> __SecretsFail<T> for __SecretsField<T> {
        fn convert(&self, _: ::std::string::String) -> ::std::option::Option<T> where T: ::std::str::FromStr {
            ::std::option::Option::None
        }
    }
    struct __SecretsProblems { missing: ::std::vec::Vec<&'static str>, invalid: ::std::vec::Vec<&'static str> }
    fn __secrets_read(problems: &mut __SecretsProblems, name: &'static str, required: bool)
        -> ::std::option::Option<::std::string::String>
    {
        match ::std::env::var(name) {
            ::std::result::Result::Ok(text) => return ::std::option::Option::Some(text),
            ::std::result::Result::Err(::std::env::VarError::NotPresent) if required => problems.missing.push(name),
            ::std::result::Result::Err(::std::env::VarError::NotPresent) => {}
            ::std::result::Result::Err(_) => problems.invalid.push(name),
        }
        ::std::option::Option::None
    }
";

/// What joins the problems to one text.
const OUTCOME: &str = "
    if !problems.missing.is_empty() || !problems.invalid.is_empty() {
        let mut text = ::std::string::String::new();
        if !problems.missing.is_empty() {
            text.push_str(\"not set: `\");
            text.push_str(&problems.missing.join(\"`, `\"));
            text.push_str(__RUN);
        }
        if !problems.invalid.is_empty() {
            if !text.is_empty() { text.push_str(\"; \"); }
            text.push_str(\"not valid: \");
            text.push_str(&problems.invalid.join(\", \"));
        }
        return ::std::result::Result::Err(::std::boxed::Box::new(__SecretError(text)));
    }
";

/// The two implementations, and an error for each name that is not declared.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let structure = match parse(item) {
        Ok(structure) => structure,
        Err(mistake) => return mistake.error(),
    };
    let mut declarations = Declarations::current();
    let mut output = structure.mistakes.clone();
    for field in &structure.fields {
        if let Some(mistake) = undeclared(&field.variable, field.span, &mut declarations) {
            output.extend(mistake.error());
        }
    }
    output.extend(track(&declarations));
    output.extend(from_env(&structure));
    output.extend(debug(&structure));
    output
}

/// `template` with the struct's own tokens in its holes.
fn with_struct(template: &str, structure: &Structure, body: TokenStream) -> TokenStream {
    let holes = [
        ("__VIS", structure.visibility.clone()),
        ("__NAME", TokenStream::from(TokenTree::Ident(structure.name.clone()))),
        ("__PARAMETERS", structure.parameters.clone()),
        ("__ARGUMENTS", structure.arguments.clone()),
        ("__WHERE", structure.bounds.clone()),
        ("__BODY", body),
    ];
    fill(code(template), &holes)
}

fn from_env(structure: &Structure) -> TokenStream {
    let start = [
        ERROR,
        CONVERSION,
        "let mut problems = __SecretsProblems { missing: ::std::vec::Vec::new(), invalid: ::std::vec::Vec::new() };",
    ];
    let mut body = code(&join(&start));
    let (mut locals, mut some, mut inits) = (String::new(), String::new(), String::new());
    for (index, field) in (0_usize..).zip(&structure.fields) {
        let local = join(&["__field", &index.to_string()]);
        body.extend(read(field, &local));
        inits.push_str(&join(&[&field.name.to_string(), ": ", &local, ","]));
        if !field.optional {
            locals.push_str(&join(&[&local, ","]));
            some.push_str(&join(&["::std::option::Option::Some(", &local, "),"]));
        }
    }
    let run = quoted(&join(&["`: ", RUN]));
    body.extend(fill(code(OUTCOME), &[("__RUN", code(&run))]));
    let ok = join(&["::std::result::Result::Ok(Self {", &inits, "})"]);
    body.extend(code(&if locals.is_empty() {
        ok
    } else {
        // What misses a value was told above.
        let none = "::std::result::Result::Err(::std::boxed::Box::new(__SecretError(::std::string::String::new())))";
        join(&["match (", &locals, ") { (", &some, ") => ", &ok, ", _ => ", none, "}"])
    }));
    let template = [
        "#[automatically_derived] impl<__PARAMETERS> __NAME<__ARGUMENTS> __WHERE {
            /// Reads every field's variable.
            ///
            /// # Errors
            ///
            /// Where variables are not set or not valid: the error names all of them, and no value.
            __VIS fn from_env() -> ::std::result::Result<Self, ",
        BOXED,
        "> { __BODY } }",
    ];
    with_struct(&join(&template), structure, body)
}

/// Reads one variable into the local variable `local`, an `Option` in any case.
fn read(field: &Field, local: &str) -> TokenStream {
    let required = if field.optional || field.default.is_some() { "false" } else { "true" };
    let default = match &field.default {
        Some(text) => quoted(text),
        None => String::new(),
    };
    let or_default = [".or_else(|| ::std::option::Option::Some(::std::string::String::from(", &default, ")))"];
    let or_default = if field.default.is_some() { join(&or_default) } else { String::new() };
    let problem = quoted(&join(&["`", &field.variable, "` as `", &type_name(&field.inner), "`"]));
    let text = [
        "let ",
        local,
        ": ::std::option::Option<__TYPE> = match __secrets_read(&mut problems, ",
        &quoted(&field.variable),
        ", ",
        required,
        ")",
        &or_default,
        " { ::std::option::Option::None => ::std::option::Option::None, ::std::option::Option::Some(text) => {
            let value = (&&&__SecretsField::<__TYPE>(::std::marker::PhantomData)).__CONVERT(text);
            if value.is_none() { problems.invalid.push(",
        &problem,
        "); } value } };",
    ];
    // An error about the type points to the type.
    let span = Cursor::new(field.inner.clone(), proc_macro::Span::call_site()).span();
    let convert = TokenStream::from(TokenTree::Ident(proc_macro::Ident::new("convert", span)));
    fill(code(&join(&text)), &[("__TYPE", field.inner.clone()), ("__CONVERT", convert)])
}

fn debug(structure: &Structure) -> TokenStream {
    let mut body = join(&["f.debug_struct(", &quoted(plain(&structure.name.to_string())), ")"]);
    for field in &structure.fields {
        let name = quoted(plain(&field.name.to_string()));
        body.push_str(&join(&[".field(", &name, ", &::std::format_args!(\"[redacted]\"))"]));
    }
    body.push_str(".finish()");
    let template = "#[automatically_derived] impl<__PARAMETERS> ::std::fmt::Debug for __NAME<__ARGUMENTS> __WHERE {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { __BODY } }";
    with_struct(template, structure, code(&body))
}

/// A name without the mark of a raw identifier.
pub(crate) fn plain(name: &str) -> &str {
    if name.starts_with("r#") { crate::text::part(name, 2, name.len()) } else { name }
}
