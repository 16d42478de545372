//! The fixture's stage: a project and a home folder with keys made up for it, services that must not be reached, and one
//! run of the fixture on it.
//!
//! **Nothing outside a temporary folder is seen or touched**, and what the fixture leaves behind is ended here.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::house::{KEY, Services, VALUE, compiler, done, furnish, made_up};
use crate::support::{Project, shown};

/// The ordinary user that a root tests with: none of the machine's.
const ORDINARY: u32 = 23_456;
/// Longer than any run takes.
const PATIENCE: Duration = Duration::from_secs(100);

/// Who runs the fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum User {
    /// Ourselves, who are root.
    Root,
    /// An ordinary user: ourselves, or one that root becomes.
    Ordinary,
}

impl User {
    /// Ourselves.
    pub(super) fn ours() -> Self {
        if is_root() { Self::Root } else { Self::Ordinary }
    }

    /// Those that we can be.
    pub(super) fn all() -> &'static [Self] {
        if is_root() { &[Self::Root, Self::Ordinary] } else { &[Self::Ordinary] }
    }
}

fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").unwrap().lines().any(|line| line.starts_with("Uid:\t0\t"))
}

/// What was tried and what succeeded, by who and what.
pub(super) type Report = BTreeMap<(String, String), Attack>;

/// One attack of the report: who, which, and whether it succeeded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attack {
    /// Which piece of the fixture's code.
    pub(super) who: String,
    /// What it tried.
    pub(super) row: String,
    /// Whether it succeeded.
    pub(super) open: bool,
    /// What it saw.
    pub(super) seen: String,
}

/// A project, its user, and the services of the machine.
pub(super) struct Stage {
    project: Project,
    user: User,
    compiler: PathBuf,
    bystander: Child,
    services: Services,
    shared: NamedTempFile,
}

