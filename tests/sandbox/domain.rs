//! `cargo secrets sandbox`: what a command sees, reaches and leaves behind in the build domain.

use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::process::Output;

use crate::support::{Project, shown};

/// What `script` does in the sandbox, run by `sh`.
fn sandboxed(project: &Project, script: &str) -> Output {
    project.secrets(&["sandbox", "--", "sh", "-c", script]).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A project with things beside it that no build should see.
fn project() -> Project {
    let project = Project::new();
    for name in [".ssh/id_ed25519", ".aws/credentials", "notes.txt"] {
        project.write(&format!("../home/{name}"), "canary");
    }
    project.write(".env", "KEY=canary");
    project
}

#[test]
fn outside_of_a_project_there_is_none() {
    let stderr = Project::empty("nothing").fails(125, &["sandbox", "--", "true"]);
    assert!(stderr.contains("made for a cargo project") && stderr.contains("cargo new"), "{stderr}");
    assert!(!stderr.contains("FILE"), "{stderr}");
}

#[test]
fn a_command_reads_the_project_and_none_of_the_users_files() {
    let project = project();
    let home = project.home();
    for name in [".ssh/id_ed25519", ".aws/credentials", "notes.txt", ".config/cargo-secrets/identity.txt"] {
        let output = sandboxed(&project, &format!("cat '{}'", home.join(name).display()));
        assert!(!output.status.success() && output.stdout.is_empty(), "{name}: {}", shown(&output));
    }
    let output = sandboxed(&project, "cat Cargo.toml >/dev/null && ls -a && ! cat .env");
    assert!(output.status.success() && stdout(&output).contains(".env"), "{}", shown(&output));
}

#[test]
fn a_home_below_opt_is_a_home() {
    let Ok(folder) = tempfile::tempdir_in("/opt") else {
        eprintln!("skipped: only root makes folders in /opt");
        return;
    };
    let project = project();
    let home = folder.path().join("home");
    for (name, text) in [("home/private.txt", "canary"), ("tool.txt", "tool")] {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let mut command = project.secrets(&["sandbox", "--", "sh", "-c", "cat ~/../tool.txt; cat ~/private.txt"]);
    let output = command.env("HOME", &home).output().unwrap();
    assert!(!output.status.success() && stdout(&output) == "tool", "{}", shown(&output));
}

#[test]
fn a_command_writes_target_and_temporary_files_alone() {
    let project = project();
    let writes = "echo x > target/x && d=$(mktemp -d) && echo x > $d/x && mv $d/x target/y && ln target/y target/z";
    let output = sandboxed(&project, writes);
    assert!(output.status.success(), "{}", shown(&output));
    for path in
        ["src/lib.rs", "build.rs", "Cargo.toml", ".cargo/config.toml", "$HOME/.bashrc", "/tmp/x-$$", "secrets/dev.json"]
    {
        let output = sandboxed(&project, &format!("mkdir -p $(dirname {path}) 2>/dev/null; echo x >> {path}"));
        assert!(!output.status.success(), "{path}: {}", shown(&output));
    }
}

#[test]
fn the_lines_in_cargo_toml_open_what_they_name_and_no_key() {
    let project = project();
    let manifest = project.read("Cargo.toml");
    let table = manifest.lines().find(|line| line.starts_with('[') && line.contains("metadata.secrets]")).unwrap();
    let with = |lines: &str| project.write("Cargo.toml", manifest.replacen(table, &format!("{table}\n{lines}"), 1));
    with("sandbox.read = [\"~/notes.txt\"]\nsandbox.write = [\"src/gen\"]");
    let output = sandboxed(&project, "cat ~/notes.txt && echo x > src/gen/a.rs");
    assert!(output.status.success() && stdout(&output) == "canary", "{}", shown(&output));
    with("sandbox.read = [\"~/.aws\"]");
    let output = sandboxed(&project, "true");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(125) && said.contains("sandbox.unhide = [\"~/.aws\"]"), "{said}");
    project.write("../home/.config/cargo-secrets/config.toml", "sandbox.unhide = [\"~/.aws\"]\n");
    let output = sandboxed(&project, "cat ~/.aws/credentials");
    assert!(stdout(&output) == "canary", "{}", shown(&output));
    with("sandbox.read = [\"/dev/tty\"]");
    let output = sandboxed(&project, "true");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(125) && said.contains("names `/dev/tty`"), "{said}");
}

