//! Files that were changed by someone without the data key: values moved, swapped, removed, retyped.
//!
//! What the MAC and the places of the values catch is refused by every command, and `set` leaves such a file as it is.
//! What they do not catch is pinned here as let through, and stands in SECURITY.md.

use std::cell::{Cell, RefCell};

use crate::forge::{Forge, quoted};
use crate::outcome::{Outcome, message, run_environment};
use crate::support::{Project, feed, shown};

/// A project whose environment's file is replaced again and again.
pub struct Bench {
    pub project: Project,
    pub forge: Forge,
    refused: Cell<usize>,
    through: RefCell<Vec<String>>,
}

impl Bench {
    pub fn new() -> Self {
        let project = Project::new();
        let forge = Forge::new(&project.recipient());
        Self { project, forge, refused: Cell::default(), through: RefCell::default() }
    }

    /// Every command refuses `content` as the environment's file, with `code` (`run`: 125) and `words` in its message;
    /// `set` does not touch it.
    pub fn refuses(&self, content: impl AsRef<[u8]>, code: i32, words: &[&str]) {
        let path = self.project.write("secrets/dev.json", content.as_ref());
        let got = message(&self.project.secrets(&["get", "ALPHA"]).output().unwrap());
        let ran = run_environment(&self.project).refused();
        let set = feed(self.project.secrets(&["set", "ALPHA"]), b"geheim, new");
        assert_eq!(set.status.code(), Some(code), "{words:?}: {}", shown(&set));
        self.project.fails(code, &["get", "ALPHA"]);
        for message in [got, ran, message(&set)] {
            for word in words.iter().chain(&["dev.json"]) {
                assert!(message.contains(word), "`{word}` is not in: {message}");
            }
        }
        assert_eq!(std::fs::read(path).unwrap(), content.as_ref(), "`set` changed a file that it refused");
        self.refused.set(self.refused.get() + 1);
    }

    /// `run` delivers exactly `values` from `content`.
    pub fn lets_through(&self, what: &str, content: impl AsRef<[u8]>, values: &[(&str, &str)]) {
        self.project.write("secrets/dev.json", content);
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        assert_eq!(run_environment(&self.project), Outcome::Delivered(values.collect()), "{what}");
        if !what.starts_with("nothing") {
            self.through.borrow_mut().push(what.to_owned());
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let (refused, through) = (self.refused.get(), self.through.borrow().join("; "));
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        eprintln!("lab {test}: {refused} files refused by run, get and set; let through: {through}");
    }
}

const ENTRIES: [(&str, &str); 3] = [("ALPHA", "geheim eins"), ("BETA", "geheim zwei"), ("GAMMA", "geheim drei")];

/// The line of `name` in `text`, with its newline.
fn line<'a>(text: &'a str, name: &str) -> &'a str {
    text.split_inclusive('\n').find(|line| line.contains(&format!("\"{name}\":"))).unwrap()
}

/// `text` with the values of two entries exchanged.
fn swapped(text: &str, one: &str, other: &str) -> String {
    let value = |name| line(text, name).split_once(": ").unwrap().1;
    let (first, second) = (value(one), value(other));
    text.replace(first, "\0").replace(second, first).replace('\0', second)
}

#[test]
fn a_mac_that_does_not_fit_is_refused() {
    let bench = Bench::new();
    let sealed = |name| quoted(&bench.forge.seal(name, "geheim", "str"));
    let entries = [("ALPHA", sealed("ALPHA")), ("BETA", sealed("BETA"))];
    bench.lets_through(
        "nothing: the control",
        bench.forge.json(&entries, "geheimgeheim", ""),
        &[("ALPHA", "geheim"), ("BETA", "geheim")],
    );
    for counted in ["geheim", "", "geheimgeheimgeheim"] {
        bench.refuses(bench.forge.json(&entries, counted, ""), 3, &["the MAC does not match"]);
    }
}