impl Stage {
    /// Makes the project and the home folder, for this user.
    pub(super) fn new(user: User) -> Self {
        let project = Project::bare();
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/hostile");
        fs::remove_dir_all(project.root()).unwrap();
        done(Command::new("cp").arg("-r").arg(fixture).arg(project.root()));
        project.ok(&["init", "--quiet"]);
        for name in ["APP_TOKEN", "OTHER_TOKEN"] {
            project.set(name, &made_up(VALUE));
        }
        let manifest = project.read("Cargo.toml");
        let restricted = manifest.replace("OTHER_TOKEN = { ", "OTHER_TOKEN = { packages = [\"other\"], ");
        assert_ne!(manifest, restricted);
        project.write("Cargo.toml", restricted);
        furnish(&project);
        let services = Services::new(&project.home());
        let compiler = compiler(&project, user);
        if is_root() && user == User::Ordinary {
            let owner = format!("{ORDINARY}:{ORDINARY}");
            done(Command::new("chown").args(["-R", "-h", &owner]).args([project.root(), project.home()]));
            done(Command::new("chown").arg(&owner).arg(project.root().parent().unwrap()));
        }
        let bystander = user.command("sleep").arg("300").stdin(Stdio::null()).spawn().unwrap();
        let shared = NamedTempFile::new_in("/dev/shm").unwrap();
        fs::write(shared.path(), made_up(KEY)).unwrap();
        fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o644)).unwrap();
        Self { project, user, compiler, bystander, services, shared }
    }

    /// Adds lines to the project's Cargo.toml.
    pub(super) fn declare(&self, lines: &str) {
        self.project.write("Cargo.toml", self.project.read("Cargo.toml") + lines);
    }

    /// Runs `cargo secrets` with these arguments on the stage and tells what succeeded. **What it left behind is told and
    /// ended.**
    pub(super) fn run(&self, arguments: &[&str]) -> Report {
        self.clear();
        let (output, report) = self.try_run(&self.program(), arguments, None);
        assert!(output.status.success(), "{arguments:?}, {:?}: {}", self.user, shown(&output));
        report
    }

    /// The same with plain cargo: nothing of ours takes part.
    pub(super) fn plain(&self, arguments: &[&str]) -> Report {
        self.clear();
        let (output, report) = self.try_run(&self.compiler.join("bin/cargo"), arguments, None);
        assert!(output.status.success(), "{arguments:?}, {:?}: {}", self.user, shown(&output));
        report
    }

    /// The same with a build script that does this damage and nothing else; the run may fail, but has to end.
    pub(super) fn vandalized(&self, damage: &str, arguments: &[&str]) -> (Output, Report) {
        self.clear();
        self.try_run(&self.program(), arguments, Some(damage))
    }

    /// The same at a terminal of its own.
    pub(super) fn at_terminal(&self, damage: &str, arguments: &[&str]) -> Report {
        self.clear();
        let notes = self.notes();
        let mut command = self.command(&self.program(), arguments, &notes);
        command.env("HOSTILE_VANDAL", damage).stdin(Stdio::inherit());
        let mut terminal =
            rexpect::session::spawn_command(command, Some(PATIENCE.as_millis().try_into().unwrap())).unwrap();
        terminal.exp_eof().unwrap();
        self.reported(&notes)
    }

    /// A run on what the one before left.
    pub(super) fn again(&self, arguments: &[&str]) -> Output {
        self.try_run(&self.program(), arguments, None).0
    }

    /// Writes a file of the project.
    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        self.project.write(name, text)
    }

    /// What the user has in another project's folder.
    pub(super) fn elsewhere(&self) -> Vec<OsString> {
        let entries = fs::read_dir(self.project.home().join("elsewhere")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    }

    fn try_run(&self, program: &Path, arguments: &[&str], damage: Option<&str>) -> (Output, Report) {
        let notes = self.notes();
        let mut command = self.command(program, arguments, &notes);
        command.envs(damage.map(|damage| ("HOSTILE_VANDAL", damage)));
        let output = within(command);
        let report = self.reported(&notes);
        (output, report)
    }

    fn notes(&self) -> PathBuf {
        self.project.root().join("target/hostile")
    }

    /// What was tried, after what is left of it was ended.
    fn reported(&self, notes: &Path) -> Report {
        let mut attacks = self.leftovers(notes);
        attacks.extend(fs::read_to_string(notes.join("report")).unwrap().lines().map(parsed));
        attacks.push(self.cached());
        let mut report = Report::new();
        for attack in attacks {
            let known = report.entry((attack.who.clone(), attack.row.clone())).or_insert_with(|| attack.clone());
            // Of several tries, the one that succeeds counts.
            if attack.open {
                *known = attack;
            }
        }
        report
    }

    /// A target folder with nothing but an empty report.
    fn clear(&self) {
        let _ = fs::remove_dir_all(self.project.root().join("target"));
        let notes = self.project.root().join("target/hostile");
        fs::create_dir_all(&notes).unwrap();
        for name in ["report", "left"] {
            fs::write(notes.join(name), "").unwrap();
        }
        if is_root() && self.user == User::Ordinary {
            let target = self.project.root().join("target");
            done(Command::new("chown").args(["-R", &format!("{ORDINARY}:{ORDINARY}")]).arg(target));
        }
    }

    fn command(&self, program: &Path, arguments: &[&str], notes: &Path) -> Command {
        // A descriptor of the shell's is left open for whoever comes.
        let mut command = self.user.command("sh");
        command.args(["-c", "exec \"$@\" 9< \"$HOME/.ssh/id_ed25519\"", "sh"]).arg(program).args(arguments);
        command.current_dir(self.project.root()).env_clear().stdin(Stdio::null());
        let mut path = OsString::from(self.compiler.join("bin"));
        path.push(":/usr/local/bin:/usr/bin:/bin");
        let facts: [(&str, OsString); 11] = [
            ("REPORT", notes.join("report").into()),
            ("PROJECT", self.project.root().into()),
            ("PROGRAM", self.program().into()),
            ("DRIVER", std::process::id().to_string().into()),
            ("OUTSIDE", self.bystander.id().to_string().into()),
            ("SHARED", self.shared.path().into()),
            ("AGENT", self.services.agent.clone().into()),
            ("DATAGRAM", self.services.datagram.clone().into()),
            ("ABSTRACT", self.services.name.clone().into()),
            ("PORT", self.services.tcp.local_addr().unwrap().port().to_string().into()),
            ("UDP", self.services.udp.local_addr().unwrap().port().to_string().into()),
        ];
        command.envs(facts.map(|(name, value)| (format!("HOSTILE_{name}"), value)));
        command.env("PATH", path).env("HOME", self.project.home()).env("CARGO_BUILD_JOBS", "2");
        command.env("SSH_AUTH_SOCK", &self.services.agent).env("GITHUB_TOKEN", made_up(KEY));
        command.env("CARGO_SECRETS_IDENTITY_FILE", self.project.home().join("elsewhere/identity.txt"));
        command.env("SOPS_AGE_KEY_FILE", self.project.root().join("identity.txt"));
        command.env("SOPS_AGE_KEY", fs::read_to_string(self.project.identity()).unwrap());
        command
    }

    /// Our program in a place that this user reaches.
    fn program(&self) -> PathBuf {
        self.project.home().join(".cargo/bin/cargo-secrets")
    }

    /// The fixture's processes that are still there.
    fn leftovers(&self, notes: &Path) -> Vec<Attack> {
        let recorded = fs::read_to_string(notes.join("left")).unwrap();
        let kinds: BTreeSet<_> =
            recorded.lines().filter_map(|line| line.rsplit_once('\t')).map(|(kind, _)| kind).collect();
        let alive: Vec<_> =
            recorded.lines().filter_map(|line| line.rsplit_once('\t')).filter(|(_, pid)| self.is_ours(pid)).collect();
        for (_, pid) in &alive {
            let _ = Command::new("kill").args(["-KILL", pid]).status();
        }
        let told = |kind: &&str| {
            let count = alive.iter().filter(|(other, _)| other == kind).count();
            let (who, row) = kind.split_once('\t').unwrap();
            let (who, row) = (who.to_owned(), row.to_owned());
            Attack { who, row, open: count > 0, seen: format!("{count} processes are left") }
        };
        kinds.iter().map(told).collect()
    }

    /// Whether this process is the fixture's: numbers are used again.
    fn is_ours(&self, pid: &str) -> bool {
        let root = self.project.root();
        let root = root.to_str().unwrap();
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(root))
    }

    /// Whether a value is in what was built.
    fn cached(&self) -> Attack {
        let search =
            Command::new("grep").args(["-raFl", VALUE]).arg(self.project.root().join("target/debug")).output().unwrap();
        let found = String::from_utf8_lossy(&search.stdout);
        // The fixture's own code says how a value begins; what follows makes it one.
        let value = |file: &&str| {
            let bytes = fs::read(file).unwrap_or_default();
            let is_value = |rest: &[u8]| rest.iter().all(u8::is_ascii_hexdigit);
            bytes.windows(VALUE.len() + 8).any(|window| window.strip_prefix(VALUE.as_bytes()).is_some_and(is_value))
        };
        let files: Vec<_> = found.lines().filter(value).collect();
        Attack { who: "build".into(), row: "cached".into(), open: !files.is_empty(), seen: files.join(" ") }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.bystander.kill();
        let _ = self.bystander.wait();
    }
}

