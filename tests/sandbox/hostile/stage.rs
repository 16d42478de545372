//! The fixture's stage: a project and a home folder with keys made up for it, services that must not be reached, and one
//! run of the fixture on it.
//!
//! **Nothing outside a temporary folder is seen or touched**, and what the fixture leaves behind is ended here.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Project, program, shown};

/// How every key in a file begins; the fixture knows it.
const KEY: &str = "hostile-key-";
/// How every value begins; the fixture knows it.
const VALUE: &str = "hostile-value-";
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
    /// Those that we can be.
    pub(super) fn all() -> &'static [Self] {
        if is_root() { &[Self::Root, Self::Ordinary] } else { &[Self::Ordinary] }
    }
}

fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").unwrap().lines().any(|line| line.starts_with("Uid:\t0\t"))
}

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
}

/// What is listened on while the fixture runs; nobody answers.
struct Services {
    agent: PathBuf,
    datagram: PathBuf,
    name: String,
    tcp: TcpListener,
    udp: UdpSocket,
    #[expect(dead_code, reason = "held open")]
    held: (UnixListener, UnixDatagram, UnixListener),
}

impl Services {
    fn new(folder: &Path) -> Self {
        let (agent, datagram) = (folder.join("agent"), folder.join("datagram"));
        let name = format!("hostile-{}-{}", std::process::id(), folder.display());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let held = (
            UnixListener::bind(&agent).unwrap(),
            UnixDatagram::bind(&datagram).unwrap(),
            UnixListener::bind_addr(&address).unwrap(),
        );
        let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        Self { agent, datagram, name, tcp, udp, held }
    }
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
        Self { project, user, compiler, bystander, services }
    }

    /// Adds lines to the project's Cargo.toml.
    pub(super) fn declare(&self, lines: &str) {
        self.project.write("Cargo.toml", self.project.read("Cargo.toml") + lines);
    }

    /// Runs `cargo secrets` with these arguments on the stage and tells what succeeded. **What it left behind is told and
    /// ended.**
    pub(super) fn run(&self, arguments: &[&str]) -> Vec<Attack> {
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
        let output = self.start(arguments, &notes);
        let mut attacks = self.leftovers(&notes);
        assert!(output.status.success(), "{arguments:?}, {:?}: {}", self.user, shown(&output));
        attacks.extend(fs::read_to_string(notes.join("report")).unwrap().lines().map(parsed));
        attacks.push(self.cached());
        attacks
    }

    fn start(&self, arguments: &[&str], notes: &Path) -> Output {
        // A descriptor of the shell's is left open for whoever comes.
        let mut command = self.user.command("sh");
        command.args(["-c", "exec \"$@\" 9< \"$HOME/.ssh/id_ed25519\"", "sh"]).arg(self.program()).args(arguments);
        command.current_dir(self.project.root()).env_clear().stdin(Stdio::null());
        let mut path = OsString::from(self.compiler.join("bin"));
        path.push(":/usr/local/bin:/usr/bin:/bin");
        let facts: [(&str, OsString); 10] = [
            ("REPORT", notes.join("report").into()),
            ("PROJECT", self.project.root().into()),
            ("PROGRAM", self.program().into()),
            ("DRIVER", std::process::id().to_string().into()),
            ("OUTSIDE", self.bystander.id().to_string().into()),
            ("AGENT", self.services.agent.clone().into()),
            ("DATAGRAM", self.services.datagram.clone().into()),
            ("ABSTRACT", self.services.name.clone().into()),
            ("PORT", self.services.tcp.local_addr().unwrap().port().to_string().into()),
            ("UDP", self.services.udp.local_addr().unwrap().port().to_string().into()),
        ];
        command.envs(facts.map(|(name, value)| (format!("HOSTILE_{name}"), value)));
        command.env("PATH", path).env("HOME", self.project.home()).env("CARGO_BUILD_JOBS", "2");
        command.env("SSH_AUTH_SOCK", &self.services.agent);
        within(command)
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
            bytes.windows(VALUE.len() + 8).any(|window| {
                window.starts_with(VALUE.as_bytes()) && window[VALUE.len()..].iter().all(u8::is_ascii_hexdigit)
            })
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
    fn command(self, program: &str) -> Command {
        if self == Self::Root || !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={ORDINARY}"), format!("--regid={ORDINARY}")]).args(["--clear-groups", program]);
        command
    }
}

/// Keys, credentials and settings.
fn furnish(project: &Project) {
    let home = project.home();
    let keys = [".ssh/id_ed25519", ".aws/credentials", "elsewhere/notes.txt"];
    let settings = [".bashrc", ".cargo/config.toml", ".cargo/registry/src/index/crate-1.0.0/lib.rs"];
    for (name, text) in
        keys.map(|key| (key, made_up(KEY))).into_iter().chain(settings.map(|name| (name, "\n".to_owned())))
    {
        write(&home.join(name), &text);
    }
    write(&home.join(".cargo/credentials.toml"), &format!("[registry]\ntoken = \"{}\"\n", made_up(KEY)));
    write(&project.root().join(".env"), &made_up(KEY));
    write(&project.root().join(".cargo/config.toml"), "\n");
    fs::create_dir_all(project.root().join(".git/hooks")).unwrap();
    fs::create_dir_all(home.join(".cargo/bin")).unwrap();
    // Not written by ourselves: what is open for writing while another test starts a child cannot be executed.
    done(Command::new("cp").arg(program()).arg(home.join(".cargo/bin/cargo-secrets")));
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The folder of the toolchain; where this user cannot enter it, one of links to its files.
fn compiler(project: &Project, user: User) -> PathBuf {
    let found = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
    let found = PathBuf::from(String::from_utf8(found.stdout).unwrap().trim());
    if user.command("test").arg("-x").arg(found.join("bin/cargo")).status().unwrap().success() {
        return found;
    }
    let folder = project.root().parent().unwrap().join("toolchain");
    fs::create_dir_all(&folder).unwrap();
    for part in ["bin", "lib"] {
        let copy =
            |how: &str| Command::new("cp").arg(how).arg(found.join(part)).arg(&folder).stderr(Stdio::null()).status();
        assert!(copy("-al").unwrap().success() || copy("-a").unwrap().success());
    }
    folder
}

/// Something made up that is nowhere else.
fn made_up(mark: &str) -> String {
    let random = fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap();
    mark.to_owned() + &random.trim().replace('-', "")
}

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", shown(&output));
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
