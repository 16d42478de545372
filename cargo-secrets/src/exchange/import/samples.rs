//! One of each error of an import, for the file of all messages.

use super::error::{Disagreement, Error, Fault, Trouble};

/// The errors of an import.
pub(crate) fn errors() -> Vec<Error> {
    let input = || ".env".to_owned();
    let lines = |faults: &[(&str, Trouble)]| {
        let fault = |(index, (name, why)): (usize, &(&str, Trouble))| Fault {
            line: index + 1,
            name: (*name).to_owned(),
            why: why.clone(),
        };
        Error::Lines { input: input(), faults: faults.iter().enumerate().map(fault).collect() }
    };
    let readings = || {
        let each = [("dotenvy", Trouble::Outside), ("docker", Trouble::Dollar), ("bash", Trouble::Runs)];
        let readings = each.map(|(dialect, why)| (dialect, why.to_string())).into();
        vec![Disagreement { line: 3, name: "API_KEY".to_owned(), readings }]
    };
    vec![
        lines(&[
            ("", Trouble::NoAssignment),
            ("A", Trouble::Open),
            ("B", Trouble::Behind),
            ("C", Trouble::Escape),
            ("D", Trouble::Operator),
            ("A", Trouble::Twice(2)),
            ("E", Trouble::Session),
            ("F", Trouble::Nul),
            ("G", Trouble::Nested),
            ("H", Trouble::Null),
            ("", Trouble::NoMapping),
            ("I", Trouble::Anchor),
            ("", Trouble::Documents),
            ("J", Trouble::LineBreak),
        ]),
        lines(&[
            ("A", Trouble::Elsewhere),
            ("B", Trouble::Missing),
            ("C", Trouble::Undeclared),
            ("D", Trouble::Again),
            ("E", Trouble::Damaged),
            ("F", Trouble::WrongKey),
        ]),
        lines(&[
            ("", Trouble::NoMapping),
            ("", Trouble::Anchor),
            ("", Trouble::Documents),
            ("", Trouble::LineBreak),
            ("A", Trouble::Again),
            ("B", Trouble::Elsewhere),
            ("C", Trouble::Missing),
            ("D", Trouble::Undeclared),
            ("E", Trouble::Damaged),
            ("F", Trouble::WrongKey),
        ]),
        lines(&[("A", Trouble::Dollar), ("B", Trouble::Outside), ("C", Trouble::Runs), ("D", Trouble::Expands)]),
        lines(&[("", Trouble::Continued)]),
        lines(&[("", Trouble::Tail)]),
        Error::Disagreement { input: input(), lines: readings() },
        Error::NoDialect { input: input(), lines: readings() },
        Error::NotText { input: input(), line: 3 },
        Error::Json { input: "secrets.json".to_owned(), line: 3, column: 5 },
        Error::Yaml { input: "secrets.yaml".to_owned(), line: 3, column: 5 },
        Error::Toml { input: "fnox.toml".to_owned(), line: 3 },
        Error::Locked { input: "fnox.toml".to_owned() },
        Error::NoKey { input: input(), name: "DOTENV_PRIVATE_KEY".into() },
        Error::Outside { input: input(), real: "/home/you/private.env".into() },
        Error::Outside { input: ".env.keys".to_owned(), real: "/home/you/other/.env.keys".into() },
        Error::NeedsPath,
    ]
}