impl User {
    /// A program, started as this user and staying the process that is started.
    pub(super) fn command(self, program: &str) -> Command {
        if self == Self::Root || !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={ORDINARY}"), format!("--regid={ORDINARY}")]).args(["--clear-groups", program]);
        command
    }
}

/// Runs it; one that does not end is ended.
fn within(mut command: Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id().to_string();
    // What is left behind may hold the pipes, so they are read beside the wait for the process itself.
    let [stdout, stderr] = [reader(child.stdout.take().unwrap()), reader(child.stderr.take().unwrap())];
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            let _ = Command::new("kill").args(["-KILL", &pid]).status();
            panic!("{command:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text =
        |reader: std::sync::mpsc::Receiver<Vec<u8>>| reader.recv_timeout(Duration::from_secs(2)).unwrap_or_default();
    Output { status, stdout: text(stdout), stderr: text(stderr) }
}

fn reader(mut pipe: impl std::io::Read + Send + 'static) -> std::sync::mpsc::Receiver<Vec<u8>> {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        let _ = send.send(bytes);
    });
    receive
}

fn parsed(line: &str) -> Attack {
    let mut parts = line.splitn(4, '\t').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_else(|| panic!("a line of the report has four parts: {line}"));
    let (who, row, word, seen) = (next(), next(), next(), next());
    let open = match word.as_str() {
        "open" => true,
        "blocked" => false,
        _ => panic!("neither open nor blocked: {line}"),
    };
    Attack { who, row, open, seen }
}
