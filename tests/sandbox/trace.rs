//! What was refused, and the line that allows it: `cargo secrets sandbox --trace`, and what `run` says when a build script
//! fails by it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Project, long, program, shown};

/// What `script` is refused, run by `sh` and traced.
fn traced(project: &Project, script: &str) -> Output {
    project.secrets(&["sandbox", "--trace", "--", "sh", "-c", script]).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// No build goes on without the sandbox.
const REQUIRED: &str = "sandbox = \"require\"";

/// A project with files of the user beside it.
fn project() -> Project {
    let project = Project::new();
    for name in ["notes.txt", ".aws/credentials", ".cache/x"] {
        project.write(&format!("../home/{name}"), "canary");
    }
    project
}

/// Puts lines into the project's table.
fn declare(project: &Project, lines: &str) {
    let (manifest, table) = (project.read("Cargo.toml"), "[workspace.metadata.secrets]");
    project.write("Cargo.toml", manifest.replacen(table, &format!("{table}\n{lines}"), 1));
}

/// The line that starts with `key`.
fn line<'s>(said: &'s str, key: &str) -> &'s str {
    said.lines().find(|line| line.trim_start().starts_with(key)).unwrap_or_default().trim()
}

#[test]
fn what_is_refused_is_named_with_the_line_that_allows_it() {
    let project = project();
    let output = traced(
        &project,
        "cat ~/notes.txt; mkdir -p src/gen; echo x > src/new.rs; rm src/lib.rs; cat ~/.aws/credentials; cat no-such-file; cat Cargo.toml",
    );
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    assert_eq!(line(&text, "sandbox.read"), "sandbox.read = [\"~/notes.txt\"]", "{text}");
    assert_eq!(line(&text, "sandbox.write"), "sandbox.write = [\"src\", \"src/gen\"]", "{text}");
    assert_eq!(line(&text, "sandbox.unhide"), "sandbox.unhide = [\"~/.aws\"]", "{text}");
    assert!(text.contains("`cat` could not read ") && text.contains("`mkdir` could not write "), "{text}");
    assert!(text.lines().filter(|line| line.starts_with("note")).all(|line| !line.contains("no-such-file")), "{text}");
}

#[test]
fn with_its_lines_nothing_is_refused() {
    let project = project();
    let script = "cat ~/notes.txt >/dev/null && echo x > src/new.rs";
    let text = said(&traced(&project, &script.replace("&&", ";")));
    declare(&project, &format!("{}\n{}", line(&text, "sandbox.read"), line(&text, "sandbox.write")));
    let output = traced(&project, script);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    assert!(said(&output).contains("the sandbox refused nothing"), "{}", shown(&output));
}

#[test]
fn the_lines_take_the_place_of_what_is_there() {
    for (there, proposed, replaced) in [
        ("sandbox.read = [\"~/.cache\"]", "sandbox.read = [\"~/.cache\", \"~/notes.txt\"]", "sandbox.read"),
        (REQUIRED, "sandbox.mode = \"require\"\nsandbox.read = [\"~/notes.txt\"]", "sandbox"),
        (
            "sandbox = { mode = \"require\", network = \"none\" }",
            "sandbox = { mode = \"require\", network = \"none\", read = [\"~/notes.txt\"] }",
            "sandbox",
        ),
    ] {
        let project = project();
        declare(&project, there);
        let text = said(&traced(&project, "cat ~/notes.txt"));
        assert!(text.contains(&format!("in place of `{replaced}` there:\n{proposed}\n")), "{text}");
        project.write("Cargo.toml", project.read("Cargo.toml").replace(there, proposed));
        let output = traced(&project, "cat ~/notes.txt");
        assert!(said(&output).contains("the sandbox refused nothing"), "{}", shown(&output));
    }
}

