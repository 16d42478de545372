//! Why a domain cannot be had, or must not be had as it is asked for.

use std::io;
use std::path::PathBuf;

/// A domain could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SandboxError {
    /// The kernel refused a ruleset.
    #[error("the kernel refuses to confine a build")]
    Ruleset(#[source] landlock::RulesetError),
    /// The kernel has no Landlock, or too old a one.
    #[error("the kernel cannot confine a build: {0}")]
    Unsupported(super::Support),
    /// The filter of system calls.
    #[error("no filter of system calls can be made for this processor")]
    Filter(#[source] seccompiler::BackendError),
    /// A folder of the domain could not be made.
    #[error("failed to make `{}` for the build", path.display())]
    Create {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `sandbox.read` or `sandbox.write` names a key.
    #[error("`sandbox.{key}` in Cargo.toml names `{entry}`, which is hidden from builds")]
    Hidden {
        /// `read` or `write`.
        key: &'static str,
        /// As written.
        entry: String,
        /// The hidden path, with `~`.
        hidden: String,
    },
    /// `sandbox.write` names what programs outside obey.
    #[error("`sandbox.write` in Cargo.toml names `{entry}`, through which a build could change `{guarded}`")]
    Guarded {
        /// As written.
        entry: String,
        /// What must not change, with `~`.
        guarded: String,
    },
    /// `sandbox.read` names more of `/dev` than builds read anyway.
    #[error(
        "`sandbox.read` in Cargo.toml names `{entry}`, through which a build could read the terminal and other devices"
    )]
    Devices {
        /// As written.
        entry: String,
    },
    /// An entry leads out of a folder that builds write.
    #[error(
        "`sandbox.{key}` in Cargo.toml names `{entry}`, which a link in a folder that builds write leads to `{real}`"
    )]
    Strays {
        /// `read` or `write`.
        key: &'static str,
        /// As written.
        entry: String,
        /// Where it is, with `~`.
        real: String,
    },
    /// The target folder holds more than what is built.
    #[error("through the target folder `{}` a build could change `{guarded}`", target.display())]
    Target {
        /// As set.
        target: PathBuf,
        /// What must not change, with `~`.
        guarded: String,
    },
}

impl SandboxError {
    /// Whether it is the kernel that cannot.
    pub(crate) fn is_of_the_kernel(&self) -> bool {
        matches!(self, Self::Unsupported(_) | Self::Ruleset(_) | Self::Filter(_))
    }

    /// What to type next.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unsupported(_) | Self::Ruleset(_) | Self::Filter(_) => {
                "Linux 5.19 or newer confines builds, with Landlock and seccomp switched on".to_owned()
            }
            Self::Hidden { hidden, .. } => {
                format!(
                    "only you can open it, with `sandbox.unhide = [\"{hidden}\"]` in your ~/.config/cargo-secrets/config.toml"
                )
            }
            Self::Devices { .. } => "name what the build reads outside of `/dev`: no entry opens a device".to_owned(),
            Self::Strays { .. } => "remove the link: a build may have made it".to_owned(),
            Self::Guarded { .. } => "name a folder that holds nothing but what the build writes".to_owned(),
            Self::Target { .. } => "set `build.target-dir` or CARGO_TARGET_DIR to a folder for builds alone".to_owned(),
            Self::Create { .. } => return None,
        })
    }
}
