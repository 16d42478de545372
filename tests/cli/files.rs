//! `deliver = "file"`: the variable holds the path of a private file, which is gone with the program.

use std::process::Command;

use crate::fixture::{Canary, declare, ends, has, texts};
use crate::support::{Project, shown, tools};

/// A project with `CERT`, delivered as a file, and `TOKEN`, which is not.
fn project(value: &str) -> Project {
    let project = Project::new();
    project.set("CERT", value);
    project.set("TOKEN", "x");
    declare(&project, "[workspace.metadata.secrets.variables.CERT]\ndeliver = 'file'\n");
    project
}

fn shell(project: &Project, line: &str) -> Command {
    project.secrets(&["run", "--quiet", "--", "sh", "-c", line])
}

/// Longer than any variable, with everything that a value can hold.
fn hard() -> String {
    let piece: String = (1_u32..0x700).filter_map(char::from_u32).collect();
    piece.repeat((1 << 20) / piece.len() + 1)
}

#[test]
fn the_file_holds_the_exact_value_also_what_no_variable_could() {
    for value in ["plain", "two\nlines\n", "\r\n\t", "'\"$`\\", &hard()] {
        let output = shell(&project(value), "cat \"$CERT\"").output().unwrap();
        assert!(
            output.status.success() && output.stdout == value.as_bytes(),
            "{} bytes: {}",
            value.len(),
            output.status
        );
    }
}

#[test]
fn what_the_program_starts_opens_it_too_and_as_often_as_it_likes() {
    let project = project("geheim\n");
    let script = "import os, subprocess, sys\n\
                  path = os.environ['CERT']\n\
                  for _ in range(2): sys.stdout.write(open(path).read())\n\
                  sys.stdout.flush()\n\
                  subprocess.run(['sh', '-c', 'cat \"$CERT\"; sh -c \"cat \\\"\\$CERT\\\"\"'], check=True)\n";
    assert_eq!(project.ok(&["run", "--quiet", "--", "python3", "-c", script]), "geheim\n".repeat(4));
}

#[test]
fn another_user_cannot_open_it_nor_can_anybody_change_it() {
    let project = project("geheim");
    // Root's own mode bits would not stop root: who reads is somebody else.
    let other = "setpriv --reuid 65534 --regid 65534 --clear-groups";
    let output = shell(&project, &format!("stat -Lc %a \"$CERT\"; {other} cat \"$CERT\"")).output().unwrap();
    let (stdout, stderr) = texts(&output);
    assert!(!output.status.success() && stdout == "400\n", "{}", shown(&output));
    has(&stderr, &["Permission denied"]);
    let (stdout, _) = ends(shell(&project, "echo more >> \"$CERT\"; cat \"$CERT\""), 0);
    assert_eq!(stdout, "geheim");
}

#[test]
fn it_is_gone_when_the_program_ends_however_that_comes() {
    let canary = Canary::new();
    let project = project(&canary.value);
    let tmp = project.home().join("tmp");
    std::fs::create_dir(&tmp).unwrap();
    for end in ["exit 0", "exit 7", "kill -TERM $$", "kill -KILL $$"] {
        let mut command = shell(&project, &format!("readlink \"$CERT\" >&2; printf %s \"$CERT\"; {end}"));
        let output = command.env("TMPDIR", &tmp).env("XDG_RUNTIME_DIR", &tmp).output().unwrap();
        let (path, _) = texts(&output);
        assert!(path.starts_with("/proc/") && !std::path::Path::new(&path).exists(), "{end}: {}", shown(&output));
        for folder in [project.root(), project.home()] {
            assert!(canary.files_below(&folder).is_empty(), "{end}");
        }
        assert_eq!(std::fs::read_dir(&tmp).unwrap().count(), 0, "{end}");
    }
}

#[test]
fn several_files_beside_variables_and_what_leaves_them_out() {
    let project = project("first");
    project.set("KEY", "second");
    declare(&project, "[workspace.metadata.secrets.variables]\nKEY.deliver = 'file'\nNONE.deliver = 'file'\n");
    let line = "cat \"$CERT\" \"$KEY\"; printf %s \"$TOKEN${NONE-}\"";
    assert_eq!(texts(&shell(&project, line).output().unwrap()).0, "firstsecondx");
    let only = ["run", "--quiet", "--except", "KEY", "--", "sh", "-c", "cat \"$CERT\"; echo \"${KEY-none}\""];
    assert_eq!(project.ok(&only), "firstnone\n");
    let mut kept = project.secrets(&["run", "--keep-existing", "--", "sh", "-c", "echo \"$CERT\"; cat \"$KEY\""]);
    kept.env("CERT", "mine");
    assert_eq!(ends(kept, 0).0, "mine\nsecond");
    let clean = ["run", "--quiet", "--no-inherit-env", "--", "sh", "-c", "cat \"$CERT\""];
    assert_eq!(project.ok(&clean), "first");
}

#[test]
fn a_default_and_a_composed_value_are_files_too() {
    let project = project("pw");
    let lines = "[workspace.metadata.secrets.variables]\n\
                 URL = { value = 'postgres://app:${CERT}@db', deliver = 'file' }\n\
                 PORT = { kind = 'key', default = '5432', deliver = 'file' }\n";
    declare(&project, lines);
    assert_eq!(texts(&shell(&project, "cat \"$URL\" \"$PORT\"").output().unwrap()).0, "postgres://app:pw@db5432");
}

#[test]
fn explain_says_it_and_builds_are_not_given_one() {
    let project = project("x");
    let explained = project.ok(&["run", "--explain", "--", "sh", "-c", "true"]);
    has(&explained, &["the program, as a file  no `packages`, declared so"]);
    let stderr = project.fails(125, &["run", "--expose-to-build", "CERT", "--no-sandbox", "--", "cargo", "check"]);
    has(&stderr, &["`CERT` is delivered as a file", "`deliver = \"build\"` under `variables.CERT`"]);
    project.ok(&["check"]);
}

#[test]
fn without_memory_files_it_lies_on_disk_without_a_name_and_that_is_said() {
    let Some(strace) = tools::strace() else { return };
    let value = hard();
    let project = project(&value);
    let run = |line: &str| {
        let mut command = project.command(&strace);
        command.args(["-qq", "-o", "/dev/null", "-e", "trace=memfd_create", "-e", "inject=memfd_create:error=ENOSYS"]);
        command.arg(crate::support::program()).args(["run", "--", "sh", "-c", line]).output().unwrap()
    };
    let output = run("cat \"$CERT\"");
    assert!(output.status.success() && output.stdout == value.as_bytes(), "{}", output.status);
    has(&texts(&output).1, &["there are no memory files here", "without a name"]);
    let (stdout, _) = texts(&run("readlink \"$CERT\"; stat -Lc %a \"$CERT\""));
    has(&stdout, &[" (deleted)\n400\n"]);
}