#[test]
fn a_command_reaches_no_service_of_the_machine() {
    let project = project();
    let socket = project.root().join("agent");
    let unix = UnixListener::bind(&socket).unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    tcp.set_nonblocking(true).unwrap();
    unix.set_nonblocking(true).unwrap();
    let port = tcp.local_addr().unwrap().port();
    let output = project
        .secrets(&["sandbox", "--", "bash", "-c", &format!("echo x > /dev/tcp/127.0.0.1/{port}")])
        .output()
        .unwrap();
    assert!(!output.status.success() && tcp.accept().is_err(), "{}", shown(&output));
    if let Ok(python) = which::which("python3") {
        let connect = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])";
        let mut command = project.secrets(&["sandbox", "--", python.to_str().unwrap(), "-c", connect, "agent"]);
        assert!(!command.output().unwrap().status.success() && unix.accept().is_err());
    }
}

#[test]
fn exit_codes_are_the_commands_and_nothing_is_left_of_it() {
    let project = project();
    assert_eq!(sandboxed(&project, "exit 7").status.code(), Some(7));
    let marker = project.root().join("target/alive");
    let output =
        sandboxed(&project, "(setsid sh -c 'while :; do date +%N > target/alive; sleep 0.05; done' >/dev/null 2>&1 &)");
    assert!(output.status.success(), "{}", shown(&output));
    let read = || {
        let mut text = String::new();
        let _ = std::fs::File::open(&marker).map(|mut file| file.read_to_string(&mut text));
        text
    };
    let before = read();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(before, read());
    let missing = project.secrets(&["sandbox", "--", "no-such-command"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(127));
}

#[test]
fn a_package_builds_and_its_tests_get_no_values() {
    let project = project();
    project.set("TOKEN", "v4lue");
    project.write("build.rs", "fn main() { assert!(std::env::var(\"TOKEN\").is_err()); }\n");
    project.write("src/lib.rs", "#[test]\nfn none() { assert!(std::env::var(\"TOKEN\").is_err()); }\n");
    let output = project.secrets(&["sandbox", "--", "cargo", "test", "--offline"]).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    let fixed = project.secrets(&["sandbox", "--", "cargo", "fix", "--offline", "--allow-no-vcs"]).output().unwrap();
    assert!(fixed.status.success(), "{}", shown(&fixed));
}

#[test]
fn a_token_that_stays_readable_is_said() {
    let project = project();
    project.write(".git/config", "[http \"https://github.com/\"]\n\textraheader = AUTHORIZATION: basic x\n");
    let output = sandboxed(&project, "cat .git/config");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("builds can read the token in "), "{said}");
    project.write(".git/config", "[core]\n");
    assert!(sandboxed(&project, "true").stderr.is_empty());
}

#[test]
fn git_describes_the_project_inside() {
    let project = project();
    let git = |arguments: &[&str]| {
        let mut command = project.command("git");
        let user = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
        assert!(command.args(user).args(arguments).output().unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "-m", "x"]);
    git(&["tag", "v1"]);
    let tree = project.root().parent().unwrap().join("tree");
    git(&["worktree", "add", "--quiet", tree.to_str().unwrap()]);
    let output = sandboxed(&project, "git describe --tags --always");
    assert!(stdout(&output).trim() == "v1", "{}", shown(&output));
    std::fs::copy(project.root().join("Cargo.toml"), tree.join("Cargo.toml")).unwrap();
    let mut command = project.secrets(&["sandbox", "--", "git", "describe", "--tags", "--always"]);
    let output = command.current_dir(&tree).output().unwrap();
    assert!(stdout(&output).trim() == "v1", "{}", shown(&output));
}
