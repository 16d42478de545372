//! `cargo secrets edit`: one value, or an environment's, in the person's own editor.

mod sheet;
mod trouble;

use std::fs::File;
use std::path::Path;

use clap::Args;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::Error;
use crate::process::editor::{self, Bystander, Closed, Editor};
use crate::process::mirror;
use crate::secret::SecretName;
use crate::term::{self, Shell};
use sheet::Work;
pub(crate) use trouble::Trouble;

const EXAMPLES: &str = "\
Examples:
  cargo secrets edit                 all values of the environment, as TOML: NAME = \"value\"
  cargo secrets edit -e prod         of another one
  cargo secrets edit TLS_KEY         one value, as it is; a newline that the editor adds at the end
                                     is not part of it
  EDITOR='code --wait' cargo secrets edit

The editor is $VISUAL, else $EDITOR, else one that is there; it must stay until the file is closed
(`code --wait`, `gvim -f`). vim, nano and one that is not named by you start at a terminal only. A
line removed from the TOML removes the value, a new one adds it; what did not change keeps its
ciphertext, and what others changed meanwhile is kept.

While the editor is open, the values stand in a file: mode 0600, in a private folder in memory
(XDG_RUNTIME_DIR or /dev/shm, else in TMPDIR, and that is said), wiped with all that stands beside
it when the editor closes, however it ends. If this program is killed, the next command of it but
`run` wipes it. vim and nano are told to write no swap, backup, undo or history file. What another
editor, or a plugin, keeps elsewhere is out of reach.";

/// Arguments of `edit`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Edit {
    /// The variable's name; without it, the whole environment
    name: Option<String>,
    /// Which of the environment's files to change
    #[arg(long, value_name = "SOURCE")]
    file: Option<String>,
    /// Remove what was removed in the editor without asking
    #[arg(short, long)]
    yes: bool,
}

impl Edit {
    /// Opens the editor until what it saved is taken, or given up.
    pub(crate) fn run(self, context: &Context) -> Result<u8, Error> {
        let name = self.name.as_deref().map(SecretName::new).transpose()?;
        let manifest = context.manifest()?;
        let plan = context.plan(&manifest)?;
        let editor = Editor::find().map_err(Trouble::from)?;
        // Its screen, and so the values, would go into a log.
        if editor.needs_terminal() && !(term::stdin_is_terminal() && term::stdout_is_terminal()) {
            return Err(Trouble::NoTerminal { editor: editor.shown() }.into());
        }
        let mut keyring = context.keyring();
        let opened = Work::open(&manifest, &plan, &mut keyring, name, self.file.as_deref());
        context.report(&mut keyring);
        let mut work = opened?;
        let mut text = work.text();
        let mut line = None;
        loop {
            let sheet = editor::Sheet { name: &work.file_name(), text: text.as_bytes_slice(), line };
            let beside = Beside { shell: context.shell, editor: &editor };
            let trouble = match editor::edit(&editor, &sheet, &beside).map_err(Trouble::from)? {
                Closed::Interrupted(signal) => return Ok(mirror(signal)),
                Closed::Failed(saved) if saved.as_slice() == sheet.text => return Err(Trouble::Editor.into()),
                Closed::Failed(saved) => {
                    text = Text::Saved(saved);
                    Trouble::Editor
                }
                Closed::Saved(saved) => match work.take(context, &mut keyring, &saved, self.yes) {
                    Ok(()) => return Ok(0),
                    Err(trouble) => {
                        text = Text::Saved(saved);
                        trouble
                    }
                },
            };
            line = trouble.line();
            if let Some(code) = give_up(context, trouble)? {
                return Ok(code);
            }
        }
    }
}

/// Says what went wrong and asks whether to go on; the exit code where not. Without a terminal nobody can be asked.
fn give_up(context: &Context, trouble: Trouble) -> Result<Option<u8>, Error> {
    let Ok(terminal) = term::say_at_terminal("") else { return Err(trouble.into()) };
    drop(terminal);
    let error = Error::from(trouble);
    term::error(&error, error.help().as_deref());
    if term::propose("Open it again?").unwrap_or(false) {
        return Ok(None);
    }
    context.shell.note("what was edited is gone");
    Ok(Some(error.exit_code()))
}

/// What the editor is opened on.
enum Text {
    /// Rendered from the files.
    Fresh(Zeroizing<String>),
    /// As the person left it.
    Saved(Zeroizing<Vec<u8>>),
}

impl Text {
    fn as_bytes_slice(&self) -> &[u8] {
        match self {
            Self::Fresh(text) => text.as_bytes(),
            Self::Saved(bytes) => bytes,
        }
    }
}

/// Tells what goes on while the editor is open.
struct Beside<'b> {
    shell: Shell,
    editor: &'b Editor,
}

impl Bystander for Beside<'_> {
    fn on_disk(&self, folder: &Path) {
        self.shell.warn(format_args!(
            "there is no private place in memory here: the values lie in `{}` until the editor closes",
            folder.display()
        ));
    }

    fn ask_when_done(&self) -> Option<File> {
        let editor = self.editor.shown();
        let question = format!("`{editor}` came back at once. Press Enter when the file is saved and closed: ");
        let terminal = term::say_at_terminal(&question).ok();
        if terminal.is_none() {
            self.shell.warn(format_args!(
                "`{editor}` came back at once, so nothing changed; an editor has to stay until the file is closed (`code --wait`)"
            ));
        }
        terminal
    }
}
