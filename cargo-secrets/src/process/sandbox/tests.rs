//! The policy as a whole, on folders of a test's own, and its rulesets on the running kernel.

use std::path::{Path, PathBuf};

use super::*;
use crate::manifest::{Network, Sandbox};

/// A home with keys, and a project in it.
struct Desk {
    folder: tempfile::TempDir,
    /// Where the home folder is, if it is not the one around all of this.
    home: Option<PathBuf>,
    table: Sandbox,
    unhide: Vec<PathBuf>,
    targets: Vec<PathBuf>,
    writes: bool,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let folders =
            [".ssh", ".aws", ".config/cargo-secrets", ".cargo/bin", ".cargo/registry", ".local/bin", "tmp", "other"];
        for name in folders {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        for name in ["ws/api/src", "ws/.git/hooks", "ws/.cargo"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        let files =
            [".ssh/id_rsa", ".cargo/credentials.toml", ".bashrc", "ws/.env", "ws/api/.env.local", "ws/.env.example"];
        for name in files.iter().chain(&["ws/Cargo.toml", "ws/api/src/lib.rs", "key.txt", "Cargo.toml"]) {
            std::fs::File::create(at(name)).unwrap();
        }
        let targets = vec![at("ws/target")];
        Self { folder, home: None, table: Sandbox::default(), unhide: Vec::new(), targets, writes: false }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn policy(&self) -> Result<Policy, SandboxError> {
        let [home, root, config, cargo_home, tmp] = ["", "ws", ".config", ".cargo", "tmp"].map(|name| self.at(name));
        let home = self.home.clone().unwrap_or(home);
        let identities = [self.at("key.txt")];
        let owner = Owner {
            home: Some(&home),
            config: Some(&config),
            cargo_home: Some(&cargo_home),
            identities: &identities,
            unhide: &self.unhide,
            ..Owner::default()
        };
        Policy::build(&Places {
            root: &root,
            repository: None,
            targets: &self.targets,
            outside: &[],
            tmp: &tmp,
            owner,
            rustup_home: None,
            path: &[cargo_home.join("bin"), home.join(".local/bin"), home.join("other/target/debug")],
            program: Path::new("/proc/self/exe"),
            proxies: &[],
            table: &self.table,
            writes_workspace: self.writes,
        })
    }

    fn allows(&self, policy: &Policy, name: &str, access: Access) -> bool {
        policy.verdict(&self.at(name), access) == Verdict::Allowed
    }

    fn why(&self, policy: &Policy, name: &str, access: Access) -> Why {
        match policy.verdict(&self.at(name), access) {
            Verdict::Allowed => panic!("`{name}` is allowed"),
            Verdict::Refused(why) => why,
        }
    }
}

#[test]
fn a_build_reads_the_project_and_writes_its_target_folder() {
    let desk = Desk::new();
    let policy = desk.policy().unwrap();
    for name in ["ws/Cargo.toml", "ws/api/src/lib.rs", "ws/.env.example", ".cargo/registry", ".local/bin", "Cargo.toml"]
    {
        assert!(desk.allows(&policy, name, Access::Read), "{name}");
        assert!(!desk.allows(&policy, name, Access::Write), "{name}");
    }
    for name in ["ws/target/debug/new", "tmp/new"] {
        assert!(desk.allows(&policy, name, Access::Write), "{name}");
    }
    assert!(desk.at("ws/target/CACHEDIR.TAG").exists());
    assert!(policy.verdict(Path::new("/usr/include"), Access::Read) == Verdict::Allowed);
}

#[test]
fn keys_other_files_of_the_user_and_env_files_are_hidden() {
    let desk = Desk::new();
    let policy = desk.policy().unwrap();
    let hidden = [".ssh/id_rsa", ".aws/credentials", ".config/cargo-secrets/identity.txt", ".cargo/credentials.toml"];
    for name in hidden.iter().chain(&["key.txt", "ws/.env", "ws/api/.env.local", "other", ".bashrc", "ws/later"]) {
        assert!(!desk.allows(&policy, name, Access::Read), "{name}");
    }
    let shown = policy.hidden.shown();
    for name in ["~/.ssh", "~/.config/cargo-secrets", "~/.cargo/credentials.toml", "~/key.txt", "~/ws/.env"] {
        assert!(shown.iter().any(|path| path == name), "{name}: {shown:?}");
    }
}

#[test]
fn a_refusal_says_what_opens_it() {
    let desk = Desk::new();
    let policy = desk.policy().unwrap();
    let why = |name, access| desk.why(&policy, name, access);
    let (read, write) = (Access::Read, Access::Write);
    assert_eq!(why("ws/api/src/gen.rs", write), Why::ReadOnly("api/src".to_owned()));
    assert_eq!(why("ws/api/src/lib.rs", write), Why::ReadOnly("api/src/lib.rs".to_owned()));
    assert_eq!(why("ws/new", write), Why::ReadOnly(".".to_owned()));
    assert_eq!(why("other", read), Why::Unlisted("~/other".to_owned()));
    assert_eq!(why(".aws/config", read), Why::Hidden("~/.aws".to_owned()));
    assert_eq!(why("key.txt", read), Why::Identity("~/key.txt".to_owned()));
    assert_eq!(why("ws/.env", read), Why::Unlisted(".env".to_owned()));
    assert_eq!(why("ws/api/src/gen", Access::Folder), Why::ReadOnly("api/src/gen".to_owned()));
    assert_eq!(why("ws/api/src/lib.rs", Access::Entry), Why::ReadOnly("api/src".to_owned()));
    assert_eq!(why("ws/.git/hooks/pre-commit", write), Why::Guarded(".git".to_owned()));
    assert_eq!(why(".bashrc", write), Why::Guarded("~/.bashrc".to_owned()));
}

#[test]
fn the_lines_open_what_they_say() {
    let mut desk = Desk::new();
    desk.table.read = vec!["~/other".to_owned(), ".env".to_owned()];
    desk.table.write = vec!["api/src/gen".to_owned(), "api/src/lib.rs".to_owned()];
    desk.unhide = vec![PathBuf::from("~/.aws")];
    let policy = desk.policy().unwrap();
    for name in ["other/x", "ws/.env", ".aws/config"] {
        assert!(desk.allows(&policy, name, Access::Read), "{name}");
    }
    for name in ["ws/api/src/gen/a.rs", "ws/api/src/lib.rs"] {
        assert!(desk.allows(&policy, name, Access::Write), "{name}");
    }
    assert!(desk.at("ws/api/src/gen").is_dir() && !desk.allows(&policy, "ws/api/.env.local", Access::Read));
}

#[test]
fn a_cargo_toml_opens_no_key_and_nothing_that_others_obey() {
    let refused = |read: &[&str], write: &[&str]| {
        let mut desk = Desk::new();
        std::os::unix::fs::symlink(desk.at(".ssh"), desk.at("ws/keys")).unwrap();
        std::os::unix::fs::symlink(desk.at(".local"), desk.at("ws/gen")).unwrap();
        desk.table.read = read.iter().map(ToString::to_string).collect();
        desk.table.write = write.iter().map(ToString::to_string).collect();
        desk.policy().map(drop).map_err(|error| (error.to_string(), error.help().unwrap()))
    };
    let hidden = "`sandbox.read` in Cargo.toml names `~/.ssh`, which is hidden from builds";
    let (text, help) = refused(&["~/.ssh"], &[]).unwrap_err();
    assert!(text == hidden && help.contains("sandbox.unhide = [\"~/.ssh\"]"), "{text} {help}");
    for entry in ["keys", "~/.aws/config", "~/.config/cargo-secrets", "../key.txt", "~/.cargo/credentials.toml"] {
        assert!(matches!(refused(&[entry], &[]), Err((text, _)) if text.contains("hidden")), "{entry}");
    }
    for entry in [
        "~",
        "~/.bashrc",
        "~/.cargo",
        "gen",
        "/etc/x",
        ".git/hooks",
        "..",
        "/",
        "~/.config",
        "none/../../.bashrc",
        "none/../../.local/bin/x.sh",
    ] {
        assert!(matches!(refused(&[], &[entry]), Err((text, _)) if text.contains("could change")), "{entry}");
    }
    assert!(refused(&["~"], &["."]).is_ok());
}

#[test]
fn a_cargo_toml_opens_no_terminal() {
    let desk_with = |entry: &str| {
        let mut desk = Desk::new();
        std::os::unix::fs::symlink("/dev", desk.at("ws/devices")).unwrap();
        desk.table.read = vec![entry.to_owned()];
        desk
    };
    for entry in ["/dev/tty", "/dev/pts", "/dev/pts/0", "/dev", "/", "devices", "/usr/../dev/tty", "/proc/self/root"] {
        let error = desk_with(entry).policy().unwrap_err();
        assert!(matches!(error, SandboxError::Devices { .. }) && error.to_string().contains(entry), "{entry}: {error}");
    }
    for entry in ["/dev/null", "/dev/urandom", "/dev/shm/models"] {
        assert!(desk_with(entry).policy().is_ok(), "{entry}");
    }
    let policy = Desk::new().policy().unwrap();
    let why = |path: &str| policy.verdict(Path::new(path), Access::Read);
    assert_eq!(why("/dev/pts"), Verdict::Refused(Why::Closed("/dev/pts".to_owned())));
    assert_eq!(why("/"), Verdict::Refused(Why::Closed("/".to_owned())));
    assert_eq!(why("/dev/null"), Verdict::Allowed);
}

#[test]
fn a_home_among_the_machines_folders_is_not_opened_with_them() {
    let mut desk = Desk::new();
    desk.home = Some("/usr/share".into());
    let policy = desk.policy().unwrap();
    let verdict = |path: &str| policy.verdict(Path::new(path), Access::Read);
    assert_eq!(verdict("/usr/share/notes"), Verdict::Refused(Why::Unlisted("~/notes".to_owned())));
    assert_eq!((verdict("/usr/lib"), verdict("/usr/include/x.h")), (Verdict::Allowed, Verdict::Allowed));
    assert!(desk.allows(&policy, "ws/api/src/lib.rs", Access::Read) && desk.allows(&policy, "tmp/x", Access::Write));
}

#[test]
fn what_lies_beside_a_workspace_is_not_the_machines() {
    let table = Sandbox::default();
    let private = |root: &str| {
        let places = Places {
            root: Path::new(root),
            repository: None,
            targets: &[],
            outside: &[],
            tmp: Path::new("/tmp"),
            owner: Owner::default(),
            rustup_home: None,
            path: &[],
            program: Path::new("/proc/self/exe"),
            proxies: &[],
            table: &table,
            writes_workspace: false,
        };
        places.private()
    };
    assert_eq!(private("/opt/you/app"), [PathBuf::from("/opt/you")]);
    assert_eq!(private("/usr/src/app"), [PathBuf::from("/usr/src")]);
    for root in ["/opt/app", "/usr/local/app"] {
        assert!(private(root).is_empty(), "{root}");
    }
}

#[test]
fn what_may_write_the_workspace_leaves_hooks_and_settings_alone() {
    let mut desk = Desk::new();
    desk.writes = true;
    let policy = desk.policy().unwrap();
    assert!(desk.allows(&policy, "ws/api/src/lib.rs", Access::Write));
    assert!(
        desk.allows(&policy, "ws/.git/hooks", Access::Read) && !desk.allows(&policy, "ws/.git/hooks/x", Access::Write)
    );
    assert!(
        !desk.allows(&policy, "ws/.cargo/config.toml", Access::Write) && !desk.allows(&policy, "ws/.env", Access::Read)
    );
}

#[test]
fn a_target_folder_that_holds_the_home_or_the_project_is_refused() {
    let mut desk = Desk::new();
    std::os::unix::fs::symlink(desk.at(""), desk.at("ws/target")).unwrap();
    assert!(matches!(desk.policy(), Err(SandboxError::Target { .. })));
    for name in ["ws", ".config", ".local/bin", ".ssh", ".aws/new", ".cargo/bin/x"] {
        desk.targets = vec![desk.at(name)];
        assert!(matches!(desk.policy(), Err(SandboxError::Target { .. })), "{name}");
    }
    desk.targets = vec![desk.at("other/target"), desk.at(".cargo/target")];
    assert!(desk.policy().is_ok());
}

#[test]
fn every_version_of_landlock_takes_the_rulesets() {
    let kernel = Support::detect();
    let desk = Desk::new();
    let policy = desk.policy().unwrap();
    let home = desk.at("");
    let program = ProgramDomain::build(&Owner { home: Some(&home), ..Owner::default() }, &[]);
    for landlock in 0..=support::NEWEST.min(kernel.landlock) {
        let support = Support { landlock, seccomp: true };
        assert_eq!(policy.ruleset(support).is_ok(), landlock >= 2, "{support}");
        assert_eq!(program.ruleset(support).is_ok(), landlock >= 2, "{support}");
        assert_eq!(outer(support).unwrap().is_some(), landlock >= 6, "{support}");
    }
}

#[test]
fn every_kind_of_network_has_its_filters() {
    let mut desk = Desk::new();
    for network in [Network::Https, Network::All, Network::None] {
        desk.table.network = network;
        let policy = desk.policy().unwrap();
        assert!(policy.network() == network && Calls::new(network).is_ok());
        let support = Support::detect();
        assert!(!support.can_confine() || policy.ruleset(support).is_ok());
    }
}

#[test]
fn refused_calls_are_refused_and_others_are_not() {
    let calls = Calls::new(Network::Https).unwrap();
    let seen = std::thread::spawn(move || {
        use rustix::net::{AddressFamily, SocketFlags, SocketType, ipproto, socket, socketpair};
        drop_capabilities(Keep::Build).unwrap();
        calls.refuse().unwrap();
        let pair = |kind| socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).is_ok();
        [
            socket(AddressFamily::UNIX, SocketType::STREAM, None).is_ok(),
            pair(SocketType::DGRAM),
            socket(AddressFamily::INET, SocketType::STREAM, Some(ipproto::MPTCP)).is_ok(),
            pair(SocketType::STREAM),
            pair(SocketType::SEQPACKET),
            socket(AddressFamily::INET, SocketType::STREAM, None).is_ok(),
            socket(AddressFamily::INET6, SocketType::DGRAM, None).is_ok(),
        ]
    });
    assert_eq!(seen.join().unwrap(), [false, false, false, true, true, true, true]);
}

#[test]
fn a_link_that_a_build_made_opens_nothing() {
    let mut desk = Desk::new();
    std::fs::create_dir_all(desk.at("ws/target")).unwrap();
    std::os::unix::fs::symlink(desk.at("other"), desk.at("ws/target/later")).unwrap();
    std::os::unix::fs::symlink(desk.at("ws/target"), desk.at("ws/built")).unwrap();
    for name in ["ws/target/later", "ws/target/later/deep", "ws/built/later"] {
        desk.targets = vec![desk.at(name)];
        assert!(matches!(desk.policy(), Err(SandboxError::Target { .. })), "{name}");
    }
    desk.targets = vec![desk.at("ws/built"), desk.at("ws/built/ci")];
    assert!(desk.policy().is_ok());
    desk.table.read = vec!["target/later".to_owned()];
    assert!(matches!(desk.policy(), Err(SandboxError::Strays { .. })));
    desk.table.read.clear();
    std::os::unix::fs::symlink(desk.at("tmp"), desk.at("ws/gen")).unwrap();
    desk.table.write = vec!["gen".to_owned()];
    assert!(desk.policy().is_ok());
}
