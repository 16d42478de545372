//! How this compiler was started: rustc, rustdoc and clippy run macros in their own process.
//!
//! **Where there is neither a `--crate-name` nor the name of a compiler, nobody compiles**: so it is in rust-analyzer's macro
//! server. **Where there is a `--cap-lints`, the crate is somebody's dependency**, and what is found in it is not for its
//! users to mend. But `cargo fix` caps the lints of one's own crate, and what it compiles counts as checked.

use crate::path::{is_file, stem_and_extension};
use crate::text::{byte, contains, find, part};

/// What `cargo fix` sets for the compilers that it starts: it does so for the crates that it fixes alone.
const CARGO_FIX: &str = "__CARGO_FIX_DIAGNOSTICS_SERVER";

/// Who reads standard error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// A program, cargo mostly: one JSON object a line, in the form of rustc's.
    Json,
    /// A person.
    Human,
}

/// What the compiler's arguments say.
pub(crate) struct Invocation {
    /// The file of the crate root as the compiler names it, `-` for standard input.
    pub(crate) root: Option<String>,
    /// Who reads standard error.
    pub(crate) output: Output,
    /// Whether the text is to be one line for each diagnostic.
    pub(crate) short: bool,
    /// Whether the text is to be coloured.
    pub(crate) colour: bool,
    /// Whether there is nothing to say: the crate is somebody's dependency, or was compiled before rustdoc runs its tests.
    pub(crate) capped: bool,
}

/// What the arguments amount to.
struct Options {
    invocation: Invocation,
    named: bool,
    test: bool,
}

impl Invocation {
    /// The compiler that this macro runs in; `None` outside of one.
    pub(crate) fn current() -> Option<Self> {
        let mut arguments = Vec::new();
        for argument in std::env::args_os() {
            // What is not UTF-8 is nothing that is looked for here.
            arguments.push(argument.into_string().unwrap_or_default());
        }
        if arguments.is_empty() {
            arguments = from_proc();
        }
        let mut invocation = Self::of(&arguments)?;
        invocation.capped &= std::env::var_os(CARGO_FIX).is_none();
        Some(invocation)
    }

    /// What `arguments`, the program's name first, say.
    pub(crate) fn of(arguments: &[String]) -> Option<Self> {
        let mut options = Options {
            invocation: Self { root: None, output: Output::Human, short: false, colour: false, capped: false },
            named: false,
            test: false,
        };
        options.read(arguments, true);
        let program = match arguments.first() {
            Some(program) => stem_and_extension(program).0,
            None => "",
        };
        options.invocation.capped |= program == "rustdoc" && options.test;
        let compiles = options.named || matches!(program, "rustc" | "rustdoc" | "clippy-driver");
        if compiles { Some(options.invocation) } else { None }
    }
}

impl Options {
    fn read(&mut self, arguments: &[String], may_be_file: bool) {
        let mut index = 1;
        while let Some(argument) = arguments.get(index) {
            index += 1;
            let next = match arguments.get(index) {
                Some(next) => next,
                None => "",
            };
            if byte(argument, 0) != b'@' {
                self.option(argument, next);
            } else if may_be_file && let Ok(text) = std::fs::read_to_string(part(argument, 1, argument.len())) {
                // Cargo and others put a command line that is too long into a file, one argument a line.
                let mut inner = vec![String::new()];
                split(&text, b'\n', &mut inner);
                self.read(&inner, false);
            }
        }
    }

