//! Which editor, and with which options: no swap, backup, undo or history file may outlive it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::process::Command;

/// What is looked for where no variable names an editor, the first found.
const USUAL: [&str; 7] = ["editor", "nano", "vim", "nvim", "hx", "micro", "vi"];

/// Debian's script that starts `VISUAL`, `EDITOR`, or `editor`: through it no editor gets its options.
const SCRIPT: &str = "sensible-editor";

/// An editor's command line.
#[derive(Debug)]
pub(crate) struct Editor {
    words: Vec<OsString>,
    family: Family,
    /// No variable names it.
    is_ours: bool,
}

/// Whose options an editor takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// vim and neovim.
    Vim,
    /// The same in a window of its own, which comes back at once unless told otherwise.
    GraphicVim,
    /// nano.
    Nano,
    /// Takes `+LINE`.
    Plus,
    /// Takes `FILE:LINE`.
    Colon,
    /// VS Code and its kin: `--goto FILE:LINE`.
    Code,
    /// Nothing is known.
    Other,
}

/// There is no editor.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FindError {
    /// Neither variable is set, and none of the usual ones is here.
    #[error("there is no editor: neither `VISUAL` nor `EDITOR` is set, and none of the usual ones was found")]
    None,
    /// A variable that is no command line.
    #[error("`{variable}` is no command line: a quotation mark is left open, or it is not UTF-8")]
    Quotes {
        /// Which.
        variable: &'static str,
    },
}

impl Editor {
    /// `VISUAL`, then `EDITOR`, then what is there.
    pub(crate) fn find() -> Result<Self, FindError> {
        for variable in ["VISUAL", "EDITOR"] {
            let Some(line) = std::env::var_os(variable) else { continue };
            let words = line.to_str().and_then(shlex::split).ok_or(FindError::Quotes { variable })?;
            let is_script = |word: &String| Path::new(word).file_name() == Some(OsStr::new(SCRIPT));
            if words.first().is_some_and(|word| !is_script(word)) {
                return Ok(Self::new(words.into_iter().map(OsString::from).collect()));
            }
        }
        let usual = USUAL.into_iter().filter(|name| which::which(name).is_ok());
        let mut usual = usual.map(|name| (name, Self::new(vec![name.into()])));
        // Debian's link may lead to a window that comes back at once, or to what nothing is known of.
        let found = usual.find(|(name, editor)| {
            *name != "editor" || !matches!(editor.family, Family::Code | Family::GraphicVim | Family::Other)
        });
        Ok(Self { is_ours: true, ..found.ok_or(FindError::None)?.1 })
    }

    fn new(words: Vec<OsString>) -> Self {
        let typed = words.first().map(PathBuf::from).unwrap_or_default();
        // `vi` and `editor` are links to what they are.
        let real =
            which::which(&typed).and_then(|path| path.canonicalize().map_err(|_| which::Error::CannotFindBinaryPath));
        let family =
            [real.unwrap_or_default(), typed].iter().map(|path| family(path)).find(|family| *family != Family::Other);
        Self { words, family: family.unwrap_or(Family::Other), is_ours: false }
    }

    /// As a person would type it.
    pub(crate) fn shown(&self) -> String {
        self.words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    /// Whether it draws what it edits on stdin's and stdout's terminal; a person's script or a window may need none.
    pub(crate) fn needs_terminal(&self) -> bool {
        self.is_ours || self.stays()
    }

    /// Whether its temporary files may stand beside the file: it has no server that would be looked for there.
    pub(super) fn keeps_to_its_folder(&self) -> bool {
        matches!(self.family, Family::Vim | Family::GraphicVim | Family::Nano)
    }

    /// Whether it is known to come back when the file is closed, and not before.
    pub(super) fn stays(&self) -> bool {
        matches!(self.family, Family::Vim | Family::Nano)
    }

    /// The command that opens `file` at `line`.
    pub(super) fn command(&self, file: &Path, line: Option<usize>) -> Command {
        let mut words = self.words.clone();
        let mut add = |more: &[&str]| words.extend(more.iter().map(OsString::from));
        if self.family == Family::GraphicVim {
            add(&["-f"]);
        }
        if matches!(self.family, Family::Vim | Family::GraphicVim) {
            // After the user's own settings, one by one: a small vim does not know them all.
            add(&["-n", "-i", "NONE"]);
            for option in ["noswapfile", "nobackup", "nowritebackup", "noundofile", "viminfo="] {
                add(&["-c", &format!("silent! set {option}")]);
            }
        }
        if self.family == Family::Nano {
            // Reads and writes no file but this one: no history, no backup, no other name to save under.
            add(&["--restricted"]);
        }
        let mut path = file.as_os_str().to_owned();
        if let Some(line) = line {
            match self.family {
                Family::Vim | Family::GraphicVim | Family::Nano | Family::Plus => add(&[&format!("+{line}")]),
                Family::Code => {
                    add(&["--goto"]);
                    path.push(format!(":{line}"));
                }
                Family::Colon => path.push(format!(":{line}")),
                Family::Other => {}
            }
        }
        words.push(path);
        let program = if words.is_empty() { OsString::new() } else { words.remove(0) };
        Command { program, arguments: words }
    }
}

/// Told by the file's name alone.
fn family(path: &Path) -> Family {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    // Debian's are `vim.tiny`, `vim.basic`, …
    match name.split('.').next().unwrap_or_default() {
        "vim" | "nvim" | "rvim" => Family::Vim,
        "gvim" | "mvim" => Family::GraphicVim,
        "nano" | "rnano" => Family::Nano,
        "emacs" | "emacsclient" | "micro" | "kak" | "joe" | "ne" => Family::Plus,
        "hx" | "helix" => Family::Colon,
        "code" | "codium" | "code-insiders" | "cursor" => Family::Code,
        _ => Family::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &[&str], line: Option<usize>) -> String {
        let command = Editor::new(words.iter().map(OsString::from).collect()).command(Path::new("/f"), line);
        let words = std::iter::once(&command.program).chain(&command.arguments);
        words.map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_draws_on_a_terminal_needs_one() {
        let needs = |words: &[&str]| Editor::new(words.iter().map(OsString::from).collect()).needs_terminal();
        assert!(needs(&["no/such/vim.tiny"]) && needs(&["no/such/rnano", "-w"]));
        assert!(!needs(&["no/such/code", "--wait"]) && !needs(&["no/such/gvim"]) && !needs(&["no/such/script"]));
    }

    #[test]
    fn each_editor_is_told_the_line_as_it_understands_it() {
        assert_eq!(typed(&["no/such/editor", "--flag"], Some(3)), "no/such/editor --flag /f");
        assert_eq!(typed(&["no/such/hx"], Some(3)), "no/such/hx /f:3");
        assert_eq!(typed(&["no/such/code", "--wait"], Some(3)), "no/such/code --wait --goto /f:3");
        assert_eq!(typed(&["no/such/nano"], Some(3)), "no/such/nano --restricted +3 /f");
        assert_eq!(typed(&["no/such/emacs"], None), "no/such/emacs /f");
        let vim = typed(&["no/such/vim.tiny"], Some(3));
        assert!(vim.starts_with("no/such/vim.tiny -n -i NONE -c silent! set noswapfile") && vim.ends_with(" +3 /f"));
    }
}