#[test]
fn a_value_stays_where_it_was_put() {
    let bench = Bench::new();
    let text = bench.forge.strings(&ENTRIES);
    bench.refuses(swapped(&text, "ALPHA", "BETA"), 3, &["`ALPHA` does not decrypt", "moved here from another name"]);
    bench.refuses(text.replace("\"GAMMA\"", "\"DELTA\""), 3, &["`DELTA` does not decrypt"]);
    bench.refuses(text.replace(line(&text, "BETA"), ""), 3, &["the MAC does not match"]);
    let (alpha, beta) = (line(&text, "ALPHA"), line(&text, "BETA"));
    bench.refuses(text.replace(alpha, "").replace(beta, &format!("{beta}{alpha}")), 3, &["the MAC does not match"]);
    let emptied = text.replace(alpha, "\t\"ALPHA\": \"\",\n");
    bench.refuses(&emptied, 3, &["the MAC does not match"]);
    bench.refuses(text.replace(alpha, "\t\"ALPHA\": null,\n"), 3, &["the MAC does not match"]);
}

#[test]
fn a_plaintext_in_the_place_of_a_ciphertext_is_refused() {
    let bench = Bench::new();
    let text = bench.forge.strings(&ENTRIES);
    for plain in ["\"open\"", "7", "true", "\"ENC\"", "\" ENC[\""] {
        let changed = text.replace(line(&text, "BETA"), &format!("\t\"BETA\": {plain},\n"));
        bench.refuses(changed, 3, &["`BETA` is not encrypted"]);
    }
    for damaged in ["ENC[", "ENC[]", "ENC[AES256_GCM,data:,iv:,tag:,type:str]", "ENC[AES256_GCM,data:AAAA,iv:AA==]"] {
        let changed = text.replace(line(&text, "BETA"), &format!("\t\"BETA\": \"{damaged}\",\n"));
        bench.refuses(changed, 3, &["`BETA` is not a value encrypted by SOPS"]);
    }
    // Base64 of every length, and with characters that are none of its own, between parts of the right lengths.
    let sealed = bench.forge.seal("BETA", "geheim", "str");
    let (_, tail) = sealed.split_once(",iv:").unwrap();
    for data in (1..12).flat_map(|length| ["A", "=", ","].map(|letter| letter.repeat(length))) {
        let value = format!("ENC[AES256_GCM,data:{data},iv:{tail}");
        let changed = text.replace(line(&text, "BETA"), &format!("\t\"BETA\": \"{value}\",\n"));
        let is_base64 = data.starts_with('A') && data.len() % 4 == 0;
        bench.refuses(
            changed,
            3,
            &[if is_base64 { "`BETA` does not decrypt" } else { "`BETA` is not a value encrypted" }],
        );
    }
    bench.refuses(text.replace("type:str]\",\n\t\"GAMMA", "type:str]x\",\n\t\"GAMMA"), 3, &["`BETA` is not a value"]);
}

#[test]
fn what_a_key_holder_wrote_must_be_text() {
    let bench = Bench::new();
    let bytes = [b"geheim".as_slice(), &[0xff, 0xfe]].concat();
    let entries = [("ALPHA", quoted(&bench.forge.seal("ALPHA", &bytes, "str")))];
    bench.refuses(bench.forge.json(&entries, &bytes, ""), 3, &["`ALPHA` is not UTF-8 text once decrypted"]);
}

#[test]
fn a_value_with_a_nul_is_shown_by_get_and_given_to_no_child() {
    let bench = Bench::new();
    bench.project.write("secrets/dev.json", bench.forge.strings(&[("ALPHA", "geheim\0geheim")]));
    let refused = run_environment(&bench.project).refused();
    assert!(refused.contains("`ALPHA` holds a NUL byte"), "{refused}");
    assert_eq!(bench.project.ok(&["get", "ALPHA"]), "geheim\0geheim");
}

