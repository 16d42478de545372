//! `run` is an `exec`: pid, exit code, signals, descriptors and arguments are the child's; what keeps it from starting is
//! ours, with the codes of `env` and `timeout`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::OnceLock;

use crate::fixture::{ends, has, identity, script, texts};
use crate::support::{Project, feed, program, shown};

/// A project that these tests only read: A, B and C have values.
pub(crate) fn shared() -> &'static Project {
    static PROJECT: OnceLock<Project> = OnceLock::new();
    PROJECT.get_or_init(|| {
        let project = Project::new();
        for name in ["A", "B", "C"] {
            project.set(name, &format!("value of {name}"));
        }
        project
    })
}

/// The program in a shell's line, as `$P`.
fn shell(project: &Project, line: &str) -> Command {
    let mut command = project.command("sh");
    command.args(["-c", line]).env("P", program());
    command
}

#[test]
fn the_pid_becomes_the_childs() {
    let (stdout, _) = ends(shell(shared(), "echo $$; exec \"$P\" run -- sh -c 'echo $$'"), 0);
    let pids: Vec<_> = stdout.lines().collect();
    assert!(pids.len() == 2 && pids[0] == pids[1], "{stdout}");
}

#[test]
fn the_exit_code_is_the_childs() {
    for code in [0, 1, 2, 3, 7, 42, 101, 124, 125, 126, 127, 128, 129, 137, 200, 254, 255] {
        let (stdout, stderr) = ends(shared().secrets(&["run", "--", "sh", "-c", &format!("exit {code}")]), code);
        assert_eq!((stdout.as_str(), stderr.as_str()), ("", ""));
    }
}

#[test]
fn a_signal_that_kills_the_child_kills_the_run() {
    for signal in [1, 2, 6, 9, 13, 15] {
        let output = shared().secrets(&["run", "--", "sh", "-c", &format!("kill -{signal} $$")]).output().unwrap();
        assert_eq!(output.status.signal(), Some(signal), "{}", shown(&output));
    }
    ends(shell(shared(), "\"$P\" run -- sh -c 'kill -9 $$'; test $? = 137"), 0);
}

#[test]
fn what_cannot_be_executed_is_126() {
    let project = Project::new();
    project.write("data", "text");
    for path in ["/etc/passwd", "/", "./data"] {
        let (_, stderr) = ends(project.secrets(&["run", "--", path]), 126);
        has(&stderr, &[&format!("`{path}` cannot be executed"), "Caused by:"]);
    }
    let mut command = project.secrets(&["run", "--", "data"]);
    command.env("PATH", project.root());
    has(&ends(command, 126).1, &["cannot be executed"]);
}

#[test]
fn what_is_not_found_is_127_with_the_nearest_name() {
    let project = shared();
    has(&project.fails(127, &["run", "--", "cargp"]), &["the command `cargp` was not found", "did you mean `cargo`?"]);
    let far = project.fails(127, &["run", "--", "nothing-is-called-like-this"]);
    assert!(!far.contains("did you mean"), "{far}");
    for missing in ["./nope", "/nope/nope", "src/lib.rs/x"] {
        has(&project.fails(127, &["run", "--", missing]), &["was not found"]);
    }
    let empty = project.fails(127, &["run", "--", ""]);
    assert!(!empty.contains("did you mean"), "{empty}");
    let path = project.root().join("no-interpreter");
    script(&path, "#!/nowhere/interpreter\n");
    has(&project.fails(127, &["run", "--", path.to_str().unwrap()]), &["an interpreter that does not exist"]);
}

#[test]
fn a_script_without_an_interpreter_line_runs() {
    let project = Project::new();
    project.set("TOKEN", "x");
    script(&project.root().join("plain"), "echo \"$TOKEN $1\"\n");
    assert_eq!(project.ok(&["run", "--", "./plain", "a b"]), "x a b\n");
}

/// `run` with these arguments and a child that would leave a file.
#[track_caller]
fn does_not_start(project: &Project, arguments: &[&str], code: i32) -> String {
    let mark = project.root().join("started");
    let line: Vec<_> = arguments.iter().copied().chain(["--", "touch", mark.to_str().unwrap()]).collect();
    let stderr = project.fails(code, &line);
    assert!(!mark.exists(), "{arguments:?} started the child");
    stderr
}

