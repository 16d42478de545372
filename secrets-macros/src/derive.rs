//! `#[derive(Secrets)]`: `from_env()`, which fills a struct from declared variables, and a `Debug` that shows no value.
//!
//! **Everything that is missing or invalid is told at once, by name**; values are not. A field's type is filled by its
//! `FromStr`, else by its `From<String>`: method resolution picks the first that there is.

use proc_macro::{TokenStream, TokenTree};

use crate::declared::Declarations;
use crate::secret::{self, BOXED, RUN, type_name, undeclared};
use crate::structure::{Field, Structure, parse};
use crate::tokens::{code, fill, quoted};
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
    let declarations = Declarations::current();
    let mut output = track(&declarations);
    for mistake in &structure.mistakes {
        output.extend(mistake.error());
    }
    for field in &structure.fields {
        if let Some(mistake) = undeclared(&field.variable.0, field.variable.1, &declarations) {
            output.extend(mistake.error());
        }
    }
    output.extend(from_env(&structure));
    output.extend(debug(&structure));
    output
}

fn one(token: impl Into<TokenTree>) -> TokenStream {
    TokenStream::from(token.into())
}

/// `template` with the struct's own tokens in its holes.
fn with_struct(template: &str, structure: &Structure, body: TokenStream) -> TokenStream {
    let holes = [
        ("__VIS", structure.visibility.clone()),
        ("__NAME", one(structure.name.clone())),
        ("__PARAMETERS", structure.parameters.clone()),
        ("__ARGUMENTS", structure.arguments.clone()),
        ("__WHERE", structure.bounds.clone()),
        ("__BODY", body),
    ];
    fill(code(template), &holes)
}

fn from_env(structure: &Structure) -> TokenStream {
    let mut body = code(secret::error_type());
    body.extend(code(CONVERSION));
    body.extend(code(
        "let mut problems = __SecretsProblems { missing: ::std::vec::Vec::new(), invalid: ::std::vec::Vec::new() };",
    ));
    let mut inits = TokenStream::new();
    for (index, field) in structure.fields.iter().enumerate() {
        let local = ["__field", &index.to_string()].concat();
        body.extend(read(field, &local));
        inits.extend(one(field.name.clone()));
        inits.extend(code(&[": ", &local, ","].concat()));
    }
    let run = quoted(&["`: ", RUN].concat());
    body.extend(fill(code(OUTCOME), &[("__RUN", code(&run))]));
    body.extend(outcome(structure, inits));
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
    with_struct(&template.concat(), structure, body)
}

/// Reads one variable into the local variable `local`, an `Option` in any case.
fn read(field: &Field, local: &str) -> TokenStream {
    let name = quoted(&field.variable.0);
    let required = !field.optional && field.default.is_none();
    let mut text =
        ["let ", local, ": ::std::option::Option<__TYPE> = match __secrets_read(&mut problems, ", &name].concat();
    text.push_str(if required { ", true)" } else { ", false)" });
    if let Some(default) = &field.default {
        text.push_str(".or_else(|| ::std::option::Option::Some(::std::string::String::from(");
        text.push_str(&quoted(default));
        text.push_str(")))");
    }
    text.push_str("{ ::std::option::Option::Some(text) => {");
    text.push_str("let value = (&&&__SecretsField::<__TYPE>(::std::marker::PhantomData)).__CONVERT(text);");
    text.push_str("if value.is_none() { problems.invalid.push(");
    text.push_str(&quoted(&["`", &field.variable.0, "` as `", &type_name(&field.inner), "`"].concat()));
    text.push_str("); } value } ::std::option::Option::None => ::std::option::Option::None };");
    let span = field.inner.clone().into_iter().next().map_or_else(proc_macro::Span::call_site, |token| token.span());
    let convert = one(proc_macro::Ident::new("convert", span));
    fill(code(&text), &[("__TYPE", field.inner.clone()), ("__CONVERT", convert)])
}

/// The struct, once every field that must have a value has one.
fn outcome(structure: &Structure, inits: TokenStream) -> TokenStream {
    let (mut some, mut locals) = (String::new(), String::new());
    for (index, field) in structure.fields.iter().enumerate() {
        if !field.optional {
            let local = ["__field", &index.to_string(), ","].concat();
            some.push_str(&["::std::option::Option::Some(__field", &index.to_string(), "),"].concat());
            locals.push_str(&local);
        }
    }
    let ok = "::std::result::Result::Ok(Self { __INITS })";
    let text = if locals.is_empty() {
        ok.to_owned()
    } else {
        // What misses a value was told above.
        let none = "::std::result::Result::Err(::std::boxed::Box::new(__SecretError(::std::string::String::new())))";
        ["match (", &locals, ") { (", &some, ") => ", ok, ", _ => ", none, "}"].concat()
    };
    fill(code(&text), &[("__INITS", inits)])
}

fn debug(structure: &Structure) -> TokenStream {
    let mut body = String::from("f.debug_struct(");
    body.push_str(&quoted(plain(&structure.name.to_string())));
    body.push(')');
    for field in &structure.fields {
        let name = quoted(plain(&field.name.to_string()));
        body.push_str(&[".field(", &name, ", &::std::format_args!(\"[redacted]\"))"].concat());
    }
    body.push_str(".finish()");
    let template = "#[automatically_derived] impl<__PARAMETERS> ::std::fmt::Debug for __NAME<__ARGUMENTS> __WHERE {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { __BODY } }";
    with_struct(template, structure, code(&body))
}

fn plain(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}