#[test]
fn without_a_secrets_table_the_heading_is_among_the_lines() {
    let project = Project::bare();
    project.write("../home/notes.txt", "canary");
    let text = said(&traced(&project, "cat ~/notes.txt"));
    let (_, lines) = text.split_once("this allows it:\n").unwrap_or_default();
    assert_eq!(lines.trim_end(), "[workspace.metadata.secrets]\nsandbox.read = [\"~/notes.txt\"]", "{text}");
    project.write("Cargo.toml", format!("{}\n{lines}", project.read("Cargo.toml")));
    let output = traced(&project, "cat ~/notes.txt");
    assert!(said(&output).contains("the sandbox refused nothing"), "{}", shown(&output));
}

#[test]
fn what_the_user_may_not_do_anyway_is_no_refusal() {
    let project = project();
    let output = traced(&project, "mkdir -m 0 target/d; cat target/d/x; exit 3");
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    assert!(!said(&output).contains("note: the sandbox refused: "), "{}", shown(&output));
}

#[test]
fn no_line_opens_an_identity() {
    let project = project();
    let text = said(&traced(&project, "cat ~/.config/cargo-secrets/identity.txt"));
    assert!(text.contains("holds an identity") && !text.contains("sandbox."), "{text}");
}

#[test]
fn ports_and_sockets_are_named() {
    let project = project();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let connect = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
    let output = project.secrets(&["sandbox", "--trace", "--", "bash", "-c", &connect]).output().unwrap();
    let text = said(&output);
    assert!(text.contains(&format!("could not connect to TCP port {port}")), "{text}");
    assert_eq!(line(&text, "sandbox.network"), "sandbox.network = \"all\"", "{text}");
}

#[test]
fn a_terminal_is_not_proposed() {
    let text = said(&traced(&project(), "cat /dev/tty; cat /dev/vcs; ls /; ls /dev/pts"));
    let notes: Vec<_> = text.lines().filter(|line| line.starts_with("note")).collect();
    assert!(!text.contains("sandbox.read") && !notes.iter().any(|note| note.contains("/dev/tty")), "{text}");
    assert!(text.contains("`/dev/pts` is never read by builds"), "{text}");
}

#[test]
fn children_threads_and_paths_from_a_folder_are_followed() {
    let project = project();
    project.write("sub/x", "");
    let output = traced(&project, "cd sub && (sh -c 'mkdir gen; (cd ..; rm Cargo.toml)' & wait)");
    let text = said(&output);
    assert!(text.contains("/app/sub/gen`") && text.contains("/app/Cargo.toml`"), "{text}");
    assert!(Path::new(&project.root().join("Cargo.toml")).exists());
}

#[test]
fn what_a_traced_command_leaves_behind_ends_with_it() {
    let project = project();
    let script = "(setsid sh -c 'while :; do date +%N > target/alive; done' >/dev/null 2>&1 &) ; sleep 0.3";
    let output = traced(&project, script);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    let read = || std::fs::read_to_string(project.root().join("target/alive")).unwrap_or_default();
    let before = read();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(before, read());
}

#[test]
fn what_the_users_shell_had_open_stays_outside() {
    let project = project();
    let line = "exec 9< ~/notes.txt; exec \"$0\" sandbox --trace -- cat /proc/self/fd/9";
    let output = project.command("sh").args(["-c", line]).arg(program()).output().unwrap();
    assert!(!output.status.success() && output.stdout.is_empty(), "{}", shown(&output));
}

/// A project whose build script does what `body` says.
fn with_script(body: &str) -> Project {
    let project = project();
    declare(&project, REQUIRED);
    project.write("src/main.rs", "fn main() {}\n");
    project.write("build.rs", format!("fn main() {{\n{body}\n}}\n"));
    project
}

