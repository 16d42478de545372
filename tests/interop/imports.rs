//! `import` of what other programs encrypted.

use std::fs::File;

use crate::support::{Project, feed, shown, tools};

/// Imports a file of the project and expects success; gives back stderr.
#[track_caller]
fn import(project: &Project, arguments: &[&str]) -> String {
    let arguments: Vec<_> = ["import"].iter().chain(arguments).copied().collect();
    let output = project.secrets(&arguments).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn files_of_sops_in_every_flavour() {
    let Some(sops) = tools::sops() else { return };
    for (file, text) in [
        ("a.json", "{\"A\": \"x y\", \"B\": \"two\\nlines\"}"),
        ("a.yaml", "A: x y # said\nB: |-\n  two\n  lines\n"),
        ("a.env", "A=x y\nB=two\\nlines\n"),
    ] {
        let project = Project::new();
        project.write(file, text);
        let encrypted = project.sops(&sops, &["encrypt", "--age", &project.recipient(), "--in-place", file]);
        assert!(encrypted.status.success(), "{file}: {}", shown(&encrypted));
        let message = import(&project, &[file]);
        assert!(message.contains(&format!("Reading {file}: sops")), "{message}");
        assert!(!message.contains("plaintext"), "{message}");
        assert_eq!((project.ok(&["get", "A"]), project.ok(&["get", "B"])), ("x y".into(), "two\nlines".into()));
    }
}

#[test]
fn age_files_around_dotenv_text() {
    let Some(age) = tools::age() else { return };
    for armor in [&[][..], &["--armor"]] {
        let project = Project::new();
        let mut command = project.command(&age);
        command.args(armor).args(["--recipient", &project.recipient()]);
        let output = feed(command, b"A=1\nB='x y'\n");
        assert!(output.status.success(), "{}", shown(&output));
        let mut file = File::create(project.root().join("old.age")).unwrap();
        std::io::Write::write_all(&mut file, &output.stdout).unwrap();
        import(&project, &["old.age"]);
        assert_eq!((project.ok(&["get", "A"]), project.ok(&["get", "B"])), ("1".into(), "x y".into()));
    }
}
