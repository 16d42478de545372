//! Names that a secret file must not set: it would become code execution, or hand on an identity.
//!
//! **Such a list is never complete**: it holds the names of common loaders, shells, languages and tools.

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

/// Compared without regard to letter case: npm reads its own in lower case.
const PREFIXES: [&str; 19] = [
    "BASH_FUNC_",
    "CARGO_",
    "CMAKE_",
    "CORECLR_",
    "COR_",
    "DOTNET_",
    "DYLD_",
    "GIT_",
    "GLIBC_TUNABLES",
    "LD_",
    "MALLOC_",
    "NPM_CONFIG_",
    "OPENSSL_",
    "PERL5",
    "PKG_CONFIG",
    "PYTHON",
    "RUSTC",
    "RUSTUP_",
    "SSL_CERT_",
];

/// Begins what fish reads as its own. `FISH_` is nobody's, so with regard to letter case.
const FISH: &str = "fish_";

/// What zsh ties to a variable in capitals, or reads as one: setting it is setting that.
const ZSH_TIED: [&str; 10] =
    ["cdpath", "fignore", "fpath", "histchars", "mailpath", "manpath", "module_path", "path", "prompt", "psvar"];

const SUFFIXES: [&str; 2] = ["_PROXY", "_RSH"];

/// In order, for a binary search: `run` asks for every name it delivers.
const NAMES: [&str; 126] = [
    "AR",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "BASHOPTS",
    "BASH_ENV",
    "BROWSER",
    "BUNDLE_GEMFILE",
    "CC",
    "CDPATH",
    "CFLAGS",
    "CLASSPATH",
    "COMPILER_PATH",
    "CPATH",
    "CURL_CA_BUNDLE",
    "CURL_HOME",
    "CXX",
    "CXXFLAGS",
    "DOCKER_CONFIG",
    "DOCKER_HOST",
    "EDITOR",
    "ENV",
    "ERL_FLAGS",
    "EXINIT",
    "FPATH",
    "GCC_EXEC_PREFIX",
    "GCONV_PATH",
    "GEM_HOME",
    "GEM_PATH",
    "GNUPGHOME",
    "GOFLAGS",
    "GRADLE_OPTS",
    "HISTCHARS",
    "HISTCONTROL",
    "HISTFILE",
    "HISTFILESIZE",
    "HISTIGNORE",
    "HISTSIZE",
    "HISTTIMEFORMAT",
    "HOME",
    "HOSTALIASES",
    "HOST_CC",
    "HOST_CXX",
    "IFS",
    "INPUTRC",
    "JAVA_OPTS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "KUBECONFIG",
    "LD",
    "LDFLAGS",
    "LESSCLOSE",
    "LESSOPEN",
    "LIBRARY_PATH",
    "LOCPATH",
    "LUA_INIT",
    "MAILPATH",
    "MAKE",
    "MAKEFLAGS",
    "MANPAGER",
    "MANPATH",
    "MAVEN_OPTS",
    "MFLAGS",
    "MODULE_PATH",
    "NIX_PATH",
    "NLSPATH",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NULLCMD",
    "PAGER",
    "PATH",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "PIP_CONFIG_FILE",
    "PIP_EXTRA_INDEX_URL",
    "PIP_INDEX_URL",
    "POSTEDIT",
    "PROMPT",
    "PROMPT2",
    "PROMPT3",
    "PROMPT4",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "READNULLCMD",
    "REQUESTS_CA_BUNDLE",
    "RPROMPT",
    "RPROMPT2",
    "RPS1",
    "RPS2",
    "RUBYLIB",
    "RUBYOPT",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "RUST_LOG_FILE",
    "R_PROFILE_USER",
    "SAVEHIST",
    "SHELL",
    "SHELLOPTS",
    "SPROMPT",
    "SSH_ASKPASS",
    "SSH_AUTH_SOCK",
    "SSLKEYLOGFILE",
    "SUDO_ASKPASS",
    "TARGET_CC",
    "TARGET_CXX",
    "TAR_OPTIONS",
    "TERMCAP",
    "TERMINFO",
    "TIMEFMT",
    "TMOUT",
    "TMPDIR",
    "VIMINIT",
    "VISUAL",
    "WATCHFMT",
    "XDG_CONFIG_DIRS",
    "XDG_CONFIG_HOME",
    "XDG_DATA_DIRS",
    "XDG_DATA_HOME",
    "YARN_RC_FILENAME",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];

/// cargo's own registry tokens are data, not code: `CARGO_REGISTRY_TOKEN`, `CARGO_REGISTRIES_<NAME>_TOKEN`.
fn is_registry_token(name: &str) -> bool {
    name == "CARGO_REGISTRY_TOKEN" || (name.starts_with("CARGO_REGISTRIES_") && name.ends_with("_TOKEN"))
}

/// Whether `name` must not be set from a secret file, and why.
pub(crate) fn reserved(name: &str) -> Option<Reserved> {
    if IDENTITY_VARIABLES.contains(&name) {
        return Some(Reserved::Identity);
    }
    if is_registry_token(name) {
        return None;
    }
    let starts = |prefix: &&str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let ends = |suffix: &&str| {
        let at = name.len().checked_sub(suffix.len());
        at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    let runs_code = NAMES.binary_search(&name).is_ok()
        || ZSH_TIED.contains(&name)
        || name.starts_with(FISH)
        || PREFIXES.iter().any(starts)
        || SUFFIXES.iter().any(ends);
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
            "PS0",
            "PS1",
            "PROMPT_COMMAND",
            "HISTFILE",
            "INPUTRC",
            "TMOUT",
            "MAILPATH",
            "RPROMPT",
            "RPS2",
            "READNULLCMD",
            "MODULE_PATH",
            "path",
            "fpath",
            "prompt",
            "fish_function_path",
            "fish_greeting",
        ] {
            assert_eq!(reserved(name), Some(Reserved::RunsCode), "{name}");
        }
        assert_eq!(reserved("SOPS_AGE_KEY"), Some(Reserved::Identity));
    }

    #[test]
    fn ordinary_names_are_free() {
        for name in [
            "TOKEN",
            "GITHUB_TOKEN",
            "RUBYGEMS_API_KEY",
            "GEM_HOST_API_KEY",
            "YARN_NPM_AUTH_TOKEN",
            "CC_TEST_REPORTER_ID",
            "DATABASE_URL",
            "CARGO_REGISTRY_TOKEN",
            "CARGO_REGISTRIES_OURS_TOKEN",
            "PROXY",
            "HISTORY_DATABASE_URL",
            "PROMPTLAYER_API_KEY",
            "FISH_AUDIO_API_KEY",
            "PS_TOKEN",
        ] {
            assert_eq!(reserved(name), None, "{name}");
        }
    }
}