#[test]
fn a_build_script_that_fails_by_the_sandbox_is_explained() {
    let project = with_script("    std::fs::create_dir_all(\"src/gen/deep\").unwrap();");
    for arguments in [&["build"][..], &["test"], &["run"]] {
        let output = project.secrets(&["run", "--", "cargo"]).args(arguments).output().unwrap();
        let text = said(&output);
        assert_eq!(output.status.code(), Some(101), "{}", shown(&output));
        assert!(text.contains("could not write ") && text.contains("/src/gen`"), "{text}");
        assert_eq!(line(&text, "sandbox.write"), "sandbox.write = [\"src/gen\"]", "{text}");
    }
    project.write("Cargo.toml", project.read("Cargo.toml").replacen(REQUIRED, "", 1));
    declare(&project, "sandbox.mode = \"require\"\nsandbox.write = [\"src/gen\"]");
    project.ok(&["run", "--quiet", "--", "cargo", "build", "--quiet"]);
}

/// What `run` says of a build that fails.
fn failed(project: &Project, arguments: &[&str]) -> String {
    let output = project.secrets(&["run"]).args(arguments).output().unwrap();
    assert!(!output.status.success(), "{}", shown(&output));
    said(&output)
}

#[test]
fn a_build_script_without_the_network_is_explained() {
    let listens = with_script("    std::net::TcpListener::bind(\"127.0.0.1:0\").unwrap();");
    let text = failed(&listens, &["--", "cargo", "build"]);
    assert!(text.contains("could not listen for connections"), "{text}");
    assert_eq!(line(&text, "sandbox.network"), "sandbox.network = \"all\"", "{text}");
    let sends = with_script("    std::net::UdpSocket::bind(\"127.0.0.1:0\").unwrap();");
    sends.ok(&["run", "--quiet", "--", "cargo", "build", "--quiet"]);
    let none = "sandbox.mode = \"require\"\nsandbox.network = \"none\"";
    sends.write("Cargo.toml", sends.read("Cargo.toml").replacen(REQUIRED, none, 1));
    sends.write("build.rs", format!("{}\n", sends.read("build.rs")));
    let text = failed(&sends, &["--", "cargo", "build"]);
    assert!(text.contains("could not open a socket for TCP or UDP"), "{text}");
    assert_eq!(line(&text, "sandbox.network"), "sandbox.network = \"https\"", "{text}");
}

#[test]
fn listening_without_a_port_is_seen() {
    let Ok(python) = which::which("python3") else {
        eprintln!("skipped: no python3");
        return;
    };
    let script = "import socket\nsocket.socket().listen()";
    let project = project();
    let output = project.secrets(&["sandbox", "--trace", "--"]).arg(python).args(["-c", script]).output().unwrap();
    let text = said(&output);
    assert!(text.contains("could not listen for connections"), "{text}");
    assert_eq!(line(&text, "sandbox.network"), "sandbox.network = \"all\"", "{text}");
}

#[test]
fn an_alias_of_cargos_is_searched() {
    let project = with_script("    std::fs::create_dir_all(\"src/gen/deep\").unwrap();");
    project.write(".cargo/config.toml", "[alias]\ntt = \"test --all-targets -- --nocapture\"\nrr = \"run\"\n");
    for words in [&["cargo", "tt"][..], &["cargo", "rr"], &["cargo", "run", "a", "program's", "--words"]] {
        let text = failed(&project, &[&["--"], words].concat());
        assert!(text.contains("compiling once more"), "{text}");
        assert_eq!(line(&text, "sandbox.write"), "sandbox.write = [\"src/gen\"]", "{text}");
    }
}