#[test]
fn our_own_failures_are_125_and_nothing_starts() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let fails = |arguments: &[&str]| does_not_start(&project, arguments, 125);
    has(&fails(&["run", "-e", "prdo"]), &["unknown environment `prdo`", "known: `dev`"]);
    has(&fails(&["run", "-e", "Not A Name"]), &["is not an environment name"]);
    has(&fails(&["run", "--only", "TOKNE"]), &["`TOKNE` is not among the names", "did you mean `TOKEN`?"]);
    has(&fails(&["run", "--except", "TOKEN,ZZZZZZ"]), &["`ZZZZZZ` is not among the names", "cargo secrets list"]);
    has(&fails(&["run", "-p", "ap"]), &["unknown package `ap`", "did you mean `app`?"]);
    has(&fails(&["run", "-f", "nowhere.json"]), &["the secret file `nowhere.json` does not exist"]);
    has(&fails(&["run", "--identity", "nowhere.txt"]), &["failed to read `nowhere.txt`"]);
    has(&fails(&["run", "--manifest-path", "nowhere/Cargo.toml"]), &["nowhere/Cargo.toml"]);
    has(&fails(&["run", "--keep-existing", "--no-inherit-env"]), &["cannot be used with"]);
    has(&fails(&["run", "-f", "secrets/dev.json", "-e", "dev"]), &["cannot be used with"]);
    project.fails(125, &["run"]);
    project.fails(125, &["run", "--only"]);
}

#[test]
fn a_bad_flag_is_125_wherever_it_stands() {
    let project = shared();
    for arguments in [
        &["run", "--onyl", "A"][..],
        &["exec", "--keep"],
        &["-e", "dev", "run", "--onyl", "A"],
        &["--quiet", "run", "-z"],
        &["-e", "dev", "run", "--file"],
        &["--manifest-path", "Cargo.toml", "run", "--keep-existing=yes"],
    ] {
        does_not_start(project, arguments, 125);
    }
    project.fails(125, &["-e", "dev", "run"]);
}

#[test]
fn what_is_missing_or_broken_stops_the_run() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let good = project.read("Cargo.toml");
    let with = |lines: &str| {
        project.write("Cargo.toml", format!("{good}\n{lines}\n"));
        does_not_start(&project, &["run"], 125)
    };
    let needed = with("[workspace.metadata.secrets.variables.NEEDED]\nrequired = true");
    has(&needed, &["required in environment `dev`, but without a value: `NEEDED`", "cargo secrets set NEEDED -e dev"]);
    has(&with("[workspace.metadata.secrets.environments.dev"), &["invalid `Cargo.toml`"]);
    has(&with("[workspace.metadata.secrets.audit]\nx = 1"), &["`audit` is not supported"]);
    project.write("Cargo.toml", good.replace("secrets/dev.json\"]", "secrets/dev.json\", \"secrets/no.json\"]"));
    has(&does_not_start(&project, &["run"], 125), &["secrets/no.json` does not exist"]);
    project.write("Cargo.toml", good.replace("secrets/dev.json\"]", "secrets/*.env\"]"));
    has(&does_not_start(&project, &["run"], 125), &["no file matches the source `secrets/*.env`"]);
    project.write("Cargo.toml", &good);
    let file = project.read("secrets/dev.json");
    project.write("secrets/dev.json", file.replacen("\"TOKEN\"", "\"OTHER\"", 1));
    has(&does_not_start(&project, &["run"], 125), &["secrets/dev.json"]);
    project.write("secrets/dev.json", "{}");
    has(&does_not_start(&project, &["run"], 125), &["is not encrypted by SOPS"]);
    std::fs::remove_file(project.root().join("secrets/dev.json")).unwrap();
    has(&does_not_start(&project, &["run"], 125), &["does not exist"]);
}

#[test]
fn who_is_no_recipient_starts_nothing() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let (other, public) = identity(&project, "other.txt");
    let stderr = does_not_start(&project, &["run", "--identity", other.to_str().unwrap()], 125);
    has(&stderr, &["none of the identities found here can open it", &public, &project.recipient()]);
}

