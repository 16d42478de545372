//! What the reader finds, in both of its ways, and what it refuses.

use super::*;

fn shape(text: &str) -> Result<String, FormatError> {
    fn show(items: &[Item<'_>]) -> String {
        let each = items.iter().map(|item| match &item.node {
            Node::Map(items) => format!("{}:{{{}}}", item.key, show(items)),
            Node::List(items) => format!("{}:[{}]", item.key, show(items)),
            Node::Text(text) => format!("{}={text:?}", item.key),
            Node::Typed { counted, .. } => format!("{}#{counted}", item.key),
            Node::Bool(value) => format!("{}?{value}", item.key),
            Node::Number(text) => format!("{}%{text}", item.key),
            Node::Null => format!("{}~", item.key),
            Node::Comment => format!("//{}", item.key.trim()),
        });
        each.collect::<Vec<_>>().join(" ")
    }
    tree(text, Comments::kept()).map(|items| show(&items))
}

#[test]
fn entries_lists_and_types_are_read_in_order() {
    let text = "a: ENC[x]\n'b': \"q\\n\"\nc: |\n  x\n  y\nd:\ne: ~\nf: 0x10\ng: True\nh: [1, two, {k: v}]\ni:\n- x\n- y: 1\n  z: 2\nj: {}\n";
    let expected = "a=\"ENC[x]\" b=\"q\\n\" c=\"x\\ny\\n\" d~ e~ f#16 g?true h:[#1 =\"two\" :{k=\"v\"}] i:[=\"x\" \
                    :{y#1 z#2}] j:{}";
    assert_eq!(shape(text).unwrap(), expected);
}

#[test]
fn comments_stand_where_sops_sees_them() {
    let text = "# top\na: 1 # beside a\n# above b\nb:\n    # above c\n    c: 2\n    # below c\n# above d\nd:\n    # above x\n    - x\n    - y # beside y\n\n# last\nsops: 1\n";
    let expected = "//top //beside a a#1 //above b b:{//above c c#2 //below c} //above d d:[//above x =\"x\" //beside y \
                    =\"y\"] //last sops#1";
    assert_eq!(shape(text).unwrap(), expected);
}

/// What both ways through `text` find: the same, to the places.
fn both_ways(text: &str) -> Result<usize, String> {
    let show = |tree: Result<Vec<Item<'_>>, FormatError>| {
        let items = tree.ok()?;
        Some(items.iter().map(|item| (item.key.to_string(), item.span.clone())).collect::<Vec<_>>())
    };
    let short = show(tree(text, Comments::ignored()));
    let whole = show(tree_after(Head::none(), text, Comments::ignored()));
    if short == whole { Ok(Head::of(text).items.len()) } else { Err(format!("{text:?}: {short:?}, not {whole:?}")) }
}

#[test]
fn the_short_way_finds_what_the_parser_finds() {
    let cases = [
        ("A: ENC[x]\nB: ENC[y]\nsops: 1\n", 2),
        ("A: ENC[x]\n\n# c\nB: ENC[y]\n'C': 1\n", 2),
        ("A: ENC[x]\nB: ENC[y]\n  more\nsops: 1\n", 1),
        ("A: ENC[x]\nB: ENC[y]\n\n  more\nsops: 1\n", 1),
        ("A: ENC[x]\nB: ENC[y]\n---\nsops: 1\n", 1),
        ("A: ENC[x]\nB: ENC[y]\n- x\n", 1),
        ("A: ENC[x]\nB: ENC[y]\n", 1),
        ("A: ENC[x]\nno: ENC[y]\nsops: 1\n", 1),
        ("A: ENC[x]\nnull: ENC[y]\nsops: 1\n", 1),
        ("A: ENC[x] # c\nB: ENC[y]\nsops: 1\n", 0),
        ("# a\rA: ENC[x]\nB: ENC[y]\nsops: 1\n", 0),
        ("A: ENC[x]\nA: ENC[y]\nsops: 1\n", 2),
        ("A: ENC[x]\nword\n", 1),
        (" A: ENC[x]\n B: ENC[y]\n", 0),
    ];
    for (text, expected) in cases {
        assert_eq!(both_ways(text), Ok(expected), "{text:?}");
    }
}

proptest::proptest! {
    #[test]
    fn the_short_way_finds_what_the_parser_finds_in_any_lines(
        lines in proptest::collection::vec(proptest::sample::select(LINES.to_vec()), 0..8)
    ) {
        proptest::prop_assert!(both_ways(&lines.concat()).is_ok(), "{:?}", both_ways(&lines.concat()));
    }
}

const LINES: [&str; 24] = [
    "A: ENC[x]\n",
    "B: ENC[y]\n",
    "C_1: ENC[AES256_GCM,data:+/=]\n",
    "# c\n",
    "\n",
    "  more\n",
    "  # c\n",
    "---\n",
    "...\n",
    "- x\n",
    "D:\n",
    "  E: ENC[z]\n",
    "'F': ENC[x]\n",
    "G: |\n",
    "H: \"\n",
    "\"\n",
    "# x\r",
    "\u{feff}",
    "{",
    "}\n",
    "I: ENC[x] y\n",
    "? J\n",
    ": K\n",
    "\t\n",
];

#[test]
fn what_sops_never_writes_is_refused_with_its_line() {
    let cases = [
        ("a: &x 1\n", YamlFeature::Anchor, 1),
        ("a: 1\nb: *x\n", YamlFeature::Anchor, 2),
        ("a: 1\n---\nb: 1\n", YamlFeature::Document, 2),
        ("a: 1\nb: !!binary aGk=\n", YamlFeature::Tag, 2),
        ("a: !x {}\n", YamlFeature::Tag, 1),
        ("a: 1\n12: x\n", YamlFeature::Name, 2),
        ("? [a]\n: x\n", YamlFeature::Name, 1),
        ("a: 1\n<<: {b: 1}\n", YamlFeature::Name, 2),
        ("a: 18446744073709551615\n", YamlFeature::Number, 1),
    ];
    for (text, expected, expected_line) in cases {
        match shape(text) {
            Err(FormatError::YamlFeature { line, what }) => {
                assert_eq!((what, line), (expected, expected_line), "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(matches!(shape("a: 1\na: 2\n"), Err(FormatError::Duplicate { .. })));
    assert!(matches!(shape("a:\n\tb: 2\n"), Err(FormatError::YamlFeature { line: 2, what: YamlFeature::Tab })));
    assert!(matches!(shape("- a\n"), Err(FormatError::NotMapping)));
    assert!(matches!(shape(""), Err(FormatError::NotSops)));
    assert!(matches!(shape(&("[".repeat(200) + &"]".repeat(200))), Err(FormatError::TooDeep)));
    assert!(matches!(shape(&"[".repeat(100_000)), Err(FormatError::TooDeep)));
}
