//! What stands around the project: keys, credentials and settings of its user, services of the machine, a toolchain.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::stage::User;
use crate::support::{Project, program, shown};

/// How every key in a file begins; the fixture knows it.
pub(super) const KEY: &str = "hostile-key-";
/// How every value begins; the fixture knows it.
pub(super) const VALUE: &str = "hostile-value-";

/// What is listened on while the fixture runs; nobody answers.
pub(super) struct Services {
    /// A path, as ssh-agent has one.
    pub(super) agent: PathBuf,
    /// A path, as syslog has one.
    pub(super) datagram: PathBuf,
    /// A name without a path.
    pub(super) name: String,
    /// A port.
    pub(super) tcp: TcpListener,
    /// A port.
    pub(super) udp: UdpSocket,
    #[expect(dead_code, reason = "held open")]
    held: (UnixListener, UnixDatagram, UnixListener),
}

impl Services {
    /// Listens; with paths in this folder.
    pub(super) fn new(folder: &Path) -> Self {
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

/// Keys, credentials and settings.
pub(super) fn furnish(project: &Project) {
    let home = project.home();
    let keys = [".ssh/id_ed25519", ".aws/credentials", "elsewhere/notes.txt"];
    let settings = [".bashrc", ".cargo/.global-cache", ".cargo/registry/src/index/crate-1.0.0/lib.rs"];
    for (name, text) in
        keys.map(|key| (key, made_up(KEY))).into_iter().chain(settings.map(|name| (name, "\n".to_owned())))
    {
        write(&home.join(name), &text);
    }
    let identity = fs::read_to_string(project.identity()).unwrap();
    write(&home.join("elsewhere/identity.txt"), &identity);
    write(&project.root().join("identity.txt"), &identity);
    write(&home.join(".cargo/credentials.toml"), &format!("[registry]\ntoken = \"{}\"\n", made_up(KEY)));
    write(&project.root().join(".env"), &made_up(KEY));
    for path in [home.join(".cargo/config.toml"), home.join(".gitconfig"), project.root().join(".git/config")] {
        write(&path, &format!("# {}\n", made_up(KEY)));
    }
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
pub(super) fn compiler(project: &Project, user: User) -> PathBuf {
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
pub(super) fn made_up(mark: &str) -> String {
    let random = fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap();
    mark.to_owned() + &random.trim().replace('-', "")
}

/// Runs it and expects success.
pub(super) fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", shown(&output));
}

/// Whether the kernel keeps signals and abstract sockets in a domain, as SECURITY.md's table presumes. Says so if not.
pub(super) fn kernel_has_scopes() -> bool {
    const SCOPES: u32 = 6;
    let explained = Project::new().ok(&["run", "--explain", "--", "cargo", "test"]);
    let version =
        explained.split_once("Landlock ABI ").and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
    let has_them = version.and_then(|version| version.parse().ok()).is_some_and(|version: u32| version >= SCOPES);
    if !has_them {
        eprintln!("skipped: this kernel has no Landlock {SCOPES}: {explained}");
    }
    has_them
}