    fn option(&mut self, argument: &str, next: &str) {
        let (name, value) = match find(argument, b'=', 0) {
            Some(at) if argument.starts_with("--") => (part(argument, 0, at), part(argument, at + 1, argument.len())),
            _ => (argument, next),
        };
        match name {
            "--crate-name" => self.named = true,
            "--test" => self.test = true,
            "-" => self.invocation.root = Some("-".to_owned()),
            "--cap-lints" => self.invocation.capped = true,
            "--error-format" => match value {
                "json" => self.invocation.output = Output::Json,
                "short" => self.invocation.short = true,
                _ => {}
            },
            "--json" => {
                let mut parts = Vec::new();
                split(value, b',', &mut parts);
                self.invocation.colour |= contains(&parts, "diagnostic-rendered-ansi");
                self.invocation.short |= contains(&parts, "diagnostic-short");
            }
            "--color" if value == "always" => self.invocation.colour = true,
            _ => {
                let is_rust = byte(name, 0) != b'-' && stem_and_extension(name).1 == "rs";
                if is_rust && self.invocation.root.is_none() && is_file(name) {
                    self.invocation.root = Some(name.to_owned());
                }
            }
        }
    }
}

/// Appends what stands between the `separator`s of `text`.
fn split(text: &str, separator: u8, parts: &mut Vec<String>) {
    let mut start = 0;
    while let Some(end) = find(text, separator, start) {
        parts.push(part(text, start, end).to_owned());
        start = end + 1;
    }
    if start < text.len() {
        parts.push(part(text, start, text.len()).to_owned());
    }
}

/// The command line as the kernel tells it: std has none in a library where the C library does not pass it on.
fn from_proc() -> Vec<String> {
    let mut arguments = Vec::new();
    if let Ok(bytes) = std::fs::read("/proc/self/cmdline") {
        split(&String::from_utf8_lossy(&bytes), 0, &mut arguments);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<Invocation> {
        Invocation::of(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn cargos_command_line_is_understood() {
        let line = "/bin/rustc --crate-name app --edition=2024 src/lib.rs --error-format=json \
            --json=diagnostic-rendered-ansi,artifacts,future-incompat --crate-type lib --emit=dep-info,metadata";
        let invocation = of(line).unwrap();
        assert_eq!(invocation.root.as_deref(), Some("src/lib.rs"));
        assert!(invocation.output == Output::Json && invocation.colour && !invocation.short && !invocation.capped);
        let short = of("rustc --crate-name app src/lib.rs --error-format json --json=diagnostic-short").unwrap();
        assert!(short.output == Output::Json && short.short && !short.colour);
        assert!(of(&format!("clippy-driver {line}")).is_some());
    }

    #[test]
    fn a_person_gets_text() {
        let bare = of("rustc --crate-name app src/lib.rs --color always").unwrap();
        assert!(bare.output == Output::Human && bare.colour && !bare.short);
        assert!(of("rustc --crate-name=app src/lib.rs --error-format=short").unwrap().short);
    }

    #[test]
    fn a_dependency_is_known_by_its_capped_lints() {
        for line in ["rustc --crate-name a src/lib.rs --cap-lints allow", "rustc --crate-name a --cap-lints=warn"] {
            assert!(of(line).unwrap().capped, "{line}");
        }
        assert!(of("rustdoc --test --crate-name app src/lib.rs").unwrap().capped);
        assert!(!of("rustdoc --crate-name app src/lib.rs").unwrap().capped);
    }

    #[test]
    fn outside_of_a_compiler_there_is_no_invocation() {
        assert!(of("/toolchain/libexec/rust-analyzer-proc-macro-srv").is_none());
        assert!(of("/bin/rust-analyzer proc-macro").is_none());
        assert!(of("/bin/rustc src/lib.rs").is_some());
        assert!(of("rustc --crate-type bin -").unwrap().root.as_deref() == Some("-"));
        assert!(Invocation::of(&[]).is_none());
    }

    #[test]
    fn arguments_in_a_file_are_read() {
        let file = std::env::temp_dir().join(format!("secrets-macros-arguments-{}", std::process::id()));
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(&file, "--crate-name\napp\n--error-format=json\nsrc/lib.rs\n").unwrap();
        let invocation = of(&format!("rustc @{}", file.display())).unwrap();
        std::fs::remove_file(file).unwrap();
        assert!(invocation.output == Output::Json && invocation.root.is_some());
    }
}
