//! `run --watch -- cargo run`: through the runner, the program and cargo are started again.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::fixture::{Fixture, succeeds};
use crate::support::canary::Canary;

#[test]
fn a_program_of_cargo_is_started_again_with_the_new_value() {
    let fixture = Fixture::suite();
    let program = "fn main() {\n    let path = format!(\"{}/waits\", std::env::var(\"SEEN\").unwrap());\n    \
                   let token = std::env::var(\"TOKEN\").unwrap();\n    let mut text = std::fs::read_to_string(&path).unwrap_or_default();\n    \
                   text += &token;\n    text += \"\\n\";\n    std::fs::write(path, text).unwrap();\n    \
                   std::thread::sleep(std::time::Duration::from_secs(100));\n}\n";
    fixture.project.write("src/bin/waits.rs", program);
    succeeds(&mut fixture.bare(&["cargo", "build", "--quiet", "--bin", "waits"]));
    let mut run = fixture.ours_with(&["--watch"], &["cargo", "run", "--quiet", "--bin", "waits"]);
    let mut run = run.stdin(Stdio::null()).spawn().unwrap();
    let path = fixture.project.home().join("seen/waits");
    let wait = |expected: &str| {
        let start = Instant::now();
        while std::fs::read_to_string(&path).unwrap_or_default() != expected {
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", std::fs::read_to_string(&path));
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let first = &fixture.token.value;
    wait(&format!("{first}\n"));
    let second = Canary::new().value;
    fixture.project.set("TOKEN", &second);
    wait(&format!("{first}\n{second}\n"));
    rustix::process::kill_process(rustix::process::Pid::from_child(&run), rustix::process::Signal::TERM).unwrap();
    let status = run.wait().unwrap();
    assert!(!status.success());
}
