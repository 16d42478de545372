//! The INI flavour: read as `sops` writes it, never written.

use crate::pair::{Pair, failed, values};

const NAME: &str = "secrets/dev.ini";

const PLAIN: &str = "; top\nA = plain\nB=with # comment\nC = \"quoted\"\nD: colon\n\n; about db\n[db]\n# about user\nuser = \
                     u\nword = `back;tick`\nmulti = \"\"\"first\nsecond\"\"\"\nempty =\n[section.sub]\nx-y = 1\n";

#[test]
fn an_ini_file_of_sops_is_delivered() {
    let Some(pair) = Pair::new() else { return };
    for rule in [&[][..], &["--encrypted-regex", "^user|^B$"], &["--encrypted-suffix", "r"]] {
        pair.encrypt(NAME, PLAIN, rule);
        let error = failed(&pair.project.secrets(&["run", "--", "echo", "started"]).output().unwrap(), 125);
        assert!(error.contains("`db.user` is nested") && error.contains("flatten = true"), "{error}");

        pair.declare("sources", &format!("[{{ path = \"{NAME}\", flatten = true }}]"));
        let expected = [
            ("A", "plain"),
            ("B", "with"),
            ("C", "quoted"),
            ("D", "colon"),
            ("DB_USER", "u"),
            ("DB_WORD", "back;tick"),
            ("DB_MULTI", "first\nsecond"),
            ("DB_EMPTY", ""),
            ("SECTION_SUB_X_Y", "1"),
        ];
        assert_eq!(pair.delivered(), values(expected), "{rule:?}");
        let listed = pair.project.ok(&["list"]);
        assert!(listed.contains("DB_WORD") && listed.contains("SECTION_SUB_X_Y"), "{listed}");
        assert_eq!(pair.project.ok(&["get", "DB_USER"]), "u");
    }
}

#[test]
fn entries_above_the_first_section_need_nothing_to_be_delivered() {
    let Some(pair) = Pair::new() else { return };
    let hard = [("A", "1"), ("B", "ENC["), ("C", "ü ☃"), ("D", "x\\ny"), ("E", "a=b:c")];
    let lines: Vec<_> = hard.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
    pair.encrypt(NAME, lines.concat(), &[]);
    assert_eq!(pair.delivered(), values(hard));
}

#[test]
fn an_ini_file_for_many_recipients_is_read() {
    let Some(pair) = Pair::new() else { return };
    let ours = pair.project.recipient();
    let others: Vec<_> = (0..11).map(|_| crate::support::Project::new().recipient()).collect();
    pair.encrypt(NAME, "A = 1\n", &["--age", &format!("{},{ours}", others.join(","))]);
    assert_eq!(pair.delivered(), values([("A", "1")]));
}

#[test]
fn a_write_of_an_ini_file_is_refused_with_what_to_do() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt(NAME, "A = 1\n", &[]);
    let before = pair.project.read(NAME);
    for output in [pair.try_set("A", "do not show"), pair.project.secrets(&["unset", "A"]).output().unwrap()] {
        let error = failed(&output, 2);
        assert!(
            error.contains("read, not written") && error.contains("import") && error.contains("sops edit"),
            "{error}"
        );
        assert!(!error.contains("do not show"), "{error}");
    }
    assert_eq!(pair.project.read(NAME), before);
    std::fs::remove_file(pair.project.root().join(NAME)).unwrap();
    assert!(failed(&pair.try_set("A", "do not show"), 2).contains("read, not written"));
    assert!(!pair.project.root().join(NAME).exists());
}

#[test]
fn a_damaged_ini_file_starts_nothing() {
    let Some(pair) = Pair::new() else { return };
    pair.encrypt(NAME, "A = 1\n[db]\nuser = u\n", &[]);
    let file = pair.project.read(NAME);
    let cases = [
        (file.replace("A = ", "\"A\" = "), "in line 1"),
        (format!("word\n{file}"), "no `=` in line 1"),
        (format!("B = x \\\n{file}"), "in line 1"),
        (format!("A = 2\n{file}"), "two entries named `A`"),
        (format!("{file}[db]\nuser = x\n"), "two entries named `db`"),
        (file.replace("[sops]", "[other]"), "not encrypted by SOPS"),
        (file.replace("user = ", "USER = "), "does not decrypt"),
        (file.replace("[db]", "[DB]"), "does not decrypt"),
        (format!("[x]\nempty = 1\n{file}"), "not encrypted, although"),
    ];
    for (text, message) in cases {
        pair.project.write(NAME, &text);
        let error = failed(&pair.project.secrets(&["run", "--", "echo", "started"]).output().unwrap(), 125);
        assert!(error.contains(message), "{message}: {error}\n{text}");
    }
}
