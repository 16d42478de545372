//! A person's editor, given plaintext as a file for as long as it is open.
//!
//! **The file is gone when [`edit`] returns**, with whatever the editor left beside it: it comes back as memory, and all
//! that follows (mistakes, questions, another try) works on that.

mod program;
mod text;

use std::io;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use zeroize::Zeroizing;

use super::attend::{Attended, Event, Reach};
use super::environment::{Environment, Inherit};
use super::error::ExecError;
use super::runner::Ended;
use crate::fsx::{self, PrivateFolder};

pub(crate) use program::{Editor, FindError};
pub(crate) use text::{Entry, Mistake, parse, render, without_returns};

/// An editor that returns sooner, with nothing changed, may have left its window open.
const AT_ONCE: Duration = Duration::from_secs(1);

/// What an editor is opened on.
pub(crate) struct Sheet<'s> {
    /// The file's name, for the editor to know its language.
    pub(crate) name: &'s str,
    /// Its content.
    pub(crate) text: &'s [u8],
    /// The line to stand on.
    pub(crate) line: Option<usize>,
}

/// How an editor was closed.
pub(crate) enum Closed {
    /// With this text saved.
    Saved(Zeroizing<Vec<u8>>),
    /// With a failure; the text as it is.
    Failed(Zeroizing<Vec<u8>>),
    /// We were told to end by this signal, and so was the editor.
    Interrupted(Signal),
}

/// What goes wrong around an editor.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EditError {
    /// The private folder, or the file in it.
    #[error(transparent)]
    File(#[from] fsx::Error),
    /// The editor does not start.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The file is gone.
    #[error("the editor left no file, so nothing was changed")]
    Gone(#[source] fsx::Error),
    /// Waiting for it failed.
    #[error("failed to wait for the editor, so nothing was changed")]
    Wait(#[source] io::Error),
}

/// What is told, or asked, while the file is there.
pub(crate) trait Bystander {
    /// The file lies on this disk.
    fn on_disk(&self, folder: &std::path::Path);
    /// The editor came back at once: says so and waits for a line from the terminal, which is given back as what to wait
    /// for; `None` where there is nobody to ask.
    fn ask_when_done(&self) -> Option<std::fs::File>;
}

/// Opens the editor and waits for its end.
pub(crate) fn edit(editor: &Editor, sheet: &Sheet<'_>, bystander: &dyn Bystander) -> Result<Closed, EditError> {
    let folder = PrivateFolder::create()?;
    if !folder.is_in_memory() {
        bystander.on_disk(folder.path());
    }
    let path = folder.write(sheet.name, sheet.text)?;
    let mut own: Vec<_> = std::env::vars_os().collect();
    if editor.keeps_to_its_folder() {
        own.retain(|(name, _)| name != "TMPDIR");
        own.push(("TMPDIR".into(), folder.path().into()));
    }
    let environment = Environment::assemble(&super::environment::as_bytes(&own), &[], Inherit::All);
    let began = Instant::now();
    let mut attended = Attended::start(&editor.command(&path, sheet.line), &environment)?;
    let ended = match wait(&mut attended)? {
        Ok(ended) => ended,
        Err(signal) => return Ok(Closed::Interrupted(signal)),
    };
    let read = || fsx::read(&path).map(Zeroizing::new).map_err(EditError::Gone);
    let mut text = read()?;
    let is_untouched = ended.is_success() && text.as_slice() == sheet.text;
    let came_back_early = is_untouched && !editor.stays() && began.elapsed() < AT_ONCE;
    if let Some(terminal) = came_back_early.then(|| bystander.ask_when_done()).flatten() {
        if let Some(signal) = wait_beside(&mut attended, &terminal)? {
            return Ok(Closed::Interrupted(signal));
        }
        // The line itself says nothing.
        let _ = io::Read::read(&mut &terminal, &mut [0; 256]);
        text = read()?;
    }
    Ok(if ended.is_success() { Closed::Saved(text) } else { Closed::Failed(text) })
}

/// Waits for the editor; `Err` is a signal that told us, and then the editor, to end.
fn wait(attended: &mut Attended) -> Result<Result<Ended, Signal>, EditError> {
    loop {
        match attended.wait(None, None).map_err(EditError::Wait)? {
            Event::Ended(ended) => return Ok(Ok(ended)),
            // Ctrl-C is the editor's to understand.
            Event::Told(Signal::INT | Signal::QUIT, Reach::Group) | Event::Ready | Event::Late => {}
            Event::Told(signal, _) => {
                attended.end(signal).map_err(EditError::Wait)?;
                return Ok(Err(signal));
            }
        }
    }
}

/// Waits for a line from the terminal; gives back the signal that came instead.
fn wait_beside(attended: &mut Attended, terminal: &std::fs::File) -> Result<Option<Signal>, EditError> {
    use std::os::fd::AsFd as _;
    loop {
        match attended.wait_for(terminal.as_fd()).map_err(EditError::Wait)? {
            Event::Ready => return Ok(None),
            Event::Told(signal, _) => return Ok(Some(signal)),
            Event::Ended(_) | Event::Late => {}
        }
    }
}