/// What became of a changed type tag.
enum Retyped {
    Same,
    Spelled(&'static str),
    Refused(&'static str),
}

#[test]
fn a_changed_type_tag_changes_a_spelling_at_most() {
    use Retyped::{Refused, Same, Spelled};
    const TYPE: &str = "`ALPHA` is not of the type that its tag claims";
    const UNKNOWN: &str = "`ALPHA` has a type that SOPS does not know";
    const MAC: &str = "the MAC does not match";
    let table = [
        ("42", "str", "int", Same),
        ("042", "str", "int", Refused(TYPE)),
        ("geheim", "str", "int", Refused(TYPE)),
        ("geheim", "str", "bool", Refused(TYPE)),
        ("geheim", "str", "float", Refused(TYPE)),
        ("geheim", "str", "bytes", Refused(UNKNOWN)),
        ("geheim", "str", "", Refused(UNKNOWN)),
        ("geheim", "str", "STR", Refused(UNKNOWN)),
        ("geheim", "str", "comment", Refused(MAC)),
        ("geheim", "str", "time", Same),
        ("1.5", "str", "float", Same),
        ("1.50", "str", "float", Refused(MAC)),
        ("inf", "str", "float", Refused(TYPE)),
        ("True", "str", "bool", Spelled("true")),
        ("true", "str", "bool", Refused(MAC)),
        ("True", "bool", "str", Spelled("True")),
        ("False", "bool", "int", Refused(TYPE)),
        ("7", "int", "str", Same),
        ("7", "int", "float", Same),
        ("2.5", "float", "str", Same),
    ];
    let bench = Bench::new();
    for (text, from, to, expected) in table {
        let sealed = bench.forge.seal("ALPHA", text, from).replace(&format!(",type:{from}]"), &format!(",type:{to}]"));
        let file = bench.forge.json(&[("ALPHA", quoted(&sealed))], text, "");
        match expected {
            Same => bench.lets_through(&format!("{from} `{text}` as {to}, same text"), file, &[("ALPHA", text)]),
            Spelled(other) => {
                bench.lets_through(&format!("{from} `{text}` as {to}, now `{other}`"), file, &[("ALPHA", other)]);
            }
            Refused(word) => bench.refuses(file, 3, &[word]),
        }
    }
}

#[test]
fn a_file_for_others_says_for_whom_and_what_to_send_them() {
    let bench = Bench::new();
    let other = Project::new().recipient();
    let text = Forge::new(&other).strings(&ENTRIES);
    bench.project.write("secrets/dev.json", &text);
    let refused = run_environment(&bench.project).refused();
    for word in ["dev.json", "none of the identities", &other, &bench.project.recipient()] {
        assert!(refused.contains(word), "{refused}");
    }
    bench.project.fails(3, &["get", "ALPHA"]);
    let set = feed(bench.project.secrets(&["set", "ALPHA"]), b"geheim");
    assert_eq!(set.status.code(), Some(3), "{}", shown(&set));
    assert!(message(&set).contains(&other));
    assert_eq!(bench.project.read("secrets/dev.json"), text);
}

#[test]
fn a_stanza_that_holds_no_data_key_is_refused() {
    let bench = Bench::new();
    let recipient: age::x25519::Recipient = bench.project.recipient().parse().unwrap();
    let text = bench.forge.strings(&ENTRIES);
    let (before, rest) = text.split_once("\"enc\": ").unwrap();
    let (_, after) = rest.split_once("}]").unwrap();
    for length in [0, 16, 31, 33] {
        let wrapped = age::encrypt_and_armor(&recipient, &vec![7; length]).unwrap();
        bench.refuses(format!("{before}\"enc\": {}}}]{after}", quoted(&wrapped)), 3, &["no data key"]);
    }
    let other_key = age::encrypt_and_armor(&recipient, &[7; 32]).unwrap();
    bench.refuses(format!("{before}\"enc\": {}}}]{after}", quoted(&other_key)), 3, &["`ALPHA` does not decrypt"]);
}

/// SOPS authenticates neither who may read, nor that the file is the newest, nor this environment's, nor who wrote it.
#[test]
fn whole_files_and_recipients_are_not_vouched_for() {
    let bench = Bench::new();
    let project = &bench.project;
    project.set("ALPHA", "geheim alt");
    let older = project.read("secrets/dev.json");
    project.set("ALPHA", "geheim neu");
    bench.lets_through("an older version of the file", &older, &[("ALPHA", "geheim alt")]);
    let theirs = Forge::new(&project.recipient()).strings(&[("ALPHA", "foreign")]);
    bench.lets_through("a new file, made with public keys alone", theirs, &[("ALPHA", "foreign")]);

    let intruder = Project::new().recipient();
    let entry = format!("\"age\": [\n\t\t\t{{\"recipient\": \"{intruder}\", \"enc\": \"\"}},");
    let added = older.replace("\"age\": [", &entry);
    bench.lets_through("an added recipient", &added, &[("ALPHA", "geheim alt")]);
    bench.refuses_to_change(&added, &["recipients", "only in the file", &intruder]);
}

impl Bench {
    /// `run` may take `content`, but `set` does not change it, with `words` in its message.
    fn refuses_to_change(&self, content: &str, words: &[&str]) {
        self.project.write("secrets/dev.json", content);
        let set = feed(self.project.secrets(&["set", "ALPHA"]), b"geheim, new");
        assert_eq!(set.status.code(), Some(3), "{}", shown(&set));
        let message = message(&set);
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
        assert_eq!(self.project.read("secrets/dev.json"), content);
    }
}

/// The MAC counts neither lengths, names nor empty values, and knows nothing of rules.
#[test]
fn what_the_mac_does_not_count_is_let_through() {
    let bench = Bench::new();
    let token = || ("TOKEN", quoted(&bench.forge.seal("TOKEN", "geheim", "str")));
    let plain = |name: &'static str, text: &str| (name, quoted(text));
    let two = |one: &str, other: &str| [plain("A_unencrypted", one), plain("B_unencrypted", other), token()];
    let counted = "onetwogeheim";
    let through = |what: &str, entries: &[(&str, String)], values: &[(&str, &str)]| {
        bench.lets_through(what, bench.forge.json(entries, counted, ""), values);
    };
    through(
        "nothing: the control",
        &two("one", "two"),
        &[("A_unencrypted", "one"), ("B_unencrypted", "two"), ("TOKEN", "geheim")],
    );
    through(
        "a text moved between adjacent plain values",
        &two("onet", "wo"),
        &[("A_unencrypted", "onet"), ("B_unencrypted", "wo"), ("TOKEN", "geheim")],
    );
    let renamed = [plain("C_unencrypted", "one"), plain("B_unencrypted", "two"), token()];
    through(
        "a renamed plain entry",
        &renamed,
        &[("B_unencrypted", "two"), ("C_unencrypted", "one"), ("TOKEN", "geheim")],
    );
    let strings = bench.forge.strings(&[("TOKEN", "geheim")]);
    for (what, added, delivered) in [
        ("an added empty entry", "\"EXTRA\": \"\",", Some(("EXTRA", ""))),
        ("an added null", "\"EXTRA\": null,", None),
        ("an added empty object", "\"EXTRA\": {},", None),
    ] {
        let mut values = vec![("TOKEN", "geheim")];
        values.extend(delivered);
        bench.lets_through(what, strings.replacen('{', &format!("{{{added}"), 1), &values);
    }
    let open = bench.forge.json(&[plain("TOKEN", "geheim")], "geheim", "\"unencrypted_regex\": \"^TOKEN$\"");
    bench.lets_through("a known value written in the clear, with a rule that allows it", open, &[("TOKEN", "geheim")]);
}
