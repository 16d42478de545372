//! Names that a secret file must not set: it would become code execution, or hand on an identity.

/// Identity variables: read by us, kept from every child.
///
/// The `SOPS_*` ones are those of SOPS 3.13 (`age/keysource.go`).
pub(crate) const IDENTITY_VARIABLES: [&str; 7] = [
    "CARGO_SECRETS_IDENTITY",
    "CARGO_SECRETS_IDENTITY_FILE",
    "SOPS_AGE_KEY",
    "SOPS_AGE_KEY_FILE",
    "SOPS_AGE_KEY_CMD",
    "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
    "SOPS_AGE_SSH_PRIVATE_KEY_CMD",
];

/// Why a name is not taken from a secret file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reserved {
    /// The loader, a shell, an interpreter or a tool runs code that the variable names, or trusts what it names.
    RunsCode,
    /// The variable holds or names an identity.
    Identity,
}

const PREFIXES: [&str; 12] = [
    "LD_",
    "DYLD_",
    "GIT_",
    "RUSTC",
    "CARGO_",
    "RUSTUP_",
    "PERL5",
    "BASH_FUNC_",
    "GLIBC_TUNABLES",
    "MALLOC_",
    "NPM_CONFIG_",
    "SSL_CERT_",
];

/// In order, for a binary search: `run` asks for every name it delivers.
const NAMES: [&str; 56] = [
    "AR",
    "BASH_ENV",
    "BROWSER",
    "CC",
    "CDPATH",
    "CFLAGS",
    "CLASSPATH",
    "CURL_CA_BUNDLE",
    "CXX",
    "CXXFLAGS",
    "EDITOR",
    "ENV",
    "FPATH",
    "GCONV_PATH",
    "GOFLAGS",
    "HOME",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LD",
    "LDFLAGS",
    "LESSCLOSE",
    "LESSOPEN",
    "LOCPATH",
    "MAKEFLAGS",
    "MANPAGER",
    "MFLAGS",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PAGER",
    "PATH",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "REQUESTS_CA_BUNDLE",
    "RUBYLIB",
    "RUBYOPT",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "RUST_LOG_FILE",
    "SHELL",
    "SSH_ASKPASS",
    "SSH_AUTH_SOCK",
    "SUDO_ASKPASS",
    "TMPDIR",
    "VISUAL",
    "XDG_CONFIG_DIRS",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];

/// cargo's own registry tokens are data, not code: `CARGO_REGISTRY_TOKEN`, `CARGO_REGISTRIES_<NAME>_TOKEN`.
fn is_registry_token(name: &str) -> bool {
    name == "CARGO_REGISTRY_TOKEN" || (name.starts_with("CARGO_REGISTRIES_") && name.ends_with("_TOKEN"))
}

/// Whether `name` must not be set from a secret file, and why. Letter case does not matter for proxies.
pub(crate) fn reserved(name: &str) -> Option<Reserved> {
    if IDENTITY_VARIABLES.contains(&name) {
        return Some(Reserved::Identity);
    }
    if is_registry_token(name) {
        return None;
    }
    let proxy = name.len() >= 6 && name.get(name.len() - 6..).is_some_and(|end| end.eq_ignore_ascii_case("_proxy"));
    let runs_code =
        proxy || NAMES.binary_search(&name).is_ok() || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    runs_code.then_some(Reserved::RunsCode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_in_order() {
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn names_that_run_code_are_reserved() {
        for name in [
            "LD_PRELOAD",
            "PATH",
            "RUSTC",
            "RUSTC_WRAPPER",
            "DYLD_INSERT_LIBRARIES",
            "GIT_SSH_COMMAND",
            "BASH_ENV",
            "NODE_OPTIONS",
            "https_proxy",
            "ALL_PROXY",
            "SSL_CERT_FILE",
            "CARGO_BUILD_RUSTC",
            "CARGO_HOME",
        ] {
            assert_eq!(reserved(name), Some(Reserved::RunsCode), "{name}");
        }
        assert_eq!(reserved("SOPS_AGE_KEY"), Some(Reserved::Identity));
    }

    #[test]
    fn ordinary_names_are_free() {
        for name in
            ["TOKEN", "GITHUB_TOKEN", "DATABASE_URL", "CARGO_REGISTRY_TOKEN", "CARGO_REGISTRIES_OURS_TOKEN", "PROXY"]
        {
            assert_eq!(reserved(name), None, "{name}");
        }
    }
}