#[test]
fn arguments_and_descriptors_pass_through() {
    let project = shared();
    let mut command = project.secrets(&["run", "--", "printf", "%s"]);
    command.arg(OsStr::from_bytes(b"caf\xe9 \x01"));
    assert_eq!(command.output().unwrap().stdout, b"caf\xe9 \x01");
    let mut command = project.secrets(&["run", "--", "printf", "[%s]", "--only", "-e", "", "a b", "--", "-q"]);
    command.env("LC_ALL", "C");
    assert_eq!(ends(command, 0).0, "[--only][-e][][a b][--][-q]");
    let line = "exec \"$P\" run -- sh -c 'echo three >&3; echo nine >&9; cat' 3>&1 9>&2";
    let output = feed(shell(project, line), b"from stdin");
    assert_eq!(texts(&output), ("three\nfrom stdin".to_owned(), "nine\n".to_owned()));
    // Rust's runtime puts /dev/null where stdin was closed, before any code of ours runs.
    assert_eq!(ends(shell(project, "exec \"$P\" run -- cat <&-"), 0).0, "");
}

#[test]
fn no_descriptor_of_ours_reaches_the_child() {
    let (ours, _) = ends(shell(shared(), "exec ls /proc/self/fd"), 0);
    let (childs, _) = ends(shell(shared(), "exec \"$P\" run -- ls /proc/self/fd"), 0);
    assert_eq!(ours, childs);
}

#[test]
fn signals_are_to_the_child_what_they_were_to_us() {
    let sets = |line: &str| {
        let stdout = ends(shell(shared(), line), 0).0;
        let set = |name: &str| {
            let line = stdout.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            u64::from_str_radix(line.trim(), 16).unwrap()
        };
        (set("SigIgn:"), set("SigBlk:"))
    };
    let grep = "\"$P\" run -- grep -E '^Sig(Ign|Blk)' /proc/self/status";
    let (hangup, pipe) = (1, 1 << 12);
    let (ignored, blocked) = sets(&format!("exec {grep}"));
    assert_eq!((ignored & (hangup | pipe), blocked), (0, 0), "{ignored:x}");
    let (ignored, _) = sets(&format!("trap '' HUP; exec {grep}"));
    assert_eq!(ignored & (hangup | pipe), hangup, "{ignored:x}");
    let (ignored, _) = sets(&format!("nohup {grep} 2>&1"));
    assert_eq!(ignored & hangup, hangup, "{ignored:x}");
}

#[test]
fn the_command_may_stand_without_dashes_before_it() {
    let project = shared();
    assert_eq!(project.ok(&["run", "printenv", "A"]), "value of A\n");
    assert_eq!(project.ok(&["run", "--only", "A", "printenv", "A"]), "value of A\n");
    assert_eq!(project.ok(&["exec", "sh", "-c", "echo \"$B\""]), "value of B\n");
    assert_eq!(project.ok(&["secrets", "run", "printenv", "C"]), "value of C\n");
}

#[test]
fn a_file_runs_without_any_project() {
    let project = Project::new();
    project.set("TOKEN", "x");
    let more = project.read("Cargo.toml").replace("secrets/dev.json", "secrets/more.json");
    let file = project.root().join("secrets/dev.json");
    let run = |extra: &[&str]| {
        let mut command = project.secrets(&["run", "-f", file.to_str().unwrap()]);
        command.current_dir(project.home()).args(extra).args(["--", "sh", "-c", "echo $TOKEN $MORE"]);
        command
    };
    assert_eq!(ends(run(&[]), 0).0, "x\n");
    project.write("Cargo.toml", more);
    project.set("TOKEN", "later");
    project.set("MORE", "y");
    let second = project.root().join("secrets/more.json");
    assert_eq!(ends(run(&["-f", second.to_str().unwrap()]), 0).0, "later y\n");
    let mut command = run(&[]);
    command.env("CARGO_SECRETS_ENVIRONMENT", "dev");
    assert_eq!(ends(command, 0).0, "x\n", "a variable that nobody typed is no conflict");
    project.write("Cargo.toml", "[broken");
    assert_eq!(ends(run(&[]), 0).0, "x\n", "no Cargo.toml is read");
}