#[test]
fn what_cannot_be_searched_is_said() {
    let project = with_script("    std::fs::write(\"/etc/cargo-secrets-test\", \"\").unwrap();");
    for (words, shown) in [
        (&["--", "timeout", "60", "cargo", "build"][..], "timeout 60 cargo build"),
        (&["--", "cargo", "fix", "--allow-no-vcs"], "cargo fix --allow-no-vcs"),
        (&["--sandbox", "--", "sh", "-c", "cargo build"], "sh -c 'cargo build'"),
    ] {
        let text = failed(&project, words);
        assert_eq!(text.matches(&format!("`cargo secrets sandbox --trace -- {shown}`")).count(), 1, "{text}");
    }
    let output = project.secrets(&["sandbox", "--", "cargo", "build"]).output().unwrap();
    let text = said(&output);
    assert!(text.contains("`cargo secrets sandbox --trace -- cargo build` tells what"), "{text}");
    project.write("build.rs", "fn main() {}\n");
    project.write("src/main.rs", "no rust\n");
    let output = project.secrets(&["sandbox", "--", "cargo", "build"]).output().unwrap();
    assert!(!output.status.success() && !said(&output).contains("--trace"), "{}", shown(&output));
}

#[test]
fn a_macro_that_fails_by_the_sandbox_is_explained() {
    let project = project();
    declare(&project, REQUIRED);
    let manifest = project.read("Cargo.toml");
    project.write("Cargo.toml", format!("{manifest}\n[dependencies]\nmaker = {{ path = \"maker\" }}\n"));
    let maker = "[package]\nname = \"maker\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[lib]\nproc-macro = true\n";
    project.write("maker/Cargo.toml", maker);
    let body = "std::fs::write(\"src/made.rs\", \"\").unwrap(); input";
    let signature = "pub fn make(input: proc_macro::TokenStream) -> proc_macro::TokenStream";
    project.write("maker/src/lib.rs", format!("#[proc_macro]\n{signature} {{ {body} }}\n"));
    project.write("src/lib.rs", "maker::make! {}\n");
    let output = project.secrets(&["run", "--", "cargo", "check"]).output().unwrap();
    let text = said(&output);
    assert!(text.contains("`rustc` could not write ") && text.contains("/src/made.rs`"), "{text}");
    project.write("src/lib.rs", "no rust\n");
    let output = project.secrets(&["run", "--verbose", "--", "cargo", "check"]).output().unwrap();
    assert!(!said(&output).contains("sandbox refused"), "{}", shown(&output));
}

#[test]
fn the_search_ends_though_the_script_does_not() {
    if !long() {
        eprintln!("skipped: CARGO_SECRETS_TEST_LONG=1 also waits for the end of the search, a minute");
        return;
    }
    let project = with_script(
        "    let made = std::fs::create_dir(\"src/gen\");
    let status = std::fs::read_to_string(\"/proc/self/status\").unwrap();
    if !status.contains(\"TracerPid:\\t0\\n\") {
        std::thread::sleep(std::time::Duration::from_secs(1000));
    }
    made.unwrap();",
    );
    let began = Instant::now();
    let output = project.secrets(&["run", "--", "cargo", "build"]).output().unwrap();
    assert!(began.elapsed() < Duration::from_secs(200), "{:?}", began.elapsed());
    assert_eq!(line(&said(&output), "sandbox.write"), "sandbox.write = [\"src/gen\"]", "{}", shown(&output));
}

#[test]
fn a_build_script_that_fails_by_itself_is_not() {
    let project = with_script("    panic!(\"its own fault\");");
    let output = project.secrets(&["run", "--", "cargo", "build"]).output().unwrap();
    assert_eq!(output.status.code(), Some(101), "{}", shown(&output));
    let text = said(&output);
    assert!(text.contains("its own fault") && !text.contains("the sandbox refused"), "{text}");
}

#[test]
fn a_killed_tracer_leaves_no_process() {
    let project = project();
    let mut command: Command =
        project.secrets(&["sandbox", "--trace", "--", "sh", "-c", "echo $$ > target/pid; sleep 100; true"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let written = || std::fs::read_to_string(project.root().join("target/pid")).unwrap_or_default();
    let until = Instant::now() + Duration::from_secs(60);
    while !written().ends_with('\n') && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let state = std::fs::read_to_string(format!("/proc/{}/stat", written().trim())).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}
