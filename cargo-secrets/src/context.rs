//! What a command works with, made once from the command line and our surroundings.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::cli::Global;
use crate::error::Error;
use crate::manifest::{Located, Manifest, Plan};
use crate::process::Surroundings;
use crate::secret::EnvName;
use crate::store::identity::Settings;
use crate::store::{self, Keyring};
use crate::term::{Shell, Verbosity};

/// A command's surroundings.
pub(crate) struct Context {
    /// Where status lines go.
    pub(crate) shell: Shell,
    /// The working folder.
    pub(crate) cwd: PathBuf,
    /// Where identities are looked for.
    pub(crate) identities: Settings,
    manifest_path: Option<PathBuf>,
    environment: Option<String>,
}

impl Context {
    /// Reads the global options. `variables` are the identity variables that were taken out of the environment.
    pub(crate) fn new(global: Global, variables: Vec<(&'static str, Zeroizing<Vec<u8>>)>) -> io::Result<Self> {
        let verbosity = match (global.quiet, global.verbose > 0) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let config = config.or_else(|| home.as_ref().map(|home| home.join(".config")));
        Ok(Self {
            shell: Shell { verbosity },
            cwd: std::env::current_dir()?,
            identities: Settings { flag: global.identity, variables, config, home },
            manifest_path: global.manifest_path,
            environment: global.environment,
        })
    }

    /// The surroundings of a program that cargo starts: those of its package.
    pub(crate) fn for_runner(variables: Vec<(&'static str, Zeroizing<Vec<u8>>)>) -> io::Result<Self> {
        let context = Self::new(Global::default(), variables)?;
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        Ok(Self { cwd: package.unwrap_or_else(|| context.cwd.clone()), ..context })
    }

    /// The options that another command of ours needs to mean the same project, and to open its files.
    pub(crate) fn repeated(&self) -> Vec<OsString> {
        let identities = self.identities.flag.iter().flat_map(|file| ["--identity".into(), file.clone().into()]);
        let manifest = self.manifest_path.iter().flat_map(|path| ["--manifest-path".into(), path.clone().into()]);
        identities.chain(manifest).collect()
    }

    /// What Cargo.toml declares.
    pub(crate) fn manifest(&self) -> Result<Manifest, Error> {
        let manifest = Manifest::load(self.located()?)?;
        store::plugin::set_root(manifest.root());
        if let Some(release) = manifest.newer_release() {
            self.shell.warn(format_args!(
                "Cargo.toml requires cargo-secrets {release}, this is {}: what it demands may go unchecked",
                env!("CARGO_PKG_VERSION")
            ));
        }
        Ok(manifest)
    }

    /// Which Cargo.toml that is, whether it declares secrets or not.
    pub(crate) fn located(&self) -> Result<Located, Error> {
        Ok(Located::find(&self.cwd, self.manifest_path.as_deref(), self.cargo_home().as_deref())?)
    }

    /// Cargo's own folder, which no search for a workspace enters.
    pub(crate) fn cargo_home(&self) -> Option<PathBuf> {
        let set = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        set.or_else(|| self.identities.home.as_ref().map(|home| home.join(".cargo")))
    }

    /// The user's folders.
    pub(crate) fn surroundings(&self) -> Surroundings {
        let folder = |name: &str| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        let home = self.identities.home.clone();
        let rustup = || home.as_ref().map(|home| home.join(".rustup"));
        Surroundings {
            cwd: self.cwd.clone(),
            config: self.identities.config.clone(),
            cargo_home: self.cargo_home(),
            rustup_home: folder("RUSTUP_HOME").or_else(rustup),
            runtime: folder("XDG_RUNTIME_DIR"),
            path: std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect(),
            identities: self.identities.files(),
            home,
        }
    }

    /// The environment that was asked for by name: `-e`, else `CARGO_SECRETS_ENVIRONMENT`.
    pub(crate) fn named_environment(&self) -> Result<Option<EnvName>, Error> {
        if let Some(name) = &self.environment {
            return Ok(Some(EnvName::new(name)?));
        }
        let set = std::env::var_os("CARGO_SECRETS_ENVIRONMENT").filter(|name| !name.is_empty());
        Ok(set.map(|name| EnvName::new(&name.to_string_lossy())).transpose()?)
    }

    /// The environment that was asked for, or the default one, with its sources.
    pub(crate) fn plan(&self, manifest: &Manifest) -> Result<Plan, Error> {
        let name = match self.named_environment()? {
            Some(name) => name,
            None => manifest.default_environment()?.clone(),
        };
        Ok(manifest.plan(&name)?)
    }

    /// A keyring over all identities; none is read yet.
    pub(crate) fn keyring(&self) -> Keyring {
        Keyring::new(&self.identities)
    }

    /// Says what the keyring passed over, and which identity it used.
    pub(crate) fn report(&self, keyring: &mut Keyring) {
        for warning in keyring.take_warnings() {
            let text = warning.to_string();
            self.shell.warn(warning.help().map_or(text.clone(), |help| format!("{text}: {help}")));
        }
        if let Some(origin) = keyring.used() {
            self.shell.verbose(format_args!("decrypted with the identity in {origin}"));
        }
        #[cfg(debug_assertions)]
        panic_if_asked();
    }
}

/// For the laboratory, and in no released program: a panic while keys and values are in memory.
#[cfg(debug_assertions)]
fn panic_if_asked() {
    assert!(std::env::var_os("CARGO_SECRETS_LABORATORY_PANIC").is_none(), "the laboratory asked for it");
}
